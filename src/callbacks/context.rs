//! The state of the training, as callbacks see it.

use super::logs::Logs;
use super::model::Model;
use std::fmt;

/// The progress of a training. It lives in the list, between the hooks.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) epoch: usize,
    pub(super) initial_epoch: usize,
    pub(super) batch: usize,
    pub(super) train_steps: u64,
    pub(super) test_steps: u64,
    pub(super) predict_steps: u64,
    /// As set by the loop, or else the number of train batches that have ended.
    pub(super) iterations: u64,
    pub(super) iterations_set: bool,
    pub(super) learning_rate: Option<f64>,
    pub(super) epochs: Option<usize>,
    pub(super) batches: Option<usize>,
    pub(super) stop: bool,
    pub(super) training: bool,
    pub(super) interrupted: bool,
}

/// The state of the training in a hook, and the means to influence it.
///
/// ```
/// use tfevents::callbacks::{Callback, CallbackResult, Context};
///
/// /// Stops the training once the loss is below a target.
/// struct StopBelow(f64);
///
/// impl Callback for StopBelow {
///     fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
///         if context.logs().get_f64("loss").is_some_and(|loss| loss < self.0) {
///             println!("reached the target in epoch {}", context.epoch());
///             context.request_stop();
///         }
///         Ok(())
///     }
/// }
/// ```
pub struct Context<'a> {
    pub(super) progress: &'a mut Progress,
    pub(super) logs: &'a mut Logs,
    pub(super) model: Option<&'a mut dyn Model>,
    /// The answers of a model that was split off.
    pub(super) split: Option<SplitModel>,
}

/// The values that a context keeps of its model when the model is split off.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplitModel {
    learning_rate: Option<f64>,
    iterations: Option<u64>,
}

impl Context<'_> {
    /// Returns the values that the hook was called with.
    ///
    /// At the end of an epoch these are the results of the training and, with `val_` before their
    /// names, of the validation; at the end of the training, those of the last epoch. They are
    /// empty when something begins.
    ///
    /// ```
    /// use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("print").on_epoch_end(|context| {
    ///     println!("{:?}", context.logs().get_f64("val_loss"));
    ///     Ok(())
    /// });
    /// ```
    pub fn logs(&self) -> &Logs {
        self.logs
    }

    /// Returns the values that the hook was called with, to add to them. The callbacks that come
    /// later in the list see the change.
    ///
    /// ```
    /// use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("gap").on_epoch_end(|context| {
    ///     let logs = context.logs_mut();
    ///     if let Some((validation, train)) = logs.get_f64("val_loss").zip(logs.get_f64("loss")) {
    ///         logs.set("gap", validation - train);
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn logs_mut(&mut self) -> &mut Logs {
        self.logs
    }

    /// Returns the epoch, counted from 0.
    pub fn epoch(&self) -> usize {
        self.progress.epoch
    }

    /// Returns the batch within the epoch, the test or the prediction, counted from 0.
    pub fn batch(&self) -> usize {
        self.progress.batch
    }

    /// Returns the number of train batches that have begun since the training began.
    pub fn train_steps(&self) -> u64 {
        self.progress.train_steps
    }

    /// Returns the number of test batches that have begun since the list was created.
    pub fn test_steps(&self) -> u64 {
        self.progress.test_steps
    }

    /// Returns the number of batches of predictions that have begun since the list was created.
    pub fn predict_steps(&self) -> u64 {
        self.progress.predict_steps
    }

    /// Returns how many times the optimizer has updated the weights: as the
    /// [model](Model::iterations) reports it, or as the loop
    /// [set it](super::CallbackList::set_iterations), or else the number of train batches that
    /// have ended since the list was created.
    pub fn iterations(&self) -> u64 {
        let model = match (&self.model, self.split) {
            (Some(model), _) => model.iterations(),
            (None, split) => split.and_then(|model| model.iterations),
        };
        model.unwrap_or(self.progress.iterations)
    }

    /// Returns the learning rate: as the [model](Model::learning_rate) reports it, or else as the
    /// loop [set it](super::CallbackList::set_learning_rate).
    pub fn learning_rate(&self) -> Option<f64> {
        let model = match (&self.model, self.split) {
            (Some(model), _) => model.learning_rate(),
            (None, split) => split.and_then(|model| model.learning_rate),
        };
        model.or(self.progress.learning_rate)
    }

    /// Sets the learning rate: of the model and, for a loop that passes none, the one that
    /// [`CallbackList::learning_rate`](super::CallbackList::learning_rate) returns.
    ///
    /// ```
    /// use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("decay").on_epoch_begin(|context| {
    ///     if let Some(rate) = context.learning_rate() {
    ///         context.set_learning_rate(rate * 0.95);
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn set_learning_rate(&mut self, rate: f64) {
        self.progress.learning_rate = Some(rate);
        if let Some(model) = &mut self.model {
            model.set_learning_rate(rate);
        }
    }

    /// Returns the number of epochs that the training will have, if it is known.
    pub fn epochs(&self) -> Option<usize> {
        self.progress.epochs
    }

    /// Returns the number of batches of an epoch, if it is known.
    pub fn batches(&self) -> Option<usize> {
        self.progress.batches
    }

    /// Asks the loop to stop the training. A loop looks at
    /// [`CallbackList::should_stop`](super::CallbackList::should_stop) after each batch and each
    /// epoch; the epoch in which it stops is ended as usual.
    ///
    /// ```
    /// use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("budget").on_train_batch_end(|context| {
    ///     if context.train_steps() == 10_000 {
    ///         context.request_stop();
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn request_stop(&mut self) {
        self.progress.stop = true;
    }

    /// Returns whether a callback has [asked](Self::request_stop) for the end of the training.
    pub fn should_stop(&self) -> bool {
        self.progress.stop
    }

    /// Returns whether a training is running, so that a test is a validation.
    pub fn is_training(&self) -> bool {
        self.progress.training
    }

    /// Returns whether an error or a panic has ended the training. It is of use in
    /// `on_train_end`.
    pub fn is_interrupted(&self) -> bool {
        self.progress.interrupted
    }

    /// Returns the model, if the loop passed one to this hook.
    ///
    /// ```
    /// use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("shapes").on_train_begin(|context| {
    ///     if let Some(model) = context.model() {
    ///         model.weights(&mut |name, shape, _| println!("{name} {shape:?}"));
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn model(&mut self) -> Option<&mut dyn Model> {
        reborrow(&mut self.model)
    }

    /// Returns the model as an `M`, if the loop passed one of that type.
    ///
    /// ```
    /// use tfevents::callbacks::{LambdaCallback, Model};
    ///
    /// struct Net {
    ///     temperature: f32,
    /// }
    ///
    /// impl Model for Net {}
    ///
    /// let cooling = LambdaCallback::new("cooling").on_epoch_end(|context| {
    ///     let net: &mut Net = context.model_as().ok_or("the model is not a Net")?;
    ///     net.temperature *= 0.9;
    ///     Ok(())
    /// });
    /// ```
    pub fn model_as<M: Model>(&mut self) -> Option<&mut M> {
        self.model()?.downcast_mut()
    }

    /// Splits the context into the model and the rest, to use both at once.
    ///
    /// The rest has no model: its `set_learning_rate` does not reach the model, and its
    /// `learning_rate` and `iterations` are those of the moment of the split.
    ///
    /// ```
    /// use tfevents::callbacks::{LambdaCallback, Model};
    ///
    /// struct Net {
    ///     temperature: f32,
    /// }
    ///
    /// impl Model for Net {}
    ///
    /// let cooling = LambdaCallback::new("cooling").on_epoch_end(|context| {
    ///     let (model, mut rest) = context.split_model();
    ///     let net = model.and_then(|model| model.downcast_mut::<Net>());
    ///     let net = net.ok_or("the model is not a Net")?;
    ///     net.temperature *= 0.9;
    ///     rest.logs_mut().set("temperature", net.temperature);
    ///     Ok(())
    /// });
    /// ```
    pub fn split_model(&mut self) -> (Option<&mut dyn Model>, Context<'_>) {
        let split = match &self.model {
            Some(model) => Some(SplitModel {
                learning_rate: model.learning_rate(),
                iterations: model.iterations(),
            }),
            None => self.split,
        };
        let rest = Context { progress: self.progress, logs: self.logs, model: None, split };
        (reborrow(&mut self.model), rest)
    }
}

/// Lends the model for a shorter time.
pub(super) fn reborrow<'s>(model: &'s mut Option<&mut dyn Model>) -> Option<&'s mut dyn Model> {
    match model {
        Some(model) => Some(&mut **model),
        None => None,
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("progress", &self.progress)
            .field("logs", &self.logs)
            .field("model", &self.model)
            .finish()
    }
}
