//! Many threads that log, flush and open runs at the same time.

use super::*;
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::Scalar;
use std::collections::HashMap;

/// Threads log small, large and deferred events into three runs of one writer, and flush.
#[test]
fn sixteen_threads_lose_nothing_and_keep_their_order() {
    const THREADS: i64 = 16;
    const STEPS: i64 = 1500;
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .flush_interval(Duration::from_millis(1))
        .buffer_bytes(2 << 20)
        .overflow(Overflow::Block(Duration::from_secs(60)))
        .max_file_bytes(1 << 20)
        .build()
        .unwrap();
    let text = &"x".repeat(20_000);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let writer = writer.child_run(["a", "b", "c"][thread as usize % 3]).unwrap();
            scope.spawn(move || {
                let tag = format!("thread {thread}");
                let handle = writer.scalar(&tag);
                for step in 0..STEPS {
                    match step % 100 {
                        33 => writer.add_deferred(&tag, Scalar::new(0.5), step),
                        66 => writer.add_text(&tag, text, step),
                        99 => writer.flush().unwrap(),
                        even if even % 2 == 0 => handle.add(0.5, step),
                        _ => writer.add_scalar(&tag, 0.5, step),
                    }
                }
            });
        }
    });
    writer.close().unwrap();
    let stats = writer.stats();
    let per_thread = STEPS - STEPS / 100;
    assert_eq!((stats.written, stats.dropped), ((THREADS * per_thread) as u64, 0), "{stats:?}");
    let mut found: HashMap<String, Vec<i64>> = HashMap::new();
    for run in ["a", "b", "c"] {
        for event in crate::read::Run::open(dir.path().join(run)).unwrap().events() {
            let event = event.unwrap();
            for value in event.values() {
                found.entry(value.tag().to_owned()).or_default().push(event.step());
            }
        }
    }
    let logged: Vec<_> = (0..STEPS).filter(|step| step % 100 != 99).collect();
    assert_eq!(found.len() as i64, THREADS);
    for (tag, steps) in found {
        assert_eq!(steps, logged, "{tag}");
    }
}

/// Events that are logged while the thread writes a batch are not in a file when it is done.
#[test]
fn a_flush_covers_what_was_logged_while_others_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let builder = SummaryWriter::builder(dir.path()).flush_timeout(Duration::from_millis(200));
    let writer = builder.storage(storage.clone()).build().unwrap();
    let child = writer.child_run("child").unwrap();
    storage.set(Fault::Stalls, 0);
    writer.add_scalar("a", 1, 0);
    assert!(matches!(writer.flush(), Err(Error::Timeout { pending: 1, .. })));
    assert!(storage.struck());
    child.add_scalar("a", 1, 0);
    // After the directory: its listing, the file, its head, the event; then the child's directory.
    storage.set(Fault::Stalls, 4);
    while writer.stats().written == 0 {
        std::thread::yield_now();
    }
    assert!(matches!(writer.flush(), Err(Error::Timeout { pending: 1, .. })));
    assert_eq!(steps(dir.path()), [0]);
    assert!(steps(&dir.path().join("child")).is_empty());
    storage.mend();
    while writer.flush().is_err() {}
    assert_eq!(steps(&dir.path().join("child")), [0]);
}

/// Each call drops its run, maybe while another thread opens it. The order of the calls is the order
/// in the file.
#[test]
fn a_run_that_threads_open_and_release_keeps_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let builder = SummaryWriter::builder(dir.path()).flush_interval(Duration::from_millis(1));
    let writer = builder.build().unwrap();
    let next = std::sync::Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let run = writer.child_run("child").unwrap();
                    let mut step = next.lock().unwrap();
                    run.add_scalar("a", 0.5, *step);
                    *step += 1;
                    drop(step);
                }
            });
        }
    });
    writer.close().unwrap();
    assert_eq!(writer.stats().dropped, 0);
    assert!(steps(&dir.path().join("child")).into_iter().eq(0..8 * 500));
}
