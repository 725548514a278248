//! The buffer between the threads that log and the thread that writes.
//!
//! One lock guards its state, and events are encoded inside that lock, straight into a block of
//! their run: so of two calls one of which happened before the other, the first one's event comes
//! first in the file, whatever threads made them. All that is slow (checksums, files) happens
//! outside the lock, on the thread that writes.

use super::block::{Block, PerClass, SizeClass, Usage};
use super::clock::Clock;
use super::error::EngineError;
use super::policy::{Durability, Overflow};
use super::runs::{Run, RunSet, RunSlot};
use super::stats::Stats;
use super::sync::{Condvar, Mutex};
use crate::storage::Failed;
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

/// The settings of a buffer.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) flush_interval: Duration,
    /// How many bytes small events may take, and how many large ones.
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
    pub(super) process: Process,
    pub(super) clock: Clock,
    pub(super) ticks: Ticks,
}

/// In this order: what each call touches comes first, right behind the lock itself, so that few
/// cache lines move between processors.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct State {
    /// How many events were accepted; the number of the next one.
    pub(super) accepted: u64,
    /// No more events are accepted.
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
    /// What is counted as it happens; [`State::stats`] adds what follows from `accepted`.
    pub(super) stats: Stats,
}

/// Which elements of `runs` stand for which directories.
#[derive(Debug, Default)]
pub(super) struct Slots {
    pub(super) by_dir: HashMap<Arc<Path>, RunSlot>,
    /// Those that can be used again.
    pub(super) free: Vec<RunSlot>,
}

/// What the thread that writes has to do, and when.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The runs with blocks, with drops to make a note of, or with a file to close.
    pub(super) dirty: RunSet,
    /// The runs whose next event is a reservation: what is behind it waits too.
    pub(super) blocked: RunSet,
    /// When the oldest event that waits was logged.
    pub(super) oldest: Option<Instant>,
    /// The run that is served first.
    pub(super) next: RunSlot,
    pub(super) full_blocks: usize,
    /// Since when something in a file is not synced, if the durability asks for syncs.
    pub(super) unsynced: Option<Instant>,
}

/// What the buffer's bytes are used for.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By the blocks of all runs, and by those of runs whose last attempt failed.
    pub(super) usage: Usage,
    pub(super) failing_usage: Usage,
    /// By events that are being written.
    pub(super) in_flight: usize,
    /// How many events are reserved and still to be encoded.
    pub(super) reservations: usize,
    /// Empty blocks, for reuse. They count against the bound for small events.
    pub(super) spare: Vec<Vec<u8>>,
    /// A wait for capacity timed out: until some is released no other call waits for it.
    pub(super) stalled: PerClass<bool>,
}

/// How far the events have got, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Events that were accepted and will never be in a file.
    pub(super) abandoned: u64,
    /// All events before this number are in a file, or abandoned.
    pub(super) settled: u64,
    /// All events before this number are also on the disk.
    pub(super) synced: u64,
    /// Up to which number a caller waits.
    pub(super) requested: u64,
}

/// What went wrong, and what of it was reported.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// The runs whose last attempt failed: those with a `retry`.
    pub(super) runs: RunSet,
    /// How many attempts failed so far, and why the last one did.
    pub(super) count: u64,
    pub(super) last: Option<Failed>,
    /// The first failure since one was returned to a caller, and the drops since then.
    pub(super) unreported: Option<Failed>,
    pub(super) unreported_drops: u64,
}

/// How the buffer ends.
#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    /// The batch being written is the last, unless it fails.
    pub(super) last_batch: bool,
    pub(super) ended: bool,
    /// It ended because this is a copy of it in another process.
    pub(super) forked: bool,
}

/// Messages that are logged once.
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
            process: Process::current(),
            clock,
            ticks: Ticks::new(),
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns whether this is a copy in a process that was forked from the one that writes.
    pub(crate) fn is_forked(&self) -> bool {
        self.process.is_other()
    }

    /// Returns an error in a forked process. Called before a lock is taken: another thread may have
    /// held it when the process was forked.
    pub(crate) fn check_process(&self) -> Result<(), EngineError> {
        let process = self.process.id();
        if self.is_forked() { Err(EngineError::Forked { process }) } else { Ok(()) }
    }

    /// Ends the buffer in a forked process. Called where an event needs more than the free part of
    /// a block, so that few calls ask the operating system.
    pub(super) fn end_if_forked(&self, state: &mut State) {
        if !state.lifecycle.ended && self.is_forked() {
            state.closing = true;
            state.lifecycle.ended = true;
            state.lifecycle.forked = true;
        }
    }

    /// Logs a failure that concerns no event file, and keeps it for the next caller of a flush.
    pub(crate) fn report_failure(&self, failed: Failed) {
        log_guarded(Level::Error, format_args!("{failed}: {}", failed.error));
        self.state.lock().failures.unreported.get_or_insert(failed);
    }

    /// Counts a scalar that is not finite; returns how many there were.
    pub(crate) fn count_non_finite(&self) -> u64 {
        let mut state = self.state.lock();
        state.stats.non_finite += 1;
        state.stats.non_finite
    }

    pub(crate) fn stats(&self) -> Stats {
        self.state.lock().stats()
    }

    /// Lets time pass for all threads that wait.
    #[cfg(all(test, tfevents_loom))]
    pub(super) fn pass(&self, time: Duration) {
        let _state = self.state.lock();
        super::sync::pass(time);
        self.work.notify_all();
        self.done.notify_all();
    }

    /// Returns what counts against the bound, spare blocks included.
    #[cfg(test)]
    pub(crate) fn usage(&self) -> usize {
        let Memory { usage, spare, .. } = &self.state.lock().memory;
        usage.small + usage.large + spare.len() * BLOCK
    }
}

impl State {
    /// Returns the number of the first event that waits in these runs.
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

    /// Counts dropped events for [`Stats`] and for the next caller of a flush; the reason is
    /// counted by the caller.
    pub(super) fn count_dropped(&mut self, events: u64, bytes: usize) {
        self.stats.bytes_dropped += bytes as u64;
        self.failures.unreported_drops += events;
    }

    /// A run uses so many bytes more.
    pub(super) fn add_usage(&mut self, run: RunSlot, class: SizeClass, bytes: usize) {
        *self.memory.usage.of_mut(class) += bytes;
        *self.runs[run.0].usage.of_mut(class) += bytes;
        if self.runs[run.0].retry.is_some() {
            *self.memory.failing_usage.of_mut(class) += bytes;
        }
    }

    /// A run uses so many bytes less.
    pub(super) fn subtract_usage(&mut self, run: RunSlot, class: SizeClass, bytes: usize) {
        *self.memory.stalled.of_mut(class) = false;
        *self.memory.usage.of_mut(class) -= bytes;
        *self.runs[run.0].usage.of_mut(class) -= bytes;
        if self.runs[run.0].retry.is_some() {
            *self.memory.failing_usage.of_mut(class) -= bytes;
        }
    }

    /// Takes back a block that is written. Returns it if it is not kept for reuse.
    pub(super) fn release(&mut self, run: RunSlot, block: Block) -> Option<Block> {
        self.subtract_usage(run, block.class(), block.usage());
        self.memory.reservations -= usize::from(block.is_reserved());
        if block.class() == SizeClass::Small && block.usage() == BLOCK {
            // It goes on counting against the bound.
            self.memory.spare.push(block.into_bytes());
            return None;
        }
        Some(block)
    }

    /// Returns what was not reported yet.
    pub(super) fn report(&mut self) -> Result<(), EngineError> {
        let events = std::mem::take(&mut self.failures.unreported_drops);
        match self.failures.unreported.take() {
            Some(failed) => Err(EngineError::Storage(failed)),
            None if events > 0 => Err(EngineError::Dropped { events }),
            None => Ok(()),
        }
    }
}
