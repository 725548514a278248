//! The queue, and the thread that writes, in every order in which their threads may run.
//!
//! ```text
//! RUSTFLAGS="--cfg tfevents_loom" CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=3 \
//!     cargo test -p tfevents --lib tests::loom
//! ```
//!
//! It is the code that runs, with other locks below it (`sync`). A wait that nobody ends is a
//! deadlock, which loom reports; no wait ends by itself, because time passes only in
//! [`Queue::pass`]. Files are kept in memory.

mod memory;
pub(in crate::writer) mod sync;

use crate::summary::WallTime;
use crate::wire::event::{self, MAX_HEAD, Payload, Stamp};
use crate::writer::block::Block;
use crate::writer::clock::Clock;
use crate::writer::queue::{Limits, Queue, RunKey};
use crate::writer::spans::Spans;
use crate::writer::{Durability, Error, Overflow, background, file};
use loom::thread::{self, JoinHandle};
use memory::Memory;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long everything takes that is not asked for.
const HOUR: Duration = Duration::from_secs(3600);

/// A queue, and its thread.
struct Model {
    queue: Arc<Queue>,
    files: Memory,
    thread: JoinHandle<()>,
    run: RunKey,
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
        let time = WallTime::try_from_secs_f64(1.0).unwrap();
        let queue = Arc::new(Queue::new(limits, Clock::Custom(Arc::new(move || time))));
        let thread = {
            let (queue, files) = (queue.clone(), files.clone());
            thread::spawn(move || {
                let sync = durability != Durability::Os;
                let settings = file::Settings { suffix: String::new(), max_bytes: u64::MAX, sync };
                background::run(&queue, &files, &settings, &Spans::default());
            })
        };
        let run = queue.open_run(Path::new("run").into()).unwrap();
        Self { queue, files, thread, run }
    }

    fn steps(&self) -> Vec<i64> {
        self.files.steps(Path::new("run"))
    }

    /// Closes it, and checks that nothing is unaccounted for.
    fn close(self) -> Memory {
        let result = self.queue.close(HOUR);
        self.thread.join().unwrap();
        let stats = self.queue.stats();
        assert_eq!((stats.pending, stats.logged), (0, stats.written + stats.dropped));
        assert_eq!(stats.written, self.files.count());
        assert!(matches!(result, Ok(()) | Err(Error::Dropped { .. })), "{result:?}");
        self.files
    }
}

/// Logs an event of a few bytes.
fn push(queue: &Queue, run: RunKey, step: i64) {
    queue.push(run, None, step, Payload::SessionLog, event::SESSION_START);
}

/// Logs one of which a run's first block holds one only.
fn push_long(queue: &Queue, run: RunKey, step: i64) {
    queue.push(run, None, step, Payload::Summary, &long());
}

/// A field that no reader knows, and passes over.
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
            let (queue, files, run) = (model.queue.clone(), model.files.clone(), model.run);
            thread::spawn(move || {
                push(&queue, run, 10);
                queue.flush(HOUR).unwrap();
                assert!(files.steps(Path::new("run")).contains(&10));
            })
        };
        push(&model.queue, model.run, 1);
        push(&model.queue, model.run, 2);
        model.queue.flush(HOUR).unwrap();
        let own: Vec<_> = model.steps().into_iter().filter(|step| *step < 10).collect();
        assert_eq!(own, [1, 2]);
        producer.join().unwrap();
        assert_eq!(model.close().count(), 3);
    });
}

#[test]
fn closing_keeps_all_that_was_taken_from_a_producer() {
    loom::model(|| {
        let model = Model::new();
        let producer = {
            let (queue, run) = (model.queue.clone(), model.run);
            thread::spawn(move || {
                push(&queue, run, 1);
                push(&queue, run, 2);
            })
        };
        let closed = model.queue.close(HOUR);
        assert!(matches!(closed, Ok(()) | Err(Error::Dropped { .. })), "{closed:?}");
        let before = model.steps();
        assert!([1, 2].starts_with(&before), "{before:?}");
        producer.join().unwrap();
        assert_eq!(model.steps(), before);
        let stats = model.queue.stats();
        assert_eq!(stats.drops.after_close, 2 - before.len() as u64);
        model.close();
    });
}

/// Both need a block of their own, and there is room for one.
#[test]
fn a_wait_for_room_ends_when_there_is_some() {
    loom::model(|| {
        let model = Model::with(1024, Overflow::Block(HOUR), Memory::default());
        let producer = {
            let (queue, run) = (model.queue.clone(), model.run);
            thread::spawn(move || push_long(&queue, run, 2))
        };
        push_long(&model.queue, model.run, 1);
        producer.join().unwrap();
        assert_eq!(model.close().count(), 2);
    });
}

/// The same, and the hour that a call may wait passes at any moment.
#[test]
fn a_wait_for_room_ends_with_its_time() {
    loom::model(|| {
        let model = Model::with(1024, Overflow::Block(HOUR), Memory::default());
        let time = {
            let queue = model.queue.clone();
            thread::spawn(move || queue.pass(HOUR))
        };
        push_long(&model.queue, model.run, 1);
        push_long(&model.queue, model.run, 2);
        time.join().unwrap();
        let queue = model.queue.clone();
        let files = model.close();
        let dropped = queue.stats().drops.buffer_full;
        assert_eq!(files.count() + dropped, 2);
        assert!([1, 2].starts_with(&files.steps(Path::new("run"))));
    });
}

#[test]
fn an_event_alone_is_written_in_its_time() {
    loom::model(|| {
        let (files, written) = Memory::telling();
        let model = Model::with(1 << 20, Overflow::Drop, files);
        let producer = {
            let (queue, run) = (model.queue.clone(), model.run);
            thread::spawn(move || {
                push(&queue, run, 1);
                queue.pass(HOUR);
            })
        };
        // Nobody flushes, nobody closes.
        while model.steps().is_empty() {
            written.wait();
        }
        producer.join().unwrap();
        model.close();
    });
}

/// Whatever the thread was doing when it was asked to end.
#[test]
fn what_is_closed_is_synced() {
    for durability in [Durability::SyncOnFlush, Durability::SyncOnInterval] {
        loom::model(move || {
            let files = Memory::default();
            let model = Model::durable(durability, 1 << 20, Overflow::Drop, files);
            push(&model.queue, model.run, 1);
            let interval = {
                let queue = model.queue.clone();
                thread::spawn(move || queue.pass(HOUR))
            };
            model.queue.close(HOUR * 3).unwrap();
            assert_eq!(model.steps(), [1]);
            assert!(model.files.is_synced());
            interval.join().unwrap();
            model.close();
        });
    }
}

#[test]
fn a_flush_waits_for_what_is_still_to_be_made() {
    loom::model(|| {
        let model = Model::new();
        let slot = model.queue.reserve(model.run, 1, 100).unwrap();
        let worker = {
            let queue = model.queue.clone();
            thread::spawn(move || {
                let write = |out: &mut [u8]| {
                    let stamp = Stamp { wall_time: 1.0, step: 1 };
                    event::write_event(out, stamp, Payload::SessionLog, event::SESSION_START)
                };
                let size = MAX_HEAD + event::SESSION_START.len();
                queue.fill(slot, "tag", Ok(Block::large(size, 1, write)));
            })
        };
        push(&model.queue, model.run, 2);
        model.queue.flush(HOUR).unwrap();
        assert_eq!(model.steps(), [1, 2]);
        worker.join().unwrap();
        model.close();
    });
}

/// A child that is let go and asked for again: what it logs lies behind what it logged before.
#[test]
fn a_run_that_comes_back_keeps_its_order() {
    loom::model(|| {
        let model = Model::new();
        let other = {
            let queue = model.queue.clone();
            thread::spawn(move || queue.flush(HOUR).unwrap())
        };
        for step in [1, 2] {
            let run = model.queue.open_run(Path::new("child").into()).unwrap();
            push(&model.queue, run, step);
            model.queue.forget_run(run);
        }
        other.join().unwrap();
        assert_eq!(model.close().steps(Path::new("child")), [1, 2]);
    });
}

/// The same, and who lets it go and who asks for it are two threads.
#[test]
fn a_run_that_is_asked_for_while_it_is_let_go_keeps_its_order() {
    loom::model(|| {
        let model = Model::new();
        let first = model.queue.open_run(Path::new("child").into()).unwrap();
        push(&model.queue, first, 1);
        let other = {
            let queue = model.queue.clone();
            thread::spawn(move || queue.forget_run(first))
        };
        let second = model.queue.open_run(Path::new("child").into()).unwrap();
        push(&model.queue, second, 2);
        model.queue.forget_run(second);
        other.join().unwrap();
        assert_eq!(model.close().steps(Path::new("child")), [1, 2]);
    });
}

/// The first write fails: the flush is told, or the close, and nothing is missing.
#[test]
fn a_failed_write_is_told_and_made_good() {
    loom::model(|| {
        let model = Model::with(1 << 20, Overflow::Drop, Memory::failing_once());
        let other = {
            let (queue, run) = (model.queue.clone(), model.run);
            thread::spawn(move || {
                push(&queue, run, 1);
                queue.flush(HOUR).is_err()
            })
        };
        let told = model.queue.flush(HOUR).is_err();
        let told = [told, other.join().unwrap()];
        let closed = model.queue.close(HOUR).is_err();
        // Each flush that waited for it is told, and the close only if none was.
        assert_ne!(told.contains(&true), closed, "{told:?}");
        assert_eq!(model.close().steps(Path::new("run")), [1]);
    });
}
