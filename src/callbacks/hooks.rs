//! The hooks of a list, with a model and without.

use super::list::Entry;
use super::spans::Phase;
use super::{CallbackError, CallbackList, CallbackResult, Context, LogValue, Logs, Model};

/// The hooks of a [`CallbackList`], together with a model: see
/// [`CallbackList::with_model`]. Each takes them whole, as the model is lent for one hook.
///
/// ```
/// use tfevents::callbacks::{CallbackError, Hooks};
///
/// /// Takes the hooks with a model or without.
/// fn begin(hooks: Hooks<'_>) -> Result<(), CallbackError> {
///     hooks.on_train_begin()
/// }
/// ```
#[allow(missing_debug_implementations)] // holds a model, of which nothing is known
pub struct Hooks<'a> {
    list: &'a mut CallbackList,
    model: Option<&'a mut dyn Model>,
}

/// The model again, for one callback of several.
pub(super) fn reborrow<'s>(model: &'s mut Option<&mut dyn Model>) -> Option<&'s mut dyn Model> {
    match model {
        Some(model) => Some(&mut **model),
        None => None,
    }
}

/// Calls a hook of all callbacks, with one of the sets of logs.
macro_rules! call {
    ($hooks:ident, $logs:ident, $hook:ident) => {{
        let Hooks { list, model } = $hooks;
        let mut first = Ok(());
        for at in 0..list.callbacks.len() {
            let mut context = Context {
                progress: &mut list.progress,
                logs: &mut list.logs.$logs,
                model: reborrow(model),
            };
            let Entry { callback, names, .. } = &mut list.callbacks[at];
            let name = || callback.name().to_owned();
            let span = list.spans.hook(names, name, stringify!($hook));
            let callback = callback.as_callback();
            let result: CallbackResult = callback.$hook(&mut context);
            drop(span);
            if let Err(source) = result {
                let error = CallbackError::new(callback, stringify!($hook), source);
                match list.failed(at, error) {
                    Err(error) if first.is_err() => log::error!("{error}"),
                    result => first = first.and(result),
                }
            }
        }
        first
    }};
}

impl<'a> Hooks<'a> {
    pub(super) fn new(list: &'a mut CallbackList, model: Option<&'a mut dyn Model>) -> Self {
        Self { list, model }
    }
}

impl Hooks<'_> {
    /// See [`CallbackList::on_train_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_train_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_begin(mut self) -> Result<(), CallbackError> {
        // A training that was left without its end.
        self.list.interrupt(None);
        let progress = &mut self.list.progress;
        progress.training = true;
        progress.stop = false;
        progress.train_steps = 0;
        self.list.logs.epoch = Logs::default();
        let hooks = &mut self;
        call!(hooks, none, on_train_begin)
    }

    /// See [`CallbackList::on_train_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_train_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_end(mut self) -> Result<(), CallbackError> {
        let hooks = &mut self;
        let result = call!(hooks, epoch, on_train_end);
        self.list.progress.training = false;
        self.list.spans.end_all();
        result
    }

    /// See [`CallbackList::on_epoch_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_epoch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_epoch_begin(mut self, epoch: usize) -> Result<(), CallbackError> {
        self.list.progress.epoch = epoch;
        self.list.spans.begin(Phase::Epoch, epoch as u64);
        let hooks = &mut self;
        call!(hooks, none, on_epoch_begin)
    }

    /// See [`CallbackList::on_epoch_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_epoch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_epoch_end<'n, V: Into<LogValue>>(
        mut self,
        epoch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        self.list.progress.epoch = epoch;
        self.list.logs.epoch.assign(logs);
        let hooks = &mut self;
        let result = call!(hooks, epoch, on_epoch_end);
        self.list.spans.end(Phase::Epoch);
        result
    }

    /// See [`CallbackList::on_train_batch_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_train_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_batch_begin(mut self, batch: usize) -> Result<(), CallbackError> {
        self.list.progress.batch = batch;
        self.list.progress.train_steps += 1;
        let hooks = &mut self;
        let result = call!(hooks, none, on_train_batch_begin);
        // Without what callbacks do before and after it.
        self.list.spans.begin(Phase::TrainStep, self.list.progress.train_steps);
        result
    }

    /// See [`CallbackList::on_train_batch_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_train_batch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_batch_end<'n, V: Into<LogValue>>(
        mut self,
        batch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        self.list.spans.end(Phase::TrainStep);
        self.list.progress.batch = batch;
        if !self.list.progress.iterations_told {
            self.list.progress.iterations += 1;
        }
        self.list.logs.train_batch.assign(logs);
        let hooks = &mut self;
        call!(hooks, train_batch, on_train_batch_end)
    }

    /// See [`CallbackList::on_test_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_test_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_begin(mut self) -> Result<(), CallbackError> {
        self.list.spans.begin(Phase::Test, 0);
        let hooks = &mut self;
        call!(hooks, none, on_test_begin)
    }

    /// See [`CallbackList::on_test_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_test_end([("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_end<'n, V: Into<LogValue>>(
        mut self,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        self.list.logs.test.assign(logs);
        let hooks = &mut self;
        let result = call!(hooks, test, on_test_end);
        self.list.spans.end(Phase::Test);
        result
    }

    /// See [`CallbackList::on_test_batch_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_test_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_batch_begin(mut self, batch: usize) -> Result<(), CallbackError> {
        self.list.progress.batch = batch;
        self.list.progress.test_steps += 1;
        let hooks = &mut self;
        let result = call!(hooks, none, on_test_batch_begin);
        self.list.spans.begin(Phase::TestStep, self.list.progress.test_steps);
        result
    }

    /// See [`CallbackList::on_test_batch_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_test_batch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_batch_end<'n, V: Into<LogValue>>(
        mut self,
        batch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        self.list.spans.end(Phase::TestStep);
        self.list.progress.batch = batch;
        self.list.logs.test_batch.assign(logs);
        let hooks = &mut self;
        call!(hooks, test_batch, on_test_batch_end)
    }

    /// See [`CallbackList::on_predict_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_predict_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_begin(mut self) -> Result<(), CallbackError> {
        self.list.spans.begin(Phase::Predict, 0);
        let hooks = &mut self;
        call!(hooks, none, on_predict_begin)
    }

    /// See [`CallbackList::on_predict_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_predict_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_end(mut self) -> Result<(), CallbackError> {
        let hooks = &mut self;
        let result = call!(hooks, none, on_predict_end);
        self.list.spans.end(Phase::Predict);
        result
    }

    /// See [`CallbackList::on_predict_batch_begin`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_predict_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_batch_begin(mut self, batch: usize) -> Result<(), CallbackError> {
        self.list.progress.batch = batch;
        self.list.progress.predict_steps += 1;
        let hooks = &mut self;
        let result = call!(hooks, none, on_predict_batch_begin);
        self.list.spans.begin(Phase::PredictStep, self.list.progress.predict_steps);
        result
    }

    /// See [`CallbackList::on_predict_batch_end`].
    ///
    /// ```
    /// # let (mut callbacks, mut net) = (tfevents::CallbackList::new(), ());
    /// callbacks.with_model(&mut net).on_predict_batch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_batch_end<'n, V: Into<LogValue>>(
        mut self,
        batch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        self.list.spans.end(Phase::PredictStep);
        self.list.progress.batch = batch;
        self.list.logs.predict_batch.assign(logs);
        let hooks = &mut self;
        call!(hooks, predict_batch, on_predict_batch_end)
    }
}

/// The hooks, for loops that have no model to give. Their errors are those of callbacks, under
/// [`OnError::Stop`](super::OnError::Stop).
#[allow(clippy::missing_errors_doc)]
impl CallbackList {
    /// Before the first epoch. A training that was left without its end is ended first.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_begin(&mut self) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_train_begin()
    }

    /// After the last epoch. Callbacks see what that one reported.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_end(&mut self) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_train_end()
    }

    /// Before an epoch. The first one is 0, unless a training goes on from an earlier one.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_epoch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_epoch_begin(&mut self, epoch: usize) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_epoch_begin(epoch)
    }

    /// After an epoch and its validation, whose values are named `val_…`.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_epoch_end(0, [("loss", 0.5), ("val_loss", 0.75)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_epoch_end<'n, V: Into<LogValue>>(
        &mut self,
        epoch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_epoch_end(epoch, logs)
    }

    /// Before a batch. The first one of an epoch is 0.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_batch_begin(&mut self, batch: usize) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_train_batch_begin(batch)
    }

    /// After a batch. Keras reports running means since the epoch began: see
    /// [`RunningMeans`](super::RunningMeans).
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_batch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_train_batch_end<'n, V: Into<LogValue>>(
        &mut self,
        batch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_train_batch_end(batch, logs)
    }

    /// Before a validation, within an epoch, or a test by itself.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_begin(&mut self) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_test_begin()
    }

    /// After a validation or a test.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_end([("loss", 0.75)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_end<'n, V: Into<LogValue>>(
        &mut self,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_test_end(logs)
    }

    /// Before a batch of a test.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_batch_begin(&mut self, batch: usize) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_test_batch_begin(batch)
    }

    /// After a batch of a test.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_batch_end(0, [("loss", 0.75)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_test_batch_end<'n, V: Into<LogValue>>(
        &mut self,
        batch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_test_batch_end(batch, logs)
    }

    /// Before a prediction.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_begin(&mut self) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_predict_begin()
    }

    /// After a prediction.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_end(&mut self) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_predict_end()
    }

    /// Before a batch of a prediction.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_batch_begin(&mut self, batch: usize) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_predict_batch_begin(batch)
    }

    /// After a batch of a prediction.
    ///
    /// ```
    /// # let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_batch_end(0, [("rows", 32)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn on_predict_batch_end<'n, V: Into<LogValue>>(
        &mut self,
        batch: usize,
        logs: impl IntoIterator<Item = (&'n str, V)>,
    ) -> Result<(), CallbackError> {
        Hooks::new(self, None).on_predict_batch_end(batch, logs)
    }
}
