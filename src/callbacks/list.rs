//! A list of callbacks.

use super::callback::Callback;
use super::dispatch::{Dispatch, Entry, OnError};
use super::error::CallbackError;
use super::logs::Logs;
use super::model::Model;
use crate::profile::Profiler;
use crate::writer::StepSource;
use std::fmt;

/// The callbacks of a training, in the order in which they are called.
///
/// A loop calls one hook per line; a [`TrainingLoop`](super::TrainingLoop) calls them itself.
/// Callbacks that need a model get it through [`with_model`](Self::with_model).
///
/// ```no_run
/// use tfevents::callbacks::{CallbackList, EarlyStopping, TensorBoard};
///
/// let mut callbacks = CallbackList::new()
///     .with_callback(TensorBoard::builder("logs/fit").build()?)
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
/// A list that is dropped during a training, by an error or a panic in the loop, ends every
/// callback.
#[derive(Default)]
pub struct CallbackList {
    pub(super) dispatch: Dispatch,
}

impl CallbackList {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a callback at the end of the list.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, History, TerminateOnNan};
    ///
    /// let callbacks =
    ///     CallbackList::new().with_callback(History::new()).with_callback(TerminateOnNan::new());
    /// ```
    #[must_use]
    #[doc(alias("with", "add"))]
    pub fn with_callback(mut self, callback: impl Callback) -> Self {
        self.push(callback);
        self
    }

    /// Adds a callback at the end of an existing list.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, History};
    ///
    /// let mut callbacks = CallbackList::new();
    /// callbacks.push(History::new());
    /// ```
    pub fn push(&mut self, callback: impl Callback) {
        self.push_boxed(Box::new(callback));
    }

    /// Adds a boxed callback at the end of an existing list.
    ///
    /// ```
    /// use tfevents::callbacks::{Callback, CallbackList, EarlyStopping, TerminateOnNan};
    ///
    /// let patience = Some(3);
    /// let stopping: Box<dyn Callback> = match patience {
    ///     Some(patience) => Box::new(EarlyStopping::new("val_loss").patience(patience)),
    ///     None => Box::new(TerminateOnNan::new()),
    /// };
    /// let mut callbacks = CallbackList::new();
    /// callbacks.push_boxed(stopping);
    /// assert!(callbacks.get::<EarlyStopping>().is_some());
    /// ```
    pub fn push_boxed(&mut self, callback: Box<dyn Callback>) {
        if self.dispatch.profiler.is_none() {
            self.dispatch.profiler = callback.profiler().cloned();
        }
        self.dispatch.entries.push(Entry::new(callback));
    }

    /// Sets what happens when a callback fails. Default: [`OnError::Stop`].
    ///
    /// An invalid setting of a callback is returned by `on_train_begin` in any case.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, OnError};
    ///
    /// let callbacks = CallbackList::new().on_error(OnError::Continue);
    /// ```
    #[must_use]
    pub fn on_error(mut self, policy: OnError) -> Self {
        self.dispatch.on_error = policy;
        self
    }

    /// Sets the profiler whose traces show epochs, steps, tests and the hooks of callbacks.
    /// Default: that of the first callback that [has one](Callback::profiler).
    ///
    /// ```
    /// use tfevents::Profiler;
    /// use tfevents::callbacks::CallbackList;
    ///
    /// let profiler = Profiler::new();
    /// let callbacks = CallbackList::new().profiler(&profiler);
    /// ```
    #[must_use]
    pub fn profiler(mut self, profiler: &Profiler) -> Self {
        self.dispatch.profiler = Some(profiler.clone());
        self
    }

    /// Sets a source whose step is the number of train batches that have begun, counted from 1 in
    /// each training, for what logs beside the loop. Default: none.
    ///
    /// A callback [`TensorBoard`](super::TensorBoard) sets that of its writer without it.
    ///
    /// ```
    /// use tfevents::StepSource;
    /// use tfevents::callbacks::CallbackList;
    ///
    /// let steps = StepSource::new();
    /// let mut callbacks = CallbackList::new().step_source(&steps);
    /// callbacks.on_train_begin()?;
    /// callbacks.on_train_batch_begin(0)?;
    /// assert_eq!(steps.get(), Some(1));
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    #[must_use]
    pub fn step_source(mut self, steps: &StepSource) -> Self {
        self.dispatch.steps = Some(steps.clone());
        self
    }

    /// Returns the first callback of this type.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, EarlyStopping, History};
    ///
    /// let callbacks = CallbackList::new().with_callback(History::new());
    /// assert!(callbacks.get::<History>().is_some());
    /// assert!(callbacks.get::<EarlyStopping>().is_none());
    /// ```
    pub fn get<C: Callback>(&self) -> Option<&C> {
        self.dispatch.entries.iter().find_map(|entry| entry.callback.downcast_ref())
    }

    /// Returns the first callback of this type, to change it.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, History};
    ///
    /// let mut callbacks = CallbackList::new().with_callback(History::new());
    /// let history = callbacks.get_mut::<History>().map(std::mem::take);
    /// ```
    pub fn get_mut<C: Callback>(&mut self) -> Option<&mut C> {
        self.dispatch.entries.iter_mut().find_map(|entry| entry.callback.downcast_mut())
    }

    /// Returns whether a callback has asked for the end of the training. A loop checks it after
    /// each batch, to go on with the end of the epoch, and after each epoch.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, TerminateOnNan};
    ///
    /// let mut callbacks = CallbackList::new().with_callback(TerminateOnNan::new());
    /// callbacks.on_train_batch_end(0, [("loss", f64::NAN)])?;
    /// assert!(callbacks.should_stop());
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    #[doc(alias = "stop_training")]
    pub fn should_stop(&self) -> bool {
        self.dispatch.progress.stop
    }

    /// Returns the epoch at which the training begins, after `on_train_begin`: 0, or the one that a
    /// [`BackupAndRestore`](super::BackupAndRestore) callback has restored.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_begin()?;
    /// for epoch in callbacks.initial_epoch()..10 {
    ///     callbacks.on_epoch_begin(epoch)?;
    ///     // your training
    ///     callbacks.on_epoch_end(epoch, [("loss", 0.5)])?;
    /// }
    /// callbacks.on_train_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn initial_epoch(&self) -> usize {
        self.dispatch.progress.initial_epoch
    }

    /// Sets the number of epochs, and of batches per epoch if it is known. A progress bar shows
    /// them.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.set_params(10, Some(938)); // 10 epochs of 938 batches
    /// ```
    pub fn set_params(&mut self, epochs: usize, batches: Option<usize>) {
        self.dispatch.progress.epochs = Some(epochs);
        self.dispatch.progress.batches = batches;
    }

    /// Sets the learning rate that callbacks see, for a loop whose model does not report it.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.set_learning_rate(0.1);
    /// // before each epoch, as a callback may have changed it:
    /// assert_eq!(callbacks.learning_rate(), Some(0.1));
    /// ```
    pub fn set_learning_rate(&mut self, rate: f64) {
        self.dispatch.progress.learning_rate = Some(rate);
    }

    /// Returns the learning rate that the loop or, after it, a callback has set.
    ///
    /// A loop whose model does not take it from a callback reads it here, before each epoch.
    pub fn learning_rate(&self) -> Option<f64> {
        self.dispatch.progress.learning_rate
    }

    /// Sets how many times the optimizer has updated the weights, for a loop whose model does not
    /// report it, such as one that accumulates gradients over several batches. Without it, train
    /// batches are counted.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.set_iterations(25); // after 100 batches, 4 per update
    /// ```
    pub fn set_iterations(&mut self, iterations: u64) {
        self.dispatch.progress.iterations = iterations;
        self.dispatch.progress.iterations_set = true;
    }

    /// Returns the errors of callbacks under [`OnError::Continue`], at most the first hundred.
    pub fn errors(&self) -> &[CallbackError] {
        &self.dispatch.errors
    }

    /// Returns the values of the last epoch, with those that callbacks have added.
    pub(super) fn epoch_logs(&self) -> &Logs {
        self.dispatch.epoch_logs()
    }

    /// Ends a training that was left without its end.
    pub(super) fn interrupt(&mut self, model: Option<&mut dyn Model>) {
        self.dispatch.interrupt(model);
    }
}

/// Callbacks that are chosen at run time, in one list.
///
/// ```
/// use tfevents::callbacks::{Callback, CallbackList, History, TerminateOnNan};
///
/// let chosen: Vec<Box<dyn Callback>> = vec![Box::new(History::new()), Box::new(TerminateOnNan::new())];
/// let callbacks: CallbackList = chosen.into_iter().collect();
/// assert!(callbacks.get::<History>().is_some());
/// ```
impl FromIterator<Box<dyn Callback>> for CallbackList {
    fn from_iter<I: IntoIterator<Item = Box<dyn Callback>>>(callbacks: I) -> Self {
        let mut list = Self::new();
        list.extend(callbacks);
        list
    }
}

impl Extend<Box<dyn Callback>> for CallbackList {
    fn extend<I: IntoIterator<Item = Box<dyn Callback>>>(&mut self, callbacks: I) {
        for callback in callbacks {
            self.push_boxed(callback);
        }
    }
}

/// Ends every callback of a training that was left without its end.
impl Drop for CallbackList {
    fn drop(&mut self) {
        self.dispatch.interrupt(None);
    }
}

impl fmt::Debug for CallbackList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callbacks: Vec<&dyn Callback> =
            self.dispatch.entries.iter().map(|entry| &*entry.callback).collect();
        f.debug_struct("CallbackList")
            .field("callbacks", &callbacks)
            .field("progress", &self.dispatch.progress)
            .finish_non_exhaustive()
    }
}
