//! A monitored value, and whether it got better.

use super::{ConfigError, Context};

/// Whether less or more of the monitored value is better.
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
    /// Less is better.
    Min,
    /// More is better.
    Max,
}

/// Names that end so are of values of which more is better.
const MORE_IS_BETTER: [&str; 7] =
    ["acc", "accuracy", "auc", "precision", "recall", "f1", "f1_score"];

/// A value by its name, and what is better.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    pub(super) name: String,
    pub(super) mode: Mode,
    /// A change of no more than this is none.
    pub(super) min_delta: f64,
    told: bool,
}

impl Monitor {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), mode: Mode::Auto, min_delta: 0.0, told: false }
    }

    pub(super) fn set_min_delta(&mut self, delta: f64) -> Result<(), ConfigError> {
        if !delta.is_finite() {
            return Err(ConfigError::new("min_delta", delta, "finite numbers"));
        }
        self.min_delta = delta.abs();
        Ok(())
    }

    fn more_is_better(&self) -> bool {
        match self.mode {
            Mode::Min => false,
            Mode::Max => true,
            Mode::Auto => MORE_IS_BETTER.iter().any(|end| self.name.ends_with(end)),
        }
    }

    /// Whether a value is better than another one. NaN never is.
    pub(super) fn is_better(&self, value: f64, than: f64) -> bool {
        if self.more_is_better() {
            value - self.min_delta > than
        } else {
            value + self.min_delta < than
        }
    }

    /// Whether a value is the best so far. NaN never is.
    pub(super) fn is_best(&self, value: f64, best: Option<f64>) -> bool {
        match best {
            Some(best) => self.is_better(value, best),
            None => !value.is_nan(),
        }
    }

    /// The value in the logs. That it is missing is told once.
    pub(super) fn value(&mut self, callback: &str, context: &Context<'_>) -> Option<f64> {
        let value = context.logs().get_f64(&self.name);
        if value.is_none() && !self.told {
            self.told = true;
            let names: Vec<&str> = context.logs().iter().map(|(name, _)| name).collect();
            log::warn!(
                "{callback} monitors {:?}, which epoch {} does not report; it reports {names:?}",
                self.name,
                context.epoch(),
            );
        }
        value
    }
}
