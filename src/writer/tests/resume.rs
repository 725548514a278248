//! Sessions that resume a run, and compacting the files of a run.

use super::*;
use crate::read::Run;
use crate::storage::faulty::{Fault, Faulty};
use crate::wire::record;
use crate::writer::compact::compact_on;
use std::collections::BTreeMap;

/// Returns the tag, step and value of each point of a run that counts, by a simple implementation.
fn counts(dir: &Path) -> Vec<(String, i64, Vec<u8>)> {
    let mut kept: Vec<(String, i64, Vec<u8>)> = Vec::new();
    for event in events(dir) {
        match event.what {
            Some(What::SessionLog(log)) if log.status == SessionStatus::Start as i32 => {
                kept.retain(|(_, step, _)| *step < event.step);
            }
            Some(What::Summary(summary)) => {
                for value in summary.value {
                    kept.retain(|(tag, step, _)| *tag != value.tag || *step < event.step);
                    kept.push((value.tag.clone(), event.step, value.encode_to_vec()));
                }
            }
            _ => {}
        }
    }
    kept
}

/// Returns the names and contents of all files.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = dir.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.is_file());
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn session(builder: SummaryWriterBuilder, tags: &[&str], steps: std::ops::Range<i64>) {
    let writer = builder.build().unwrap();
    let child = writer.child_run("child").unwrap();
    for step in steps {
        for tag in tags {
            writer.add_scalar(tag, step, step);
            child.add_scalar(tag, step, step);
        }
    }
    writer.close().unwrap();
}

#[test]
fn a_resumed_run_begins_with_two_starts_and_leaves_the_older_file() {
    let dir = tempfile::tempdir().unwrap();
    let new = || SummaryWriter::builder(dir.path());
    session(new(), &["a", "b"], 0..10);
    let before = files(dir.path());
    session(new().resume_at(6), &["a"], 6..8);
    for dir in [dir.path().to_owned(), dir.path().join("child")] {
        let events = events(&dir);
        // The version, ten steps of two tags; the version again.
        let starts: Vec<_> = events[22..24]
            .iter()
            .map(|event| match &event.what {
                Some(What::SessionLog(log)) => (log.status, event.step),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(starts, [(SessionStatus::Start as i32, 6); 2]);
        assert_eq!(events.len(), 26);
    }
    let after = files(dir.path());
    assert!(before.iter().all(|(path, bytes)| after[path] == *bytes));
}

#[test]
fn a_session_starts_a_run_once() {
    let dir = tempfile::tempdir().unwrap();
    session(SummaryWriter::builder(dir.path()), &["a"], 0..10);
    let builder = SummaryWriter::builder(dir.path()).resume_at(6);
    let writer = builder.max_file_bytes(0).build().unwrap();
    for step in 6..9 {
        let child = writer.child_run("child").unwrap();
        child.add_scalar("a", 0, step);
        child.add_text("large", &"x".repeat(300_000), step);
        child.close().unwrap();
        // New in this session: there is nothing to resume.
        writer.child_run("new").unwrap().add_scalar("a", 0, step);
    }
    writer.close().unwrap();
    let starts = |name: &str| {
        let is_start = |event: &&messages::Event| matches!(event.what, Some(What::SessionLog(_)));
        events(&dir.path().join(name)).iter().filter(is_start).count()
    };
    assert_eq!((starts("child"), starts("new"), starts("")), (2, 0, 2));
}

#[test]
fn the_last_step_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let resumed = |path: &Path| {
        let writer = SummaryWriter::builder(path).resume().build().unwrap();
        writer.resumed_at()
    };
    assert_eq!(resumed(dir.path()), None);
    let writer = SummaryWriter::new(dir.path().join("run")).unwrap();
    writer.child_run("a/b").unwrap().add_scalar("loss", 0.5, 20);
    writer.child_run("c").unwrap().add_scalar("loss", 0.5, -3);
    writer.close().unwrap();
    // The run itself has logged nothing, so those below it count.
    assert_eq!(resumed(&dir.path().join("run")), Some(21));
    assert_eq!(resumed(&dir.path().join("run/c")), Some(-2));
    let writer = SummaryWriter::new(dir.path().join("run")).unwrap();
    writer.add_scalar("loss", 0.5, i64::MAX);
    writer.add_scalar("loss", 0.5, 7);
    writer.close().unwrap();
    assert_eq!(resumed(&dir.path().join("run")), Some(i64::MAX));
    // A child run continues after its own last step.
    let writer = SummaryWriter::builder(dir.path().join("run")).resume().build().unwrap();
    writer.child_run("c").unwrap().add_scalar("loss", 0.5, -2);
    writer.close().unwrap();
    let found: Vec<_> = events(&dir.path().join("run/c")).iter().map(|e| e.step).collect();
    // The version and the point; the two starts of the session above; and then this session.
    assert_eq!(found, [0, -3, 0, -2, -2, 0, -2, -2, -2]);
}

#[test]
fn rewriting_keeps_the_valid_points() {
    let dir = tempfile::tempdir().unwrap();
    let new = || SummaryWriter::builder(dir.path());
    session(new(), &["a", "b"], 0..10);
    session(new().resume_at(6).rewrite_on_resume(true), &["a"], 6..8);
    for dir in [dir.path().to_owned(), dir.path().join("child")] {
        let series = Run::open(&dir).unwrap().all_scalars().unwrap();
        let steps = |tag: &str| series[tag].iter().map(|point| point.step).collect::<Vec<_>>();
        assert_eq!(steps("a"), (0..8).collect::<Vec<_>>());
        assert_eq!(steps("b"), (0..6).collect::<Vec<_>>());
        assert_eq!(event_files(&dir).len(), 2);
    }
    // Nothing to drop: nothing is rewritten.
    let before = files(dir.path());
    session(new().resume_at(8).rewrite_on_resume(true), &["a"], 8..9);
    let after = files(dir.path());
    assert!(before.keys().all(|path| after.contains_key(path)));
}

#[test]
fn a_compacted_run_keeps_graphs_once_and_all_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut graph = crate::summary::Graph::builder();
    graph.node("x", "Placeholder");
    let graph = graph.build().unwrap();
    for session in 0..3 {
        let writer = SummaryWriter::new(dir.path()).unwrap();
        writer.add_graph(&graph);
        writer.add_text("config", &format!("session {session}"), 0);
        writer.add_scalar("loss", session, session);
        writer.close().unwrap();
    }
    let expected = counts(dir.path());
    let done = crate::writer::compact(dir.path()).unwrap();
    assert_eq!((done.files, done.values, done.dropped), (3, 4, 2));
    assert_eq!(counts(dir.path()), expected);
    let graphs = |event: &&messages::Event| matches!(event.what, Some(What::GraphDef(_)));
    assert_eq!(events(dir.path()).iter().filter(graphs).count(), 1);
    // Compacting a second time changes nothing.
    let before = files(dir.path());
    assert_eq!(crate::writer::compact(dir.path()).unwrap().dropped, 0);
    assert_eq!(files(dir.path()), before);
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(crate::writer::compact(nothing.path()).unwrap().path, None);
}

/// Some writers have the metadata of a tag in its first value alone; no reader shows the other
/// values without it.
#[test]
fn metadata_of_a_dropped_first_value_moves_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    for (step, plugin) in [(5, Some("images")), (5, None), (6, None), (7, Some("text"))] {
        let plugin_data = plugin.map(|name| messages::summary_metadata::PluginData {
            plugin_name: name.to_owned(),
            ..Default::default()
        });
        let metadata = plugin_data.map(|plugin_data| messages::SummaryMetadata {
            plugin_data: Some(plugin_data),
            ..Default::default()
        });
        let value =
            messages::summary::Value { tag: "a".to_owned(), metadata, ..Default::default() };
        let what = Some(What::Summary(messages::Summary { value: vec![value] }));
        let start = record::open(&mut bytes);
        bytes.extend(messages::Event { step, what, ..Default::default() }.encode_to_vec());
        record::close(&mut bytes, start);
    }
    record::seal(&mut bytes);
    std::fs::write(dir.path().join("tfevents"), bytes).unwrap();
    assert_eq!(crate::writer::compact(dir.path()).unwrap().dropped, 1);
    let values = Run::open(dir.path()).unwrap().events().flat_map(|event| {
        let event = event.unwrap();
        event
            .values()
            .iter()
            .map(|value| (event.step(), value.plugin().to_owned()))
            .collect::<Vec<_>>()
    });
    assert!(values.eq([(5, "images"), (6, "images"), (7, "text")].map(|(s, p)| (s, p.to_owned()))));
}

#[test]
fn a_damaged_run_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    session(SummaryWriter::builder(dir.path()), &["a"], 0..10);
    session(SummaryWriter::builder(dir.path()), &["a"], 5..10);
    let file = event_files(dir.path()).remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let before = files(dir.path());
    assert!(matches!(crate::writer::compact(dir.path()), Err(Error::Read { .. })));
    let builder = SummaryWriter::builder(dir.path()).resume_at(3).rewrite_on_resume(true);
    assert!(matches!(builder.build(), Err(Error::Read { .. })));
    assert_eq!(files(dir.path()), before);
}

/// Whichever operation fails, the run has the same points.
#[test]
fn compacting_may_fail_at_every_operation() {
    for fault in [Fault::Fails, Fault::Short, Fault::Full] {
        for at in 0.. {
            let dir = tempfile::tempdir().unwrap();
            for steps in [0..30, 10..40, 20..50] {
                session(SummaryWriter::builder(dir.path()), &["a", "b"], steps);
            }
            let expected = counts(dir.path());
            let storage = Faulty::default();
            storage.set(fault, at);
            let result = compact_on(storage.clone(), dir.path());
            assert_eq!(counts(dir.path()), expected, "{fault:?} {at}: {result:?}");
            let truncated = Run::open(dir.path()).unwrap().all_scalars().unwrap();
            assert!(truncated["a"].len() >= 50);
            if !storage.mend() {
                assert_eq!(result.unwrap().dropped, 80);
                assert_eq!(event_files(dir.path()).len(), 1);
                break;
            }
            // After the first pass (a listing and three files) and the check that a file can be
            // created, renamed and removed, the directory is listed for leftovers of a crash; that
            // may fail.
            assert!(result.is_err() || at == 7 || fault == Fault::Short, "{fault:?} {at}");
            if let Err(error) = result {
                match &error {
                    Error::NotRemoved { path, files, .. } => {
                        let mut expected = files.clone();
                        expected.push(path.clone());
                        assert_eq!(event_files(dir.path()), expected, "{fault:?} {at}");
                    }
                    Error::Storage { .. } | Error::Read { .. } => {
                        assert!(event_files(dir.path()).len() >= 3, "{fault:?} {at}: {error:?}");
                    }
                    _ => panic!("{error:?}"),
                }
            }
            crate::writer::compact(dir.path()).unwrap();
            assert_eq!(counts(dir.path()), expected);
        }
    }
}

/// Old files that cannot be removed when a run is resumed keep no training from starting.
#[test]
fn a_run_is_resumed_whichever_old_file_stays() {
    let mut left = Vec::new();
    for at in 0.. {
        let dir = tempfile::tempdir().unwrap();
        for steps in [0..10, 5..20] {
            session(SummaryWriter::builder(dir.path()), &["a"], steps);
        }
        let storage = Faulty::default();
        storage.set(Fault::Fails, at);
        let builder = SummaryWriter::builder(dir.path()).storage(storage.clone());
        let result = builder.resume_at(8).rewrite_on_resume(true).build();
        let struck = storage.mend();
        if let Ok(writer) = result {
            writer.close().unwrap();
            let steps = Run::open(dir.path()).unwrap().scalars("a").unwrap().steps().to_vec();
            assert_eq!(steps, (0..8).collect::<Vec<_>>(), "{at}");
            // The new file, and that of this session, which begins with the two starts.
            left.push(event_files(dir.path()).len() - 2);
        }
        if !struck {
            break;
        }
    }
    // Each of the two once; at other operations nothing is left if they may fail at all.
    assert_eq!(left.iter().filter(|left| **left == 1).count(), 2, "{left:?}");
    assert!(left.iter().all(|left| *left <= 1), "{left:?}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Sessions that go back and forth, in one file or several.
    #[test]
    fn compacting_keeps_the_valid_points(
        sessions in proptest::collection::vec(
            (proptest::option::of(-3..12i64), proptest::collection::vec((0..3usize, -4..12i64), 0..25)),
            1..5,
        )
    ) {
        let dir = tempfile::tempdir().unwrap();
        for (start, points) in sessions {
            let mut builder = SummaryWriter::builder(dir.path());
            if let Some(step) = start {
                builder = builder.resume_at(step);
            }
            let writer = builder.build().unwrap();
            for (at, (tag, step)) in points.into_iter().enumerate() {
                writer.add_scalar(["a", "b", "c"][tag], at as f32, step);
            }
            writer.close().unwrap();
        }
        let expected = counts(dir.path());
        let done = crate::writer::compact(dir.path()).unwrap();
        assert_eq!(done.values, expected.len() as u64);
        assert_eq!(counts(dir.path()), expected);
        assert!(event_files(dir.path()).len() <= 1);
    }
}

/// The first thread that opens a run begins it, even if another thread read its files.
#[test]
fn a_child_run_that_many_threads_open_begins_once() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..50).map(|at| format!("child{at}")).collect();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for child in &children {
        writer.child_run(child).unwrap().add_scalar("a", 0, 6);
    }
    writer.close().unwrap();
    let writer = SummaryWriter::builder(dir.path()).resume_at(6).build().unwrap();
    let barrier = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut open = Vec::new();
                for child in &children {
                    barrier.wait();
                    let run = writer.child_run(child).unwrap();
                    run.add_scalar("a", 1, 6);
                    open.push(run);
                }
                // Keeps all handles until every thread has opened every run.
                barrier.wait();
            });
        }
    });
    writer.close().unwrap();
    for child in &children {
        let events = events(&dir.path().join(child));
        let starts = events.iter().map(|event| {
            matches!(&event.what, Some(What::SessionLog(log)) if log.status == SessionStatus::Start as i32)
        });
        // After the first session and the version, and before all other events.
        assert!(starts.eq((0..3 + 2 + 8).map(|at| at == 3 || at == 4)), "{child}");
    }
}
