//! TensorFlow's older buckets, whose edges grow by a tenth each.
//!
//! `single` has a quicker way for `f32`.

mod single;

use super::Histogram;
use super::range::Range;
use super::tally::Tally;
use crate::summary::Number;
use single::Cells;
use std::sync::OnceLock;

/// Values are handled in blocks that fit the fastest cache.
const BLOCK: usize = 512;

/// A cell is all numbers of one sign, exponent and first four bits of the mantissa: the number at
/// the end of a cell is at most 1/16 above that at its start, so that no two limits, of which one
/// is a tenth above the other, lie in the same cell.
const CELL_BITS: u32 = 64 - 12 - 4;

impl Histogram {
    /// Sorts `values` into TensorFlow's older buckets, whose edges grow by a tenth each: fine
    /// near zero, and the same at every step.
    ///
    /// The edges are 1e-12 · 1.1^k up to 1e20, their negatives and 0; a value on an edge belongs
    /// to the bucket above it. Buckets before the first value and behind the last are left out,
    /// and the outermost edges are the minimum and the maximum of the values.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let histogram = Histogram::exponential(&[1e-6, 1.0, 1e6]);
    /// let buckets: Vec<_> = histogram.buckets().collect();
    /// assert_eq!((buckets[0].lower, buckets[buckets.len() - 1].upper), (1e-6, 1e6));
    /// ```
    pub fn exponential<T: Number>(values: &[T]) -> Self {
        sort(values)
    }
}

fn sort<T: Number>(values: &[T]) -> Histogram {
    counted(count(values), values.len())
}

/// Returns how many values are in each bucket, and their range.
pub(super) fn count<T: Number>(values: &[T]) -> (Vec<u64>, Range) {
    match T::as_f32(values) {
        Some(values) => Cells::get().count(values),
        None => Table::get().count(values),
    }
}

/// Returns the histogram of `given` values, from the counts of [`count`].
pub(super) fn counted((counts, range): (Vec<u64>, Range), given: usize) -> Histogram {
    if range.count == 0 {
        return Histogram::sorted(Vec::new(), given, range);
    }
    let table = Table::get();
    let (first, last) = (table.bucket(range.min) as usize, table.bucket(range.max) as usize);
    let row = |at: usize| {
        let left = if at == first { range.min } else { table.limits[at - 1] };
        let right = if at == last { range.max } else { table.limits[at] };
        [left, right, counts[at] as f64]
    };
    Histogram::sorted((first..=last).map(row).collect(), given, range)
}

/// The limits, and where to search for a value among them.
struct Table {
    /// 1e-12 · 1.1^k below 1e20 and the greatest double, their negatives, and 0; rising.
    limits: Vec<f64>,
    /// The number of positive limits below 1e20.
    positive: u32,
    /// The cell of the first positive limit.
    start: u64,
    cells: Vec<Cell>,
}

/// Numbers that share their first bits.
#[derive(Clone, Copy)]
struct Cell {
    /// The bits of the first positive limit that is not below the cell. As positive floats and
    /// their bits are in the same order, only this one decides.
    next: u64,
    /// The number of positive limits below the cell.
    below: u32,
}

impl Table {
    fn get() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut positive = Vec::new();
        let mut limit = 1e-12f64;
        while limit < 1e20 {
            positive.push(limit);
            limit *= 1.1;
        }
        let cell_of = |limit: &f64| limit.to_bits() >> CELL_BITS;
        let start = positive.first().map_or(0, cell_of);
        let end = positive.last().map_or(0, cell_of);
        let cell = |cell: u64| {
            let below = positive.partition_point(|limit| cell_of(limit) < cell);
            Cell { next: positive[below].to_bits(), below: below as u32 }
        };
        let cells = (start..=end).map(cell).collect();
        let count = positive.len() as u32;
        positive.push(f64::MAX);
        let negative = positive.iter().rev().map(|limit| -limit);
        let limits = negative.chain([0.0]).chain(positive.iter().copied()).collect();
        Self { limits, positive: count, start, cells }
    }

    /// Returns how many values are in each bucket, and their range.
    fn count<T: Number>(&self, values: &[T]) -> (Vec<u64>, Range) {
        // One more bucket counts the values that are left out.
        let left_out = self.limits.len();
        let mut tally = Tally::new(left_out + 1, values.len());
        let mut indices = [0u32; BLOCK];
        for block in values.chunks(BLOCK) {
            for (index, value) in indices.iter_mut().zip(block) {
                let value = value.to_f64();
                *index = if value.is_finite() { self.bucket(value) } else { left_out as u32 };
            }
            tally.add(&indices[..block.len()]);
        }
        (tally.finish(), Range::of(values))
    }

    /// Returns the bucket of a finite value: the number of limits that are not above it, except
    /// that the greatest double belongs to the last bucket.
    #[inline(always)]
    fn bucket(&self, value: f64) -> u32 {
        // The sum makes a negative zero a positive one.
        let bits = (value + 0.0).to_bits();
        let sign = bits >> 63;
        // For a negative value, count the limits that its size exceeds: those that are not above
        // the float before it.
        let size = (bits & (u64::MAX >> 1)) - sign;
        let cell = (size >> CELL_BITS).saturating_sub(self.start);
        let cell = self.cells[(cell as usize).min(self.cells.len() - 1)];
        let count = cell.below + u32::from(size >= cell.next);
        // Upward from zero or, as `!count` is -count - 1, downward from the bucket below: signs
        // come at random, and a branch on them would be mispredicted half of the time.
        (self.positive + 2).wrapping_add(count ^ 0u32.wrapping_sub(sign as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_are_those_of_tensorflow() {
        let Table { limits, .. } = Table::get();
        // 774 positive ones below 1e20 and the greatest double, the same negative, and zero.
        assert_eq!(limits.len(), 2 * 775 + 1);
        assert!(limits.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(limits[775], 0.0);
        assert_eq!(limits[776], 1e-12);
    }

    /// Finds the bucket without the cells.
    fn searched(value: f64) -> u32 {
        let limits = &Table::get().limits;
        let not_above = limits.partition_point(|&limit| limit <= value);
        not_above.min(limits.len() - 1) as u32
    }

    #[test]
    fn limits_and_their_neighbors_are_found() {
        let table = Table::get();
        for &limit in &table.limits {
            let bits = limit.abs().to_bits();
            for size in [bits.saturating_sub(1), bits, bits + 1].map(f64::from_bits) {
                let value = size.copysign(limit);
                if value.is_finite() {
                    assert_eq!(table.bucket(value), searched(value), "{value}");
                }
            }
        }
        assert_eq!(table.bucket(-0.0), searched(0.0));
    }

    proptest! {
        #[test]
        fn cells_find_what_a_search_finds(value in proptest::num::f64::NORMAL, size in -45i32..70) {
            let near = value.signum() * (1.0 + value.abs().log2().fract().abs()) * 2f64.powi(size);
            for value in [value, near] {
                prop_assert_eq!(Table::get().bucket(value), searched(value));
            }
        }
    }

    #[test]
    fn a_value_on_a_limit_belongs_to_the_bucket_above() {
        let limits = &Table::get().limits;
        let (one, two) = (limits[1000], limits[1001]);
        let histogram = Histogram::exponential(&[one, (one + two) / 2.0, two]);
        assert_eq!(histogram.rows, [[one, two, 2.0], [two, two, 1.0]]);
        let histogram = Histogram::exponential(&[-two, -one]);
        assert_eq!(histogram.rows, [[-two, -one, 1.0], [-one, -one, 1.0]]);
    }

    #[test]
    fn nothing_finite_is_lost() {
        let values =
            [f64::MIN, -1e20, -1e-300, -0.0, 0.0, 5e-324, 1e21, f64::MAX, f64::NAN, f64::INFINITY];
        let histogram = Histogram::exponential(&values);
        let counted: f64 = histogram.buckets().map(|bucket| bucket.count).sum();
        assert_eq!((counted, histogram.count(), histogram.non_finite()), (8.0, 8, 2));
        let rows = &histogram.rows;
        assert_eq!((rows[0][0], rows[rows.len() - 1][1]), (f64::MIN, f64::MAX));
        assert!(rows.windows(2).all(|pair| pair[0][1] == pair[1][0]));
    }
}
