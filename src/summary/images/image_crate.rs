//! Images of the `image` crate.

use super::{Image, ImageError, ImageLayout, PixelValue};
use image::{DynamicImage, ImageBuffer, Pixel};
use std::ops::Deref;

/// The pixels of an image; 16 bits and floats become bytes as described at [`PixelValue`], pixels
/// of kinds that the `image` crate may add become RGBA. Needs the feature `image`.
///
/// ```
/// use image::DynamicImage;
/// use tfevents::Image;
///
/// let picture = DynamicImage::new_rgb8(64, 48); // such as image::open("cat.jpg")?
/// let image = Image::try_from(&picture)?;
/// assert_eq!((image.width(), image.height()), (64, 48));
/// # Ok::<(), tfevents::summary::ImageError>(())
/// ```
impl TryFrom<&DynamicImage> for Image {
    type Error = ImageError;

    fn try_from(picture: &DynamicImage) -> Result<Self, ImageError> {
        match picture {
            DynamicImage::ImageLuma8(pixels) => pixels.try_into(),
            DynamicImage::ImageLumaA8(pixels) => pixels.try_into(),
            DynamicImage::ImageRgb8(pixels) => pixels.try_into(),
            DynamicImage::ImageRgba8(pixels) => pixels.try_into(),
            DynamicImage::ImageLuma16(pixels) => pixels.try_into(),
            DynamicImage::ImageLumaA16(pixels) => pixels.try_into(),
            DynamicImage::ImageRgb16(pixels) => pixels.try_into(),
            DynamicImage::ImageRgba16(pixels) => pixels.try_into(),
            DynamicImage::ImageRgb32F(pixels) => pixels.try_into(),
            DynamicImage::ImageRgba32F(pixels) => pixels.try_into(),
            other => (&other.to_rgba8()).try_into(),
        }
    }
}

/// The pixels of a buffer, of one to four channels. Needs the feature `image`.
///
/// ```
/// use image::{GrayImage, Luma};
/// use tfevents::Image;
///
/// let gradient = GrayImage::from_fn(256, 16, |x, _| Luma([x as u8]));
/// let image = Image::try_from(&gradient)?;
/// # Ok::<(), tfevents::summary::ImageError>(())
/// ```
impl<P, C> TryFrom<&ImageBuffer<P, C>> for Image
where
    P: Pixel<Subpixel: PixelValue>,
    C: Deref<Target = [P::Subpixel]>,
{
    type Error = ImageError;

    fn try_from(picture: &ImageBuffer<P, C>) -> Result<Self, ImageError> {
        let [width, height] = [picture.width(), picture.height()].map(|side| side as usize);
        let samples: &[P::Subpixel] = picture;
        // A container may be longer than its picture.
        let used = width * height * usize::from(P::CHANNEL_COUNT);
        let samples = samples.get(..used).unwrap_or(samples);
        Self::from_array(ImageLayout::Hwc, [height, width, P::CHANNEL_COUNT.into()], samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgb, Rgb32FImage, RgbImage, Rgba};

    #[test]
    fn pictures_of_every_kind() {
        let of = |picture: DynamicImage| Image::try_from(&picture).unwrap();
        let bytes: Vec<u8> = (0..24).collect();
        let rgb = RgbImage::from_raw(4, 2, bytes.clone()).unwrap();
        assert_eq!(of(rgb.into()), Image::rgb8(4, 2, &bytes).unwrap());
        let gray = GrayImage::from_raw(8, 3, bytes.clone()).unwrap();
        assert_eq!(of(gray.into()), Image::gray8(8, 3, &bytes).unwrap());
        let rgba = ImageBuffer::<Rgba<u8>, _>::from_raw(2, 3, bytes.clone()).unwrap();
        assert_eq!(of(rgba.into()), Image::rgba8(2, 3, &bytes).unwrap());
        let alpha = DynamicImage::new_luma_a8(2, 1);
        assert_eq!(of(alpha), Image::gray_alpha8(2, 1, &[0; 4]).unwrap());
        let words: Vec<u16> = bytes.iter().map(|&byte| u16::from(byte) << 8 | 0xff).collect();
        let deep = ImageBuffer::<Luma<u16>, _>::from_raw(8, 3, words).unwrap();
        assert_eq!(of(deep.into()), Image::gray8(8, 3, &bytes).unwrap());
        let float = Rgb32FImage::from_pixel(1, 1, Rgb([0.0, 0.5, 2.0]));
        assert_eq!(of(float.into()), Image::rgb8(1, 1, &[0, 127, 255]).unwrap());
    }

    #[test]
    fn borrowed_and_empty_buffers() {
        // Borrowed, and longer than the picture.
        let bytes = [1u8, 2, 3, 4, 5, 6, 7, 8];
        let longer = ImageBuffer::<Rgb<u8>, _>::from_raw(2, 1, &bytes[..]).unwrap();
        assert_eq!(Image::try_from(&longer), Image::rgb8(2, 1, &bytes[..6]));
        let empty = GrayImage::new(0, 7);
        let error = Image::try_from(&empty).unwrap_err();
        assert_eq!(error, ImageError::Size { width: 0, height: 7 });
    }
}
