//! A training loop that calls the hooks itself.

mod error;

pub use error::TrainingLoopError;

use super::error::BoxError;
use super::history::{History, RunningMeans};
use super::list::CallbackList;
use super::model::Model;
use crate::summary::Number;
use error::{At, Failure, Position};
use std::fmt;

/// Runs a training loop and calls the hooks of callbacks in Keras's order.
///
/// It computes running means, adds `val_` to the names of the validation's values, validates after
/// every so many epochs, stops where a callback asks for it, and returns a [`History`].
///
/// It owns the model or borrows it, and passes it to each closure.
///
/// ```
/// use tfevents::callbacks::{CallbackList, EarlyStopping, TrainingLoop};
///
/// let mut callbacks = CallbackList::new().with_callback(EarlyStopping::new("loss"));
/// let mut model = (); // yours: see `Model`
/// let history = TrainingLoop::new(&mut model)
///     .epochs(3)
///     .train(
///         |_epoch| [0.5, 0.25],
///         |_model, batch, step| {
///             step.log("loss", batch);
///             Ok(())
///         },
///     )
///     .run(&mut callbacks)?;
/// assert_eq!(history.epochs(), [0, 1]);
/// # Ok::<(), tfevents::callbacks::TrainingLoopError>(())
/// ```
///
/// If a closure fails or panics, the training ends and so do the callbacks. The loop still has the
/// model then, and the error the history:
///
/// ```
/// use tfevents::callbacks::{CallbackList, TrainingLoop};
///
/// struct Net {
///     seen: usize,
/// }
///
/// impl tfevents::callbacks::Model for Net {}
///
/// let mut training = TrainingLoop::new(Net { seen: 0 }).epochs(5).train(
///     |epoch| 0..epoch + 1,
///     |net, batch, _step| {
///         net.seen += 1;
///         if batch == 1 { Err("the data is broken".into()) } else { Ok(()) }
///     },
/// );
/// let error = training.run(&mut CallbackList::new()).unwrap_err();
/// assert_eq!(error.to_string(), "training failed in batch 1 of epoch 1");
/// assert_eq!(error.history().epochs(), [0]);
/// let net = training.into_model().unwrap();
/// assert_eq!(net.seen, 3);
/// ```
///
/// Closures that share something mutable, such as a random generator, borrow it from a `RefCell`,
/// or the model owns it:
///
/// ```
/// use std::cell::RefCell;
/// use tfevents::callbacks::{CallbackList, TrainingLoop};
///
/// /// A random generator, such as one of the `rand` crate.
/// struct Random(u32);
///
/// impl Random {
///     fn next(&mut self) -> u32 {
///         self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
///         self.0 >> 16
///     }
/// }
///
/// let random = RefCell::new(Random(7));
/// TrainingLoop::new(())
///     .train(
///         |_epoch| {
///             let mut samples = vec![0, 1, 2, 3];
///             samples.sort_by_cached_key(|_| random.borrow_mut().next());
///             samples
///         },
///         |_model, sample, step| {
///             let noise = random.borrow_mut().next();
///             step.log("loss", f64::from(sample + noise));
///             Ok(())
///         },
///     )
///     .run(&mut CallbackList::new())?;
/// # Ok::<(), tfevents::callbacks::TrainingLoopError>(())
/// ```
#[must_use]
pub struct TrainingLoop<'a, M> {
    model: LoopModel<'a, M>,
    epochs: usize,
    initial_epoch: usize,
    validation_freq: usize,
    train: Option<Phase<'a, M>>,
    validation: Option<Phase<'a, M>>,
}

/// The model of a [`TrainingLoop`], owned or borrowed.
///
/// It is made by `From` in [`TrainingLoop::new`].
#[derive(Debug)]
pub struct LoopModel<'a, M>(Ownership<'a, M>);

#[derive(Debug)]
enum Ownership<'a, M> {
    Owned(M),
    Borrowed(&'a mut M),
}

impl<M: Model> From<M> for LoopModel<'_, M> {
    fn from(model: M) -> Self {
        Self(Ownership::Owned(model))
    }
}

impl<'a, M: Model> From<&'a mut M> for LoopModel<'a, M> {
    fn from(model: &'a mut M) -> Self {
        Self(Ownership::Borrowed(model))
    }
}

impl<M> LoopModel<'_, M> {
    fn get(&self) -> &M {
        match &self.0 {
            Ownership::Owned(model) => model,
            Ownership::Borrowed(model) => model,
        }
    }

    fn get_mut(&mut self) -> &mut M {
        match &mut self.0 {
            Ownership::Owned(model) => model,
            Ownership::Borrowed(model) => model,
        }
    }
}

/// Goes once through the batches of an epoch.
type Phase<'a, M> = Box<dyn FnMut(&mut M, &mut Pass<'_>) -> Result<(), Failure> + 'a>;

/// A batch in a closure of a [`TrainingLoop`], which logs its values.
///
/// ```
/// use tfevents::callbacks::{CallbackList, TrainingLoop};
///
/// let history = TrainingLoop::new(())
///     .train(
///         |_epoch| [vec![1.0, 3.0], vec![5.0]],
///         |_model, batch: Vec<f64>, step| {
///             step.samples(batch.len());
///             step.log("loss", batch.iter().sum::<f64>() / batch.len() as f64);
///             Ok(())
///         },
///     )
///     .run(&mut CallbackList::new())?;
/// assert_eq!(history.last("loss"), Some(3.0));
/// # Ok::<(), tfevents::callbacks::TrainingLoopError>(())
/// ```
#[derive(Debug)]
pub struct BatchContext<'s> {
    means: &'s mut RunningMeans,
    samples: f64,
    epoch: usize,
    index: usize,
}

impl BatchContext<'_> {
    /// Logs the mean of a value over the batch. Callbacks get the running mean over the epoch,
    /// weighted by [`samples`](Self::samples).
    pub fn log(&mut self, name: impl AsRef<str>, value: impl Number) {
        self.means.add(name, value, self.samples);
    }

    /// Sets the number of samples in the batch, for the values that are logged afterwards.
    /// Default: 1, so that all batches count the same.
    pub fn samples(&mut self, samples: usize) {
        self.samples = samples as f64;
    }

    /// Returns the epoch, counted from 0.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Returns the batch within the epoch or its validation, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }
}

/// The state of a pass over the batches of an epoch or its validation.
struct Pass<'r> {
    callbacks: &'r mut CallbackList,
    means: &'r mut RunningMeans,
    epoch: usize,
    epochs: usize,
    kind: PassKind,
    /// The batch that has begun and not ended.
    batch: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum PassKind {
    Training,
    Validation,
}

/// Ends the callbacks if the loop panics.
struct EndOnDrop<'c>(&'c mut CallbackList);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.interrupt(None);
    }
}

impl<'a, M: Model> TrainingLoop<'a, M> {
    /// Creates a loop of 1 epoch around a model, which is passed by value or as `&mut`.
    ///
    /// ```
    /// use tfevents::callbacks::TrainingLoop;
    ///
    /// let mut model = ();
    /// let owned = TrainingLoop::new(());
    /// let borrowed = TrainingLoop::new(&mut model);
    /// ```
    pub fn new(model: impl Into<LoopModel<'a, M>>) -> Self {
        Self {
            model: model.into(),
            epochs: 1,
            initial_epoch: 0,
            validation_freq: 1,
            train: None,
            validation: None,
        }
    }

    /// Sets the number of epochs; those before [`initial_epoch`](Self::initial_epoch) count too. Default: 1.
    ///
    /// ```
    /// use tfevents::callbacks::TrainingLoop;
    ///
    /// let training = TrainingLoop::new(()).epochs(20); // 0 to 19
    /// ```
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Sets the first epoch, for a training that continues an earlier one. Default: 0.
    ///
    /// ```
    /// use tfevents::callbacks::TrainingLoop;
    ///
    /// let continued = TrainingLoop::new(()).initial_epoch(20).epochs(30); // 20 to 29
    /// ```
    pub fn initial_epoch(mut self, epoch: usize) -> Self {
        self.initial_epoch = epoch;
        self
    }

    /// Sets after how many epochs each validation runs; 0 for none. Default: 1.
    ///
    /// ```
    /// use tfevents::callbacks::TrainingLoop;
    ///
    /// let training = TrainingLoop::new(()).epochs(20).validation_freq(5);
    /// ```
    pub fn validation_freq(mut self, epochs: usize) -> Self {
        self.validation_freq = epochs;
        self
    }

    /// Sets the training: a closure that returns the batches of an epoch, and one that trains on a
    /// batch.
    ///
    /// ```
    /// use tfevents::callbacks::TrainingLoop;
    ///
    /// let training = TrainingLoop::new(()).train(
    ///     |_epoch| [[0.5f32, 1.0], [1.5, 2.0]], // two batches
    ///     |_model, batch, step| {
    ///         step.log("loss", batch[0] * batch[1]);
    ///         Ok(())
    ///     },
    /// );
    /// ```
    pub fn train<B: IntoIterator>(
        mut self,
        batches: impl FnMut(usize) -> B + 'a,
        step: impl FnMut(&mut M, B::Item, &mut BatchContext<'_>) -> Result<(), BoxError> + 'a,
    ) -> Self {
        self.train = Some(phase(batches, step));
        self
    }

    /// Sets the validation: a closure that returns its batches after an epoch, and one that
    /// evaluates a batch.
    ///
    /// ```
    /// use tfevents::callbacks::TrainingLoop;
    ///
    /// let training = TrainingLoop::new(()).validate(
    ///     |_epoch| [[0.5f32, 1.0]],
    ///     |_model, batch, step| {
    ///         step.log("loss", batch[0] * batch[1]);
    ///         Ok(())
    ///     },
    /// );
    /// ```
    pub fn validate<B: IntoIterator>(
        mut self,
        batches: impl FnMut(usize) -> B + 'a,
        step: impl FnMut(&mut M, B::Item, &mut BatchContext<'_>) -> Result<(), BoxError> + 'a,
    ) -> Self {
        self.validation = Some(phase(batches, step));
        self
    }

    /// Returns the model.
    pub fn model(&self) -> &M {
        self.model.get()
    }

    /// Returns the model, to change it.
    pub fn model_mut(&mut self) -> &mut M {
        self.model.get_mut()
    }

    /// Returns the model by value; `None` if the loop borrows it.
    pub fn into_model(self) -> Option<M> {
        match self.model.0 {
            Ownership::Owned(model) => Some(model),
            Ownership::Borrowed(_) => None,
        }
    }

    /// Runs the loop, and returns the values of the epochs.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, TrainingLoop};
    ///
    /// let history = TrainingLoop::new(()).epochs(2).run(&mut CallbackList::new())?;
    /// assert_eq!(history.epochs(), [0, 1]);
    /// # Ok::<(), tfevents::callbacks::TrainingLoopError>(())
    /// ```
    ///
    /// # Errors
    /// Returns the first error of a closure or, as the list is
    /// [set](CallbackList::on_error), of a callback.
    pub fn run(&mut self, callbacks: &mut CallbackList) -> Result<History, TrainingLoopError> {
        let guard = EndOnDrop(callbacks);
        let mut history = History::new();
        let mut position = Position { at: At::Begin, epoch: None, batch: None };
        match self.fit(guard.0, &mut history, &mut position) {
            Ok(()) => Ok(history),
            Err(cause) => {
                guard.0.interrupt(Some(self.model.get_mut()));
                Err(TrainingLoopError::new(cause, position, history))
            }
        }
    }

    fn fit(
        &mut self,
        callbacks: &mut CallbackList,
        history: &mut History,
        position: &mut Position,
    ) -> Result<(), Failure> {
        let mut train = RunningMeans::new();
        let mut validation = RunningMeans::new();
        callbacks.set_params(self.epochs, None);
        callbacks.with_model(self.model.get_mut()).on_train_begin()?;
        // A callback may have restored an interrupted training.
        let initial_epoch = self.initial_epoch.max(callbacks.initial_epoch());
        for epoch in initial_epoch..self.epochs {
            *position = Position { at: At::Training, epoch: Some(epoch), batch: None };
            callbacks.with_model(self.model.get_mut()).on_epoch_begin(epoch)?;
            self.pass(PassKind::Training, callbacks, &mut train, position)?;
            let due = self.validation_freq != 0 && (epoch + 1) % self.validation_freq == 0;
            validation.reset();
            if due && self.validation.is_some() {
                position.at = At::Validation;
                callbacks.with_model(self.model.get_mut()).on_test_begin()?;
                self.pass(PassKind::Validation, callbacks, &mut validation, position)?;
                callbacks.with_model(self.model.get_mut()).on_test_end(validation.iter())?;
            }
            position.at = At::EpochEnd;
            let train = train.iter().map(|(name, value)| (name.to_owned(), value));
            let validation = validation.iter().map(|(name, value)| (format!("val_{name}"), value));
            let logs = train.chain(validation);
            callbacks.with_model(self.model.get_mut()).on_epoch_end(epoch, logs)?;
            history.record(epoch, callbacks.epoch_logs());
            if callbacks.should_stop() {
                break;
            }
        }
        *position = Position { at: At::End, epoch: None, batch: None };
        callbacks.with_model(self.model.get_mut()).on_train_end()?;
        Ok(())
    }

    fn pass(
        &mut self,
        kind: PassKind,
        callbacks: &mut CallbackList,
        means: &mut RunningMeans,
        position: &mut Position,
    ) -> Result<(), Failure> {
        let phase = match kind {
            PassKind::Training => &mut self.train,
            PassKind::Validation => &mut self.validation,
        };
        let (Some(phase), Some(epoch)) = (phase, position.epoch) else { return Ok(()) };
        means.reset();
        let epochs = self.epochs;
        let mut pass = Pass { callbacks, means, epoch, epochs, kind, batch: None };
        let result = phase(self.model.get_mut(), &mut pass);
        position.batch = pass.batch;
        result
    }
}

fn phase<'a, M: Model, B: IntoIterator>(
    mut batches: impl FnMut(usize) -> B + 'a,
    mut step: impl FnMut(&mut M, B::Item, &mut BatchContext<'_>) -> Result<(), BoxError> + 'a,
) -> Phase<'a, M> {
    Box::new(move |model, pass| {
        let training = pass.kind == PassKind::Training;
        let batches = batches(pass.epoch).into_iter();
        if training {
            let (min, max) = batches.size_hint();
            pass.callbacks.set_params(pass.epochs, max.filter(|&max| max == min));
        }
        for (index, batch) in batches.enumerate() {
            pass.batch = Some(index);
            let mut hooks = pass.callbacks.with_model(model);
            if training {
                hooks.on_train_batch_begin(index)?;
            } else {
                hooks.on_test_batch_begin(index)?;
            }
            let mut context =
                BatchContext { means: pass.means, samples: 1.0, epoch: pass.epoch, index };
            step(model, batch, &mut context).map_err(Failure::Closure)?;
            let mut hooks = pass.callbacks.with_model(model);
            if training {
                hooks.on_train_batch_end(index, pass.means.iter())?;
            } else {
                hooks.on_test_batch_end(index, pass.means.iter())?;
            }
            pass.batch = None;
            if training && pass.callbacks.should_stop() {
                break;
            }
        }
        Ok(())
    })
}

impl<M> fmt::Debug for TrainingLoop<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainingLoop")
            .field("epochs", &self.epochs)
            .field("initial_epoch", &self.initial_epoch)
            .field("validation_freq", &self.validation_freq)
            .finish_non_exhaustive()
    }
}
