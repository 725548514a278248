//! Images from arrays, in the orders and number types that frameworks use.

use super::{Image, ImageData, ImageError};
use crate::summary::Number;
use crate::system::warn_once;
use std::borrow::Cow;
use std::sync::Arc;

/// The order of the values in an array of pixels.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::ImageLayout;
///
/// let pixels = Image::from_array(ImageLayout::Hwc, [1, 2, 3], &[1u8, 2, 3, 4, 5, 6])?;
/// let planes = Image::from_array(ImageLayout::Chw, [3, 1, 2], &[1u8, 4, 2, 5, 3, 6])?;
/// assert_eq!(pixels, planes);
/// # Ok::<(), tfevents::summary::ImageError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias("dataformats"))]
pub enum ImageLayout {
    /// Height, width, channels: pixel by pixel.
    Hwc,
    /// Channels, height, width: plane by plane.
    Chw,
}

/// A value of one channel: `u8`, `u16`, or a float between 0 and 1.
///
/// They become bytes as in TensorFlow's `convert_image_dtype` with `saturate`: a `u16` loses its
/// low byte; a float is multiplied by 255.5, truncated and clamped, NaN is 0.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::{ImageError, PixelValue, ImageLayout};
///
/// /// A square image of values of any such type.
/// fn square(side: usize, values: &[impl PixelValue]) -> Result<Image, ImageError> {
///     Image::from_array(ImageLayout::Hwc, [side, side, 1], values)
/// }
///
/// assert_eq!(square(1, &[0.5f32])?, square(1, &[127u8])?);
/// assert_eq!(square(1, &[0.5f64])?, square(1, &[0x7fffu16])?);
/// # Ok::<(), ImageError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the value of a pixel",
    label = "neither `u8`, `u16`, `f32` nor `f64`",
    note = "convert other integers to `u8` (0 to 255) or `u16`, or scale them to floats from 0 to 1",
    note = "for numbers of any range use `HeatMap`, which scales them to colors"
)]
pub trait PixelValue: sealed::PixelValue {}

impl PixelValue for u8 {}
impl PixelValue for u16 {}
impl PixelValue for f32 {}
impl PixelValue for f64 {}

/// The bytes of pixels: a `Vec<u8>` or a `Cow`, which are not copied, a slice or an array.
///
/// The trait is sealed.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::{ImageError, PixelBytes};
///
/// fn square<'p>(side: usize, pixels: impl PixelBytes<'p>) -> Result<Image, ImageError> {
///     Image::rgb8(side, side, pixels)
/// }
///
/// assert_eq!(square(1, vec![255, 0, 0])?, square(1, &[255, 0, 0])?);
/// # Ok::<(), ImageError>(())
/// ```
///
/// Floats are no bytes:
///
/// ```compile_fail,E0277
/// tfevents::Image::gray8(1, 1, &[0.5f32]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the bytes of pixels",
    label = "neither a slice nor a vector of `u8`",
    note = "for other numbers, such as floats from 0 to 1, use `Image::from_array`",
    note = "pass an array or a vector by reference, or a vector by value"
)]
pub trait PixelBytes<'p>: sealed::PixelBytes<'p> {}

macro_rules! pixel_bytes {
    ($([$($generics:tt)*] $bytes:ty,)*) => {$(
        impl<'p, $($generics)*> PixelBytes<'p> for $bytes {}
        impl<'p, $($generics)*> sealed::PixelBytes<'p> for $bytes {
            fn into_bytes(self) -> Cow<'p, [u8]> {
                self.into()
            }
        }
    )*};
}

pixel_bytes! {
    [] &'p [u8],
    [const N: usize] &'p [u8; N],
    [] &'p Vec<u8>,
    [] Vec<u8>,
    [] Cow<'p, [u8]>,
}

pub(in crate::summary) mod sealed {
    use std::borrow::Cow;

    pub trait PixelBytes<'p> {
        fn into_bytes(self) -> Cow<'p, [u8]>;
    }

    pub trait PixelValue: Copy {
        fn to_byte(self) -> u8;

        /// Whether the value is clamped to its range, by more than a rounding error.
        fn is_outside(self) -> bool {
            false
        }
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

    // A cast from a float truncates, clamps, and makes 0 of NaN.
    impl PixelValue for f32 {
        fn to_byte(self) -> u8 {
            (self * 255.5) as u8
        }

        fn is_outside(self) -> bool {
            !(-0.01..=1.01).contains(&self)
        }
    }

    impl PixelValue for f64 {
        fn to_byte(self) -> u8 {
            (self * 255.5) as u8
        }

        fn is_outside(self) -> bool {
            !(-0.01..=1.01).contains(&self)
        }
    }
}

impl Image {
    /// Creates an image from an array of bytes, of `u16`, or of floats between 0 and 1, with its
    /// shape in the order of `layout`. [`PixelValue`] describes how they become bytes.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::ImageLayout;
    ///
    /// let planes = [0.0f32, 1.0, 0.5, 0.5, 1.0, 0.0]; // red, green, blue of two pixels
    /// let image = Image::from_array(ImageLayout::Chw, [3, 1, 2], &planes)?;
    /// assert_eq!((image.width(), image.height()), (2, 1));
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// Floats outside 0 to 1 are clamped; if they are many, a warning is logged once. For values of
    /// any range there is [`normalized`](Self::normalized).
    ///
    /// # Errors
    /// If a side is zero, the channels are not 1 to 4, or the length does not match.
    pub fn from_array<T: PixelValue>(
        layout: ImageLayout,
        shape: [usize; 3],
        values: &[T],
    ) -> Result<Self, ImageError> {
        let image = Self::clamped(layout, shape, values)?;
        warn_if_clamped(values);
        Ok(image)
    }

    /// Creates an image as [`from_array`](Self::from_array) does, for values that are expected to
    /// be clamped.
    pub(crate) fn clamped<T: PixelValue>(
        layout: ImageLayout,
        shape: [usize; 3],
        values: &[T],
    ) -> Result<Self, ImageError> {
        let size = Size::new(layout, shape, 1, values.len())?;
        Ok(size.image(layout, values))
    }

    /// Creates an image from an array of numbers in any range: their minimum becomes black, their
    /// maximum white. Its shape is in the order of `layout`.
    ///
    /// Values that are not finite do not count for the range; infinities are black or white, NaN is
    /// black. If all values are equal, all pixels are black.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::ImageLayout;
    ///
    /// let standardized = [-2.0f32, 0.0, 0.5, 2.0]; // such as an input of a network
    /// let image = Image::normalized(ImageLayout::Hwc, [2, 2, 1], &standardized)?;
    /// assert_eq!(image, Image::gray8(2, 2, &[0, 127, 159, 255])?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`from_array`](Self::from_array).
    #[doc(alias("rescale"))]
    pub fn normalized<T: Number>(
        layout: ImageLayout,
        shape: [usize; 3],
        values: &[T],
    ) -> Result<Self, ImageError> {
        let size = Size::new(layout, shape, 1, values.len())?;
        let values: Vec<f64> = values.iter().map(|value| value.to_f64()).collect();
        let scale = Scale::of(values.iter().copied());
        let values: Vec<f64> = values.into_iter().map(|value| scale.apply(value)).collect();
        Ok(size.image(layout, &values))
    }

    /// Creates an image as [`normalized`](Self::normalized) does, with a range for each channel: for
    /// inputs that were standardized by channel.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::ImageLayout;
    ///
    /// let planes = [-1.0, 1.0, 0.0, 8.0, 5.0, 4.0]; // red, green, blue of two pixels
    /// let image = Image::normalized_per_channel(ImageLayout::Chw, [3, 1, 2], &planes)?;
    /// assert_eq!(image, Image::rgb8(2, 1, &[0, 0, 255, 255, 255, 0])?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`from_array`](Self::from_array).
    pub fn normalized_per_channel<T: Number>(
        layout: ImageLayout,
        shape: [usize; 3],
        values: &[T],
    ) -> Result<Self, ImageError> {
        let size = Size::new(layout, shape, 1, values.len())?;
        let mut values: Vec<f64> = values.iter().map(|value| value.to_f64()).collect();
        let channels = usize::from(size.channels);
        let plane = values.len() / channels;
        for channel in 0..channels {
            let (start, step, len) = match layout {
                ImageLayout::Hwc => (channel, channels, values.len() - channel),
                ImageLayout::Chw => (channel * plane, 1, plane),
            };
            let scale = Scale::of(values[start..][..len].iter().step_by(step).copied());
            let channel = values[start..][..len].iter_mut().step_by(step);
            channel.for_each(|value| *value = scale.apply(*value));
        }
        Ok(size.image(layout, &values))
    }

    /// Creates a batch from several images of one size in one array; their number is the first in
    /// its shape.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::ImageLayout;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let inputs = vec![0.5f32; 8 * 3 * 32 * 32];
    /// let batch = Image::batch_from_array(ImageLayout::Chw, [8, 3, 32, 32], &inputs)?;
    /// writer.add_image("inputs", &batch, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`from_array`](Self::from_array), and if there is no image.
    pub fn batch_from_array<T: PixelValue>(
        layout: ImageLayout,
        shape: [usize; 4],
        values: &[T],
    ) -> Result<Self, ImageError> {
        let [count, shape @ ..] = shape;
        let size = Size::new(layout, shape, count, values.len())?;
        if count == 0 {
            return Err(ImageError::EmptyBatch);
        }
        let images: Vec<_> = values
            .chunks_exact(values.len() / count)
            .map(|values| size.image(layout, values))
            .collect();
        warn_if_clamped(values);
        Self::batch(&images)
    }

    /// Creates an image from bytes in the order that is stored. The shape is height, width,
    /// channels.
    pub(super) fn bytes(shape: [usize; 3], bytes: Cow<'_, [u8]>) -> Result<Self, ImageError> {
        let size = Size::new(ImageLayout::Hwc, shape, 1, bytes.len())?;
        Ok(size.pixels(bytes.into_owned()))
    }
}

/// A linear map of a range of numbers to 0 to 1.
struct Scale {
    min: f64,
    max: f64,
}

impl Scale {
    /// Returns the map of the range of the finite values.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let range =
            |Self { min, max }, value: f64| Self { min: value.min(min), max: value.max(max) };
        let finite = values.filter(|value: &f64| value.is_finite());
        finite.fold(Self { min: f64::INFINITY, max: f64::NEG_INFINITY }, range)
    }

    fn apply(&self, value: f64) -> f64 {
        // Halved, so that the difference of two large numbers is finite.
        let half = self.max / 2.0 - self.min / 2.0;
        if half > 0.0 { (value / 2.0 - self.min / 2.0) / half } else { 0.0 }
    }
}

/// Returns how many of these values are clamped, if they are more than a twentieth.
fn many_clamped<T: PixelValue>(values: &[T]) -> Option<usize> {
    let clamped = values.iter().filter(|value| value.is_outside()).count();
    (clamped > values.len() / 20).then_some(clamped)
}

/// Logs a warning, once, if many of these values are clamped.
fn warn_if_clamped<T: PixelValue>(values: &[T]) {
    if let Some(clamped) = many_clamped(values) {
        warn_once("clamped image", || {
            format!(
                "{clamped} of the {} values of an image are outside 0 to 1 and clamped: \
                 Image::normalized scales values of any range",
                values.len()
            )
        });
    }
}

/// The checked size of an image.
struct Size {
    width: u32,
    height: u32,
    channels: u8,
}

impl Size {
    /// Checks the size of `count` images in an array of `given` values.
    fn new(
        layout: ImageLayout,
        shape: [usize; 3],
        count: usize,
        given: usize,
    ) -> Result<Self, ImageError> {
        let [height, width, channels] = match layout {
            ImageLayout::Hwc => shape,
            ImageLayout::Chw => [shape[1], shape[2], shape[0]],
        };
        let side =
            |side: usize| u32::try_from(side).ok().filter(|&side| side != 0 && side >> 31 == 0);
        let (Some(w), Some(h)) = (side(width), side(height)) else {
            return Err(ImageError::Size { width, height });
        };
        if !(1..=4).contains(&channels) {
            return Err(ImageError::Channels { given: channels });
        }
        let sizes = [height, width, channels];
        let needed = sizes.iter().try_fold(count, |product, &size| product.checked_mul(size));
        if needed != Some(given) {
            return Err(ImageError::Length { width, height, channels, images: count, given });
        }
        Ok(Self { width: w, height: h, channels: channels as u8 })
    }

    /// Creates one image of this size from as many values as it needs.
    fn image<T: PixelValue>(&self, layout: ImageLayout, values: &[T]) -> Image {
        let channels = usize::from(self.channels);
        let mut bytes = vec![0; values.len()];
        match layout {
            ImageLayout::Hwc => {
                bytes.iter_mut().zip(values).for_each(|(byte, v)| *byte = v.to_byte())
            }
            ImageLayout::Chw => {
                for (channel, plane) in values.chunks_exact(values.len() / channels).enumerate() {
                    let targets = bytes[channel..].iter_mut().step_by(channels);
                    targets.zip(plane).for_each(|(byte, v)| *byte = v.to_byte());
                }
            }
        }
        self.pixels(bytes)
    }

    /// Creates one image of this size from bytes in the order that is stored.
    fn pixels(&self, bytes: Vec<u8>) -> Image {
        let &Self { width, height, channels } = self;
        let sample = ImageData::Pixels { width, height, channels, bytes };
        Image { width, height, samples: [Arc::new(sample)].into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_clamped_values_are_noticed_and_few_or_rounded_ones_are_not() {
        let with = |outside: usize, value: f32| {
            let mut values = vec![0.5; 100];
            values[..outside].fill(value);
            values
        };
        assert_eq!(many_clamped(&with(6, 2.0)), Some(6));
        assert_eq!(many_clamped(&with(6, -1.0)), Some(6));
        assert_eq!(many_clamped(&with(6, f32::NAN)), Some(6));
        assert_eq!(many_clamped(&with(5, 2.0)), None);
        assert_eq!(many_clamped(&with(100, 1.000001)), None);
        assert_eq!(many_clamped(&[-0.000001f64; 100]), None);
        assert_eq!(many_clamped(&[u16::MAX; 100]), None);
    }
}
