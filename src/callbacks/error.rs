//! Errors of callbacks and their settings.

use std::error::Error;
use std::fmt::Display;

/// Any error that can be sent between threads: what the hooks of a [`Callback`](super::Callback)
/// fail with.
///
/// ```
/// use tfevents::callbacks::BoxError;
///
/// let error: BoxError = "the data is broken".into();
/// ```
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The result of a hook.
///
/// ```
/// use tfevents::callbacks::CallbackResult;
///
/// fn save(text: &str) -> CallbackResult {
///     Ok(std::fs::write("notes.txt", text)?)
/// }
/// ```
pub type CallbackResult = Result<(), BoxError>;

/// An error for a setting with an invalid value.
///
/// Builders return it from `build()` or `open()`. Callbacks that are made by `new` return it from
/// `on_train_begin`, before the first epoch:
///
/// ```
/// use std::error::Error;
/// use tfevents::callbacks::{CallbackList, ConfigError, EarlyStopping};
///
/// let stopping = EarlyStopping::new("val_loss").min_delta(f64::NAN);
/// let mut callbacks = CallbackList::new().with_callback(stopping);
/// let error = callbacks.on_train_begin().unwrap_err();
/// let error: &ConfigError = error.source().unwrap().downcast_ref().unwrap();
/// assert_eq!(error.name(), "min_delta");
/// assert_eq!(error.to_string(), "invalid min_delta: NaN (expected a finite number)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {name}: {given} (expected {expected})")]
pub struct ConfigError {
    name: &'static str,
    given: String,
    expected: &'static str,
}

impl ConfigError {
    pub(super) fn new(name: &'static str, given: impl Display, expected: &'static str) -> Self {
        Self { name, given: given.to_string(), expected }
    }

    /// Returns the name of the setting.
    pub fn name(&self) -> &str {
        self.name
    }
}

/// An error of a callback.
///
/// It says which callback failed in which hook; [`source`](Error::source) is the callback's own
/// error.
///
/// ```
/// use std::error::Error;
/// use tfevents::callbacks::{CallbackList, LambdaCallback};
///
/// let upload = LambdaCallback::new("upload").on_epoch_end(|_| Err("no connection".into()));
/// let mut callbacks = CallbackList::new().with_callback(upload);
/// let error = callbacks.on_epoch_end(3, [("loss", 0.5)]).unwrap_err();
/// assert_eq!((error.callback(), error.hook()), ("upload", "on_epoch_end"));
/// assert_eq!(error.to_string(), "callback upload failed in on_epoch_end");
/// assert_eq!(error.source().unwrap().to_string(), "no connection");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("callback {callback} failed in {hook}")]
pub struct CallbackError {
    callback: String,
    hook: &'static str,
    source: BoxError,
}

impl CallbackError {
    pub(super) fn new(callback: &str, hook: &'static str, source: BoxError) -> Self {
        Self { callback: callback.to_owned(), hook, source }
    }

    /// Returns the [name](super::Callback::name) of the callback.
    pub fn callback(&self) -> &str {
        &self.callback
    }

    /// Returns the name of the hook that failed, such as `on_epoch_end`.
    pub fn hook(&self) -> &str {
        self.hook
    }

    /// Whether a setting of the callback is invalid, so that none of its hooks can run.
    pub(super) fn is_config(&self) -> bool {
        self.source.is::<ConfigError>()
    }
}
