//! A callback of closures.

use super::{Callback, CallbackResult, Context};
use std::fmt;

type Hook = Box<dyn FnMut(&mut Context<'_>) -> CallbackResult + Send>;

macro_rules! hooks {
    ($($hook:ident),* $(,)?) => {
        /// A callback made of closures.
        ///
        /// Each method takes a closure for the hook of its name.
        ///
        /// ```
        /// use tfevents::callbacks::{CallbackList, LambdaCallback};
        ///
        /// let told = LambdaCallback::new("told").on_epoch_end(|context| {
        ///     println!("epoch {}: {:?}", context.epoch(), context.logs());
        ///     Ok(())
        /// });
        /// let callbacks = CallbackList::new().with_callback(told);
        /// ```
        #[derive(Default)]
        #[must_use]
        pub struct LambdaCallback {
            name: String,
            $($hook: Option<Hook>,)*
        }

        impl LambdaCallback {
            /// One that does nothing yet. The name is for error messages.
            ///
            /// ```
            /// use tfevents::callbacks::{Callback, LambdaCallback};
            ///
            /// assert_eq!(LambdaCallback::new("told").name(), "told");
            /// ```
            pub fn new(name: &str) -> Self {
                Self { name: name.to_owned(), ..Self::default() }
            }

            $(
                #[doc = concat!("Calls this in [`", stringify!($hook), "`](Callback::", stringify!($hook), ").")]
                ///
                /// ```
                /// use tfevents::callbacks::LambdaCallback;
                ///
                #[doc = concat!("let callback = LambdaCallback::new(\"told\").", stringify!($hook), "(|context| {")]
                /// println!("epoch {}: {:?}", context.epoch(), context.logs());
                ///     Ok(())
                /// });
                /// ```
                pub fn $hook(
                    mut self,
                    hook: impl FnMut(&mut Context<'_>) -> CallbackResult + Send + 'static,
                ) -> Self {
                    self.$hook = Some(Box::new(hook));
                    self
                }
            )*
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
            )*
        }
    };
}

hooks! {
    on_train_begin, on_train_end,
    on_epoch_begin, on_epoch_end,
    on_train_batch_begin, on_train_batch_end,
    on_test_begin, on_test_end,
    on_test_batch_begin, on_test_batch_end,
    on_predict_begin, on_predict_end,
    on_predict_batch_begin, on_predict_batch_end,
}

impl fmt::Debug for LambdaCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaCallback").field("name", &self.name).finish_non_exhaustive()
    }
}
