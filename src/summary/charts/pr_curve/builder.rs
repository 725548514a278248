//! Precision-recall curves from labels and predictions.

use super::error::{check_amount, check_length, check_thresholds};
use super::{PrCurve, PrCurveError, PrCurves};
use crate::summary::Number;

/// The default of TensorBoard's own summary.
const THRESHOLDS: usize = 201;

/// A builder of [`PrCurve`]s: see [`PrCurve::builder`].
///
/// ```
/// use tfevents::summary::PrCurve;
///
/// let labels = [1, 0, 1];
/// let predictions = [0.9, 0.6, 0.5];
/// let curve = PrCurve::builder()
///     .thresholds(11)
///     .weights(&[1.0, 0.5, 2.0])
///     .build(&labels, &predictions)?;
/// # Ok::<(), tfevents::summary::PrCurveError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct PrCurveBuilder<'a, W = f32> {
    thresholds: usize,
    weights: Option<&'a [W]>,
}

impl PrCurve {
    /// Creates the curve of a binary classifier from the true labels (`bool`, or 0 and 1) and the
    /// predicted probability of each, in one pass.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// let curve = PrCurve::new(&[true, false, true], &[0.9f32, 0.6, 0.5])?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no label, there is not one prediction for each, or a value is out of its range.
    pub fn new(labels: &[impl Number], predictions: &[impl Number]) -> Result<Self, PrCurveError> {
        Self::builder().build(labels, predictions)
    }

    /// Returns a builder, for the number of thresholds, weights, or several classes.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// let curve = PrCurve::builder().thresholds(101).build(&[1, 0], &[0.7, 0.2])?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    pub fn builder<'a>() -> PrCurveBuilder<'a> {
        PrCurveBuilder::new()
    }
}

impl PrCurveBuilder<'_> {
    fn new() -> Self {
        Self { thresholds: THRESHOLDS, weights: None }
    }
}

impl<'a, W> PrCurveBuilder<'a, W> {
    /// Sets the number of thresholds, 2 to 2^24. Default: 201.
    ///
    /// TensorBoard uses the number of the first curve of a tag for all of them.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// let like_torch = PrCurve::builder().thresholds(127);
    /// ```
    pub fn thresholds(mut self, thresholds: usize) -> Self {
        self.thresholds = thresholds;
        self
    }

    /// Sets the weight of each prediction, from 0. Default: 1.
    ///
    /// TensorBoard truncates the sums of weights to integers, and leaves out thresholds at which
    /// they are 0. So if all weights are below 1, such as those that add up to 1, they are scaled
    /// to a mean of 1; precision and recall do not depend on the scale.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// let twice = PrCurve::builder().weights(&[1, 1, 2]).build(&[0, 0, 1], &[0.2, 0.6, 0.4])?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    pub fn weights<V: Number>(self, weights: &'a [V]) -> PrCurveBuilder<'a, V> {
        PrCurveBuilder { thresholds: self.thresholds, weights: Some(weights) }
    }
}

impl<W: Number> PrCurveBuilder<'_, W> {
    /// Builds the curve of a binary classifier: see [`PrCurve::new`].
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// let weights = [1.0, 0.5, 2.0];
    /// let curve = PrCurve::builder()
    ///     .weights(&weights)
    ///     .build(&[true, false, true], &[0.9f32, 0.6, 0.5])?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`PrCurve::new`]; and if there is not one weight for each label, or the number of
    /// thresholds is out of its range.
    pub fn build(
        self,
        labels: &[impl Number],
        predictions: &[impl Number],
    ) -> Result<PrCurve, PrCurveError> {
        check_thresholds(self.thresholds)?;
        let of = || format!("{} labels", labels.len());
        check_length("predictions", predictions.len(), of, labels.len())?;
        self.check_labels(labels.len())?;
        let scale = self.scale();
        let mut tally = Tally::new(self.thresholds);
        for (index, (label, prediction)) in labels.iter().zip(predictions).enumerate() {
            let positive = match label.to_f64() {
                0.0 => false,
                1.0 => true,
                given => return Err(PrCurveError::Label { index, given }),
            };
            let prediction = probability(index, prediction)?;
            tally.count(positive, prediction, scale * self.weight(index)?);
        }
        Ok(tally.into_curve())
    }

    /// Builds the curves of several classes from the names of the classes, the number of the true
    /// class of each sample, and the predicted probabilities: for each sample one of each class.
    ///
    /// The curve of a class is that of a classifier between it and all others. Its tag is the tag
    /// that is logged, `/` and its name.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let labels = [0, 2, 1];
    /// let predictions = [
    ///     0.8f32, 0.1, 0.1, // of the first sample
    ///     0.2, 0.3, 0.5, //
    ///     0.6, 0.3, 0.1,
    /// ];
    /// let animals = ["cat", "dog", "owl"];
    /// let curves = PrCurve::builder().build_per_class(&animals, &labels, &predictions)?;
    /// writer.add("animals", &curves, 7); // animals/cat, animals/dog, animals/owl
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Cost
    /// One pass. For each class and threshold 16 bytes of memory while it counts, and 24 for the
    /// curve: with the default of 201 thresholds 3 and 5 KB for a class, 3 and 5 MB for a thousand.
    ///
    /// # Errors
    /// Those of [`build`](Self::build); and if there is no class, or a label is not the number of
    /// one.
    pub fn build_per_class(
        self,
        names: &[impl AsRef<str>],
        labels: &[usize],
        predictions: &[impl Number],
    ) -> Result<PrCurves, PrCurveError> {
        check_thresholds(self.thresholds)?;
        let classes = names.len();
        if classes == 0 {
            return Err(PrCurveError::Empty { what: "classes" });
        }
        let of = || format!("{} labels of {classes} classes", labels.len());
        let expected = labels.len().saturating_mul(classes);
        check_length("predictions", predictions.len(), of, expected)?;
        self.check_labels(labels.len())?;
        let scale = self.scale();
        let mut tallies = vec![Tally::new(self.thresholds); classes];
        for (index, (&label, row)) in labels.iter().zip(predictions.chunks(classes)).enumerate() {
            if label >= classes {
                return Err(PrCurveError::Class { index, given: label, classes });
            }
            let weight = scale * self.weight(index)?;
            for (class, prediction) in row.iter().enumerate() {
                let prediction = probability(index * classes + class, prediction)?;
                tallies[class].count(class == label, prediction, weight);
            }
        }
        let curves = tallies.into_iter().map(Tally::into_curve);
        let names = names.iter().map(|name| name.as_ref().to_owned());
        Ok(PrCurves { curves: names.zip(curves).collect() })
    }

    fn check_labels(&self, labels: usize) -> Result<(), PrCurveError> {
        if labels == 0 {
            return Err(PrCurveError::Empty { what: "labels" });
        }
        let weights = self.weights.map_or(labels, <[W]>::len);
        check_length("weights", weights, || format!("{labels} labels"), labels)
    }

    /// Returns the factor that scales weights which are all below 1 to a mean of 1.
    fn scale(&self) -> f64 {
        let weights = || self.weights.unwrap_or_default().iter().map(|weight| weight.to_f64());
        let sum: f64 = weights().sum();
        if sum > 0.0 && weights().all(|weight| weight < 1.0) {
            weights().len() as f64 / sum
        } else {
            1.0
        }
    }

    fn weight(&self, index: usize) -> Result<f64, PrCurveError> {
        let Some(weights) = self.weights else { return Ok(1.0) };
        check_amount("weight", index, weights[index].to_f64())
    }
}

fn probability(index: usize, prediction: &impl Number) -> Result<f32, PrCurveError> {
    let given = prediction.to_f64();
    if (0.0..=1.0).contains(&given) {
        Ok(prediction.to_f32())
    } else {
        Err(PrCurveError::Prediction { index, given })
    }
}

/// The weight of the predictions between each threshold and the next.
#[derive(Clone)]
struct Tally {
    positive: Vec<f64>,
    negative: Vec<f64>,
}

impl Tally {
    fn new(thresholds: usize) -> Self {
        Self { positive: vec![0.0; thresholds], negative: vec![0.0; thresholds] }
    }

    fn count(&mut self, positive: bool, prediction: f32, weight: f64) {
        let counts = if positive { &mut self.positive } else { &mut self.negative };
        // In f32, as TensorBoard does: a product that is rounded up falls into the next bucket.
        // Never beyond the last threshold, because the prediction is 1 or less.
        let bucket = (prediction * (counts.len() - 1) as f32) as usize;
        counts[bucket] += weight;
    }

    fn into_curve(self) -> PrCurve {
        let tp = from_the_end(self.positive);
        let fp = from_the_end(self.negative);
        let rest = |counts: &[f64]| counts.iter().map(|count| counts[0] - count).collect();
        let (negatives, tn) = (rest(&tp), rest(&fp));
        PrCurve::from_rows([tp, fp, tn, negatives])
    }
}

/// Returns the sums of each count and all behind it.
fn from_the_end(mut counts: Vec<f64>) -> Vec<f64> {
    let mut sum = 0.0;
    for count in counts.iter_mut().rev() {
        sum += *count;
        *count = sum;
    }
    counts
}
