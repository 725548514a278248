//! The buckets of finite values by multiplication, which is several times faster than division.
//!
//! Product and quotient differ by a few roundings. Only where an integer lies so near that these
//! matter, the division of [`Grid::bucket`] decides. Values of `f32` are tried as such first.

use super::Grid;
use crate::summary::Number;
use std::ops::BitOrAssign;

/// With more buckets, too many values of `f32` would lie near an edge.
const MAX_SINGLE: usize = 1024;

/// The constants of the multiplication, in `f64` for all numbers; or for `f32` in `f32`, of which
/// a vector register has twice as many.
pub(super) struct Quick<F> {
    min: F,
    inverse: F,
    /// The middle of the last bucket.
    high: F,
    /// A number that is no further from the middle between two integers surely lies between them.
    sure: F,
}

impl Quick<f64> {
    /// Returns the constants of a grid; `None` if it is too fine or too wide.
    pub(super) fn of(grid: &Grid) -> Option<Self> {
        let inverse = 1.0 / grid.width;
        // They differ by less than two units in the last place: three roundings, of the inverse,
        // of the product and of the quotient. Eight units in the last place of the greatest
        // possible product are four times that, and cover the subtraction of one half.
        let sure = 0.5 - 8.0 * f64::EPSILON * grid.buckets as f64;
        let high = f64::from(grid.last()) + 0.5;
        let usable = inverse.is_normal() && grid.scale == 1.0;
        usable.then_some(Self { min: grid.min, inverse, high, sure })
    }

    /// Finds the buckets of a block.
    #[inline(always)]
    pub(super) fn place<T: Number>(&self, grid: &Grid, block: &[T], indices: &mut [u32]) {
        if !try_place(block, indices, |value| self.one(value.to_f64())) {
            for (index, &value) in indices.iter_mut().zip(block) {
                if self.one(value.to_f64()).1 != 0 {
                    *index = grid.bucket(value.to_f64());
                }
            }
        }
    }
}

impl Quick<f32> {
    /// Returns the constants of a grid; `None` if it is too fine or too wide.
    pub(super) fn of_singles(grid: &Grid) -> Option<Self> {
        let min = grid.min as f32;
        let inverse = (1.0 / grid.width) as f32;
        // Minimum and value are exact, so that their difference is off by one rounding only. With
        // those of the inverse, the product and the subtraction of one half that is four, each of
        // half a unit in the last place; the error of the quotient is negligible beside them. This
        // is twice as much.
        let sure = 0.5 - 4.0 * f32::EPSILON * grid.buckets as f32;
        let high = grid.last() as f32 + 0.5;
        let usable = inverse.is_normal()
            && grid.scale == 1.0
            && grid.buckets <= MAX_SINGLE
            && (grid.max as f32 - min).is_finite();
        usable.then_some(Self { min, inverse, high, sure })
    }

    /// Finds the buckets of a block; returns false if it is not sure of them. Where most values lie
    /// near one edge, such as zero in the middle of a wide range, that is often so.
    #[inline(always)]
    pub(super) fn try_place(&self, block: &[f32], indices: &mut [u32]) -> bool {
        try_place(block, indices, |value| self.one(value))
    }
}

/// Collects doubts as bits, which vector instructions can; a maximum of floats they cannot.
#[inline(always)]
fn try_place<T: Number, D: Copy + Default + PartialEq + BitOrAssign>(
    block: &[T],
    indices: &mut [u32],
    one: impl Fn(T) -> (u32, D),
) -> bool {
    let mut doubts = D::default();
    for (index, &value) in indices.iter_mut().zip(block) {
        let (at, doubt) = one(value);
        doubts |= doubt;
        *index = at;
    }
    doubts == D::default()
}

macro_rules! one {
    ($float:ty, $bits:ty) => {
        impl Quick<$float> {
            /// Returns the integer below the product, and 1 if it may be the wrong one because the
            /// product lies near an integer.
            ///
            /// A number in the lower half of the first bucket or the upper half of the last is
            /// surely in it, so it is moved to where there is no doubt: there may be many zeros.
            #[inline(always)]
            fn one(&self, value: $float) -> (u32, $bits) {
                /// Added to a small number, it leaves the nearest integer in the last bits of the
                /// mantissa. A saturating `as` has no vector instruction on most processors.
                const SHIFT: $float = 0.75 / <$float>::EPSILON * 2.0;
                let number = (value - self.min) * self.inverse;
                let number = if number > 0.5 { number } else { 0.5 };
                let number = if number < self.high { number } else { self.high };
                let middle = number - 0.5;
                let shifted = middle + SHIFT;
                let at = shifted.to_bits().wrapping_sub(SHIFT.to_bits()) as u32;
                (at, <$bits>::from((middle - (shifted - SHIFT)).abs() > self.sure))
            }
        }
    };
}

one!(f32, u32);
one!(f64, u64);
