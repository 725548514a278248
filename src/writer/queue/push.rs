//! Events into the blocks of their runs.

use super::room::Need;
use super::{BATCH, LARGE, Queue, RunKey, State};
use crate::summary::WallTime;
use crate::wire::event::{MAX_HEAD, Payload, Stamp, write_event};
use crate::wire::record::{FOOTER, HEADER};
use crate::writer::block::Block;
use crate::writer::sync::MutexGuard;

impl Queue {
    /// A small event whose data `write` writes to the front of what it is given: at most `size`
    /// bytes. It says how many they are. Returns whether the event is taken.
    #[inline]
    pub(in crate::writer) fn push_small(
        &self,
        key: RunKey,
        step: i64,
        size: usize,
        write: impl FnOnce(&mut [u8], Stamp) -> usize,
    ) -> bool {
        let size = HEADER + MAX_HEAD + size + FOOTER;
        // Reading them takes a while, in which the lock is taken.
        let ticks = self.ticks.read();
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let wall_time = self.clock.often(&mut state.stopwatch, ticks);
        let write = |out: &mut [u8]| write(out, Stamp { wall_time, step });
        let block = match state.runs.get_mut(key.run.0) {
            Some(run) if run.opening == key.opening && !state.closing => run.blocks.back_mut(),
            _ => None,
        };
        match block {
            Some(block) if block.room() >= size => {
                block.push(step, write);
                state.accepted += 1;
                true
            }
            _ => self.push_with_room(guard, key, step, Need::small(size), write),
        }
    }

    #[cold]
    fn push_with_room(
        &self,
        state: MutexGuard<'_, State>,
        key: RunKey,
        step: i64,
        need: Need,
        write: impl FnOnce(&mut [u8]) -> usize,
    ) -> bool {
        let Some(mut state) = self.make_room(state, key, need) else { return false };
        // There is one, it was made above.
        if let Some(block) = state.runs[key.run.0].blocks.back_mut() {
            block.push(step, write);
            state.accepted += 1;
        }
        true
    }

    /// A short event that finds a place in a full buffer too, so that nobody waits for room, and
    /// asks no clock that could panic: for what runs begin and end with, a few events for each.
    pub(in crate::writer) fn push_anyway(
        &self,
        key: RunKey,
        step: i64,
        payload: Payload,
        body: &[u8],
    ) {
        let wall_time = self.clock.now_for_sure().as_secs_f64();
        let write = |out: &mut [u8]| write_event(out, Stamp { wall_time, step }, payload, body);
        let need = Need::anyway(HEADER + MAX_HEAD + body.len() + FOOTER);
        self.push_with_room(self.state.lock(), key, step, need, write);
    }

    /// An event of any size. `body` is its payload's bytes. Returns whether the event is taken.
    pub(in crate::writer) fn push(
        &self,
        key: RunKey,
        wall_time: Option<WallTime>,
        step: i64,
        payload: Payload,
        body: &[u8],
    ) -> bool {
        let write = |out: &mut [u8], mut stamp: Stamp| {
            if let Some(wall_time) = wall_time {
                stamp.wall_time = wall_time.as_secs_f64();
            }
            write_event(out, stamp, payload, body)
        };
        if body.len() <= LARGE {
            return self.push_small(key, step, body.len(), write);
        }
        // Copied before the lock is taken.
        let wall_time = self.clock.now().as_secs_f64();
        let write = |out: &mut [u8]| write(out, Stamp { wall_time, step });
        self.push_large(key, Block::large(MAX_HEAD + body.len(), step, write))
    }

    fn push_large(&self, key: RunKey, block: Block) -> bool {
        let held = block.held();
        let mut state = self.state.lock();
        self.end_if_forked(&mut state);
        if !state.takes(key) {
            self.drop_closed(state, held);
            return false;
        }
        let mut need = Need::large(held);
        let Some(mut state) = self.wait_for_room(state, key, &mut need, held) else {
            return false;
        };
        self.begin_block(&mut state, key.run, block);
        state.accepted += 1;
        self.hurry_if_large(&mut state);
        true
    }

    /// Has large events written before their time if they take much of their room.
    pub(super) fn hurry_if_large(&self, state: &mut State) {
        if state.held.large - state.held_by_failing.large > self.limits.large / 4 {
            state.full_blocks = BATCH;
            self.work.notify_one();
        }
    }
}
