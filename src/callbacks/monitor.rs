//! A monitored value: which direction is better, and whether it improved.

use super::context::Context;
use super::error::ConfigError;

/// Whether a lower or a higher monitored value is better.
///
/// ```
/// use tfevents::callbacks::{EarlyStopping, Mode};
///
/// let stopping = EarlyStopping::new("val_reward").mode(Mode::Max);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// By the name: more is better for those that end in `acc`, `accuracy`, `auc`, `precision`,
    /// `recall`, `f1` or `f1_score`, less for all others.
    #[default]
    Auto,
    /// Lower is better.
    Min,
    /// Higher is better.
    Max,
}

/// Endings of the names of values of which higher is better.
const HIGHER_IS_BETTER: [&str; 7] =
    ["acc", "accuracy", "auc", "precision", "recall", "f1", "f1_score"];

/// A value by its name, and the rules for improvements.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    name: String,
    mode: Mode,
    min_delta: f64,
    warned: bool,
}

impl Monitor {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), mode: Mode::Auto, min_delta: 0.0, warned: false }
    }

    pub(super) fn set_name(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    pub(super) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Sets the change that does not count as an improvement yet, whatever its sign.
    pub(super) fn set_min_delta(&mut self, delta: f64) {
        self.min_delta = delta.abs();
    }

    /// Checks the settings.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !self.min_delta.is_finite() {
            return Err(ConfigError::new("min_delta", self.min_delta, "a finite number"));
        }
        Ok(())
    }

    fn higher_is_better(&self) -> bool {
        match self.mode {
            Mode::Min => false,
            Mode::Max => true,
            Mode::Auto => HIGHER_IS_BETTER.iter().any(|end| self.name.ends_with(end)),
        }
    }

    /// Returns whether a value is better than another one. NaN never is.
    pub(super) fn is_better(&self, value: f64, than: f64) -> bool {
        if self.higher_is_better() {
            value - self.min_delta > than
        } else {
            value + self.min_delta < than
        }
    }

    /// Returns whether a value is the best so far. NaN never is.
    pub(super) fn is_best(&self, value: f64, best: Option<f64>) -> bool {
        match best {
            Some(best) => self.is_better(value, best),
            None => !value.is_nan(),
        }
    }

    /// Returns the value in the logs. The first time that it is missing, a warning is logged.
    pub(super) fn value(&mut self, callback: &str, context: &Context<'_>) -> Option<f64> {
        let value = context.logs().get_f64(&self.name);
        if value.is_none() && !self.warned {
            self.warned = true;
            let names: Vec<&str> = context.logs().iter().map(|(name, _)| name).collect();
            log::warn!(
                "{callback} skips epoch {}: it monitors {:?}, but the epoch logged {names:?}; logged once",
                context.epoch(),
                self.name,
            );
        }
        value
    }
}
