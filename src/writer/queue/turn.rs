//! A turn of the thread that writes: what it takes away, and what it gives back.

use super::{BATCH, Queue, Run, RunId, SPARE, State};
use crate::writer::Error;
use crate::writer::block::Block;
use crate::writer::file::Written;
use crate::writer::policy::Durability;
use crate::writer::sync::now;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// So many bytes are taken away at a time, so that room is given back while there is more.
const TURN: usize = 1 << 20;
/// After a failure a run is tried again so much later at least.
const RETRY: Duration = Duration::from_millis(100);
/// So often a run is tried once the writer is closed: a second time, because that is in a new file.
const LAST_ATTEMPTS: u32 = 2;

/// What the thread that writes takes away.
#[derive(Debug)]
pub(in crate::writer) struct Turn {
    pub(in crate::writer) tasks: Vec<Task>,
    /// All files are to be synced when the tasks are done.
    pub(in crate::writer) sync: bool,
    /// And closed: nothing comes after these, unless they fail.
    pub(in crate::writer) last: bool,
    /// Empty blocks that are not needed any more, to be freed outside the lock.
    _unneeded: Vec<Vec<u8>>,
}

/// What the thread that writes takes away for one run.
#[derive(Debug)]
pub(in crate::writer) struct Task {
    pub(in crate::writer) run: RunId,
    pub(in crate::writer) dir: Arc<Path>,
    pub(in crate::writer) blocks: VecDeque<Block>,
    /// Events that this run lost since a note of it was written.
    pub(in crate::writer) dropped: u64,
    pub(in crate::writer) last_step: i64,
    /// The run's file is closed once this is written.
    pub(in crate::writer) close: bool,
    /// Nobody refers to the run any more.
    forgotten: bool,
}

/// What became of a [`Task`].
#[derive(Debug)]
pub(in crate::writer) struct Outcome {
    pub(in crate::writer) task: Task,
    pub(in crate::writer) done: Vec<Block>,
    pub(in crate::writer) written: Written,
    pub(in crate::writer) error: Option<Error>,
}

impl Queue {
    /// Waits until there is something to write and it is due, and takes it away. `None` ends the
    /// thread.
    pub(in crate::writer) fn take(&self) -> Option<Turn> {
        let mut state = self.state.lock();
        loop {
            if state.ended {
                return None;
            }
            let now = now();
            let asked = self.is_asked(&state);
            let due = self.due(&state, now);
            if asked || due.is_some_and(|due| due <= now) {
                let turn = self.collect(&mut state, now, asked);
                if asked || turn.sync || !turn.tasks.is_empty() {
                    return Some(turn);
                }
                // All that there is fails, and is not to be tried again yet.
                continue;
            }
            state = match due {
                Some(due) => self.work.wait_timeout(state, due - now),
                None => self.work.wait(state),
            };
        }
    }

    /// Whether somebody waits for something that can be done now: not for an event that is still
    /// to be made, and what lies behind it.
    fn is_asked(&self, state: &State) -> bool {
        let write = state.first_of(&state.dirty).is_some_and(|first| first < state.wanted);
        let sync = self.safe(state) < state.wanted.min(state.settled);
        let end = state.closing && (!state.dirty.is_empty() || state.held_up.is_empty());
        write || sync || end
    }

    /// When there is something to do, if nobody asks for it sooner.
    fn due(&self, state: &State, now: Instant) -> Option<Instant> {
        // A little early, so that the events are in the file in time.
        let interval = self.limits.flush_interval * 7 / 8;
        let written = state
            .oldest
            .map(|oldest| if state.full_blocks >= BATCH { now } else { oldest + interval });
        let synced =
            state.unsynced.filter(|_| self.limits.durability == Durability::SyncOnInterval);
        let synced = synced.map(|since| since + interval);
        // After a failure more events are no reason to try again sooner.
        let retried = state.failing.iter().filter_map(|run| state.runs[run.0].retry).min();
        written.into_iter().chain(synced).chain(retried).min()
    }

    fn collect(&self, state: &mut State, now: Instant, asked: bool) -> Turn {
        let sync = match self.limits.durability {
            Durability::Os => false,
            Durability::SyncOnFlush => asked,
            Durability::SyncOnInterval => {
                let interval = self.limits.flush_interval * 7 / 8;
                asked
                    || (state.oldest.is_some() && state.full_blocks < BATCH)
                    || state.unsynced.is_some_and(|since| since + interval <= now)
            }
        };
        // Nobody logs without pause: a few will do.
        let idle = state.full_blocks < BATCH && state.spare.len() > SPARE;
        let _unneeded = if idle { state.spare.split_off(SPARE) } else { Vec::new() };
        state.oldest = None;
        state.full_blocks = 0;
        // Goes on where the last turn ended, so that a busy run does not keep others waiting.
        let next_turn = state.next_turn;
        let runs = state.dirty.take_from(next_turn);
        let mut room = TURN;
        let mut tasks = Vec::new();
        for id in runs {
            if !asked && state.runs[id.0].retry.is_some_and(|retry| retry > now) {
                state.dirty.insert(id);
                continue;
            }
            if room == 0 {
                state.put_off(id);
                continue;
            }
            state.next_turn = RunId(id.0 + 1);
            let run = &mut state.runs[id.0];
            let mut blocks = VecDeque::new();
            let mut taken = 0;
            let held_up = |run: &Run| run.blocks.front().is_some_and(Block::is_reserved);
            while room > 0 && !held_up(run) {
                let Some(block) = run.blocks.pop_front() else { break };
                room = room.saturating_sub(block.held());
                taken += block.unwritten();
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
                close: all && run.leaves,
                forgotten: all && run.keys == 0,
            });
            state.taken += taken;
            if held_up {
                state.held_up.insert(id);
            } else {
                // What held it up may have been made while what lay before failed.
                state.held_up.remove(id);
                if !all {
                    state.put_off(id);
                }
            }
        }
        let last = state.closing && state.dirty.is_empty() && state.held_up.is_empty();
        state.last = last;
        Turn { tasks, sync, last, _unneeded }
    }

    /// Takes back what [`take`](Self::take) gave, with what became of it.
    pub(in crate::writer) fn give_back(
        &self,
        outcomes: Vec<Outcome>,
        synced: Option<Result<(), Error>>,
    ) {
        let mut state = self.state.lock();
        let closing = state.closing;
        let now = now();
        let mut failed = None;
        let mut wrote = false;
        // Freed when the lock is free again: the system may take its time.
        let mut unneeded = Vec::new();
        state.taken = 0;
        for outcome in outcomes {
            let Outcome { task, done, written, error } = outcome;
            state.stats.written += written.events;
            state.stats.bytes_written += written.bytes;
            wrote |= written.events > 0;
            unneeded.extend(done.into_iter().filter_map(|block| state.release(task.run, block)));
            let run = &mut state.runs[task.run.0];
            run.dropped += task.dropped;
            // It may have come back, or left again, while its blocks were written.
            let gone = task.forgotten && run.keys == 0;
            let unfinished = !task.blocks.is_empty() || run.dropped > 0;
            // What could not be written goes before what came since.
            for block in task.blocks.into_iter().rev() {
                run.blocks.push_front(block);
            }
            run.last_failures += u32::from(closing && error.is_some());
            let last = run.last_failures >= LAST_ATTEMPTS;
            // A run whose file could not be closed has nothing left to try.
            if error.is_some() && unfinished && !last {
                state.fails(task.run, now + self.limits.flush_interval.max(RETRY));
            } else {
                state.recovers(task.run);
            }
            if last {
                state.give_up(task.run);
            } else if unfinished {
                state.dirty.insert(task.run);
            } else if gone && !state.dirty.contains(task.run) {
                state.places.remove(&task.dir);
                state.free.push(task.run);
            }
            failed = failed.or(error);
        }
        if wrote {
            state.stats.last_write = Some(SystemTime::now());
        }
        let unsettled = [&state.dirty, &state.held_up].map(|runs| state.first_of(runs));
        state.settled = unsettled.into_iter().flatten().min().unwrap_or(state.accepted);
        match synced {
            // After a failure too: it is told, and a second attempt would prove nothing.
            Some(result) => {
                state.synced = state.settled;
                state.unsynced = None;
                failed = failed.or(result.err());
            }
            None if wrote => _ = state.unsynced.get_or_insert(now),
            None => {}
        }
        if let Some(error) = failed {
            // Those who wait for a flush are told; the next attempt has its own time.
            state.wanted = 0;
            state.failures += 1;
            state.stats.error = Some(error.to_string());
            state.failure = error.again();
            state.error.get_or_insert(error);
        } else if state.failing.is_empty() {
            state.told_full = false;
            state.stats.error = None;
        }
        if state.last && state.dirty.is_empty() && state.held_up.is_empty() {
            state.ended = true;
        }
        if !state.dirty.is_empty() && state.oldest.is_none() {
            state.oldest = Some(now);
        }
        self.done.notify_all();
        drop(state);
        drop(unneeded);
    }
}

impl State {
    /// Leaves a run for the next turn, at once.
    fn put_off(&mut self, run: RunId) {
        self.dirty.insert(run);
        self.oldest.get_or_insert_with(now);
        self.full_blocks = BATCH;
    }

    fn fails(&mut self, run: RunId, retry: Instant) {
        if self.runs[run.0].retry.replace(retry).is_none() {
            self.failing.insert(run);
            self.held_by_failing.small += self.runs[run.0].held.small;
            self.held_by_failing.large += self.runs[run.0].held.large;
        }
    }

    fn recovers(&mut self, run: RunId) {
        if self.runs[run.0].retry.take().is_some() {
            self.failing.remove(run);
            self.held_by_failing.small -= self.runs[run.0].held.small;
            self.held_by_failing.large -= self.runs[run.0].held.large;
        }
    }

    /// Gives up what a run's last attempt left.
    fn give_up(&mut self, run: RunId) {
        self.dirty.remove(run);
        self.held_up.remove(run);
        for block in std::mem::take(&mut self.runs[run.0].blocks) {
            self.stats.drops.write_failed += block.events();
            self.given_up += block.events();
            self.count_dropped(block.events(), block.unwritten());
            self.release(run, block);
        }
    }
}
