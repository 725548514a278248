//! The storage fails, fills up or stalls at every operation of a session.

use super::*;
use crate::storage::faulty::{Fault, Faulty};

/// A writer with a child run, on storage that works until a fault is set.
struct Case {
    dir: tempfile::TempDir,
    storage: Faulty,
    writer: SummaryWriter,
    child: SummaryWriter,
    /// The errors that `flush` and `close` returned.
    errors: Vec<Error>,
}

const LIMIT: Duration = Duration::from_millis(10);
/// Far longer than any limit on a busy machine, far shorter than forever.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

impl Case {
    fn new(durability: Durability, timeout: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let storage = Faulty::default();
        let builder = SummaryWriter::builder(dir.path())
            .flush_interval(Duration::from_millis(5))
            .flush_timeout(timeout)
            .durability(durability);
        let writer = builder.storage(storage.clone()).build().unwrap();
        let child = writer.child_run("child").unwrap();
        Self { dir, storage, writer, child, errors: Vec::new() }
    }

    /// Logs into both runs and flushes, three times.
    fn log(&mut self, from: i64) {
        for step in from..from + 90 {
            self.writer.add_scalar("a", 1, step);
            self.child.add_scalar("a", 1, step);
            if step % 30 == 0 {
                self.writer.add_text("large", &"x".repeat(20_000), step);
            }
            if step % 30 == 29 {
                self.errors.extend(self.writer.flush().err());
                self.adds_up();
            }
        }
    }

    fn adds_up(&self) -> Stats {
        let stats = self.writer.stats();
        assert_eq!(stats.logged, stats.written + stats.dropped + stats.pending, "{stats:?}");
        assert_eq!(stats.dropped, stats.drops.sum(), "{stats:?}");
        assert_eq!(
            stats.bytes_logged,
            stats.bytes_written + stats.bytes_dropped + stats.bytes_pending,
            "{stats:?}"
        );
        stats
    }

    /// Returns the steps of both runs. Fails if a file is not whole records and a truncated tail.
    fn steps(&self) -> [Vec<i64>; 2] {
        [steps(self.dir.path()), steps(&self.dir.path().join("child"))]
    }

    /// Asserts that every error has an operation and a path in the log directory.
    fn errors_are_typed(&self) {
        for error in &self.errors {
            let Error::Storage { operation, path, .. } = error else { panic!("{error:?}") };
            assert!(["create", "write", "sync"].contains(operation), "{error:?}");
            assert!(path.starts_with(self.dir.path()), "{error:?}");
        }
    }
}

/// Runs `test` with the fault at each operation in turn, until the fault does not strike any more.
/// `test` returns whether it struck.
fn at_every_operation(fault: Fault, timeout: Duration, test: impl Fn(&mut Case) -> bool) {
    for durability in [Durability::Os, Durability::SyncOnFlush, Durability::SyncOnInterval] {
        for at in 0.. {
            let mut case = Case::new(durability, timeout);
            case.storage.set(fault, at);
            if !test(&mut case) {
                assert!(case.errors.is_empty(), "{:?}", case.errors);
                // Two runs, of which the writes take 1000 bytes each.
                assert!(at > 60, "only {at} operations");
                break;
            }
        }
    }
}

/// The fault passes: nothing is lost, everything is in order, and the error is reported once.
fn a_fault_that_passes(fault: Fault) {
    at_every_operation(fault, PATIENCE, |case| {
        case.log(0);
        let closed = case.writer.close().err();
        let stats = case.adds_up();
        assert_eq!((stats.logged, stats.written), (183, 183));
        // Only the sync of the marks of ends can fail this late.
        assert_eq!(stats.error.is_some(), closed.is_some());
        case.errors.extend(closed);
        let all: Vec<_> = (0..90).collect();
        assert_eq!(case.steps(), [all.clone(), all]);
        case.errors_are_typed();
        assert!(case.errors.len() <= 1, "{:?}", case.errors);
        assert!(case.writer.close().is_ok(), "reported twice");
        case.storage.mend()
    });
}

#[test]
fn each_operation_may_fail() {
    a_fault_that_passes(Fault::Fails);
}

#[test]
fn each_write_may_be_short() {
    a_fault_that_passes(Fault::Short);
}

#[test]
fn every_failure_but_that_of_a_listing_is_reported() {
    for at in 0.. {
        let mut case = Case::new(Durability::Os, PATIENCE);
        case.storage.set(Fault::Fails, at);
        case.writer.add_scalar("a", 1, 0);
        case.errors.extend(case.writer.flush().err());
        if !case.storage.mend() {
            // The directory, its listing, the file, its head, the event.
            assert_eq!(at, 5);
            return;
        }
        // A directory that cannot be listed can still be written to.
        assert_eq!(case.errors.len(), usize::from(at != 1), "operation {at}: {:?}", case.errors);
        case.errors_are_typed();
        case.writer.flush().unwrap();
        assert_eq!(case.steps()[0], [0]);
    }
}

#[test]
fn a_storage_that_is_full_for_a_while_gets_all_in_the_end() {
    at_every_operation(Fault::Full, PATIENCE, |case| {
        case.log(0);
        let struck = case.storage.mend();
        // A failure since the last flush is reported by the next one.
        case.errors.extend(case.writer.flush().err());
        let reported = case.errors.len();
        case.log(90);
        assert!(reported <= 4 && case.errors.len() == reported, "{:?}", case.errors);
        case.errors_are_typed();
        case.writer.close().unwrap();
        let stats = case.adds_up();
        assert_eq!((stats.logged, stats.written, stats.error), (366, 366, None));
        let all: Vec<_> = (0..180).collect();
        assert_eq!(case.steps(), [all.clone(), all]);
        struck
    });
}

#[test]
fn a_storage_that_is_full_for_good_keeps_what_it_has() {
    at_every_operation(Fault::Full, PATIENCE, |case| {
        case.log(0);
        let begun = Instant::now();
        case.errors.extend(case.writer.close().err());
        assert!(begun.elapsed() < PATIENCE);
        case.errors_are_typed();
        let stats = case.adds_up();
        assert_eq!((stats.logged, stats.pending), (183, 0));
        assert_eq!(stats.dropped, stats.drops.write_failed);
        assert!(stats.dropped == 0 || !case.errors.is_empty());
        assert!(stats.dropped == 0 || stats.error.is_some());
        // The files have the first steps without gaps, as many as were counted.
        for steps in case.steps() {
            assert!(steps.iter().copied().eq(0..steps.len() as i64), "{steps:?}");
        }
        let is_logged =
            |event: &&messages::Event| !matches!(event.what, Some(What::FileVersion(_)));
        let whole = |dir: &Path| events(dir).iter().filter(is_logged).count() as u64;
        let child = case.dir.path().join("child");
        assert_eq!(whole(case.dir.path()) + whole(&child), stats.written);
        case.storage.mend()
    });
}

#[test]
fn each_operation_may_stall() {
    at_every_operation(Fault::Stalls, LIMIT, |case| {
        let begun = Instant::now();
        case.log(0);
        // Three flushes of 10 ms each.
        assert!(begun.elapsed() < PATIENCE);
        // 10 ms may be too short on a busy machine: then flush again.
        while !case.storage.struck() {
            match case.writer.flush() {
                Ok(()) => break,
                Err(error) => case.errors.push(error),
            }
            assert!(begun.elapsed() < PATIENCE);
        }
        let timeout = |error: &Error| matches!(error, Error::Timeout { .. });
        assert!(case.errors.iter().all(timeout), "{:?}", case.errors);
        let struck = case.storage.struck();
        let waiting = case.adds_up().pending > 0;
        assert!(!(struck && waiting && case.errors.is_empty()));
        case.storage.mend();
        while case.writer.flush().is_err() {
            assert!(begun.elapsed() < PATIENCE);
        }
        while case.writer.close().is_err() {
            assert!(begun.elapsed() < PATIENCE);
        }
        assert_eq!(case.adds_up().written, 183);
        let all: Vec<_> = (0..90).collect();
        assert_eq!(case.steps(), [all.clone(), all]);
        if !struck {
            case.errors.clear();
        }
        struck
    });
}

/// A disk that takes all writes, but never completes a sync.
#[test]
fn a_synced_flush_waits_for_the_disk() {
    for durability in [Durability::Os, Durability::SyncOnFlush, Durability::SyncOnInterval] {
        let case = Case::new(durability, LIMIT);
        // Creates the file, so that the syncs below are those of its contents.
        case.writer.add_scalar("a", 1, -1);
        while case.writer.flush().is_err() {}
        case.storage.set(Fault::SyncStalls, 0);
        case.writer.add_scalar("a", 1, 0);
        let synced = durability != Durability::Os;
        let mut result = case.writer.flush();
        while !synced && matches!(result, Err(Error::Timeout { .. })) {
            // 10 ms may be too short on a busy machine.
            result = case.writer.flush();
        }
        assert_eq!(result.is_err(), synced, "{durability:?}: {result:?}");
        case.storage.mend();
        let begun = Instant::now();
        while case.writer.flush().is_err() {
            assert!(begun.elapsed() < PATIENCE);
        }
        assert_eq!(case.steps()[0], [-1, 0]);
        // Closing a child syncs its file.
        case.storage.set(Fault::SyncStalls, 0);
        case.child.add_scalar("a", 1, 0);
        assert!(!synced || case.child.close().is_err());
        while synced && !case.storage.struck() {
            std::thread::yield_now();
        }
        assert_eq!(case.storage.mend(), synced);
    }
}

#[test]
fn the_disk_has_each_event_an_interval_later_without_a_further_call() {
    let case = Case::new(Durability::SyncOnInterval, PATIENCE);
    let begun = Instant::now();
    for step in 0..3 {
        let before = case.storage.syncs();
        case.writer.add_scalar("a", 1, step);
        // A new file has a sync of its directory first.
        while case.storage.syncs() <= before + usize::from(step == 0) {
            assert!(begun.elapsed() < PATIENCE);
            std::thread::yield_now();
        }
        assert_eq!(case.steps()[0], (0..=step).collect::<Vec<_>>());
    }
    let unsynced = Case::new(Durability::Os, PATIENCE);
    unsynced.writer.add_scalar("a", 1, 0);
    unsynced.writer.close().unwrap();
    assert_eq!(unsynced.storage.syncs(), 0);
}

/// A write that fails after half of a record leaves that half, and no more, at the end of a file.
#[test]
fn a_failed_write_leaves_one_truncated_tail() {
    let mut case = Case::new(Durability::Os, PATIENCE);
    case.writer.add_scalar("a", 1, 0);
    case.writer.flush().unwrap();
    case.storage.set(Fault::Short, 0);
    case.writer.add_text("large", &"x".repeat(5000), 1);
    case.writer.add_scalar("a", 1, 2);
    case.errors.extend(case.writer.flush().err());
    case.writer.close().unwrap();
    assert_eq!(case.errors.len(), 1);
    let mut run = crate::read::Run::open(case.dir.path()).unwrap().events();
    let found: Vec<_> = run.by_ref().map(|event| event.unwrap().step()).collect();
    // Each file begins with its version, at step 0; the last one ends with a mark.
    assert_eq!(found, [0, 0, 0, 1, 2, 2]);
    let [truncated] = run.truncated() else { panic!("{:?}", run.truncated()) };
    let truncated_len = std::fs::metadata(&truncated.path).unwrap().len() - truncated.offset;
    assert_eq!(truncated_len, 500);
}

#[test]
fn a_stuck_disk_blocks_no_call_longer_than_documented() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let limit = Duration::from_millis(50);
    let writer = SummaryWriter::builder(dir.path())
        .flush_timeout(limit)
        .buffer_bytes(256 << 10)
        .overflow(Overflow::Block(limit))
        .storage(storage.clone())
        .build()
        .unwrap();
    storage.set(Fault::Stalls, 0);
    let begun = Instant::now();
    for step in 0..10_000 {
        writer.add_scalar("a", 1, step);
    }
    assert!(matches!(writer.flush(), Err(Error::Timeout { .. })));
    // Two waits of 50 ms; anything like a wait per call would be minutes.
    assert!(begun.elapsed() < Duration::from_secs(20));
    let stats = writer.stats();
    assert!(stats.dropped > 0 && stats.pending > 0 && stats.written == 0);
    assert_eq!(stats.drops.buffer_full, stats.dropped);
    assert_eq!(stats.logged, stats.dropped + stats.pending);
    storage.mend();
    while writer.stats().pending > 0 {
        std::thread::yield_now();
    }
    assert!(
        matches!(writer.flush(), Err(Error::Dropped { events, .. }) if events == stats.dropped)
    );
    writer.add_scalar("a", 1, 10_000);
    writer.close().unwrap();
    // The files have the first steps without gaps, and a note has the number of dropped events.
    let found = steps(dir.path());
    assert_eq!(found.len() as u64, writer.stats().written);
    assert!(found[..found.len() - 1].iter().copied().eq(0..found.len() as i64 - 1));
    assert_eq!(found.last(), Some(&10_000));
    let note = format!("**{} events were dropped**", stats.dropped);
    let noted = events(dir.path()).iter().any(|event| {
        let bytes = event.encode_to_vec();
        bytes.windows(note.len()).any(|window| window == note.as_bytes())
    });
    assert!(noted);
}

#[test]
fn dropping_a_writer_on_a_stuck_disk_does_not_hang() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let builder = SummaryWriter::builder(dir.path()).flush_timeout(Duration::from_millis(20));
    let writer = builder.storage(storage.clone()).build().unwrap();
    storage.set(Fault::Stalls, 0);
    writer.add_scalar("a", 1, 1);
    let begun = Instant::now();
    drop(writer);
    assert!(begun.elapsed() < PATIENCE);
    storage.mend();
}

#[test]
fn every_waiting_flush_returns_the_failure() {
    let case = Case::new(Durability::Os, PATIENCE);
    case.writer.flush().unwrap();
    case.storage.set(Fault::Full, 0);
    for step in 0..20 {
        std::thread::scope(|scope| {
            let flushes: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        case.writer.add_scalar("a", 1, step);
                        case.writer.flush()
                    })
                })
                .collect();
            for flush in flushes {
                let result = flush.join().unwrap();
                assert!(matches!(result, Err(Error::Storage { .. })), "{result:?}");
            }
        });
    }
    assert_eq!(case.writer.stats().written, 0);
    case.storage.mend();
    // The last failure may not be reported yet.
    let _ = case.writer.flush();
    case.writer.flush().unwrap();
    assert_eq!(case.adds_up().written, 160);
}

#[test]
fn a_file_that_cannot_be_closed_does_not_block_its_writer() {
    let case = Case::new(Durability::Os, LIMIT);
    case.writer.add_scalar("a", 1, 0);
    while case.writer.stats().pending > 0 {
        std::thread::yield_now();
    }
    case.storage.set(Fault::CloseStalls, 0);
    let (done, closed) = mpsc::channel();
    let writer = case.writer.clone();
    std::thread::spawn(move || done.send(writer.close()));
    let closed = closed.recv_timeout(PATIENCE);
    case.storage.mend();
    assert!(matches!(closed, Ok(Err(Error::Timeout { .. }))), "{closed:?}");
}

/// Each attempt creates a file; one whose name cannot be synced is removed.
#[test]
fn a_directory_that_cannot_be_synced_does_not_fill_up() {
    for at in 0.. {
        let mut case = Case::new(Durability::SyncOnFlush, PATIENCE);
        case.storage.set(Fault::Fails, at);
        case.writer.add_scalar("a", 1, 0);
        let Err(Error::Storage { operation, path, .. }) = case.writer.flush() else {
            // A failed listing is not an error; after the last operation nothing fails.
            assert!(at < 20);
            continue;
        };
        if operation != "sync" || path != case.dir.path() {
            continue;
        }
        case.writer.flush().unwrap();
        let files = case.dir.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
        let files = files.filter(|name| name.to_string_lossy().contains("tfevents"));
        assert_eq!(files.count(), 1);
        case.errors.clear();
        return;
    }
}

#[test]
fn dropping_a_writer_does_not_wait_a_second_time() {
    let timeout = Duration::from_secs(2);
    let Case { storage, writer, child, dir, .. } = Case::new(Durability::Os, timeout);
    storage.set(Fault::Stalls, 0);
    writer.add_scalar("a", 1, 0);
    assert!(matches!(writer.close(), Err(Error::Timeout { .. })));
    let begun = Instant::now();
    drop((writer, child));
    assert!(begun.elapsed() < timeout);
    storage.mend();
    drop(dir);
}
