//! Numbers that are the brightness of a channel.

/// A value of one channel: `u8`, `u16`, or a float between 0 and 1.
///
/// They become bytes as in TensorFlow's `convert_image_dtype` with `saturate`: a `u16` loses its
/// low byte; a float is taken times 255.5, cut off and clamped, NaN is 0.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::{ImageError, PixelValue, ImageLayout};
///
/// /// A square image of any of them.
/// fn square(side: usize, values: &[impl PixelValue]) -> Result<Image, ImageError> {
///     Image::from_array(ImageLayout::Hwc, [side, side, 1], values)
/// }
///
/// assert_eq!(square(1, &[0.5f32])?, square(1, &[127u8])?);
/// assert_eq!(square(1, &[0.5f64])?, square(1, &[0x7fffu16])?);
/// # Ok::<(), ImageError>(())
/// ```
pub trait PixelValue: sealed::PixelValue {}

impl PixelValue for u8 {}
impl PixelValue for u16 {}
impl PixelValue for f32 {}
impl PixelValue for f64 {}

pub(in crate::summary) mod sealed {
    pub trait PixelValue: Copy {
        fn to_byte(self) -> u8;
    }

    impl PixelValue for u8 {
        fn to_byte(self) -> u8 {
            self
        }
    }

    impl PixelValue for u16 {
        fn to_byte(self) -> u8 {
            (self >> 8) as u8
        }
    }

    // A cast from a float cuts off, clamps, and makes 0 of NaN.
    impl PixelValue for f32 {
        fn to_byte(self) -> u8 {
            (self * 255.5) as u8
        }
    }

    impl PixelValue for f64 {
        fn to_byte(self) -> u8 {
            (self * 255.5) as u8
        }
    }
}
