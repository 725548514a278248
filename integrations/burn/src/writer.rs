//! The extension of the writer for burn's types.

use crate::{LogAs, activations, parameters};
use burn_core::module::Module;
use burn_core::tensor::Tensor;
use burn_optim::GradientsParams;
use tfevents::SummaryWriter;
use tfevents::summary::Step;

/// An extension of [`SummaryWriter`] that logs burn's modules and tensors, for custom training loops.
///
/// [`Watch`](crate::Watch) does the same inside burn's `Learner`. No method returns an error or waits
/// for a device: a thread in the background reads the tensors in order. A tensor that cannot be read
/// is skipped, and a warning with its tag is logged once through the `log` facade.
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::optim::{GradientsParams, SgdConfig};
/// use burn::tensor::{Device, Tensor};
/// use tfevents::SummaryWriter;
/// use tfevents_burn::BurnWriter;
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let device = Device::flex().autodiff();
/// let mut model: Linear = LinearConfig::new(2, 1).init(&device);
/// let mut optimizer = SgdConfig::new().init();
/// let x = Tensor::<2>::from_floats([[0.0, 1.0], [1.0, 1.0]], &device);
///
/// let writer = SummaryWriter::new(logdir)?; // such as "runs/line"
/// for step in 0..10 {
///     let loss = model.forward(x.clone()).powi_scalar(2).mean();
///     let gradients = GradientsParams::from_grads(loss.backward(), &model);
///     writer.add_weights(&model, step); // weight, weight/norm, bias, bias/norm
///     writer.add_gradients(&model, &gradients, step); // weight/gradient, ...
///     model = optimizer.step(0.1, model, gradients);
/// }
/// writer.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait BurnWriter: sealed::Sealed {
    /// Logs the weights of a module in its own order: for `layers.0.weight` a histogram
    /// `layers/0/weight` and the norm `layers/0/weight/norm`.
    fn add_weights<M: Module>(&self, module: &M, step: impl Step);

    /// Logs the gradients of a module's weights: for `layers.0.weight` a histogram
    /// `layers/0/weight/gradient` and the norm `layers/0/weight/gradient/norm`.
    fn add_gradients<M: Module>(&self, module: &M, gradients: &GradientsParams, step: impl Step);

    /// Logs the outputs of layers for a batch: a histogram `name/activation` for each call of
    /// [`tap`](crate::tap) inside `forward`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use tfevents_burn::{BurnWriter, tap};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let forward = |x: Tensor<1>| tap("square", x.powi_scalar(2)) + 1.0;
    /// let probe = Tensor::from_floats([-1.0, 2.0], &Device::flex());
    /// writer.add_activations(|| forward(probe), 7); // square/activation
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn add_activations<T>(&self, forward: impl FnOnce() -> T, step: impl Step);

    /// Logs a tensor of any float type, on any device, as the given kind of summary.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use tfevents_burn::{BurnWriter, LogAs};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let logits = Tensor::<2>::from_floats([[0.5, -1.0], [2.0, 0.0]], &Device::flex());
    /// writer.add_tensor("logits", &logits, LogAs::Histogram, 7);
    /// writer.add_tensor("loss", &logits.mean(), LogAs::Scalar, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn add_tensor<const D: usize>(
        &self,
        tag: &str,
        tensor: &Tensor<D>,
        kind: LogAs,
        step: impl Step,
    );
}

mod sealed {
    /// Sealed, so that methods can be added.
    pub trait Sealed {}
    impl Sealed for tfevents::SummaryWriter {}
}

impl BurnWriter for SummaryWriter {
    fn add_weights<M: Module>(&self, module: &M, step: impl Step) {
        parameters::log(self, module, None, step.to_step());
    }

    fn add_gradients<M: Module>(&self, module: &M, gradients: &GradientsParams, step: impl Step) {
        parameters::log(self, module, Some(gradients), step.to_step());
    }

    fn add_activations<T>(&self, forward: impl FnOnce() -> T, step: impl Step) {
        let (_, tapped) = activations::record(forward);
        for (name, output) in tapped {
            let tag = format!("{name}/activation");
            parameters::add_deferred(self, &tag, output, LogAs::Histogram, step);
        }
    }

    fn add_tensor<const D: usize>(
        &self,
        tag: &str,
        tensor: &Tensor<D>,
        kind: LogAs,
        step: impl Step,
    ) {
        parameters::add_deferred(self, tag, tensor.clone(), kind, step);
    }
}
