//! Precision-recall curves: how a classifier fares at every threshold, per step.

use super::{DataClass, Metadata, Number, Summary, Tensor, Values};
use crate::wire::messages::PrCurvePluginData;
use prost::Message;

/// As many as TensorBoard's own summary takes.
const THRESHOLDS: usize = 201;
/// Up to here every threshold's number is an exact `f32`.
const MOST_THRESHOLDS: usize = 1 << 24;
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

/// The curves of several classes, each against all others: see [`PrCurveBuilder::build_classes`].
///
/// The tag of each is the tag that is logged, `/` and the name of the class.
#[derive(Clone, Debug, PartialEq)]
pub struct PrCurves {
    curves: Vec<(String, PrCurve)>,
}

/// Numbers that make no precision-recall curve.
///
/// ```
/// use tfevents::summary::PrCurve;
///
/// let error = PrCurve::new(&[true, false], &[0.5, 1.5]).unwrap_err();
/// assert_eq!(error.to_string(), "prediction 1 is 1.5; allowed are probabilities, 0 to 1");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrCurveError {
    /// There is nothing to count.
    #[error("0 {what}; at least 1 is needed")]
    #[non_exhaustive]
    Empty {
        /// What there is none of: `labels` or `classes`.
        what: &'static str,
    },
    /// There are not as many of something as of something else.
    #[error("{given} {what} for {of}; {needed} are needed")]
    #[non_exhaustive]
    Length {
        /// What there is a wrong number of, such as `predictions`.
        what: &'static str,
        /// What sets the number, such as `4 labels`.
        of: String,
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A label that is neither 0 nor 1.
    #[error("label {index} is {given}; allowed are 0 and 1, or false and true")]
    #[non_exhaustive]
    Label {
        /// Its place.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// The number of a class that there is not.
    #[error("label {index} is {given}; allowed are the classes 0 to {}", classes - 1)]
    #[non_exhaustive]
    Class {
        /// Its place.
        index: usize,
        /// What was given.
        given: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A prediction that is no probability.
    #[error("prediction {index} is {given}; allowed are probabilities, 0 to 1")]
    #[non_exhaustive]
    Prediction {
        /// Its place.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// A weight or a count that nothing can be counted with.
    #[error("{what} {index} is {given}; allowed are finite numbers from 0")]
    #[non_exhaustive]
    Amount {
        /// What it is, such as `weight`.
        what: &'static str,
        /// Its place.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// Too few thresholds to span 0 to 1, or more than can be told apart.
    #[error("{given} thresholds; allowed are 2 to {MOST_THRESHOLDS}")]
    #[non_exhaustive]
    Thresholds {
        /// How many were given.
        given: usize,
    },
}

/// Settings for a [`PrCurve`]; made by [`PrCurve::builder`].
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
        PrCurveBuilder { thresholds: THRESHOLDS, weights: None }
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
        // Sums of huge weights are huge too; TensorBoard's page could not be sent infinities.
        let finite = |&value: &f64| value.min(f32::MAX.into()) as f32;
        let values: Vec<f32> = rows.flatten().map(finite).collect();
        Self { thresholds, tensor: Tensor::numbers(&[6, thresholds], &values) }
    }
}

impl<'a, W> PrCurveBuilder<'a, W> {
    /// How many thresholds, 2 to 2^24. Default: 201.
    ///
    /// TensorBoard keeps to the number of the first curve of a tag.
    ///
    /// ```
    /// # use tfevents::summary::PrCurve;
    /// let like_torch = PrCurve::builder().thresholds(127);
    /// ```
    pub fn thresholds(mut self, thresholds: usize) -> Self {
        self.thresholds = thresholds;
        self
    }

    /// What each prediction counts, from 0. Default: 1.
    ///
    /// ```
    /// # use tfevents::summary::PrCurve;
    /// let twice = PrCurve::builder().weights(&[1, 1, 2]).build(&[0, 0, 1], &[0.2, 0.6, 0.4])?;
    /// # Ok::<(), tfevents::summary::PrCurveError>(())
    /// ```
    pub fn weights<V: Number>(self, weights: &'a [V]) -> PrCurveBuilder<'a, V> {
        PrCurveBuilder { thresholds: self.thresholds, weights: Some(weights) }
    }
}

impl<W: Number> PrCurveBuilder<'_, W> {
    /// The curve of a binary classifier: see [`PrCurve::new`].
    ///
    /// # Errors
    /// As there; and if there is not one weight for each label, or the number of thresholds is
    /// out of its range.
    pub fn build(
        self,
        labels: &[impl Number],
        predictions: &[impl Number],
    ) -> Result<PrCurve, PrCurveError> {
        check_thresholds(self.thresholds)?;
        let of = || format!("{} labels", labels.len());
        check_length("predictions", predictions.len(), of, labels.len())?;
        self.check_labels(labels.len())?;
        let mut tally = Tally::new(self.thresholds);
        for (index, (label, prediction)) in labels.iter().zip(predictions).enumerate() {
            let positive = match label.to_f64() {
                0.0 => false,
                1.0 => true,
                given => return Err(PrCurveError::Label { index, given }),
            };
            tally.count(positive, probability(index, prediction)?, self.weight(index)?);
        }
        Ok(tally.into_curve())
    }

    /// The curves of several classes: the names of the classes, the number of the true class of
    /// each sample, and the predicted probabilities, for each sample one of each class.
    ///
    /// The curve of a class is that of telling it from all others. Its tag is the tag that is
    /// logged, `/` and its name.
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
    /// let curves = PrCurve::builder().build_classes(&animals, &labels, &predictions)?;
    /// writer.add("animals", &curves, 7); // animals/cat, animals/dog, animals/owl
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build); and if there is no class, or a label is none of them.
    pub fn build_classes(
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
        let needed = labels.len().saturating_mul(classes);
        check_length("predictions", predictions.len(), of, needed)?;
        self.check_labels(labels.len())?;
        let mut tallies = vec![Tally::new(self.thresholds); classes];
        for (index, (&label, row)) in labels.iter().zip(predictions.chunks(classes)).enumerate() {
            if label >= classes {
                return Err(PrCurveError::Class { index, given: label, classes });
            }
            let weight = self.weight(index)?;
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

    fn weight(&self, index: usize) -> Result<f64, PrCurveError> {
        let Some(weights) = self.weights else { return Ok(1.0) };
        check_amount("weight", index, weights[index].to_f64())
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
        // At most the last threshold's number, because the prediction is at most 1.
        let bucket = (prediction * (counts.len() - 1) as f32) as usize;
        counts[bucket] += weight;
    }

    fn into_curve(self) -> PrCurve {
        let (tp, fp) = (from_the_end(self.positive), from_the_end(self.negative));
        let rest = |counts: &[f64]| counts.iter().map(|count| counts[0] - count).collect();
        let (negatives, tn) = (rest(&tp), rest(&fp));
        PrCurve::from_rows([tp, fp, tn, negatives])
    }
}

/// The sums of each count and all behind it.
fn from_the_end(mut counts: Vec<f64>) -> Vec<f64> {
    let mut sum = 0.0;
    for count in counts.iter_mut().rev() {
        sum += *count;
        *count = sum;
    }
    counts
}

fn probability(index: usize, prediction: &impl Number) -> Result<f32, PrCurveError> {
    let given = prediction.to_f64();
    if (0.0..=1.0).contains(&given) {
        Ok(prediction.to_f32())
    } else {
        Err(PrCurveError::Prediction { index, given })
    }
}

fn check_amount(what: &'static str, index: usize, given: f64) -> Result<f64, PrCurveError> {
    if given >= 0.0 && given <= f64::from(f32::MAX) {
        Ok(given)
    } else {
        Err(PrCurveError::Amount { what, index, given })
    }
}

fn check_thresholds(given: usize) -> Result<(), PrCurveError> {
    if (2..=MOST_THRESHOLDS).contains(&given) {
        Ok(())
    } else {
        Err(PrCurveError::Thresholds { given })
    }
}

fn check_length(
    what: &'static str,
    given: usize,
    of: impl FnOnce() -> String,
    needed: usize,
) -> Result<(), PrCurveError> {
    if given == needed {
        Ok(())
    } else {
        Err(PrCurveError::Length { what, of: of(), given, needed })
    }
}

impl Summary for PrCurve {
    fn encode(&self, tag: &str, values: &mut Values<'_>) {
        // At most 2^24 of them.
        let content = PrCurvePluginData { version: 0, num_thresholds: self.thresholds as u32 };
        let metadata = Metadata::new("pr_curves")
            .content(content.encode_to_vec())
            .data_class(DataClass::Tensor);
        values.push(tag, &metadata, &self.tensor);
    }

    fn size_hint(&self) -> usize {
        self.tensor.encoded_len() + 64
    }
}

impl Summary for PrCurves {
    fn encode(&self, tag: &str, values: &mut Values<'_>) {
        for (name, curve) in &self.curves {
            curve.encode(&format!("{tag}/{name}"), values);
        }
    }

    fn size_hint(&self) -> usize {
        self.curves.iter().map(|(name, curve)| curve.size_hint() + name.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that `tensorboard.plugins.pr_curve.summary.pb` makes of the same input.
    #[test]
    fn counts_are_those_of_tensorboard() {
        for case in include_str!("../../tests/data/pr_curves.jsonl").lines() {
            let case: serde_json::Value = serde_json::from_str(case).unwrap();
            let thresholds = case["thresholds"].as_u64().unwrap() as usize;
            let floats = |name: &str| -> Vec<f32> {
                let values = case[name].as_array().into_iter().flatten();
                values.map(|value| value.as_f64().unwrap() as f32).collect()
            };
            let (labels, predictions) = (floats("labels"), floats("predictions"));
            let builder = PrCurve::builder().thresholds(thresholds);
            let weights = floats("weights");
            let curve = if weights.is_empty() {
                builder.build(&labels, &predictions)
            } else {
                builder.weights(&weights).build(&labels, &predictions)
            };
            let expected = Tensor::numbers(&[6, thresholds], &floats("expected"));
            assert_eq!(curve.unwrap().tensor, expected, "{}", case["name"]);
        }
    }

    #[test]
    fn classes_are_told_from_all_others() {
        let curves = PrCurve::builder()
            .thresholds(5)
            .build_classes(&["a", "b"], &[0, 1, 1], &[0.7, 0.3, 0.6, 0.4, 0.1, 0.9])
            .unwrap();
        let a = PrCurve::builder().thresholds(5).build(&[1, 0, 0], &[0.7, 0.6, 0.1]).unwrap();
        let b = PrCurve::builder().thresholds(5).build(&[0, 1, 1], &[0.3, 0.4, 0.9]).unwrap();
        assert_eq!(curves.curves, [("a".to_owned(), a), ("b".to_owned(), b)]);
    }

    #[test]
    fn counts_stay_finite() {
        let weights = [f32::MAX; 3];
        let curve = PrCurve::builder().weights(&weights).build(&[1, 1, 0], &[0.5; 3]).unwrap();
        let largest = PrCurve::from_counts(&[f32::MAX; 2], &[0.0; 2], &[0.0; 2], &[0.0; 2]);
        assert!(largest.is_ok());
        let mut bytes = Vec::new();
        curve.tensor.put(&mut bytes);
        let tensor = crate::wire::messages::TensorProto::decode(&bytes[..]).unwrap();
        let values = tensor.tensor_content.chunks_exact(4);
        let values = values.map(|value| f32::from_le_bytes(value.try_into().unwrap()));
        assert!(values.clone().all(f32::is_finite), "{:?}", values.collect::<Vec<_>>());
    }

    #[test]
    fn what_makes_no_curve_is_refused() {
        let told = |result: Result<PrCurve, PrCurveError>| result.unwrap_err().to_string();
        let none: [f32; 0] = [];
        assert_eq!(told(PrCurve::new(&none, &none)), "0 labels; at least 1 is needed");
        assert_eq!(told(PrCurve::new(&[0, 1], &[0.5])), "1 predictions for 2 labels; 2 are needed");
        assert_eq!(
            told(PrCurve::new(&[0.0, 0.5], &[0.5, 0.5])),
            "label 1 is 0.5; allowed are 0 and 1, or false and true"
        );
        for bad in [-0.1f64, 1.0 + 1e-9, f64::NAN] {
            let error = PrCurve::new(&[1], &[bad]).unwrap_err();
            assert!(matches!(error, PrCurveError::Prediction { index: 0, .. }), "{error}");
        }
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            let error = PrCurve::builder().weights(&[bad]).build(&[1], &[0.5]).unwrap_err();
            assert!(matches!(error, PrCurveError::Amount { what: "weight", .. }), "{error}");
        }
        for bad in [0, 1, MOST_THRESHOLDS + 1] {
            let error = PrCurve::builder().thresholds(bad).build(&[1], &[0.5]).unwrap_err();
            assert_eq!(error, PrCurveError::Thresholds { given: bad });
        }
        assert_eq!(
            told(PrCurve::builder().weights(&[1.0; 3]).build(&[0, 1], &[0.5; 2])),
            "3 weights for 2 labels; 2 are needed"
        );
        assert_eq!(
            told(PrCurve::from_counts(&[1, 1], &[1, 1], &[1], &[1, 1])),
            "1 true negatives for 2 thresholds; 2 are needed"
        );
        assert_eq!(
            told(PrCurve::from_counts(&[1, 1], &[1, -1], &[1, 1], &[1, 1])),
            "false positives 1 is -1; allowed are finite numbers from 0"
        );
        let classes = |names: &[&str], labels: &[usize], predictions: &[f32]| {
            PrCurve::builder().build_classes(names, labels, predictions).unwrap_err().to_string()
        };
        assert_eq!(classes(&[], &[0], &[]), "0 classes; at least 1 is needed");
        assert_eq!(
            classes(&["a", "b"], &[2], &[0.5; 2]),
            "label 0 is 2; allowed are the classes 0 to 1"
        );
        assert_eq!(
            classes(&["a", "b"], &[1, 1], &[0.5; 3]),
            "3 predictions for 2 labels of 2 classes; 4 are needed"
        );
    }
}
