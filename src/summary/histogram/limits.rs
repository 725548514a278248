//! Buckets between given limits.

use super::range::Range;
use super::{Histogram, Number};

/// Sorts into exactly these buckets; what lies outside goes into the outermost ones.
///
/// `limits` are at least two.
pub(super) fn sort<T: Number>(values: &[T], limits: &[f64]) -> Histogram {
    let inner = &limits[1..limits.len() - 1];
    let mut counts = vec![0u64; inner.len() + 1];
    for value in values.iter().map(|value| value.to_f64()).filter(|value| value.is_finite()) {
        counts[inner.partition_point(|&limit| limit <= value)] += 1;
    }
    let row = |(edge, count): (&[f64], &u64)| [edge[0], edge[1], *count as f64];
    let rows = limits.windows(2).zip(&counts).map(row).collect();
    Histogram::sorted(rows, values.len(), Range::of(values))
}
