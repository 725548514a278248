//! Callbacks that stop a training: when it no longer improves, or when the loss is not finite.

use super::callback::Callback;
use super::context::Context;
use super::error::{CallbackResult, ConfigError};
use super::model::Snapshot;
use super::monitor::Monitor;
use crate::summary::Mode;
use crate::system::WarnOnce;

/// Stops a training when a monitored value has not improved for some epochs, as Keras's callback
/// of this name.
///
/// An epoch that does not log the value changes nothing; the first time, a warning is logged.
/// Unlike in Keras, NaN is never the best value. Settings are checked when the training begins:
/// an invalid one is a [`ConfigError`] of `on_train_begin`.
///
/// ```
/// use tfevents::callbacks::{CallbackList, EarlyStopping};
///
/// let stopping = EarlyStopping::new("val_loss").patience(2);
/// let mut callbacks = CallbackList::new().with_callback(stopping);
/// callbacks.on_train_begin()?;
/// for (epoch, loss) in [0.5, 0.3, 0.4, 0.35, 0.2].into_iter().enumerate() {
///     callbacks.on_epoch_end(epoch, [("val_loss", loss)])?;
///     if callbacks.should_stop() {
///         break;
///     }
/// }
/// callbacks.on_train_end()?;
/// let stopping = callbacks.get::<EarlyStopping>().unwrap();
/// assert_eq!((stopping.best(), stopping.best_epoch()), (Some(0.3), Some(1)));
/// assert_eq!(stopping.stopped_epoch(), Some(3));
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore: bool,
    start_from_epoch: usize,
    wait: usize,
    best: Option<f64>,
    best_epoch: Option<usize>,
    best_weights: Option<Snapshot>,
    stopped_epoch: Option<usize>,
    warned: WarnOnce,
}

impl EarlyStopping {
    /// Creates a callback that monitors the value of this name, such as `val_loss`.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self {
            monitor: Monitor::new(name.as_ref()),
            patience: 0,
            baseline: None,
            restore: false,
            start_from_epoch: 0,
            wait: 0,
            best: None,
            best_epoch: None,
            best_weights: None,
            stopped_epoch: None,
            warned: WarnOnce::default(),
        }
    }

    /// Sets after how many epochs without improvement the training stops. Default: 0, which stops
    /// at the first one.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let stopping = EarlyStopping::new("val_loss").patience(3);
    /// ```
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Sets the change by which a value must exceed the best one to be an improvement. Its sign
    /// does not matter; it must be finite. Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let stopping = EarlyStopping::new("loss").min_delta(1e-4).patience(3);
    /// ```
    #[must_use]
    pub fn min_delta(mut self, delta: f64) -> Self {
        self.monitor.set_min_delta(delta);
        self
    }

    /// Sets whether a lower or a higher value is better. Default: [`Mode::Auto`], by the name.
    ///
    /// ```
    /// use tfevents::callbacks::{EarlyStopping, Mode};
    ///
    /// let stopping = EarlyStopping::new("val_reward").mode(Mode::Max);
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.set_mode(mode);
        self
    }

    /// Sets a value that must be exceeded before any epoch counts as an improvement. It must not
    /// be NaN. Default: none.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let stopping = EarlyStopping::new("val_accuracy").baseline(0.5).patience(3);
    /// ```
    #[must_use]
    pub fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Restores the weights of the best epoch at the end of the training. Default: false.
    ///
    /// The loop has to [pass its model](super::CallbackList::with_model) to the hooks, and the
    /// model to implement [`snapshot`](super::Model::snapshot) and
    /// [`restore`](super::Model::restore). A [`TrainingLoop`](super::TrainingLoop) passes its
    /// model, also when a closure has failed; where a panic or the drop of the list ends the
    /// training, there is no model to restore.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let stopping = EarlyStopping::new("val_loss").restore_best_weights(true);
    /// ```
    #[must_use]
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore = restore;
        self
    }

    /// Sets the first epoch that is considered. Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let after_warm_up = EarlyStopping::new("val_loss").start_from_epoch(10);
    /// ```
    #[must_use]
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// Returns the best value so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// Returns the epoch of the best value; if all values are NaN, the first epoch that was looked
    /// at.
    pub fn best_epoch(&self) -> Option<usize> {
        self.best_epoch
    }

    /// Returns the number of epochs since the last improvement.
    pub fn wait(&self) -> usize {
        self.wait
    }

    /// Returns the epoch in which the callback stopped the training; `None` if it has not.
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.stopped_epoch
    }

    fn warn_without_weights(&mut self, has_model: bool) {
        self.warned.warn("restore_best_weights", || {
            let reason = if has_model {
                "the model returns no snapshot (implement Model::snapshot)"
            } else {
                "on_epoch_end got no model (use CallbackList::with_model)"
            };
            format!("no effect of restore_best_weights: {reason}")
        });
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.baseline.is_some_and(f64::is_nan) {
            return Err(ConfigError::new("baseline", f64::NAN, "a number"));
        }
        self.monitor.check()
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &str {
        "EarlyStopping"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        self.check()?;
        self.wait = 0;
        self.best = None;
        self.best_epoch = None;
        self.best_weights = None;
        self.stopped_epoch = None;
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        // A loop may not have called `on_train_begin`.
        self.check()?;
        let Some(value) = self.monitor.value("EarlyStopping", context) else { return Ok(()) };
        let epoch = context.epoch();
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        let improved = self.monitor.is_best(value, self.best);
        if improved || self.best_epoch.is_none() {
            self.best_epoch = Some(epoch);
            if self.restore {
                let model = context.model();
                let has_model = model.is_some();
                self.best_weights = model.and_then(|model| model.snapshot());
                if self.best_weights.is_none() {
                    self.warn_without_weights(has_model);
                }
            }
        }
        self.wait += 1;
        if improved {
            self.best = Some(value);
            if self.baseline.is_none_or(|baseline| self.monitor.is_better(value, baseline)) {
                self.wait = 0;
            }
        } else if self.wait >= self.patience && epoch > 0 {
            self.stopped_epoch = Some(epoch);
            context.request_stop();
        }
        Ok(())
    }

    fn on_train_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let Some(weights) = self.best_weights.take() else { return Ok(()) };
        match context.model() {
            Some(model) => model.restore(&weights),
            None => {
                self.best_weights = Some(weights);
                if context.is_interrupted() {
                    return Ok(());
                }
                Err("cannot restore the best weights: on_train_end was called without the model"
                    .into())
            }
        }
    }
}

/// Stops a training when the loss of a batch is not finite, as Keras's `TerminateOnNaN`.
///
/// It looks at the value `loss` of each train batch. The epoch is ended as usual, with its
/// validation.
///
/// ```
/// use tfevents::callbacks::{CallbackList, TerminateOnNan};
///
/// let mut callbacks = CallbackList::new().with_callback(TerminateOnNan::new());
/// callbacks.on_train_batch_begin(0)?;
/// callbacks.on_train_batch_end(0, [("loss", f32::NAN)])?;
/// assert!(callbacks.should_stop());
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[doc(alias = "TerminateOnNaN")]
pub struct TerminateOnNan {
    step: Option<u64>,
}

impl TerminateOnNan {
    /// Creates the callback.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the train step, counted from 1, at which the callback stopped the training; `None`
    /// if it has not.
    pub fn step(&self) -> Option<u64> {
        self.step
    }
}

impl Callback for TerminateOnNan {
    fn name(&self) -> &str {
        "TerminateOnNan"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        self.step = None;
        Ok(())
    }

    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if let Some(loss) = context.logs().get_f64("loss").filter(|loss| !loss.is_finite()) {
            if self.step.is_none() {
                self.step = Some(context.train_steps());
                let (epoch, batch) = (context.epoch(), context.batch());
                log::warn!(
                    "the loss of batch {batch} in epoch {epoch} is {loss}: the training stops"
                );
            }
            context.request_stop();
        }
        Ok(())
    }
}
