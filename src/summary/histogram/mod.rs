//! Histograms: how many numbers fall where, per step.
//!
//! `uniform`, `exponential` and `limits` hold the ways to sort numbers into buckets, `range` and
//! `tally` what they share, `parallel` the same on threads, `into` what can be logged as a
//! histogram.

mod exponential;
mod into;
mod limits;
mod parallel;
mod range;
mod tally;
mod uniform;
mod wide;

pub use into::IntoHistogram;

use super::{DataClass, Metadata, Number, Summary, SummaryEncoder, Tensor};
use range::Range;

/// How many buckets there are unless said otherwise, as in TensorFlow 2.
const BUCKETS: usize = 30;
/// More buckets than anybody can see, and few enough to be allocated.
const MOST_BUCKETS: usize = 1 << 16;

/// A distribution of numbers, shown by the Histograms and Distributions dashboards.
///
/// Values that are not finite are left out and counted: see [`non_finite`](Self::non_finite).
/// A histogram is written as a double tensor of shape `[buckets, 3]`, whose rows are the left
/// edge, the right edge and the count of a bucket.
///
/// Making one takes time in proportion to the number of values, and memory for the buckets only.
///
/// ```
/// use tfevents::Histogram;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = [0.5f32, -0.25, 0.125, 0.75];
/// writer.add_histogram("equal widths", &weights, 0);
/// writer.add_histogram("ten of them", Histogram::uniform(&weights, 10), 0);
/// writer.add_histogram("finer near zero", Histogram::exponential(&weights), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Left edge, right edge, count; one after the other.
    rows: Vec<[f64; 3]>,
    count: u64,
    non_finite: u64,
    /// Of the values, where there were any.
    range: Option<Range>,
}

/// Buckets that are none.
///
/// ```
/// let error = tfevents::Histogram::from_counts(&[0.0, 1.0], &[3.0, 4.0]).unwrap_err();
/// assert!(error.to_string().starts_with("2 limits for 2 counts"));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// There are not as many limits as the counts need.
    #[error("{limits} limits for {counts} counts; one limit more than counts is needed")]
    #[non_exhaustive]
    Lengths {
        /// How many limits were given.
        limits: usize,
        /// How many counts were given.
        counts: usize,
    },
    /// Less than two limits make no bucket.
    #[error("{given} limits; at least 2 are needed for a bucket")]
    #[non_exhaustive]
    TooFew {
        /// How many limits were given.
        given: usize,
    },
    /// A limit is not above the one before it, or not finite.
    #[error("limit {index} is {given}; limits have to be finite and each above the last")]
    #[non_exhaustive]
    Order {
        /// Which limit.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// A count is negative or not finite.
    #[error("count {index} is {given}; counts have to be finite and at least 0")]
    #[non_exhaustive]
    Count {
        /// Which count.
        index: usize,
        /// What was given.
        given: f64,
    },
}

impl Histogram {
    /// Sorts `values` into 30 buckets of equal width, as TensorFlow 2 does.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::new(&[1.0f32, 2.0, f32::NAN]);
    /// assert_eq!(histogram.buckets().count(), 30);
    /// assert_eq!((histogram.count(), histogram.non_finite()), (2, 1));
    /// ```
    pub fn new<T: Number>(values: &[T]) -> Self {
        Self::uniform(values, BUCKETS)
    }

    /// Sorts `values` into `buckets` buckets of equal width between the least and the greatest,
    /// as `tf.summary.histogram` does.
    ///
    /// With no buckets the histogram is empty. Without values all its rows are zero. If all
    /// values are equal, the last bucket holds them. More than 65,536 buckets are taken as
    /// 65,536.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::uniform(&[0, 1, 2, 3, 4], 2);
    /// assert!(histogram.buckets().eq([(0.0, 2.0, 2.0), (2.0, 4.0, 3.0)]));
    /// ```
    pub fn uniform<T: Number>(values: &[T], buckets: usize) -> Self {
        uniform::sort(values, buckets)
    }

    /// Sorts `values` into TensorFlow's older buckets, whose limits grow by a tenth each: fine
    /// near zero, and the same for every step.
    ///
    /// The limits are 1e-12 · 1.1^k up to 1e20, their negatives and 0; a value on a limit belongs
    /// to the bucket above it. Buckets before the first value and behind the last are left out,
    /// and the outermost edges are the least and the greatest value.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::exponential(&[1e-6, 1.0, 1e6]);
    /// let edges: Vec<_> = histogram.buckets().collect();
    /// assert_eq!((edges[0].0, edges[edges.len() - 1].1), (1e-6, 1e6));
    /// ```
    pub fn exponential<T: Number>(values: &[T]) -> Self {
        exponential::sort(values)
    }

    /// Sorts `values` into buckets between limits of your own.
    ///
    /// Bucket `i` holds what is at least `limits[i]` and less than `limits[i + 1]`; the last one
    /// holds its right edge too. Values outside are counted in the outermost buckets, so that
    /// none is lost.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::with_edges(&[0.0, 0.5, 7.0], &[0.0, 0.5, 1.0])?;
    /// assert!(histogram.buckets().eq([(0.0, 0.5, 1.0), (0.5, 1.0, 2.0)]));
    /// # Ok::<(), tfevents::summary::HistogramError>(())
    /// ```
    ///
    /// # Errors
    /// If there are less than two limits, or they are not finite and rising.
    pub fn with_edges<T: Number>(values: &[T], limits: &[f64]) -> Result<Self, HistogramError> {
        check_limits(limits)?;
        Ok(limits::sort(values, limits))
    }

    /// A histogram whose counts are known: `counts[i]` lie between `limits[i]` and
    /// `limits[i + 1]`.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::from_counts(&[0.0, 0.5, 1.0], &[3.0, 4.0])?;
    /// assert_eq!(histogram.count(), 7);
    /// # Ok::<(), tfevents::summary::HistogramError>(())
    /// ```
    ///
    /// # Errors
    /// If the lengths do not fit, limits are not finite and rising, or a count is negative.
    pub fn from_counts(limits: &[f64], counts: &[f64]) -> Result<Self, HistogramError> {
        if limits.len() != counts.len() + 1 {
            let (limits, counts) = (limits.len(), counts.len());
            return Err(HistogramError::Lengths { limits, counts });
        }
        check_limits(limits)?;
        let bad = counts.iter().position(|count| !(count.is_finite() && *count >= 0.0));
        if let Some(index) = bad {
            return Err(HistogramError::Count { index, given: counts[index] });
        }
        let rows = limits.windows(2).zip(counts).map(|(edge, &count)| [edge[0], edge[1], count]);
        let count = counts.iter().sum::<f64>() as u64;
        Ok(Self { rows: rows.collect(), count, non_finite: 0, range: None })
    }

    /// The buckets: left edge, right edge, count.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::uniform(&[0.0, 1.0], 1);
    /// assert!(histogram.buckets().eq([(0.0, 1.0, 2.0)]));
    /// ```
    pub fn buckets(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.rows.iter().map(|&[left, right, count]| (left, right, count))
    }

    /// How many values are in the buckets.
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[1, 2, 3]).count(), 3);
    /// ```
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many values were left out because they were NaN or infinite.
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[1.0, f64::INFINITY]).non_finite(), 1);
    /// ```
    pub fn non_finite(&self) -> u64 {
        self.non_finite
    }

    /// The least of the values; `None` if there were none, or only counts were given.
    ///
    /// This and the other figures below are of the finite values, in `f64`.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// assert_eq!(Histogram::new(&[2.0f32, 1.0, f32::NAN]).min(), Some(1.0));
    /// assert_eq!(Histogram::new(&[f32::NAN]).min(), None);
    /// ```
    pub fn min(&self) -> Option<f64> {
        self.range.map(|range| range.min)
    }

    /// The greatest of the values; `None` as for [`min`](Self::min).
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[2, 1]).max(), Some(2.0));
    /// ```
    pub fn max(&self) -> Option<f64> {
        self.range.map(|range| range.max)
    }

    /// The sum of the values; `None` as for [`min`](Self::min).
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[2, 1]).sum(), Some(3.0));
    /// ```
    pub fn sum(&self) -> Option<f64> {
        self.range.map(|range| range.sum)
    }

    /// The sum of the values' squares; `None` as for [`min`](Self::min).
    ///
    /// ```
    /// // The norm of a gradient, from the histogram that is logged anyway.
    /// let gradient = tfevents::Histogram::new(&[3.0f32, -4.0]);
    /// assert_eq!(gradient.sum_squares().map(f64::sqrt), Some(5.0));
    /// ```
    pub fn sum_squares(&self) -> Option<f64> {
        self.range.map(|range| range.sum_squares)
    }

    /// A histogram of so many values, of which the finite ones lie in `range`.
    fn sorted(rows: Vec<[f64; 3]>, given: usize, range: Range) -> Self {
        let non_finite = given as u64 - range.count;
        Self { rows, count: range.count, non_finite, range: (range.count > 0).then_some(range) }
    }
}

fn check_limits(limits: &[f64]) -> Result<(), HistogramError> {
    if limits.len() < 2 {
        return Err(HistogramError::TooFew { given: limits.len() });
    }
    let rises = |index: usize| index == 0 || limits[index] > limits[index - 1];
    match (0..limits.len()).find(|&index| !(limits[index].is_finite() && rises(index))) {
        Some(index) => Err(HistogramError::Order { index, given: limits[index] }),
        None => Ok(()),
    }
}

/// Collects numbers into 30 buckets of equal width. They are held in memory as `f64`, because
/// the edges depend on all of them.
impl<T: Number> FromIterator<T> for Histogram {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values: Vec<f64> = values.into_iter().map(Number::to_f64).collect();
        Self::new(&values)
    }
}

impl Summary for Histogram {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("histograms").data_class(DataClass::Tensor);
        let tensor = Tensor::numbers(&[self.rows.len(), 3], self.rows.as_flattened());
        values.push(tag, &metadata, &tensor);
    }

    fn encoded_len_hint(&self) -> usize {
        128 + self.rows.len() * 24
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_buckets_can_be_asked_for() {
        assert_eq!(Histogram::uniform(&[0.0, 1.0], usize::MAX).buckets().count(), MOST_BUCKETS);
        assert_eq!(Histogram::uniform(&[0.0, 1.0], 0).buckets().count(), 0);
        assert_eq!(Histogram::uniform(&[1.0, 1.0], 0).buckets().count(), 0);
    }

    #[test]
    fn wrong_limits_are_refused() {
        use HistogramError::*;
        let of = |limits: &[f64]| Histogram::with_edges(&[1.0], limits).unwrap_err();
        assert_eq!(of(&[1.0]), TooFew { given: 1 });
        assert_eq!(of(&[1.0, 1.0]), Order { index: 1, given: 1.0 });
        assert!(matches!(of(&[f64::NAN, 1.0]), Order { index: 0, .. }));
        let counts = Histogram::from_counts(&[0.0, 1.0], &[-1.0]).unwrap_err();
        assert_eq!(counts, Count { index: 0, given: -1.0 });
        let lengths = Histogram::from_counts(&[0.0, 1.0], &[]).unwrap_err();
        assert_eq!(lengths, Lengths { limits: 2, counts: 0 });
    }
}
