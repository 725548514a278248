//! Batches of blocks, which the thread that writes takes from the buffer and returns with their
//! outcomes.

use super::block::Block;
use super::buffer::{Buffer, Memory, State, URGENT, WAKE_BLOCKS};
use super::event_file::Written;
use super::policy::Durability;
use super::runs::{Run, RunEnd, RunSlot};
use super::sync::now;
use crate::storage::{Failed, Pace};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The maximum time that the thread waits at a time for whole batches.
const MAX_NAP: Duration = Duration::from_secs(1);
/// How many empty blocks are kept when no thread logs without pause.
pub(super) const SPARE_BLOCKS: usize = 8;
/// The minimum time between a failed attempt to write a run and the next one.
const RETRY: Duration = Duration::from_millis(100);
/// The number of attempts to write a run after the writer was closed. The second one uses a new file.
const FINAL_ATTEMPTS: u32 = 2;

/// The blocks that the thread that writes takes at a time.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) tasks: Vec<Task>,
    /// Whether all files are synced after the tasks.
    pub(super) sync: bool,
    /// Whether files that have reached their maximum age are closed after the tasks.
    pub(super) close_old: bool,
    /// Whether all files are closed after the tasks: nothing follows these tasks, unless they fail.
    pub(super) last: bool,
    /// Empty blocks that are not needed any more, to be freed outside the lock.
    _unneeded: Vec<Vec<u8>>,
}

/// The part of a batch for one run.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) run: RunSlot,
    pub(super) dir: Arc<Path>,
    pub(super) blocks: VecDeque<Block>,
    /// Events that this run lost since a note of them was written.
    pub(super) dropped: u64,
    pub(super) last_step: i64,
    /// The number of an event from which steps may begin anew.
    pub(super) restart: Option<u64>,
    /// Whether the run's file is closed after the blocks are written.
    pub(super) close: bool,
    /// The end mark of the file when it is closed.
    pub(super) end: RunEnd,
    /// Whether the run has no handles.
    released: bool,
}

/// The outcome of a [`Task`]. The blocks that are left in it are not written.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) task: Task,
    /// Whether any event was written.
    pub(super) wrote: bool,
    /// The events of the first block that is left in the task which were written all the same.
    pub(super) written: Written,
    pub(super) error: Option<Failed>,
    /// Whether the last append has no outcome, so that the next one begins with the same blocks.
    pub(super) in_doubt: bool,
}

/// Why a batch is collected.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trigger {
    /// It is due.
    Due,
    /// A caller waits for it.
    Requested,
}

impl Buffer {
    /// Sets when and in which amounts batches are taken.
    pub(crate) fn with_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Keeps a failure for the next caller of `flush`.
    pub(super) fn keep_failure(&self, failed: Failed) {
        self.state.lock().failures.unreported.get_or_insert(failed);
    }

    /// Sets when the first open file reaches its maximum age.
    pub(super) fn set_first_old(&self, first_old: Option<Instant>) {
        self.state.lock().schedule.first_old = first_old;
    }

    /// Waits until there are blocks to write that are due, and takes them. Returns `None` when the
    /// buffer has ended.
    pub(super) fn next_batch(&self) -> Option<Batch> {
        let mut state = self.state.lock();
        loop {
            if state.lifecycle.ended {
                return None;
            }
            let now = now();
            let due = self.due(&state, now);
            let trigger = if self.is_requested(&state) {
                Some(Trigger::Requested)
            } else {
                due.filter(|due| *due <= now).map(|_| Trigger::Due)
            };
            if let Some(trigger) = trigger {
                let batch = self.collect(&mut state, now, trigger);
                if trigger == Trigger::Requested
                    || batch.sync
                    || batch.close_old
                    || !batch.tasks.is_empty()
                {
                    return Some(batch);
                }
                // All runs with blocks failed, and their next attempts are not due.
                continue;
            }
            state = match due {
                Some(due) => self.work.wait_timeout(state, self.nap(due - now)),
                None => self.work.wait(state),
            };
        }
    }

    /// Returns whether a caller waits for events that can be written or synced now: not for a
    /// reservation and the events behind it.
    fn is_requested(&self, state: &State) -> bool {
        let requested = state.progress.requested;
        let write = state.first_of(&state.schedule.dirty).is_some_and(|first| first < requested);
        let sync = self.acknowledged(state) < requested.min(state.progress.settled);
        let end = state.closing
            && (!state.schedule.dirty.is_empty() || state.schedule.blocked.is_empty());
        write || sync || end
    }

    /// Returns when the next batch is due, unless a caller requests one sooner. This is where the
    /// flush interval is applied.
    fn due(&self, state: &State, now: Instant) -> Option<Instant> {
        let interval = self.interval();
        let full = self.is_full(state);
        let written = state.schedule.oldest.map(|old| if full { now } else { old + interval });
        let synced = match self.limits.durability {
            Durability::SyncOnInterval => state.schedule.unsynced.map(|since| since + interval),
            Durability::Os | Durability::SyncOnFlush => None,
        };
        // After a failure, more events do not make the next attempt due sooner.
        let retried = state.failures.runs.iter().filter_map(|run| state.runs[run.0].retry).min();
        let old = state.schedule.first_old;
        written.into_iter().chain(synced).chain(retried).chain(old).min()
    }

    /// The flush interval, shortened a little so that events are in the file in time.
    fn interval(&self) -> Duration {
        if self.pace.whole_batches {
            self.pace.interval_at(now().saturating_duration_since(self.created))
        } else {
            self.limits.flush_interval * 7 / 8
        }
    }

    /// Returns whether there is so much to write that it is due before the flush interval has passed.
    pub(super) fn is_full(&self, state: &State) -> bool {
        if !self.pace.whole_batches {
            return state.schedule.full_blocks >= WAKE_BLOCKS;
        }
        let Memory { usage, failing_usage: failing, .. } = &state.memory;
        state.schedule.full_blocks >= URGENT
            || usage.small - failing.small >= self.pace.wake_bytes
            || usage.large - failing.large > self.limits.large / 4
    }

    /// Returns how long the thread waits at most. Calls wake it for a few full blocks, not for the
    /// larger amounts that whole batches wait for, so it looks itself.
    fn nap(&self, wait: Duration) -> Duration {
        if self.pace.whole_batches { wait.min(MAX_NAP) } else { wait }
    }

    fn collect(&self, state: &mut State, now: Instant, trigger: Trigger) -> Batch {
        let sync = self.syncs(state, now, trigger);
        // When no thread logs without pause, a few spare blocks are enough.
        let spare = &mut state.memory.spare;
        let idle = state.schedule.full_blocks < WAKE_BLOCKS && spare.len() > SPARE_BLOCKS;
        let _unneeded = if idle { spare.split_off(SPARE_BLOCKS) } else { Vec::new() };
        state.schedule.oldest = None;
        state.schedule.full_blocks = 0;
        // Begins after the last run of the previous batch, so that a busy run does not delay others.
        let next = state.schedule.next;
        let runs = state.schedule.dirty.drain_from(next);
        let mut left = self.pace.batch_bytes;
        let mut tasks = Vec::new();
        for slot in runs {
            let waits = state.runs[slot.0].retry.is_some_and(|retry| retry > now);
            if waits && trigger == Trigger::Due {
                state.schedule.dirty.insert(slot);
                continue;
            }
            if left == 0 {
                state.postpone(slot);
                continue;
            }
            state.schedule.next = RunSlot(slot.0 + 1);
            tasks.push(state.take_blocks(slot, &mut left));
        }
        let nothing_left = state.schedule.dirty.is_empty() && state.schedule.blocked.is_empty();
        let last = state.closing && nothing_left;
        state.lifecycle.last_batch = last;
        let close_old = state.schedule.first_old.is_some_and(|old| old <= now);
        Batch { tasks, sync, close_old, last, _unneeded }
    }

    /// Returns whether the batch that is collected now syncs the files.
    fn syncs(&self, state: &State, now: Instant, trigger: Trigger) -> bool {
        match self.limits.durability {
            Durability::Os => false,
            Durability::SyncOnFlush => trigger == Trigger::Requested,
            Durability::SyncOnInterval => {
                let schedule = &state.schedule;
                trigger == Trigger::Requested
                    || (schedule.oldest.is_some() && schedule.full_blocks < WAKE_BLOCKS)
                    || schedule.unsynced.is_some_and(|since| since + self.interval() <= now)
            }
        }
    }

    /// Takes back a batch: the outcomes of its tasks, and the result of the sync, if there was one.
    pub(super) fn complete(&self, outcomes: Vec<Outcome>, synced: Option<Result<(), Failed>>) {
        let mut state = self.state.lock();
        let now = now();
        let mut failed = None;
        let mut wrote = false;
        state.memory.in_flight = 0;
        for mut outcome in outcomes {
            wrote |= outcome.wrote;
            let error = outcome.error.take();
            let failures = state.runs[outcome.task.run.0].failures + 1;
            let wait = self.pace.retry_after(failures);
            let wait = wait.unwrap_or(self.limits.flush_interval.max(RETRY));
            let retry = error.as_ref().map(|_| now + wait);
            state.settle(outcome, retry);
            failed = failed.or(error);
        }
        if wrote {
            state.stats.last_write = Some(SystemTime::now());
        }
        let waiting = [&state.schedule.dirty, &state.schedule.blocked];
        let first = waiting.into_iter().filter_map(|runs| state.first_of(runs)).min();
        state.progress.settled = first.unwrap_or(state.accepted);
        match synced {
            // Also after a failure: it is reported, and a second sync would prove nothing.
            Some(result) => {
                state.progress.synced = state.progress.settled;
                state.schedule.unsynced = None;
                failed = failed.or(result.err());
            }
            None if wrote => _ = state.schedule.unsynced.get_or_insert(now),
            None => {}
        }
        if let Some(failed) = failed {
            // Callers that wait for a flush get the error, and request no further attempt.
            state.progress.requested = 0;
            state.stats.error = Some(format!("{failed}: {}", failed.error));
            state.failures.count += 1;
            state.failures.last = Some(failed.clone());
            state.failures.unreported.get_or_insert(failed);
        } else if state.failures.runs.is_empty() {
            state.logged_once.full = false;
            state.stats.error = None;
            // The next attempt made it good.
            state.failures.unreported.take_if(|failed| failed.in_doubt);
        }
        let idle = state.schedule.dirty.is_empty() && state.schedule.blocked.is_empty();
        if state.lifecycle.last_batch && idle {
            state.lifecycle.ended = true;
        }
        if !state.schedule.dirty.is_empty() && state.schedule.oldest.is_none() {
            state.schedule.oldest = Some(now);
        }
        self.done.notify_all();
    }

    /// Takes back a block whose events are all in a file.
    pub(super) fn release_written(&self, run: RunSlot, block: Block, written: Written) {
        let mut state = self.state.lock();
        state.stats.written += written.events;
        state.stats.bytes_written += written.bytes;
        state.memory.in_flight -= written.bytes as usize;
        let unneeded = state.release(run, block);
        self.done.notify_all();
        drop(state);
        // Freed when the lock is free again: the system may take its time.
        drop(unneeded);
    }
}

impl State {
    /// Takes a run's blocks up to the first reservation, until they use `left` bytes.
    fn take_blocks(&mut self, slot: RunSlot, left: &mut usize) -> Task {
        let run = &mut self.runs[slot.0];
        let mut blocks = VecDeque::new();
        let mut in_flight = 0;
        let is_blocked = |run: &Run| run.blocks.front().is_some_and(Block::is_reserved);
        while (*left > 0 || blocks.len() < run.in_doubt) && !is_blocked(run) {
            let Some(block) = run.blocks.pop_front() else { break };
            *left = left.saturating_sub(block.usage());
            in_flight += block.unwritten();
            blocks.push_back(block);
        }
        let blocked = is_blocked(run);
        if let Some(last) = blocks.back() {
            run.last_step = last.last_step();
        }
        let all = run.blocks.is_empty();
        let task = Task {
            run: slot,
            dir: run.dir.clone(),
            blocks,
            dropped: if all { std::mem::take(&mut run.dropped) } else { 0 },
            last_step: run.last_step,
            restart: if all { run.restart.take() } else { run.restart },
            close: all && run.retiring,
            end: run.end,
            released: all && run.handles == 0,
        };
        self.memory.in_flight += in_flight;
        if blocked {
            self.schedule.blocked.insert(slot);
        } else {
            // The reservation may have been filled while the blocks before it failed.
            self.schedule.blocked.remove(slot);
            if !all {
                self.postpone(slot);
            }
        }
        task
    }

    /// Counts the written events of a task, and puts the other blocks back. `retry` is the time of
    /// the next attempt if this one failed.
    fn settle(&mut self, outcome: Outcome, retry: Option<Instant>) {
        let Outcome { task, written, in_doubt, .. } = outcome;
        self.stats.written += written.events;
        self.stats.bytes_written += written.bytes;
        let closing = self.closing;
        let run = &mut self.runs[task.run.0];
        run.dropped += task.dropped;
        // It may have been opened again, or closed, while its blocks were written.
        let released = task.released && run.handles == 0;
        let unfinished = !task.blocks.is_empty() || run.dropped > 0;
        run.in_doubt = if in_doubt { task.blocks.len() } else { 0 };
        // Blocks that could not be written come before those logged since.
        for block in task.blocks.into_iter().rev() {
            run.blocks.push_front(block);
        }
        run.final_failures += u32::from(closing && retry.is_some());
        let is_final = run.final_failures >= FINAL_ATTEMPTS;
        // A run whose file could not be closed has nothing left to write.
        match retry {
            Some(retry) if unfinished && !is_final => self.mark_failing(task.run, retry),
            _ => self.mark_recovered(task.run),
        }
        if is_final {
            self.abandon(task.run);
        } else if unfinished {
            self.schedule.dirty.insert(task.run);
        } else if released && !self.schedule.dirty.contains(task.run) {
            self.slots.by_dir.remove(&task.dir);
            self.slots.free.push(task.run);
        }
    }

    /// Leaves a run for the next batch, which is due at once.
    fn postpone(&mut self, run: RunSlot) {
        self.schedule.dirty.insert(run);
        self.schedule.oldest.get_or_insert_with(now);
        self.schedule.full_blocks = URGENT;
    }

    fn mark_failing(&mut self, run: RunSlot, retry: Instant) {
        self.runs[run.0].failures += 1;
        if self.runs[run.0].retry.replace(retry).is_none() {
            self.failures.runs.insert(run);
            self.memory.failing_usage.small += self.runs[run.0].usage.small;
            self.memory.failing_usage.large += self.runs[run.0].usage.large;
        }
    }

    fn mark_recovered(&mut self, run: RunSlot) {
        self.runs[run.0].failures = 0;
        if self.runs[run.0].retry.take().is_some() {
            self.failures.runs.remove(run);
            self.memory.failing_usage.small -= self.runs[run.0].usage.small;
            self.memory.failing_usage.large -= self.runs[run.0].usage.large;
        }
    }

    /// Drops the blocks that the last attempt of a run left.
    fn abandon(&mut self, run: RunSlot) {
        self.schedule.dirty.remove(run);
        self.schedule.blocked.remove(run);
        for block in std::mem::take(&mut self.runs[run.0].blocks) {
            self.stats.drops.write_failed += block.events();
            self.progress.abandoned += block.events();
            self.count_dropped(run, block.unwritten());
            self.release(run, block);
        }
    }
}
