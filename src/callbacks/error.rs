//! What can go wrong with callbacks.

use super::Callback;
use std::error::Error;
use std::fmt::Display;

/// Any error that may move between threads: what a [`Callback`](super::Callback) may fail with.
///
/// ```
/// use tfevents::callbacks::BoxError;
///
/// let error: BoxError = "the data is broken".into();
/// ```
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a hook returns.
///
/// ```
/// use tfevents::callbacks::CallbackResult;
///
/// fn save(text: &str) -> CallbackResult {
///     Ok(std::fs::write("notes.txt", text)?)
/// }
/// ```
pub type CallbackResult = Result<(), BoxError>;

/// A setting that cannot work.
///
/// ```
/// let error = tfevents::callbacks::UpdateFreq::batches(0).unwrap_err();
/// assert_eq!(error.to_string(), "update_freq is 0; allowed are \"epoch\", \"batch\" and whole numbers from 1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {given}; allowed are {allowed}")]
pub struct ConfigError {
    name: &'static str,
    given: String,
    allowed: &'static str,
}

impl ConfigError {
    pub(super) fn new(name: &'static str, given: impl Display, allowed: &'static str) -> Self {
        Self { name, given: given.to_string(), allowed }
    }

    /// The setting.
    ///
    /// ```
    /// let error = tfevents::callbacks::UpdateFreq::batches(0).unwrap_err();
    /// assert_eq!(error.name(), "update_freq");
    /// ```
    pub fn name(&self) -> &str {
        self.name
    }
}

/// A callback that failed.
///
/// ```
/// use tfevents::callbacks::{CallbackList, LambdaCallback};
///
/// let careful = LambdaCallback::new("careful").on_epoch_end(|_| Err("too late".into()));
/// let mut callbacks = CallbackList::new().with_callback(careful);
/// let error = callbacks.on_epoch_end(3, [("loss", 0.5)]).unwrap_err();
/// assert_eq!(error.to_string(), "callback careful failed in on_epoch_end: too late");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("callback {callback} failed in {hook}: {source}")]
pub struct CallbackError {
    callback: String,
    hook: &'static str,
    source: BoxError,
}

impl CallbackError {
    pub(super) fn new(callback: &dyn Callback, hook: &'static str, source: BoxError) -> Self {
        Self { callback: callback.name().to_owned(), hook, source }
    }

    /// The name of the callback.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, LambdaCallback};
    ///
    /// let careful = LambdaCallback::new("careful").on_epoch_end(|_| Err("too late".into()));
    /// let mut callbacks = CallbackList::new().with_callback(careful);
    /// let error = callbacks.on_epoch_end(3, [("loss", 0.5)]).unwrap_err();
    /// assert_eq!(error.callback(), "careful");
    /// ```
    pub fn callback(&self) -> &str {
        &self.callback
    }

    /// The hook that it failed in, such as `on_epoch_end`.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, LambdaCallback};
    ///
    /// let careful = LambdaCallback::new("careful").on_epoch_end(|_| Err("too late".into()));
    /// let mut callbacks = CallbackList::new().with_callback(careful);
    /// let error = callbacks.on_epoch_end(3, [("loss", 0.5)]).unwrap_err();
    /// assert_eq!(error.hook(), "on_epoch_end");
    /// ```
    pub fn hook(&self) -> &str {
        self.hook
    }
}
