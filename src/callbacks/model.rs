//! What callbacks may ask of a model.

use super::BoxError;
use crate::summary::Graph;
use std::any::Any;
use std::fmt;

/// Is called with a name, a shape and the values, row by row.
///
/// ```
/// use tfevents::callbacks::{Model, Visit};
///
/// fn weights_of(model: &dyn Model) -> usize {
///     let mut count = 0;
///     let visit: &mut Visit<'_> = &mut |_name, _shape, values| count += values.len();
///     model.weights(visit);
///     count
/// }
/// assert_eq!(weights_of(&()), 0);
/// ```
pub type Visit<'v> = dyn FnMut(&str, &[usize], &[f32]) + 'v;

/// What callbacks may ask of a model. All of it is optional: a callback that gets nothing writes
/// nothing.
///
/// `()` is a model that has nothing, for loops without one. A `&mut M` is a model as `M` is.
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
pub trait Model {
    /// Calls `visit` for each weight, trained or not, in the order of the layers. Names are
    /// paths, as in Keras: `model/layer/weight`.
    ///
    /// The values are borrowed for the call alone: a model on another device copies one weight
    /// at a time.
    fn weights(&self, visit: &mut Visit<'_>) {
        let _ = visit;
    }

    /// The same for the gradients of the last batch, under the names of their weights.
    fn gradients(&self, visit: &mut Visit<'_>) {
        let _ = visit;
    }

    /// The same for what the layers give for a batch of the model's choice, under the names of
    /// the layers.
    fn activations(&mut self, visit: &mut Visit<'_>) {
        let _ = visit;
    }

    /// Whether the weight of this name is a table of embeddings: one row per item. Unless said
    /// otherwise, those whose last part is `embeddings`, as in Keras.
    fn is_embedding(&self, name: &str) -> bool {
        name.rsplit('/').next() == Some("embeddings")
    }

    /// What the model computes.
    fn graph(&self) -> Option<Graph> {
        None
    }

    /// The model in Keras's JSON, which the Graphs dashboard shows as the conceptual graph.
    fn keras_json(&self) -> Option<String> {
        None
    }

    /// The learning rate of the optimizer.
    fn learning_rate(&self) -> Option<f64> {
        None
    }

    /// Changes the learning rate.
    fn set_learning_rate(&mut self, rate: f64) {
        let _ = rate;
    }

    /// How often the optimizer has changed the weights.
    fn iterations(&self) -> Option<u64> {
        None
    }

    /// A copy of the weights, to go back to.
    fn snapshot(&self) -> Option<Snapshot> {
        None
    }

    /// Goes back to a copy.
    ///
    /// # Errors
    /// If it is no copy of such a model.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        let _ = snapshot;
        Err("this model cannot be restored".into())
    }

    /// The model itself, for a callback that knows its type: see
    /// [`Context::model_as`](super::Context::model_as).
    fn as_any(&mut self) -> Option<&mut dyn Any> {
        None
    }
}

impl Model for () {}

impl<M: Model + ?Sized> Model for &mut M {
    fn weights(&self, visit: &mut Visit<'_>) {
        (**self).weights(visit);
    }
    fn gradients(&self, visit: &mut Visit<'_>) {
        (**self).gradients(visit);
    }
    fn activations(&mut self, visit: &mut Visit<'_>) {
        (**self).activations(visit);
    }
    fn is_embedding(&self, name: &str) -> bool {
        (**self).is_embedding(name)
    }
    fn graph(&self) -> Option<Graph> {
        (**self).graph()
    }
    fn keras_json(&self) -> Option<String> {
        (**self).keras_json()
    }
    fn learning_rate(&self) -> Option<f64> {
        (**self).learning_rate()
    }
    fn set_learning_rate(&mut self, rate: f64) {
        (**self).set_learning_rate(rate);
    }
    fn iterations(&self) -> Option<u64> {
        (**self).iterations()
    }
    fn snapshot(&self) -> Option<Snapshot> {
        (**self).snapshot()
    }
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        (**self).restore(snapshot)
    }
    fn as_any(&mut self) -> Option<&mut dyn Any> {
        (**self).as_any()
    }
}

/// A copy of a model's weights, in whatever form the model keeps it.
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
    /// Wraps a copy.
    ///
    /// ```
    /// let snapshot = tfevents::callbacks::Snapshot::new(vec![1.0f32, 2.0]);
    /// ```
    pub fn new<T: Any + Send>(copy: T) -> Self {
        Self(Box::new(copy))
    }

    /// The copy, if it is of this type.
    ///
    /// ```
    /// let snapshot = tfevents::callbacks::Snapshot::new(7u32);
    /// assert_eq!(snapshot.get::<u32>(), Some(&7));
    /// ```
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot(..)")
    }
}
