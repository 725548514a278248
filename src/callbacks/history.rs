//! What was reported, epoch by epoch.

use super::{Callback, CallbackResult, Context, Logs};
use std::collections::BTreeMap;

/// Keeps what every epoch of the last training reported. [`TrainingLoop::run`](super::TrainingLoop::run)
/// returns one; here it is for loops of one's own.
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
    /// An empty one.
    ///
    /// ```
    /// # use tfevents::callbacks::History;
    /// assert!(History::new().epochs().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The epochs that ended, in order.
    ///
    /// ```
    /// # use tfevents::callbacks::History;
    /// assert_eq!(History::new().epochs(), [0usize; 0]);
    /// ```
    pub fn epochs(&self) -> &[usize] {
        &self.epochs
    }

    /// Epoch and value, for each epoch that reported a number of this name.
    ///
    /// ```
    /// # use tfevents::callbacks::History;
    /// for (epoch, loss) in History::new().get("loss") {
    ///     println!("{epoch} {loss}");
    /// }
    /// ```
    pub fn get(&self, name: &str) -> &[(usize, f64)] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names of all that was reported, sorted.
    ///
    /// ```
    /// # use tfevents::callbacks::History;
    /// assert_eq!(History::new().names().count(), 0);
    /// ```
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

    /// The last value of this name.
    ///
    /// ```
    /// # use tfevents::callbacks::History;
    /// assert_eq!(History::new().last("loss"), None);
    /// ```
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name).last().map(|&(_, value)| value)
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
