//! A monitored value, and whether it improved.

use super::context::Context;
use super::error::ConfigError;
use crate::summary::Mode;
use crate::system::WarnOnce;

/// A value by its name, and the rules for improvements.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    name: String,
    mode: Mode,
    min_delta: f64,
    warned: WarnOnce,
}

impl Monitor {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            mode: Mode::Auto,
            min_delta: 0.0,
            warned: WarnOnce::default(),
        }
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
        if self.higher_is_better().is_none() {
            let given = format!("Mode::Auto for {:?}", self.name);
            let expected = "Mode::Min or Mode::Max, as the name does not say which is better";
            return Err(ConfigError::new("mode", given, expected));
        }
        Ok(())
    }

    fn higher_is_better(&self) -> Option<bool> {
        self.mode.higher_is_better(&self.name)
    }

    /// Returns whether a value is better than another one. NaN never is.
    pub(super) fn is_better(&self, value: f64, than: f64) -> bool {
        match self.higher_is_better() {
            Some(true) => value - self.min_delta > than,
            Some(false) => value + self.min_delta < than,
            // `check` has refused it.
            None => false,
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
    pub(super) fn value(&self, callback: &str, context: &Context<'_>) -> Option<f64> {
        let value = context.logs().get_f64(&self.name);
        if value.is_none() {
            self.warned.warn("missing", || {
                let names: Vec<&str> = context.logs().iter().map(|(name, _)| name).collect();
                format!(
                    "{callback} skips epoch {}: it monitors {:?}, but the epoch logged {names:?}",
                    context.epoch(),
                    self.name,
                )
            });
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_needs_a_mode() {
        let mut monitor = Monitor::new("val_reward");
        let error = monitor.check().unwrap_err().to_string();
        assert_eq!(
            error,
            "invalid mode: Mode::Auto for \"val_reward\" (expected Mode::Min or Mode::Max, as the \
             name does not say which is better)"
        );
        monitor.set_mode(Mode::Max);
        monitor.check().unwrap();
        assert!(monitor.is_better(1.0, 0.5));
    }
}
