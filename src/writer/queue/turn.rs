//! A turn of the thread that writes: what it takes away, and what it gives back.

use super::{BATCH, Queue, Run, RunId};
use crate::writer::Error;
use crate::writer::block::Block;
use crate::writer::file::Written;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// So many bytes are taken away at a time, so that room is given back while there is more.
const TURN: usize = 1 << 20;
/// After a failure the next attempt comes so much later at least.
const RETRY: Duration = Duration::from_millis(100);
/// So often a run is tried once the writer is closed: a second time, because that is in a new file.
const LAST_ATTEMPTS: u32 = 2;

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
    pub(in crate::writer) fn take(&self) -> Option<Vec<Task>> {
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
    pub(in crate::writer) fn give_back(&self, outcomes: Vec<Outcome>) {
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
