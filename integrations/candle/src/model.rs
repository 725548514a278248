//! The model of a training with callbacks.

use crate::{activations, chain, variables};
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor};
use candle_nn::{Optimizer, VarMap};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use tfevents::Graph;
use tfevents::callbacks::{BoxError, Model, Snapshot, Visit};

/// A [`Model`] for the callbacks of `tfevents`, made of candle's variables and an optimizer.
///
/// It has weights, gradients, activations, a graph, a learning rate that callbacks can change, and
/// snapshots that restore every bit. The forward pass is not part of it.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
/// use tfevents::callbacks::{CallbackList, TrainingLoop, EarlyStopping, TensorBoard};
/// use tfevents_candle::CandleModel;
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let varmap = VarMap::new();
/// let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
/// let line = linear(1, 1, builder.pp("fc"))?;
/// let x = Tensor::new(&[[0f32], [1.]], &Device::Cpu)?;
/// let y = Tensor::new(&[[1f32], [3.]], &Device::Cpu)?;
///
/// let board = TensorBoard::builder(logdir).histogram_freq(1).write_gradients(true).build()?;
/// let stopping = EarlyStopping::new("loss").patience(2).restore_best_weights(true);
/// let mut callbacks = CallbackList::new().with_callback(board).with_callback(stopping);
/// let model = CandleModel::new(&varmap, SGD::new(varmap.all_vars(), 0.1)?);
/// TrainingLoop::new(model)
///     .epochs(5)
///     .train(
///         |_epoch| [(&x, &y)],
///         |model, (x, y), step| {
///             let loss = loss::mse(&line.forward(x)?, y)?;
///             model.backward_step(&loss)?;
///             step.log("loss", loss.to_scalar::<f32>()?);
///             Ok(())
///         },
///     )
///     .run(&mut callbacks)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CandleModel<O> {
    varmap: VarMap,
    optimizer: O,
    gradients: Option<GradStore>,
    iterations: u64,
    name: Option<String>,
    probe: Option<Box<Probe>>,
    warned: RefCell<HashSet<String>>,
}

type Probe = dyn FnMut() -> candle_core::Result<()>;

impl<O: Optimizer> CandleModel<O> {
    /// Creates a model of these variables, which the optimizer updates.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let model = tfevents_candle::CandleModel::new(&varmap, optimizer);
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    pub fn new(varmap: &VarMap, optimizer: O) -> Self {
        Self {
            varmap: varmap.clone(),
            optimizer,
            gradients: None,
            iterations: 0,
            name: None,
            probe: None,
            warned: RefCell::default(),
        }
    }

    /// Sets a name that precedes those of the weights: `net/fc/weight`. Default: none.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let model = tfevents_candle::CandleModel::new(&varmap, optimizer).named("net");
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets a forward pass whose [taps](crate::tap) are the model's activations. Default: none.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let images = Tensor::new(&[[0f32], [1.]], &Device::Cpu)?;
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let model = tfevents_candle::CandleModel::new(&varmap, optimizer)
    ///     .probe(move || network.forward(&images).map(drop));
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    #[must_use]
    pub fn probe(mut self, forward: impl FnMut() -> candle_core::Result<()> + 'static) -> Self {
        self.probe = Some(Box::new(forward));
        self
    }

    /// Computes the gradients of a loss and updates the weights, as `Optimizer::backward_step` does.
    ///
    /// Callbacks see these gradients until the next call.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let mut model = tfevents_candle::CandleModel::new(&varmap, optimizer);
    /// let batch = Tensor::new(&[[1f32]], &Device::Cpu)?;
    /// model.backward_step(&network.forward(&batch)?.sqr()?.mean_all()?)?;
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Returns the error of candle, if there is one.
    pub fn backward_step(&mut self, loss: &Tensor) -> candle_core::Result<()> {
        self.step(loss.backward()?)
    }

    /// Updates the weights with gradients that may have been accumulated or clipped.
    ///
    /// Callbacks see these gradients until the next call.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let batches = [Tensor::new(&[[1f32]], &Device::Cpu)?, Tensor::new(&[[2f32]], &Device::Cpu)?];
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let mut model = tfevents_candle::CandleModel::new(&varmap, optimizer);
    /// let loss = |batch: &Tensor| network.forward(batch)?.sqr()?.mean_all();
    /// let mut gradients = loss(&batches[0])?.backward()?;
    /// gradients.extend(loss(&batches[1])?.backward()?)?;
    /// model.step(gradients)?;
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Returns the error of candle, if there is one.
    pub fn step(&mut self, gradients: GradStore) -> candle_core::Result<()> {
        self.optimizer.step(&gradients)?;
        self.gradients = Some(gradients);
        self.iterations += 1;
        Ok(())
    }

    /// Returns the optimizer.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let model = tfevents_candle::CandleModel::new(&varmap, optimizer);
    /// assert_eq!(model.optimizer().learning_rate(), 0.1);
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// Returns the variables.
    ///
    /// ```
    /// # use candle_core::{DType, Device, Tensor};
    /// # use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear};
    /// # let varmap = VarMap::new();
    /// # let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
    /// # let network = linear(1, 1, builder.pp("fc"))?;
    /// # let optimizer = SGD::new(varmap.all_vars(), 0.1)?;
    /// let model = tfevents_candle::CandleModel::new(&varmap, optimizer);
    /// assert_eq!(model.varmap().all_vars().len(), 2); // weight and bias
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    pub fn varmap(&self) -> &VarMap {
        &self.varmap
    }

    fn path(&self, name: &str) -> String {
        match &self.name {
            Some(model) => format!("{model}/{name}"),
            None => name.to_owned(),
        }
    }

    /// Reads a tensor for a callback. Logs a warning once if it cannot be read.
    fn visit(&self, name: &str, tensor: &Tensor, visit: &mut Visit<'_>) {
        let path = self.path(name);
        if tensor.elem_count() == 0 {
            return self.skip(&path, &"invalid tensor: 0 elements (expected at least 1)");
        }
        let read = || {
            let tensor = tensor.detach().flatten_all()?.to_device(&Device::Cpu)?;
            tensor.to_dtype(DType::F32)?.to_vec1::<f32>()
        };
        match read() {
            Ok(values) => visit(&path, tensor.dims(), &values),
            Err(error) => self.skip(&path, &chain(&error)),
        }
    }

    fn skip(&self, path: &str, why: &dyn fmt::Display) {
        if self.warned.borrow_mut().insert(path.to_owned()) {
            log::warn!("skipping {path:?}: {why} (logged once)");
        }
    }
}

impl<O: Optimizer + 'static> Model for CandleModel<O> {
    fn weights(&self, visit: &mut Visit<'_>) {
        for (name, var) in variables::sorted(&self.varmap) {
            self.visit(&name, var.as_tensor(), visit);
        }
    }

    fn gradients(&self, visit: &mut Visit<'_>) {
        let Some(gradients) = &self.gradients else { return };
        for (name, var) in variables::sorted(&self.varmap) {
            match gradients.get(var.as_tensor()) {
                Some(gradient) => self.visit(&name, gradient, visit),
                None => self.skip(&self.path(&name), &"the variable has no gradient"),
            }
        }
    }

    fn activations(&mut self, visit: &mut Visit<'_>) {
        let Some(probe) = &mut self.probe else { return };
        let (result, tapped) = activations::record(probe);
        if let Err(error) = result {
            self.skip("activations", &chain(&error));
        }
        for (name, output) in tapped {
            self.visit(&name, &output, visit);
        }
    }

    fn graph(&self) -> Option<Graph> {
        match variables::graph(&self.varmap) {
            Ok(graph) => Some(graph),
            Err(error) => {
                self.skip("graph", &chain(&error));
                None
            }
        }
    }

    fn learning_rate(&self) -> Option<f64> {
        Some(self.optimizer.learning_rate())
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.optimizer.set_learning_rate(rate);
    }

    fn iterations(&self) -> Option<u64> {
        Some(self.iterations)
    }

    /// Copies the variables on their devices. Returns `None`, and logs a warning, if a device has not
    /// enough memory.
    fn snapshot(&self) -> Option<Snapshot> {
        let copies = variables::sorted(&self.varmap).into_iter();
        let copies =
            copies.map(|(name, var)| Ok((name, var.as_tensor().detach().force_contiguous()?)));
        match copies.collect::<candle_core::Result<Copies>>() {
            Ok(copies) => Some(Snapshot::new(copies)),
            Err(error) => {
                self.skip("snapshot", &chain(&error));
                None
            }
        }
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        let copies = snapshot.get::<Copies>().ok_or(
            "invalid snapshot: made by another kind of model (expected one of a CandleModel)",
        )?;
        let variables = variables::sorted(&self.varmap);
        let same = |(name, var): &(String, candle_core::Var)| {
            copies.get(name).is_some_and(|copy| copy.shape() == var.shape())
        };
        if variables.len() != copies.len() || !variables.iter().all(same) {
            return Err(
                "invalid snapshot: names or shapes of variables differ from the model's".into()
            );
        }
        for (name, var) in variables {
            var.set(&copies[&name])?;
        }
        Ok(())
    }
}

type Copies = HashMap<String, Tensor>;

impl<O> fmt::Debug for CandleModel<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CandleModel")
            .field("name", &self.name)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}
