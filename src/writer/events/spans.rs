//! The steps and the paths of spans.

use super::EventLayer;
use super::paths::{PathNumber, SpanPaths};
use super::plan::{Plan, SpanPlan, first};
use super::visit::{FoundStep, StepVisitor, warn_of_step};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

impl EventLayer {
    /// Returns the step and the path of the spans around an event.
    #[inline]
    pub(super) fn around<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Around
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(span) = context.event_span(event) else {
            return Around { step: FoundStep::Missing, path: Some(SpanPaths::ROOT) };
        };
        let extensions = span.extensions();
        match extensions.get::<SpanStates>().and_then(|states| states.get(self)) {
            Some(state) => Around { step: state.step(), path: state.path },
            None => Around { step: FoundStep::Missing, path: None },
        }
    }

    /// Returns the step of an event that has none of its own.
    #[inline]
    pub(super) fn step_of(&self, around: FoundStep) -> Option<i64> {
        match around {
            FoundStep::Step(step) => Some(step),
            FoundStep::Invalid => None,
            FoundStep::Missing => self.settings.steps.get().filter(|&step| step >= 0),
        }
    }

    /// Keeps the state of a new span for its events: its own step, if a field may have it, or that of
    /// the spans around, and the path of the spans.
    pub(super) fn new_span<S>(&self, attributes: &Attributes<'_>, id: &Id, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let (Some(sink), Some(span)) = (&self.sink, context.span(id)) else { return };
        let parent = span.parent();
        let outer = parent.as_ref().and_then(|parent| {
            let extensions = parent.extensions();
            extensions.get::<SpanStates>().and_then(|states| states.get(self)).cloned()
        });
        let outer_path = match (&outer, &parent) {
            (Some(outer), _) => outer.path,
            (None, None) => Some(SpanPaths::ROOT),
            // A span from before the layer.
            (None, Some(_)) => None,
        };
        let outer_step = outer.and_then(|outer| outer.step);
        let step = match self.plan(span.metadata(), sink) {
            Plan::Span(plan) => {
                let found = read_step(plan, &span, |visitor| attributes.record(visitor));
                Some(Arc::new(SpanStep::new(found, outer_step)))
            }
            _ => outer_step,
        };
        let path = self.paths.as_ref().zip(outer_path);
        let path = path.and_then(|(paths, outer)| paths.within(outer, span.metadata()));
        if step.is_none() && path.is_none() {
            return;
        }
        let state = SpanState { layer: id_of(self), step, path };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<SpanStates>() {
            Some(states) => states.more.push(state),
            None => extensions.insert(SpanStates { first: state, more: Vec::new() }),
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
        let extensions = span.extensions();
        let state = extensions.get::<SpanStates>().and_then(|states| states.get(self));
        if let Some(step) = state.and_then(|state| state.step.as_ref()) {
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

/// The step and the path of the spans around an event.
pub(super) struct Around {
    pub(super) step: FoundStep,
    /// The path of the spans; `None` if it is not known.
    pub(super) path: Option<PathNumber>,
}

/// The states of a span, one for each layer: layers may read different fields.
#[derive(Debug)]
struct SpanStates {
    first: SpanState,
    /// Those of further layers.
    more: Vec<SpanState>,
}

impl SpanStates {
    #[inline]
    fn get(&self, layer: &EventLayer) -> Option<&SpanState> {
        let layer = id_of(layer);
        std::iter::once(&self.first).chain(&self.more).find(|state| state.layer == layer)
    }
}

/// The state that a layer keeps of a span.
#[derive(Clone, Debug)]
struct SpanState {
    layer: usize,
    /// The step of the innermost span that may have one.
    step: Option<Arc<SpanStep>>,
    /// The path of the spans; `None` if no tag needs it, or if there are too many.
    path: Option<PathNumber>,
}

impl SpanState {
    #[inline]
    fn step(&self) -> FoundStep {
        self.step.as_ref().map_or(FoundStep::Missing, |step| step.get())
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
