//! The engine's observer: it shows writes as spans in a profiler's traces, and makes the notes of
//! dropped events.

use super::add::about::{DESCRIPTION_TAG, PROVENANCE_TAG};
use crate::engine::{Ended, KindChange, Observer, StepBack};
#[cfg(feature = "profile")]
use crate::profile::Profiler;
use crate::summary::charts::LAYOUT_TAG;
use crate::summary::{Summary, SummaryEncoder, Text};
use crate::system::log_guarded;
use log::Level;
use std::path::Path;
#[cfg(feature = "profile")]
use std::sync::OnceLock;

/// The tag of the note that a run gets when events of it were dropped.
const DROPPED_TAG: &str = "tfevents/dropped_events";

/// Shows writes in the traces of a profiler, if one is set.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteSpans {
    #[cfg(feature = "profile")]
    profiler: OnceLock<Profiler>,
}

#[cfg(feature = "profile")]
impl WriteSpans {
    pub(super) fn new(profiler: &Profiler) -> Self {
        Self { profiler: profiler.clone().into() }
    }

    /// Shows writes in the traces of this profiler, unless one is set already: a writer has one
    /// profiler.
    #[cfg(feature = "callbacks")]
    pub(super) fn show_in(&self, profiler: &Profiler) {
        let _ = self.profiler.set(profiler.clone());
    }
}

impl Observer for WriteSpans {
    #[cfg(feature = "profile")]
    fn begin(&self, operation: &'static str, dir: Option<&Path>) -> Option<Box<dyn Ended + '_>> {
        let span = self.profiler.get()?.span(operation);
        Some(Box::new(match dir.and_then(|dir| dir.file_name()?.to_str()) {
            Some(run) => span.with_field("run", run),
            None => span,
        }))
    }

    #[cfg(not(feature = "profile"))]
    fn begin(&self, _: &'static str, _: Option<&Path>) -> Option<Box<dyn Ended + '_>> {
        None
    }

    fn beside_others(&self, location: &str) {
        log_guarded(
            Level::Warn,
            format_args!(
                "{location} already has event files, of an earlier session or another writer, which \
                 TensorBoard will merge with those of this writer: continue a session with \
                 SummaryWriterBuilder::resume, log into a new directory with \
                 SummaryWriter::timestamped, or give each writer a child run. This is logged once \
                 per writer"
            ),
        );
    }

    fn kind_change(&self, location: &str, change: KindChange<'_>) {
        let KindChange { tag, first, then } = change;
        log_guarded(
            Level::Warn,
            format_args!(
                "tag {tag:?} in {location} has {first} and {then}: TensorBoard shows only the \
                 {first}, the kind of the first value. Log each kind under a tag of its own. This is \
                 logged once per tag"
            ),
        );
    }

    fn step_back(&self, location: &str, back: StepBack<'_>) {
        let StepBack { tag, before, step } = back;
        // What describes a run is logged again as it grows.
        let describes = [LAYOUT_TAG, DESCRIPTION_TAG, PROVENANCE_TAG].contains(&tag);
        if describes || tag.starts_with("_hparams_/") {
            return;
        }
        log_guarded(
            Level::Warn,
            format_args!(
                "step {step} of {tag:?} in {location} follows step {before}: TensorBoard drops the \
                 points in between. Threads that log one tag need a child run each or one shared \
                 step counter; a training that starts over needs SummaryWriterBuilder::resume_at or \
                 a new directory. This is logged once per tag"
            ),
        );
    }

    fn drop_note(&self, dropped: u64) -> Vec<u8> {
        let text = format!(
            "**{dropped} events were dropped** before this point: the buffer was full, or too small for them, or they could not be encoded."
        );
        let mut body = Vec::new();
        Text::new(&text).encode(DROPPED_TAG, &mut SummaryEncoder::new(&mut body));
        body
    }
}
