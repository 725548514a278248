//! One pass over the values, before they are sorted: their range, and how many can be sorted.

use super::wide::{Work, wide};
use crate::summary::Number;

/// Values are handled in blocks, in lanes that a compiler can keep in vector registers. Their
/// number is fixed, so that a sum is the same on every machine.
const LANES: usize = 16;
const BLOCK: usize = 1024;

/// The finite values: minimum, maximum, number, and sums.
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
    pub(super) const EMPTY: Self =
        Self { min: f64::INFINITY, max: f64::NEG_INFINITY, count: 0, sum: 0.0, sum_squares: 0.0 };

    pub(super) fn of<T: Number>(values: &[T]) -> Self {
        wide(Of(values))
    }

    /// Makes the ends positive zeros, if all values are zeros and one of them is positive: those
    /// are their maximum in TensorFlow, from which it takes the edges. A comparison, as of the
    /// passes above, finds no difference between the zeros.
    pub(super) fn with_zero_of<T: Number>(self, values: &[T]) -> Self {
        let is_positive_zero = |value: &T| value.to_f64().to_bits() == 0;
        if self.min == 0.0 && self.max == 0.0 && values.iter().any(is_positive_zero) {
            Self { min: 0.0, max: 0.0, ..self }
        } else {
            self
        }
    }

    /// Returns the range of a block, within a loop of [`Work`].
    #[inline(always)]
    pub(super) fn of_block<T: Number>(block: &[T]) -> Self {
        let quick = Self::of_finite(block);
        // A sum with a term that is not finite is not finite either.
        if quick.sum.is_finite() { quick } else { Self::of_any(block) }
    }

    /// Returns the range of values that are all finite; if one is not, neither is the sum, and the
    /// rest is meaningless.
    #[inline(always)]
    fn of_finite<T: Number>(block: &[T]) -> Self {
        // One after the other: a loop that computes all at once is not compiled to vectors.
        let sum = fold(block, 0.0, |sum, value| sum + value.to_f64());
        let square = |value: T| value.to_f64() * value.to_f64();
        let sum_squares = fold(block, 0.0, |sum, value| sum + square(value));
        let (min, max) = match T::as_f32(block) {
            Some(block) => {
                let min = fold(block, f32::INFINITY, |a, b| if b < a { b } else { a });
                let max = fold(block, f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
                (min.map(f64::from), max.map(f64::from))
            }
            None => {
                let less = |a, b: T| if b.to_f64() < a { b.to_f64() } else { a };
                let more = |a, b: T| if b.to_f64() > a { b.to_f64() } else { a };
                (fold(block, f64::INFINITY, less), fold(block, f64::NEG_INFINITY, more))
            }
        };
        let lane = |lane: usize| Self {
            min: min[lane],
            max: max[lane],
            count: 0,
            sum: sum[lane],
            sum_squares: sum_squares[lane],
        };
        let all = (0..LANES).map(lane).fold(Self::EMPTY, Self::with);
        Self { count: block.len() as u64, ..all }
    }

    #[cold]
    fn of_any<T: Number>(block: &[T]) -> Self {
        let finite = block.iter().map(|value| value.to_f64()).filter(|value| value.is_finite());
        finite.map(Self::one).fold(Self::EMPTY, Self::with)
    }

    #[inline(always)]
    fn one(value: f64) -> Self {
        Self { min: value, max: value, count: 1, sum: value, sum_squares: value * value }
    }

    #[inline(always)]
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            min: if other.min < self.min { other.min } else { self.min },
            max: if other.max > self.max { other.max } else { self.max },
            count: self.count + other.count,
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
        }
    }
}

/// Folds each lane over its own values, in turn.
#[inline(always)]
fn fold<T: Copy, A: Copy>(values: &[T], start: A, with: impl Fn(A, T) -> A) -> [A; LANES] {
    let mut lanes = [start; LANES];
    let groups = values.chunks_exact(LANES);
    for (lane, &value) in lanes.iter_mut().zip(groups.remainder()) {
        *lane = with(*lane, value);
    }
    for group in groups {
        for lane in 0..LANES {
            lanes[lane] = with(lanes[lane], group[lane]);
        }
    }
    lanes
}

/// The values whose range is computed.
struct Of<'a, T>(&'a [T]);

impl<T: Number> Work for Of<'_, T> {
    type Output = Range;

    #[inline(always)]
    fn run(self) -> Range {
        let mut all = Range::EMPTY;
        for block in self.0.chunks(BLOCK) {
            all = all.with(Range::of_block(block));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_not_finite_are_left_out() {
        let mut values =
            vec![f64::NAN, 3.0, f64::INFINITY, -2.0, f64::NEG_INFINITY, 0.5, 1.0, f64::NAN, 0.0];
        for _ in 0..values.len() {
            values.rotate_left(1);
            let range = Range::of(&values);
            assert_eq!((range.min, range.max, range.count), (-2.0, 3.0, 5));
            assert_eq!((range.sum, range.sum_squares), (2.5, 14.25));
        }
        assert_eq!(Range::of(&[f32::NAN; 9]), Range::EMPTY);
    }

    #[test]
    fn blocks_and_lanes_add_up() {
        // Sums of integers are exact in any order.
        for len in [1, 7, 8, 9, 1023, 1024, 1025, 5000] {
            let values: Vec<i32> = (1..=len).collect();
            let (range, n) = (Range::of(&values), f64::from(len));
            assert_eq!((range.min, range.max, range.count), (1.0, n, len as u64));
            assert_eq!(range.sum, n * (n + 1.0) / 2.0);
            assert_eq!(range.sum_squares, n * (n + 1.0) * (2.0 * n + 1.0) / 6.0);
        }
        // With vectors of any width the sums are the same, to the bit.
        let values: Vec<f32> = (0..5000).map(|n| (n as f32).sin()).collect();
        assert_eq!(Range::of(&values), Of(&values).run());
        // A sum that overflows does not hide where the values lie.
        let range = Range::of(&[f64::MAX, f64::MAX, -1.0]);
        assert_eq!((range.min, range.max, range.count), (-1.0, f64::MAX, 3));
    }

    #[test]
    fn sums_of_single_precision_are_double() {
        let range = Range::of(&[16_777_216f32, 1.0]);
        assert_eq!((range.sum, range.sum_squares), (16_777_217.0, 281_474_976_710_657.0));
    }
}
