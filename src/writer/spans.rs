//! The writes as spans in a profiler's traces.

#[cfg(feature = "profile")]
use crate::profile::{Profiler, Span};
use std::path::Path;
#[cfg(feature = "profile")]
use std::sync::OnceLock;

/// In whose traces the writes are shown; in nobody's without the feature.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    #[cfg(feature = "profile")]
    profiler: OnceLock<Profiler>,
}

#[cfg(feature = "profile")]
impl Spans {
    pub(super) fn of(profiler: &Profiler) -> Self {
        Self { profiler: profiler.clone().into() }
    }

    /// Shows them in the traces of this profiler, unless there is one already: traces show one
    /// profiler's spans, and the first is as good as the second.
    #[cfg(feature = "callbacks")]
    pub(super) fn show_in(&self, profiler: &Profiler) {
        let _ = self.profiler.set(profiler.clone());
    }

    /// A span until what is returned is dropped, with the name of the run, if it is about one.
    pub(super) fn begin(&self, name: &'static str, run: Option<&Path>) -> Option<Span<'_>> {
        let span = self.profiler.get()?.span(name);
        Some(match run.and_then(|dir| dir.file_name()?.to_str()) {
            Some(run) => span.with_field("run", run),
            None => span,
        })
    }
}

#[cfg(not(feature = "profile"))]
impl Spans {
    pub(super) fn begin(&self, _: &'static str, _: Option<&Path>) -> impl Sized + use<'_> {}
}
