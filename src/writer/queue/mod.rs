//! What lies between the threads that log and the one that writes.
//!
//! One lock guards all of it, and events are encoded inside that lock, straight into a block of
//! their run: so two calls of which one happened before the other lie in the file in that order,
//! whatever threads made them. All that is slow (checksums, files) happens outside the lock, on
//! the thread that takes the blocks away.
//!
//! - `runs`, `run_set`: which runs there are, and some of them;
//! - `push`: events into their runs' blocks;
//! - `room`: where an event goes, or why it is dropped;
//! - `reserve`: places for events that are made later;
//! - `turn`: what the thread that writes takes, and gives back;
//! - `wait`: those who wait for a flush.

mod push;
mod reserve;
mod room;
mod run_set;
mod runs;
#[cfg(test)]
mod tests;
mod turn;
mod wait;

pub(super) use run_set::RunSet;
pub(super) use turn::{Outcome, Task};

use super::Error;
use super::block::Block;
use super::clock::{Clock, Stopwatch};
use super::policy::{Durability, Overflow};
use super::process::Process;
use super::stats::Stats;
use super::sync::{Condvar, Mutex};
use super::tell::tell;
use crate::system::Ticks;
use log::Level;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A block that is full is taken away at this size.
const BLOCK: usize = 128 << 10;
/// An event larger than this gets a block of its own.
const LARGE: usize = 16 << 10;
/// So many full blocks wake the thread before its time.
const BATCH: usize = 4;
/// How many empty blocks are kept for reuse when nobody logs without pause.
const SPARE: usize = 8;

/// The place of a run. A directory has one place at most, so that what is logged into it keeps the
/// order of the calls, however often the run is opened and let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RunId(usize);

/// What one who has opened a run logs with. Closing a run makes all keys to it useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunKey {
    run: RunId,
    opening: u64,
}

/// What the queue must keep to.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) flush_interval: Duration,
    /// Bytes that small events may take, and those that large ones may.
    pub(super) small: usize,
    pub(super) large: usize,
    pub(super) overflow: Overflow,
    pub(super) durability: Durability,
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Tells the thread that writes that there is something to do.
    work: Condvar,
    /// Tells those who wait for room or for a flush that something was done.
    done: Condvar,
    limits: Limits,
    process: Process,
    clock: Clock,
    ticks: Ticks,
}

/// In this order: what each call touches comes first, right behind the lock itself, so that few
/// cache lines move between processors.
#[derive(Debug, Default)]
#[repr(C)]
struct State {
    /// How many events got past the door; the next one's number.
    accepted: u64,
    closing: bool,
    runs: Vec<Run>,
    stopwatch: Stopwatch,
    /// Places in `runs` that can be used again.
    free: Vec<RunId>,
    /// The places of all others, by their directories.
    places: HashMap<Arc<Path>, RunId>,
    /// The runs with blocks, with drops to tell of, or with a file to close.
    dirty: RunSet,
    /// Those whose next event is still to be made: what lies behind it waits too.
    held_up: RunSet,
    /// When the oldest event that waits was logged.
    oldest: Option<Instant>,
    /// The run that is served first.
    next_turn: RunId,
    full_blocks: usize,
    /// Bytes of events that are being written.
    taken: usize,
    /// What the blocks of all runs take, and of those whose last attempt failed.
    held: Held,
    held_by_failing: Held,
    /// Events that are still to be made.
    reserved: usize,
    spare: Vec<Vec<u8>>,
    /// What is counted as it happens; [`State::stats`] adds what follows from `accepted`.
    stats: Stats,
    /// Events that got past the door, but never into a file.
    given_up: u64,
    /// All events before this number are in a file, or given up.
    settled: u64,
    /// The same, and on the disk.
    synced: u64,
    /// Since when there is something in a file that is not synced, if the settings ask for that.
    unsynced: Option<Instant>,
    /// Up to which number somebody waits for.
    wanted: u64,
    /// The runs whose last attempt failed: those with a `retry`.
    failing: RunSet,
    /// Failed attempts so far.
    failures: u64,
    /// The last of them.
    failure: Option<Error>,
    /// The first failure that nobody has been told yet, and the drops.
    error: Option<Error>,
    untold_drops: u64,
    /// A wait for room ran out: until some is given back nobody else waits for room in that part.
    stalled: Parts<bool>,
    told_full: bool,
    told_closed: bool,
    told_unmade: bool,
    /// The turn under way is the last, unless it fails.
    last: bool,
    ended: bool,
    /// It ended because this is a copy of it in another process.
    forked: bool,
}

#[derive(Debug)]
struct Run {
    dir: Arc<Path>,
    blocks: VecDeque<Block>,
    /// What its blocks take, also those that are being written.
    held: Held,
    dropped: u64,
    last_step: i64,
    /// How often the run was closed: older keys are useless.
    opening: u64,
    /// The keys that somebody has, and those of them that are not useless.
    keys: usize,
    good_keys: usize,
    /// Its file is closed once all is written.
    leaves: bool,
    /// When it is tried again, if its last attempt failed.
    retry: Option<Instant>,
    /// Attempts that failed since the writer was closed.
    last_failures: u32,
}

impl Queue {
    pub(super) fn new(limits: Limits, clock: Clock) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::default(),
            done: Condvar::default(),
            limits,
            process: Process::this(),
            clock,
            ticks: Ticks::new(),
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether this is a copy in a process that was forked from the one that writes.
    pub(super) fn is_forked(&self) -> bool {
        self.process.is_other()
    }

    /// Asked where an event needs more than room in a block, so that few calls ask the system.
    fn end_if_forked(&self, state: &mut State) {
        if !state.ended && self.is_forked() {
            (state.closing, state.ended, state.forked) = (true, true, true);
        }
    }

    /// Keeps an error of what was handed over for the next who asks, and tells it.
    pub(super) fn note_error(&self, error: Error) {
        tell(Level::Error, format_args!("{error}"));
        self.state.lock().error.get_or_insert(error);
    }

    pub(super) fn count_non_finite(&self) -> u64 {
        let mut state = self.state.lock();
        state.stats.non_finite += 1;
        state.stats.non_finite
    }

    pub(super) fn stats(&self) -> Stats {
        self.state.lock().stats()
    }

    /// Lets time pass, for all who wait.
    #[cfg(all(test, tfevents_loom))]
    pub(super) fn pass(&self, time: Duration) {
        let _state = self.state.lock();
        super::sync::pass(time);
        self.work.notify_all();
        self.done.notify_all();
    }

    /// What counts against the buffer's bound, spare blocks included.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        let state = self.state.lock();
        state.held.small + state.held.large + state.spare.len() * BLOCK
    }
}

/// Something of each of the buffer's two parts: that for small events and that for large ones.
#[derive(Clone, Copy, Debug, Default)]
struct Parts<T> {
    small: T,
    large: T,
}

impl<T: Copy> Parts<T> {
    fn of(&self, large: bool) -> T {
        if large { self.large } else { self.small }
    }

    fn of_mut(&mut self, large: bool) -> &mut T {
        if large { &mut self.large } else { &mut self.small }
    }
}

/// Bytes of the buffer.
type Held = Parts<usize>;

impl State {
    /// The number of the first event that waits in these runs.
    fn first_of(&self, runs: &RunSet) -> Option<u64> {
        runs.iter().filter_map(|run| Some(self.runs[run.0].blocks.front()?.first())).min()
    }

    fn pending(&self) -> u64 {
        self.accepted - self.stats.written - self.given_up
    }

    fn stats(&self) -> Stats {
        let stats = &self.stats;
        let dropped = stats.drops.sum();
        let waiting = self.runs.iter().flat_map(|run| &run.blocks).map(Block::unwritten);
        let bytes_pending = (self.taken + waiting.sum::<usize>()) as u64;
        Stats {
            logged: self.accepted + dropped - self.given_up,
            dropped,
            pending: self.pending(),
            bytes_logged: stats.bytes_written + stats.bytes_dropped + bytes_pending,
            bytes_pending,
            ..stats.clone()
        }
    }

    fn count_dropped(&mut self, events: u64, bytes: usize) {
        self.stats.bytes_dropped += bytes as u64;
        self.untold_drops += events;
    }

    /// A run has so many bytes more.
    fn hold(&mut self, run: RunId, large: bool, bytes: usize) {
        *self.held.of_mut(large) += bytes;
        *self.runs[run.0].held.of_mut(large) += bytes;
        if self.runs[run.0].retry.is_some() {
            *self.held_by_failing.of_mut(large) += bytes;
        }
    }

    /// A run has so many bytes less.
    fn let_go(&mut self, run: RunId, large: bool, bytes: usize) {
        *self.stalled.of_mut(large) = false;
        *self.held.of_mut(large) -= bytes;
        *self.runs[run.0].held.of_mut(large) -= bytes;
        if self.runs[run.0].retry.is_some() {
            *self.held_by_failing.of_mut(large) -= bytes;
        }
    }

    /// Takes back a block that is written. Returns it if it is of no more use.
    fn release(&mut self, run: RunId, block: Block) -> Option<Block> {
        self.let_go(run, !block.is_small(), block.held());
        self.reserved -= usize::from(block.is_reserved());
        if block.is_small() && block.held() == BLOCK {
            // It goes on counting against the bound.
            self.spare.push(block.into_bytes());
            return None;
        }
        Some(block)
    }

    /// What nobody has been told yet.
    fn report(&mut self) -> Result<(), Error> {
        let events = std::mem::take(&mut self.untold_drops);
        match self.error.take() {
            Some(error) => Err(error),
            None if events > 0 => Err(Error::Dropped { events }),
            None => Ok(()),
        }
    }
}
