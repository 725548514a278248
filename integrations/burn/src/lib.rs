//! TensorBoard logging for [burn](https://docs.rs/burn): metrics, weights, gradients and activations.
//!
//! [`BurnLogger`] is a metric logger for burn's `SupervisedTraining`. [`Watch`] wraps a model, so
//! that its weights and gradients are logged, here every 100 steps of the optimizer:
//!
//! ```no_run
//! # use burn::optim::AdamConfig;
//! # use burn::train::metric::{AccuracyMetric, LossMetric};
//! # use burn::train::{Learner, LearnerModel, SupervisedTraining};
//! # use burn::train::{ClassificationOutput, TrainStep, InferenceStep};
//! # use std::sync::Arc;
//! # use burn::data::dataloader::DataLoader;
//! use tfevents::SummaryWriter;
//! use tfevents_burn::{BurnLogger, Watch};
//!
//! # fn train<B: 'static, M>(
//! #     train: Arc<dyn DataLoader<B>>, valid: Arc<dyn DataLoader<B>>, model: M,
//! # ) -> Result<(), Box<dyn std::error::Error>>
//! # where
//! #     B: Send,
//! #     M: LearnerModel + TrainStep<Input = B, Output = ClassificationOutput>
//! #         + InferenceStep<Input = B, Output = ClassificationOutput>,
//! # {
//! # let optimizer = AdamConfig::new().init();
//! let writer = SummaryWriter::new("runs/mnist")?;
//! let watch = Watch::new(&writer).weights().gradients().log_every(100);
//! let training = SupervisedTraining::new("artifacts", train, valid)
//!     .metrics((AccuracyMetric::new(), LossMetric::new()))
//!     .with_metric_logger(BurnLogger::new(&writer).keep_files("artifacts"))
//!     .num_epochs(10)
//!     .summary();
//! let result = training.launch(Learner::new(watch.model(model), optimizer, 1e-3));
//! # Ok(()) }
//! ```
//!
//! Then `tensorboard --logdir runs` shows `mnist/train` and `mnist/valid`.
//!
//! For custom training loops, [`BurnWriter`] extends `SummaryWriter` by methods that log a module's
//! weights and gradients. [`BurnCallbacks`] runs the callbacks of `tfevents` in a burn training.
//!
//! The feature `capture` adds `trace_graph`, which uses burn's capture of operations. It is off by
//! default because that part of burn is young, and takes longer to compile.
//!
//! # Reductions on the device
//!
//! A histogram needs every value, and burn does not count values on a device. So all weights and
//! gradients are transferred, in the background, and their norms are computed in the same pass, in
//! double precision. Where a norm, the minimum or the maximum is enough, reduce the tensor by burn and
//! log the result. The device computes it asynchronously, and one element is transferred:
//!
//! ```
//! # use burn::tensor::{Device, Tensor};
//! # use tfevents_burn::{BurnWriter, LogAs};
//! # let dir = tempfile::tempdir()?;
//! # let writer = tfevents::SummaryWriter::new(dir.path())?;
//! # let weight = Tensor::<1>::from_floats([3.0, -4.0], &Device::flex());
//! let norm = weight.clone().square().sum().sqrt();
//! writer.add_tensor("fc/weight/norm", &norm, LogAs::Scalar, 7);
//! writer.add_tensor("fc/weight/min", &weight.min(), LogAs::Scalar, 7);
//! # writer.close()?;
//! # let scalars = tfevents::read::Run::open(dir.path())?.all_scalars()?;
//! # assert_eq!(scalars["fc/weight/norm"].values(), [5.0]);
//! # assert_eq!(scalars["fc/weight/min"].values(), [-4.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The sum then has the precision and the range of the tensor's type.
//!
//! # Limits
//!
//! - burn's `Evaluator` takes no metric logger: log its results by the writer.
//! - Quantized parameters are skipped with one warning.
//!
//! # Compatibility
//!
//! | tfevents-burn | burn | tfevents | Rust |
//! |---|---|---|---|
//! | 0.1 | 0.22 | 0.1 | 1.95 |
//!
//! The crate re-exports [`tfevents`], in the version whose types it takes.

#![forbid(unsafe_code)]

mod activations;
mod callbacks;
mod convert;
mod graph;
mod logger;
mod parameters;
mod previous;
mod record;
#[cfg(feature = "capture")]
mod trace;
mod watch;
mod writer;

pub use activations::tap;
pub use callbacks::BurnCallbacks;
pub use convert::LogAs;
pub use graph::graph;
pub use logger::BurnLogger;
pub use tfevents;
#[cfg(feature = "capture")]
pub use trace::{TraceError, Traceable, trace_graph};
pub use watch::{Watch, Watched};
pub use writer::BurnWriter;

/// Returns the message of an error with those of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
