//! The training as spans in a profiler's traces.

use crate::profile::{OpenSpan, Profiler, Span};
use std::sync::Arc;

/// The spans that are open between hooks.
#[derive(Default)]
pub(super) struct Spans {
    pub(super) profiler: Option<Profiler>,
    open: [Option<OpenSpan>; KINDS],
}

/// What lasts from one hook to another.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    Epoch,
    TrainStep,
    Test,
    TestStep,
    Predict,
    PredictStep,
}

const KINDS: usize = 6;

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Phase::Epoch => "epoch",
            Phase::TrainStep => "train_step",
            Phase::Test => "test",
            Phase::TestStep => "test_step",
            Phase::Predict => "predict",
            Phase::PredictStep => "predict_step",
        }
    }

    /// What its number is called.
    fn key(self) -> Option<&'static str> {
        match self {
            Phase::Epoch => Some("epoch"),
            Phase::TrainStep | Phase::TestStep | Phase::PredictStep => Some("step"),
            Phase::Test | Phase::Predict => None,
        }
    }
}

impl Spans {
    #[inline]
    pub(super) fn begin(&mut self, phase: Phase, number: u64) {
        if let Some(profiler) = &self.profiler {
            let place = &mut self.open[phase as usize];
            // One that was left without its end.
            drop(place.take());
            *place = OpenSpan::new(profiler, phase.name()).map(|span| match phase.key() {
                Some(key) => span.with_field(key, number),
                None => span,
            });
        }
    }

    #[inline]
    pub(super) fn end(&mut self, phase: Phase) {
        drop(self.open[phase as usize].take());
    }

    /// The training ends, perhaps in the middle of something.
    pub(super) fn end_all(&mut self) {
        self.open = Default::default();
    }

    /// A hook of a callback, while a trace is taken.
    #[inline]
    pub(super) fn hook(
        &self,
        names: &mut HookNames,
        callback: impl FnOnce() -> String,
        hook: &'static str,
    ) -> Option<Span<'_>> {
        let profiler = self.profiler.as_ref().filter(|profiler| profiler.is_recording())?;
        Some(profiler.span_of(names.of(callback, hook)))
    }
}

/// The names of a callback's spans, made when they are first wanted.
#[derive(Default)]
pub(super) struct HookNames(Vec<(&'static str, Arc<str>)>);

impl HookNames {
    fn of(&mut self, callback: impl FnOnce() -> String, hook: &'static str) -> &Arc<str> {
        let known = self.0.iter().position(|(of, _)| *of == hook);
        let at = known.unwrap_or_else(|| {
            self.0.push((hook, format!("{}.{hook}", callback()).into()));
            self.0.len() - 1
        });
        &self.0[at].1
    }
}
