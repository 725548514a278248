//! Spans and marks of our own, for programs without `tracing`, and for this crate itself.

use super::Profiler;
use super::chunk::{Field, FieldValue, Label, Source, cut};
use super::recorder::{Line, Recorder};
use std::fmt;
use std::marker::PhantomData;

/// A span of a [`Profiler`], from [`Profiler::span`] until it is dropped.
///
/// ```
/// # let profiler = tfevents::Profiler::new();
/// let forward = profiler.span("forward");
/// // the work
/// drop(forward);
/// ```
#[must_use = "the span ends where this is dropped"]
pub struct Span<'p> {
    profiler: &'p Profiler,
    number: u64,
    /// It ends on the thread that it began on.
    _here: PhantomData<*const ()>,
}

/// A value of a span or a mark, from a number, a `bool` or a text.
///
/// ```
/// use tfevents::profile::{Profiler, SpanValue};
///
/// let profiler = Profiler::new();
/// let span = profiler.span("load").with_field("images", 32).with_field("from", "cache");
/// assert!(matches!(SpanValue::from(0.5), SpanValue::Float(_)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum SpanValue<'v> {
    /// A whole number.
    Int(i64),
    /// A whole number, not negative.
    Uint(u64),
    /// Any number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A text. It is copied, and cut after 1 KiB.
    Text(&'v str),
}

macro_rules! value_from {
    ($($variant:ident($as:ty): $($from:ty),*;)*) => {$($(
        impl From<$from> for SpanValue<'_> {
            fn from(value: $from) -> Self {
                SpanValue::$variant(value as $as)
            }
        }
    )*)*};
}

value_from! {
    Int(i64): i8, i16, i32, i64, isize;
    Uint(u64): u8, u16, u32, u64, usize;
    Float(f64): f32, f64;
}

impl From<bool> for SpanValue<'_> {
    fn from(value: bool) -> Self {
        SpanValue::Bool(value)
    }
}

impl<'v> From<&'v str> for SpanValue<'v> {
    fn from(value: &'v str) -> Self {
        SpanValue::Text(value)
    }
}

impl<'v> From<&'v String> for SpanValue<'v> {
    fn from(value: &'v String) -> Self {
        SpanValue::Text(value)
    }
}

impl SpanValue<'_> {
    /// As a field keeps it, and the text that goes with it.
    fn keep(&self) -> (FieldValue, &str) {
        match *self {
            SpanValue::Int(value) => (FieldValue::Int(value), ""),
            SpanValue::Uint(value) => (FieldValue::Uint(value), ""),
            SpanValue::Float(value) => (FieldValue::Float(value), ""),
            SpanValue::Bool(value) => (FieldValue::Bool(value), ""),
            SpanValue::Text(text) => {
                let text = cut(text);
                (FieldValue::Text { at: 0, len: text.len() as u32 }, text)
            }
        }
    }
}

pub(super) fn push(
    recorder: &Recorder,
    line: &Line,
    source: Source,
    key: &'static str,
    value: SpanValue<'_>,
) {
    let (value, text) = value.keep();
    let time = recorder.clock.now();
    recorder.push_fields(line, &[Field { source, time, key, value }], text);
}

impl<'p> Span<'p> {
    #[inline]
    pub(super) fn new(profiler: &'p Profiler, label: Label) -> Self {
        let recorder = &profiler.recorder;
        let number = recorder.with_line(|line| recorder.open(line, label)).unwrap_or(0);
        Self { profiler, number, _here: PhantomData }
    }

    /// Gives the span a value, which the trace shows with it. It is recorded only while a trace
    /// is taken.
    ///
    /// ```
    /// # let profiler = tfevents::Profiler::new();
    /// let _span = profiler.span("load").with_field("images", 32).with_field("from", "cache");
    /// ```
    pub fn with_field<'v>(self, key: &'static str, value: impl Into<SpanValue<'v>>) -> Self {
        let recorder = &self.profiler.recorder;
        if recorder.is_on() && self.number != 0 {
            let value = value.into();
            let source = Source::Span(self.number);
            recorder.with_line(|line| push(recorder, line, source, key, value));
        }
        self
    }
}

impl Drop for Span<'_> {
    #[inline]
    fn drop(&mut self) {
        let recorder = &self.profiler.recorder;
        recorder.with_line(|line| recorder.close(line, self.number));
    }
}

impl fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Span").finish_non_exhaustive()
    }
}

/// A moment with a name.
pub(super) fn mark(profiler: &Profiler, name: &'static str) {
    let recorder = &profiler.recorder;
    if recorder.is_on() {
        recorder.with_line(|line| recorder.mark(line, Label::Static(name)));
    }
}
