//! Buckets of equal width, computed as TensorFlow 2 computes them: in f64, step by step, so that
//! edges and counts agree to the bit.

use super::{Histogram, Number};

/// Values are handled in blocks that fit the fastest cache.
const BLOCK: usize = 1024;

pub(super) fn sort<T: Number>(values: &[T], buckets: usize) -> Histogram {
    let range = Range::of(values);
    let non_finite = values.len() as u64 - range.count;
    let rows = if range.count == 0 {
        vec![[0.0; 3]; buckets]
    } else if range.min == range.max {
        let mut rows = vec![[range.min, range.max, 0.0]; buckets];
        if let Some(last) = rows.last_mut() {
            last[2] = range.count as f64;
        }
        rows
    } else if buckets == 0 {
        Vec::new()
    } else {
        let counts = count(values, range, buckets);
        let scale = range.scale();
        let (min, width) = (range.min * scale, range.width(buckets));
        let edge = |at: usize| {
            if at == buckets { range.max } else { (min + width * at as f64) / scale }
        };
        let row = |(at, count)| [edge(at), edge(at + 1), count as f64];
        counts.into_iter().enumerate().map(row).collect()
    };
    Histogram { rows, count: range.count, non_finite }
}

/// The least and the greatest of the finite values, and how many they are.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) count: u64,
}

impl Range {
    /// One half where the difference would overflow; otherwise 1, so that nothing is rounded.
    fn scale(self) -> f64 {
        if (self.max - self.min).is_finite() { 1.0 } else { 0.5 }
    }

    /// A bucket's width, times the scale.
    fn width(self, buckets: usize) -> f64 {
        let scale = self.scale();
        (self.max * scale - self.min * scale) / buckets as f64
    }

    pub(super) fn of<T: Number>(values: &[T]) -> Self {
        let mut range = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, count: 0 };
        for value in values {
            let value = value.to_f64();
            if value.is_finite() {
                range.min = range.min.min(value);
                range.max = range.max.max(value);
                range.count += 1;
            }
        }
        range
    }
}

fn count<T: Number>(values: &[T], range: Range, buckets: usize) -> Vec<u64> {
    let last = buckets - 1;
    let scale = range.scale();
    let (min, width) = (range.min * scale, range.width(buckets));
    // One bucket more takes the values that are left out, so that the loop has no branch.
    let mut counts = vec![0u64; buckets + 1];
    let mut indices = [0u32; BLOCK];
    for block in values.chunks(BLOCK) {
        for (index, value) in indices.iter_mut().zip(block) {
            let value = value.to_f64();
            // Not negative, so cutting it off is the floor; NaN saturates to 0.
            let at = (((value * scale - min) / width) as u32).min(last as u32);
            *index = if value.is_finite() { at } else { buckets as u32 };
        }
        for &index in &indices[..block.len()] {
            counts[index as usize] += 1;
        }
    }
    counts.truncate(buckets);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_range_has_finite_edges() {
        let histogram = sort(&[f64::MIN, 0.0, f64::MAX], 3);
        let third = f64::MAX / 3.0;
        let counts: Vec<_> = histogram.buckets().map(|(_, _, count)| count).collect();
        assert_eq!(counts, [1.0, 1.0, 1.0]);
        for (row, left) in histogram.buckets().zip([f64::MIN, -third, third]) {
            assert!((row.0 - left).abs() <= f64::MAX * 1e-15, "{row:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_finite_is_lost(
            values in proptest::collection::vec(proptest::num::f64::ANY, 0..50),
            buckets in 1usize..40,
        ) {
            let histogram = sort(&values, buckets);
            let finite = values.iter().filter(|value| value.is_finite()).count();
            let counted: f64 = histogram.buckets().map(|(_, _, count)| count).sum();
            proptest::prop_assert_eq!(counted, finite as f64);
            proptest::prop_assert!(histogram.buckets().all(|(left, right, _)| left <= right));
        }
    }
}
