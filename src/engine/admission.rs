//! Admission of events into the blocks of their runs: a call is accepted, waits for capacity, or its
//! event is dropped.

use super::block::{Block, Contents, SizeClass};
use super::buffer::{BLOCK, Buffer, LARGE, State, URGENT, WAKE_BLOCKS};
use super::policy::Overflow;
use super::runs::{RunHandle, RunSlot};
use super::sync::{MutexGuard, now, remaining};
use crate::wire::event::{MAX_HEAD, Payload, Stamp, write_event};
use crate::wire::record::{FOOTER, HEADER};
use std::time::Instant;

/// The size of a run's first block, so that many quiet runs use little memory.
const FIRST_BLOCK: usize = 1 << 10;
/// The maximum number of reservations: their data may use more than memory, such as handles of a
/// device.
const MAX_RESERVATIONS: usize = 1024;

/// The capacity that a call requests, and since when it waits.
#[derive(Debug)]
pub(super) struct Request {
    /// The size of the event in bytes.
    event: usize,
    /// The part of the buffer that it counts against.
    class: SizeClass,
    /// Whether the event is encoded later.
    reservation: bool,
    /// Whether it is accepted even beyond the limit.
    exempt: bool,
    /// When the call began to wait. Its time does not start anew when another call takes the
    /// capacity first.
    started: Option<Instant>,
}

/// The reason why an event gets no capacity.
#[derive(Clone, Copy, Debug, PartialEq)]
enum DropReason {
    Full,
    /// It would not fit into an empty buffer.
    TooLarge,
}

impl Request {
    fn small(event: usize) -> Self {
        Self { class: SizeClass::Small, ..Self::large(event) }
    }

    fn exempt(event: usize) -> Self {
        Self { exempt: true, ..Self::small(event) }
    }

    fn large(event: usize) -> Self {
        Self { event, class: SizeClass::Large, reservation: false, exempt: false, started: None }
    }

    pub(super) fn reservation(event: usize) -> Self {
        Self { reservation: true, ..Self::large(event) }
    }
}

impl Buffer {
    /// Logs a small event. `write` writes its data, at most `size` bytes, to the front of a slice and
    /// returns their length. Returns whether the event was accepted.
    #[inline]
    pub(crate) fn push_small(
        &self,
        handle: RunHandle,
        step: i64,
        size: usize,
        write: impl FnOnce(&mut [u8], Stamp) -> usize,
    ) -> bool {
        let size = HEADER + MAX_HEAD + size + FOOTER;
        // Read before the lock is taken, because that takes a while.
        let ticks = self.ticks.read();
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let wall_time = self.clock.stamp(&mut state.wall_clock, ticks);
        let write = |out: &mut [u8]| write(out, Stamp { wall_time, step });
        let block = match state.runs.get_mut(handle.slot.0) {
            Some(run) if run.generation == handle.generation && !state.closing => {
                run.blocks.back_mut()
            }
            _ => None,
        };
        match block {
            Some(block) if block.free() >= size => {
                block.push(step, write);
                state.accepted += 1;
                true
            }
            _ => self.push_with_capacity(guard, handle, step, Request::small(size), write),
        }
    }

    #[cold]
    fn push_with_capacity(
        &self,
        state: MutexGuard<'_, State>,
        handle: RunHandle,
        step: i64,
        request: Request,
        write: impl FnOnce(&mut [u8]) -> usize,
    ) -> bool {
        let Some(mut state) = self.ensure_capacity(state, handle, request) else { return false };
        // `ensure_capacity` has made one.
        if let Some(block) = state.runs[handle.slot.0].blocks.back_mut() {
            block.push(step, write);
            state.accepted += 1;
        }
        true
    }

    /// Logs a short event even if the buffer is full, without waiting, and without a panic of a
    /// user's clock. It is for the few events that a run begins and ends with.
    pub(crate) fn push_exempt(&self, handle: RunHandle, step: i64, payload: Payload, body: &[u8]) {
        let ticks = self.ticks.read();
        let mut state = self.state.lock();
        let wall_time = self.clock.stamp_guarded(&mut state.wall_clock, ticks);
        let write = |out: &mut [u8]| write_event(out, Stamp { wall_time, step }, payload, body);
        let request = Request::exempt(HEADER + MAX_HEAD + body.len() + FOOTER);
        self.push_with_capacity(state, handle, step, request, write);
    }

    /// Logs an event of any size. `body` has the bytes of its payload. The wall time is in seconds
    /// since 1970, by default that of the clock. Returns whether the event was accepted.
    pub(crate) fn push(
        &self,
        handle: RunHandle,
        wall_time: Option<f64>,
        step: i64,
        payload: Payload,
        body: &[u8],
    ) -> bool {
        if body.len() <= LARGE {
            return self.push_small(handle, step, body.len(), |out, mut stamp| {
                stamp.wall_time = wall_time.unwrap_or(stamp.wall_time);
                write_event(out, stamp, payload, body)
            });
        }
        let wall_time = wall_time.unwrap_or_else(|| {
            let ticks = self.ticks.read();
            self.clock.stamp(&mut self.state.lock().wall_clock, ticks)
        });
        // Copied outside the lock.
        let write = |out: &mut [u8]| write_event(out, Stamp { wall_time, step }, payload, body);
        self.push_large(handle, Block::large(MAX_HEAD + body.len(), step, write))
    }

    fn push_large(&self, handle: RunHandle, block: Block) -> bool {
        let usage = block.usage();
        let mut state = self.state.lock();
        self.end_if_forked(&mut state);
        if !state.accepts(handle) {
            self.drop_closed(state, handle.slot, usage);
            return false;
        }
        let mut request = Request::large(usage);
        let Some(mut state) = self.wait_for_capacity(state, handle, &mut request, usage) else {
            return false;
        };
        self.begin_block(&mut state, handle.slot, block);
        state.accepted += 1;
        self.hurry_if_large(&mut state);
        true
    }

    /// Makes large events due before the flush interval has passed if they use more than a quarter
    /// of their part of the buffer.
    pub(super) fn hurry_if_large(&self, state: &mut State) {
        if state.memory.usage.large - state.memory.failing_usage.large > self.limits.large / 4 {
            state.schedule.full_blocks = WAKE_BLOCKS;
            self.work.notify_one();
        }
    }

    /// Ensures that a small event fits into the run's last block. Returns `None` if the event was
    /// dropped instead.
    #[cold]
    fn ensure_capacity<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        handle: RunHandle,
        mut request: Request,
    ) -> Option<MutexGuard<'a, State>> {
        let run = handle.slot;
        let size = request.event;
        self.end_if_forked(&mut state);
        loop {
            if !state.accepts(handle) {
                self.drop_closed(state, run, size);
                return None;
            }
            // During a wait, another call may have made it fit.
            if state.runs[run.0].blocks.back().is_some_and(|block| block.free() >= size) {
                return Some(state);
            }
            // The run's last block may grow while it is small. The block of a large event counts
            // against the other part.
            let growing = state.runs[run.0].blocks.back();
            let growing =
                growing.filter(|block| block.class() == SizeClass::Small && block.usage() < BLOCK);
            let growth = growing.and_then(|block| {
                let needed = block.usage() - block.free() + size;
                let capacity = (block.usage() * 2).clamp(needed, BLOCK.max(needed));
                (capacity <= BLOCK).then_some((block.usage(), capacity))
            });
            let (old, capacity) = growth.unwrap_or_else(|| (0, self.next_block(&state, run, size)));
            let extra = capacity - old;
            if !self.fits(&state, run, &request, extra) {
                if request.exempt {
                    self.begin_small(&mut state, run, size);
                    return Some(state);
                }
                state = self.wait_for_capacity(state, handle, &mut request, extra)?;
                continue;
            }
            if growth.is_some() {
                if let Some(block) = state.runs[run.0].blocks.back_mut() {
                    block.grow_to(capacity);
                    // The allocator may have returned more than was requested.
                    let usage = block.usage();
                    state.add_usage(run, SizeClass::Small, usage - old);
                    self.trim_spare(&mut state);
                }
            } else {
                self.begin_small(&mut state, run, capacity);
            }
            return Some(state);
        }
    }

    /// Returns the size of a new block for an event of `size` bytes. After the block of a large
    /// event it begins small again: if every second event is large, it will not be filled.
    fn next_block(&self, state: &State, run: RunSlot, size: usize) -> usize {
        let last = state.runs[run.0].blocks.back();
        let busy = (state.schedule.full_blocks > 0 || !state.memory.spare.is_empty())
            && last.is_none_or(|block| block.class() == SizeClass::Small);
        if busy && self.limits.small >= 2 * BLOCK { size.max(BLOCK) } else { size.max(FIRST_BLOCK) }
    }

    fn begin_small(&self, state: &mut State, run: RunSlot, capacity: usize) {
        let spare = if capacity == BLOCK { state.memory.spare.pop() } else { None };
        let bytes = spare.unwrap_or_else(|| vec![0; capacity]);
        let waits = !state.runs[run.0].blocks.is_empty();
        self.begin_block(state, run, Block::new(bytes, Contents::Small));
        self.trim_spare(state);
        if waits && state.runs[run.0].retry.is_none() {
            state.schedule.full_blocks += 1;
            if state.schedule.full_blocks == WAKE_BLOCKS {
                self.work.notify_one();
            }
        }
    }

    /// Frees spare blocks that would exceed the bound, against which they count.
    fn trim_spare(&self, state: &mut State) {
        let free = self.limits.small.saturating_sub(state.memory.usage.small);
        state.memory.spare.truncate(free / BLOCK);
    }

    pub(super) fn begin_block(&self, state: &mut State, run: RunSlot, block: Block) {
        let block = block.numbered(state.accepted);
        state.add_usage(run, block.class(), block.usage());
        state.runs[run.0].blocks.push_back(block);
        state.schedule.dirty.insert(run);
        if state.schedule.oldest.is_none() {
            state.schedule.oldest = Some(now());
            self.work.notify_one();
        }
    }

    fn limit(&self, class: SizeClass) -> usize {
        match class {
            SizeClass::Small => self.limits.small,
            SizeClass::Large => self.limits.large,
        }
    }

    /// Returns whether a run may use `bytes` more.
    fn fits(&self, state: &State, run: RunSlot, request: &Request, bytes: usize) -> bool {
        state.memory.usage.of(request.class) + bytes <= self.limit(request.class)
            && !(request.reservation && state.memory.reservations >= MAX_RESERVATIONS)
            && !self.crowds(state, run, request, bytes)
    }

    /// Returns whether the files of the run fail, and such runs would use more than half of the
    /// buffer while other runs need it.
    fn crowds(&self, state: &State, run: RunSlot, request: &Request, bytes: usize) -> bool {
        let failing_usage = state.memory.failing_usage.of(request.class);
        state.runs[run.0].retry.is_some()
            && state.runs.len() - state.slots.free.len() > state.failures.runs.len()
            && failing_usage + bytes > self.limit(request.class) / 2
    }

    /// Waits, as long as the policy allows, until the run may use `bytes` more; otherwise counts a
    /// drop.
    pub(super) fn wait_for_capacity<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        handle: RunHandle,
        request: &mut Request,
        bytes: usize,
    ) -> Option<MutexGuard<'a, State>> {
        let run = handle.slot;
        let reason = if bytes <= self.limit(request.class) {
            DropReason::Full
        } else {
            DropReason::TooLarge
        };
        if let Overflow::Block(limit) = self.limits.overflow {
            let started = *request.started.get_or_insert_with(now);
            while reason == DropReason::Full
                && !self.fits(&state, run, request, bytes)
                && !self.crowds(&state, run, request, bytes)
                && !state.memory.stalled.of(request.class)
                && !state.closing
            {
                state.schedule.full_blocks = URGENT;
                self.work.notify_one();
                let Some(left) = remaining(limit, started) else {
                    *state.memory.stalled.of_mut(request.class) = true;
                    break;
                };
                state = self.done.wait_timeout(state, left);
            }
        }
        if !state.accepts(handle) {
            self.drop_closed(state, run, request.event);
            return None;
        }
        if self.fits(&state, run, request, bytes) {
            return Some(state);
        }
        self.drop_full(state, run, request.event, reason);
        None
    }

    fn drop_full(
        &self,
        mut state: MutexGuard<'_, State>,
        run: RunSlot,
        bytes: usize,
        reason: DropReason,
    ) {
        let logged = std::mem::replace(&mut state.logged_once.full, true);
        match reason {
            DropReason::Full => state.stats.drops.buffer_full += 1,
            DropReason::TooLarge => state.stats.drops.too_large += 1,
        }
        state.count_dropped(run, bytes);
        // The run gets a note of it.
        state.runs[run.0].dropped += 1;
        let dir = (!logged).then(|| state.runs[run.0].dir.clone());
        state.schedule.dirty.insert(run);
        state.schedule.oldest.get_or_insert_with(now);
        drop(state);
        if let Some(dir) = dir {
            let reason = match reason {
                DropReason::Full => "the buffer is full",
                DropReason::TooLarge => {
                    "an event is larger than the buffer (`buffer_bytes` sets its size)"
                }
            };
            log::error!("dropping events of {}: {reason}", self.storage.location(&dir));
        }
    }

    pub(super) fn drop_closed(&self, mut state: MutexGuard<'_, State>, run: RunSlot, bytes: usize) {
        let logged = std::mem::replace(&mut state.logged_once.closed, true);
        let forked = state.lifecycle.forked;
        let dir = (!logged).then(|| state.runs[run.0].dir.clone());
        state.stats.drops.after_close += 1;
        state.count_dropped(run, bytes);
        drop(state);
        let Some(dir) = dir else { return };
        let run = self.storage.location(&dir);
        if forked {
            let id = self.process.id();
            log::warn!("dropping events of {run}: the writer belongs to process {id}");
        } else {
            log::warn!("dropping events of {run}: they are logged after the writer was closed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Clock, Durability, Limits};
    use std::path::Path;
    use std::time::Duration;

    /// Other calls may take the capacity that a call waits for; its time does not start anew.
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
        let buffer = Buffer::new(limits, Clock::default());
        let run = buffer.open_run(Path::new("run").into()).unwrap();
        let Some(started) = Instant::now().checked_sub(limit) else {
            panic!("this system has just been started: try again in a minute");
        };
        let mut request = Request { started: Some(started), ..Request::small(100) };
        let called = Instant::now();
        buffer.state.lock().memory.usage.small = 1 << 20;
        let state = buffer.state.lock();
        assert!(buffer.wait_for_capacity(state, run, &mut request, 100).is_none());
        assert!(called.elapsed() < limit / 2);
        assert_eq!(buffer.stats().drops.buffer_full, 1);
    }
}
