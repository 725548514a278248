//! One pass over the values, before they are sorted: where they lie and how many can be sorted.

use super::Number;

/// Sums run in so many lanes, which a compiler can keep in vector registers. The number is fixed,
/// so that a sum is the same on every machine.
const LANES: usize = 4;

/// The finite values: the least, the greatest, how many, and their sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) sum_squares: f64,
}

impl Range {
    /// Without values `min` is above `max`.
    const EMPTY: Self =
        Self { min: f64::INFINITY, max: f64::NEG_INFINITY, count: 0, sum: 0.0, sum_squares: 0.0 };

    pub(super) fn of<T: Number>(values: &[T]) -> Self {
        let mut lanes = [Self::EMPTY; LANES];
        let blocks = values.chunks_exact(LANES);
        let rest = blocks.remainder();
        for block in blocks {
            for (lane, value) in lanes.iter_mut().zip(block) {
                lane.add(value.to_f64());
            }
        }
        for (lane, value) in lanes.iter_mut().zip(rest) {
            lane.add(value.to_f64());
        }
        lanes.iter().fold(Self::EMPTY, |all, lane| Self {
            min: if lane.min < all.min { lane.min } else { all.min },
            max: if lane.max > all.max { lane.max } else { all.max },
            count: all.count + lane.count,
            sum: all.sum + lane.sum,
            sum_squares: all.sum_squares + lane.sum_squares,
        })
    }

    /// Selections in place of branches, which a compiler can vectorise.
    #[inline(always)]
    fn add(&mut self, value: f64) {
        let finite = value.is_finite();
        let low = if finite { value } else { f64::INFINITY };
        let high = if finite { value } else { f64::NEG_INFINITY };
        let term = if finite { value } else { 0.0 };
        self.min = if low < self.min { low } else { self.min };
        self.max = if high > self.max { high } else { self.max };
        self.count += u64::from(finite);
        self.sum += term;
        self.sum_squares += term * term;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_left_out() {
        let mut values = vec![f64::NAN, 3.0, f64::INFINITY, -2.0, f64::NEG_INFINITY, 0.5, 1.0];
        for _ in 0..values.len() {
            values.rotate_left(1);
            let range = Range::of(&values);
            assert_eq!((range.min, range.max, range.count), (-2.0, 3.0, 4));
            assert_eq!((range.sum, range.sum_squares), (2.5, 14.25));
        }
        assert_eq!(Range::of(&[f32::NAN; 9]), Range::EMPTY);
    }

    #[test]
    fn sums_of_single_precision_are_double() {
        let range = Range::of(&[16_777_216f32, 1.0]);
        assert_eq!((range.sum, range.sum_squares), (16_777_217.0, 281_474_976_710_657.0));
    }
}
