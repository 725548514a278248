//! Callbacks: what a training does besides training, such as logging and stopping in time.
//!
//! These are Keras's callbacks, with its names, rules, tags and directories, so that runs of both
//! lie side by side in one TensorBoard. A [`CallbackList`] holds them. Either your loop calls its
//! hooks, one line each, or a [`TrainingLoop`] runs the loop:
//!
//! ```
//! use tfevents::callbacks::{CallbackList, TrainingLoop, EarlyStopping, TensorBoard};
//!
//! # let dir = tempfile::tempdir()?;
//! # let logdir = dir.path();
//! let mut callbacks = CallbackList::new()
//!     .with_callback(TensorBoard::builder(logdir).build()?)
//!     .with_callback(EarlyStopping::new("val_loss").patience(2));
//!
//! let mut model = (); // yours; `Model` says what callbacks may ask of it
//! let history = TrainingLoop::new(&mut model)
//!     .epochs(5)
//!     .train(
//!         |_epoch| [1.0f32, 2.0, 3.0],
//!         |_model, batch, step| {
//!             step.log("loss", batch * 0.1);
//!             Ok(())
//!         },
//!     )
//!     .validate(
//!         |_epoch| [4.0f32],
//!         |_model, batch, step| {
//!             step.log("loss", batch * 0.1);
//!             Ok(())
//!         },
//!     )
//!     .run(&mut callbacks)?;
//! assert_eq!(history.epochs(), [0, 1, 2]);
//! assert_eq!(callbacks.get::<EarlyStopping>().unwrap().stopped_epoch(), Some(2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A callback of your own is a type with a [`Callback`] implementation, or a [`LambdaCallback`].
//!
//! - `list`, `hooks`, `driver`: who calls the hooks; `spans`: how they show in a trace; `context`,
//!   `logs`, `model`: what a hook is told;
//! - a file for each callback; `monitor`: a watched value, for those that watch one.

mod context;
mod csv_logger;
mod early_stopping;
mod error;
mod history;
mod hooks;
mod lambda;
mod list;
mod logs;
mod means;
mod model;
mod model_checkpoint;
mod monitor;
#[cfg(feature = "progress")]
mod progress_bar;
mod reduce_lr_on_plateau;
mod spans;
mod tensor_board;
mod terminate_on_nan;
mod training_loop;

pub use context::Context;
pub use csv_logger::{CsvLogger, CsvLoggerBuilder};
pub use early_stopping::EarlyStopping;
pub use error::{BoxError, CallbackError, CallbackResult, ConfigError};
pub use history::History;
pub use hooks::Hooks;
pub use lambda::LambdaCallback;
pub use list::{CallbackList, OnError};
pub use logs::{LogValue, Logs, LogsIter};
pub use means::RunningMeans;
pub use model::{Model, Snapshot, Visit};
pub use model_checkpoint::{CheckpointError, ModelCheckpoint};
pub use monitor::Mode;
#[cfg(feature = "progress")]
pub use progress_bar::ProgressBar;
pub use reduce_lr_on_plateau::ReduceLrOnPlateau;
pub use tensor_board::{
    KernelLayout, ProfileBatch, Target, TensorBoard, TensorBoardBuilder, TensorBoardError,
    UpdateFreq, WeightImages,
};
pub use terminate_on_nan::TerminateOnNan;
pub use training_loop::{BatchContext, TrainingLoop, TrainingLoopError};

use crate::profile::Profiler;

/// Something that is told how a training goes.
///
/// All hooks are optional. An error is reported with the [`name`](Self::name); whether training
/// goes on then is the [list's](CallbackList::on_error) to say.
///
/// ```
/// use tfevents::callbacks::{Callback, CallbackList, CallbackResult, Context};
///
/// struct Count(u64);
///
/// impl Callback for Count {
///     fn on_train_batch_end(&mut self, _: &mut Context<'_>) -> CallbackResult {
///         self.0 += 1;
///         Ok(())
///     }
/// }
///
/// let mut callbacks = CallbackList::new().with_callback(Count(0));
/// callbacks.on_train_batch_end(0, [("loss", 0.5)])?;
/// assert_eq!(callbacks.get::<Count>().unwrap().0, 1);
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[allow(unused_variables)] // named for the documentation
pub trait Callback: Send {
    /// A name for messages. Unless said otherwise, that of the type.
    fn name(&self) -> &str {
        let path = std::any::type_name::<Self>();
        path.rsplit("::").next().unwrap_or(path)
    }

    /// A profiler whose traces are to show the training: epochs, steps, tests, and the hooks of
    /// all callbacks of the list.
    fn profiler(&self) -> Option<&Profiler> {
        None
    }

    /// Before the first epoch.
    fn on_train_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After the last epoch, also when an error or a panic has ended the training.
    fn on_train_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// Before an epoch.
    fn on_epoch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After an epoch and its validation.
    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// Before a batch of the training.
    fn on_train_batch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After a batch of the training.
    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// Before a test: a validation, or one by itself.
    fn on_test_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After a test.
    fn on_test_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// Before a batch of a test.
    fn on_test_batch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After a batch of a test.
    fn on_test_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// Before a prediction.
    fn on_predict_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After a prediction.
    fn on_predict_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// Before a batch of a prediction.
    fn on_predict_batch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }

    /// After a batch of a prediction.
    fn on_predict_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        Ok(())
    }
}
