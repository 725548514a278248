//! The buffer between the threads that log and the thread that writes.
//!
//! One lock guards its state, and events are encoded under that lock, directly into a block of their
//! run. So if one call happened before another, its event comes first in the file, whichever threads
//! made the calls. Slow work (checksums, files) happens outside the lock, on the thread that writes.

use super::block::{Block, PerClass, SizeClass, Usage};
use super::clock::Clock;
use super::policy::{Durability, Overflow};
use super::runs::{Run, RunSet, RunSlot};
use super::stats::{DropCounts, Stats};
use super::sync::{Condvar, Mutex, now};
use crate::storage::{Failed, Local, Pace, Storage};
use crate::system::{Process, Ticks, WallClock, log_guarded};
use log::Level;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The size at which a block is full.
pub(super) const BLOCK: usize = 128 << 10;
/// An event larger than this gets a block of its own.
pub(super) const LARGE: usize = 16 << 10;
/// How many full blocks wake the thread that writes before the flush interval has passed.
pub(super) const WAKE_BLOCKS: usize = 4;
/// The number of full blocks that stands for a batch that is due at once: more than any buffer has.
pub(super) const URGENT: usize = usize::MAX / 2;

/// The settings of a buffer.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) flush_interval: Duration,
    /// How many bytes small events may use, and how many large ones.
    pub(crate) small: usize,
    pub(crate) large: usize,
    pub(crate) overflow: Overflow,
    pub(crate) durability: Durability,
}

/// Events of all runs that are not yet in a file.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(super) state: Mutex<State>,
    /// Wakes the thread that writes.
    pub(super) work: Condvar,
    /// Wakes callers that wait for capacity or for a flush.
    pub(super) done: Condvar,
    pub(super) limits: Limits,
    pub(super) pace: Pace,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) created: Instant,
    pub(super) process: Process,
    pub(super) clock: Clock,
    pub(super) ticks: Ticks,
}

/// The state of the buffer. The fields that each call uses come first, right after the lock itself,
/// so that few cache lines move between processors.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct State {
    /// How many events were accepted; the number of the next one.
    pub(super) accepted: u64,
    /// Whether no more events are accepted.
    pub(super) closing: bool,
    pub(super) runs: Vec<Run>,
    pub(super) wall_clock: WallClock,
    pub(super) slots: Slots,
    pub(super) schedule: Schedule,
    pub(super) memory: Memory,
    pub(super) progress: Progress,
    pub(super) failures: Failures,
    pub(super) lifecycle: Lifecycle,
    pub(super) logged_once: LoggedOnce,
    /// The counters that are kept; [`State::stats`] computes the others from `accepted`.
    pub(super) stats: Stats,
}

/// The slots in `runs`.
#[derive(Debug, Default)]
pub(super) struct Slots {
    pub(super) by_dir: HashMap<Arc<Path>, RunSlot>,
    /// The slots that can be used again.
    pub(super) free: Vec<RunSlot>,
}

/// The work of the thread that writes, and when it is due.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The runs with blocks, with drops to make a note of, or with a file to close.
    pub(super) dirty: RunSet,
    /// The runs whose next event is a reservation, which the events behind it wait for.
    pub(super) blocked: RunSet,
    /// When the oldest unwritten event was logged.
    pub(super) oldest: Option<Instant>,
    /// The first run of the next batch.
    pub(super) next: RunSlot,
    pub(super) full_blocks: usize,
    /// Since when written events are not synced, if the durability requires syncs.
    pub(super) unsynced: Option<Instant>,
    /// When the first open file reaches its maximum age.
    pub(super) first_old: Option<Instant>,
}

/// The usage of the buffer's bytes.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The usage of the blocks of all runs, and of those of runs whose last attempt failed.
    pub(super) usage: Usage,
    pub(super) failing_usage: Usage,
    /// The bytes of the events that are being written.
    pub(super) in_flight: usize,
    /// How many events are reserved and not yet encoded.
    pub(super) reservations: usize,
    /// Empty blocks, for reuse. They count against the bound for small events.
    pub(super) spare: Vec<Vec<u8>>,
    /// Whether a wait for capacity timed out: until some is released, no other call waits for it.
    pub(super) stalled: PerClass<bool>,
}

/// The progress of writing, by the numbers of events.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Events that were accepted and will never be in a file.
    pub(super) abandoned: u64,
    /// All events before this number are in a file, or abandoned.
    pub(super) settled: u64,
    /// All events before this number are also on the disk.
    pub(super) synced: u64,
    /// A caller waits for all events before this number.
    pub(super) requested: u64,
}

/// Failures of the storage and drops, and which of them were reported.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// The runs whose last attempt failed: those with a `retry`.
    pub(super) runs: RunSet,
    /// How many attempts failed so far, and the error of the last one.
    pub(super) count: u64,
    pub(super) last: Option<Failed>,
    /// The first failure since the last one that was returned to a caller.
    pub(super) unreported: Option<Failed>,
    /// The drops that were returned to a caller, and the run of the first one since.
    pub(super) reported_drops: DropCounts,
    pub(super) first_drop: Option<Arc<Path>>,
}

/// The end of the buffer.
#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    /// Whether the batch that is being written is the last, unless it fails.
    pub(super) last_batch: bool,
    pub(super) ended: bool,
    /// Whether it ended because this is a copy in a forked process.
    pub(super) forked: bool,
}

/// The messages that are logged once, and were logged already.
#[derive(Debug, Default)]
pub(super) struct LoggedOnce {
    pub(super) full: bool,
    pub(super) closed: bool,
    pub(super) encode_failed: bool,
}

impl Buffer {
    pub(crate) fn new(limits: Limits, clock: Clock) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::default(),
            done: Condvar::default(),
            limits,
            pace: Pace::default(),
            storage: Arc::new(Local),
            created: now(),
            process: Process::current(),
            clock,
            ticks: Ticks::new(),
        }
    }

    /// Sets the storage of the runs.
    pub(crate) fn with_storage(self, storage: Arc<dyn Storage>) -> Self {
        Self { storage, ..self }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns whether this is a copy in a process that was forked from the one that writes.
    pub(crate) fn is_forked(&self) -> bool {
        self.process.is_other()
    }

    /// Ends the buffer in a forked process. It is called only when an event does not fit into the
    /// current block, so that few calls ask the operating system.
    pub(super) fn end_if_forked(&self, state: &mut State) {
        if !state.lifecycle.ended && self.is_forked() {
            state.closing = true;
            state.lifecycle.ended = true;
            state.lifecycle.forked = true;
        }
    }

    /// Logs a failure of a file other than an event file, and keeps it for the next caller of
    /// `flush`.
    pub(crate) fn report_failure(&self, failed: Failed) {
        log_guarded(Level::Error, format_args!("{failed}: {}", failed.error));
        self.state.lock().failures.unreported.get_or_insert(failed);
    }

    /// Counts a scalar that is not finite; returns the number of them so far.
    pub(crate) fn count_non_finite(&self) -> u64 {
        let mut state = self.state.lock();
        state.stats.non_finite += 1;
        state.stats.non_finite
    }

    /// Counts an event of `tracing` that is not logged because it has no step.
    #[cfg(feature = "tracing")]
    pub(crate) fn count_without_step(&self) {
        self.state.lock().stats.without_step += 1;
    }

    /// Returns whether the buffer takes no more events.
    pub(crate) fn is_closing(&self) -> bool {
        self.state.lock().closing
    }

    pub(crate) fn stats(&self) -> Stats {
        self.state.lock().stats()
    }

    /// Advances the time of a model, and wakes all threads that wait.
    #[cfg(all(test, tfevents_loom))]
    pub(super) fn pass(&self, time: Duration) {
        let _state = self.state.lock();
        super::sync::pass(time);
        self.work.notify_all();
        self.done.notify_all();
    }

    /// Returns the bytes that count against the bound, including spare blocks.
    #[cfg(test)]
    pub(crate) fn usage(&self) -> usize {
        let Memory { usage, spare, .. } = &self.state.lock().memory;
        usage.small + usage.large + spare.len() * BLOCK
    }
}

impl State {
    /// Returns the number of the first unwritten event in these runs.
    pub(super) fn first_of(&self, runs: &RunSet) -> Option<u64> {
        runs.iter().filter_map(|run| Some(self.runs[run.0].blocks.front()?.first())).min()
    }

    pub(super) fn pending(&self) -> u64 {
        self.accepted - self.stats.written - self.progress.abandoned
    }

    fn stats(&self) -> Stats {
        let stats = &self.stats;
        let dropped = stats.drops.sum();
        let waiting = self.runs.iter().flat_map(|run| &run.blocks).map(Block::unwritten);
        let bytes_pending = (self.memory.in_flight + waiting.sum::<usize>()) as u64;
        Stats {
            logged: self.accepted + dropped - self.progress.abandoned,
            dropped,
            pending: self.pending(),
            bytes_logged: stats.bytes_written + stats.bytes_dropped + bytes_pending,
            bytes_pending,
            ..stats.clone()
        }
    }

    /// Counts the bytes of events of a run that are dropped, for [`Stats`] and for the next caller of
    /// `flush`. The caller counts the events, by the reason.
    pub(super) fn count_dropped(&mut self, run: RunSlot, bytes: usize) {
        self.stats.bytes_dropped += bytes as u64;
        self.failures.first_drop.get_or_insert_with(|| self.runs[run.0].dir.clone());
    }

    /// Adds to the usage of a run.
    pub(super) fn add_usage(&mut self, run: RunSlot, class: SizeClass, bytes: usize) {
        *self.memory.usage.of_mut(class) += bytes;
        *self.runs[run.0].usage.of_mut(class) += bytes;
        if self.runs[run.0].retry.is_some() {
            *self.memory.failing_usage.of_mut(class) += bytes;
        }
    }

    /// Subtracts from the usage of a run.
    pub(super) fn subtract_usage(&mut self, run: RunSlot, class: SizeClass, bytes: usize) {
        *self.memory.stalled.of_mut(class) = false;
        *self.memory.usage.of_mut(class) -= bytes;
        *self.runs[run.0].usage.of_mut(class) -= bytes;
        if self.runs[run.0].retry.is_some() {
            *self.memory.failing_usage.of_mut(class) -= bytes;
        }
    }

    /// Releases a block. Returns it if it is not kept for reuse.
    pub(super) fn release(&mut self, run: RunSlot, block: Block) -> Option<Block> {
        self.subtract_usage(run, block.class(), block.usage());
        self.memory.reservations -= usize::from(block.is_reserved());
        if block.class() == SizeClass::Small && block.usage() == BLOCK {
            // A spare block still counts against the bound.
            self.memory.spare.push(block.into_bytes());
            return None;
        }
        Some(block)
    }
}
