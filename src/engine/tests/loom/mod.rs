//! Models of the buffer and the thread that writes, run in every order of their threads.
//!
//! ```text
//! RUSTFLAGS="--cfg tfevents_loom" CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=3 \
//!     cargo test -p tfevents --lib tests::loom
//! ```
//!
//! The models run the real code with other locks (`sync`). A wait that never ends is a deadlock,
//! which loom reports; no wait ends by itself, because time passes only in [`Buffer::pass`]. Files
//! are kept in memory.

mod memory;
pub(in crate::engine) mod sync;

use crate::engine::*;
use crate::wire::event::{self, Payload};
use loom::thread::{self, JoinHandle};
use memory::Memory;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The flush interval, and the timeout of waits.
const HOUR: Duration = Duration::from_secs(3600);

/// A buffer and its thread.
struct Model {
    buffer: Arc<Buffer>,
    files: Memory,
    thread: JoinHandle<()>,
    run: RunHandle,
}

impl Model {
    fn new() -> Self {
        Self::with(1 << 20, Overflow::Drop, Memory::default())
    }

    fn with(small: usize, overflow: Overflow, files: Memory) -> Self {
        Self::durable(Durability::Os, small, overflow, files)
    }

    fn durable(durability: Durability, small: usize, overflow: Overflow, files: Memory) -> Self {
        let limits = Limits { flush_interval: HOUR, small, large: 1 << 20, overflow, durability };
        let buffer = Buffer::new(limits, Clock::Custom(Arc::new(|| 1.0)));
        let buffer = Arc::new(buffer.with_storage(Arc::new(files.clone())));
        let thread = {
            let buffer = buffer.clone();
            thread::spawn(move || {
                let sync = durability != Durability::Os;
                let settings = FileSettings {
                    suffix: String::new(),
                    max_bytes: u64::MAX,
                    max_age: None,
                    sync,
                    beside_others: true,
                    mark_ends: false,
                };
                run(&buffer, &settings, &Notes);
            })
        };
        let run = buffer.open_run(Path::new("run").into()).unwrap();
        Self { buffer, files, thread, run }
    }

    fn steps(&self) -> Vec<i64> {
        self.files.steps(Path::new("run"))
    }

    /// Closes the buffer and checks that every event is written or dropped.
    fn close(self) -> Memory {
        let result = self.buffer.close(HOUR);
        self.thread.join().unwrap();
        let stats = self.buffer.stats();
        assert_eq!((stats.pending, stats.logged), (0, stats.written + stats.dropped));
        assert_eq!(stats.written, self.files.count());
        assert!(matches!(result, Ok(()) | Err(EngineError::Dropped { .. })), "{result:?}");
        self.files
    }
}

/// An observer whose notes of drops no test takes for another event.
struct Notes;

impl Observer for Notes {
    fn begin(&self, _: &'static str, _: Option<&Path>) -> Option<Box<dyn Ended + '_>> {
        None
    }
    fn beside_others(&self, _: &str) {}
    fn step_back(&self, _: &str, _: StepBack<'_>) {}
    fn kind_change(&self, _: &str, _: KindChange<'_>) {}
    fn drop_note(&self, _: u64) -> Vec<u8> {
        // A summary with one empty value.
        vec![0x0a, 0]
    }
}

/// Logs an event of a few bytes.
fn push(buffer: &Buffer, run: RunHandle, step: i64) {
    buffer.push(run, None, step, Payload::SessionLog, event::SESSION_START);
}

/// Logs an event so long that a run's first block fits only one.
fn push_long(buffer: &Buffer, run: RunHandle, step: i64) {
    buffer.push(run, None, step, Payload::Summary, &long());
}

/// Returns an unknown field, which readers skip.
fn long() -> Vec<u8> {
    let mut body = vec![0; 600];
    // Field 100 as a string of 596 bytes.
    body[..4].copy_from_slice(&[0xa2, 0x06, 0xd4, 0x04]);
    body
}

#[test]
fn a_flush_covers_what_its_thread_logged_before() {
    loom::model(|| {
        let model = Model::new();
        let producer = {
            let (buffer, files, run) = (model.buffer.clone(), model.files.clone(), model.run);
            thread::spawn(move || {
                push(&buffer, run, 10);
                buffer.flush(HOUR).unwrap();
                assert!(files.steps(Path::new("run")).contains(&10));
            })
        };
        push(&model.buffer, model.run, 1);
        push(&model.buffer, model.run, 2);
        model.buffer.flush(HOUR).unwrap();
        let own: Vec<_> = model.steps().into_iter().filter(|step| *step < 10).collect();
        assert_eq!(own, [1, 2]);
        producer.join().unwrap();
        assert_eq!(model.close().count(), 3);
    });
}

#[test]
fn closing_writes_all_accepted_events() {
    loom::model(|| {
        let model = Model::new();
        let producer = {
            let (buffer, run) = (model.buffer.clone(), model.run);
            thread::spawn(move || {
                push(&buffer, run, 1);
                push(&buffer, run, 2);
            })
        };
        let closed = model.buffer.close(HOUR);
        assert!(matches!(closed, Ok(()) | Err(EngineError::Dropped { .. })), "{closed:?}");
        let before = model.steps();
        assert!([1, 2].starts_with(&before), "{before:?}");
        producer.join().unwrap();
        assert_eq!(model.steps(), before);
        let stats = model.buffer.stats();
        assert_eq!(stats.drops.after_close, 2 - before.len() as u64);
        model.close();
    });
}

/// Both events need their own block, and there is capacity for one.
#[test]
fn a_wait_for_capacity_ends_when_some_is_released() {
    loom::model(|| {
        let model = Model::with(1024, Overflow::Block(HOUR), Memory::default());
        let producer = {
            let (buffer, run) = (model.buffer.clone(), model.run);
            thread::spawn(move || push_long(&buffer, run, 2))
        };
        push_long(&model.buffer, model.run, 1);
        producer.join().unwrap();
        assert_eq!(model.close().count(), 2);
    });
}

/// The hour that a call may wait passes at any moment.
#[test]
fn a_wait_for_capacity_ends_with_its_timeout() {
    loom::model(|| {
        let model = Model::with(1024, Overflow::Block(HOUR), Memory::default());
        let time = {
            let buffer = model.buffer.clone();
            thread::spawn(move || buffer.pass(HOUR))
        };
        push_long(&model.buffer, model.run, 1);
        push_long(&model.buffer, model.run, 2);
        time.join().unwrap();
        let buffer = model.buffer.clone();
        let files = model.close();
        let dropped = buffer.stats().drops.buffer_full;
        assert_eq!(files.count() + dropped, 2);
        assert!([1, 2].starts_with(&files.steps(Path::new("run"))));
    });
}

#[test]
fn a_single_event_is_written_after_the_flush_interval() {
    loom::model(|| {
        let (files, written) = Memory::notifying();
        let model = Model::with(1 << 20, Overflow::Drop, files);
        let producer = {
            let (buffer, run) = (model.buffer.clone(), model.run);
            thread::spawn(move || {
                push(&buffer, run, 1);
                buffer.pass(HOUR);
            })
        };
        // No call flushes or closes.
        while model.steps().is_empty() {
            written.wait();
        }
        producer.join().unwrap();
        model.close();
    });
}

/// Whatever the thread does when the buffer is closed.
#[test]
fn closing_syncs_all_files() {
    for durability in [Durability::SyncOnFlush, Durability::SyncOnInterval] {
        loom::model(move || {
            let files = Memory::default();
            let model = Model::durable(durability, 1 << 20, Overflow::Drop, files);
            push(&model.buffer, model.run, 1);
            let interval = {
                let buffer = model.buffer.clone();
                thread::spawn(move || buffer.pass(HOUR))
            };
            model.buffer.close(HOUR * 3).unwrap();
            assert_eq!(model.steps(), [1]);
            assert!(model.files.is_synced());
            interval.join().unwrap();
            model.close();
        });
    }
}

#[test]
fn a_flush_waits_for_reservations() {
    loom::model(|| {
        let model = Model::new();
        let reservation = model.buffer.reserve(model.run, 1, 100).unwrap();
        let worker = {
            let buffer = model.buffer.clone();
            thread::spawn(move || {
                buffer.fill_with_event(reservation, event::SESSION_START);
            })
        };
        push(&model.buffer, model.run, 2);
        model.buffer.flush(HOUR).unwrap();
        assert_eq!(model.steps(), [1, 2]);
        worker.join().unwrap();
        model.close();
    });
}

/// A run is released and opened again: its later events follow its earlier ones.
#[test]
fn a_reopened_run_keeps_its_order() {
    loom::model(|| {
        let model = Model::new();
        let other = {
            let buffer = model.buffer.clone();
            thread::spawn(move || buffer.flush(HOUR).unwrap())
        };
        for step in [1, 2] {
            let run = model.buffer.open_run(Path::new("child").into()).unwrap();
            push(&model.buffer, run, step);
            model.buffer.release_run(run);
        }
        other.join().unwrap();
        assert_eq!(model.close().steps(Path::new("child")), [1, 2]);
    });
}

/// One thread releases a run while another opens it.
#[test]
fn a_run_that_is_opened_while_it_is_released_keeps_its_order() {
    loom::model(|| {
        let model = Model::new();
        let first = model.buffer.open_run(Path::new("child").into()).unwrap();
        push(&model.buffer, first, 1);
        let other = {
            let buffer = model.buffer.clone();
            thread::spawn(move || buffer.release_run(first))
        };
        let second = model.buffer.open_run(Path::new("child").into()).unwrap();
        push(&model.buffer, second, 2);
        model.buffer.release_run(second);
        other.join().unwrap();
        assert_eq!(model.close().steps(Path::new("child")), [1, 2]);
    });
}

/// The first write fails: `flush` or `close` returns the error, and no event is lost.
#[test]
fn a_failed_write_is_reported_and_written_again() {
    loom::model(|| {
        let model = Model::with(1 << 20, Overflow::Drop, Memory::failing_once());
        let other = {
            let (buffer, run) = (model.buffer.clone(), model.run);
            thread::spawn(move || {
                push(&buffer, run, 1);
                buffer.flush(HOUR).is_err()
            })
        };
        let failed = model.buffer.flush(HOUR).is_err();
        let flushes = [failed, other.join().unwrap()];
        let closed = model.buffer.close(HOUR).is_err();
        // Each flush that waited for the write returns the error, and `close` only if none did.
        assert_ne!(flushes.contains(&true), closed, "{flushes:?}");
        assert_eq!(model.close().steps(Path::new("run")), [1]);
    });
}
