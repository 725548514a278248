//! Logging of a model's weights and gradients while burn trains it.

use crate::previous::PreviousEpochs;
use crate::{BurnWriter, parameters};
use burn_core::module::{Devices, Module, ModuleMapper, ModuleVisitor};
use burn_core::tensor::Device;
use burn_optim::lr_scheduler::module_lr_scheduler::ModuleLearningRate;
use burn_optim::{GradientsParams, ModuleOptimizer, MultiGradientsParams};
use burn_train::{InferenceStep, TrainOutput, TrainStep};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tfevents::SummaryWriter;

/// Settings for logging a model that burn's `Learner` trains: its learning rate and, on request,
/// weights, gradients and activations, into the run `train`.
///
/// | tag | value |
/// |---|---|
/// | `learning_rate` | the learning rate of the step |
/// | `layers/0/weight`, `layers/0/weight/norm` | a [weight](Self::weights) before the step |
/// | `layers/0/weight/gradient`, `layers/0/weight/gradient/norm` | the [gradient](Self::gradients) of the step |
///
/// Steps are those of the optimizer, from 1: with gradient accumulation there are fewer steps than
/// batches.
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::tensor::Device;
/// use tfevents::SummaryWriter;
/// use tfevents_burn::Watch;
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let writer = SummaryWriter::new(logdir)?; // such as "runs/mnist"
/// let model: Linear = LinearConfig::new(2, 1).init(&Device::flex());
/// let watch = Watch::new(&writer).weights().gradients().log_every(100);
/// let model = watch.model(model); // for `Learner::new`
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "histogram_freq")]
#[must_use = "nothing is logged without `model`"]
pub struct Watch {
    /// `None` if the run cannot be opened.
    run: Option<SummaryWriter>,
    weights: bool,
    gradients: bool,
    every: u64,
    initial_step: Option<u64>,
    checkpoint: usize,
    accumulation: u64,
}

impl Watch {
    /// Creates settings that log the learning rate at every step, into the child run `train`.
    ///
    /// If that run cannot be opened, a warning is logged through the `log` facade, and nothing else.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(writer: &SummaryWriter) -> Self {
        let run = writer.child_run("train");
        if let Err(error) = &run {
            log::warn!("not logging the model for TensorBoard: {}", crate::chain(error));
        }
        Self {
            run: run.ok(),
            weights: false,
            gradients: false,
            every: 1,
            initial_step: None,
            checkpoint: 0,
            accumulation: 1,
        }
    }

    /// Logs the weights as well.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer).weights().log_every(100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn weights(mut self) -> Self {
        self.weights = true;
        self
    }

    /// Logs the gradients as well.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer).gradients().log_every(100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gradients(mut self) -> Self {
        self.gradients = true;
        self
    }

    /// Sets how often to log: at the first step of the optimizer and at every multiple of `steps`;
    /// never if it is 0. Default: 1, every step.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer).log_every(100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn log_every(mut self, steps: u64) -> Self {
        self.every = steps;
        self
    }

    /// Sets the epoch from whose checkpoint the training continues, as for burn's `checkpoint`.
    /// Default: 0, a new training.
    ///
    /// Steps continue where that epoch ended; [`model`](Self::model) reads this from the files that a
    /// [`BurnLogger`](crate::BurnLogger) has written for the run.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer).weights().checkpoint(2);
    /// // SupervisedTraining::new(artifacts, train, valid).checkpoint(2)
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn checkpoint(mut self, epoch: usize) -> Self {
        self.checkpoint = epoch;
        self
    }

    /// Sets the number of batches for each step of the optimizer, as for burn's
    /// `grads_accumulation`. Default: 1.
    ///
    /// Only the step of a [`checkpoint`](Self::checkpoint) depends on it.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer).checkpoint(2).grads_accumulation(4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn grads_accumulation(mut self, batches: usize) -> Self {
        self.accumulation = u64::try_from(batches).unwrap_or(u64::MAX);
        self
    }

    /// Sets the number of steps of the optimizer before this training. Default: 0, or that of a
    /// [`checkpoint`](Self::checkpoint) in the run's files.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let watch = tfevents_burn::Watch::new(&writer).initial_step(1000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn initial_step(mut self, steps: u64) -> Self {
        self.initial_step = Some(steps);
        self
    }

    /// Wraps a model, so that it is logged while burn trains it.
    ///
    /// Its parameters keep their names, and its checkpoints are those of the model itself.
    ///
    /// ```
    /// # use burn::nn::{Linear, LinearConfig};
    /// # use burn::tensor::Device;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let linear: Linear = LinearConfig::new(2, 1).init(&Device::flex());
    /// let model = tfevents_burn::Watch::new(&writer).weights().model(linear);
    /// // Learner::new(model, optimizer, learning_rate)
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn model<M>(&self, model: M) -> Watched<M> {
        let steps = self.initial_step.unwrap_or_else(|| self.steps_before());
        let logged = Arc::new(AtomicU64::new(steps));
        Watched { model, watch: self.clone(), steps, logged, probe: None }
    }

    fn steps_before(&self) -> u64 {
        let run = self.run.as_ref().filter(|_| self.checkpoint > 0);
        let read = |run: &SummaryWriter| PreviousEpochs::read(run.path(), self.checkpoint + 1);
        run.map_or(0, |run| read(run).steps(self.accumulation))
    }

    fn is_due(&self, step: u64) -> bool {
        self.every != 0 && (step == 1 || step.is_multiple_of(self.every))
    }
}

/// A model that is logged while burn trains it: a module, returned by [`Watch::model`].
///
/// ```
/// # use burn::nn::{Linear, LinearConfig};
/// # use burn::tensor::Device;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # let linear: Linear = LinearConfig::new(2, 1).init(&Device::flex());
/// let watched = tfevents_burn::Watch::new(&writer).model(linear);
/// assert_eq!(watched.model().weight.dims(), [2, 1]);
/// let linear: Linear = watched.into_model();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Watched<M> {
    model: M,
    watch: Watch,
    /// The number of steps of the optimizer.
    steps: u64,
    /// The last step that was logged, shared by the copies on several devices.
    logged: Arc<AtomicU64>,
    probe: Option<Arc<Probe<M>>>,
}

type Probe<M> = dyn Fn(&M) + Send + Sync;

impl<M> Watched<M> {
    /// Sets a forward pass whose [taps](crate::tap) are logged, as histograms `name/activation`. Its
    /// argument is the model for validation.
    ///
    /// ```
    /// use burn::module::Module;
    /// use burn::nn::{Linear, LinearConfig};
    /// use burn::tensor::{Device, Tensor};
    /// use tfevents_burn::{Watch, tap};
    ///
    /// #[derive(Module, Debug)]
    /// struct Net {
    ///     fc: Linear,
    /// }
    ///
    /// impl Net {
    ///     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
    ///         tap("fc", self.fc.forward(x))
    ///     }
    /// }
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// # let device = Device::flex();
    /// # let net = Net { fc: LinearConfig::new(2, 1).init(&device) };
    /// let images = Tensor::<2>::zeros([10, 2], &device);
    /// let model = Watch::new(&writer).log_every(100).model(net);
    /// let model = model.probe(move |net| drop(net.forward(images.clone())));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn probe(mut self, forward: impl Fn(&M) + Send + Sync + 'static) -> Self {
        self.probe = Some(Arc::new(forward));
        self
    }

    /// Returns the model.
    ///
    /// ```
    /// # use burn::nn::{Linear, LinearConfig};
    /// # use burn::tensor::Device;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// # let linear: Linear = LinearConfig::new(2, 1).init(&Device::flex());
    /// let watched = tfevents_burn::Watch::new(&writer).model(linear);
    /// assert_eq!(watched.model().weight.dims(), [2, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Unwraps the model.
    ///
    /// ```
    /// # use burn::nn::{Linear, LinearConfig};
    /// # use burn::tensor::Device;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// # let linear: Linear = LinearConfig::new(2, 1).init(&Device::flex());
    /// let watched = tfevents_burn::Watch::new(&writer).model(linear);
    /// assert_eq!(watched.into_model().weight.dims(), [2, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_model(self) -> M {
        self.model
    }

    fn map_model(self, map: impl FnOnce(M) -> M) -> Self {
        Self { model: map(self.model), ..self }
    }
}

impl<M: Module> Watched<M> {
    /// Logs everything that is due before a step of the optimizer.
    fn log(&self, rate: &ModuleLearningRate, gradients: Option<&GradientsParams>) {
        let step = self.steps + 1;
        let Some(run) = self.watch.run.as_ref().filter(|_| self.watch.is_due(step)) else { return };
        if self.logged.fetch_max(step, Ordering::Relaxed) >= step {
            return;
        }
        run.add_scalar("learning_rate", rate.base(), step);
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        if self.watch.weights {
            parameters::log(run, &self.model, None, step);
        }
        if let (true, Some(gradients)) = (self.watch.gradients, gradients) {
            parameters::log(run, &self.model, Some(gradients), step);
        }
        if let Some(probe) = &self.probe {
            run.add_activations(|| probe(&self.model.valid()), step);
        }
    }
}

impl<M: TrainStep + Module> TrainStep for Watched<M> {
    type Input = M::Input;
    type Output = M::Output;

    fn step(&self, item: Self::Input) -> TrainOutput<Self::Output> {
        self.model.step(item)
    }

    fn optimize(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: GradientsParams,
    ) -> Self {
        self.log(&rate, Some(&gradients));
        let steps = self.steps + 1;
        Self { steps, ..self.map_model(|model| model.optimize(optimizer, rate, gradients)) }
    }

    /// Gradients of several devices are not logged.
    fn optimize_multi(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: MultiGradientsParams,
    ) -> Self {
        self.log(&rate, None);
        let steps = self.steps + 1;
        Self { steps, ..self.map_model(|model| model.optimize_multi(optimizer, rate, gradients)) }
    }
}

impl<M: InferenceStep> InferenceStep for Watched<M> {
    type Input = M::Input;
    type Output = M::Output;

    fn step(&self, item: Self::Input) -> Self::Output {
        self.model.step(item)
    }
}

impl<M: Module> Module for Watched<M> {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.model.collect_devices(devices)
    }

    fn fork(self, device: &Device) -> Self {
        self.map_model(|model| model.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_model(|model| model.to_device(device))
    }

    fn train(self) -> Self {
        self.map_model(Module::train)
    }

    fn valid(&self) -> Self {
        let Self { model, watch, steps, logged, probe } = self;
        let watch = watch.clone();
        let logged = logged.clone();
        let probe = probe.clone();
        Self { model: model.valid(), watch, steps: *steps, logged, probe }
    }

    fn materialize(self) -> Self {
        self.map_model(Module::materialize)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        self.model.visit(visitor);
    }

    fn map<V: ModuleMapper>(self, mapper: &mut V) -> Self {
        self.map_model(|model| model.map(mapper))
    }
}

// Not derived: a probe is shared, so its type need not be `Clone`.
impl<M: Clone> Clone for Watched<M> {
    fn clone(&self) -> Self {
        let Self { model, watch, steps, logged, probe } = self;
        let watch = watch.clone();
        let logged = logged.clone();
        let probe = probe.clone();
        Self { model: model.clone(), watch, steps: *steps, logged, probe }
    }
}

impl<M: fmt::Display> fmt::Display for Watched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl<M: fmt::Debug> fmt::Debug for Watched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}
