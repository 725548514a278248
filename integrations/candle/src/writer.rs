//! The extension of the writer for candle's types.

use crate::{ConvertError, activations, chain, convert, variables};
use candle_core::Tensor;
use candle_core::backprop::GradStore;
use candle_nn::VarMap;
use std::fmt;
use tfevents::SummaryWriter;
use tfevents::summary::{Deferred, Parameter, Step, Summary, SummaryEncoder};

/// The kind of summary as which a tensor is logged.
///
/// ```
/// use tfevents_candle::LogAs;
///
/// assert_ne!(LogAs::Scalar, LogAs::Histogram);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogAs {
    /// A scalar of the single element: see [`scalar`](crate::scalar).
    Scalar,
    /// A histogram of all elements: see [`histogram`](crate::histogram).
    Histogram,
    /// An image, or a batch of them: see [`image`](crate::image).
    Image,
    /// A tensor, with all elements and the shape: see [`tensor`](crate::tensor).
    Tensor,
}

/// An extension of [`SummaryWriter`] that logs candle's types.
///
/// No method returns an error or waits for a device. A thread in the background reads the tensors in
/// order; the values are those at the call. Weights are copied on their device for that, because
/// optimizers write in place; the argument of [`add_tensor`] is copied too, because it may be a view
/// of a weight. A tensor that cannot be read is skipped, and a warning with its tag is logged once
/// through the `log` facade.
///
/// See the [crate's documentation](crate) for an example.
///
/// [`add_tensor`]: Self::add_tensor
pub trait CandleWriter: sealed::Sealed {
    /// Logs the weights of a model, sorted by name: for `fc.weight` a histogram `fc/weight` and
    /// the norm `fc/weight/norm`.
    fn add_weights(&self, varmap: &VarMap, step: impl Step);

    /// Logs the gradients of a model's weights: for `fc.weight` a histogram `fc/weight/gradient`
    /// and the norm `fc/weight/gradient/norm`.
    ///
    /// `loss.backward()` returns them. `Optimizer::backward_step` does not: call
    /// `let grads = loss.backward()?; optimizer.step(&grads)?;` instead.
    fn add_gradients(&self, varmap: &VarMap, gradients: &GradStore, step: impl Step);

    /// Logs weights and gradients: [`add_weights`](Self::add_weights) and
    /// [`add_gradients`](Self::add_gradients).
    fn add_model(&self, varmap: &VarMap, gradients: &GradStore, step: impl Step) {
        self.add_weights(varmap, step);
        self.add_gradients(varmap, gradients, step);
    }

    /// Logs the outputs of layers for a batch: a histogram `name/activation` for each call of
    /// [`tap`](crate::tap) inside `forward`.
    ///
    /// ```
    /// use candle_core::{Device, Tensor};
    /// use tfevents_candle::{CandleWriter, tap};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let forward = |x: &Tensor| -> candle_core::Result<Tensor> {
    ///     let x = x.relu()?;
    ///     tap("relu", &x);
    ///     Ok(x)
    /// };
    /// let probe = Tensor::new(&[-1f32, 2.], &Device::Cpu)?;
    /// writer.add_activations(|| forward(&probe), 7); // relu/activation
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn add_activations<T>(&self, forward: impl FnOnce() -> candle_core::Result<T>, step: impl Step);

    /// Logs a tensor of any type, on any device, as the given kind of summary.
    ///
    /// ```
    /// use candle_core::{Device, Tensor};
    /// use tfevents_candle::{LogAs, CandleWriter};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let logits = Tensor::new(&[[0.5f32, -1.], [2., 0.]], &Device::Cpu)?;
    /// writer.add_tensor("logits", &logits, LogAs::Histogram, 7);
    /// writer.add_tensor("loss", &logits.mean_all()?, LogAs::Scalar, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn add_tensor(&self, tag: &str, tensor: &Tensor, kind: LogAs, step: impl Step);
}

mod sealed {
    /// Sealed, so that methods can be added.
    pub trait Sealed {}
    impl Sealed for tfevents::SummaryWriter {}
}

impl CandleWriter for SummaryWriter {
    fn add_weights(&self, varmap: &VarMap, step: impl Step) {
        let variables = variables::sorted(varmap);
        if variables.is_empty() {
            skip(self, "weights", "the model has no variables");
        }
        for (name, var) in variables {
            match var.as_tensor().detach().force_contiguous() {
                Ok(copy) => parameter(self, &name, copy, step),
                Err(error) => skip(self, &name, chain(&error)),
            }
        }
    }

    fn add_gradients(&self, varmap: &VarMap, gradients: &GradStore, step: impl Step) {
        for (name, var) in variables::sorted(varmap) {
            let tag = format!("{name}/gradient");
            match gradients.get(var.as_tensor()) {
                Some(gradient) => parameter(self, &tag, gradient.detach(), step),
                None => skip(self, &tag, "the variable has no gradient"),
            }
        }
    }

    fn add_activations<T>(
        &self,
        forward: impl FnOnce() -> candle_core::Result<T>,
        step: impl Step,
    ) {
        let (result, tapped) = activations::record(forward);
        if let Err(error) = result {
            skip(self, "activations", chain(&error));
        }
        for (name, output) in tapped {
            self.add_tensor(&format!("{name}/activation"), &output, LogAs::Histogram, step);
        }
    }

    fn add_tensor(&self, tag: &str, tensor: &Tensor, kind: LogAs, step: impl Step) {
        let checked = convert::check(tensor, kind);
        let copy = checked.and_then(|()| Ok(tensor.detach().force_contiguous()?));
        let copy = match copy {
            Ok(copy) => copy,
            Err(error) => return skip(self, tag, chain(&error)),
        };
        let bytes = size(&copy);
        let read = move || {
            Ok::<Box<dyn Summary>, ConvertError>(match kind {
                LogAs::Scalar => Box::new(convert::scalar(&copy)?),
                LogAs::Histogram => Box::new(convert::histogram(&copy)?),
                LogAs::Image => Box::new(convert::image(&copy)?),
                LogAs::Tensor => Box::new(convert::tensor(&copy)?),
            })
        };
        add_deferred(self, tag, bytes, read, step);
    }
}

/// Logs a weight or a gradient that is not changed any more.
fn parameter(writer: &SummaryWriter, tag: &str, tensor: Tensor, step: impl Step) {
    if tensor.elem_count() == 0 {
        return skip(writer, tag, "invalid tensor: 0 elements (expected at least 1)");
    }
    if let Err(error) = convert::check(&tensor, LogAs::Histogram) {
        return skip(writer, tag, chain(&error));
    }
    let bytes = size(&tensor);
    let read = move || convert::histogram(&tensor).map(Parameter::new);
    add_deferred(writer, tag, bytes, read, step);
}

fn size(tensor: &Tensor) -> usize {
    tensor.elem_count() * tensor.dtype().size_in_bytes()
}

/// Logs the summary that `read` makes in the background of a tensor of `bytes` bytes.
fn add_deferred<S: Summary + 'static>(
    writer: &SummaryWriter,
    tag: &str,
    bytes: usize,
    read: impl Fn() -> Result<S, ConvertError> + Send + 'static,
    step: impl Step,
) {
    writer.add_deferred(tag, Deferred::try_new(bytes, read), step);
}

/// Logs a warning why nothing is logged under a tag, once.
fn skip(writer: &SummaryWriter, tag: &str, reason: impl fmt::Display) {
    writer.add(tag, &Skipped(reason), 0);
}

/// A summary that writes nothing, for a reason.
struct Skipped<R>(R);

impl<R: fmt::Display> Summary for Skipped<R> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        encoder.skip(tag, &self.0);
    }
}
