//! Histograms and precision-recall curves.

use super::{DataType, Kind, TensorValue, ValueError};
use crate::wire::messages::HistogramProto;
use prost::Message;

/// The largest number of elements that the tensor of a histogram or curve is filled up to: they
/// have far fewer than other tensors, and a forged shape must not take seconds.
const MAX_FILLED: usize = 1 << 16;

/// Returns the numbers of a tensor, `None` if they do not fit its shape.
fn numbers(kind: Kind, tensor: &TensorValue<'_>) -> Result<Option<Vec<f64>>, ValueError> {
    let listed = tensor.listed_numbers();
    if tensor.element_count().is_some_and(|count| count > MAX_FILLED && listed < count) {
        let shape = tensor.shape().to_vec();
        return Err(ValueError::Unfilled { kind, shape, listed, limit: MAX_FILLED });
    }
    Ok(tensor.to_f64())
}

/// A histogram.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_histogram("weights", &[0.0, 0.5, 1.0][..], 0);
/// writer.close()?;
/// let histograms = Run::open(dir.path())?.histograms("weights")?;
/// let last = &histograms.last().unwrap().value;
/// assert_eq!(last.count(), 3.0);
/// for bucket in &last.buckets {
///     println!("{} to {}: {}", bucket.lower, bucket.upper, bucket.count);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HistogramValue {
    /// The buckets in ascending order. In the old form empty buckets at both ends are left out,
    /// and the outermost edges are the smallest and the largest value.
    pub buckets: Vec<HistogramBucket>,
    /// Sum and sum of squares, which only the old form has.
    pub sums: Option<(f64, f64)>,
}

/// A bucket of a [`HistogramValue`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct HistogramBucket {
    /// The lower edge.
    pub lower: f64,
    /// The upper edge.
    pub upper: f64,
    /// The number of values.
    pub count: f64,
}

impl HistogramValue {
    pub(super) fn new(tensor: &TensorValue<'_>) -> Result<Self, ValueError> {
        let wrong = || ValueError::shape(Kind::Histogram, tensor, "numbers, shape [k, 3]");
        if !matches!(tensor.shape(), [_, 3]) {
            return Err(wrong());
        }
        let numbers = numbers(Kind::Histogram, tensor)?.ok_or_else(wrong)?;
        let bucket = |row: &[f64]| HistogramBucket { lower: row[0], upper: row[1], count: row[2] };
        Ok(Self { buckets: numbers.chunks_exact(3).map(bucket).collect(), sums: None })
    }

    pub(super) fn decode_old(bytes: &[u8]) -> Result<Self, ValueError> {
        let message = HistogramProto::decode(bytes).map_err(ValueError::decode)?;
        let limits = &message.bucket_limit;
        let counts = &message.bucket;
        if limits.len() != counts.len() {
            return Err(ValueError::Buckets { edges: limits.len(), counts: counts.len() });
        }
        let sums = Some((message.sum, message.sum_squares));
        let is_filled = |count: &f64| *count != 0.0;
        let first = counts.iter().position(is_filled);
        let Some((first, last)) = first.zip(counts.iter().rposition(is_filled)) else {
            return Ok(Self { buckets: Vec::new(), sums });
        };
        let bucket = |at: usize| HistogramBucket {
            lower: if at == first { message.min } else { limits[at - 1] },
            upper: if at == last { message.max } else { limits[at] },
            count: counts[at],
        };
        Ok(Self { buckets: (first..=last).map(bucket).collect(), sums })
    }

    /// Returns the number of values.
    pub fn count(&self) -> f64 {
        self.buckets.iter().fold(0.0, |sum, bucket| sum + bucket.count)
    }
}

/// A precision-recall curve: a number of each kind at each threshold.
///
/// ```
/// use tfevents::read::Run;
/// use tfevents::summary::PrCurve;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let curve = PrCurve::builder().thresholds(5).build(&[true, false], &[0.9, 0.2])?;
/// writer.add_pr_curve("cats", &curve, 0);
/// writer.close()?;
/// let curves = Run::open(dir.path())?.pr_curves("cats")?;
/// let curve = &curves.last().unwrap().value;
/// assert_eq!(curve.recall[0], 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PrCurveValue {
    /// Counts of true positives.
    pub true_positives: Vec<f64>,
    /// Counts of false positives.
    pub false_positives: Vec<f64>,
    /// Counts of true negatives.
    pub true_negatives: Vec<f64>,
    /// Counts of false negatives.
    pub false_negatives: Vec<f64>,
    /// Precision.
    pub precision: Vec<f64>,
    /// Recall.
    pub recall: Vec<f64>,
}

impl PrCurveValue {
    pub(super) fn new(tensor: &TensorValue<'_>) -> Result<Self, ValueError> {
        let wrong = || ValueError::shape(Kind::PrCurve, tensor, "numbers, shape [6, n]");
        let &[6, columns] = tensor.shape() else { return Err(wrong()) };
        if tensor.data_type() == DataType::String {
            return Err(wrong());
        }
        let numbers = numbers(Kind::PrCurve, tensor)?.ok_or_else(wrong)?;
        let columns = usize::try_from(columns).map_err(|_| wrong())?;
        let mut rows = (0..6).map(|row| numbers[row * columns..][..columns].to_vec());
        let mut next = || rows.next().unwrap_or_default();
        Ok(Self {
            true_positives: next(),
            false_positives: next(),
            true_negatives: next(),
            false_negatives: next(),
            precision: next(),
            recall: next(),
        })
    }

    /// Returns the thresholds, evenly spaced from 0 to 1: one for each number of a row.
    pub fn thresholds(&self) -> Vec<f64> {
        let count = self.recall.len();
        let last = count.saturating_sub(1).max(1) as f64;
        (0..count).map(|at| at as f64 / last).collect()
    }
}
