//! What is logged of the events and spans of one callsite.

use super::shared::{Aggregate, AggregateKind, Sink};
use super::{EventLayer, Settings, TagPrefix};
use crate::wire::event::{SCALAR_METADATA, ScalarForm, ScalarTemplate};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing_core::Metadata;
use tracing_core::callsite::Identifier;

/// What is logged of a callsite.
#[derive(Debug)]
pub(super) enum Plan {
    Nothing,
    Span(SpanPlan),
    Event(EventPlan),
}

/// A span whose fields may have the step.
#[derive(Debug)]
pub(super) struct SpanPlan {
    /// The index of the field.
    pub(super) step: usize,
    pub(super) warned: AtomicBool,
}

/// An event that may be logged.
#[derive(Debug)]
pub(super) struct EventPlan {
    pub(super) callsite: Identifier,
    /// The index of the event's own step.
    pub(super) step: Option<usize>,
    /// Whether the event has a step or a prefix of its own, so that text in a field is worth a
    /// warning.
    pub(super) explicit: bool,
    pub(super) text: bool,
    pub(super) warned: AtomicBool,
    series: Names,
    /// `None` if the spans around an event name its tags.
    pub(super) tags: Option<TagSet>,
}

/// The kind of a series, from the prefix of its field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Value,
    Counter,
    MonotonicCounter,
    Histogram,
}

/// The names of the series without their prefixes, by the indices of their fields.
type Names = Box<[Option<(Box<str>, Kind)>]>;

/// The series of an event with their tags, by the indices of their fields.
pub(super) type TagSet = Box<[Option<Series>]>;

/// A field that is logged.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) tag: Box<str>,
    pub(super) template: ScalarTemplate,
    pub(super) state: State,
    pub(super) warned: AtomicBool,
}

#[derive(Debug)]
pub(super) enum State {
    Value,
    /// Logged when a step ends.
    Aggregate {
        aggregate: Arc<Aggregate>,
        monotonic: bool,
    },
    /// Another layer of the subscriber logs the field.
    Duplicate,
}

impl Plan {
    pub(super) fn new(metadata: &Metadata<'_>, layer: &EventLayer, sink: &Sink) -> Self {
        let settings = &layer.settings;
        let step = step_field(metadata, settings);
        if metadata.is_span() {
            let span = |step| Plan::Span(SpanPlan { step, warned: AtomicBool::new(false) });
            return step.map_or(Plan::Nothing, span);
        }
        if is_own(metadata.target()) || !settings.accepts_target(metadata) {
            return Plan::Nothing;
        }
        let series = series_of(metadata, step, settings);
        let text = settings.text.is_some_and(|level| *metadata.level() <= level);
        if !text && series.iter().all(Option::is_none) {
            return Plan::Nothing;
        }
        let prefixed = series.iter().flatten().any(|(_, kind)| *kind != Kind::Value)
            || metadata.fields().iter().any(|field| field.name().starts_with("gauge."));
        let callsite = metadata.callsite();
        let tags = match settings.prefix {
            TagPrefix::SpanPath => None,
            TagPrefix::None => Some(tag_set(&series, &callsite, "", layer, sink)),
            TagPrefix::Target => {
                let prefix = metadata.target().replace("::", "/") + "/";
                Some(tag_set(&series, &callsite, &prefix, layer, sink))
            }
        };
        let explicit = step.is_some() || prefixed;
        let warned = AtomicBool::new(false);
        Plan::Event(EventPlan { callsite, step, explicit, text, warned, series, tags })
    }
}

impl EventPlan {
    /// Returns the series of an event whose tags begin with a prefix.
    pub(super) fn prefixed(&self, prefix: &str, layer: &EventLayer, sink: &Sink) -> TagSet {
        tag_set(&self.series, &self.callsite, prefix, layer, sink)
    }
}

impl Series {
    /// Returns whether this is the first warning of the series.
    pub(super) fn warns(&self) -> bool {
        first(&self.warned)
    }
}

/// Returns whether this is the first call with this flag.
pub(super) fn first(flag: &AtomicBool) -> bool {
    !flag.load(Ordering::Relaxed) && !flag.swap(true, Ordering::Relaxed)
}

/// Returns whether events of this target are the crate's own.
pub(super) fn is_own(target: &str) -> bool {
    target.strip_prefix("tfevents").is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns whether events come from the `log` crate through `tracing-log`: their metadata is
/// that of a level.
pub(super) fn is_of_log(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log" && metadata.fields().field("log.target").is_some()
}

/// Returns the index of the field with the step, by the order of the names in the settings.
fn step_field(metadata: &Metadata<'_>, settings: &Settings) -> Option<usize> {
    let fields = metadata.fields();
    settings.step_fields.iter().find_map(|name| Some(fields.field(name)?.index()))
}

/// Returns the series of an event without their prefixes. If a field has a prefix of
/// OpenTelemetry's, those without are attributes.
fn series_of(metadata: &Metadata<'_>, step: Option<usize>, settings: &Settings) -> Names {
    let of_log = is_of_log(metadata);
    let kinds = [
        ("monotonic_counter.", Kind::MonotonicCounter),
        ("counter.", Kind::Counter),
        ("gauge.", Kind::Value),
        ("histogram.", Kind::Histogram),
    ];
    let prefixed = |name: &'static str| {
        kinds.iter().find_map(|&(prefix, kind)| Some((name.strip_prefix(prefix)?, kind)))
    };
    let any_prefixed = metadata.fields().iter().any(|field| prefixed(field.name()).is_some());
    let enabled = *metadata.level() <= settings.max_level;
    let series = metadata.fields().iter().map(|field| {
        let name = field.name();
        let other = step == Some(field.index()) || name == "message" || of_log;
        if other || !enabled {
            return None;
        }
        match prefixed(name) {
            Some((name, kind)) => Some((name.into(), kind)),
            None if any_prefixed => None,
            None => Some((name.into(), Kind::Value)),
        }
    });
    series.collect()
}

fn tag_set(
    series: &Names,
    callsite: &Identifier,
    prefix: &str,
    layer: &EventLayer,
    sink: &Sink,
) -> TagSet {
    let make = |(name, kind): &(Box<str>, Kind)| {
        let mut tag = String::with_capacity(prefix.len() + name.len());
        let _ = write!(tag, "{prefix}{name}");
        let subscriber = layer.subscriber.load(Ordering::Relaxed);
        // Without an address, two layers may belong to two subscribers.
        let mine = subscriber == 0 || sink.shared.claim(subscriber, callsite, &tag, &layer.alive);
        let state = match kind {
            _ if !mine => State::Duplicate,
            Kind::Value => State::Value,
            Kind::Counter | Kind::MonotonicCounter => State::Aggregate {
                aggregate: sink.shared.aggregate(&tag, AggregateKind::Total),
                monotonic: *kind == Kind::MonotonicCounter,
            },
            Kind::Histogram => State::Aggregate {
                aggregate: sink.shared.aggregate(&tag, AggregateKind::Distribution),
                monotonic: false,
            },
        };
        let metadata = match sink.form {
            ScalarForm::Simple => &[],
            ScalarForm::Tensor => SCALAR_METADATA,
        };
        let template = ScalarTemplate::new(&tag, sink.form, metadata);
        Series { tag: tag.into(), template, state, warned: AtomicBool::new(false) }
    };
    series.iter().map(|series| series.as_ref().map(make)).collect()
}
