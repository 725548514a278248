//! Tests of the writer: on storage that fails, stalls and fills up, and on many threads.

mod bounded;
mod broken_runs;
mod charts;
mod deferred;
mod embedding_files;
mod end_marks;
mod faults;
mod files;
mod hparams;
mod property;
mod resume;
mod threads;

use super::*;
use crate::read;
use crate::storage::{Local, Storage};
use crate::system::Causes;
use crate::wire::messages::{self, event::What, session_log::SessionStatus, summary::value};
use prost::Message;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Returns the events of all files of a run, in TensorBoard's order, up to a truncated tail, without
/// the marks of ends.
pub(super) fn events(dir: &Path) -> Vec<messages::Event> {
    let mut events = all_events(dir);
    events.retain(|event| end_of(event).is_none());
    events
}

/// Returns what marks of ends in all files of a run say.
pub(super) fn ends(dir: &Path) -> Vec<String> {
    all_events(dir).iter().filter_map(end_of).collect()
}

fn end_of(event: &messages::Event) -> Option<String> {
    match &event.what {
        Some(What::SessionLog(log)) if log.status == SessionStatus::Stop as i32 => {
            Some(log.msg.clone())
        }
        _ => None,
    }
}

fn all_events(dir: &Path) -> Vec<messages::Event> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains("tfevents"))
        .collect();
    files.sort();
    let mut events = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        let mut rest = &bytes[..];
        while rest.len() >= 12 {
            assert_eq!(rest[8..12], crate::wire::crc::masked(&rest[..8]).to_le_bytes());
            let len = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            if rest.len() < 16 + len {
                break;
            }
            let data = &rest[12..12 + len];
            assert_eq!(rest[12 + len..16 + len], crate::wire::crc::masked(data).to_le_bytes());
            events.push(messages::Event::decode(data).unwrap());
            rest = &rest[16 + len..];
        }
    }
    events
}

/// Returns the event files of a local directory.
fn event_files(dir: &Path) -> Vec<PathBuf> {
    let storage: Arc<dyn Storage> = Arc::new(Local);
    read::event_files(&storage, dir).unwrap()
}

fn is_simple(value: &messages::summary::Value) -> bool {
    matches!(value.value, Some(value::Value::SimpleValue(_)))
}

/// Steps of all scalars, in file order.
pub(super) fn steps(dir: &Path) -> Vec<i64> {
    let is_scalar = |event: &messages::Event| match &event.what {
        Some(What::Summary(summary)) => is_simple(&summary.value[0]),
        _ => false,
    };
    events(dir).iter().filter(|event| is_scalar(event)).map(|event| event.step).collect()
}

#[test]
fn everything_is_in_the_file_after_a_flush() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let child = writer.child_run("child").unwrap();
    let large = "x".repeat(300_000);
    for step in 0..5000 {
        writer.add_scalar("a", step, step);
        if step % 1000 == 0 {
            writer.add_text("large", &large, step);
        }
        child.add_scalar("a", 0, -step);
    }
    writer.flush().unwrap();
    assert_eq!(steps(dir.path()), (0..5000).collect::<Vec<_>>());
    assert_eq!(steps(&dir.path().join("child")), (0..5000).map(|step| -step).collect::<Vec<_>>());
    let texts: Vec<_> = events(dir.path())
        .iter()
        .enumerate()
        .filter(|(_, event)| event.encoded_len() > large.len())
        .map(|(at, event)| (at as i64, event.step))
        .collect();
    // After the version and the scalar of the same step.
    assert_eq!(texts, [0, 1000, 2000, 3000, 4000].map(|step| (step + 2 + step / 1000, step)));
    assert_eq!(writer.stats().logged, 10_005);
    assert_eq!(writer.stats().written, 10_005);
}

#[test]
fn a_tag_longer_than_a_block_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let tag = "t".repeat(200_000);
    for step in 0..20_000 {
        writer.add_scalar("short", 1, step);
        if step % 5000 == 0 {
            writer.add_scalar(&tag, 1, step);
        }
    }
    writer.close().unwrap();
    assert_eq!(steps(dir.path()).len(), 20_004);
}

#[test]
fn small_events_after_large_ones_are_counted_apart() {
    let dir = tempfile::tempdir().unwrap();
    // So small that both parts of the buffer are reused many times.
    let writer = SummaryWriter::builder(dir.path()).buffer_bytes(1 << 20).build().unwrap();
    let text = "x".repeat(60_000);
    for step in 0..100 {
        writer.add_text("text", &text, step);
        writer.add_scalar("scalar", 1, step);
        if step % 10 == 0 {
            writer.flush().unwrap();
        }
    }
    writer.close().unwrap();
    assert_eq!((writer.stats().written, writer.stats().dropped), (200, 0));
}

#[test]
fn one_sequence_that_moves_between_threads_stays_in_order() {
    let dir = tempfile::tempdir().unwrap();
    // An emulated processor takes longer than the default for the noise.
    let builder = SummaryWriter::builder(dir.path()).flush_timeout(Duration::from_secs(60));
    let writer = builder.build().unwrap();
    let (done, finished) = mpsc::channel();
    let mut baton: Box<dyn FnOnce(i64) + Send> = Box::new(move |step| done.send(step).unwrap());
    // A ring of threads passes on the next step, while other threads log noise.
    let stop = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let child = writer.child_run("noise").unwrap();
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    child.add_scalar("noise", 1, 0);
                }
            });
        }
        let (sends, receives): (Vec<_>, Vec<_>) = (0..8).map(|_| mpsc::channel::<i64>()).unzip();
        for (at, receive) in receives.into_iter().enumerate() {
            let next = sends[(at + 1) % 8].clone();
            let writer = writer.clone();
            let last = std::mem::replace(&mut baton, Box::new(|_| ()));
            scope.spawn(move || {
                let mut last = Some(last);
                for step in receive {
                    if step == 20_000 {
                        if let Some(last) = last.take() {
                            last(step);
                        }
                        // Ends the ring: the next thread's channel closes with its senders.
                        break;
                    }
                    writer.add_scalar("sequence", 0, step);
                    if next.send(step + 1).is_err() {
                        break;
                    }
                }
            });
        }
        sends[0].send(0).unwrap();
        drop(sends);
        assert_eq!(finished.recv().unwrap(), 20_000);
        stop.store(true, Ordering::Relaxed);
    });
    writer.close().unwrap();
    assert_eq!(steps(dir.path()), (0..20_000).collect::<Vec<_>>());
}

#[test]
fn an_event_is_in_the_file_within_the_interval_without_a_further_call() {
    let dir = tempfile::tempdir().unwrap();
    let interval = Duration::from_millis(400);
    let writer = SummaryWriter::builder(dir.path()).flush_interval(interval).build().unwrap();
    writer.add_scalar("a", 1, 7);
    let logged = Instant::now();
    while writer.stats().written == 0 {
        assert!(logged.elapsed() < Duration::from_secs(30), "never written");
        std::thread::yield_now();
    }
    assert_eq!(steps(dir.path()), [7]);
}

#[test]
fn events_logged_after_close_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let child = writer.child_run("child").unwrap();
    child.add_scalar("a", 1, 1);
    child.close().unwrap();
    child.add_scalar("a", 1, 2);
    writer.add_scalar("a", 1, 1);
    assert!(writer.child_run("child").is_ok(), "only the child was closed");
    assert!(matches!(writer.close(), Err(Error::Dropped { events: 1, .. })));
    writer.add_scalar("a", 1, 2);
    assert!(matches!(writer.close(), Err(Error::Dropped { events: 1, .. })));
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.written, stats.dropped), (4, 2, 2));
    assert_eq!(steps(dir.path()), [1]);
    assert_eq!(steps(&dir.path().join("child")), [1]);
}

#[test]
fn opening_a_child_run_twice_returns_the_same_run() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..3 {
        writer.child_run("a").unwrap().add_scalar("x", 1, step);
        let (one, two) = (writer.child_run("b").unwrap(), writer.child_run("b").unwrap());
        one.add_scalar("x", 1, 2 * step);
        two.add_scalar("x", 1, 2 * step + 1);
    }
    writer.close().unwrap();
    assert_eq!(steps(&dir.path().join("a")), [0, 1, 2]);
    assert_eq!(steps(&dir.path().join("b")), [0, 1, 2, 3, 4, 5]);
    // A parent that logs nothing has no events.
    assert!(events(dir.path()).is_empty());
}

#[test]
fn unusable_directories_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    for path in [file.clone(), file.join("below"), dir.path().join("nul\0")] {
        match SummaryWriter::new(&path) {
            Err(Error::Directory { path: named, .. }) => assert_eq!(named, path),
            other => panic!("{other:?}"),
        }
    }
    let shown = |path: &Path| {
        let error = SummaryWriter::new(path).unwrap_err();
        let shown = Causes(&error).to_string().replace(dir.path().to_str().unwrap(), "DIR");
        shown.replace("DIR\\", "DIR/")
    };
    assert_eq!(shown(&file), "cannot log into DIR/file: it is a file (expected a directory)");
    assert_eq!(shown(Path::new("")), "cannot log into \"\": the path is empty");
    let format = SummaryWriter::builder(dir.path()).timestamped("%Q").build();
    assert!(matches!(format, Err(Error::TimeFormat { .. })));
}

#[test]
fn two_trainings_in_one_second_get_a_directory_each() {
    let dir = tempfile::tempdir().unwrap();
    let names: Vec<_> = (0..3)
        .map(|_| SummaryWriter::builder(dir.path()).timestamped("%Y").build().unwrap())
        .map(|writer| writer.path().file_name().unwrap().to_str().unwrap()[4..].to_owned())
        .collect();
    assert_eq!(names, ["", "-2", "-3"]);
}

#[test]
fn a_closed_child_can_be_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let first = writer.child_run("a").unwrap();
    first.add_scalar("loss", 1.0, 0);
    first.close().unwrap();
    let second = writer.child_run("a").unwrap();
    second.add_scalar("loss", 2.0, 1);
    // The first writer stays closed; closing it again must not close the second.
    first.add_scalar("loss", 3.0, 2);
    first.close().unwrap_err();
    drop(first);
    second.add_scalar("loss", 4.0, 3);
    writer.child_run("a").unwrap().add_scalar("loss", 5.0, 4);
    writer.close().unwrap();
    let events: Vec<_> = crate::read::Run::open(dir.path().join("a"))
        .unwrap()
        .events()
        .map(|event| event.unwrap())
        .filter_map(|event| Some((event.step(), event.values().first()?.scalar()?)))
        .collect();
    assert_eq!(events, [(0, 1.0), (1, 2.0), (3, 4.0), (4, 5.0)]);
}

#[test]
fn an_empty_path_is_refused() {
    for built in [SummaryWriter::new(""), SummaryWriter::timestamped("")] {
        assert!(matches!(built, Err(crate::writer::Error::Directory { .. })), "{built:?}");
    }
}

/// A child run that is opened, logged to and dropped in each iteration of a loop.
#[test]
fn a_child_that_is_reopened_keeps_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .flush_interval(Duration::from_micros(200))
        .build()
        .unwrap();
    let others: Vec<_> = (0..5).map(|n| writer.child_run(&format!("other{n}")).unwrap()).collect();
    for step in 0..3000i64 {
        writer.child_run("val").unwrap().add_scalar("loss", step as f32, step);
        others[step as usize % 5].add_scalar("loss", 0.0, step);
    }
    writer.close().unwrap();
    let steps: Vec<_> = crate::read::Run::open(dir.path().join("val"))
        .unwrap()
        .events()
        .map(|event| event.unwrap())
        .filter(|event| !event.values().is_empty())
        .map(|event| event.step())
        .collect();
    assert!(steps.iter().copied().eq(0..3000), "{steps:?}");
}

#[test]
fn settings_at_their_limits_work() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .flush_interval(Duration::MAX)
        .flush_timeout(Duration::MAX)
        .overflow(crate::Overflow::Block(Duration::MAX))
        .build()
        .unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();
    assert_eq!(writer.stats().written, 1);
    for suffix in ["/x", "/../evil", "\0", "a."] {
        let built = SummaryWriter::builder(dir.path()).file_suffix(suffix).build();
        assert!(
            matches!(built, Err(crate::writer::Error::FileSuffix { .. })),
            "{suffix:?}: {built:?}"
        );
    }
}

#[test]
fn a_clock_that_panics_does_not_end_the_writing() {
    let dir = tempfile::tempdir().unwrap();
    let logging = std::thread::current().id();
    let clock = move || {
        assert_eq!(std::thread::current().id(), logging, "on purpose");
        crate::summary::WallTime::now()
    };
    let writer = SummaryWriter::builder(dir.path()).clock(clock).build().unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();
    assert_eq!(writer.stats().written, 1);
}

#[test]
fn a_closed_writer_opens_no_child() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.close().unwrap();
    match writer.child_run("child") {
        Err(Error::Closed { path, .. }) => assert_eq!(path, dir.path().join("child")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn scalars_are_simple_values_unless_set_otherwise() {
    use crate::summary::{Scalar, ScalarEncoding::*, Summary};
    let metadata = |value: &messages::summary::Value| value.metadata.is_some();
    for (set, simple) in [(None, true), (Some(Simple), true), (Some(Tensor), false)] {
        let dir = tempfile::tempdir().unwrap();
        let mut builder = SummaryWriter::builder(dir.path());
        if let Some(encoding) = set {
            builder = builder.scalar_encoding(encoding);
        }
        let writer = builder.build().unwrap();
        writer.add_scalar("a", 0.5, 0);
        writer.add("a", &Scalar::new(0.5), 1);
        writer.scalar("a").add(0.5, 2);
        writer.add("a", &Scalar::new(0.5).encoding(Tensor), 3);
        writer.add("a", &Scalar::new(0.5).encoding(Simple), 4);
        writer.add("a", &Scalar::new(0.5).with_metadata().description("about"), 5);
        writer.scalar("a").display_name("A").add(0.5, 6);
        writer.close().unwrap();
        let found: Vec<_> = events(dir.path())
            .iter()
            .filter_map(|event| match &event.what {
                Some(What::Summary(summary)) => Some(&summary.value[0]),
                _ => None,
            })
            .map(|value| (is_simple(value), metadata(value)))
            .collect();
        let by_writer = (simple, !simple);
        let labeled = (simple, true);
        let wanted =
            [by_writer, by_writer, by_writer, (false, true), (true, false), labeled, labeled];
        assert_eq!(found, wanted, "{set:?}");
    }
}

#[test]
fn a_run_continues_in_a_new_file_at_the_maximal_size() {
    let dir = tempfile::tempdir().unwrap();
    let max = 300 << 10;
    let writer = SummaryWriter::builder(dir.path()).max_file_bytes(max).build().unwrap();
    for step in 0..40_000 {
        writer.add_scalar("a", 1, step);
    }
    writer.add_text("large", &"x".repeat(400_000), 40_000);
    writer.close().unwrap();
    assert_eq!(steps(dir.path()), (0..40_000).collect::<Vec<_>>());
    let mut sizes: Vec<_> = dir
        .path()
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .collect();
    sizes.sort();
    let largest = sizes.pop().unwrap();
    assert!(largest > 400_000 && sizes.len() > 5, "{largest} {sizes:?}");
    assert!(sizes.iter().all(|size| *size <= max), "{sizes:?}");
}

#[test]
fn a_disabled_writer_logs_nothing() {
    use crate::summary::{Embedding, GraphCosts, HParams, Scalar};
    let here = |dir: &Path| std::fs::read_dir(dir).unwrap().count();
    let current = std::env::current_dir().unwrap();
    let before = here(&current);
    let writer = SummaryWriter::disabled();
    let child = writer.child_run("child").unwrap();
    assert!(writer.is_disabled() && child.is_disabled());
    for writer in [&writer, &child] {
        writer.add_scalar("a", f32::NAN, 0);
        writer.scalar("a").add(f32::NAN, 1);
        writer.add("a", &Scalar::new(1), 2);
        writer.add_deferred("a", Scalar::new(1), 3);
        writer.add_scalars("a", [("b", 1)], 0);
        writer.add_scalars_as_runs("a", [("b", 1)], 0);
        writer.add_embedding("a", &Embedding::new([1, 2], vec![0.0; 2]).unwrap(), 0);
        writer.add_graph_costs("a", &GraphCosts::new(), 0);
        let hparams = HParams::builder().set("a", 1).build().unwrap();
        assert_eq!(writer.trial(&hparams, |_| Ok::<_, ()>(7)), Ok(7));
        writer.flush().unwrap();
        writer.close().unwrap();
        assert_eq!((writer.stats(), writer.path()), (Stats::default(), Path::new("")));
        assert_eq!(writer.resumed_at(), None);
    }
    assert_eq!(here(&current), before);
}
