//! Ends a training whose loss is no number.

use super::{Callback, CallbackResult, Context};

/// Ends the training when a batch reports a `loss` that is NaN or infinite. The epoch is ended as
/// ever, with its validation.
///
/// ```
/// use tfevents::callbacks::{CallbackList, TerminateOnNan};
///
/// let mut callbacks = CallbackList::new().with_callback(TerminateOnNan::new());
/// callbacks.on_train_batch_begin(0)?;
/// callbacks.on_train_batch_end(0, [("loss", f32::NAN)])?;
/// assert!(callbacks.should_stop());
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TerminateOnNan {
    step: Option<u64>,
}

impl TerminateOnNan {
    /// One that has seen nothing yet.
    ///
    /// ```
    /// let callback = tfevents::callbacks::TerminateOnNan::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The train step, from 1, at which it ended the training; `None` if it has not.
    ///
    /// ```
    /// assert_eq!(tfevents::callbacks::TerminateOnNan::new().step(), None);
    /// ```
    pub fn step(&self) -> Option<u64> {
        self.step
    }
}

impl Callback for TerminateOnNan {
    fn name(&self) -> &str {
        "TerminateOnNan"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        self.step = None;
        Ok(())
    }

    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if context.logs().get_f64("loss").is_some_and(|loss| !loss.is_finite()) {
            if self.step.is_none() {
                self.step = Some(context.train_steps());
                log::warn!("the loss of batch {} is not finite: training ends", context.batch());
            }
            context.request_stop();
        }
        Ok(())
    }
}
