//! The exponential buckets of `f32`, by one lookup each.
//!
//! The tests compare it with the search in `f64`, for every cell.

use super::Table;
use crate::summary::histograms::range::Range;
use crate::summary::histograms::tally::Tally;
use crate::summary::histograms::wide::{Work, wide};
use std::sync::OnceLock;

/// Values are handled in blocks that fit the fastest cache.
const BLOCK: usize = 1024;
/// A cell is all keys of one sign, exponent and first four bits of the mantissa, so that at most
/// one limit lies in a cell: see [`Table`].
const CELLS: usize = 1 << 13;
const CELL_BITS: u32 = 32 - 13;
/// The bits of a cell's entry below the bucket's number: one more than the key has below the cell.
const BUCKET_BITS: u32 = CELL_BITS + 1;

/// For each cell the bucket of its first key; and in the bits below a number such that its sum with
/// the key's low bits carries into the bucket, from the limit on that lies in the cell.
pub(super) struct Cells(Box<[u32; CELLS]>);

/// Returns the bits of a float, in the order of the numbers.
#[inline(always)]
fn key(bits: u32) -> u32 {
    bits ^ ((bits as i32 >> 31) as u32 | 1 << 31)
}

/// Returns the float of a key.
fn value(key: u32) -> f32 {
    f32::from_bits(key ^ ((!key as i32 >> 31) as u32 | 1 << 31))
}

impl Cells {
    pub(super) fn get() -> &'static Self {
        static CELLS: OnceLock<Cells> = OnceLock::new();
        CELLS.get_or_init(|| Self::new(Table::get()))
    }

    fn new(table: &Table) -> Self {
        // Values that are not finite have a bucket behind the others; no cell mixes them with
        // finite ones.
        let bucket = |key: u32| {
            let value = f64::from(value(key));
            if value.is_finite() { table.bucket(value) } else { table.limits.len() as u32 }
        };
        let mut cells = Box::new([0; CELLS]);
        for (at, cell) in cells.iter_mut().enumerate() {
            let first = (at as u32) << CELL_BITS;
            let (mut low, mut high) = (0, (1 << CELL_BITS) - 1);
            *cell = bucket(first) << BUCKET_BITS;
            if bucket(first) != bucket(first + high) {
                // The last key of the lower bucket, and the first of the upper one.
                while high - low > 1 {
                    let middle = (low + high) / 2;
                    let lower = bucket(first + middle) == bucket(first);
                    *(if lower { &mut low } else { &mut high }) = middle;
                }
                *cell += (1 << BUCKET_BITS) - high;
            }
        }
        Self(cells)
    }

    #[inline(always)]
    fn bucket(&self, value: f32) -> u32 {
        let key = key(value.to_bits());
        let cell = self.0[(key >> CELL_BITS) as usize];
        (cell + (key & ((1 << CELL_BITS) - 1))) >> BUCKET_BITS
    }

    /// Returns how many values are in each bucket, and their range.
    pub(super) fn count(&self, values: &[f32]) -> (Vec<u64>, Range) {
        wide(Count { cells: self, values })
    }
}

struct Count<'a> {
    cells: &'a Cells,
    values: &'a [f32],
}

impl Work for Count<'_> {
    type Output = (Vec<u64>, Range);

    #[inline(always)]
    fn run(self) -> Self::Output {
        let mut tally = Tally::new(Table::get().limits.len() + 1, self.values.len());
        let mut range = Range::EMPTY;
        let mut indices = [0u32; BLOCK];
        // One pass over the memory for both.
        for block in self.values.chunks(BLOCK) {
            range = range.with(Range::of_block(block));
            for (index, &value) in indices.iter_mut().zip(block) {
                *index = self.cells.bucket(value);
            }
            tally.add(&indices[..block.len()]);
        }
        (tally.finish(), range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_numbers() {
        let numbers = [f32::NEG_INFINITY, f32::MIN, -1.0, -1e-45, -0.0, 0.0, 1e-45, 1.0, f32::MAX];
        let keys: Vec<_> = numbers.iter().map(|number| key(number.to_bits())).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(keys.iter().zip(numbers).all(|(&key, n)| value(key).to_bits() == n.to_bits()));
    }

    /// Both are steps that only rise: if they agree at the ends of each cell and around each step
    /// in it, they agree on all floats.
    #[test]
    fn every_float_is_where_a_search_finds_it() {
        let (cells, limits) = (Cells::get(), &Table::get().limits);
        let searched = |value: f32| {
            let value = f64::from(value);
            let not_above = limits.partition_point(|&limit| limit <= value);
            not_above.min(limits.len() - 1) as u32
        };
        let (mut steps, mut finite) = (0, 0);
        for at in 0..CELLS as u32 {
            let first = at << CELL_BITS;
            let last = first + ((1 << CELL_BITS) - 1);
            assert_eq!(value(first).is_finite(), value(last).is_finite());
            if !value(first).is_finite() {
                for key in [first, first + 1, last] {
                    assert_eq!(cells.bucket(value(key)), limits.len() as u32);
                }
                continue;
            }
            finite += 1;
            let (mut below, mut above) = (first, last);
            if searched(value(first)) != searched(value(last)) {
                assert_eq!(searched(value(first)) + 1, searched(value(last)));
                while above - below > 1 {
                    let middle = below + (above - below) / 2;
                    let lower = searched(value(middle)) == searched(value(first));
                    *(if lower { &mut below } else { &mut above }) = middle;
                }
                steps += 1;
            }
            for key in [first, first + 1, below, above, last - 1, last] {
                assert_eq!(cells.bucket(value(key)), searched(value(key)), "{}", value(key));
            }
        }
        // All limits but the greatest doubles lie within the floats.
        assert_eq!((steps, finite), (limits.len() - 2, 2 * 255 * 16));
    }

    #[test]
    fn every_kind_of_float_is_counted() {
        let values: Vec<f32> = (0..3_000_000u32)
            .map(|n| f32::from_bits(n.wrapping_mul(2_654_435_761)))
            .chain([f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0])
            .collect();
        let (counts, range) = Cells::get().count(&values);
        let table = Table::get();
        let mut expected = vec![0u64; table.limits.len() + 1];
        for &value in &values {
            let finite = value.is_finite();
            let at = if finite { table.bucket(value.into()) as usize } else { table.limits.len() };
            expected[at] += 1;
        }
        assert_eq!(counts, expected);
        assert_eq!(range, Range::of(&values));
        let narrow = Count { cells: Cells::get(), values: &values }.run();
        assert_eq!((narrow.0, narrow.1), (counts, range));
    }
}
