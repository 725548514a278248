//! The model that is trained, as callbacks see it.

use super::BoxError;
use crate::summary::Graph;
use std::any::Any;
use std::fmt;

/// A function that is called with a name, a shape and the values in row-major order.
///
/// ```
/// use tfevents::callbacks::{Model, Visit};
///
/// fn number_of_weights(model: &dyn Model) -> usize {
///     let mut count = 0;
///     let visit: &mut Visit<'_> = &mut |_name, _shape, values| count += values.len();
///     model.weights(visit);
///     count
/// }
/// assert_eq!(number_of_weights(&()), 0);
/// ```
pub type Visit<'v> = dyn FnMut(&str, &[usize], &[f32]) + 'v;

/// Conversions to [`Any`], for all types that own their data.
#[doc(hidden)]
pub trait AsAny: Any {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<T: Any> AsAny for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// A model, from which callbacks read weights and more.
///
/// All methods are optional: a callback writes what the model returns. `()` is a model without
/// anything, for loops that have none. A callback that knows the type of the model gets at the
/// rest of it with [`Context::model_as`](super::Context::model_as).
///
/// ```
/// use tfevents::callbacks::{BoxError, Model, Snapshot, Visit};
///
/// struct Line {
///     weights: Vec<f32>,
///     rate: f64,
/// }
///
/// impl Model for Line {
///     fn weights(&self, visit: &mut Visit<'_>) {
///         visit("line/dense/kernel", &[self.weights.len(), 1], &self.weights);
///     }
///     fn learning_rate(&self) -> Option<f64> {
///         Some(self.rate)
///     }
///     fn set_learning_rate(&mut self, rate: f64) {
///         self.rate = rate;
///     }
///     fn snapshot(&self) -> Option<Snapshot> {
///         Some(Snapshot::new(self.weights.clone()))
///     }
///     fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
///         self.weights.clone_from(snapshot.get().ok_or("a snapshot of another model")?);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model that callbacks can read",
    label = "not a model",
    note = "`impl Model for MyNet {{}}` suffices: all methods have defaults",
    note = "a loop without a model calls the hooks of `CallbackList` themselves"
)]
pub trait Model: AsAny {
    /// Calls `visit` for each weight, trainable or not, in the order of the layers. Names are
    /// paths, as in Keras: `model/layer/weight`.
    ///
    /// The values are borrowed for the duration of the call, so that a model on another device
    /// copies one weight at a time.
    fn weights(&self, visit: &mut Visit<'_>) {
        let _ = visit;
    }

    /// Calls `visit` for the gradients of the last batch, under the names of their weights.
    fn gradients(&self, visit: &mut Visit<'_>) {
        let _ = visit;
    }

    /// Calls `visit` for the outputs of the layers for a batch of the model's choice, under the
    /// names of the layers.
    fn activations(&mut self, visit: &mut Visit<'_>) {
        let _ = visit;
    }

    /// Returns whether the weight of this name is a table of embeddings, one row per item.
    /// Default: whether the last part of the name is `embeddings`, as in Keras.
    fn is_embedding(&self, name: &str) -> bool {
        name.rsplit('/').next() == Some("embeddings")
    }

    /// Returns the graph of the model's operations.
    fn graph(&self) -> Option<Graph> {
        None
    }

    /// Returns the model in Keras's JSON, which the Graphs dashboard shows as the conceptual
    /// graph.
    fn keras_json(&self) -> Option<String> {
        None
    }

    /// Returns the learning rate of the optimizer.
    fn learning_rate(&self) -> Option<f64> {
        None
    }

    /// Sets the learning rate of the optimizer.
    fn set_learning_rate(&mut self, rate: f64) {
        let _ = rate;
    }

    /// Returns how many times the optimizer has updated the weights.
    fn iterations(&self) -> Option<u64> {
        None
    }

    /// Returns a copy of the weights for [`restore`](Self::restore).
    fn snapshot(&self) -> Option<Snapshot> {
        None
    }

    /// Restores the weights of a copy.
    ///
    /// # Errors
    /// Returns an error if the snapshot is not of such a model.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        let _ = snapshot;
        Err("cannot restore weights: the model does not implement Model::restore".into())
    }
}

impl Model for () {}

impl dyn Model {
    /// Returns the model as an `M`, if it is one.
    ///
    /// ```
    /// use tfevents::callbacks::Model;
    ///
    /// struct Net(f32);
    ///
    /// impl Model for Net {}
    ///
    /// fn save(model: &dyn Model) -> Option<f32> {
    ///     Some(model.downcast_ref::<Net>()?.0)
    /// }
    /// assert_eq!(save(&Net(0.5)), Some(0.5));
    /// assert_eq!(save(&()), None);
    /// ```
    pub fn downcast_ref<M: Model>(&self) -> Option<&M> {
        self.as_any().downcast_ref()
    }

    /// Returns the model as an `M` that can be changed, if it is one.
    ///
    /// ```
    /// use tfevents::callbacks::Model;
    /// struct Net(f32);
    ///
    /// impl Model for Net {}
    ///
    /// fn cool(model: &mut dyn Model) {
    ///     if let Some(net) = model.downcast_mut::<Net>() {
    ///         net.0 *= 0.9;
    ///     }
    /// }
    /// ```
    pub fn downcast_mut<M: Model>(&mut self) -> Option<&mut M> {
        self.as_any_mut().downcast_mut()
    }
}

impl fmt::Debug for dyn Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn Model")
    }
}

/// A copy of a model's weights, in the form in which the model keeps it.
///
/// ```
/// use tfevents::callbacks::Snapshot;
///
/// let snapshot = Snapshot::new(vec![1.0f32, 2.0]);
/// assert_eq!(snapshot.get::<Vec<f32>>().unwrap(), &[1.0, 2.0]);
/// assert!(snapshot.get::<String>().is_none());
/// ```
pub struct Snapshot(Box<dyn Any + Send>);

impl Snapshot {
    /// Creates a snapshot from a copy of the weights.
    pub fn new<T: Any + Send>(copy: T) -> Self {
        Self(Box::new(copy))
    }

    /// Returns the copy, if it is of this type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot(..)")
    }
}
