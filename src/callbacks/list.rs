//! The callbacks of a training, called one after the other.

use super::context::Progress;
use super::hooks::reborrow;
use super::spans::{HookNames, Spans};
use super::{Callback, CallbackError, Context, Hooks, Logs, Model};
use crate::profile::Profiler;
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What happens when a callback fails.
///
/// ```
/// use tfevents::callbacks::{CallbackList, LambdaCallback, OnError};
///
/// let failing = LambdaCallback::new("failing").on_epoch_end(|_| Err("no room".into()));
/// let mut callbacks = CallbackList::new().with_callback(failing).on_error(OnError::Continue);
/// callbacks.on_epoch_end(0, [("loss", 0.5)])?;
/// assert_eq!(callbacks.errors()[0].callback(), "failing");
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// The hook returns the error, so that a loop with `?` ends. The other callbacks are called
    /// all the same; should another one fail, that is told through the `log` facade.
    #[default]
    Stop,
    /// The error is told through the `log` facade, once per callback, and kept in
    /// [`CallbackList::errors`]. The hook returns `Ok`.
    Continue,
}

/// So many errors are kept under [`OnError::Continue`].
const KEPT_ERRORS: usize = 100;

/// The callbacks of a training, in the order in which they are called.
///
/// A loop calls a hook per line. Hooks that need a model get it by
/// [`with_model`](Self::with_model); without one, callbacks write what they can.
///
/// ```
/// use tfevents::callbacks::{CallbackList, EarlyStopping, TensorBoard};
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let mut callbacks = CallbackList::new()
///     .with_callback(TensorBoard::builder(logdir).build()?)
///     .with_callback(EarlyStopping::new("loss").patience(3));
///
/// callbacks.on_train_begin()?;
/// for epoch in 0..20 {
///     callbacks.on_epoch_begin(epoch)?;
///     for batch in 0..10 {
///         callbacks.on_train_batch_begin(batch)?;
///         let loss = 0.5; // your training
///         callbacks.on_train_batch_end(batch, [("loss", loss)])?;
///     }
///     callbacks.on_epoch_end(epoch, [("loss", 0.5)])?;
///     if callbacks.should_stop() {
///         break;
///     }
/// }
/// callbacks.on_train_end()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A loop that ends by an error or a panic and drops the list still ends every callback.
///
/// [`TrainingLoop`](super::TrainingLoop) calls the hooks itself.
#[derive(Default)]
pub struct CallbackList {
    pub(super) callbacks: Vec<Entry>,
    pub(super) progress: Progress,
    pub(super) logs: HookLogs,
    on_error: OnError,
    errors: Vec<CallbackError>,
    pub(super) spans: Spans,
}

/// What was reported last, a set for each kind of hook, so that names stay where they are.
#[derive(Default)]
pub(super) struct HookLogs {
    pub(super) none: Logs,
    pub(super) train_batch: Logs,
    pub(super) test_batch: Logs,
    pub(super) predict_batch: Logs,
    pub(super) test: Logs,
    pub(super) epoch: Logs,
}

pub(super) struct Entry {
    pub(super) callback: Box<dyn AnyCallback>,
    told: bool,
    pub(super) names: HookNames,
}

/// A callback that can be asked for by its type.
pub(super) trait AnyCallback: Callback {
    fn as_callback(&mut self) -> &mut dyn Callback;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<C: Callback + 'static> AnyCallback for C {
    fn as_callback(&mut self) -> &mut dyn Callback {
        self
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl CallbackList {
    /// An empty list.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let callbacks = CallbackList::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a callback behind the others.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let callbacks = CallbackList::new().with_callback(History::new()).with_callback(TerminateOnNan::new());
    /// ```
    #[must_use]
    pub fn with_callback(mut self, callback: impl Callback + 'static) -> Self {
        self.push(callback);
        self
    }

    /// The same, for a list that is there already.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let mut callbacks = CallbackList::new();
    /// callbacks.push(History::new());
    /// ```
    pub fn push(&mut self, callback: impl Callback + 'static) {
        if self.spans.profiler.is_none() {
            self.spans.profiler = callback.profiler().cloned();
        }
        let (callback, names) = (Box::new(callback), HookNames::default());
        self.callbacks.push(Entry { callback, told: false, names });
    }

    /// What happens when a callback fails. Default: the hook returns the error.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let callbacks = CallbackList::new().on_error(OnError::Continue);
    /// ```
    #[must_use]
    pub fn on_error(mut self, policy: OnError) -> Self {
        self.on_error = policy;
        self
    }

    /// A profiler whose traces show epochs, steps, tests and the hooks of callbacks. Default: that
    /// of the first callback that [has one](Callback::profiler).
    ///
    /// ```
    /// use tfevents::Profiler;
    /// use tfevents::callbacks::CallbackList;
    ///
    /// let profiler = Profiler::new();
    /// let mut callbacks = CallbackList::new().profiler(&profiler);
    /// ```
    #[must_use]
    pub fn profiler(mut self, profiler: &Profiler) -> Self {
        self.spans.profiler = Some(profiler.clone());
        self
    }

    /// The first callback of this type.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let callbacks = CallbackList::new().with_callback(History::new());
    /// assert!(callbacks.get::<History>().is_some());
    /// assert!(callbacks.get::<EarlyStopping>().is_none());
    /// ```
    pub fn get<C: Callback + 'static>(&self) -> Option<&C> {
        self.callbacks.iter().find_map(|entry| entry.callback.as_any().downcast_ref())
    }

    /// The same, to change it.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let mut callbacks = CallbackList::new().with_callback(History::new());
    /// let history = callbacks.get_mut::<History>().map(std::mem::take);
    /// ```
    pub fn get_mut<C: Callback + 'static>(&mut self) -> Option<&mut C> {
        self.callbacks.iter_mut().find_map(|entry| entry.callback.as_any_mut().downcast_mut())
    }

    /// Whether a callback has asked for the end of the training. To be looked at after a batch
    /// and after an epoch.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let mut callbacks = CallbackList::new().with_callback(TerminateOnNan::new());
    /// callbacks.on_train_batch_end(0, [("loss", f64::NAN)])?;
    /// assert!(callbacks.should_stop());
    /// # Ok::<(), CallbackError>(())
    /// ```
    pub fn should_stop(&self) -> bool {
        self.progress.stop
    }

    /// Tells how long the training will be, for a progress bar.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let mut callbacks = CallbackList::new();
    /// callbacks.set_params(10, Some(938)); // 10 epochs of 938 batches
    /// ```
    pub fn set_params(&mut self, epochs: usize, batches: Option<usize>) {
        self.progress.epochs = Some(epochs);
        self.progress.batches = batches;
    }

    /// Tells the learning rate, in a loop whose model does not.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.set_learning_rate(0.1);
    /// // … and before each epoch, as a callback may have changed it:
    /// assert_eq!(callbacks.learning_rate(), Some(0.1));
    /// ```
    pub fn set_learning_rate(&mut self, rate: f64) {
        self.progress.learning_rate = Some(rate);
    }

    /// The learning rate that was told or, later, that a callback asked for.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let mut callbacks = CallbackList::new();
    /// assert_eq!(callbacks.learning_rate(), None);
    /// callbacks.set_learning_rate(0.1);
    /// assert_eq!(callbacks.learning_rate(), Some(0.1));
    /// ```
    pub fn learning_rate(&self) -> Option<f64> {
        self.progress.learning_rate
    }

    /// Tells how often the optimizer has changed the weights, in a loop whose model does not, such
    /// as one that gathers gradients over several batches. Until it is told, train batches are
    /// counted.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.set_iterations(25); // after 100 batches, 4 a step
    /// ```
    pub fn set_iterations(&mut self, iterations: u64) {
        self.progress.iterations = iterations;
        self.progress.iterations_told = true;
    }

    /// The errors of callbacks under [`OnError::Continue`], the first hundred.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let callbacks = CallbackList::new().on_error(OnError::Continue);
    /// assert!(callbacks.errors().is_empty());
    /// ```
    pub fn errors(&self) -> &[CallbackError] {
        &self.errors
    }

    /// The hooks, with a model for the callbacks that want one.
    ///
    /// ```
    /// # use tfevents::callbacks::{CallbackList, Model};
    /// # struct Net;
    /// # impl Model for Net {}
    /// # let mut net = Net;
    /// # let mut callbacks = CallbackList::new();
    /// callbacks.with_model(&mut net).on_epoch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn with_model<'a>(&'a mut self, model: &'a mut dyn Model) -> Hooks<'a> {
        Hooks::new(self, Some(model))
    }

    /// What the last epoch reported, with what callbacks have added to it.
    pub(super) fn epoch_logs(&self) -> &Logs {
        &self.logs.epoch
    }

    /// Ends a training that was left without its end: every callback, whatever the others do.
    pub(super) fn interrupt(&mut self, mut model: Option<&mut dyn Model>) {
        if !self.progress.training {
            return;
        }
        self.progress.interrupted = true;
        let mut panic = None;
        for at in 0..self.callbacks.len() {
            let mut context = Context {
                progress: &mut self.progress,
                logs: &mut self.logs.epoch,
                model: reborrow(&mut model),
            };
            let callback = self.callbacks[at].callback.as_callback();
            match catch_unwind(AssertUnwindSafe(|| callback.on_train_end(&mut context))) {
                Ok(Ok(())) => {}
                Ok(Err(source)) => {
                    let error = CallbackError::new(callback, "on_train_end", source);
                    if let Err(error) = self.failed(at, error) {
                        log::error!("{error}");
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
        // A second panic on the way out of a first would abort the program.
        if let Some(payload) = panic.filter(|_| !std::thread::panicking()) {
            resume_unwind(payload);
        }
    }

    #[cold]
    pub(super) fn failed(&mut self, at: usize, error: CallbackError) -> Result<(), CallbackError> {
        if self.on_error == OnError::Stop {
            return Err(error);
        }
        if !std::mem::replace(&mut self.callbacks[at].told, true) {
            log::error!("{error}; training goes on");
        }
        if self.errors.len() < KEPT_ERRORS {
            self.errors.push(error);
        }
        Ok(())
    }
}

/// Ends every callback of a training that was left without its end.
impl Drop for CallbackList {
    fn drop(&mut self) {
        self.interrupt(None);
    }
}

impl fmt::Debug for CallbackList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.callbacks.iter().map(|entry| entry.callback.name()).collect();
        f.debug_struct("CallbackList")
            .field("callbacks", &names)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
