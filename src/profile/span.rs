//! Spans and instants of this crate's own, for programs without `tracing` and for the crate itself.

use super::Profiler;
use super::chunk::{Field, FieldValue, Label, Source, truncate};
use super::recorder::{Line, Recorder};
use std::fmt;
use std::marker::PhantomData;
#[cfg(feature = "callbacks")]
use std::sync::Arc;

/// A span of a [`Profiler`], which ends when it is dropped; returned by [`Profiler::span`].
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
    /// A span ends on the thread on which it began.
    _not_send: PhantomData<*const ()>,
}

/// The value of a span's field: a number, a `bool` or a text.
///
/// Texts are truncated to 1 KiB.
///
/// ```
/// use tfevents::profile::{Profiler, SpanValue};
///
/// let profiler = Profiler::new();
/// let span = profiler.span("load").with_field("images", 32).with_field("from", "cache");
/// assert_eq!(SpanValue::from(0.5f32), SpanValue::from(0.5f64));
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct SpanValue<'v>(Value<'v>);

#[derive(Clone, Copy, PartialEq)]
enum Value<'v> {
    Int(i64),
    Uint(u64),
    Float(f64),
    Bool(bool),
    Text(&'v str),
}

macro_rules! value_from {
    ($($variant:ident($as:ty): $($from:ty),*;)*) => {$($(
        impl From<$from> for SpanValue<'_> {
            fn from(value: $from) -> Self {
                Self(Value::$variant(value as $as))
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
        Self(Value::Bool(value))
    }
}

impl<'v> From<&'v str> for SpanValue<'v> {
    fn from(value: &'v str) -> Self {
        Self(Value::Text(value))
    }
}

impl<'v> From<&'v String> for SpanValue<'v> {
    fn from(value: &'v String) -> Self {
        Self(Value::Text(value))
    }
}

impl fmt::Debug for SpanValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Int(value) => value.fmt(f),
            Value::Uint(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Bool(value) => value.fmt(f),
            Value::Text(value) => value.fmt(f),
        }
    }
}

impl SpanValue<'_> {
    /// Returns the value as it is recorded, and the text that belongs to it.
    fn split(&self) -> (FieldValue, &str) {
        match self.0 {
            Value::Int(value) => (FieldValue::Int(value), ""),
            Value::Uint(value) => (FieldValue::Uint(value), ""),
            Value::Float(value) => (FieldValue::Float(value), ""),
            Value::Bool(value) => (FieldValue::Bool(value), ""),
            Value::Text(text) => {
                let text = truncate(text);
                (FieldValue::Text { at: 0, len: text.len() as u32 }, text)
            }
        }
    }
}

fn push_field(
    recorder: &Recorder,
    line: &Line,
    source: Source,
    key: &'static str,
    value: SpanValue<'_>,
) {
    let (value, text) = value.split();
    let time = recorder.clock.now();
    recorder.push_fields(line, &[Field { source, time, key, value }], text);
}

impl<'p> Span<'p> {
    #[inline]
    pub(super) fn new(profiler: &'p Profiler, label: Label) -> Self {
        let recorder = &profiler.recorder;
        let number = recorder.with_line(|line| recorder.open(line, label)).unwrap_or(0);
        Self { profiler, number, _not_send: PhantomData }
    }

    /// Adds a field, which the trace shows with the span.
    ///
    /// It is recorded only while a trace is. Numbers, `bool`s and texts are allowed; see
    /// [`SpanValue`].
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
            recorder.with_line(|line| push_field(recorder, line, source, key, value));
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

/// Records an instant.
pub(super) fn instant(profiler: &Profiler, name: &'static str) {
    let recorder = &profiler.recorder;
    if recorder.is_on() {
        recorder.with_line(|line| recorder.instant(line, Label::Static(name)));
    }
}

/// A span between two calls of callbacks, perhaps on different threads. It is drawn on the thread
/// where it began.
#[cfg(feature = "callbacks")]
pub(crate) struct OpenSpan {
    recorder: Arc<Recorder>,
    line: Arc<Line>,
    number: u64,
}

#[cfg(feature = "callbacks")]
impl OpenSpan {
    /// Opens a span. Returns `None` while the thread's local data are being destroyed.
    pub(crate) fn new(profiler: &Profiler, name: &'static str) -> Option<Self> {
        let recorder = profiler.recorder.clone();
        let line = recorder.line()?;
        let number = recorder.open(&line, Label::Static(name));
        Some(Self { recorder, line, number })
    }

    pub(crate) fn with_field(self, key: &'static str, value: u64) -> Self {
        if self.recorder.is_on() {
            let source = Source::Span(self.number);
            push_field(&self.recorder, &self.line, source, key, value.into());
        }
        self
    }
}

#[cfg(feature = "callbacks")]
impl Drop for OpenSpan {
    fn drop(&mut self) {
        self.recorder.close(&self.line, self.number);
    }
}
