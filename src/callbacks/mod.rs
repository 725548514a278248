//! Callbacks for training loops, after Keras.
//!
//! A callback is code that runs at fixed points of a training, such as logging or early stopping.
//! These have Keras's names, rules, tags and directories, so that runs of both lie side by side in
//! one TensorBoard. They are collected in a [`CallbackList`]. Either your loop calls its hooks, one
//! line each, or a [`TrainingLoop`] runs the loop:
//!
//! ```no_run
//! use tfevents::callbacks::{CallbackList, EarlyStopping, TensorBoard, TrainingLoop};
//!
//! let mut callbacks = CallbackList::new()
//!     .with_callback(TensorBoard::builder("logs/fit").build()?)
//!     .with_callback(EarlyStopping::new("val_loss").patience(2));
//!
//! let mut model = (); // yours: see `Model`
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
//! A callback of your own is a type that implements [`Callback`], or a [`LambdaCallback`].
//!
//! | Keras | here |
//! |---|---|
//! | `CallbackList`, `Model.fit` | [`CallbackList`], [`TrainingLoop`] |
//! | `TensorBoard` | [`TensorBoard`] |
//! | `EarlyStopping`, `TerminateOnNaN` | [`EarlyStopping`], [`TerminateOnNan`] |
//! | `ReduceLROnPlateau`, `LearningRateScheduler` | [`ReduceLrOnPlateau`], [`LearningRateScheduler`] |
//! | `ModelCheckpoint`, `BackupAndRestore` | [`ModelCheckpoint`], [`BackupAndRestore`] |
//! | `CSVLogger`, `History`, `ProgbarLogger` | [`CsvLogger`], [`History`], `ProgressBar` (feature `progress`) |
//! | `LambdaCallback` | [`LambdaCallback`] |

// Where is …
//
// | the trait of callbacks, closures as a callback | `callback` |
// | what a hook sees: state, values, model | `context`, `logs`, `model` |
// | the list of callbacks | `list` |
// | the public hooks, with a model and without | `hooks` |
// | the order of calls, failing callbacks, spans in traces | `dispatch` |
// | the loop that calls the hooks | `training_loop` |
// | running means, values of past epochs | `history` |
// | errors | `error` |
// | which value is better | `monitor` |
// | a callback | a file of its name; `stopping` and `learning_rate` have two; `checkpoint`, `backup` |
// | the TensorBoard callback | `tensor_board` |
//
// A file imports only those above it in: `error`; `logs`; `model`; `context`; `callback`;
// `dispatch`, `monitor`; `list` and the callbacks; `history`, `hooks`; `training_loop`.

mod backup;
mod callback;
mod checkpoint;
mod context;
mod csv_logger;
mod dispatch;
mod error;
mod history;
mod hooks;
mod learning_rate;
mod list;
mod logs;
mod model;
mod monitor;
#[cfg(feature = "progress")]
mod progress_bar;
mod stopping;
mod tensor_board;
mod training_loop;

pub use crate::summary::Mode;
pub use backup::{BackupAndRestore, BackupError};
pub use callback::{Callback, LambdaCallback};
pub use checkpoint::{CheckpointError, ModelCheckpoint};
pub use context::Context;
pub use csv_logger::{CsvLogger, CsvLoggerBuilder, CsvLoggerError};
pub use dispatch::OnError;
pub use error::{BoxError, CallbackError, CallbackResult, ConfigError};
pub use history::{History, RunningMeans};
pub use hooks::Hooks;
pub use learning_rate::{LearningRateScheduler, ReduceLrOnPlateau};
pub use list::CallbackList;
pub use logs::{LogValue, Logs, LogsIter};
pub use model::{Model, Snapshot, Visit};
#[cfg(feature = "progress")]
pub use progress_bar::ProgressBar;
pub use stopping::{EarlyStopping, TerminateOnNan};
pub use tensor_board::{
    KernelLayout, ProfileBatch, Target, TensorBoard, TensorBoardBuilder, TensorBoardError,
    UpdateFreq, WeightImages,
};
pub use training_loop::{BatchContext, LoopModel, TrainingLoop, TrainingLoopError};
