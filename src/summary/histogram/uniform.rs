//! Buckets of equal width, computed as TensorFlow 2 computes them: in f64, step by step, so that
//! edges and counts agree to the bit.

use super::range::Range;
use super::tally::Tally;
use super::wide::{Work, wide};
use super::{Histogram, MOST_BUCKETS, Number};

/// Values are handled in blocks that fit the fastest cache.
const BLOCK: usize = 512;

pub(super) fn sort<T: Number>(values: &[T], buckets: usize) -> Histogram {
    let buckets = buckets.min(MOST_BUCKETS);
    let range = Range::of(values);
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
        let counts = grid.count(values, range.count == values.len() as u64);
        let row = |(at, count)| [grid.edge(at), grid.edge(at + 1), count as f64];
        counts.into_iter().enumerate().map(row).collect()
    };
    Histogram::sorted(rows, values.len(), range)
}

/// At least one bucket between a least value and a greater one.
struct Grid {
    /// One half where the difference would overflow; otherwise 1, so that nothing is rounded.
    scale: f64,
    /// The least value, times the scale.
    min: f64,
    /// The greatest value, as it is.
    max: f64,
    /// A bucket's width, times the scale.
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

    /// The bucket of a finite value, as the rule says.
    fn bucket(&self, value: f64) -> u32 {
        // Not negative, so cutting it off is the floor. Without a width it is NaN or infinite,
        // which saturate to 0 and to the last.
        (((value * self.scale - self.min) / self.width) as u32).min(self.last())
    }

    fn last(&self) -> u32 {
        // `sort` bounds the number of buckets.
        (self.buckets - 1) as u32
    }

    fn count<T: Number>(&self, values: &[T], all_finite: bool) -> Vec<u64> {
        wide(Count { grid: self, values, all_finite })
    }

    /// The buckets of finite values by multiplication, which is several times faster than
    /// division. The scale is 1.
    ///
    /// Product and quotient differ by less than two units in the last place: three roundings, of
    /// the inverse, of the product and of the quotient. Only where an integer lies near, a
    /// division decides.
    #[inline(always)]
    fn multiply<T: Number>(&self, block: &[T], inverse: f64, indices: &mut [u32]) {
        // Eight units in the last place of the greatest product there can be: four times the
        // above, and room for the subtraction of one half.
        let sure = 0.5 - 8.0 * f64::EPSILON * self.buckets as f64;
        let high = f64::from(self.last()) + 0.5;
        let place = |value: f64| place((value - self.min) * inverse, high);
        // Collected as bits, which vectors can; the greatest of floats they cannot.
        let mut doubts = 0;
        for (index, value) in indices.iter_mut().zip(block) {
            let (at, off) = place(value.to_f64());
            doubts |= u64::from(off > sure);
            *index = at;
        }
        if doubts != 0 {
            for (index, value) in indices.iter_mut().zip(block) {
                let value = value.to_f64();
                if place(value).1 > sure {
                    *index = self.bucket(value);
                }
            }
        }
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
        // One bucket more takes the values that are left out.
        let mut tally = Tally::new(grid.buckets + 1);
        let inverse = 1.0 / grid.width;
        let quick = inverse.is_normal() && grid.scale == 1.0;
        let mut indices = [0u32; BLOCK];
        for block in values.chunks(BLOCK) {
            let indices = &mut indices[..block.len()];
            if quick && (all_finite || block.iter().all(|value| value.to_f64().is_finite())) {
                grid.multiply(block, inverse, indices);
            } else {
                for (index, value) in indices.iter_mut().zip(block) {
                    let value = value.to_f64();
                    let left_out = grid.buckets as u32;
                    *index = if value.is_finite() { grid.bucket(value) } else { left_out };
                }
            }
            tally.add(indices);
        }
        let mut counts = tally.finish();
        counts.truncate(grid.buckets);
        counts
    }
}

/// The integer below `number`, and how far `number` lies from the middle between that and the
/// next: where this is nearly one half, the integer may be the wrong one of the two.
///
/// A number in the lower half of the first bucket or the upper half of the last is surely in it,
/// so it is moved to where there is no doubt: zeros may be many.
#[inline(always)]
fn place(number: f64, high: f64) -> (u32, f64) {
    /// Added to a small number, it leaves the nearest integer in the last bits of the mantissa.
    /// A saturating `as` has no vector instruction on most processors.
    const SHIFT: f64 = 1.5 * 4_503_599_627_370_496.0;
    let number = if number > 0.5 { number } else { 0.5 };
    let number = if number < high { number } else { high };
    let middle = number - 0.5;
    let shifted = middle + SHIFT;
    (shifted.to_bits() as u32, (middle - (shifted - SHIFT)).abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn edges_of_denormal_buckets_stay_in_order() {
        // 20 steps of the least denormal number in 30 buckets.
        let values: Vec<f64> = (0..=20).map(f64::from_bits).collect();
        for buckets in [1, 20, 30, 50] {
            let histogram = sort(&values, buckets);
            assert!(histogram.buckets().all(|(left, right, _)| left <= right));
            assert_eq!(histogram.buckets().map(|(_, _, count)| count).sum::<f64>(), 21.0);
        }
    }

    /// What the multiplication says, against the rule.
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
        }

        #[test]
        fn nothing_finite_is_lost(
            values in prop::collection::vec(prop::num::f64::ANY, 0..50),
            buckets in 1usize..40,
        ) {
            let histogram = sort(&values, buckets);
            let finite = values.iter().filter(|value| value.is_finite()).count();
            let counted: f64 = histogram.buckets().map(|(_, _, count)| count).sum();
            prop_assert_eq!(counted, finite as f64);
            prop_assert!(histogram.buckets().all(|(left, right, _)| left <= right));
        }
    }
}
