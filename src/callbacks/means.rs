//! Running means, as Keras reports them.

use crate::summary::Number;

/// The means of what batches report, since the epoch began: what Keras logs as a batch's values.
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
    /// Name, sum and weight.
    sums: Vec<(String, f64, f64)>,
}

impl RunningMeans {
    /// Without any value yet.
    ///
    /// ```
    /// # use tfevents::callbacks::RunningMeans;
    /// assert_eq!(RunningMeans::new().iter().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a batch's value with its weight: how many samples it is the mean of, or always 1 if all
    /// batches are to count the same.
    ///
    /// ```
    /// # use tfevents::callbacks::RunningMeans;
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5f32, 32.0); // the mean of 32 samples
    /// ```
    pub fn add(&mut self, name: &str, value: impl Number, weight: f64) {
        let value = value.to_f64();
        match self.sums.iter_mut().find(|(old, ..)| old == name) {
            Some((_, sum, weights)) => {
                *sum += value * weight;
                *weights += weight;
            }
            None => self.sums.push((name.to_owned(), value * weight, weight)),
        }
    }

    /// The mean of this name.
    ///
    /// ```
    /// # use tfevents::callbacks::RunningMeans;
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5, 1.0);
    /// assert_eq!((means.get("loss"), means.get("accuracy")), (Some(0.5), None));
    /// ```
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|&(found, _)| found == name).map(|(_, mean)| mean)
    }

    /// Names and means, in the order in which they first came.
    ///
    /// ```
    /// # use tfevents::callbacks::RunningMeans;
    /// let mut callbacks = tfevents::callbacks::CallbackList::new();
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5, 1.0);
    /// callbacks.on_train_batch_end(0, means.iter())?;
    /// # Ok::<(), tfevents::callbacks::CallbackError>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.sums
            .iter()
            .filter(|(_, _, weight)| *weight != 0.0)
            .map(|(name, sum, weight)| (name.as_str(), sum / weight))
    }

    /// Forgets all values, but not the names: for the next epoch.
    ///
    /// ```
    /// # use tfevents::callbacks::RunningMeans;
    /// let mut means = RunningMeans::new();
    /// means.add("loss", 0.5, 1.0);
    /// means.reset();
    /// assert_eq!(means.get("loss"), None);
    /// ```
    pub fn reset(&mut self) {
        for (_, sum, weight) in &mut self.sums {
            (*sum, *weight) = (0.0, 0.0);
        }
    }
}
