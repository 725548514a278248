//! Calls the callbacks of a list one after the other, and shows the training in a profiler's
//! traces.

use super::callback::Callback;
use super::context::{Context, Progress, reborrow};
use super::error::CallbackError;
use super::logs::{LogValue, Logs};
use super::model::Model;
use crate::profile::{OpenSpan, Profiler, Span};
use crate::system::Causes;
use crate::writer::StepSource;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// The policy for callbacks that fail.
///
/// ```
/// use tfevents::callbacks::{CallbackList, LambdaCallback, OnError};
///
/// let upload = LambdaCallback::new("upload").on_epoch_end(|_| Err("no connection".into()));
/// let mut callbacks = CallbackList::new().with_callback(upload).on_error(OnError::Continue);
/// callbacks.on_epoch_end(0, [("loss", 0.5)])?;
/// assert_eq!(callbacks.errors()[0].callback(), "upload");
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// The hook returns the error, so that a loop with `?` ends. The other callbacks are still
    /// called; if another one fails in the same hook, its error is logged.
    #[default]
    Stop,
    /// The error is logged, once per callback, and kept in
    /// [`CallbackList::errors`](super::CallbackList::errors). The hook returns `Ok`.
    Continue,
}

/// The maximum number of errors that are kept under [`OnError::Continue`].
const MAX_ERRORS: usize = 100;

/// The callbacks and the state of their training.
#[derive(Default)]
pub(super) struct Dispatch {
    pub(super) entries: Vec<Entry>,
    pub(super) progress: Progress,
    pub(super) profiler: Option<Profiler>,
    pub(super) steps: Option<StepSource>,
    pub(super) on_error: OnError,
    pub(super) errors: Vec<CallbackError>,
    logs: HookLogs,
    spans: Spans,
}

/// The last values of each kind of hook, apart from each other so that names keep their indices.
#[derive(Default)]
struct HookLogs {
    none: Logs,
    train_batch: Logs,
    test_batch: Logs,
    predict_batch: Logs,
    test: Logs,
    epoch: Logs,
}

pub(super) struct Entry {
    pub(super) callback: Box<dyn Callback>,
    /// Whether a setting is invalid, so that no hook may run.
    misconfigured: bool,
    error_logged: bool,
    span_names: SpanNames,
}

impl Entry {
    pub(super) fn new(callback: Box<dyn Callback>) -> Self {
        let span_names = SpanNames::default();
        Self { callback, misconfigured: false, error_logged: false, span_names }
    }
}

/// Calls a hook of all callbacks, with one of the sets of logs.
macro_rules! call {
    ($this:ident, $model:ident, $logs:ident, $hook:ident) => {{
        let mut first = Ok(());
        for at in 0..$this.entries.len() {
            if $this.entries[at].misconfigured {
                continue;
            }
            let mut context = Context {
                progress: &mut $this.progress,
                logs: &mut $this.logs.$logs,
                model: reborrow(&mut $model),
                split: None,
            };
            let Entry { callback, span_names, .. } = &mut $this.entries[at];
            let span = hook_span(&$this.profiler, span_names, &**callback, stringify!($hook));
            let result = callback.$hook(&mut context);
            drop(span);
            if let Err(source) = result {
                let error = CallbackError::new(callback.name(), stringify!($hook), source);
                match $this.failed(at, error) {
                    Err(error) if first.is_err() => log::error!("{}", Causes(&error)),
                    result => first = first.and(result),
                }
            }
        }
        first
    }};
}

type Hooked = Result<(), CallbackError>;

impl Dispatch {
    pub(super) fn on_train_begin(&mut self, mut model: Option<&mut dyn Model>) -> Hooked {
        // A training that was left without its end.
        self.interrupt(None);
        self.progress.training = true;
        self.progress.stop = false;
        self.progress.initial_epoch = 0;
        self.progress.train_steps = 0;
        self.logs.epoch = Logs::default();
        for entry in &mut self.entries {
            entry.misconfigured = false;
        }
        call!(self, model, none, on_train_begin)
    }

    pub(super) fn on_train_end(&mut self, mut model: Option<&mut dyn Model>) -> Hooked {
        let result = call!(self, model, epoch, on_train_end);
        self.progress.training = false;
        self.spans.end_all();
        result
    }

    pub(super) fn on_epoch_begin(
        &mut self,
        mut model: Option<&mut dyn Model>,
        epoch: usize,
    ) -> Hooked {
        self.progress.epoch = epoch;
        self.begin_span(Phase::Epoch, epoch as u64);
        call!(self, model, none, on_epoch_begin)
    }

    pub(super) fn on_epoch_end<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        mut model: Option<&mut dyn Model>,
        epoch: usize,
        logs: impl IntoIterator<Item = (K, V)>,
    ) -> Hooked {
        self.progress.epoch = epoch;
        self.logs.epoch.assign(logs);
        let result = call!(self, model, epoch, on_epoch_end);
        self.spans.end(Phase::Epoch);
        result
    }

    pub(super) fn on_train_batch_begin(
        &mut self,
        mut model: Option<&mut dyn Model>,
        batch: usize,
    ) -> Hooked {
        self.progress.batch = batch;
        self.progress.train_steps += 1;
        if let Some(steps) = &self.steps {
            steps.set(self.progress.train_steps);
        }
        let result = call!(self, model, none, on_train_batch_begin);
        // The span of a step is without the hooks before and after it.
        self.begin_span(Phase::TrainStep, self.progress.train_steps);
        result
    }

    pub(super) fn on_train_batch_end<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        mut model: Option<&mut dyn Model>,
        batch: usize,
        logs: impl IntoIterator<Item = (K, V)>,
    ) -> Hooked {
        self.spans.end(Phase::TrainStep);
        self.progress.batch = batch;
        if !self.progress.iterations_set {
            self.progress.iterations += 1;
        }
        self.logs.train_batch.assign(logs);
        call!(self, model, train_batch, on_train_batch_end)
    }

    pub(super) fn on_test_begin(&mut self, mut model: Option<&mut dyn Model>) -> Hooked {
        self.begin_span(Phase::Test, 0);
        call!(self, model, none, on_test_begin)
    }

    pub(super) fn on_test_end<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        mut model: Option<&mut dyn Model>,
        logs: impl IntoIterator<Item = (K, V)>,
    ) -> Hooked {
        self.logs.test.assign(logs);
        let result = call!(self, model, test, on_test_end);
        self.spans.end(Phase::Test);
        result
    }

    pub(super) fn on_test_batch_begin(
        &mut self,
        mut model: Option<&mut dyn Model>,
        batch: usize,
    ) -> Hooked {
        self.progress.batch = batch;
        self.progress.test_steps += 1;
        let result = call!(self, model, none, on_test_batch_begin);
        self.begin_span(Phase::TestStep, self.progress.test_steps);
        result
    }

    pub(super) fn on_test_batch_end<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        mut model: Option<&mut dyn Model>,
        batch: usize,
        logs: impl IntoIterator<Item = (K, V)>,
    ) -> Hooked {
        self.spans.end(Phase::TestStep);
        self.progress.batch = batch;
        self.logs.test_batch.assign(logs);
        call!(self, model, test_batch, on_test_batch_end)
    }

    pub(super) fn on_predict_begin(&mut self, mut model: Option<&mut dyn Model>) -> Hooked {
        self.begin_span(Phase::Predict, 0);
        call!(self, model, none, on_predict_begin)
    }

    pub(super) fn on_predict_end(&mut self, mut model: Option<&mut dyn Model>) -> Hooked {
        let result = call!(self, model, none, on_predict_end);
        self.spans.end(Phase::Predict);
        result
    }

    pub(super) fn on_predict_batch_begin(
        &mut self,
        mut model: Option<&mut dyn Model>,
        batch: usize,
    ) -> Hooked {
        self.progress.batch = batch;
        self.progress.predict_steps += 1;
        let result = call!(self, model, none, on_predict_batch_begin);
        self.begin_span(Phase::PredictStep, self.progress.predict_steps);
        result
    }

    pub(super) fn on_predict_batch_end<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        mut model: Option<&mut dyn Model>,
        batch: usize,
        logs: impl IntoIterator<Item = (K, V)>,
    ) -> Hooked {
        self.spans.end(Phase::PredictStep);
        self.progress.batch = batch;
        self.logs.predict_batch.assign(logs);
        call!(self, model, predict_batch, on_predict_batch_end)
    }

    /// Returns the values of the last epoch, with those that callbacks have added.
    pub(super) fn epoch_logs(&self) -> &Logs {
        &self.logs.epoch
    }

    /// Ends a training that was left without its end. Every callback is called, whatever the
    /// others do.
    pub(super) fn interrupt(&mut self, mut model: Option<&mut dyn Model>) {
        if !self.progress.training {
            return;
        }
        self.progress.interrupted = true;
        let mut panic = None;
        for at in 0..self.entries.len() {
            if self.entries[at].misconfigured {
                continue;
            }
            let mut context = Context {
                progress: &mut self.progress,
                logs: &mut self.logs.epoch,
                model: reborrow(&mut model),
                split: None,
            };
            let callback = &mut self.entries[at].callback;
            match catch_unwind(AssertUnwindSafe(|| callback.on_train_end(&mut context))) {
                Ok(Ok(())) => {}
                Ok(Err(source)) => {
                    let error = CallbackError::new(callback.name(), "on_train_end", source);
                    if let Err(error) = self.failed(at, error) {
                        log::error!("{}", Causes(&error));
                    }
                }
                Err(payload) => {
                    log::error!("callback {} panicked in on_train_end", callback.name());
                    panic.get_or_insert(payload);
                }
            }
        }
        self.progress.interrupted = false;
        self.progress.training = false;
        self.spans.end_all();
        // A second panic while the first one unwinds would abort the program.
        if let Some(payload) = panic.filter(|_| !std::thread::panicking()) {
            resume_unwind(payload);
        }
    }

    #[cold]
    fn failed(&mut self, at: usize, error: CallbackError) -> Hooked {
        if error.is_config() {
            self.entries[at].misconfigured = true;
            return Err(error);
        }
        if self.on_error == OnError::Stop {
            return Err(error);
        }
        if !std::mem::replace(&mut self.entries[at].error_logged, true) {
            log::error!("{}; the training goes on", Causes(&error));
        }
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
        Ok(())
    }

    #[inline]
    fn begin_span(&mut self, phase: Phase, number: u64) {
        if let Some(profiler) = &self.profiler {
            self.spans.begin(profiler, phase, number);
        }
    }
}

/// The spans that are open between hooks.
#[derive(Default)]
struct Spans([Option<OpenSpan>; PHASES]);

/// A phase of the training that lasts from one hook to another.
#[derive(Clone, Copy)]
enum Phase {
    Epoch,
    TrainStep,
    Test,
    TestStep,
    Predict,
    PredictStep,
}

const PHASES: usize = 6;

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

    /// Returns the name of the field with the phase's number.
    fn field(self) -> Option<&'static str> {
        match self {
            Phase::Epoch => Some("epoch"),
            Phase::TrainStep | Phase::TestStep | Phase::PredictStep => Some("step"),
            Phase::Test | Phase::Predict => None,
        }
    }
}

impl Spans {
    fn begin(&mut self, profiler: &Profiler, phase: Phase, number: u64) {
        let slot = &mut self.0[phase as usize];
        // One that was left without its end.
        drop(slot.take());
        *slot = OpenSpan::new(profiler, phase.name()).map(|span| match phase.field() {
            Some(field) => span.with_field(field, number),
            None => span,
        });
    }

    #[inline]
    fn end(&mut self, phase: Phase) {
        drop(self.0[phase as usize].take());
    }

    /// Ends all spans: the training may end in the middle of a phase.
    fn end_all(&mut self) {
        self.0 = Default::default();
    }
}

/// Begins the span of a callback's hook if a trace is being recorded.
#[inline]
fn hook_span<'p>(
    profiler: &'p Option<Profiler>,
    names: &mut SpanNames,
    callback: &dyn Callback,
    hook: &'static str,
) -> Option<Span<'p>> {
    let profiler = profiler.as_ref().filter(|profiler| profiler.is_recording())?;
    Some(profiler.span_of(names.of(callback, hook)))
}

/// The names of a callback's spans, by hook. They are made when they are first needed.
#[derive(Default)]
struct SpanNames(Vec<(&'static str, Arc<str>)>);

impl SpanNames {
    fn of(&mut self, callback: &dyn Callback, hook: &'static str) -> &Arc<str> {
        let known = self.0.iter().position(|(of, _)| *of == hook);
        let at = known.unwrap_or_else(|| {
            self.0.push((hook, format!("{}.{hook}", callback.name()).into()));
            self.0.len() - 1
        });
        &self.0[at].1
    }
}
