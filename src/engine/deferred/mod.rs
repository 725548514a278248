//! Deferred events: a call reserves the position of an event in its run, and a worker encodes the
//! event later.
//!
//! `workers` has the threads.

mod workers;

pub(crate) use workers::Workers;

use super::admission::Request;
use super::block::{Block, SizeClass};
use super::buffer::{Buffer, WAKE_BLOCKS};
use super::runs::{RunHandle, RunSlot};
use super::sync::now;
use crate::system::log_guarded;
use crate::wire::event::{MAX_HEAD, Payload, Stamp, write_event};
use log::Level;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// A closure that returns the bytes of a summary, empty if it has nothing to write.
pub(crate) type Encode = Box<dyn FnOnce() -> Result<Vec<u8>, Reported> + Send>;

/// The outcome of a summary that has logged why it has nothing to write.
#[derive(Debug)]
pub(crate) struct Reported;

/// The position of an event that is not encoded yet. Later events of the run are not written before
/// the reservation is filled.
#[derive(Debug)]
pub(crate) struct Reservation {
    run: RunSlot,
    /// The event's number among all that were accepted.
    number: u64,
    stamp: Stamp,
    since: Instant,
}

/// A summary to encode, and its reservation.
pub(crate) struct Job {
    reservation: Reservation,
    tag: String,
    encode: Encode,
}

/// The reason why a reservation cannot be filled.
#[derive(Debug, thiserror::Error)]
enum EncodeFailure {
    #[error("it has nothing to write")]
    Nothing,
    #[error("it has logged the reason")]
    Reported,
    #[error("it panicked while it was encoded ({0})")]
    Panic(String),
    #[error("it is larger than the free capacity of the buffer")]
    TooLarge,
}

impl Job {
    pub(crate) fn new(reservation: Reservation, tag: &str, encode: Encode) -> Self {
        Self { reservation, tag: tag.to_owned(), encode }
    }

    fn run(&self) -> RunSlot {
        self.reservation.run
    }

    /// Encodes the event and fills its reservation.
    fn finish(self, buffer: &Buffer) {
        let Self { reservation, tag, encode } = self;
        // This drops the closure too: that may panic, and its memory is freed before the buffer
        // releases the bytes.
        let result = match catch_unwind(AssertUnwindSafe(encode)) {
            Ok(Ok(body)) if body.is_empty() => Err(EncodeFailure::Nothing),
            Ok(Ok(body)) => Ok(event(reservation.stamp, &body)),
            Ok(Err(Reported)) => Err(EncodeFailure::Reported),
            Err(panic) => Err(EncodeFailure::Panic(message(panic))),
        };
        buffer.fill(reservation, &tag, result);
    }
}

fn event(stamp: Stamp, body: &[u8]) -> Block {
    let write = |out: &mut [u8]| write_event(out, stamp, Payload::Summary, body);
    Block::large(MAX_HEAD + body.len(), stamp.step, write)
}

/// Returns the message of a panic.
fn message(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|other| other.downcast::<&str>().map(|text| text.to_string()));
    text.unwrap_or_else(|other| {
        // Dropping an unknown payload could panic again.
        std::mem::forget(other);
        "without a message".to_owned()
    })
}

impl Buffer {
    /// Returns whether the buffer is large enough for a reservation of `usage` bytes.
    pub(crate) fn can_reserve(&self, usage: usize) -> bool {
        usage <= self.limits.large
    }

    /// Reserves `usage` bytes and a position in the run for an event that is logged now and encoded
    /// later. Returns `None` if the event was dropped instead.
    pub(crate) fn reserve(
        &self,
        handle: RunHandle,
        step: i64,
        usage: usize,
    ) -> Option<Reservation> {
        let ticks = self.ticks.read();
        let mut state = self.state.lock();
        self.end_if_forked(&mut state);
        if !state.accepts(handle) {
            self.drop_closed(state, handle.slot, usage);
            return None;
        }
        let wall_time = self.clock.stamp(&mut state.wall_clock, ticks);
        let mut request = Request::reservation(usage);
        let mut state = self.wait_for_capacity(state, handle, &mut request, usage)?;
        state.memory.reservations += 1;
        let run = handle.slot;
        let number = state.accepted;
        let stamp = Stamp { wall_time, step };
        let reservation = Reservation { run, number, stamp, since: now() };
        self.begin_block(&mut state, run, Block::reserved(usage, step));
        state.accepted += 1;
        Some(reservation)
    }

    /// Counts an event that its call could not encode.
    pub(crate) fn count_encode_failed(&self, handle: RunHandle) {
        let mut state = self.state.lock();
        state.stats.drops.encode_failed += 1;
        state.count_dropped(handle.slot, 0);
    }

    /// Fills a reservation with its event. The event is dropped if it could not be encoded, or is
    /// larger than the free capacity.
    fn fill(&self, reservation: Reservation, tag: &str, result: Result<Block, EncodeFailure>) {
        let mut state = self.state.lock();
        let Reservation { run, number, since, .. } = reservation;
        let blocks = &state.runs[run.0].blocks;
        // The run's events may have been abandoned meanwhile.
        // A note of drops may have the number of the event behind it.
        let key = |block: &Block| (block.first(), !block.is_note());
        let Ok(at) = blocks.binary_search_by_key(&(number, true), key) else { return };
        let usage = blocks[at].usage();
        state.memory.reservations -= 1;
        state.subtract_usage(run, SizeClass::Large, usage);
        let left = self.limits.large - state.memory.usage.large;
        let result = result.and_then(|block| {
            if block.usage() <= left { Ok(block) } else { Err(EncodeFailure::TooLarge) }
        });
        let mut to_log = None;
        match result {
            Ok(block) => {
                state.add_usage(run, SizeClass::Large, block.usage());
                state.runs[run.0].blocks[at] = block.numbered(number);
            }
            Err(failure) => {
                state.runs[run.0].blocks.remove(at);
                state.runs[run.0].dropped += 1;
                state.progress.abandoned += 1;
                state.stats.drops.encode_failed += 1;
                state.count_dropped(run, usage);
                // A caller may wait for it.
                state.schedule.full_blocks = WAKE_BLOCKS;
                if !matches!(failure, EncodeFailure::Reported) {
                    let logged = std::mem::replace(&mut state.logged_once.encode_failed, true);
                    to_log = (!logged).then_some(failure);
                }
            }
        }
        if at == 0 && state.schedule.blocked.remove(run) {
            state.schedule.dirty.insert(run);
            // The events behind it have waited about as long as the reservation.
            let oldest = state.schedule.oldest.map_or(since, |oldest| oldest.min(since));
            state.schedule.oldest = Some(oldest);
        }
        self.hurry_if_large(&mut state);
        self.work.notify_one();
        self.done.notify_all();
        drop(state);
        if let Some(failure) = to_log {
            log_guarded(Level::Error, format_args!("deferred event {tag:?} dropped: {failure}"));
        }
    }

    /// Fills a reservation with a record of `len` bytes, for tests.
    #[cfg(test)]
    pub(super) fn fill_with(&self, reservation: Reservation, len: usize) {
        self.fill(reservation, "tag", Ok(Block::large(len, 0, |_| len)));
    }

    /// Fills a reservation with an event of a session log, for tests.
    #[cfg(all(test, tfevents_loom))]
    pub(super) fn fill_with_event(&self, reservation: Reservation, body: &[u8]) {
        let stamp = reservation.stamp;
        let write = |out: &mut [u8]| write_event(out, stamp, Payload::SessionLog, body);
        self.fill(reservation, "tag", Ok(Block::large(MAX_HEAD + body.len(), 1, write)));
    }
}
