//! The numbers that can be logged, and what counts as a step.

/// A number, or a truth value, that can be logged.
///
/// Implemented for every primitive number and `bool` (true is 1). Scalars are stored as `f32`,
/// because TensorBoard's data server drops doubles: an `f64` or a large integer is rounded to the
/// nearest `f32`, and to an infinity beyond its range.
///
/// ```
/// use tfevents::summary::Number;
///
/// assert_eq!(0.1f64.to_f32(), 0.1f32);
/// assert_eq!(true.to_f32(), 1.0);
/// assert_eq!(7usize.to_f64(), 7.0);
/// ```
pub trait Number: Copy {
    /// The nearest `f32`.
    fn to_f32(self) -> f32;
    /// The nearest `f64`.
    fn to_f64(self) -> f64;
    /// The same numbers, if they are `f32`: for code that is quicker with those.
    #[doc(hidden)]
    fn as_f32(_values: &[Self]) -> Option<&[f32]> {
        None
    }
}

/// A step: any integer.
///
/// TensorBoard's steps are `i64`. What lies outside saturates at `i64::MIN` or `i64::MAX`. The
/// browser shows steps beyond 2^53 rounded.
///
/// ```
/// use tfevents::summary::Step;
///
/// assert_eq!(3usize.to_step(), 3);
/// assert_eq!(u64::MAX.to_step(), i64::MAX);
/// ```
pub trait Step: Copy {
    /// The step as TensorBoard counts.
    fn to_step(self) -> i64;
}

macro_rules! numbers {
    ($($number:ty $({ $($own:tt)* })?)*) => {$(
        impl Number for $number {
            $($($own)*)?
            #[inline]
            fn to_f32(self) -> f32 {
                self as f32
            }
            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}

macro_rules! steps {
    ($($integer:ty)*) => {$(
        impl Step for $integer {
            #[inline]
            fn to_step(self) -> i64 {
                // Only a negative number can lie below the range.
                #[allow(unused_comparisons, irrefutable_let_patterns)]
                i64::try_from(self).unwrap_or(if self < 0 { i64::MIN } else { i64::MAX })
            }
        }
    )*};
}

numbers!(f32 {
    #[inline]
    fn as_f32(values: &[Self]) -> Option<&[f32]> {
        Some(values)
    }
} f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
steps!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Number for bool {
    #[inline]
    fn to_f32(self) -> f32 {
        f32::from(u8::from(self))
    }
    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
}

/// So that an iterator over a slice can be collected.
impl<T: Number> Number for &T {
    #[inline]
    fn to_f32(self) -> f32 {
        (*self).to_f32()
    }
    #[inline]
    fn to_f64(self) -> f64 {
        (*self).to_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_saturate() {
        assert_eq!(i128::MIN.to_step(), i64::MIN);
        assert_eq!(i128::MAX.to_step(), i64::MAX);
        assert_eq!(usize::MAX.to_step(), i64::try_from(usize::MAX).unwrap_or(i64::MAX));
        assert_eq!((-3i8).to_step(), -3);
        assert_eq!(u64::MAX.to_step(), i64::MAX);
    }
}
