//! Events that are encoded behind the caller: a call reserves the event's place in its run, and a
//! worker fills it in later.
//!
//! `workers` has the threads that do it.

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

/// Returns the bytes of a summary's event; none if it has nothing to write.
pub(crate) type Encode = Box<dyn FnOnce() -> Result<Vec<u8>, String> + Send>;

/// The place of an event that is still to be encoded. Nothing behind it in its run is written
/// before it is filled.
#[derive(Debug)]
pub(crate) struct Reservation {
    run: RunSlot,
    /// The event's number among all that were accepted.
    number: u64,
    stamp: Stamp,
    since: Instant,
}

/// What is to be encoded, and for which place.
pub(crate) struct Job {
    reservation: Reservation,
    tag: String,
    encode: Encode,
}

/// Why there is no event for a reservation.
#[derive(Debug, thiserror::Error)]
enum EncodeFailure {
    #[error("it has nothing to write")]
    Nothing,
    #[error("{0}")]
    Error(String),
    #[error("it panicked while it was encoded ({0})")]
    Panic(String),
    #[error("it is larger than what is left of the buffer")]
    TooLarge,
}

impl Job {
    pub(crate) fn new(reservation: Reservation, tag: &str, encode: Encode) -> Self {
        Self { reservation, tag: tag.to_owned(), encode }
    }

    fn run(&self) -> RunSlot {
        self.reservation.run
    }

    /// Encodes the event and fills its place.
    fn finish(self, buffer: &Buffer) {
        let Self { reservation, tag, encode } = self;
        // What the closure owns is dropped in there too: that may panic as well, and its memory is
        // free before the buffer says so.
        let result = match catch_unwind(AssertUnwindSafe(encode)) {
            Ok(Ok(body)) if body.is_empty() => Err(EncodeFailure::Nothing),
            Ok(Ok(body)) => Ok(event(reservation.stamp, &body)),
            Ok(Err(error)) => Err(EncodeFailure::Error(error)),
            Err(panic) => Err(EncodeFailure::Panic(message(panic))),
        };
        buffer.fill(reservation, &tag, result);
    }
}

fn event(stamp: Stamp, body: &[u8]) -> Block {
    let write = |out: &mut [u8]| write_event(out, stamp, Payload::Summary, body);
    Block::large(MAX_HEAD + body.len(), stamp.step, write)
}

/// Returns the text of a panic, where it has one.
fn message(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|other| other.downcast::<&str>().map(|text| text.to_string()));
    text.unwrap_or_else(|other| {
        // Whatever it is, dropping it could panic again.
        std::mem::forget(other);
        "without a message".to_owned()
    })
}

impl Buffer {
    /// Returns whether a summary that uses so many bytes can ever be reserved.
    pub(crate) fn can_reserve(&self, usage: usize) -> bool {
        usage <= self.limits.large
    }

    /// Reserves a place in the run for an event that is logged now and encoded later, from something
    /// that uses so many bytes; `None` if the event is dropped instead.
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
            self.drop_closed(state, usage);
            return None;
        }
        let wall_time = self.clock.often(&mut state.wall_clock, ticks);
        let mut request = Request::reservation(usage);
        let mut state = self.wait_for_capacity(state, handle, &mut request, usage)?;
        state.memory.reservations += 1;
        let (run, number, stamp) = (handle.slot, state.accepted, Stamp { wall_time, step });
        let reservation = Reservation { run, number, stamp, since: now() };
        self.begin_block(&mut state, run, Block::reserved(usage, step));
        state.accepted += 1;
        Some(reservation)
    }

    /// Puts an event into its place. The event is dropped if it could not be encoded, or is larger
    /// than what is left of the buffer.
    fn fill(&self, reservation: Reservation, tag: &str, result: Result<Block, EncodeFailure>) {
        let mut state = self.state.lock();
        let Reservation { run, number, since, .. } = reservation;
        let blocks = &state.runs[run.0].blocks;
        // The run's events may have been abandoned meanwhile.
        let Ok(at) = blocks.binary_search_by_key(&number, Block::first) else { return };
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
                state.count_dropped(1, usage);
                // A caller may wait for it.
                state.schedule.full_blocks = WAKE_BLOCKS;
                let logged = std::mem::replace(&mut state.logged_once.encode_failed, true);
                to_log = (!logged).then_some(failure);
            }
        }
        if at == 0 && state.schedule.blocked.remove(run) {
            state.schedule.dirty.insert(run);
            // What is behind it has waited as long as the reservation.
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
