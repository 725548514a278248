//! Stops a training that no longer gets better.

use super::monitor::{Mode, Monitor};
use super::{Callback, CallbackResult, ConfigError, Context, Snapshot};

/// Stops a training when a value has not become better for some epochs, as Keras's callback of
/// this name.
///
/// An epoch that does not report the value changes nothing; that is told once through the `log`
/// facade. Unlike in Keras, NaN is never the best value.
///
/// ```
/// use tfevents::callbacks::{CallbackList, EarlyStopping};
///
/// let stopping = EarlyStopping::new("val_loss").patience(2).restore_best_weights(true);
/// let mut callbacks = CallbackList::new().with_callback(stopping);
/// # callbacks.on_train_begin()?;
/// for (epoch, loss) in [0.5, 0.3, 0.4, 0.35, 0.2].into_iter().enumerate() {
///     callbacks.on_epoch_end(epoch, [("val_loss", loss)])?;
///     if callbacks.should_stop() {
///         break;
///     }
/// }
/// # callbacks.on_train_end()?;
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
}

impl EarlyStopping {
    /// Watches the value of this name, such as `val_loss`.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// let stopping = EarlyStopping::new("val_loss");
    /// ```
    pub fn new(name: &str) -> Self {
        Self {
            monitor: Monitor::new(name),
            patience: 0,
            baseline: None,
            restore: false,
            start_from_epoch: 0,
            wait: 0,
            best: None,
            best_epoch: None,
            best_weights: None,
            stopped_epoch: None,
        }
    }

    /// Stops after so many epochs without a better value. Default: 0, at the first one.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// let stopping = EarlyStopping::new("val_loss").patience(3);
    /// ```
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// A change of no more than this is none; its sign does not matter. Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let stopping = EarlyStopping::new("loss").min_delta(1e-4)?;
    /// assert!(EarlyStopping::new("loss").min_delta(f64::NAN).is_err());
    /// # Ok::<(), tfevents::callbacks::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it is not finite.
    pub fn min_delta(mut self, delta: f64) -> Result<Self, ConfigError> {
        self.monitor.set_min_delta(delta)?;
        Ok(self)
    }

    /// Whether less or more is better. Default: by the name.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// let stopping = EarlyStopping::new("val_reward").mode(Mode::Max);
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// As long as the value is not better than this, no epoch counts as an improvement. Default:
    /// none.
    ///
    /// ```
    /// use tfevents::callbacks::EarlyStopping;
    ///
    /// let stopping = EarlyStopping::new("val_accuracy").baseline(0.5)?.patience(3);
    /// # Ok::<(), tfevents::callbacks::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it is NaN.
    pub fn baseline(mut self, baseline: f64) -> Result<Self, ConfigError> {
        if baseline.is_nan() {
            return Err(ConfigError::new("baseline", baseline, "numbers"));
        }
        self.baseline = Some(baseline);
        Ok(self)
    }

    /// At the training's end the model gets back the weights of the best epoch. Default: no.
    ///
    /// It takes a loop that gives its model to the hooks. A [`TrainingLoop`](super::TrainingLoop) does, also
    /// when a closure has failed; where a panic, or the drop of the list, ends the training there
    /// is no model to give.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// let stopping = EarlyStopping::new("val_loss").restore_best_weights(true);
    /// ```
    #[must_use]
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore = restore;
        self
    }

    /// Epochs before this one do not count. Default: 0.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// let warmed_up = EarlyStopping::new("val_loss").start_from_epoch(10);
    /// ```
    #[must_use]
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// The best value so far.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// assert_eq!(EarlyStopping::new("val_loss").best(), None);
    /// ```
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// Its epoch; without any that is a number, the first one that was looked at.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// assert_eq!(EarlyStopping::new("val_loss").best_epoch(), None);
    /// ```
    pub fn best_epoch(&self) -> Option<usize> {
        self.best_epoch
    }

    /// How many epochs have passed since the value became better.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// assert_eq!(EarlyStopping::new("val_loss").wait(), 0);
    /// ```
    pub fn wait(&self) -> usize {
        self.wait
    }

    /// The epoch in which it stopped the training; `None` if it has not.
    ///
    /// ```
    /// # use tfevents::callbacks::{EarlyStopping, Mode};
    /// assert_eq!(EarlyStopping::new("val_loss").stopped_epoch(), None);
    /// ```
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.stopped_epoch
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &str {
        "EarlyStopping"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        self.wait = 0;
        self.best = None;
        self.best_epoch = None;
        self.best_weights = None;
        self.stopped_epoch = None;
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let Some(value) = self.monitor.value("EarlyStopping", context) else { return Ok(()) };
        let epoch = context.epoch();
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        let improved = self.monitor.is_best(value, self.best);
        if improved || self.best_epoch.is_none() {
            self.best_epoch = Some(epoch);
            if self.restore {
                self.best_weights = context.model().and_then(|model| model.snapshot());
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
        let Some(weights) = self.best_weights.take() else {
            if self.restore && self.best_epoch.is_some() {
                log::warn!(
                    "EarlyStopping has no weights to restore: the loop gave no model, or one that takes no snapshots"
                );
            }
            return Ok(());
        };
        match context.model() {
            Some(model) => model.restore(&weights),
            None => {
                let why = "the best weights cannot be restored: the training's end got no model";
                self.best_weights = Some(weights);
                if context.is_interrupted() { Ok(()) } else { Err(why.into()) }
            }
        }
    }
}
