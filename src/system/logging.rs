//! Messages through the `log` facade: from threads that must not end, once per key, and
//! errors with their causes.

use super::Mutex;
use log::Level;
use std::collections::HashSet;
use std::error::Error;
use std::fmt::{self, Display};
use std::hash::{BuildHasher, Hash, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

/// Logs a message, and survives a logger that panics: nothing would be written without the thread.
pub(crate) fn log_guarded(level: Level, text: fmt::Arguments<'_>) {
    let logged = catch_unwind(AssertUnwindSafe(|| log::log!(level, "{text}")));
    // Whatever it panicked with, dropping that could panic again.
    logged.unwrap_or_else(std::mem::forget);
}

/// An error with its causes, for a line of a log.
#[derive(Debug)]
pub(crate) struct Causes<'e>(pub(crate) &'e (dyn Error + 'static));

impl Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// How many keys are remembered. Once they are used up, warnings of new keys are not logged, so
/// that tags made up by a loop fill neither memory nor the log.
const MAX_KEYS: usize = 10_000;

/// The keys whose warning was logged.
#[derive(Debug, Default)]
pub(crate) struct WarnOnce {
    hasher: RandomState,
    seen: Mutex<HashSet<u64>>,
}

impl Clone for WarnOnce {
    fn clone(&self) -> Self {
        Self { hasher: self.hasher.clone(), seen: Mutex::new(self.seen.lock().clone()) }
    }
}

impl WarnOnce {
    /// Logs a warning the first time this key comes up.
    pub(crate) fn warn<M: Display>(&self, key: impl Hash, message: impl FnOnce() -> M) {
        if self.is_first(key) {
            log_guarded(Level::Warn, format_args!("{} (logged once)", message()));
        }
    }

    fn is_first(&self, key: impl Hash) -> bool {
        let hash = self.hasher.hash_one(key);
        let mut seen = self.seen.lock();
        seen.len() < MAX_KEYS && seen.insert(hash)
    }
}

/// Logs a warning the first time this key comes up in this process.
pub(crate) fn warn_once<M: Display>(key: impl Hash, message: impl FnOnce() -> M) {
    static WARNED: LazyLock<WarnOnce> = LazyLock::new(WarnOnce::default);
    WARNED.warn(key, message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the weights")]
    struct Outer(#[source] std::num::ParseIntError);

    #[test]
    fn each_cause_is_shown_once() {
        let error = Outer("x".parse::<u8>().unwrap_err());
        assert_eq!(
            Causes(&error).to_string(),
            "cannot read the weights: invalid digit found in string"
        );
    }

    #[test]
    fn each_key_comes_up_first_once() {
        let warned = WarnOnce::default();
        assert!(warned.is_first(("a", "empty")));
        assert!(!warned.is_first(("a", "empty")));
        assert!(warned.is_first(("a", "nan")));
        assert!(warned.is_first(("b", "empty")));
        assert!(WarnOnce::default().is_first(("a", "empty")));
    }

    #[test]
    fn keys_are_bounded() {
        let warned = WarnOnce::default();
        assert!((0..MAX_KEYS).all(|key| warned.is_first(key)));
        assert!(!warned.is_first(MAX_KEYS));
        assert_eq!(warned.seen.lock().len(), MAX_KEYS);
    }
}
