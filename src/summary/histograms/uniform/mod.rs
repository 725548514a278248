//! Buckets of equal width, computed as TensorFlow 2 computes them: in f64, step by step, so that
//! edges and counts agree to the bit.
//!
//! `quick` finds a bucket by a multiplication, and reports where it is not sure.

mod quick;

use super::range::Range;
use super::tally::Tally;
use super::wide::{Work, wide};
use super::{Histogram, MAX_BUCKETS};
use crate::summary::Number;
use quick::Quick;

/// The default number of buckets, as in TensorFlow 2.
const BUCKETS: usize = 30;
/// Values are handled in blocks that fit the fastest cache.
const BLOCK: usize = 512;

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

    /// Sorts `values` into `buckets` buckets of equal width between their minimum and maximum, as
    /// `tf.summary.histogram` does.
    ///
    /// With no buckets the histogram is empty. Without values all its rows are zero. If all
    /// values are equal, the last bucket counts them. More than 65,536 buckets are taken as
    /// 65,536.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::uniform(&[0, 1, 2, 3, 4], 2);
    /// assert!(histogram.buckets().map(|bucket| bucket.count).eq([2.0, 3.0]));
    /// ```
    pub fn uniform<T: Number>(values: &[T], buckets: usize) -> Self {
        sort(values, buckets)
    }
}

fn sort<T: Number>(values: &[T], buckets: usize) -> Histogram {
    let range = Range::of(values).with_zero_of(values);
    let all_finite = range.count == values.len() as u64;
    counted(range, values.len(), buckets, |grid| grid.count(values, all_finite))
}

/// Returns the histogram of `given` values in a range; `count` returns how many are in each bucket.
pub(super) fn counted(
    range: Range,
    given: usize,
    buckets: usize,
    count: impl FnOnce(&Grid) -> Vec<u64>,
) -> Histogram {
    let buckets = buckets.min(MAX_BUCKETS);
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
        let grid = Grid::new(&range, buckets);
        let row = |(at, count)| [grid.edge(at), grid.edge(at + 1), count as f64];
        count(&grid).into_iter().enumerate().map(row).collect()
    };
    Histogram::sorted(rows, given, range)
}

/// One or more buckets between a minimum and a greater maximum.
pub(super) struct Grid {
    /// One half where the difference would overflow; otherwise 1, so that nothing is rounded.
    scale: f64,
    /// The minimum, times the scale.
    min: f64,
    /// The maximum, unscaled.
    max: f64,
    /// The width of a bucket, times the scale.
    width: f64,
    buckets: usize,
}

impl Grid {
    fn new(range: &Range, buckets: usize) -> Self {
        let scale = if (range.max - range.min).is_finite() { 1.0 } else { 0.5 };
        let min = range.min * scale;
        let width = (range.max * scale - min) / buckets as f64;
        Self { scale, min, max: range.max, width, buckets }
    }

    fn edge(&self, at: usize) -> f64 {
        if at == self.buckets {
            return self.max;
        }
        // A width that is denormal was rounded, perhaps so far up that edges pass the maximum.
        ((self.min + self.width * at as f64) / self.scale).min(self.max)
    }

    /// Returns the bucket of a finite value by a division, as TensorFlow does.
    fn bucket(&self, value: f64) -> u32 {
        // Not negative, so truncation is the floor. Without a width it is NaN or infinite, which
        // saturate to 0 and to the last.
        (((value * self.scale - self.min) / self.width) as u32).min(self.last())
    }

    fn last(&self) -> u32 {
        // `sort` bounds the number of buckets.
        (self.buckets - 1) as u32
    }

    pub(super) fn count<T: Number>(&self, values: &[T], all_finite: bool) -> Vec<u64> {
        wide(Count { grid: self, values, all_finite })
    }
}

/// The counts of these values in the buckets of a grid.
struct Count<'a, T> {
    grid: &'a Grid,
    values: &'a [T],
    all_finite: bool,
}

impl<T: Number> Work for Count<'_, T> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn run(self) -> Vec<u64> {
        let Self { grid, values, all_finite } = self;
        // One more bucket counts the values that are left out.
        let mut tally = Tally::new(grid.buckets + 1, values.len());
        let quick = Quick::of(grid);
        let singles = Quick::of_singles(grid);
        let mut indices = [0u32; BLOCK];
        for block in values.chunks(BLOCK) {
            let indices = &mut indices[..block.len()];
            let finite = all_finite || block.iter().all(|value| value.to_f64().is_finite());
            let done = match (finite, &singles, T::as_f32(block)) {
                (true, Some(quick), Some(block)) => quick.try_place(block, indices),
                _ => false,
            };
            match &quick {
                _ if done => {}
                Some(quick) if finite => quick.place(grid, block, indices),
                _ => {
                    for (index, value) in indices.iter_mut().zip(block) {
                        let value = value.to_f64();
                        let left_out = grid.buckets as u32;
                        *index = if value.is_finite() { grid.bucket(value) } else { left_out };
                    }
                }
            }
            tally.add(indices);
        }
        let mut counts = tally.finish();
        counts.truncate(grid.buckets);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_widest_range_has_finite_edges() {
        let histogram = sort(&[f64::MIN, 0.0, f64::MAX], 3);
        let third = f64::MAX / 3.0;
        let counts: Vec<_> = histogram.buckets().map(|bucket| bucket.count).collect();
        assert_eq!(counts, [1.0, 1.0, 1.0]);
        for (bucket, lower) in histogram.buckets().zip([f64::MIN, -third, third]) {
            assert!((bucket.lower - lower).abs() <= f64::MAX * 1e-15, "{bucket:?}");
        }
    }

    #[test]
    fn edges_of_denormal_buckets_stay_in_order() {
        // 20 steps of the smallest denormal number in 30 buckets.
        let values: Vec<f64> = (0..=20).map(f64::from_bits).collect();
        for buckets in [1, 20, 30, 50] {
            let histogram = sort(&values, buckets);
            assert!(histogram.buckets().all(|bucket| bucket.lower <= bucket.upper));
            assert_eq!(histogram.buckets().map(|bucket| bucket.count).sum::<f64>(), 21.0);
        }
    }

    /// Compares the multiplication with the division.
    fn agree(values: &[f64], buckets: usize) {
        let grid = Grid::new(&Range::of(values), buckets);
        let mut expected = vec![0u64; buckets];
        for &value in values.iter().filter(|value| value.is_finite()) {
            let at = ((value * grid.scale - grid.min) / grid.width).floor() as usize;
            expected[at.min(buckets - 1)] += 1;
        }
        let finite = values.iter().all(|value| value.is_finite());
        assert_eq!(grid.count(values, finite), expected);
        assert_eq!(Count { grid: &grid, values, all_finite: finite }.run(), expected);
    }

    /// Compares both for values in single precision.
    fn agree_single(values: &[f32], buckets: usize) {
        let range = Range::of(values);
        if range.min >= range.max {
            return;
        }
        let (grid, finite) = (Grid::new(&range, buckets), range.count == values.len() as u64);
        let double: Vec<f64> = values.iter().map(|&value| value.into()).collect();
        assert_eq!(grid.count(values, finite), grid.count(&double, finite));
        let narrow = Count { grid: &grid, values, all_finite: finite };
        assert_eq!(narrow.run(), grid.count(&double, finite));
    }

    #[test]
    fn floats_at_the_edges_are_where_a_division_puts_them() {
        let ranges =
            [(0.0, 1.0), (-1.0, 0.7), (1.0, 1.0001), (-1e-45, 3e-44), (f32::MIN, f32::MAX)];
        for buckets in (1..100).chain([1000, 5000]) {
            for (min, max) in ranges {
                let grid = Grid::new(&Range::of(&[min, max]), buckets);
                let edges = (0..=buckets).map(|at| grid.edge(at) as f32);
                let values = edges.flat_map(|edge| {
                    let bits = edge.to_bits();
                    [bits.wrapping_sub(1), bits, bits.wrapping_add(1)].map(f32::from_bits)
                });
                let mut values: Vec<f32> = values.filter(|v| (min..=max).contains(v)).collect();
                agree_single(&values, buckets);
                values.push(f32::NAN);
                agree_single(&values, buckets);
            }
        }
    }

    #[test]
    fn values_at_the_edges_are_where_a_division_puts_them() {
        for buckets in 1..100 {
            for (min, max) in [(0.0, 1.0), (-1.0, 0.7), (1.0, 1.0 + 1e-13), (-3e-309, 4e-308)] {
                let grid = Grid::new(&Range::of(&[min, max]), buckets);
                let edges = (0..=buckets).map(|at| grid.edge(at));
                let values = edges.flat_map(|edge| {
                    [edge * (1.0 - f64::EPSILON), edge, edge * (1.0 + f64::EPSILON)]
                });
                let mut values: Vec<f64> = values.filter(|v| (min..=max).contains(v)).collect();
                agree(&values, buckets);
                values.push(f64::NAN);
                agree(&values, buckets);
            }
        }
    }

    proptest! {
        #[test]
        fn multiplication_agrees_with_division(
            values in prop::collection::vec(prop::num::f64::ANY, 2..50),
            near in prop::collection::vec(-1.0f64..1.0, 2..1500),
            buckets in 1usize..300,
        ) {
            let range = Range::of(&values);
            if range.min < range.max {
                agree(&values, buckets);
            }
            agree(&near, buckets);
            let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<_>>();
            agree_single(&single(&values), buckets);
            agree_single(&single(&near), buckets);
        }

        #[test]
        fn nothing_finite_is_lost(
            values in prop::collection::vec(prop::num::f64::ANY, 0..50),
            buckets in 1usize..40,
        ) {
            let histogram = sort(&values, buckets);
            let finite = values.iter().filter(|value| value.is_finite()).count();
            let counted: f64 = histogram.buckets().map(|bucket| bucket.count).sum();
            prop_assert_eq!(counted, finite as f64);
            prop_assert!(histogram.buckets().all(|bucket| bucket.lower <= bucket.upper));
        }
    }
}
