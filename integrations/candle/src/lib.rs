//! TensorBoard logging for [candle](https://docs.rs/candle-core): `tfevents` on candle's types.
//!
//! [`CandleWriter`] adds to a [`SummaryWriter`](tfevents::SummaryWriter) what logs a model's
//! weights and gradients, and single tensors:
//!
//! ```
//! use candle_core::{DType, Device, Tensor};
//! use candle_nn::{Linear, Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
//! use tfevents::SummaryWriter;
//! use tfevents_candle::{LogAs, CandleWriter};
//!
//! # let dir = tempfile::tempdir()?;
//! # let logdir = dir.path();
//! let varmap = VarMap::new();
//! let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
//! let model: Linear = linear(2, 1, builder.pp("fc"))?;
//! let mut optimizer = SGD::new(varmap.all_vars(), 0.1)?;
//! let x = Tensor::new(&[[0f32, 1.], [1., 1.]], &Device::Cpu)?;
//! let y = Tensor::new(&[[1f32], [3.]], &Device::Cpu)?;
//!
//! let writer = SummaryWriter::new(logdir)?; // such as "runs/line"
//! for step in 0..100 {
//!     let loss = loss::mse(&model.forward(&x)?, &y)?;
//!     let grads = loss.backward()?;
//!     optimizer.step(&grads)?;
//!     writer.add_tensor("loss", &loss, LogAs::Scalar, step); // read behind this thread
//!     if step % 10 == 0 {
//!         writer.add_weights(&varmap, step); // fc/weight, fc/weight/norm, fc/bias, ...
//!         writer.add_gradients(&varmap, &grads, step); // fc/weight/gradient, ...
//!     }
//! }
//! writer.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CandleModel`] is a model as the callbacks of `tfevents` want one: early stopping restores
//! its weights, and [`TrainingLoop`](tfevents::callbacks::TrainingLoop) runs the loop.
//!
//! - `writer`, over `convert`: tensors as summaries; `model`: the callbacks' model;
//! - `activations`: what layers give; `graph`: a model's variables as a graph.
//!
//! # Reductions on the device
//!
//! A histogram needs every value, and candle counts none on a device: so weights and gradients are
//! transferred whole, behind the training, and their norms come out of the same pass, in double
//! precision. Where a norm, the least or the greatest value is enough, let candle reduce the tensor, and
//! hand over what comes out. The device does that in its turn, one element is transferred, and
//! nobody waits:
//!
//! ```
//! # use candle_core::{DType, Device, Tensor};
//! # use tfevents_candle::{LogAs, CandleWriter};
//! # let dir = tempfile::tempdir()?;
//! # let writer = tfevents::SummaryWriter::new(dir.path())?;
//! # let weight = Tensor::new(&[3f32, -4.], &Device::Cpu)?;
//! let norm = weight.sqr()?.sum_all()?.sqrt()?;
//! writer.add_tensor("fc/weight/norm", &norm, LogAs::Scalar, 7);
//! writer.add_tensor("fc/weight/least", &weight.min_all()?, LogAs::Scalar, 7);
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
//! - Quantised tensors (`QTensor`) are no `Tensor`s: `dequantize` them.
//! - candle keeps to itself which operations made a tensor, so a graph shows variables and layers
//!   without what flows between them.
//! - This version is for candle 0.11: its version says so.

#![forbid(unsafe_code)]

mod activations;
mod convert;
mod graph;
mod model;
mod variables;
mod writer;

pub use activations::tap;
pub use convert::{ConvertError, histogram, image, scalar, tensor};
pub use graph::graph;
pub use model::CandleModel;
pub use writer::{CandleWriter, LogAs};
