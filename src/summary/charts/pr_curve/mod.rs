//! Precision-recall curves: the results of a classifier at every threshold, per step.
//!
//! `builder` counts labels and predictions; `error` has the checks.

mod builder;
mod error;
#[cfg(test)]
mod tests;

pub use builder::PrCurveBuilder;
pub use error::PrCurveError;

use crate::summary::{DataClass, Metadata, Number, Summary, SummaryEncoder, Tensor};
use crate::wire::messages::PrCurvePluginData;
use error::{check_amount, check_length, check_thresholds};
use prost::Message;

/// The minimum of a sum that divides: precision is 0, not NaN, where nothing is positive.
const MIN_COUNT: f64 = 1e-7;

/// A precision-recall curve of a binary classifier, shown by the PR Curves dashboard.
///
/// Thresholds are evenly spaced from 0 to 1, both included; a prediction is positive at those that
/// are not above it. The counts are those of TensorBoard's `pr_curve` summary for `float32`
/// predictions, whose default is 201 thresholds too; torch's is 127.
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
#[doc(alias("precision", "recall", "add_pr_curve"))]
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
    /// Creates a curve from known counts: one of each for every threshold, evenly spaced from 0 to
    /// 1. Precision and recall are computed from them.
    ///
    /// TensorBoard truncates counts to integers, and leaves out the last thresholds if the positives
    /// there are 0: scale counts of normalized weights up.
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
    /// If there are fewer than two of each, their numbers differ, or one is negative or not finite.
    #[doc(alias("add_pr_curve_raw"))]
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
            of.iter().zip(rest).map(|(of, rest)| of / (of + rest).max(MIN_COUNT)).collect()
        };
        let (precision, recall) = (share(tp, fp), share(tp, negatives));
        let rows = counts.iter().chain([&precision, &recall]);
        // TensorBoard fails to turn an infinite count into an integer.
        let values: Vec<f32> = rows.flatten().map(|&value| (value as f32).min(f32::MAX)).collect();
        Self { thresholds, tensor: Tensor::numbers(&[6, thresholds], &values) }
    }
}

impl Summary for PrCurve {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        // There are no more than 2^24.
        let content = PrCurvePluginData { version: 0, num_thresholds: self.thresholds as u32 };
        let metadata = Metadata::new("pr_curves")
            .content(content.encode_to_vec())
            .data_class(DataClass::Tensor);
        encoder.push(tag, &metadata, &self.tensor);
    }

    fn encoded_len_hint(&self) -> usize {
        self.tensor.encoded_len() + 64
    }
}

impl Summary for PrCurves {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        for (name, curve) in &self.curves {
            curve.encode(&format!("{tag}/{name}"), encoder);
        }
    }

    fn encoded_len_hint(&self) -> usize {
        self.curves.iter().map(|(name, curve)| curve.encoded_len_hint() + name.len()).sum()
    }
}
