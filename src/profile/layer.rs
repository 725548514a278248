//! Spans and events of `tracing`.

use super::Profiler;
use super::chunk::{Field, FieldValue, Label, MAX_TEXT, Source, truncate};
use std::cell::Cell;
use std::fmt::{self, Write};
use tracing_core::field::Visit;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanData};

/// A layer of `tracing` that records spans and events in the traces of a [`Profiler`]; returned by
/// [`Profiler::layer`].
///
/// Spans are recorded from enter to exit. Fields are recorded if they are set while a trace is
/// recorded; those with `Debug` values as texts.
///
/// ```
/// use tfevents::profile::Profiler;
/// use tracing_subscriber::filter::LevelFilter;
/// use tracing_subscriber::prelude::*;
///
/// let profiler = Profiler::new();
/// // Without debug and trace spans.
/// let layer = profiler.layer().with_filter(LevelFilter::INFO);
/// let subscriber = tracing_subscriber::registry().with(layer);
/// // subscriber.init();
/// ```
#[derive(Clone, Debug)]
pub struct ProfilerLayer {
    profiler: Profiler,
}

impl Profiler {
    /// Returns a layer that records the spans and events of `tracing`, of every level.
    ///
    /// `with_filter` leaves some out. The subscriber must store spans, as
    /// [`Registry`](tracing_subscriber::Registry) does.
    ///
    /// ```
    /// use tfevents::profile::Profiler;
    /// use tracing_subscriber::prelude::*;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// let profiler = Profiler::new();
    /// let subscriber = tracing_subscriber::registry().with(profiler.layer());
    /// # tracing::subscriber::with_default(subscriber, || {
    /// // subscriber.init();
    ///
    /// let trace = profiler.start(run)?;
    /// tracing::info_span!("forward", batch = 3).in_scope(|| {
    ///     // spans within, on this thread
    /// });
    /// trace.stop()?;
    /// # Ok::<(), tfevents::profile::ProfileError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn layer(&self) -> ProfilerLayer {
        ProfilerLayer { profiler: self.clone() }
    }
}

impl<S> Layer<S> for ProfilerLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        // The names of spans that are open when a trace stops are looked up on the thread that
        // stops it, which may have another subscriber, or none.
        let weak = dispatch.downgrade();
        self.profiler.recorder.set_resolver(Box::new(move |id| {
            let dispatch = weak.upgrade()?;
            let data = dispatch.downcast_ref::<S>()?.span_data(&Id::from_u64(id))?;
            Some(data.metadata().name())
        }));
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if self.profiler.is_recording() && !attributes.metadata().fields().is_empty() {
            let source = Source::Tracing(id.into_u64());
            let new = FieldValue::New(attributes.metadata().name());
            self.record(source, Some(new), |visitor| attributes.record(visitor));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if self.profiler.is_recording() {
            let source = Source::Tracing(id.into_u64());
            self.record(source, None, |visitor| values.record(visitor));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let recorder = &self.profiler.recorder;
        if recorder.is_on() {
            let label = Label::Static(event.metadata().name());
            let source = recorder.with_line(|line| recorder.instant(line, label)).flatten();
            if let Some(source) = source {
                self.record(source, None, |visitor| event.record(visitor));
            }
        }
    }

    #[inline]
    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let recorder = &self.profiler.recorder;
        recorder.with_line(|line| recorder.enter(line, id.into_u64()));
    }

    #[inline]
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let recorder = &self.profiler.recorder;
        let name = || context.metadata(id).map(|metadata| metadata.name());
        recorder.with_line(|line| recorder.exit(line, id.into_u64(), name));
    }
}

thread_local! {
    /// Reused, so that recording does not allocate.
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

#[derive(Default)]
struct Scratch {
    fields: Vec<Field>,
    text: String,
}

impl ProfilerLayer {
    /// Records fields. The `Debug` of a value may open spans itself, so it is called before any lock
    /// is taken.
    fn record(
        &self,
        source: Source,
        first: Option<FieldValue>,
        visit: impl FnOnce(&mut Visitor<'_>),
    ) {
        let recorder = &self.profiler.recorder;
        let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let time = recorder.clock.now();
        let mut visitor = Visitor { source, time, scratch: &mut scratch };
        if let Some(value) = first {
            visitor.push("", value);
        }
        visit(&mut visitor);
        recorder.with_line(|line| recorder.push_fields(line, &scratch.fields, &scratch.text));
        scratch.fields.clear();
        scratch.text.clear();
        let _ = SCRATCH.try_with(|cell| cell.set(Some(scratch)));
    }
}

struct Visitor<'s> {
    source: Source,
    time: u64,
    scratch: &'s mut Scratch,
}

impl Visitor<'_> {
    fn push(&mut self, key: &'static str, value: FieldValue) {
        let source = self.source;
        let time = self.time;
        self.scratch.fields.push(Field { source, time, key, value });
    }

    /// Adds a field whose text begins at `at`.
    fn push_text(&mut self, key: &'static str, at: usize) {
        let len = truncate(&self.scratch.text[at..]).len();
        self.scratch.text.truncate(at + len);
        self.push(key, FieldValue::Text { at: at as u32, len: len as u32 });
    }
}

type FieldName = tracing_core::Field;

impl Visit for Visitor<'_> {
    fn record_i64(&mut self, field: &FieldName, value: i64) {
        self.push(field.name(), FieldValue::Int(value));
    }

    fn record_u64(&mut self, field: &FieldName, value: u64) {
        self.push(field.name(), FieldValue::Uint(value));
    }

    fn record_f64(&mut self, field: &FieldName, value: f64) {
        self.push(field.name(), FieldValue::Float(value));
    }

    fn record_bool(&mut self, field: &FieldName, value: bool) {
        self.push(field.name(), FieldValue::Bool(value));
    }

    fn record_str(&mut self, field: &FieldName, value: &str) {
        let at = self.scratch.text.len();
        self.scratch.text.push_str(truncate(value));
        self.push_text(field.name(), at);
    }

    fn record_debug(&mut self, field: &FieldName, value: &dyn fmt::Debug) {
        let at = self.scratch.text.len();
        // If `Debug` fails, what it has written until then is recorded.
        let _ = write!(Truncated { text: &mut self.scratch.text, at }, "{value:?}");
        self.push_text(field.name(), at);
    }
}

/// Writes only the part of a text that is recorded: the text may be that of a whole tensor.
struct Truncated<'t> {
    text: &'t mut String,
    /// The start of the text.
    at: usize,
}

impl Write for Truncated<'_> {
    // Returns no error for the rest: not every `Debug` expects one.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.text.len() - self.at < MAX_TEXT {
            self.text.push_str(truncate(text));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::prelude::*;

    #[test]
    fn long_texts_do_not_stay_in_memory() {
        let profiler = Profiler::new();
        let subscriber = tracing_subscriber::registry().with(profiler.layer());
        let dir = tempfile::tempdir().unwrap();
        let trace = profiler.start(dir.path()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(tensor = ?vec![0.5; 1_000_000], after = "x");
        });
        trace.stop().unwrap();
        let scratch = SCRATCH.with(Cell::take).unwrap();
        assert!(scratch.text.capacity() <= 8 * MAX_TEXT, "{}", scratch.text.capacity());
    }
}
