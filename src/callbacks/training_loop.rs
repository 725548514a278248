//! The loop itself, for those who do not want to write it.

use super::{BoxError, CallbackError, CallbackList, History, Model, RunningMeans};
use crate::summary::Number;
use std::error::Error;
use std::fmt;

/// Runs a training loop: the hooks in Keras's order, running means, `val_` prefixes, validation
/// every so many epochs, `stop_training`, and a [`History`] at the end.
///
/// It owns the model, or borrows it as `&mut`, and passes it into each closure.
///
/// ```
/// use tfevents::callbacks::{CallbackList, TrainingLoop, History};
///
/// let mut callbacks = CallbackList::new().with_callback(History::new());
/// let mut model = (); // yours; `Model` says what callbacks may ask of it
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
/// assert_eq!(history.epochs(), [0, 1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A closure that fails or panics ends the training; the callbacks are ended all the same.
#[must_use]
pub struct TrainingLoop<'a, M> {
    model: M,
    epochs: usize,
    initial_epoch: usize,
    validation_freq: usize,
    train: Option<Phase<'a, M>>,
    validation: Option<Phase<'a, M>>,
}

/// Goes once through the batches of an epoch.
type Phase<'a, M> = Box<dyn FnMut(&mut M, &mut Run<'_>) -> Result<(), BoxError> + 'a>;

/// Why a [`TrainingLoop`] did not come to its end.
///
/// ```
/// use tfevents::callbacks::{CallbackList, TrainingLoop, TrainingLoopError};
///
/// let driver = TrainingLoop::new(()).train(|_epoch| 0..10, |_, _, _| Err("the data is broken".into()));
/// match driver.run(&mut CallbackList::new()) {
///     Err(TrainingLoopError::Loop(error)) => assert_eq!(error.to_string(), "the data is broken"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum TrainingLoopError {
    /// A callback failed, and the list stops the training then.
    Callback(CallbackError),
    /// A closure of the loop failed.
    Loop(BoxError),
}

impl fmt::Display for TrainingLoopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrainingLoopError::Callback(error) => error.fmt(f),
            TrainingLoopError::Loop(error) => error.fmt(f),
        }
    }
}

impl Error for TrainingLoopError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            TrainingLoopError::Callback(error) => error.source(),
            TrainingLoopError::Loop(error) => error.source(),
        }
    }
}

impl From<CallbackError> for TrainingLoopError {
    fn from(error: CallbackError) -> Self {
        TrainingLoopError::Callback(error)
    }
}

/// A batch in a closure of a [`TrainingLoop`]: takes what it reports.
///
/// ```
/// use tfevents::callbacks::{CallbackList, TrainingLoop};
///
/// let driver = TrainingLoop::new(()).train(
///     |_epoch| [vec![1.0, 3.0], vec![5.0]],
///     |_, batch: Vec<f64>, step| {
///         step.samples(batch.len());
///         step.log("loss", batch.iter().sum::<f64>() / batch.len() as f64);
///         Ok(())
///     },
/// );
/// let history = driver.run(&mut CallbackList::new())?;
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
    /// Reports the mean of a value over the batch. The callbacks get the running mean over the
    /// epoch, weighted by [`samples`](Self::samples).
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).train(|_epoch| 0..3, |_, batch, step| {
    ///     step.log("loss", 1.0 / f64::from(batch + 1));
    ///     Ok(())
    /// });
    /// ```
    pub fn log(&mut self, name: &str, value: impl Number) {
        self.means.add(name, value, self.samples);
    }

    /// How many samples the batch has, for what is reported afterwards. Default: 1, so that all
    /// batches count the same.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).train(|_epoch| 0..3, |_, batch, step| {
    ///     step.samples(32);
    ///     step.log("loss", f64::from(batch));
    ///     Ok(())
    /// });
    /// ```
    pub fn samples(&mut self, samples: usize) {
        self.samples = samples as f64;
    }

    /// The epoch, from 0.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).train(|_epoch| 0..3, |_, batch, step| {
    ///     println!("epoch {}, {batch}", step.epoch());
    ///     Ok(())
    /// });
    /// ```
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// The batch within the epoch, from 0.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).train(|_epoch| 0..3, |_, batch, step| {
    ///     println!("batch {}, {batch}", step.index());
    ///     Ok(())
    /// });
    /// ```
    pub fn index(&self) -> usize {
        self.index
    }
}

/// What a phase works with.
struct Run<'r> {
    callbacks: &'r mut CallbackList,
    means: &'r mut RunningMeans,
    epoch: usize,
    epochs: usize,
    training: bool,
    /// A callback's error, told apart from the loop's own.
    failed: Option<CallbackError>,
}

/// Ends the callbacks if the loop panics.
struct EndOnDrop<'c>(&'c mut CallbackList);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.interrupt(None);
    }
}

impl<'a, M: Model> TrainingLoop<'a, M> {
    /// A loop around this model, of 1 epoch.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let mut model = ();
    /// let owned = TrainingLoop::new(());
    /// let borrowed = TrainingLoop::new(&mut model);
    /// ```
    pub fn new(model: M) -> Self {
        Self {
            model,
            epochs: 1,
            initial_epoch: 0,
            validation_freq: 1,
            train: None,
            validation: None,
        }
    }

    /// The training ends before the epoch of this number. Default: 1.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).epochs(20);
    /// ```
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// The first epoch, for a training that goes on. Default: 0.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let goes_on = TrainingLoop::new(()).initial_epoch(20).epochs(30);
    /// ```
    pub fn initial_epoch(mut self, epoch: usize) -> Self {
        self.initial_epoch = epoch;
        self
    }

    /// Validates after every so many epochs. Default: 1; 0 never does.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).validation_freq(5);
    /// ```
    pub fn validation_freq(mut self, epochs: usize) -> Self {
        self.validation_freq = epochs;
        self
    }

    /// How to train: the batches of an epoch, and what is done with one of them.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).train(
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

    /// How to validate, in the same way.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let driver = TrainingLoop::new(()).validate(
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

    /// Runs the loop.
    ///
    /// ```
    /// # use tfevents::callbacks::*;
    /// let history = TrainingLoop::new(()).epochs(2).run(&mut CallbackList::new())?;
    /// assert_eq!(history.epochs(), [0, 1]);
    /// # Ok::<(), TrainingLoopError>(())
    /// ```
    ///
    /// # Errors
    /// Of a callback, if the list stops the training then, or of a closure.
    pub fn run(mut self, callbacks: &mut CallbackList) -> Result<History, TrainingLoopError> {
        let guard = EndOnDrop(callbacks);
        let result = self.fit(guard.0);
        if result.is_err() {
            guard.0.interrupt(Some(&mut self.model));
        }
        result
    }

    fn fit(&mut self, callbacks: &mut CallbackList) -> Result<History, TrainingLoopError> {
        let mut history = History::new();
        let (mut train, mut validation) = (RunningMeans::new(), RunningMeans::new());
        callbacks.set_params(self.epochs, None);
        callbacks.with_model(&mut self.model).on_train_begin()?;
        for epoch in self.initial_epoch..self.epochs {
            callbacks.with_model(&mut self.model).on_epoch_begin(epoch)?;
            self.pass(true, epoch, callbacks, &mut train)?;
            let due = self.validation_freq != 0 && (epoch + 1) % self.validation_freq == 0;
            validation.reset();
            if due && self.validation.is_some() {
                callbacks.with_model(&mut self.model).on_test_begin()?;
                self.pass(false, epoch, callbacks, &mut validation)?;
                callbacks.with_model(&mut self.model).on_test_end(validation.iter())?;
            }
            let names: Vec<String> =
                validation.iter().map(|(name, _)| format!("val_{name}")).collect();
            let prefixed = names.iter().map(String::as_str).zip(validation.iter());
            let prefixed = prefixed.map(|(name, (_, value))| (name, value));
            let logs = train.iter().chain(prefixed);
            callbacks.with_model(&mut self.model).on_epoch_end(epoch, logs)?;
            history.record(epoch, callbacks.epoch_logs());
            if callbacks.should_stop() {
                break;
            }
        }
        callbacks.with_model(&mut self.model).on_train_end()?;
        Ok(history)
    }

    fn pass(
        &mut self,
        training: bool,
        epoch: usize,
        callbacks: &mut CallbackList,
        means: &mut RunningMeans,
    ) -> Result<(), TrainingLoopError> {
        let phase = if training { &mut self.train } else { &mut self.validation };
        let Some(phase) = phase else { return Ok(()) };
        means.reset();
        let mut run = Run { callbacks, means, epoch, epochs: self.epochs, training, failed: None };
        let result = phase(&mut self.model, &mut run);
        match run.failed.take() {
            Some(error) => Err(error.into()),
            None => result.map_err(TrainingLoopError::Loop),
        }
    }
}

fn phase<'a, M: Model, B: IntoIterator>(
    mut batches: impl FnMut(usize) -> B + 'a,
    mut step: impl FnMut(&mut M, B::Item, &mut BatchContext<'_>) -> Result<(), BoxError> + 'a,
) -> Phase<'a, M> {
    Box::new(move |model, run| {
        let batches = batches(run.epoch).into_iter();
        if run.training {
            let (least, most) = batches.size_hint();
            run.callbacks.set_params(run.epochs, most.filter(|&most| most == least));
        }
        for (index, batch) in batches.enumerate() {
            let hooks = run.callbacks.with_model(model);
            let begun = if run.training {
                hooks.on_train_batch_begin(index)
            } else {
                hooks.on_test_batch_begin(index)
            };
            if let Err(error) = begun {
                run.failed = Some(error);
                return Ok(());
            }
            let mut this = BatchContext { means: run.means, samples: 1.0, epoch: run.epoch, index };
            step(model, batch, &mut this)?;
            let hooks = run.callbacks.with_model(model);
            let ended = if run.training {
                hooks.on_train_batch_end(index, run.means.iter())
            } else {
                hooks.on_test_batch_end(index, run.means.iter())
            };
            if let Err(error) = ended {
                run.failed = Some(error);
                return Ok(());
            }
            if run.training && run.callbacks.should_stop() {
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
