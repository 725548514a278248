//! Encoding one event that was handed over.

use super::Slot;
use crate::summary::{ScalarEncoding, Summary, SummaryEncoder};
use crate::wire::event::{MAX_HEAD, Payload, write_event};
use crate::writer::block::Block;
use crate::writer::queue::{Queue, RunId};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A summary, and the place that is kept for it.
pub(super) struct Job {
    slot: Slot,
    tag: String,
    summary: Box<dyn Summary + Send>,
}

/// Why there is no event for a place.
#[derive(Debug, thiserror::Error)]
pub(in crate::writer) enum Unmade {
    #[error("had nothing to write")]
    Nothing,
    #[error("panicked while it was encoded ({0})")]
    Panic(String),
    #[error("is larger than the room left in the buffer")]
    TooLarge,
}

impl Job {
    pub(super) fn new(slot: Slot, tag: &str, summary: impl Summary + Send + 'static) -> Self {
        Self { slot, tag: tag.to_owned(), summary: Box::new(summary) }
    }

    pub(super) fn run(&self) -> RunId {
        self.slot.run()
    }

    /// Does the work, and puts what came of it into its place.
    pub(super) fn finish(self, queue: &Queue, scalars: ScalarEncoding) {
        let Self { slot, tag, summary } = self;
        // The summary is dropped in there too: that may panic as well, and what it holds is free
        // before somebody is told that there is room.
        let encode = || {
            let mut body = Vec::with_capacity(summary.encoded_len_hint() + tag.len());
            summary.encode(&tag, &mut SummaryEncoder::with_scalars(&mut body, scalars));
            drop(summary);
            body
        };
        let made = match catch_unwind(AssertUnwindSafe(encode)) {
            Ok(body) if body.is_empty() => Err(Unmade::Nothing),
            Ok(body) => Ok(block(&slot, &body)),
            Err(panic) => Err(Unmade::Panic(message(panic))),
        };
        queue.fill(slot, &tag, made);
    }
}

fn block(slot: &Slot, body: &[u8]) -> Block {
    let stamp = slot.stamp();
    let write = |out: &mut [u8]| write_event(out, stamp, Payload::Summary, body);
    Block::large(MAX_HEAD + body.len(), stamp.step, write)
}

/// What the panic was called with, where that is a text.
fn message(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|other| other.downcast::<&str>().map(|text| text.to_string()));
    text.unwrap_or_else(|other| {
        // Whatever it is, dropping it could panic again.
        std::mem::forget(other);
        "it did not say why".to_owned()
    })
}
