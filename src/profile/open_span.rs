//! Spans from one call to another, for callbacks.

use super::Profiler;
use super::chunk::{Label, Source};
use super::recorder::{Line, Recorder};
use super::span::{SpanValue, push};
use std::sync::Arc;

/// A span that is kept between calls, perhaps of several threads. It is drawn where it began.
pub(crate) struct OpenSpan {
    recorder: Arc<Recorder>,
    line: Arc<Line>,
    number: u64,
}

impl OpenSpan {
    /// `None` while the thread is being taken down.
    pub(crate) fn new(profiler: &Profiler, name: &'static str) -> Option<Self> {
        let recorder = profiler.recorder.clone();
        let line = recorder.line()?;
        let number = recorder.open(&line, Label::Static(name));
        Some(Self { recorder, line, number })
    }

    pub(crate) fn with_field(self, key: &'static str, value: u64) -> Self {
        if self.recorder.is_on() {
            let source = Source::Span(self.number);
            push(&self.recorder, &self.line, source, key, SpanValue::Uint(value));
        }
        self
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        self.recorder.close(&self.line, self.number);
    }
}
