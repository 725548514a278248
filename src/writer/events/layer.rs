//! What happens at an event.

use super::EventLayer;
use super::paths::SpanPath;
use super::plan::{EventPlan, Plan, first};
use super::shared::Sink;
use super::visit::{FoundStep, StepVisitor, TextVisitor, ValueVisitor, warn, warn_of_step};
use crate::summary::{Text, markdown};
use std::sync::atomic::Ordering;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Interest, Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// The tag of the text of events.
const TEXT_TAG: &str = "log";

impl<S> Layer<S> for EventLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let registry = dispatch.downcast_ref::<Registry>();
        let address = registry.map_or(0, |registry| std::ptr::from_ref(registry).addr());
        self.subscriber.store(address, Ordering::Relaxed);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if let Some(sink) = &self.sink {
            self.plan(metadata, sink);
        }
        // Other layers of the subscriber may be interested where this one is not.
        Interest::always()
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.new_span(attributes, id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.record_span(id, values, &context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(sink) = &self.sink else { return };
        let Plan::Event(plan) = self.plan(event.metadata(), sink) else { return };
        let mut own = None;
        if let Some(field) = plan.step {
            let mut visitor = StepVisitor::new(field);
            event.record(&mut visitor);
            match visitor.found {
                FoundStep::Step(step) => own = Some(step),
                FoundStep::Invalid => return self.invalid_step(event, plan, sink),
                FoundStep::Missing => {}
            }
        }
        let made;
        // With the path of the spans, their step is read too.
        let mut around = None;
        let tags = match &plan.tags {
            Some(tags) => tags,
            None => {
                let found = self.around(event, &context);
                around = Some(found.step);
                match (found.path, &self.paths) {
                    (Some(path), Some(paths)) => paths.tags(path, &plan.callsite, |path| {
                        plan.prefixed(&path.prefix(), self, sink)
                    }),
                    _ => {
                        let scope = context.event_scope(event).into_iter().flatten();
                        let path = SpanPath::from_innermost(scope.map(|span| span.metadata()));
                        made = plan.prefixed(&path.prefix(), self, sink);
                        &made
                    }
                }
            }
        };
        let step = || {
            own.or_else(|| {
                self.step_of(around.unwrap_or_else(|| self.around(event, &context).step))
            })
        };
        let mut visitor = ValueVisitor { plan, tags, sink, step, found: None };
        event.record(&mut visitor);
        if visitor.found == Some(None) {
            self.without_step(event, sink);
        }
        if plan.text {
            self.log_text(event, plan, sink, step);
        }
    }
}

impl EventLayer {
    fn log_text(
        &self,
        event: &Event<'_>,
        plan: &EventPlan,
        sink: &Sink,
        step: impl FnOnce() -> Option<i64>,
    ) {
        let mut visitor = TextVisitor::new(plan.step);
        event.record(&mut visitor);
        let Some(line) = visitor.line(event.metadata()) else { return };
        match step() {
            Some(step) => sink.push(TEXT_TAG, &Text::new(&markdown::code_block("", &line)), step),
            None => self.without_step(event, sink),
        }
    }

    #[cold]
    fn without_step(&self, event: &Event<'_>, sink: &Sink) {
        sink.count_without_step();
        if first(&self.warned_without_step) {
            warn(format_args!(
                "{} is not logged: no step (expected a field {:?} of the event or of a span around \
                 it, or a step in the StepSource); Stats::without_step counts such events",
                event.metadata().name(),
                self.settings.step_fields.first().map_or("step", |name| name)
            ));
        }
    }

    #[cold]
    fn invalid_step(&self, event: &Event<'_>, plan: &EventPlan, sink: &Sink) {
        sink.count_without_step();
        if first(&plan.warned) {
            warn_of_step(event.metadata(), plan.step);
        }
    }
}
