//! Visitors of the fields of events and spans.

use super::plan::{EventPlan, Series, State, TagSet, is_own};
use super::shared::Sink;
use crate::system::log_guarded;
use log::Level;
use std::fmt::{self, Write};
use tracing_core::field::{Field, Visit};

/// The maximum length of the text of an event in bytes.
const MAX_TEXT: usize = 4 << 10;

/// The step of an event or a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FoundStep {
    Missing,
    /// The field has something else than an integer from 0.
    Invalid,
    Step(i64),
}

/// Reads the step from a field.
pub(super) struct StepVisitor {
    /// The index of the field.
    pub(super) field: usize,
    pub(super) found: FoundStep,
}

impl StepVisitor {
    pub(super) fn new(field: usize) -> Self {
        Self { field, found: FoundStep::Missing }
    }

    fn set(&mut self, field: &Field, step: Option<i64>) {
        if field.index() == self.field {
            self.found = step.map_or(FoundStep::Invalid, FoundStep::Step);
        }
    }
}

impl Visit for StepVisitor {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, Some(value).filter(|&step| step >= 0));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.try_into().ok());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.set(field, value.try_into().ok().filter(|&step: &i64| step >= 0));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.set(field, value.try_into().ok());
    }

    fn record_f64(&mut self, field: &Field, _: f64) {
        self.set(field, None);
    }

    fn record_bool(&mut self, field: &Field, _: bool) {
        self.set(field, None);
    }

    fn record_str(&mut self, field: &Field, _: &str) {
        self.set(field, None);
    }

    fn record_debug(&mut self, field: &Field, _: &dyn fmt::Debug) {
        self.set(field, None);
    }
}

/// Logs the numbers of an event.
pub(super) struct ValueVisitor<'a, F> {
    pub(super) plan: &'a EventPlan,
    pub(super) tags: &'a TagSet,
    pub(super) sink: &'a Sink,
    /// Returns the step; called if there is a number.
    pub(super) step: F,
    /// The step, once it was looked up.
    pub(super) found: Option<Option<i64>>,
}

impl<F: FnMut() -> Option<i64>> ValueVisitor<'_, F> {
    #[inline]
    fn add(&mut self, field: &Field, value: f64) {
        let Some(series) = self.tags.get(field.index()).and_then(Option::as_ref) else { return };
        let found = *self.found.get_or_insert_with(&mut self.step);
        let Some(step) = found else { return };
        // As `f32`, in which larger numbers are infinite.
        if !(value as f32).is_finite() {
            return warn_of_number(series, value);
        }
        match &series.state {
            State::Value => self.sink.push_scalar(&series.template, value as f32, step),
            State::Aggregate { monotonic: true, .. } if value < 0.0 => {
                warn_of_number(series, value)
            }
            State::Aggregate { aggregate, .. } => aggregate.add(self.sink, value, step),
            State::Duplicate => warn_of_duplicate(series, self.sink),
        }
    }

    #[inline]
    fn text(&mut self, field: &Field) {
        let series = self.tags.get(field.index()).and_then(Option::as_ref);
        if let (true, Some(series)) = (self.plan.explicit, series) {
            warn_of_text(series, field);
        }
    }
}

impl<F: FnMut() -> Option<i64>> Visit for ValueVisitor<'_, F> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value as f64);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value as f64);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, value as f64);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, value as f64);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, f64::from(u8::from(value)));
    }

    fn record_str(&mut self, field: &Field, _: &str) {
        self.text(field);
    }

    fn record_debug(&mut self, field: &Field, _: &dyn fmt::Debug) {
        self.text(field);
    }
}

#[cold]
fn warn_of_number(series: &Series, value: f64) {
    if series.warns() {
        let expected = match series.state {
            State::Aggregate { monotonic: true, .. } => "a finite number from 0",
            _ => "a finite f32",
        };
        warn(format_args!("{:?} is not logged: {value} (expected {expected})", series.tag));
    }
}

#[cold]
fn warn_of_text(series: &Series, field: &Field) {
    if series.warns() {
        warn(format_args!(
            "{:?} is not logged: the field {:?} is text (expected a number, without % or ?)",
            series.tag,
            field.name()
        ));
    }
}

#[cold]
fn warn_of_duplicate(series: &Series, sink: &Sink) {
    if series.warns() {
        warn(format_args!(
            "{:?} is not logged twice: another layer of this subscriber logs it into {}",
            series.tag,
            sink.path.display()
        ));
    }
}

#[cold]
pub(super) fn warn_of_step(metadata: &tracing_core::Metadata<'_>, step: Option<usize>) {
    let field = step.and_then(|index| metadata.fields().iter().nth(index));
    warn(format_args!(
        "{} is not logged: invalid step in the field {:?} (expected an integer from 0)",
        metadata.name(),
        field.map_or("step", |field| field.name())
    ));
}

/// Logs a warning. The caller checks that it is the first of its kind.
pub(super) fn warn(message: fmt::Arguments<'_>) {
    log_guarded(Level::Warn, format_args!("tracing event: {message} (logged once)"));
}

/// Writes the message and the fields of an event, without its step, as one line.
#[derive(Default)]
pub(super) struct TextVisitor {
    /// The index of the step's field.
    step: Option<usize>,
    message: Bounded,
    fields: Bounded,
    /// The target of a record of the `log` crate.
    target: Option<String>,
}

impl TextVisitor {
    /// Creates a visitor that leaves out the field with the step.
    pub(super) fn new(step: Option<usize>) -> Self {
        Self { step, ..Self::default() }
    }

    /// Returns the text; `None` for the crate's own records.
    pub(super) fn line(self, metadata: &tracing_core::Metadata<'_>) -> Option<String> {
        let target = self.target.as_deref().unwrap_or(metadata.target());
        if is_own(target) {
            return None;
        }
        let text = self.message.0 + &self.fields.0;
        Some(format!("{} {target}: {}", metadata.level(), text.trim_start()))
    }
}

impl Visit for TextVisitor {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        } else {
            self.record_debug(field, &format_args!("{value}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // A `Debug` that fails leaves what it has written.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if name.starts_with("log.") || self.step == Some(field.index()) => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// A text that takes no more than [`MAX_TEXT`] bytes.
#[derive(Default)]
struct Bounded(String);

impl Write for Bounded {
    // Returns no error for the rest: not every `Debug` expects one.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut end = text.len().min(MAX_TEXT - self.0.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.0.push_str(&text[..end]);
        Ok(())
    }
}
