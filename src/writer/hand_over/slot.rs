//! The place of an event that is not yet made.

use crate::wire::event::Stamp;
use crate::writer::queue::RunId;
use crate::writer::sync::now;
use std::time::Instant;

/// A place kept in a run. Nothing behind it is written before the queue gets it back.
#[derive(Debug)]
pub(in crate::writer) struct Slot {
    run: RunId,
    number: u64,
    stamp: Stamp,
    since: Instant,
}

impl Slot {
    pub(in crate::writer) fn new(run: RunId, number: u64, stamp: Stamp) -> Self {
        Self { run, number, stamp, since: now() }
    }

    pub(in crate::writer) fn run(&self) -> RunId {
        self.run
    }

    /// The event's number among all that the writer accepted.
    pub(in crate::writer) fn number(&self) -> u64 {
        self.number
    }

    /// When and at which step the event was logged.
    pub(in crate::writer) fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Since when it is kept.
    pub(in crate::writer) fn since(&self) -> Instant {
        self.since
    }
}
