//! TensorBoard logging for [burn](https://docs.rs/burn): metrics, weights and gradients of a
//! training.
//!
//! [`BurnLogger`] is a metric logger for burn's `SupervisedTraining`. [`Watch`] wraps a model, so
//! that its weights and gradients are logged every so many steps of the optimizer:
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
//! For loops of your own, [`BurnWriter`] adds to a `SummaryWriter` what logs a module's weights
//! and gradients. [`BurnCallbacks`] runs the callbacks of `tfevents` in a training of burn.
//!
//! - `logger`: metrics; `callbacks`: the callbacks; both over `record`, what metrics said;
//! - `earlier`: what the files of a run hold of a training that goes on;
//! - `watch`, `writer`, over `parameters` and `convert`: weights, gradients, tensors; `activations`:
//!   what layers give;
//! - `graph`: the tree of a model's modules; `flow`: what flows between them.
//!
//! The feature `capture` adds `trace_graph`, by what burn has for capturing operations. That is young
//! in burn, and burn is compiled with more for it; so it is off by default.
//!
//! # Reductions on the device
//!
//! A histogram needs every value, and burn counts none on a device: so weights and gradients are
//! transferred whole, behind the training, and their norms come out of the same pass, in double
//! precision. Where a norm, the least or the greatest value is enough, let burn reduce the tensor, and
//! hand over what comes out. The device does that in its turn, one element is transferred, and
//! nobody waits:
//!
//! ```
//! # use burn::tensor::{Device, Tensor};
//! # use tfevents_burn::{LogAs, BurnWriter};
//! # let dir = tempfile::tempdir()?;
//! # let writer = tfevents::SummaryWriter::new(dir.path())?;
//! # let weight = Tensor::<1>::from_floats([3.0, -4.0], &Device::flex());
//! let norm = weight.clone().square().sum().sqrt();
//! writer.add_tensor("fc/weight/norm", &norm, LogAs::Scalar, 7);
//! writer.add_tensor("fc/weight/least", &weight.min(), LogAs::Scalar, 7);
//! # writer.close()?;
//! # let scalars = tfevents::read::RunReader::open(dir.path())?.scalars()?;
//! # assert_eq!(scalars["fc/weight/norm"][0].value, 5.0);
//! # assert_eq!(scalars["fc/weight/least"][0].value, -4.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The sum is then as precise, and as large at most, as the tensor's type.
//!
//! # Limits
//!
//! - burn's `Evaluator` has no place for a metric logger: log what it finds by the writer.
//! - Quantised parameters are told once and skipped.
//! - This version is for burn 0.22: its version says so.

#![forbid(unsafe_code)]

mod activations;
mod callbacks;
mod convert;
mod earlier;
#[cfg(feature = "capture")]
mod flow;
mod graph;
mod logger;
mod parameters;
mod record;
mod watch;
mod writer;

pub use activations::tap;
pub use callbacks::BurnCallbacks;
pub use convert::LogAs;
#[cfg(feature = "capture")]
pub use flow::{Flow, FlowError, trace_graph};
pub use graph::graph;
pub use logger::BurnLogger;
pub use watch::{Watch, Watched};
pub use writer::BurnWriter;
