//! Running means over the batches of an epoch, and the history of epochs.

use super::callback::Callback;
use super::context::Context;
use super::error::CallbackResult;
use super::logs::Logs;
use crate::summary::Number;
use std::collections::BTreeMap;

/// The means of batch values since the epoch began, which is what Keras logs for a batch.
///
/// ```
/// use tfevents::callbacks::RunningMeans;
///
/// let mut means = RunningMeans::new();
/// means.add("loss", 1.0, 32.0); // of 32 samples
/// means.add("loss", 4.0f32, 16.0);
/// means.add("correct", 12usize, 1.0);
/// assert_eq!(means.get("loss"), Some(2.0));
/// assert!(means.iter().eq([("loss", 2.0), ("correct", 12.0)]));
/// ```
#[derive(Clone, Debug, Default)]
pub struct RunningMeans {
    means: Vec<Mean>,
}

#[derive(Clone, Debug)]
struct Mean {
    name: String,
    /// The sum of the values, each times its weight.
    sum: f64,
    weight: f64,
}

impl RunningMeans {
    /// Creates means without values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the value of a batch with its weight: the number of samples that it is the mean of, or
    /// always 1 if all batches count the same.
    ///
    /// ```
    /// use tfevents::callbacks::RunningMeans;
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5f32, 32.0); // the mean of 32 samples
    /// ```
    pub fn add(&mut self, name: impl AsRef<str>, value: impl Number, weight: f64) {
        let name = name.as_ref();
        let sum = value.to_f64() * weight;
        match self.means.iter_mut().find(|mean| mean.name == name) {
            Some(mean) => {
                mean.sum += sum;
                mean.weight += weight;
            }
            None => self.means.push(Mean { name: name.to_owned(), sum, weight }),
        }
    }

    /// Returns the mean of this name; `None` if it has no values.
    ///
    /// ```
    /// use tfevents::callbacks::RunningMeans;
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5, 1.0);
    /// assert_eq!((means.get("loss"), means.get("accuracy")), (Some(0.5), None));
    /// ```
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|&(found, _)| found == name).map(|(_, mean)| mean)
    }

    /// Returns an iterator over names and means, in the order in which the names were first
    /// added. The hooks of batches take it as logs.
    ///
    /// ```
    /// use tfevents::callbacks::{CallbackList, RunningMeans};
    ///
    /// let mut callbacks = CallbackList::new();
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5, 1.0);
    /// callbacks.on_train_batch_end(0, means.iter())?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.means
            .iter()
            .filter(|mean| mean.weight != 0.0)
            .map(|mean| (mean.name.as_str(), mean.sum / mean.weight))
    }

    /// Removes all values, for the next epoch. Names keep their order.
    ///
    /// ```
    /// use tfevents::callbacks::RunningMeans;
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5, 1.0);
    /// means.reset();
    /// assert_eq!(means.get("loss"), None);
    /// ```
    pub fn reset(&mut self) {
        for mean in &mut self.means {
            mean.sum = 0.0;
            mean.weight = 0.0;
        }
    }
}

/// Keeps the values of every epoch of the last training, as Keras's `History`.
///
/// [`TrainingLoop::run`](super::TrainingLoop::run) returns one; as a callback it is for loops of
/// your own.
///
/// ```
/// use tfevents::callbacks::{CallbackList, History};
///
/// let mut callbacks = CallbackList::new().with_callback(History::new());
/// callbacks.on_train_begin()?;
/// for epoch in 0..2 {
///     callbacks.on_epoch_begin(epoch)?;
///     callbacks.on_epoch_end(epoch, [("loss", 1.0 / (epoch + 1) as f64)])?;
/// }
/// callbacks.on_train_end()?;
/// let history = callbacks.get::<History>().unwrap();
/// assert_eq!(history.get("loss"), [(0, 1.0), (1, 0.5)]);
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    epochs: Vec<usize>,
    values: BTreeMap<String, Vec<(usize, f64)>>,
}

impl History {
    /// Creates an empty history.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the epochs that ended, in order.
    pub fn epochs(&self) -> &[usize] {
        &self.epochs
    }

    /// Returns pairs of epoch and value, one for each epoch that logged a number of this name.
    ///
    /// ```
    /// use tfevents::callbacks::History;
    /// for (epoch, loss) in History::new().get("loss") {
    ///     println!("{epoch} {loss}");
    /// }
    /// ```
    pub fn get(&self, name: &str) -> &[(usize, f64)] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the last value of this name.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name).last().map(|&(_, value)| value)
    }

    /// Returns the names of all logged numbers, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(super) fn record(&mut self, epoch: usize, logs: &Logs) {
        self.epochs.push(epoch);
        for (name, value) in logs {
            let Some(value) = value.as_f64() else { continue };
            match self.values.get_mut(name) {
                Some(values) => values.push((epoch, value)),
                None => drop(self.values.insert(name.to_owned(), vec![(epoch, value)])),
            }
        }
    }
}

impl Callback for History {
    fn name(&self) -> &str {
        "History"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        *self = Self::default();
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.record(context.epoch(), context.logs());
        Ok(())
    }
}
