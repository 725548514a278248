//! Histograms: the distribution of many numbers, per step.

// `uniform` and `exponential` sort numbers into buckets, with `range` and `tally`; `parallel` does
// so on several threads. `wide` has the instructions of newer processors. `atomic` counts number by
// number.
mod atomic;
mod exponential;
mod parallel;
mod parameter;
mod range;
mod tally;
mod uniform;
mod wide;

pub use atomic::AtomicHistogram;
pub use parameter::Parameter;

use crate::summary::{DataClass, Metadata, Number, Summary, SummaryEncoder, Tensor};
use range::Range;
use std::borrow::Cow;

/// More buckets than a page can show, and few enough to be allocated.
const MAX_BUCKETS: usize = 1 << 16;

/// A distribution of numbers, shown by the Histograms and Distributions dashboards.
///
/// Values that are not finite are left out and counted: see [`non_finite`](Self::non_finite).
/// A histogram is written as a double tensor of shape `[buckets, 3]`, whose rows are the lower
/// edge, the upper edge and the count of a bucket.
///
/// The constructors take time in proportion to the number of values, and memory for the buckets
/// only.
///
/// ```
/// use tfevents::Histogram;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = [0.5f32, -0.25, 0.125, 0.75];
/// writer.add_histogram("equal widths", &weights, 0);
/// writer.add_histogram("ten buckets", Histogram::uniform(&weights, 10), 0);
/// writer.add_histogram("finer near zero", Histogram::exponential(&weights), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("distribution", "add_histogram"))]
pub struct Histogram {
    /// Lower edge, upper edge and count of each bucket.
    rows: Vec<[f64; 3]>,
    count: u64,
    non_finite: u64,
    /// The range of the values, if there were any.
    range: Option<Range>,
}

/// A bucket of a [`Histogram`].
///
/// ```
/// use tfevents::Histogram;
///
/// let histogram = Histogram::uniform(&[0.0, 1.0], 1);
/// let bucket = histogram.buckets().next().expect("there is one bucket");
/// assert_eq!((bucket.lower, bucket.upper, bucket.count), (0.0, 1.0, 2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bucket {
    /// The lower edge.
    pub lower: f64,
    /// The upper edge.
    pub upper: f64,
    /// How many values lie between the edges.
    pub count: f64,
}

/// An error creating a [`Histogram`] from edges or counts.
///
/// ```
/// let error = tfevents::Histogram::from_counts(&[0.0, 1.0], &[3.0, 4.0]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid number of histogram edges: 2 (expected 3 for 2 counts)");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// The number of edges is not one more than the number of counts.
    #[error("invalid number of histogram edges: {edges} (expected {} for {counts} counts)",
        counts.saturating_add(1))]
    #[non_exhaustive]
    Lengths {
        /// The number of edges that were given.
        edges: usize,
        /// The number of counts that were given.
        counts: usize,
    },
    /// There are fewer than two edges.
    #[error("invalid number of histogram edges: {given} (expected at least 2)")]
    #[non_exhaustive]
    TooFew {
        /// The number of edges that were given.
        given: usize,
    },
    /// An edge is not above the one before it, or not finite.
    #[error("invalid histogram edge {index}: {given} (expected finite edges in rising order)")]
    #[non_exhaustive]
    Order {
        /// The index of the edge.
        index: usize,
        /// The edge.
        given: f64,
    },
    /// A count is negative or not finite.
    #[error("invalid histogram count {index}: {given} (expected a finite number from 0)")]
    #[non_exhaustive]
    Count {
        /// The index of the count.
        index: usize,
        /// The count.
        given: f64,
    },
}

impl Histogram {
    /// Sorts `values` into buckets between given edges.
    ///
    /// Bucket `i` counts values from `edges[i]` up to, but not including, `edges[i + 1]`; the last
    /// one includes its upper edge. Values outside are counted in the outermost buckets, so that
    /// none is lost.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::with_edges(&[0.0, 0.5, 7.0], &[0.0, 0.5, 1.0])?;
    /// assert!(histogram.buckets().map(|bucket| bucket.count).eq([1.0, 2.0]));
    /// # Ok::<(), tfevents::summary::HistogramError>(())
    /// ```
    ///
    /// # Errors
    /// If there are fewer than two edges, or they are not finite and rising.
    pub fn with_edges<T: Number>(values: &[T], edges: &[f64]) -> Result<Self, HistogramError> {
        check_edges(edges)?;
        Ok(sort_between(values, edges))
    }

    /// Creates a histogram from known counts: `counts[i]` values lie between `edges[i]` and
    /// `edges[i + 1]`.
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
    /// If the lengths do not match, edges are not finite and rising, or a count is negative or not
    /// finite.
    #[doc(alias("add_histogram_raw", "histogram_raw"))]
    pub fn from_counts(edges: &[f64], counts: &[f64]) -> Result<Self, HistogramError> {
        if edges.len() != counts.len() + 1 {
            return Err(HistogramError::Lengths { edges: edges.len(), counts: counts.len() });
        }
        check_edges(edges)?;
        let bad = counts.iter().position(|count| !(count.is_finite() && *count >= 0.0));
        if let Some(index) = bad {
            return Err(HistogramError::Count { index, given: counts[index] });
        }
        let rows = edges.windows(2).zip(counts).map(|(edge, &count)| [edge[0], edge[1], count]);
        let count = counts.iter().sum::<f64>() as u64;
        Ok(Self { rows: rows.collect(), count, non_finite: 0, range: None })
    }

    /// Returns the buckets, from the lowest to the highest.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::uniform(&[0.0, 1.0, 4.0], 2);
    /// for bucket in histogram.buckets() {
    ///     println!("{} values from {} to {}", bucket.count, bucket.lower, bucket.upper);
    /// }
    /// ```
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.rows.iter().map(|&[lower, upper, count]| Bucket { lower, upper, count })
    }

    /// Returns how many values are in the buckets.
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[1, 2, 3]).count(), 3);
    /// ```
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns how many values were left out because they were NaN or infinite.
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[1.0, f64::INFINITY]).non_finite(), 1);
    /// ```
    pub fn non_finite(&self) -> u64 {
        self.non_finite
    }

    /// Returns the minimum of the values; `None` if there were none, or only counts were given.
    ///
    /// This, [`max`](Self::max), [`sum`](Self::sum) and [`sum_squares`](Self::sum_squares) are
    /// those of the finite values, in `f64`.
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

    /// Returns the maximum of the values; `None` as for [`min`](Self::min).
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[2, 1]).max(), Some(2.0));
    /// ```
    pub fn max(&self) -> Option<f64> {
        self.range.map(|range| range.max)
    }

    /// Returns the sum of the values; `None` as for [`min`](Self::min).
    ///
    /// ```
    /// assert_eq!(tfevents::Histogram::new(&[2, 1]).sum(), Some(3.0));
    /// ```
    pub fn sum(&self) -> Option<f64> {
        self.range.map(|range| range.sum)
    }

    /// Returns the sum of the values' squares; `None` as for [`min`](Self::min).
    ///
    /// ```
    /// // The norm of a gradient, from the histogram that is logged anyway.
    /// let gradient = tfevents::Histogram::new(&[3.0f32, -4.0]);
    /// assert_eq!(gradient.sum_squares().map(f64::sqrt), Some(5.0));
    /// ```
    pub fn sum_squares(&self) -> Option<f64> {
        self.range.map(|range| range.sum_squares)
    }

    /// Creates a histogram of `given` values, of which the finite ones lie in `range`.
    fn sorted(rows: Vec<[f64; 3]>, given: usize, range: Range) -> Self {
        let non_finite = given as u64 - range.count;
        Self { rows, count: range.count, non_finite, range: (range.count > 0).then_some(range) }
    }
}

/// Sorts into exactly these buckets, from two edges on; values outside count in the outermost
/// ones.
fn sort_between<T: Number>(values: &[T], edges: &[f64]) -> Histogram {
    let inner = &edges[1..edges.len() - 1];
    let mut counts = vec![0u64; inner.len() + 1];
    for value in values.iter().map(|value| value.to_f64()).filter(|value| value.is_finite()) {
        counts[inner.partition_point(|&edge| edge <= value)] += 1;
    }
    let row = |(edge, count): (&[f64], &u64)| [edge[0], edge[1], *count as f64];
    let rows = edges.windows(2).zip(&counts).map(row).collect();
    Histogram::sorted(rows, values.len(), Range::of(values))
}

fn check_edges(edges: &[f64]) -> Result<(), HistogramError> {
    if edges.len() < 2 {
        return Err(HistogramError::TooFew { given: edges.len() });
    }
    let rises = |index: usize| index == 0 || edges[index] > edges[index - 1];
    match (0..edges.len()).find(|&index| !(edges[index].is_finite() && rises(index))) {
        Some(index) => Err(HistogramError::Order { index, given: edges[index] }),
        None => Ok(()),
    }
}

/// Collects numbers into 30 buckets of equal width. They are kept in memory as `f64` until then,
/// because the edges depend on all of them.
impl<T: Number> FromIterator<T> for Histogram {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values: Vec<f64> = values.into_iter().map(Number::to_f64).collect();
        Self::new(&values)
    }
}

/// Numbers that can be counted into a [`Histogram`], or a histogram.
///
/// Implemented for slices, arrays and vectors of any [`Number`], with the feature `ndarray` for
/// its arrays. Collect an iterator first: `values.collect::<Histogram>()`. The trait is sealed.
///
/// ```
/// use tfevents::Histogram;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// writer.add_histogram("slice", &[1, 2, 3][..], 0);
/// writer.add_histogram("vector", vec![0.5f32; 10], 0);
/// writer.add_histogram("iterator", (0..10).map(f64::from).collect::<Histogram>(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be logged as a histogram",
    label = "neither numbers nor a `Histogram`",
    note = "collect an iterator of numbers first: `.collect::<tfevents::Histogram>()`",
    note = "flatten nested vectors: `rows.iter().flatten().collect::<tfevents::Histogram>()`, or of arrays `rows.as_flattened()`",
    note = "for tensors of burn and candle use the crates `tfevents-burn` and `tfevents-candle`, for arrays of ndarray the feature `ndarray`"
)]
pub trait IntoHistogram: sealed::IntoHistogram {
    /// Returns the histogram, borrowed if it exists already.
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a;
}

pub(in crate::summary) mod sealed {
    pub trait IntoHistogram {}
}

macro_rules! impl_for_slices {
    ($([$($generics:tt)*] $values:ty),* $(,)?) => {$(
        impl<T: Number, $($generics)*> sealed::IntoHistogram for $values {}
        impl<T: Number, $($generics)*> IntoHistogram for $values {
            fn into_histogram<'a>(self) -> Cow<'a, Histogram>
            where
                Self: 'a,
            {
                Cow::Owned(Histogram::new(&self[..]))
            }
        }
    )*};
}

impl_for_slices!([] &[T], [] &Vec<T>, [] Vec<T>, [const N: usize] &[T; N], [const N: usize] [T; N]);

impl sealed::IntoHistogram for Histogram {}
impl sealed::IntoHistogram for &Histogram {}

impl IntoHistogram for Histogram {
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a,
    {
        Cow::Owned(self)
    }
}

impl IntoHistogram for &Histogram {
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a,
    {
        Cow::Borrowed(self)
    }
}

impl Summary for Histogram {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("histograms").data_class(DataClass::Tensor);
        let tensor = Tensor::numbers(&[self.rows.len(), 3], self.rows.as_flattened());
        encoder.push(tag, &metadata, &tensor);
    }

    fn encoded_len_hint(&self) -> usize {
        128 + self.rows.len() * 24
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_buckets_is_accepted() {
        assert_eq!(Histogram::uniform(&[0.0, 1.0], usize::MAX).buckets().count(), MAX_BUCKETS);
        assert_eq!(Histogram::uniform(&[0.0, 1.0], 0).buckets().count(), 0);
        assert_eq!(Histogram::uniform(&[1.0, 1.0], 0).buckets().count(), 0);
    }

    /// As in TensorFlow, whose edges are the maximum of the values.
    #[test]
    fn edges_of_zeros_have_the_sign_of_the_maximum() {
        let signs = |histogram: Histogram| {
            let edges = histogram.rows.iter().flat_map(|&[lower, upper, _]| [lower, upper]);
            edges.map(f64::is_sign_negative).collect::<Vec<_>>()
        };
        for values in [[-0.0, 0.0], [0.0, -0.0]] {
            assert_eq!(signs(Histogram::uniform(&values, 2)), [false; 4]);
            assert_eq!(signs(Histogram::uniform_parallel(&values, 2, 2)), [false; 4]);
        }
        assert_eq!(signs(Histogram::uniform(&[-0.0f32, -0.0], 1)), [true; 2]);
    }

    #[test]
    fn values_outside_count_in_the_outermost_buckets() {
        let histogram = Histogram::with_edges(&[-3.0, 0.0, 0.5, 7.0], &[0.0, 0.5, 1.0]).unwrap();
        let bucket = |lower, upper, count| Bucket { lower, upper, count };
        assert!(histogram.buckets().eq([bucket(0.0, 0.5, 2.0), bucket(0.5, 1.0, 2.0)]));
    }

    #[test]
    fn wrong_edges_are_refused() {
        use HistogramError::*;
        let of = |edges: &[f64]| Histogram::with_edges(&[1.0], edges).unwrap_err();
        assert_eq!(of(&[1.0]), TooFew { given: 1 });
        assert_eq!(of(&[1.0, 1.0]), Order { index: 1, given: 1.0 });
        assert!(matches!(of(&[f64::NAN, 1.0]), Order { index: 0, .. }));
        let counts = Histogram::from_counts(&[0.0, 1.0], &[-1.0]).unwrap_err();
        assert_eq!(counts, Count { index: 0, given: -1.0 });
        let lengths = Histogram::from_counts(&[0.0, 1.0], &[]).unwrap_err();
        assert_eq!(lengths, Lengths { edges: 2, counts: 0 });
    }
}
