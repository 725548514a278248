//! Buckets between given limits, and TensorFlow's exponential ones.

use super::uniform::Range;
use super::{Histogram, Number};
use std::sync::OnceLock;

/// TensorFlow's limits: 1e-12 · 1.1^k below 1e20, their negatives, 0, and the greatest double.
pub(super) fn exponential() -> &'static [f64] {
    static LIMITS: OnceLock<Vec<f64>> = OnceLock::new();
    LIMITS.get_or_init(|| {
        let mut positive = Vec::new();
        let mut limit = 1e-12;
        while limit < 1e20 {
            positive.push(limit);
            limit *= 1.1;
        }
        positive.push(f64::MAX);
        let negative = positive.iter().rev().map(|limit| -limit);
        negative.chain([0.0]).chain(positive.iter().copied()).collect()
    })
}

/// Where `value` falls: the number of limits that are not above it.
fn upper_bound(limits: &[f64], value: f64) -> usize {
    limits.partition_point(|&limit| limit <= value)
}

/// Sorts into buckets that are wide enough for every value, and leaves out the empty ones at both
/// ends.
pub(super) fn sort<T: Number>(values: &[T], limits: &[f64]) -> Histogram {
    let range = Range::of(values);
    let non_finite = values.len() as u64 - range.count;
    if range.count == 0 {
        return Histogram { rows: Vec::new(), count: 0, non_finite };
    }
    // Bucket `at` ends with limit `at`; the greatest double belongs to the last.
    let bucket = |value: f64| upper_bound(limits, value).min(limits.len() - 1);
    let (first, last) = (bucket(range.min), bucket(range.max));
    let inner = &limits[first..last];
    let mut counts = vec![0u64; last - first + 1];
    for value in values.iter().map(|value| value.to_f64()).filter(|value| value.is_finite()) {
        counts[upper_bound(inner, value)] += 1;
    }
    let edge =
        |at: usize, outer: f64| if at == 0 || at > inner.len() { outer } else { inner[at - 1] };
    let row = |(at, count)| [edge(at, range.min), edge(at + 1, range.max), count as f64];
    let rows = counts.into_iter().enumerate().map(row).collect();
    Histogram { rows, count: range.count, non_finite }
}

/// Sorts into exactly these buckets; what lies outside goes into the outermost ones.
pub(super) fn sort_into<T: Number>(values: &[T], limits: &[f64]) -> Histogram {
    let inner = &limits[1..limits.len() - 1];
    let mut counts = vec![0u64; inner.len() + 1];
    let mut non_finite = 0;
    for value in values {
        let value = value.to_f64();
        if value.is_finite() {
            counts[upper_bound(inner, value)] += 1;
        } else {
            non_finite += 1;
        }
    }
    let row = |(edge, count): (&[f64], &u64)| [edge[0], edge[1], *count as f64];
    let rows = limits.windows(2).zip(&counts).map(row).collect();
    Histogram { rows, count: counts.iter().sum(), non_finite }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_limits_are_those_of_tensorflow() {
        let limits = exponential();
        // 774 positive ones below 1e20 and the greatest double, the same negative, and zero.
        assert_eq!(limits.len(), 2 * 775 + 1);
        assert!(limits.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(limits[775], 0.0);
        assert_eq!(limits[776], 1e-12);
    }

    #[test]
    fn a_value_on_a_limit_belongs_to_the_bucket_above() {
        let limits = exponential();
        let (one, two) = (limits[1000], limits[1001]);
        let histogram = Histogram::exponential(&[one, (one + two) / 2.0, two]);
        assert!(histogram.buckets().eq([(one, two, 2.0), (two, two, 1.0)]));
    }

    #[test]
    fn nothing_finite_is_lost() {
        let values =
            [f64::MIN, -1e20, -1e-300, -0.0, 0.0, 5e-324, 1e21, f64::MAX, f64::NAN, f64::INFINITY];
        let histogram = Histogram::exponential(&values);
        let counted: f64 = histogram.buckets().map(|(_, _, count)| count).sum();
        assert_eq!((counted, histogram.count(), histogram.non_finite()), (8.0, 8, 2));
        let rows: Vec<_> = histogram.buckets().collect();
        assert_eq!((rows[0].0, rows[rows.len() - 1].1), (f64::MIN, f64::MAX));
        assert!(rows.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }
}
