//! Callbacks that change the learning rate.

use super::callback::Callback;
use super::context::Context;
use super::error::{CallbackResult, ConfigError};
use super::monitor::Monitor;
use crate::summary::Mode;
use std::fmt;

/// Lowers the learning rate when a monitored value has not improved for some epochs, as Keras's
/// `ReduceLROnPlateau`.
///
/// It changes the rate with [`Model::set_learning_rate`](super::Model::set_learning_rate); a loop
/// without a model reads it from
/// [`CallbackList::learning_rate`](super::CallbackList::learning_rate). A rate that neither the
/// model nor the loop reports is an error of `on_epoch_begin`. The rate of the epoch is added to the logs
/// as `learning_rate`, for callbacks that come later in the list.
///
/// Unlike in Keras, NaN is never the best value. Settings are checked when the training begins:
/// an invalid one is a [`ConfigError`] of `on_train_begin`.
///
/// ```
/// use tfevents::callbacks::{CallbackList, ReduceLrOnPlateau};
///
/// let reduce = ReduceLrOnPlateau::new("val_loss").factor(0.5).patience(2);
/// let mut callbacks = CallbackList::new().with_callback(reduce);
/// callbacks.set_learning_rate(0.1);
/// callbacks.on_train_begin()?;
/// for epoch in 0..3 {
///     callbacks.on_epoch_end(epoch, [("val_loss", 1.0)])?;
/// }
/// assert_eq!(callbacks.learning_rate(), Some(0.05));
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "ReduceLROnPlateau")]
pub struct ReduceLrOnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    best: Option<f64>,
    wait: usize,
    cooling: usize,
    reductions: usize,
}

impl ReduceLrOnPlateau {
    /// Creates a callback that monitors the value of this name, such as `val_loss`.
    pub fn new(name: impl AsRef<str>) -> Self {
        let mut monitor = Monitor::new(name.as_ref());
        monitor.set_min_delta(1e-4);
        Self {
            monitor,
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            best: None,
            wait: 0,
            cooling: 0,
            reductions: 0,
        }
    }

    /// Sets the factor that the rate is multiplied by: at least 0 and less than 1. Default: 0.1.
    ///
    /// ```
    /// use tfevents::callbacks::ReduceLrOnPlateau;
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_loss").factor(0.5);
    /// ```
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// Sets after how many epochs without improvement the rate is lowered. Default: 10.
    ///
    /// ```
    /// use tfevents::callbacks::ReduceLrOnPlateau;
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_loss").patience(3);
    /// ```
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Sets whether a lower or a higher value is better. Default: [`Mode::Auto`], by the name.
    ///
    /// ```
    /// use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_reward").mode(Mode::Max);
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.set_mode(mode);
        self
    }

    /// Sets the change by which a value must exceed the best one to be an improvement. Its sign
    /// does not matter; it must be finite. Default: 0.0001.
    ///
    /// ```
    /// use tfevents::callbacks::ReduceLrOnPlateau;
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_loss").min_delta(1e-3);
    /// ```
    #[must_use]
    pub fn min_delta(mut self, delta: f64) -> Self {
        self.monitor.set_min_delta(delta);
        self
    }

    /// Sets the cooldown after a reduction: the `n - 1` epochs after it do not count as epochs
    /// without improvement, as in Keras, which counts the epoch of the reduction itself. 0 and 1
    /// have no effect. Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::ReduceLrOnPlateau;
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_loss").cooldown(3); // pauses 2 epochs
    /// ```
    #[must_use]
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// Sets the lowest rate. It must be finite and at least 0. Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::ReduceLrOnPlateau;
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_loss").min_lr(1e-6);
    /// ```
    #[must_use]
    pub fn min_lr(mut self, rate: f64) -> Self {
        self.min_lr = rate;
        self
    }

    /// Returns how many times the callback has lowered the rate.
    pub fn reductions(&self) -> usize {
        self.reductions
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !(0.0..1.0).contains(&self.factor) {
            return Err(ConfigError::new("factor", self.factor, "at least 0 and less than 1"));
        }
        if !(self.min_lr.is_finite() && self.min_lr >= 0.0) {
            return Err(ConfigError::new("min_lr", self.min_lr, "a finite number of at least 0"));
        }
        self.monitor.check()
    }
}

impl Callback for ReduceLrOnPlateau {
    fn name(&self) -> &str {
        "ReduceLrOnPlateau"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        self.check()?;
        self.best = None;
        self.wait = 0;
        self.cooling = 0;
        self.reductions = 0;
        Ok(())
    }

    fn on_epoch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        // Before an epoch is trained, not after it.
        known_rate(context).map(drop)
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        // A loop may not have called `on_train_begin`.
        self.check()?;
        let rate = known_rate(context)?;
        context.logs_mut().set("learning_rate", rate);
        let Some(value) = self.monitor.value("ReduceLrOnPlateau", context) else { return Ok(()) };
        if self.cooling > 0 {
            self.cooling -= 1;
            self.wait = 0;
        }
        if self.monitor.is_best(value, self.best) {
            self.best = Some(value);
            self.wait = 0;
        } else if self.cooling == 0 {
            self.wait += 1;
            let lower = (rate * self.factor).max(self.min_lr);
            if self.wait >= self.patience && lower < rate {
                context.set_learning_rate(lower);
                // A model that stores its rate in `f32` may round it back to the same rate.
                if context.learning_rate().is_some_and(|now| now < rate) {
                    self.reductions += 1;
                    self.cooling = self.cooldown;
                    self.wait = 0;
                }
            }
        }
        Ok(())
    }
}

/// Sets the learning rate before each epoch by a function of yours, as Keras's callback of this
/// name.
///
/// The function is called with the epoch, counted from 0, and the current rate, and returns the
/// rate for the epoch. The callback sets it as [`ReduceLrOnPlateau`] does, and adds it to the logs
/// of the epoch as `learning_rate`. It is an error of the hook if the current rate is unknown, or
/// the new one not finite.
///
/// ```
/// use tfevents::callbacks::{CallbackList, LearningRateScheduler};
///
/// let schedule = |epoch, rate: f64| if epoch < 2 { rate } else { rate * 0.5 };
/// let mut callbacks = CallbackList::new().with_callback(LearningRateScheduler::new(schedule));
/// callbacks.set_learning_rate(0.1);
/// callbacks.on_train_begin()?;
/// let mut rates = Vec::new();
/// for epoch in 0..4 {
///     callbacks.on_epoch_begin(epoch)?;
///     rates.push(callbacks.learning_rate().unwrap());
///     callbacks.on_epoch_end(epoch, [("loss", 0.5)])?;
/// }
/// assert_eq!(rates, [0.1, 0.1, 0.05, 0.025]);
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
pub struct LearningRateScheduler {
    schedule: Schedule,
}

type Schedule = Box<dyn FnMut(usize, f64) -> f64 + Send>;

impl LearningRateScheduler {
    /// Creates a callback with a function of the epoch and the current rate.
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + Send + 'static) -> Self {
        Self { schedule: Box::new(schedule) }
    }
}

impl Callback for LearningRateScheduler {
    fn name(&self) -> &str {
        "LearningRateScheduler"
    }

    fn on_epoch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let epoch = context.epoch();
        let rate = (self.schedule)(epoch, known_rate(context)?);
        if !rate.is_finite() {
            let message = format!(
                "invalid learning rate of the schedule for epoch {epoch}: {rate} (expected a finite number)"
            );
            return Err(message.into());
        }
        context.set_learning_rate(rate);
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let rate = known_rate(context)?;
        context.logs_mut().set("learning_rate", rate);
        Ok(())
    }
}

impl fmt::Debug for LearningRateScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LearningRateScheduler").finish_non_exhaustive()
    }
}

/// Returns the learning rate, or an error if it is unknown.
fn known_rate(context: &Context<'_>) -> Result<f64, super::BoxError> {
    context.learning_rate().ok_or_else(|| {
        "unknown learning rate: implement Model::learning_rate or call \
         CallbackList::set_learning_rate"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::super::{CallbackList, History, Model};
    use super::*;
    use std::error::Error;

    /// Returns the rates after each of these losses, starting at 1.
    fn rates(reduce: ReduceLrOnPlateau, losses: &[f64]) -> Vec<f64> {
        let mut callbacks = CallbackList::new().with_callback(reduce);
        callbacks.set_learning_rate(1.0);
        callbacks.on_train_begin().unwrap();
        let epoch = |(epoch, &loss)| {
            callbacks.on_epoch_end(epoch, [("loss", loss)]).unwrap();
            callbacks.learning_rate().unwrap()
        };
        losses.iter().enumerate().map(epoch).collect()
    }

    #[test]
    fn the_rate_falls_on_a_plateau() {
        let reduce = || ReduceLrOnPlateau::new("loss").factor(0.5).patience(2);
        assert_eq!(
            rates(reduce(), &[5.0, 5.0, 5.0, 4.0, 4.0, 4.0]),
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
        );
        assert_eq!(
            rates(reduce().cooldown(2), &[5.0; 8]),
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
        );
        assert_eq!(rates(reduce().min_lr(0.4), &[5.0; 7])[2..], [0.5, 0.5, 0.4, 0.4, 0.4]);
        assert_eq!(rates(reduce(), &[f64::NAN, 5.0, 5.0]), [1.0, 1.0, 1.0]);
    }

    #[test]
    fn an_unknown_rate_is_an_error_before_the_epoch() {
        let mut callbacks = CallbackList::new().with_callback(ReduceLrOnPlateau::new("loss"));
        callbacks.on_train_begin().unwrap();
        let error = callbacks.on_epoch_begin(0).unwrap_err();
        let cause = error.source().unwrap().to_string();
        assert!(cause.starts_with("unknown learning rate: "), "{cause}");
        callbacks.set_learning_rate(0.1);
        callbacks.on_epoch_begin(0).unwrap();
    }

    /// As in Keras, whose cooldown includes the epoch of the reduction.
    #[test]
    fn a_cooldown_pauses_one_epoch_less() {
        let epochs_between = |cooldown| {
            let reduce = ReduceLrOnPlateau::new("loss").factor(0.5).patience(1).cooldown(cooldown);
            let rates = rates(reduce, &[5.0; 12]);
            let reduced: Vec<usize> =
                (1..12).filter(|&epoch| rates[epoch] < rates[epoch - 1]).collect();
            reduced[1] - reduced[0]
        };
        // With a patience of 1, each epoch that is not paused reduces.
        assert_eq!([0, 1, 2, 3].map(epochs_between), [1, 1, 2, 3]);
    }

    /// A model that stores its rate in `f32`.
    struct Net(f32);

    impl Model for Net {
        fn learning_rate(&self) -> Option<f64> {
            Some(self.0.into())
        }
        fn set_learning_rate(&mut self, rate: f64) {
            self.0 = rate as f32;
        }
    }

    #[test]
    fn a_rate_that_is_rounded_to_the_minimum_is_not_reduced_again() {
        let reduce = ReduceLrOnPlateau::new("loss").factor(0.1).patience(1).min_lr(0.001);
        let mut callbacks = CallbackList::new().with_callback(reduce);
        let mut net = Net(0.1);
        callbacks.with_model(&mut net).on_train_begin().unwrap();
        for epoch in 0..10 {
            callbacks.with_model(&mut net).on_epoch_end(epoch, [("loss", 1.0)]).unwrap();
        }
        assert_eq!(net.0, 0.001);
        assert_eq!(callbacks.get::<ReduceLrOnPlateau>().unwrap().reductions(), 2);
    }

    #[test]
    fn a_schedule_sets_and_logs_the_rate_of_the_model() {
        let schedule = |epoch, rate: f64| if epoch == 2 { f64::NAN } else { rate * 0.5 };
        let mut callbacks = CallbackList::new()
            .with_callback(LearningRateScheduler::new(schedule))
            .with_callback(History::new());
        assert!(callbacks.on_epoch_begin(0).is_err(), "the rate is unknown");
        let mut net = Net(1.0);
        callbacks.with_model(&mut net).on_train_begin().unwrap();
        for epoch in 0..2 {
            callbacks.with_model(&mut net).on_epoch_begin(epoch).unwrap();
            callbacks.with_model(&mut net).on_epoch_end(epoch, [("loss", 1.0)]).unwrap();
        }
        let history = callbacks.get::<History>().unwrap();
        assert_eq!(history.get("learning_rate"), [(0, 0.5), (1, 0.25)]);
        let error = callbacks.with_model(&mut net).on_epoch_begin(2).unwrap_err();
        let cause = error.source().unwrap().to_string();
        assert!(
            cause.starts_with("invalid learning rate of the schedule for epoch 2: NaN"),
            "{cause}"
        );
        assert_eq!(net.0, 0.25);
    }
}
