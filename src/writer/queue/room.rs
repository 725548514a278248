//! Room for one more event: a block that grows, a new one, a wait, or a drop.

use super::{BATCH, BLOCK, Queue, RunId, RunKey, State};
use crate::writer::block::{Block, Kind};
use crate::writer::policy::Overflow;
use crate::writer::sync::{MutexGuard, now, remaining};
use std::time::Instant;

/// A run's first block, so that many quiet runs take little memory.
const FIRST_BLOCK: usize = 1 << 10;
/// How many events may wait to be made: what they are made from may hold more than memory.
const MOST_RESERVED: usize = 1024;

/// What one call needs, and since when it waits for it.
#[derive(Debug)]
pub(super) struct Need {
    /// Of the event, in bytes.
    event: usize,
    /// The part of the buffer that it comes from.
    large: bool,
    /// The event is made later.
    reserved: bool,
    /// It gets its place, even if that is one too many.
    anyway: bool,
    /// When the call began to wait: it waits once, however often others are quicker.
    begun: Option<Instant>,
}

impl Need {
    pub(super) fn small(event: usize) -> Self {
        Self { large: false, ..Self::large(event) }
    }

    pub(super) fn anyway(event: usize) -> Self {
        Self { anyway: true, ..Self::small(event) }
    }

    pub(super) fn large(event: usize) -> Self {
        Self { event, large: true, reserved: false, anyway: false, begun: None }
    }

    pub(super) fn reserved(event: usize) -> Self {
        Self { reserved: true, ..Self::large(event) }
    }
}

impl Queue {
    /// Sees to it that the run's last block has room for a small event; `None` if the event is
    /// dropped instead.
    #[cold]
    pub(super) fn make_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        key: RunKey,
        mut need: Need,
    ) -> Option<MutexGuard<'a, State>> {
        let (run, size) = (key.run, need.event);
        self.end_if_forked(&mut state);
        loop {
            if !state.takes(key) {
                self.drop_closed(state, size);
                return None;
            }
            // Others went on during a wait.
            if state.runs[run.0].blocks.back().is_some_and(|block| block.room() >= size) {
                return Some(state);
            }
            // The run's last block may grow as long as it is small, but not one that a large event
            // has for itself: it counts elsewhere.
            let growing = state.runs[run.0].blocks.back();
            let growing = growing.filter(|block| block.is_small() && block.held() < BLOCK);
            let growth = growing.and_then(|block| {
                let needed = block.held() - block.room() + size;
                let capacity = (block.held() * 2).clamp(needed, BLOCK.max(needed));
                (capacity <= BLOCK).then_some((block.held(), capacity))
            });
            let (old, capacity) = growth.unwrap_or_else(|| (0, self.next_block(&state, run, size)));
            let extra = capacity - old;
            if !self.fits(&state, run, &need, extra) {
                if need.anyway {
                    self.begin_small(&mut state, run, size);
                    return Some(state);
                }
                state = self.wait_for_room(state, key, &mut need, extra)?;
                continue;
            }
            if growth.is_some() {
                if let Some(block) = state.runs[run.0].blocks.back_mut() {
                    block.grow_to(capacity);
                    // The allocator may have given more than was asked for.
                    let held = block.held();
                    state.hold(run, false, held - old);
                    self.trim_spare(&mut state);
                }
            } else {
                self.begin_small(&mut state, run, capacity);
            }
            return Some(state);
        }
    }

    /// How large a new block for an event of `size` bytes should be. Behind one that is not small
    /// it begins small again: where every second event is large, it will not be filled.
    fn next_block(&self, state: &State, run: RunId, size: usize) -> usize {
        let busy = (state.full_blocks > 0 || !state.spare.is_empty())
            && state.runs[run.0].blocks.back().is_none_or(Block::is_small);
        if busy && self.limits.small >= 2 * BLOCK { size.max(BLOCK) } else { size.max(FIRST_BLOCK) }
    }

    fn begin_small(&self, state: &mut State, run: RunId, capacity: usize) {
        let spare = if capacity == BLOCK { state.spare.pop() } else { None };
        let bytes = spare.unwrap_or_else(|| vec![0; capacity]);
        let waits = !state.runs[run.0].blocks.is_empty();
        self.begin_block(state, run, Block::new(bytes, Kind::Small));
        self.trim_spare(state);
        if waits && state.runs[run.0].retry.is_none() {
            state.full_blocks += 1;
            if state.full_blocks == BATCH {
                self.work.notify_one();
            }
        }
    }

    /// The spare blocks count too.
    fn trim_spare(&self, state: &mut State) {
        let room = self.limits.small.saturating_sub(state.held.small);
        state.spare.truncate(room / BLOCK);
    }

    pub(super) fn begin_block(&self, state: &mut State, run: RunId, block: Block) {
        let block = block.numbered(state.accepted);
        state.hold(run, !block.is_small(), block.held());
        state.runs[run.0].blocks.push_back(block);
        state.dirty.insert(run);
        if state.oldest.is_none() {
            state.oldest = Some(now());
            self.work.notify_one();
        }
    }

    fn limit(&self, large: bool) -> usize {
        if large { self.limits.large } else { self.limits.small }
    }

    /// Whether a run may have so many bytes more.
    fn fits(&self, state: &State, run: RunId, need: &Need, bytes: usize) -> bool {
        state.held.of(need.large) + bytes <= self.limit(need.large)
            && !(need.reserved && state.reserved >= MOST_RESERVED)
            && !self.crowds(state, run, need, bytes)
    }

    /// Whether the run is one of those whose files fail, and they would have more than half of
    /// the buffer while other runs could use it.
    fn crowds(&self, state: &State, run: RunId, need: &Need, bytes: usize) -> bool {
        state.runs[run.0].retry.is_some()
            && state.runs.len() - state.free.len() > state.failing.len()
            && state.held_by_failing.of(need.large) + bytes > self.limit(need.large) / 2
    }

    /// Waits, as long as the policy allows, until the run may have `bytes` more; otherwise counts
    /// a drop.
    pub(super) fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        key: RunKey,
        need: &mut Need,
        bytes: usize,
    ) -> Option<MutexGuard<'a, State>> {
        let run = key.run;
        let possible = bytes <= self.limit(need.large);
        if let Overflow::Block(limit) = self.limits.overflow {
            let begun = *need.begun.get_or_insert_with(now);
            while possible
                && !self.fits(&state, run, need, bytes)
                && !self.crowds(&state, run, need, bytes)
                && !state.stalled.of(need.large)
                && !state.closing
            {
                state.full_blocks = BATCH;
                self.work.notify_one();
                let Some(left) = remaining(limit, begun) else {
                    *state.stalled.of_mut(need.large) = true;
                    break;
                };
                state = self.done.wait_timeout(state, left);
            }
        }
        if !state.takes(key) {
            self.drop_closed(state, need.event);
            return None;
        }
        if self.fits(&state, run, need, bytes) {
            return Some(state);
        }
        self.drop_full(state, run, need.event, possible);
        None
    }

    fn drop_full(
        &self,
        mut state: MutexGuard<'_, State>,
        run: RunId,
        bytes: usize,
        possible: bool,
    ) {
        let told = std::mem::replace(&mut state.told_full, true);
        let drops = &mut state.stats.drops;
        *(if possible { &mut drops.buffer_full } else { &mut drops.too_large }) += 1;
        state.count_dropped(1, bytes);
        // The run will carry a note of it.
        state.runs[run.0].dropped += 1;
        state.dirty.insert(run);
        state.oldest.get_or_insert_with(now);
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
    }

    pub(super) fn drop_closed(&self, mut state: MutexGuard<'_, State>, bytes: usize) {
        let told = std::mem::replace(&mut state.told_closed, true);
        let forked = state.forked;
        state.stats.drops.after_close += 1;
        state.count_dropped(1, bytes);
        drop(state);
        if told {
            return;
        }
        if forked {
            let id = self.process.id();
            log::warn!("an event was logged into a writer of process {id}: it is dropped");
        } else {
            log::warn!("an event was logged after its writer was closed: it is dropped");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::clock::Clock;
    use crate::writer::policy::Durability;
    use crate::writer::queue::Limits;
    use std::path::Path;
    use std::time::Duration;

    /// Others may be quicker to take the room that somebody waits for; the time it has for that
    /// goes on.
    #[test]
    fn a_call_waits_once() {
        let limit = Duration::from_secs(60);
        let limits = Limits {
            flush_interval: Duration::from_secs(1),
            small: 1 << 20,
            large: 0,
            overflow: Overflow::Block(limit),
            durability: Durability::Os,
        };
        let queue = Queue::new(limits, Clock::default());
        let run = queue.open_run(Path::new("run").into()).unwrap();
        let Some(begun) = Instant::now().checked_sub(limit) else {
            panic!("this system has just been started: try again in a minute");
        };
        let mut need = Need { begun: Some(begun), ..Need::small(100) };
        let called = Instant::now();
        queue.state.lock().held.small = 1 << 20;
        assert!(queue.wait_for_room(queue.state.lock(), run, &mut need, 100).is_none());
        assert!(called.elapsed() < limit / 2);
        assert_eq!(queue.stats().drops.buffer_full, 1);
    }
}
