//! Lowers the learning rate when nothing gets better.

use super::monitor::{Mode, Monitor};
use super::{Callback, CallbackResult, ConfigError, Context};

/// Lowers the learning rate when a value has not become better for some epochs, as Keras's
/// callback of this name.
///
/// An unknown learning rate is an error of the hook. Unlike in Keras, NaN is never the best value.
///
/// It changes the rate through [`Model::set_learning_rate`](super::Model::set_learning_rate), and
/// a loop without a model asks [`CallbackList::learning_rate`](super::CallbackList::learning_rate).
/// It adds the rate of the epoch to the logs as `learning_rate`, for callbacks that come later.
///
/// ```
/// use tfevents::callbacks::{CallbackList, ReduceLrOnPlateau};
///
/// let reduce = ReduceLrOnPlateau::new("val_loss").factor(0.5)?.patience(2);
/// let mut callbacks = CallbackList::new().with_callback(reduce);
/// callbacks.set_learning_rate(0.1);
/// for epoch in 0..3 {
///     callbacks.on_epoch_end(epoch, [("val_loss", 1.0)])?;
/// }
/// assert_eq!(callbacks.learning_rate(), Some(0.05));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
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
    /// Watches the value of this name, such as `val_loss`.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_loss");
    /// ```
    pub fn new(name: &str) -> Self {
        let mut monitor = Monitor::new(name);
        monitor.min_delta = 1e-4;
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

    /// What the rate is multiplied by. Default: 0.1.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_loss").factor(0.5)?;
    /// # Ok::<(), tfevents::callbacks::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it is not at least 0 and less than 1.
    pub fn factor(mut self, factor: f64) -> Result<Self, ConfigError> {
        if !(0.0..1.0).contains(&factor) {
            return Err(ConfigError::new("factor", factor, "0 up to, but without, 1"));
        }
        self.factor = factor;
        Ok(self)
    }

    /// How many epochs may pass without a better value. Default: 10.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_loss").patience(3);
    /// ```
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Whether less or more is better. Default: by the name.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_reward").mode(Mode::Max);
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// A change of no more than this is none; its sign does not matter. Default: 0.0001.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_loss").min_delta(1e-3)?;
    /// # Ok::<(), tfevents::callbacks::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it is not finite.
    pub fn min_delta(mut self, delta: f64) -> Result<Self, ConfigError> {
        self.monitor.set_min_delta(delta)?;
        Ok(self)
    }

    /// How many epochs nothing is counted after the rate was lowered. Default: 0.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_loss").cooldown(2);
    /// ```
    #[must_use]
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The rate is not lowered below this. Default: 0.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// let reduce = ReduceLrOnPlateau::new("val_loss").min_lr(1e-6)?;
    /// # Ok::<(), tfevents::callbacks::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it is negative or not finite.
    pub fn min_lr(mut self, rate: f64) -> Result<Self, ConfigError> {
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(ConfigError::new("min_lr", rate, "finite numbers of at least 0"));
        }
        self.min_lr = rate;
        Ok(self)
    }

    /// How often it has lowered the rate.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ReduceLrOnPlateau};
    /// assert_eq!(ReduceLrOnPlateau::new("val_loss").reductions(), 0);
    /// ```
    pub fn reductions(&self) -> usize {
        self.reductions
    }
}

impl Callback for ReduceLrOnPlateau {
    fn name(&self) -> &str {
        "ReduceLrOnPlateau"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        self.best = None;
        self.wait = 0;
        self.cooling = 0;
        self.reductions = 0;
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let Some(rate) = context.learning_rate() else {
            return Err(
                "the learning rate is not known: neither the loop nor a model told it".into()
            );
        };
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

#[cfg(test)]
mod tests {
    use super::super::CallbackList;
    use super::*;

    /// The rates after each of these losses, from 1.
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
        let reduce = || ReduceLrOnPlateau::new("loss").factor(0.5).unwrap().patience(2);
        assert_eq!(
            rates(reduce(), &[5.0, 5.0, 5.0, 4.0, 4.0, 4.0]),
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
        );
        assert_eq!(
            rates(reduce().cooldown(2), &[5.0; 8]),
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
        );
        assert_eq!(rates(reduce().min_lr(0.4).unwrap(), &[5.0; 7])[2..], [0.5, 0.5, 0.4, 0.4, 0.4]);
        assert_eq!(rates(reduce(), &[f64::NAN, 5.0, 5.0]), [1.0, 1.0, 1.0]);
        assert!(ReduceLrOnPlateau::new("loss").factor(1.0).is_err());
    }
}
