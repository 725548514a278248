//! The hooks of a list that a loop calls, with a model and without.

use super::dispatch::Dispatch;
use super::error::CallbackError;
use super::list::CallbackList;
use super::logs::LogValue;
use super::model::Model;
use std::fmt;

/// The hooks of a [`CallbackList`] with a model, from [`CallbackList::with_model`].
///
/// The model is borrowed while this value is used, so compute values that need it before:
///
/// ```
/// use tfevents::callbacks::{CallbackError, CallbackList, Model};
///
/// struct Net {
///     weight: f32,
/// }
///
/// impl Model for Net {}
///
/// let (mut callbacks, mut net) = (CallbackList::new(), Net { weight: 0.5 });
/// callbacks.with_model(&mut net).on_train_begin()?;
/// let loss = net.weight * net.weight;
/// callbacks.with_model(&mut net).on_epoch_end(0, [("loss", loss)])?;
/// callbacks.with_model(&mut net).on_train_end()?;
///
/// // Several hooks without anything in between:
/// let mut hooks = callbacks.with_model(&mut net);
/// hooks.on_test_begin()?;
/// hooks.on_test_end([("loss", 0.25)])?;
/// # Ok::<(), CallbackError>(())
/// ```
pub struct Hooks<'a> {
    dispatch: &'a mut Dispatch,
    model: &'a mut dyn Model,
}

impl CallbackList {
    /// Returns the hooks with a model, for the callbacks that need one.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, Model};
    ///
    /// struct Net;
    ///
    /// impl Model for Net {}
    ///
    /// let mut net = Net;
    /// let mut callbacks = CallbackList::new();
    /// callbacks.with_model(&mut net).on_epoch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn with_model<'a>(&'a mut self, model: &'a mut dyn Model) -> Hooks<'a> {
        Hooks { dispatch: &mut self.dispatch, model }
    }
}

impl fmt::Debug for Hooks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callbacks = self.dispatch.entries.len();
        f.debug_struct("Hooks").field("callbacks", &callbacks).finish_non_exhaustive()
    }
}

/// A method for one hook: of a list, or of hooks with a model.
macro_rules! hook {
    (list, [$(#[$doc:meta])+] $hook:ident($($arg:ident: $type:ty)?)) => {
        $(#[$doc])+
        #[inline]
        pub fn $hook(&mut self $(, $arg: $type)?) -> Result<(), CallbackError> {
            self.dispatch.$hook(None $(, $arg)?)
        }
    };
    (list, [$(#[$doc:meta])+] $hook:ident($($arg:ident: $type:ty)?) with logs) => {
        $(#[$doc])+
        #[inline]
        pub fn $hook<K: AsRef<str>, V: Into<LogValue>>(
            &mut self,
            $($arg: $type,)?
            logs: impl IntoIterator<Item = (K, V)>,
        ) -> Result<(), CallbackError> {
            self.dispatch.$hook(None, $($arg,)? logs)
        }
    };
    (model, $hook:ident($($arg:ident: $type:ty)?)) => {
        #[doc = concat!("Calls [`CallbackList::", stringify!($hook), "`] with the model.")]
        #[inline]
        pub fn $hook(&mut self $(, $arg: $type)?) -> Result<(), CallbackError> {
            self.dispatch.$hook(Some(&mut *self.model) $(, $arg)?)
        }
    };
    (model, $hook:ident($($arg:ident: $type:ty)?) with logs) => {
        #[doc = concat!("Calls [`CallbackList::", stringify!($hook), "`] with the model.")]
        #[inline]
        pub fn $hook<K: AsRef<str>, V: Into<LogValue>>(
            &mut self,
            $($arg: $type,)?
            logs: impl IntoIterator<Item = (K, V)>,
        ) -> Result<(), CallbackError> {
            self.dispatch.$hook(Some(&mut *self.model), $($arg,)? logs)
        }
    };
}

macro_rules! hooks {
    ($($(#[$doc:meta])+ $hook:ident $args:tt $(with $logs:ident)?;)+) => {
        /// # Hooks
        ///
        /// A loop calls these, one line each. They return the first error of a callback under
        /// [`OnError::Stop`](super::OnError::Stop), and the [`ConfigError`](super::ConfigError) of a callback with an
        /// invalid setting in any case. Logs are pairs of names and values: see [`Logs`](super::Logs). Pass an
        /// array of them by value, as in the examples: a reference to an array does not compile.
        #[allow(clippy::missing_errors_doc)] // said once for all of them
        impl CallbackList {
            $(hook!(list, [$(#[$doc])+] $hook $args $(with $logs)?);)+
        }

        /// The hooks of [`CallbackList`], which documents them.
        #[allow(clippy::missing_errors_doc)] // said once for all of them
        impl Hooks<'_> {
            $(hook!(model, $hook $args $(with $logs)?);)+
        }
    };
}

hooks! {
    /// Call this before the first epoch. A training that was left without its end is ended first.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_train_begin();

    /// Call this after the last epoch. Callbacks see the values of that epoch.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_train_end();

    /// Call this before an epoch. The first epoch is 0, unless the training continues an earlier
    /// one.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_epoch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_epoch_begin(epoch: usize);

    /// Call this after an epoch and its validation, whose values have names with `val_`.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_epoch_end(0, [("loss", 0.5), ("val_loss", 0.75)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_epoch_end(epoch: usize) with logs;

    /// Call this before a train batch. The first batch of an epoch is 0.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_train_batch_begin(batch: usize);

    /// Call this after a train batch. Keras logs running means since the epoch began: see
    /// [`RunningMeans`](super::RunningMeans).
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_train_batch_end(0, [("loss", 0.5)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_train_batch_end(batch: usize) with logs;

    /// Call this before a validation, within an epoch, or before a test outside a training.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_test_begin();

    /// Call this after a validation or a test.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_end([("loss", 0.75)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_test_end() with logs;

    /// Call this before a batch of a validation or a test.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_test_batch_begin(batch: usize);

    /// Call this after a batch of a validation or a test.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_test_batch_end(0, [("loss", 0.75)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_test_batch_end(batch: usize) with logs;

    /// Call this before a prediction.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_begin()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_predict_begin();

    /// Call this after a prediction.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_end()?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_predict_end();

    /// Call this before a batch of a prediction.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_batch_begin(0)?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_predict_batch_begin(batch: usize);

    /// Call this after a batch of a prediction.
    ///
    /// ```
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// callbacks.on_predict_batch_end(0, [("rows", 32)])?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    on_predict_batch_end(batch: usize) with logs;
}
