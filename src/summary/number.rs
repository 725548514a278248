//! The numbers that can be logged, and steps.

/// A number, or a truth value, that can be logged.
///
/// Implemented for every primitive number and `bool` (true is 1), and with the feature `half` for
/// `f16` and `bf16`; the trait is sealed. Scalars are stored as `f32`, because TensorBoard's data
/// server drops doubles: an `f64` or a large integer is rounded to the nearest `f32`, and to an
/// infinity beyond its range.
///
/// ```
/// use tfevents::summary::Number;
///
/// assert_eq!(0.1f64.to_f32(), 0.1f32);
/// assert_eq!(true.to_f32(), 1.0);
/// assert_eq!(7usize.to_f64(), 7.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number that can be logged",
    label = "not a number",
    note = "for many numbers use `add_histogram`, with nested vectors flattened (`rows.concat()`); of an `Option` log the value, if there is one",
    note = "for a tensor of one element, get the element: `tensor.into_scalar()` of burn, `tensor.to_scalar::<f32>()?` of candle; or use the crates `tfevents-burn` and `tfevents-candle`",
    note = "`f16` and `bf16` need the feature `half`"
)]
pub trait Number: Copy + sealed::Number {
    /// Returns the nearest `f32`.
    fn to_f32(self) -> f32;
    /// Returns the nearest `f64`.
    fn to_f64(self) -> f64;
}

/// A step: any integer.
///
/// TensorBoard's steps are `i64`: larger and smaller ones saturate at `i64::MAX` and `i64::MIN`.
/// The page shows steps beyond 2^53 rounded. The trait is sealed.
///
/// ```
/// use tfevents::summary::Step;
///
/// assert_eq!(3usize.to_step(), 3);
/// assert_eq!(u64::MAX.to_step(), i64::MAX);
/// ```
///
/// A float is no step; turn it into an integer first:
///
/// ```compile_fail,E0277
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a step",
    label = "not an integer",
    note = "every value has a step, an integer: count batches or epochs; turn a float into one (`step as i64`)"
)]
#[doc(alias("global_step"))]
pub trait Step: Copy + sealed::Step {
    /// Returns the step as TensorBoard stores it.
    fn to_step(self) -> i64;
}

pub(in crate::summary) mod sealed {
    pub trait Number: Sized {
        /// Returns the same numbers if they are `f32`, for code that is quicker with those.
        fn as_f32(_values: &[Self]) -> Option<&[f32]> {
            None
        }
    }

    pub trait Step {}
}

macro_rules! numbers {
    ($($number:ty $({ $($own:tt)* })?)*) => {$(
        impl sealed::Number for $number {
            $($($own)*)?
        }
        impl Number for $number {
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
        impl sealed::Step for $integer {}
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

impl sealed::Number for bool {}
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

impl<T: Number> sealed::Number for &T {}
/// Implemented so that an iterator over a slice can be collected into a histogram.
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
