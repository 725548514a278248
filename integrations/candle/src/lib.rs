//! TensorBoard logging for [candle](https://docs.rs/candle-core): weights, gradients, activations and
//! tensors of any device.
//!
//! [`CandleWriter`] extends [`SummaryWriter`](tfevents::SummaryWriter) by methods that log a model's
//! weights and gradients, and single tensors:
//!
//! ```
//! use candle_core::{DType, Device, Tensor};
//! use candle_nn::{Linear, Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
//! use tfevents::SummaryWriter;
//! use tfevents_candle::{CandleWriter, LogAs};
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
//!     writer.add_tensor("loss", &loss, LogAs::Scalar, step); // read in the background
//!     if step % 10 == 0 {
//!         writer.add_weights(&varmap, step); // fc/weight, fc/weight/norm, fc/bias, ...
//!         writer.add_gradients(&varmap, &grads, step); // fc/weight/gradient, ...
//!     }
//! }
//! writer.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CandleModel`] is a model for the callbacks of `tfevents`: early stopping restores its weights,
//! and [`TrainingLoop`](tfevents::callbacks::TrainingLoop) runs the loop.
//!
//! # Reductions on the device
//!
//! A histogram needs every value, and candle does not count values on a device. So all weights and
//! gradients are transferred, in the background, and their norms are computed in the same pass, in
//! double precision. Where a norm, the minimum or the maximum is enough, reduce the tensor by candle and
//! log the result. The device computes it asynchronously, and one element is transferred:
//!
//! ```
//! # use candle_core::{DType, Device, Tensor};
//! # use tfevents_candle::{CandleWriter, LogAs};
//! # let dir = tempfile::tempdir()?;
//! # let writer = tfevents::SummaryWriter::new(dir.path())?;
//! # let weight = Tensor::new(&[3f32, -4.], &Device::Cpu)?;
//! let norm = weight.sqr()?.sum_all()?.sqrt()?;
//! writer.add_tensor("fc/weight/norm", &norm, LogAs::Scalar, 7);
//! writer.add_tensor("fc/weight/min", &weight.min_all()?, LogAs::Scalar, 7);
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
//! - A quantized tensor (`QTensor`) is not a `Tensor`: call `dequantize`.
//! - candle does not expose the operations that made a tensor, so a graph shows variables and layers
//!   without the operations between them.
//!
//! # Compatibility
//!
//! | tfevents-candle | candle | tfevents | Rust |
//! |---|---|---|---|
//! | 0.1 | 0.11 | 0.1 | 1.94 |
//!
//! The crate re-exports [`tfevents`], in the version whose types it takes.

#![forbid(unsafe_code)]

mod activations;
mod convert;
mod model;
mod variables;
mod writer;

pub use activations::tap;
pub use convert::{ConvertError, histogram, image, scalar, tensor};
pub use model::CandleModel;
pub use tfevents;
pub use variables::graph;
pub use writer::{CandleWriter, LogAs};

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
