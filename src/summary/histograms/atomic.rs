//! A histogram that many threads count into.

use super::Histogram;
use crate::summary::Number;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bits of a number's mantissa choose its bucket: 8 buckets between a power of two and the
/// next.
const MANTISSA_BITS: u32 = 3;
/// The bits that choose no bucket.
const IGNORED_BITS: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA_BITS;
/// Numbers closer to zero than 2 to the power of this count as zero.
const MIN_EXPONENT: i32 = -40;
/// Numbers from 2 to the power of this on count in the last bucket.
const MAX_EXPONENT: i32 = 48;
/// The number of buckets on either side of zero.
const SIDE: usize = ((MAX_EXPONENT - MIN_EXPONENT) as usize) << MANTISSA_BITS;
/// The bits of the smallest number that does not count as zero, without the ignored ones.
const FIRST: u64 = ((1023 + MIN_EXPONENT) as u64) << MANTISSA_BITS;
/// The number of all buckets: those below zero, that of zero, and those above.
const BUCKETS: usize = 2 * SIDE + 1;

/// Counts numbers from many threads in fixed buckets, in bounded memory and without a lock.
///
/// [`take`](Self::take) returns what was counted as a [`Histogram`] and begins anew, for example at
/// each step or each second. The buckets grow with the distance from zero, so that each is at most
/// an eighth as wide as its numbers are large; they reach from 2⁻⁴⁰ to 2⁴⁸ on either side of zero.
/// Numbers closer to zero count in the middle bucket, and larger ones in the outermost. One takes
/// 11 KiB, however many numbers it counts. Counting a number is one atomic addition.
///
/// ```
/// use tfevents::summary::AtomicHistogram;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let latencies = AtomicHistogram::new();
/// std::thread::scope(|scope| {
///     for thread in 0..4 {
///         let latencies = &latencies;
///         scope.spawn(move || latencies.record(0.25 * f64::from(thread + 1)));
///     }
/// });
/// writer.add_histogram("latency", latencies.take(), 0);
/// assert_eq!(latencies.take().count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AtomicHistogram {
    counts: Box<[AtomicUsize]>,
    non_finite: AtomicUsize,
}

impl AtomicHistogram {
    /// Creates a histogram that has counted nothing.
    #[must_use]
    pub fn new() -> Self {
        let counts = (0..BUCKETS).map(|_| AtomicUsize::new(0)).collect();
        Self { counts, non_finite: AtomicUsize::new(0) }
    }

    /// Counts a number. NaN and infinities are left out, and counted in
    /// [`Histogram::non_finite`].
    #[inline]
    pub fn record(&self, value: impl Number) {
        self.record_many(value, 1);
    }

    /// Counts a number several times.
    #[inline]
    pub fn record_many(&self, value: impl Number, count: usize) {
        let value = value.to_f64();
        let counter =
            if value.is_finite() { &self.counts[bucket(value)] } else { &self.non_finite };
        counter.fetch_add(count, Ordering::Relaxed);
    }

    /// Returns what was counted since the last call, and begins anew. A number that another thread
    /// counts meanwhile is in this histogram or in the next, and in one of them.
    ///
    /// The histogram has the buckets from the first to the last that is not empty, and only counts:
    /// [`Histogram::min`] and the like return `None`.
    #[must_use]
    pub fn take(&self) -> Histogram {
        let mut rows = Vec::new();
        let (mut used, mut total) = (0, 0);
        for (index, counter) in self.counts.iter().enumerate() {
            // Most are 0, and reading is cheaper than exchanging.
            let count = match counter.load(Ordering::Relaxed) {
                0 => 0,
                _ => counter.swap(0, Ordering::Relaxed),
            };
            if count > 0 || !rows.is_empty() {
                rows.push([edge(index), edge(index + 1), count as f64]);
            }
            if count > 0 {
                used = rows.len();
                total += count as u64;
            }
        }
        rows.truncate(used);
        let non_finite = self.non_finite.swap(0, Ordering::Relaxed) as u64;
        Histogram { rows, count: total, non_finite, range: None }
    }
}

impl Default for AtomicHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for AtomicHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: usize = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum();
        f.debug_struct("AtomicHistogram").field("count", &count).finish_non_exhaustive()
    }
}

/// Returns the index of the bucket of a finite number.
#[inline]
fn bucket(value: f64) -> usize {
    let key = value.abs().to_bits() >> IGNORED_BITS;
    let Some(distance) = key.checked_sub(FIRST) else { return SIDE };
    let distance = (distance as usize).min(SIDE - 1);
    if value > 0.0 { SIDE + 1 + distance } else { SIDE - 1 - distance }
}

/// Returns the lower edge of a bucket, which is the upper edge of the one before it.
fn edge(index: usize) -> f64 {
    let magnitude = |distance: usize| f64::from_bits((FIRST + distance as u64) << IGNORED_BITS);
    if index <= SIDE { -magnitude(SIDE - index) } else { magnitude(index - SIDE - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_between_the_edges_of_their_bucket() {
        let mut value = 2f64.powi(MIN_EXPONENT);
        while value < 2f64.powi(MAX_EXPONENT) {
            for number in [value, -value] {
                let index = bucket(number);
                let (lower, upper) = (edge(index), edge(index + 1));
                assert!(lower <= number && number <= upper, "{number} in {lower}..{upper}");
                assert!(upper - lower <= number.abs() / 8.0, "{number} in {lower}..{upper}");
            }
            value *= 1.0371;
        }
        let edges: Vec<_> = (0..=BUCKETS).map(edge).collect();
        assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(edge(BUCKETS), 2f64.powi(MAX_EXPONENT));
    }

    #[test]
    fn extreme_numbers_count_in_the_middle_and_outermost_buckets() {
        for number in [0.0, -0.0, f64::MIN_POSITIVE, -1e-13] {
            assert_eq!(bucket(number), SIDE, "{number}");
        }
        assert_eq!((bucket(f64::MAX), bucket(f64::MIN)), (BUCKETS - 1, 0));
    }

    #[test]
    fn every_number_is_taken_once() {
        let histogram = AtomicHistogram::new();
        let mut taken = 0;
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..50_000).for_each(|at| histogram.record(at))))
                .collect();
            while !threads.iter().all(|thread| thread.is_finished()) {
                taken += histogram.take().count();
            }
        });
        assert_eq!(taken + histogram.take().count(), 4 * 50_000);
    }

    #[test]
    fn buckets_begin_and_end_with_counts() {
        let histogram = AtomicHistogram::new();
        histogram.record_many(1.0, 3);
        histogram.record(-2.5);
        histogram.record(f64::NAN);
        let taken = histogram.take();
        assert_eq!((taken.count(), taken.non_finite()), (4, 1));
        let buckets: Vec<_> = taken.buckets().collect();
        let (first, last) = (buckets[0], buckets[buckets.len() - 1]);
        assert_eq!((first.lower, first.upper, first.count), (-2.75, -2.5, 1.0));
        assert_eq!((last.lower, last.upper, last.count), (1.0, 1.125, 3.0));
        let empty = histogram.take();
        assert_eq!((empty.count(), empty.non_finite(), empty.buckets().count()), (0, 0, 0));
    }
}
