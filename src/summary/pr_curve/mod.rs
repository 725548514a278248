//! Precision-recall curves: how a classifier fares at every threshold, per step.
//!
//! `builder`: from labels and predictions, by way of a `tally`; `error`: what makes no curve.

mod builder;
mod error;
mod tally;
#[cfg(test)]
mod tests;

pub use builder::PrCurveBuilder;
pub use error::PrCurveError;

use super::{DataClass, Metadata, Number, Summary, SummaryEncoder, Tensor};
use crate::wire::messages::PrCurvePluginData;
use error::{check_amount, check_length, check_thresholds};
use prost::Message;

/// What a sum is at least where it divides: precision is 0, not NaN, where nothing is positive.
const LEAST_COUNT: f64 = 1e-7;

/// A precision-recall curve of a binary classifier, shown by the PR Curves dashboard.
///
/// Thresholds lie evenly in 0 to 1, both included; a prediction is positive at those that are not
/// above it. The counts are those of TensorBoard's `pr_curve` summary for `float32` predictions,
/// which takes 201 thresholds too unless told otherwise; torch takes 127.
///
/// TensorBoard leaves out the last thresholds where fewer than one prediction is positive.
///
/// ```
/// use tfevents::summary::PrCurve;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let labels = [true, false, true, false];
/// let predictions = [0.9f32, 0.6, 0.5, 0.1];
/// writer.add_pr_curve("validation", &PrCurve::new(&labels, &predictions)?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PrCurve {
    thresholds: usize,
    tensor: Tensor<'static>,
}

/// The curves of several classes, each against all others: see [`PrCurveBuilder::build_per_class`].
///
/// The tag of each is the tag that is logged, `/` and the name of the class.
///
/// ```
/// use tfevents::summary::PrCurve;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let predictions = [0.8f32, 0.2, 0.3, 0.7]; // of two samples
/// let curves = PrCurve::builder().build_per_class(&["cat", "dog"], &[0, 1], &predictions)?;
/// writer.add("animals", &curves, 7); // animals/cat, animals/dog
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PrCurves {
    curves: Vec<(String, PrCurve)>,
}

impl PrCurve {
    /// The curve of a binary classifier: the true labels (`bool`, or 0 and 1) and the predicted
    /// probability of each. One pass over both.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// let curve = PrCurve::new(&[true, false, true], &[0.9f32, 0.6, 0.5])?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no label, not one prediction for each, or a value out of its range.
    pub fn new(labels: &[impl Number], predictions: &[impl Number]) -> Result<Self, PrCurveError> {
        Self::builder().build(labels, predictions)
    }

    /// Settings: the number of thresholds, weights, several classes.
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

    /// A curve from counts made elsewhere: one of each for every threshold, which lie evenly in
    /// 0 to 1. Precision and recall follow from them.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    ///
    /// // At the thresholds 0, 0.5 and 1.
    /// let (true_positives, false_positives) = ([4, 3, 0], [6, 1, 0]);
    /// let (true_negatives, false_negatives) = ([0, 5, 6], [0, 1, 4]);
    /// let curve = PrCurve::from_counts(
    ///     &true_positives,
    ///     &false_positives,
    ///     &true_negatives,
    ///     &false_negatives,
    /// )?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    ///
    /// # Errors
    /// If there are fewer than two, not as many of each, or one is negative or not finite.
    pub fn from_counts<T: Number>(
        true_positives: &[T],
        false_positives: &[T],
        true_negatives: &[T],
        false_negatives: &[T],
    ) -> Result<Self, PrCurveError> {
        let thresholds = true_positives.len();
        check_thresholds(thresholds)?;
        let counts = [
            ("true positives", true_positives),
            ("false positives", false_positives),
            ("true negatives", true_negatives),
            ("false negatives", false_negatives),
        ];
        for (what, counts) in counts {
            check_length(what, counts.len(), || format!("{thresholds} thresholds"), thresholds)?;
            for (index, count) in counts.iter().enumerate() {
                check_amount(what, index, count.to_f64())?;
            }
        }
        let counts = counts.map(|(_, counts)| counts.iter().map(|count| count.to_f64()).collect());
        Ok(Self::from_rows(counts))
    }

    fn from_rows(counts: [Vec<f64>; 4]) -> Self {
        let [tp, fp, _, negatives] = &counts;
        let thresholds = tp.len();
        let share = |of: &[f64], rest: &[f64]| -> Vec<f64> {
            of.iter().zip(rest).map(|(of, rest)| of / (of + rest).max(LEAST_COUNT)).collect()
        };
        let (precision, recall) = (share(tp, fp), share(tp, negatives));
        let rows = counts.iter().chain([&precision, &recall]);
        // TensorBoard fails to make an integer of an infinite count.
        let values: Vec<f32> = rows.flatten().map(|&value| (value as f32).min(f32::MAX)).collect();
        Self { thresholds, tensor: Tensor::numbers(&[6, thresholds], &values) }
    }
}

impl Summary for PrCurve {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        // At most 2^24 of them.
        let content = PrCurvePluginData { version: 0, num_thresholds: self.thresholds as u32 };
        let metadata = Metadata::new("pr_curves")
            .content(content.encode_to_vec())
            .data_class(DataClass::Tensor);
        values.push(tag, &metadata, &self.tensor);
    }

    fn encoded_len_hint(&self) -> usize {
        self.tensor.encoded_len() + 64
    }
}

impl Summary for PrCurves {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        for (name, curve) in &self.curves {
            curve.encode(&format!("{tag}/{name}"), values);
        }
    }

    fn encoded_len_hint(&self) -> usize {
        self.curves.iter().map(|(name, curve)| curve.encoded_len_hint() + name.len()).sum()
    }
}
