//! The steps of spans.

use super::EventLayer;
use super::plan::{Plan, SpanPlan, first};
use super::visit::{FoundStep, StepVisitor, warn_of_step};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

impl EventLayer {
    /// Returns the step of an event that has none of its own.
    pub(super) fn step_around<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Option<i64>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let span = context.event_span(event);
        let found = span.map_or(FoundStep::Missing, |span| {
            span.extensions().get::<SpanSteps>().map_or(FoundStep::Missing, |steps| steps.of(self))
        });
        match found {
            FoundStep::Step(step) => Some(step),
            FoundStep::Invalid => None,
            FoundStep::Missing => self.settings.steps.get().filter(|&step| step >= 0),
        }
    }

    /// Keeps the step of a new span: its own, if a field may have it, and that of the spans around.
    pub(super) fn new_span<S>(&self, attributes: &Attributes<'_>, id: &Id, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let (Some(sink), Some(span)) = (&self.sink, context.span(id)) else { return };
        let outer = span.parent().and_then(|parent| {
            parent.extensions().get::<SpanSteps>().and_then(|steps| steps.get(self).cloned())
        });
        let step = match self.plan(span.metadata(), sink) {
            Plan::Span(plan) => Arc::new(SpanStep::new(
                read_step(plan, &span, |visitor| attributes.record(visitor)),
                outer,
            )),
            // Events look at the innermost span alone.
            _ => match outer {
                Some(outer) => outer,
                None => return,
            },
        };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<SpanSteps>() {
            Some(steps) => steps.more.push((id_of(self), step)),
            None => extensions.insert(SpanSteps { first: (id_of(self), step), more: Vec::new() }),
        }
    }

    /// Keeps the step of a span that is recorded later.
    pub(super) fn record_span<S>(&self, id: &Id, values: &Record<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let (Some(sink), Some(span)) = (&self.sink, context.span(id)) else { return };
        let Plan::Span(plan) = self.plan(span.metadata(), sink) else { return };
        let found = read_step(plan, &span, |visitor| values.record(visitor));
        if let Some(step) = span.extensions().get::<SpanSteps>().and_then(|steps| steps.get(self)) {
            step.set(found);
        }
    }
}

fn read_step<S>(
    plan: &SpanPlan,
    span: &SpanRef<'_, S>,
    record: impl FnOnce(&mut StepVisitor),
) -> FoundStep
where
    S: for<'a> LookupSpan<'a>,
{
    let mut visitor = StepVisitor::new(plan.step);
    record(&mut visitor);
    if visitor.found == FoundStep::Invalid && first(&plan.warned) {
        warn_of_step(span.metadata(), Some(plan.step));
    }
    visitor.found
}

/// The steps of a span, by layer: they may read different fields.
#[derive(Debug)]
struct SpanSteps {
    first: (usize, Arc<SpanStep>),
    /// Those of further layers.
    more: Vec<(usize, Arc<SpanStep>)>,
}

impl SpanSteps {
    #[inline]
    fn get(&self, layer: &EventLayer) -> Option<&Arc<SpanStep>> {
        let layer = id_of(layer);
        let mut all = std::iter::once(&self.first).chain(&self.more);
        all.find(|(of, _)| *of == layer).map(|(_, step)| step)
    }

    #[inline]
    fn of(&self, layer: &EventLayer) -> FoundStep {
        self.get(layer).map_or(FoundStep::Missing, |step| step.get())
    }
}

/// The step of a span, which spans within it share that have no field for one.
#[derive(Debug)]
struct SpanStep {
    /// The step, or [`MISSING`], or [`INVALID`].
    own: AtomicI64,
    /// That of the spans around it, for as long as it has none of its own.
    outer: Option<Arc<SpanStep>>,
}

/// The value of a step that is not recorded yet.
const MISSING: i64 = -1;
/// The value of a step that is no integer from 0.
const INVALID: i64 = -2;

impl SpanStep {
    fn new(found: FoundStep, outer: Option<Arc<SpanStep>>) -> Self {
        let missing = found == FoundStep::Missing;
        let step = Self { own: AtomicI64::new(MISSING), outer: outer.filter(|_| missing) };
        step.set(found);
        step
    }

    fn set(&self, found: FoundStep) {
        let own = match found {
            FoundStep::Missing => return,
            FoundStep::Invalid => INVALID,
            FoundStep::Step(step) => step,
        };
        self.own.store(own, Ordering::Relaxed);
    }

    #[inline]
    fn get(&self) -> FoundStep {
        let mut span = self;
        loop {
            match (span.own.load(Ordering::Relaxed), &span.outer) {
                (INVALID, _) => return FoundStep::Invalid,
                (MISSING, None) => return FoundStep::Missing,
                (MISSING, Some(outer)) => span = outer,
                (step, _) => return FoundStep::Step(step),
            }
        }
    }
}

/// Returns a number that no other layer has while this one lives.
fn id_of(layer: &EventLayer) -> usize {
    Arc::as_ptr(&layer.alive).addr()
}
