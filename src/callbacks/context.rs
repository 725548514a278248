//! What a callback sees of the training.

use super::{Logs, Model};

/// Where a training is. It lives in the list, between the hooks.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) epoch: usize,
    pub(super) batch: usize,
    pub(super) train_steps: u64,
    pub(super) test_steps: u64,
    pub(super) predict_steps: u64,
    /// Of the optimizer, if nobody says otherwise: the train batches that have ended.
    pub(super) iterations: u64,
    pub(super) iterations_told: bool,
    pub(super) learning_rate: Option<f64>,
    pub(super) epochs: Option<usize>,
    pub(super) batches: Option<usize>,
    pub(super) stop: bool,
    pub(super) training: bool,
    pub(super) interrupted: bool,
}

/// What a callback sees of the training, and may do to it.
///
/// ```
/// use tfevents::callbacks::{Callback, CallbackResult, Context};
///
/// /// Ends the training once the loss is small.
/// struct Enough;
///
/// impl Callback for Enough {
///     fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
///         if context.logs().get_f64("loss").is_some_and(|loss| loss < 0.01) {
///             println!("enough at epoch {}", context.epoch());
///             context.request_stop();
///         }
///         Ok(())
///     }
/// }
/// ```
#[allow(missing_debug_implementations)] // holds a model, of which nothing is known
pub struct Context<'a> {
    pub(super) progress: &'a mut Progress,
    pub(super) logs: &'a mut Logs,
    pub(super) model: Option<&'a mut dyn Model>,
}

impl Context<'_> {
    /// What was reported. In an epoch's end that is the training's and, with `val_` before their
    /// names, the validation's results; at the training's end those of the last epoch; empty at
    /// beginnings.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_end(|context| {
    ///     println!("{:?}", context.logs().get_f64("val_loss"));
    ///     Ok(())
    /// });
    /// ```
    pub fn logs(&self) -> &Logs {
        self.logs
    }

    /// The same, to add to it: later callbacks see that.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_end(|context| {
    ///     let gap = context.logs().get_f64("val_loss").zip(context.logs().get_f64("loss"));
    ///     context.logs_mut().set("gap", gap.map_or(0.0, |(validation, train)| validation - train));
    ///     Ok(())
    /// });
    /// ```
    pub fn logs_mut(&mut self) -> &mut Logs {
        self.logs
    }

    /// The epoch, from 0.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_begin(|context| {
    ///     println!("epoch {}", context.epoch());
    ///     Ok(())
    /// });
    /// ```
    pub fn epoch(&self) -> usize {
        self.progress.epoch
    }

    /// The batch within the epoch, the test or the prediction, from 0.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_train_batch_end(|context| {
    ///     println!("batch {}", context.batch());
    ///     Ok(())
    /// });
    /// ```
    pub fn batch(&self) -> usize {
        self.progress.batch
    }

    /// How many train batches have begun since the training did.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_train_batch_end(|context| {
    ///     println!("step {}", context.train_steps());
    ///     Ok(())
    /// });
    /// ```
    pub fn train_steps(&self) -> u64 {
        self.progress.train_steps
    }

    /// How many test batches have ever begun.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_test_batch_end(|context| {
    ///     println!("{} batches tested", context.test_steps());
    ///     Ok(())
    /// });
    /// ```
    pub fn test_steps(&self) -> u64 {
        self.progress.test_steps
    }

    /// How many batches have ever been predicted.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_predict_batch_end(|context| {
    ///     println!("{} batches predicted", context.predict_steps());
    ///     Ok(())
    /// });
    /// ```
    pub fn predict_steps(&self) -> u64 {
        self.progress.predict_steps
    }

    /// How often the optimizer has changed the weights: what the model says, or else what the
    /// loop told, or else how many train batches have ever ended.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_end(|context| {
    ///     println!("{} updates", context.iterations());
    ///     Ok(())
    /// });
    /// ```
    pub fn iterations(&self) -> u64 {
        let model = self.model.as_ref().and_then(|model| model.iterations());
        model.unwrap_or(self.progress.iterations)
    }

    /// The learning rate: what the model says, or else what the loop told.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_begin(|context| {
    ///     println!("{:?}", context.learning_rate());
    ///     Ok(())
    /// });
    /// ```
    pub fn learning_rate(&self) -> Option<f64> {
        let model = self.model.as_ref().and_then(|model| model.learning_rate());
        model.or(self.progress.learning_rate)
    }

    /// Changes the learning rate, of the model and as the loop can
    /// [ask for it](super::CallbackList::learning_rate).
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_begin(|context| {
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

    /// How many epochs there will be, if that was told.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_begin(|context| {
    ///     println!("epoch {} of {:?}", context.epoch(), context.epochs());
    ///     Ok(())
    /// });
    /// ```
    pub fn epochs(&self) -> Option<usize> {
        self.progress.epochs
    }

    /// How many batches an epoch has, if that was told.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_train_batch_begin(|context| {
    ///     println!("batch {} of {:?}", context.batch(), context.batches());
    ///     Ok(())
    /// });
    /// ```
    pub fn batches(&self) -> Option<usize> {
        self.progress.batches
    }

    /// Asks for the end of the training. The loop looks at it after a batch and after an epoch.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_train_batch_end(|context| {
    ///     if context.train_steps() == 10_000 {
    ///         context.request_stop();
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn request_stop(&mut self) {
        self.progress.stop = true;
    }

    /// Whether a callback has asked for that.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_end(|context| {
    ///     println!("last epoch: {}", context.is_stopping());
    ///     Ok(())
    /// });
    /// ```
    pub fn is_stopping(&self) -> bool {
        self.progress.stop
    }

    /// Whether a training is going on: a test within it is a validation.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_test_end(|context| {
    ///     println!("validation: {}", context.is_training());
    ///     Ok(())
    /// });
    /// ```
    pub fn is_training(&self) -> bool {
        self.progress.training
    }

    /// In the training's end: whether an error or a panic has ended it.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_train_end(|context| {
    ///     println!("whole: {}", !context.is_interrupted());
    ///     Ok(())
    /// });
    /// ```
    pub fn is_interrupted(&self) -> bool {
        self.progress.interrupted
    }

    /// The model, if the loop gave one to this hook.
    ///
    /// ```
    /// # use tfevents::callbacks::LambdaCallback;
    /// let callback = LambdaCallback::new("mine").on_epoch_end(|context| {
    ///     if let Some(model) = context.model() {
    ///         model.weights(&mut |name, shape, _| println!("{name} {shape:?}"));
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn model(&mut self) -> Option<&mut (dyn Model + '_)> {
        match &mut self.model {
            Some(model) => Some(&mut **model),
            None => None,
        }
    }

    /// The model as what it is, if its [`as_any`](Model::as_any) tells.
    ///
    /// ```
    /// use tfevents::callbacks::{LambdaCallback, Model};
    ///
    /// struct Net {
    ///     temperature: f32,
    /// }
    ///
    /// impl Model for Net {
    ///     fn as_any(&mut self) -> Option<&mut dyn std::any::Any> {
    ///         Some(self)
    ///     }
    /// }
    ///
    /// let cooling = LambdaCallback::new("cooling").on_epoch_end(|context| {
    ///     let net: &mut Net = context.model_as().ok_or("no Net")?;
    ///     net.temperature *= 0.9;
    ///     Ok(())
    /// });
    /// ```
    pub fn model_as<M: 'static>(&mut self) -> Option<&mut M> {
        self.model.as_mut()?.as_any()?.downcast_mut()
    }
}
