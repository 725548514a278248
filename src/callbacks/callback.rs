//! The trait of all callbacks, and a callback made of closures.

use super::context::Context;
use super::error::CallbackResult;
use super::model::AsAny;
use crate::profile::Profiler;
use std::fmt;

macro_rules! callback {
    ($($(#[doc = $doc:literal])+ $hook:ident;)+) => {
        /// Code that runs at fixed points of a training, such as logging or early stopping.
        ///
        /// All hooks are optional; each gets a [`Context`]. What a hook returns as an error is
        /// reported with the [`name`](Self::name) of the callback and the hook; whether the
        /// training goes on is up to
        /// [`CallbackList::on_error`](super::CallbackList::on_error).
        ///
        /// ```
        /// use tfevents::callbacks::{Callback, CallbackList, CallbackResult, Context};
        ///
        /// /// Counts batches.
        /// struct BatchCount(u64);
        ///
        /// impl Callback for BatchCount {
        ///     fn on_train_batch_end(&mut self, _: &mut Context<'_>) -> CallbackResult {
        ///         self.0 += 1;
        ///         Ok(())
        ///     }
        /// }
        ///
        /// let mut callbacks = CallbackList::new().with_callback(BatchCount(0));
        /// callbacks.on_train_batch_end(0, [("loss", 0.5)])?;
        /// assert_eq!(callbacks.get::<BatchCount>().unwrap().0, 1);
        /// # Ok::<(), tfevents::callbacks::CallbackError>(())
        /// ```
        #[diagnostic::on_unimplemented(
            message = "`{Self}` is not a callback",
            label = "not a callback",
            note = "a builder is not a callback yet: call `.build()?`",
            note = "a `Result` is not a callback: handle its error (`?`)",
            note = "a type of your own becomes one with `impl Callback for MyCallback {{}}`: all hooks have defaults"
        )]
        #[allow(unused_variables)] // parameters are named for the documentation
        pub trait Callback: AsAny + Send {
            /// Returns the name of the callback for messages. Default: the name of the type.
            fn name(&self) -> &str {
                let path = std::any::type_name::<Self>();
                path.rsplit("::").next().unwrap_or(path)
            }

            /// Returns the profiler whose traces show the training: epochs, steps, tests, and the
            /// hooks of all callbacks of the list.
            fn profiler(&self) -> Option<&Profiler> {
                None
            }

            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Returns the callback's own error.
                fn $hook(&mut self, context: &mut Context<'_>) -> CallbackResult {
                    Ok(())
                }
            )+
        }

        /// A callback made of closures.
        ///
        /// Each method takes a closure for the hook of its name.
        ///
        /// ```
        /// use tfevents::callbacks::{CallbackList, LambdaCallback};
        ///
        /// let printer = LambdaCallback::new("printer").on_epoch_end(|context| {
        ///     println!("epoch {}: {:?}", context.epoch(), context.logs());
        ///     Ok(())
        /// });
        /// let callbacks = CallbackList::new().with_callback(printer);
        /// ```
        #[derive(Default)]
        #[must_use]
        pub struct LambdaCallback {
            name: String,
            $($hook: Option<Hook>,)+
        }

        impl LambdaCallback {
            /// Creates a callback without hooks. Messages show the name.
            pub fn new(name: impl AsRef<str>) -> Self {
                Self { name: name.as_ref().to_owned(), ..Self::default() }
            }

            $(
                #[doc = concat!("Sets the closure that runs in [`", stringify!($hook), "`](Callback::", stringify!($hook), ").")]
                pub fn $hook(
                    mut self,
                    hook: impl FnMut(&mut Context<'_>) -> CallbackResult + Send + 'static,
                ) -> Self {
                    self.$hook = Some(Box::new(hook));
                    self
                }
            )+
        }

        impl Callback for LambdaCallback {
            fn name(&self) -> &str {
                &self.name
            }

            $(
                fn $hook(&mut self, context: &mut Context<'_>) -> CallbackResult {
                    match &mut self.$hook {
                        Some(hook) => hook(context),
                        None => Ok(()),
                    }
                }
            )+
        }
    };
}

type Hook = Box<dyn FnMut(&mut Context<'_>) -> CallbackResult + Send>;

callback! {
    /// Runs before the first epoch.
    on_train_begin;
    /// Runs after the last epoch, also when an error or a panic has ended the training.
    on_train_end;
    /// Runs before an epoch.
    on_epoch_begin;
    /// Runs after an epoch and its validation.
    on_epoch_end;
    /// Runs before a train batch.
    on_train_batch_begin;
    /// Runs after a train batch.
    on_train_batch_end;
    /// Runs before a test: a validation, or a test outside a training.
    on_test_begin;
    /// Runs after a test.
    on_test_end;
    /// Runs before a batch of a test.
    on_test_batch_begin;
    /// Runs after a batch of a test.
    on_test_batch_end;
    /// Runs before a prediction.
    on_predict_begin;
    /// Runs after a prediction.
    on_predict_end;
    /// Runs before a batch of a prediction.
    on_predict_batch_begin;
    /// Runs after a batch of a prediction.
    on_predict_batch_end;
}

impl dyn Callback {
    /// Returns the callback as a `C`, if it is one.
    pub(super) fn downcast_ref<C: Callback>(&self) -> Option<&C> {
        self.as_any().downcast_ref()
    }

    /// Returns the callback as a `C` that can be changed, if it is one.
    pub(super) fn downcast_mut<C: Callback>(&mut self) -> Option<&mut C> {
        self.as_any_mut().downcast_mut()
    }
}

impl fmt::Debug for dyn Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for LambdaCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaCallback").field("name", &self.name).finish_non_exhaustive()
    }
}
