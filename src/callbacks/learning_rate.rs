//! Callbacks that change the learning rate.

use super::callback::Callback;
use super::context::Context;
use super::error::{CallbackResult, ConfigError};
use super::monitor::{Mode, Monitor};

/// Lowers the learning rate when a monitored value has not improved for some epochs, as Keras's
/// `ReduceLROnPlateau`.
///
/// It changes the rate with [`Model::set_learning_rate`](super::Model::set_learning_rate); a loop
/// without a model reads it from
/// [`CallbackList::learning_rate`](super::CallbackList::learning_rate). A rate that neither the
/// model nor the loop reports is an error of the hook. The rate of the epoch is added to the logs
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

    /// Sets how many epochs after a reduction are not counted as epochs without improvement.
    /// Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::ReduceLrOnPlateau;
    ///
    /// let reduce = ReduceLrOnPlateau::new("val_loss").cooldown(2);
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
            if self.wait >= self.patience && rate > self.min_lr {
                context.set_learning_rate((rate * self.factor).max(self.min_lr));
                self.reductions += 1;
                self.cooling = self.cooldown;
                self.wait = 0;
            }
        }
        Ok(())
    }
}

/// Returns the learning rate, or an error if nobody has set it.
fn known_rate(context: &Context<'_>) -> Result<f64, super::BoxError> {
    context.learning_rate().ok_or_else(|| {
        "unknown learning rate: implement Model::learning_rate or call \
         CallbackList::set_learning_rate"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::super::CallbackList;
    use super::*;

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
}
