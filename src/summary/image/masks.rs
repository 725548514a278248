//! Masks over an image: where something is, and of which class.

use super::canvas::{Canvas, Pixels};
use super::colors::class_color;
use super::{Image, ImageError};

impl Image {
    /// The same with a color laid over the pixels for which `mask` is true, row by row. `opacity`
    /// goes from 0 (clear) to 1. Gray images become RGB.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// let image = Image::gray8(2, 1, &[100, 100])?;
    /// let masked = image.with_mask(&[true, false], [200, 0, 0], 0.5)?;
    /// assert_eq!(masked, Image::rgb8(2, 1, &[150, 50, 50, 100, 100, 100])?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If there is not one value per pixel, the opacity is not in 0 to 1, or the image is a batch
    /// or an encoded file.
    pub fn with_mask(
        &self,
        mask: &[bool],
        color: [u8; 3],
        opacity: f32,
    ) -> Result<Self, ImageError> {
        let mut canvas = ready(self, mask.len(), opacity)?;
        canvas.blend(mask.iter().map(|&masked| masked.then_some(color)), opacity);
        Ok(canvas.into_image())
    }

    /// The same with each pixel's class as a color laid over it, row by row: those of
    /// [`class_color`]. Class 0, the background, stays clear, and so do negative numbers, which
    /// often mean that a pixel is to be ignored.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::class_color;
    ///
    /// let image = Image::gray8(3, 1, &[0; 3])?;
    /// let segmented = image.with_classes(&[0u8, 1, 2], 1.0)?;
    /// let wanted = [[0; 3], class_color(1), class_color(2)];
    /// assert_eq!(segmented, Image::rgb8(3, 1, wanted.as_flattened())?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`with_mask`](Self::with_mask).
    pub fn with_classes<T: Copy + TryInto<usize>>(
        &self,
        classes: &[T],
        opacity: f32,
    ) -> Result<Self, ImageError> {
        let mut canvas = ready(self, classes.len(), opacity)?;
        let color = |&class: &T| {
            let class = class.try_into().ok().filter(|&class| class != 0);
            class.map(class_color)
        };
        canvas.blend(classes.iter().map(color), opacity);
        Ok(canvas.into_image())
    }
}

/// A canvas for one value per pixel, if they can be laid over it.
fn ready(image: &Image, given: usize, opacity: f32) -> Result<Canvas, ImageError> {
    check_opacity(opacity)?;
    let pixels = Pixels::of_one(image)?;
    let [width, height] = [pixels.width as usize, pixels.height as usize];
    if given == width * height {
        Ok(Canvas::colored(pixels))
    } else {
        Err(ImageError::Length { width, height, channels: 1, images: 1, given })
    }
}

pub(super) fn check_opacity(given: f32) -> Result<(), ImageError> {
    if (0.0..=1.0).contains(&given) { Ok(()) } else { Err(ImageError::Opacity { given }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_grows_where_a_mask_covers_it() {
        let image = Image::gray_alpha8(3, 1, &[100, 0, 100, 102, 100, 255]).unwrap();
        let masked = image.with_mask(&[true, true, false], [200, 0, 50], 0.5).unwrap();
        // Clear: the mask alone. Two fifths: half of it, and of the rest two fifths.
        let wanted = [200, 0, 50, 128, 171, 29, 64, 179, 100, 100, 100, 255];
        assert_eq!(masked, Image::rgba8(3, 1, &wanted).unwrap());
        let clear = image.with_mask(&[true; 3], [1; 3], 0.0).unwrap();
        assert_eq!(Pixels::of_one(&clear).unwrap().bytes[3], 0);
    }

    #[test]
    fn classes_are_integers_of_any_kind() {
        let image = Image::gray8(3, 1, &[7; 3]).unwrap();
        let wanted = image.with_classes(&[0u8, 0, 2], 0.5).unwrap();
        assert_eq!(image.with_classes(&[-1i64, 0, 2], 0.5).unwrap(), wanted);
        assert_eq!(image.with_classes(&[0usize, 0, 2], 0.5).unwrap(), wanted);
        assert_ne!(image.with_mask(&[false; 3], [0; 3], 0.5).unwrap(), wanted);
    }

    #[test]
    fn masks_that_do_not_fit_are_refused() {
        use ImageError::*;
        let image = Image::gray8(2, 2, &[0; 4]).unwrap();
        let length = image.with_mask(&[true; 3], [0; 3], 0.5).unwrap_err();
        assert_eq!(length.to_string(), "3 values for 2x2 pixels of 1 channels; 4 are needed");
        for given in [-0.1, 1.1, f32::NAN] {
            let error = image.with_classes(&[0u8; 4], given).unwrap_err();
            assert!(matches!(error, Opacity { .. }), "{error}");
        }
        let batch = Image::batch([&image, &image]).unwrap();
        assert_eq!(batch.with_mask(&[true; 4], [0; 3], 0.5), Err(Batch { given: 2 }));
    }
}
