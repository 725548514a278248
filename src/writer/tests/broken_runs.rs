//! A run that cannot be written, next to others that can.

use super::faults::PATIENCE;
use super::*;

/// Replaces the directory of a run with a file.
fn break_run(dir: &Path) {
    std::fs::remove_dir(dir).unwrap();
    std::fs::write(dir, "").unwrap();
}

#[test]
fn a_broken_run_costs_the_others_nothing_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let broken = writer.child_run("broken").unwrap();
    break_run(&dir.path().join("broken"));
    broken.add_scalar("loss", 0.5, 0);
    for step in 0..60_000 {
        writer.add_scalar("loss", 0.5, step);
    }
    assert!(matches!(writer.close(), Err(Error::Storage { .. })));
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.written, stats.dropped), (60_001, 60_000, 1));
}

/// A run that cannot be written neither slows the others nor fills the buffer that they share.
#[test]
fn a_broken_run_costs_the_others_nothing_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        // No retry during the test.
        .flush_interval(Duration::from_secs(3600))
        .overflow(Overflow::Block(Duration::from_secs(60)))
        .build()
        .unwrap();
    let broken = writer.child_run("broken").unwrap();
    break_run(&dir.path().join("broken"));
    broken.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap_err();
    let begun = Instant::now();
    // Each would fill the 8 MiB for small events twice.
    for step in 0..300_000 {
        broken.add_scalar("loss", 0.5, step);
        writer.add_scalar("loss", 0.5, step);
    }
    // A wait for the retry would have taken the whole minute.
    assert!(begun.elapsed() < PATIENCE);
    let stats = writer.stats();
    let pending = stats.pending;
    assert!(stats.dropped > 100_000, "{stats:?}");
    writer.close().unwrap_err();
    assert_eq!(steps(dir.path()), (0..300_000).collect::<Vec<_>>());
    let stats = writer.stats();
    assert_eq!((stats.written, stats.dropped), (300_000, 300_001));
    assert!(pending > 0 && stats.drops.write_failed > 0 && stats.drops.buffer_full > 0);
}

#[test]
fn a_broken_run_recovers_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let builder = SummaryWriter::builder(dir.path()).flush_interval(Duration::from_millis(1));
    let writer = builder.build().unwrap();
    let child = writer.child_run("child").unwrap();
    let path = dir.path().join("child");
    break_run(&path);
    child.add_scalar("loss", 0.5, 0);
    let begun = Instant::now();
    while writer.stats().error.is_none() {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    std::fs::remove_file(&path).unwrap();
    // No call logs or flushes. The event counts as soon as it is written, the error is over when its
    // batch has ended.
    while writer.stats().error.is_some() {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    assert_eq!(writer.stats().written, 1);
    assert_eq!(steps(&path), [0]);
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_deleted_costs_no_later_event() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path().join("run")).unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();
    std::fs::remove_dir_all(dir.path().join("run")).unwrap();
    writer.add_scalar("loss", 0.5, 1);
    writer.flush().unwrap();
    assert_eq!(steps(&dir.path().join("run")), [1]);
}
