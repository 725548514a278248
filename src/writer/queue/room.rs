//! Room for one more event: a block that grows, a new one, a wait, or a drop.

use super::{BATCH, BLOCK, Queue, RunId, State, remaining};
use crate::writer::block::{Block, Kind};
use crate::writer::builder::WhenFull;
use crate::writer::sync::MutexGuard;
use std::time::Instant;

/// A run's first block, so that many quiet runs take little memory.
const FIRST_BLOCK: usize = 1 << 10;

impl Queue {
    /// Sees to it that the run's last block has room for `size` bytes; `None` if the event is
    /// dropped instead.
    #[cold]
    pub(super) fn make_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        run: RunId,
        size: usize,
    ) -> Option<MutexGuard<'a, State>> {
        if state.closing || state.runs[run.0].closed {
            self.drop_closed(state);
            return None;
        }
        // The run's last block may grow as long as it is small; that of a large event is counted
        // elsewhere and stays as it is.
        let last = state.runs[run.0].blocks.back();
        let growing = last.filter(|block| block.is_small() && block.held() < BLOCK);
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

    pub(super) fn begin_block(&self, state: &mut State, run: RunId, block: Block) {
        let block = block.numbered(state.accepted);
        state.runs[run.0].blocks.push_back(block);
        state.dirty.insert(run);
        if state.oldest.is_none() {
            state.oldest = Some(Instant::now());
            self.work.notify_one();
        }
    }

    /// Waits, as long as the policy allows, until `fits` holds; otherwise counts a drop.
    pub(super) fn wait_for_room<'a>(
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

    pub(super) fn drop_closed(&self, mut state: MutexGuard<'_, State>) {
        let told = std::mem::replace(&mut state.told_closed, true);
        state.count_drop();
        drop(state);
        if !told {
            log::warn!("an event was logged after its writer was closed: it is dropped");
        }
    }
}
