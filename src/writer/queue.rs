//! What lies between the threads that log and the one that writes.
//!
//! One lock guards all of it, and events are encoded inside that lock, straight into a block of
//! their run: so two calls of which one happened before the other lie in the file in that order,
//! whatever threads made them. All that is slow (checksums, files) happens outside the lock, on
//! the thread that takes the blocks away.

use super::Error;
use super::block::{Block, Kind};
use super::builder::WhenFull;
use super::clock::{Clock, Stopwatch};
use super::file::Written;
use super::hand_over::{Slot, Unmade};
use super::stats::Stats;
use super::sync::{Condvar, Mutex, MutexGuard};
use crate::summary::WallTime;
use crate::wire::event::{self, MAX_HEAD, Payload, Stamp};
use crate::wire::record::{FOOTER, HEADER};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// A block that is full is taken away at this size.
const BLOCK: usize = 128 << 10;
/// A run's first block, so that many quiet runs take little memory.
const FIRST_BLOCK: usize = 1 << 10;
/// An event larger than this gets a block of its own.
const LARGE: usize = 16 << 10;
/// So many full blocks wake the thread before its time.
const BATCH: usize = 4;
/// So many bytes are taken away at a time, so that room is given back while there is more.
const TURN: usize = 1 << 20;
/// After a failure the next attempt comes so much later at least.
const RETRY: Duration = Duration::from_millis(100);
/// So often a run is tried once the writer is closed: a second time, because that is in a new file.
const LAST_ATTEMPTS: u32 = 2;
/// How many events may wait to be made: what they are made from may hold more than memory.
const MOST_RESERVED: usize = 1024;
/// How many empty blocks are kept for reuse.
const SPARE: usize = 8;

/// Which run an event belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RunId(usize);

/// What the queue must keep to.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) flush_interval: Duration,
    /// Bytes that small events may take, and those that large ones may.
    pub(super) small: usize,
    pub(super) large: usize,
    pub(super) when_full: WhenFull,
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Tells the thread that writes that there is something to do.
    work: Condvar,
    /// Tells those who wait for room or for a flush that something was done.
    done: Condvar,
    limits: Limits,
    clock: Clock,
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
    /// Runs that nobody refers to any more, while what they logged is not yet written.
    leaving: HashMap<Arc<Path>, RunId>,
    /// The runs with blocks, with drops to tell of, or with a file to close.
    dirty: BTreeSet<RunId>,
    /// Those whose next event is still to be made: what lies behind it waits too.
    held_up: BTreeSet<RunId>,
    /// When the oldest event that waits was logged.
    oldest: Option<Instant>,
    /// The run that is served first.
    next_turn: RunId,
    full_blocks: usize,
    small_held: usize,
    large_held: usize,
    /// Events that are still to be made.
    reserved: usize,
    spare: Vec<Vec<u8>>,
    /// What is counted as it happens; [`State::stats`] adds what follows from `accepted`.
    stats: Stats,
    /// Events that got past the door, but never into a file.
    given_up: u64,
    /// All events before this number are in a file, or given up.
    settled: u64,
    /// Up to which number somebody waits for.
    wanted: u64,
    /// When to try again after a failure.
    retry: Option<Instant>,
    /// Failed attempts so far.
    failures: u64,
    /// The first failure that nobody has been told yet, and the drops.
    error: Option<Error>,
    untold_drops: u64,
    /// A wait for room ran out: until there is room again nobody else waits.
    stalled: bool,
    told_full: bool,
    told_closed: bool,
    told_unmade: bool,
    ended: bool,
}

#[derive(Debug)]
struct Run {
    dir: Arc<Path>,
    blocks: VecDeque<Block>,
    dropped: u64,
    last_step: i64,
    closed: bool,
    forgotten: bool,
    /// Attempts that failed since the writer was closed.
    last_failures: u32,
}

/// What the thread that writes takes away for one run.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) run: RunId,
    pub(super) dir: Arc<Path>,
    pub(super) blocks: VecDeque<Block>,
    /// Events that this run lost since a note of it was written.
    pub(super) dropped: u64,
    pub(super) last_step: i64,
    /// The run's file is closed once this is written.
    pub(super) close: bool,
    forgotten: bool,
}

/// What became of a [`Task`].
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) task: Task,
    pub(super) done: Vec<Block>,
    pub(super) written: Written,
    pub(super) error: Option<Error>,
}

/// What is left of `limit` since `begun`; `None` when it has run out.
fn remaining(limit: Duration, begun: Instant) -> Option<Duration> {
    limit.checked_sub(begun.elapsed()).filter(|left| !left.is_zero())
}

impl Queue {
    pub(super) fn new(limits: Limits, clock: Clock) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::default(),
            done: Condvar::default(),
            limits,
            clock,
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn open_run(&self, dir: Arc<Path>) -> RunId {
        let mut state = self.state.lock();
        // What was logged before must stay before what comes now: the run comes back.
        if let Some(id) = state.leaving.remove(&dir) {
            let run = &mut state.runs[id.0];
            run.closed = false;
            run.forgotten = false;
            return id;
        }
        let run = Run {
            dir,
            blocks: VecDeque::new(),
            dropped: 0,
            last_step: 0,
            closed: false,
            forgotten: false,
            last_failures: 0,
        };
        match state.free.pop() {
            Some(id) => {
                state.runs[id.0] = run;
                id
            }
            None => {
                state.runs.push(run);
                RunId(state.runs.len() - 1)
            }
        }
    }

    /// Takes no more events for this run and closes its file when all is written.
    pub(super) fn close_run(&self, run: RunId) {
        let state = self.state.lock();
        self.leave(state, run);
    }

    /// The same; nothing refers to the run any more, so that its place is used again by others.
    pub(super) fn forget_run(&self, run: RunId) {
        let mut state = self.state.lock();
        state.runs[run.0].forgotten = true;
        // One that was closed before stays closed: somebody may have opened it anew.
        if !state.runs[run.0].closed && !state.ended {
            let dir = state.runs[run.0].dir.clone();
            state.leaving.insert(dir, run);
        }
        self.leave(state, run);
    }

    fn leave(&self, mut state: MutexGuard<'_, State>, run: RunId) {
        if state.ended {
            return;
        }
        state.runs[run.0].closed = true;
        state.dirty.insert(run);
        state.oldest.get_or_insert_with(Instant::now);
        self.work.notify_one();
    }

    /// A small event whose data `write` appends: at most `size` bytes.
    #[inline]
    pub(super) fn push_small(
        &self,
        run: RunId,
        step: i64,
        size: usize,
        write: impl FnOnce(&mut Vec<u8>, Stamp),
    ) {
        let size = HEADER + MAX_HEAD + size + FOOTER;
        let mut state = self.state.lock();
        let wall_time = self.clock.often(&mut state.stopwatch);
        let ready = !state.closing
            && !state.runs[run.0].closed
            && state.runs[run.0].blocks.back().is_some_and(|block| block.room() >= size);
        if !ready {
            match self.make_room(state, run, size) {
                Some(with_room) => state = with_room,
                None => return,
            }
        }
        // There is one: it was found or made above.
        if let Some(block) = state.runs[run.0].blocks.back_mut() {
            block.push(step, |out| write(out, Stamp { wall_time, step }));
            state.accepted += 1;
        }
    }

    /// An event of any size. `body` is its payload's bytes.
    pub(super) fn push(
        &self,
        run: RunId,
        wall_time: Option<WallTime>,
        step: i64,
        payload: Payload,
        body: &[u8],
    ) {
        let write = |out: &mut Vec<u8>, mut stamp: Stamp| {
            if let Some(wall_time) = wall_time {
                stamp.wall_time = wall_time.as_secs();
            }
            event::put_event(out, stamp, payload, body);
        };
        if body.len() <= LARGE {
            return self.push_small(run, step, body.len(), write);
        }
        // Copied before the lock is taken.
        let wall_time = self.clock.now().as_secs();
        let size = HEADER + MAX_HEAD + body.len() + FOOTER;
        let mut block = Block::new(Vec::with_capacity(size), Kind::Large);
        block.push(step, |out| write(out, Stamp { wall_time, step }));
        self.push_large(run, block);
    }

    fn push_large(&self, run: RunId, block: Block) {
        let held = block.held();
        let state = self.state.lock();
        if state.closing || state.runs[run.0].closed {
            return self.drop_closed(state);
        }
        let fits = |state: &State| state.large_held + held <= self.limits.large;
        let Some(mut state) = self.wait_for_room(state, run, held <= self.limits.large, fits)
        else {
            return;
        };
        state.large_held += held;
        self.begin_block(&mut state, run, block);
        state.accepted += 1;
        self.hurry_if_large(&mut state);
    }

    /// Has large events written before their time if they take much of their room.
    fn hurry_if_large(&self, state: &mut State) {
        if state.large_held > self.limits.large / 4 {
            state.full_blocks = BATCH;
            self.work.notify_one();
        }
    }

    /// Whether something that holds so many bytes can ever be handed over.
    pub(super) fn can_reserve(&self, held: usize) -> bool {
        held <= self.limits.large
    }

    /// Keeps a place in the run for an event that is logged now and made later, from something
    /// that holds so many bytes; `None` if the event is dropped instead.
    pub(super) fn reserve(&self, run: RunId, step: i64, held: usize) -> Option<Slot> {
        let mut state = self.state.lock();
        if state.closing || state.runs[run.0].closed {
            self.drop_closed(state);
            return None;
        }
        let wall_time = self.clock.often(&mut state.stopwatch);
        let fits = |state: &State| {
            state.large_held + held <= self.limits.large && state.reserved < MOST_RESERVED
        };
        let mut state = self.wait_for_room(state, run, self.can_reserve(held), fits)?;
        state.large_held += held;
        state.reserved += 1;
        let slot = Slot::new(run, state.accepted, Stamp { wall_time, step });
        self.begin_block(&mut state, run, Block::reserved(held, step));
        state.accepted += 1;
        Some(slot)
    }

    /// Puts an event into its place. The place is given up if the event could not be made, or is
    /// larger than the room there is.
    pub(super) fn fill(&self, slot: Slot, tag: &str, made: Result<Block, Unmade>) {
        let mut state = self.state.lock();
        let run = &mut state.runs[slot.run().0];
        // The run itself may have been given up meanwhile.
        let Ok(at) = run.blocks.binary_search_by_key(&slot.number(), Block::first) else {
            return;
        };
        let held = run.blocks[at].held();
        state.reserved -= 1;
        state.large_held -= held;
        let room = self.limits.large - state.large_held;
        let made = made.and_then(|block| {
            if block.held() <= room { Ok(block) } else { Err(Unmade::TooLarge) }
        });
        let mut unmade = None;
        match made {
            Ok(block) => {
                state.large_held += block.held();
                state.runs[slot.run().0].blocks[at] = block.numbered(slot.number());
            }
            Err(reason) => {
                state.runs[slot.run().0].blocks.remove(at);
                state.runs[slot.run().0].dropped += 1;
                state.given_up += 1;
                state.count_drop();
                // Somebody may wait for it.
                state.full_blocks = BATCH;
                unmade = (!std::mem::replace(&mut state.told_unmade, true)).then_some(reason);
            }
        }
        if at == 0 && state.held_up.remove(&slot.run()) {
            state.dirty.insert(slot.run());
            // What lies behind it has waited as long as itself.
            state.oldest = Some(state.oldest.map_or(slot.since(), |old| old.min(slot.since())));
        }
        self.hurry_if_large(&mut state);
        self.work.notify_one();
        self.done.notify_all();
        drop(state);
        if let Some(reason) = unmade {
            log::error!("{tag:?} was handed over and {reason}: it is dropped");
        }
    }

    /// Sees to it that the run's last block has room for `size` bytes; `None` if the event is
    /// dropped instead.
    #[cold]
    fn make_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        run: RunId,
        size: usize,
    ) -> Option<MutexGuard<'a, State>> {
        if state.closing || state.runs[run.0].closed {
            self.drop_closed(state);
            return None;
        }
        // The run's last block may grow as long as it is small.
        let growing = state.runs[run.0].blocks.back().filter(|block| block.is_small() && block.held() < BLOCK);
        let growth = growing.and_then(|block| {
            let needed = block.held() - block.room() + size;
            let capacity = (block.held() * 2).clamp(needed, BLOCK.max(needed));
            (capacity <= BLOCK).then_some((block.held(), capacity))
        });
        let grows = growth.is_some();
        let (old, capacity) = growth.unwrap_or_else(|| (0, self.next_block(&state, run, size)));
        let extra = capacity - old;
        let fits = |state: &State| state.small_held + extra <= self.limits.small;
        if !fits(&state) {
            state = self.wait_for_room(state, run, extra <= self.limits.small, fits)?;
            // Others went on meanwhile: what there is to do may have changed.
            let block = state.runs[run.0].blocks.back();
            if block.is_some_and(|block| block.room() >= size) {
                return Some(state);
            }
            return self.make_room(state, run, size);
        }
        state.small_held += extra;
        if grows {
            if let Some(block) = state.runs[run.0].blocks.back_mut() {
                block.grow_to(capacity);
                // The allocator may have given more than was asked for.
                let held = block.held();
                state.small_held += held - capacity;
            }
            return Some(state);
        }
        let spare = if capacity == BLOCK { state.spare.pop() } else { None };
        let bytes = spare.unwrap_or_else(|| Vec::with_capacity(capacity));
        state.small_held += bytes.capacity() - capacity;
        let block = Block::new(bytes, Kind::Small);
        let waits = !state.runs[run.0].blocks.is_empty();
        self.begin_block(&mut state, run, block);
        if waits {
            state.full_blocks += 1;
            if state.full_blocks == BATCH {
                self.work.notify_one();
            }
        }
        Some(state)
    }

    /// How large a new block for an event of `size` bytes should be. Behind one that is not small
    /// it begins small again: where every second event is large, it will not be filled.
    fn next_block(&self, state: &State, run: RunId, size: usize) -> usize {
        let busy = (state.full_blocks > 0 || !state.spare.is_empty())
            && state.runs[run.0].blocks.back().is_none_or(Block::is_small);
        if busy && self.limits.small >= 2 * BLOCK { size.max(BLOCK) } else { size.max(FIRST_BLOCK) }
    }

    fn begin_block(&self, state: &mut State, run: RunId, block: Block) {
        let block = block.numbered(state.accepted);
        state.runs[run.0].blocks.push_back(block);
        state.dirty.insert(run);
        if state.oldest.is_none() {
            state.oldest = Some(Instant::now());
            self.work.notify_one();
        }
    }

    /// Waits, as long as the policy allows, until `fits` holds; otherwise counts a drop.
    fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        run: RunId,
        possible: bool,
        fits: impl Fn(&State) -> bool,
    ) -> Option<MutexGuard<'a, State>> {
        if let WhenFull::Wait(limit) = self.limits.when_full {
            let begun = Instant::now();
            while possible && !fits(&state) && !state.stalled && !state.closing {
                state.full_blocks = BATCH;
                self.work.notify_one();
                let Some(left) = remaining(limit, begun) else {
                    state.stalled = true;
                    break;
                };
                state = self.done.wait_timeout(state, left);
            }
        }
        if state.closing || state.runs[run.0].closed {
            self.drop_closed(state);
            return None;
        }
        if fits(&state) {
            return Some(state);
        }
        let told = std::mem::replace(&mut state.told_full, true);
        state.count_drop();
        // The run will carry a note of it.
        state.runs[run.0].dropped += 1;
        state.dirty.insert(run);
        state.oldest.get_or_insert_with(Instant::now);
        drop(state);
        if !told {
            log::error!(
                "{}: events are dropped",
                if possible {
                    "the buffer for TensorBoard's events is full"
                } else {
                    "an event is larger than the buffer; `buffer_bytes` sets its size"
                }
            );
        }
        None
    }

    fn drop_closed(&self, mut state: MutexGuard<'_, State>) {
        let told = std::mem::replace(&mut state.told_closed, true);
        state.count_drop();
        drop(state);
        if !told {
            log::warn!("an event was logged after its writer was closed: it is dropped");
        }
    }

    pub(super) fn count_non_finite(&self) -> u64 {
        let mut state = self.state.lock();
        state.stats.non_finite += 1;
        state.stats.non_finite
    }

    pub(super) fn stats(&self) -> Stats {
        self.state.lock().stats()
    }

    /// Waits until all that was accepted before is in a file.
    pub(super) fn flush(&self, timeout: Duration) -> Result<(), Error> {
        let state = self.state.lock();
        self.wait_settled(state, timeout)
    }

    /// The same, and takes no more events.
    pub(super) fn close(&self, timeout: Duration) -> Result<(), Error> {
        let mut state = self.state.lock();
        state.closing = true;
        let begun = Instant::now();
        self.work.notify_one();
        self.done.notify_all();
        while !state.ended {
            let Some(left) = remaining(timeout, begun) else {
                return Err(Error::Timeout { pending: state.pending(), waited: timeout });
            };
            state = self.done.wait_timeout(state, left);
        }
        state.report()
    }

    fn wait_settled(
        &self,
        mut state: MutexGuard<'_, State>,
        timeout: Duration,
    ) -> Result<(), Error> {
        let target = state.accepted;
        let failures = state.failures;
        let begun = Instant::now();
        state.wanted = state.wanted.max(target);
        if state.settled < target {
            self.work.notify_one();
        }
        while state.settled < target && state.failures == failures && !state.ended {
            let Some(left) = remaining(timeout, begun) else {
                return Err(Error::Timeout { pending: state.pending(), waited: timeout });
            };
            state = self.done.wait_timeout(state, left);
        }
        state.report()
    }

    /// Waits until there is something to write and it is due, and takes it away. `None` ends the
    /// thread.
    pub(super) fn take(&self) -> Option<Vec<Task>> {
        let mut state = self.state.lock();
        loop {
            if state.ended {
                return None;
            }
            let now = Instant::now();
            let wanted = state.first_of(&state.dirty).is_some_and(|first| first < state.wanted);
            let ending = state.closing && (!state.dirty.is_empty() || state.held_up.is_empty());
            let asked = wanted || ending;
            let due = match (state.retry, state.oldest) {
                // After a failure more events are no reason to try again sooner.
                (Some(retry), _) => Some(retry),
                (None, Some(_)) if state.full_blocks >= BATCH => Some(now),
                // A little early, so that the events are in the file in time.
                (None, Some(oldest)) => Some(oldest + self.limits.flush_interval * 7 / 8),
                (None, None) => None,
            };
            if asked || due.is_some_and(|due| due <= now) {
                break;
            }
            state = match due {
                Some(due) => self.work.wait_timeout(state, due - now),
                None => self.work.wait(state),
            };
        }
        state.oldest = None;
        state.retry = None;
        state.full_blocks = 0;
        // Goes on where the last turn ended, so that a busy run does not keep others waiting.
        let last_turn = state.next_turn;
        let after = state.dirty.split_off(&last_turn);
        let before = std::mem::take(&mut state.dirty);
        let mut room = TURN;
        let mut tasks = Vec::new();
        for id in after.into_iter().chain(before) {
            if room == 0 {
                state.put_off(id);
                continue;
            }
            state.next_turn = RunId(id.0 + 1);
            let run = &mut state.runs[id.0];
            let mut blocks = VecDeque::new();
            let held_up = |run: &Run| run.blocks.front().is_some_and(Block::is_reserved);
            while room > 0 && !held_up(run) {
                let Some(block) = run.blocks.pop_front() else { break };
                room = room.saturating_sub(block.held());
                blocks.push_back(block);
            }
            let held_up = held_up(run);
            if let Some(last) = blocks.back() {
                run.last_step = last.last_step();
            }
            let all = run.blocks.is_empty();
            tasks.push(Task {
                run: id,
                dir: run.dir.clone(),
                blocks,
                dropped: if all { std::mem::take(&mut run.dropped) } else { 0 },
                last_step: run.last_step,
                close: all && run.closed,
                forgotten: all && run.forgotten,
            });
            if held_up {
                state.held_up.insert(id);
            } else if !all {
                state.put_off(id);
            }
        }
        Some(tasks)
    }

    /// Takes back what [`take`](Self::take) gave, with what became of it.
    pub(super) fn give_back(&self, outcomes: Vec<Outcome>) {
        let mut state = self.state.lock();
        let closing = state.closing;
        let mut failed = None;
        for outcome in outcomes {
            let Outcome { task, done, written, error } = outcome;
            state.stats.written += written.events;
            state.stats.bytes_written += written.bytes;
            if written.events > 0 {
                state.stats.last_write = Some(SystemTime::now());
            }
            for block in done {
                state.release(block);
            }
            let run = &mut state.runs[task.run.0];
            run.dropped += task.dropped;
            // It may have come back, or left again, while its blocks were written.
            let gone = task.forgotten && run.forgotten;
            let unfinished = !task.blocks.is_empty() || run.dropped > 0;
            // What could not be written goes before what came since.
            for block in task.blocks.into_iter().rev() {
                run.blocks.push_front(block);
            }
            run.last_failures += u32::from(closing && error.is_some());
            if run.last_failures >= LAST_ATTEMPTS {
                state.give_up(task.run);
            } else if unfinished {
                state.dirty.insert(task.run);
            } else if gone && !state.dirty.contains(&task.run) {
                if state.leaving.get(&task.dir) == Some(&task.run) {
                    state.leaving.remove(&task.dir);
                }
                state.free.push(task.run);
            }
            failed = failed.or(error);
        }
        match failed {
            None => {
                state.stalled = false;
                state.told_full = false;
            }
            Some(error) => {
                // Those who wait for a flush are told; the next attempt has its own time.
                state.wanted = 0;
                state.failures += 1;
                state.retry = Some(Instant::now() + self.limits.flush_interval.max(RETRY));
                state.error.get_or_insert(error);
            }
        }
        if state.closing && state.dirty.is_empty() && state.held_up.is_empty() {
            state.ended = true;
        }
        if !state.dirty.is_empty() && state.oldest.is_none() {
            state.oldest = Some(Instant::now());
        }
        let unsettled = [&state.dirty, &state.held_up].map(|runs| state.first_of(runs));
        state.settled = unsettled.into_iter().flatten().min().unwrap_or(state.accepted);
        self.done.notify_all();
    }
}

impl State {
    /// Leaves a run for the next turn, at once.
    fn put_off(&mut self, run: RunId) {
        self.dirty.insert(run);
        self.full_blocks = BATCH;
    }

    /// The number of the first event that waits in these runs.
    fn first_of(&self, runs: &BTreeSet<RunId>) -> Option<u64> {
        runs.iter().filter_map(|run| Some(self.runs[run.0].blocks.front()?.first())).min()
    }

    fn pending(&self) -> u64 {
        self.accepted - self.stats.written - self.given_up
    }

    fn stats(&self) -> Stats {
        let sent = self.accepted + self.stats.dropped - self.given_up;
        Stats { sent, pending: self.pending(), ..self.stats }
    }

    fn count_drop(&mut self) {
        self.stats.dropped += 1;
        self.untold_drops += 1;
    }

    fn release(&mut self, block: Block) {
        if !block.is_small() {
            self.large_held -= block.held();
            self.reserved -= usize::from(block.is_reserved());
            return;
        }
        self.small_held -= block.held();
        if block.held() == BLOCK && self.spare.len() < SPARE {
            let mut bytes = block.into_bytes();
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Gives up what a run's last attempt left.
    fn give_up(&mut self, run: RunId) {
        self.dirty.remove(&run);
        self.held_up.remove(&run);
        for block in std::mem::take(&mut self.runs[run.0].blocks) {
            self.stats.dropped += block.events();
            self.given_up += block.events();
            self.untold_drops += block.events();
            self.release(block);
        }
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
