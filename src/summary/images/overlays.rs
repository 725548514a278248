//! Colors laid over an image: masks, classes and heat maps.

use super::canvas::{Canvas, Pixels, Rgb};
use super::colors::class_color;
use super::{ColorMap, Image, ImageError};
use crate::summary::{Number, Summary, SummaryEncoder};

impl Image {
    /// Returns the image with a color blended over the pixels for which `mask` is true, row by row.
    /// `opacity` goes from 0 (transparent) to 1. Gray images become RGB.
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
        let mut canvas = canvas_for(self, "mask", mask.len(), opacity)?;
        canvas.blend(mask.iter().map(|&masked| masked.then_some(color)), opacity);
        Ok(canvas.into_image())
    }

    /// Returns the image with the color of each pixel's class blended over it, row by row: see
    /// [`class_color`]. Class 0, the background, stays unchanged, and so do negative numbers, which
    /// often mark pixels to be ignored.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::class_color;
    ///
    /// let image = Image::gray8(3, 1, &[0; 3])?;
    /// let segmented = image.with_classes(&[0u8, 1, 2], 1.0)?;
    /// let expected = [[0; 3], class_color(1), class_color(2)];
    /// assert_eq!(segmented, Image::rgb8(3, 1, expected.as_flattened())?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`with_mask`](Self::with_mask).
    #[doc(alias("segmentation"))]
    pub fn with_classes<T: Copy + TryInto<usize>>(
        &self,
        classes: &[T],
        opacity: f32,
    ) -> Result<Self, ImageError> {
        let mut canvas = canvas_for(self, "class", classes.len(), opacity)?;
        let color = |&class: &T| {
            let class = class.try_into().ok().filter(|&class| class != 0);
            class.map(class_color)
        };
        canvas.blend(classes.iter().map(color), opacity);
        Ok(canvas.into_image())
    }
}

/// Returns a copy of the image to blend one value per pixel over.
fn canvas_for(
    image: &Image,
    what: &'static str,
    given: usize,
    opacity: f32,
) -> Result<Canvas, ImageError> {
    check_opacity(opacity)?;
    let pixels = Pixels::of_one(image)?;
    let [width, height] = [pixels.width as usize, pixels.height as usize];
    if given == width * height {
        Ok(Canvas::colored(pixels))
    } else {
        Err(ImageError::Overlay { what, width, height, given })
    }
}

fn check_opacity(given: f32) -> Result<(), ImageError> {
    if (0.0..=1.0).contains(&given) { Ok(()) } else { Err(ImageError::Opacity { given }) }
}

/// Numbers shown as colors, by themselves or over an image.
///
/// Without a [range](Self::with_range) the colors go from the minimum of the finite values to the
/// maximum; [`ColorMap::Diverging`] goes as far below zero as above, so that white is zero. NaN is
/// [magenta](ColorMap::NAN), infinities have the colors of the ends. If all values are equal they
/// have the color of the middle.
///
/// ```
/// use tfevents::summary::{ColorMap, HeatMap};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let attention: Vec<f32> = (0..64).map(|i| i as f32 / 64.0).collect();
/// writer.add("attention", &HeatMap::new(8, 8, &attention)?, 0);
/// let gradient = [-0.5f32, 0.0, 0.25, 0.5];
/// writer.add("gradient", &HeatMap::new(2, 2, &gradient)?.colors(ColorMap::Diverging), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("heatmap", "confusion_matrix"))]
pub struct HeatMap {
    width: usize,
    height: usize,
    values: Vec<f64>,
    colors: ColorMap,
    range: Option<(f64, f64)>,
}

impl HeatMap {
    /// Creates a map of `width * height` values, row by row from the top, in [`ColorMap::Viridis`].
    ///
    /// ```
    /// use tfevents::summary::HeatMap;
    ///
    /// let confusion = HeatMap::new(2, 2, &[9u32, 1, 0, 10])?;
    /// assert!(HeatMap::new(2, 2, &[0.0; 3]).is_err());
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not match.
    pub fn new<T: Number>(width: usize, height: usize, values: &[T]) -> Result<Self, ImageError> {
        let side = |side: usize| u32::try_from(side).is_ok_and(|side| side != 0 && side >> 31 == 0);
        if !(side(width) && side(height)) {
            return Err(ImageError::Size { width, height });
        }
        let given = values.len();
        if width.checked_mul(height) != Some(given) {
            return Err(ImageError::Overlay { what: "heat map", width, height, given });
        }
        let values = values.iter().map(|value| value.to_f64()).collect();
        Ok(Self { width, height, values, colors: ColorMap::default(), range: None })
    }

    /// Creates a map whose colors begin at the value `low` and end at `high`; values outside have the
    /// color of that end. With one range for all steps, images can be compared.
    ///
    /// ```
    /// use tfevents::summary::HeatMap;
    ///
    /// let map = HeatMap::with_range(2, 1, &[0.2, 0.4], 0.0, 1.0)?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// Returns those of [`new`](Self::new), and an error if an end of the range is not finite or `low`
    /// is not less than `high`.
    pub fn with_range<T: Number>(
        width: usize,
        height: usize,
        values: &[T],
        low: f64,
        high: f64,
    ) -> Result<Self, ImageError> {
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(ImageError::Range { low, high });
        }
        Ok(Self { range: Some((low, high)), ..Self::new(width, height, values)? })
    }

    /// Sets the colors. Default: [`ColorMap::Viridis`].
    ///
    /// ```
    /// use tfevents::summary::{ColorMap, HeatMap};
    ///
    /// let map = HeatMap::new(2, 1, &[-1.0, 1.0])?.colors(ColorMap::Diverging);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    #[must_use]
    pub fn colors(mut self, colors: ColorMap) -> Self {
        self.colors = colors;
        self
    }

    /// Returns the map as an RGB image, a pixel for each value.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::{ColorMap, HeatMap};
    ///
    /// let map = HeatMap::new(2, 1, &[3, 4])?.colors(ColorMap::Gray);
    /// assert_eq!(map.to_image(), Image::rgb8(2, 1, &[0, 0, 0, 255, 255, 255])?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    pub fn to_image(&self) -> Image {
        let bytes = self.rgb().flatten().collect();
        Canvas::of_rgb(self.width as u32, self.height as u32, bytes).into_image()
    }

    /// Returns an image with the map blended over it; `opacity` goes from 0 (transparent) to 1.
    /// Where the map is NaN the image stays unchanged.
    ///
    /// The map is stretched to the image's size, each value over its part of it, so that a map of
    /// 7x7 values covers an image of 224x224 pixels.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::{ColorMap, HeatMap};
    ///
    /// let image = Image::gray8(4, 1, &[100; 4])?;
    /// let map = HeatMap::new(2, 1, &[0.0, 1.0])?.colors(ColorMap::Gray);
    /// let expected = [[50; 6], [178; 6]];
    /// assert_eq!(map.over(&image, 0.5)?, Image::rgb8(4, 1, expected.as_flattened())?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If the opacity is not in 0 to 1, or the image is a batch or an encoded file.
    pub fn over(&self, image: &Image, opacity: f32) -> Result<Image, ImageError> {
        check_opacity(opacity)?;
        let pixels = Pixels::of_one(image)?;
        let [width, height] = [pixels.width, pixels.height].map(|side| side as usize);
        let mut canvas = Canvas::colored(pixels);
        let position = self.position();
        // As u128, so that no product can overflow.
        let part = |at: usize, of: usize, values: usize| {
            (at as u128 * values as u128 / of as u128) as usize
        };
        let colors = (0..height).flat_map(|y| {
            let row = &self.values[part(y, height, self.height) * self.width..][..self.width];
            let position = &position;
            let colors = self.colors;
            (0..width).map(move |x| {
                let value = row[part(x, width, self.width)];
                (!value.is_nan()).then(|| colors.color(position(value)))
            })
        });
        canvas.blend(colors, opacity);
        Ok(canvas.into_image())
    }

    fn rgb(&self) -> impl Iterator<Item = Rgb> + '_ {
        let position = self.position();
        self.values.iter().map(move |&value| self.colors.color(position(value)))
    }

    /// Returns a function from a value to its position in the color map.
    fn position(&self) -> impl Fn(f64) -> f32 + use<> {
        let (low, high) = self.range.unwrap_or_else(|| self.own_range());
        // Halved, so that the difference of two large numbers is finite.
        let (middle, half) = (low / 2.0 + high / 2.0, high / 2.0 - low / 2.0);
        move |value| {
            if half > 0.0 {
                // Infinities and NaN stay so.
                (((value / 2.0 - middle / 2.0) / half) + 0.5) as f32
            } else {
                (value - low + 0.5) as f32
            }
        }
    }

    fn own_range(&self) -> (f64, f64) {
        let finite = || self.values.iter().copied().filter(|value| value.is_finite());
        if self.colors == ColorMap::Diverging {
            let max = finite().map(f64::abs).fold(0.0, f64::max);
            return (-max, max);
        }
        let low = finite().reduce(f64::min).unwrap_or(0.0);
        (low, finite().reduce(f64::max).unwrap_or(0.0))
    }
}

impl Summary for HeatMap {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        self.to_image().encode(tag, encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        256 + self.values.len()
    }

    fn memory_usage(&self) -> usize {
        size_of_val(&self.values[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_grows_where_a_mask_covers_it() {
        let image = Image::gray_alpha8(3, 1, &[100, 0, 100, 102, 100, 255]).unwrap();
        let masked = image.with_mask(&[true, true, false], [200, 0, 50], 0.5).unwrap();
        // Transparent: the mask alone. Two fifths: half of it, and of the rest two fifths.
        let expected = [200, 0, 50, 128, 171, 29, 64, 179, 100, 100, 100, 255];
        assert_eq!(masked, Image::rgba8(3, 1, &expected).unwrap());
        let clear = image.with_mask(&[true; 3], [1; 3], 0.0).unwrap();
        assert_eq!(Pixels::of_one(&clear).unwrap().bytes[3], 0);
    }

    #[test]
    fn classes_are_integers_of_any_kind() {
        let image = Image::gray8(3, 1, &[7; 3]).unwrap();
        let expected = image.with_classes(&[0u8, 0, 2], 0.5).unwrap();
        assert_eq!(image.with_classes(&[-1i64, 0, 2], 0.5).unwrap(), expected);
        assert_eq!(image.with_classes(&[0usize, 0, 2], 0.5).unwrap(), expected);
        assert_ne!(image.with_mask(&[false; 3], [0; 3], 0.5).unwrap(), expected);
    }

    #[test]
    fn masks_of_another_size_are_refused() {
        use ImageError::*;
        let image = Image::gray8(2, 2, &[0; 4]).unwrap();
        let length = image.with_mask(&[true; 3], [0; 3], 0.5).unwrap_err();
        assert_eq!(
            length.to_string(),
            "invalid number of mask values: 3 (expected 4, for 2x2 pixels)"
        );
        let length = image.with_classes(&[1u8; 5], 0.5).unwrap_err();
        assert_eq!(
            length.to_string(),
            "invalid number of class values: 5 (expected 4, for 2x2 pixels)"
        );
        for given in [-0.1, 1.1, f32::NAN] {
            let error = image.with_classes(&[0u8; 4], given).unwrap_err();
            assert!(matches!(error, Opacity { .. }), "{error}");
        }
        let batch = Image::batch([&image, &image]).unwrap();
        assert_eq!(batch.with_mask(&[true; 4], [0; 3], 0.5), Err(Batch { given: 2 }));
    }

    fn colors(map: &HeatMap) -> Vec<Rgb> {
        map.rgb().collect()
    }

    #[test]
    fn zero_is_white_in_any_range() {
        for values in [[-1.0, 0.0, 3.0], [-9.0, 0.0, -1.0], [f64::MIN, 0.0, f64::MAX]] {
            let map = HeatMap::new(3, 1, &values).unwrap().colors(ColorMap::Diverging);
            assert_eq!(colors(&map)[1], [250; 3], "{values:?}");
        }
        let map = HeatMap::new(3, 1, &[-1.0, 1.0, 2.0]).unwrap().colors(ColorMap::Diverging);
        // As far below zero as above.
        let halves = [0.25, 0.75, 1.0].map(|at| ColorMap::Diverging.color(at));
        assert_eq!(colors(&map), halves);
    }

    #[test]
    fn values_that_are_not_finite_have_a_color() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let map = HeatMap::new(5, 1, &[nan, 2.0, -inf, 4.0, inf]).unwrap();
        let [low, high] = [0.0, 1.0].map(|at| ColorMap::Viridis.color(at));
        assert_eq!(colors(&map), [ColorMap::NAN, low, low, high, high]);
        for map in [ColorMap::Viridis, ColorMap::Diverging] {
            let middle = map.color(0.5);
            let of = |values: &[f32]| {
                colors(&HeatMap::new(values.len(), 1, values).unwrap().colors(map))
            };
            assert_eq!(of(&[nan]), [ColorMap::NAN]);
            assert_eq!(of(&[0.0, 0.0]), [middle, middle]);
        }
        assert_eq!(colors(&HeatMap::new(1, 1, &[7.0]).unwrap()), [ColorMap::Viridis.color(0.5)]);
    }

    #[test]
    fn a_range_sets_the_colors() {
        let map = HeatMap::with_range(3, 1, &[-5.0, 5.0, 99.0], 0.0, 10.0).unwrap();
        assert_eq!(colors(&map), [0.0, 0.5, 1.0].map(|at| ColorMap::Viridis.color(at)));
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            let error = HeatMap::with_range(1, 1, &[0.0], low, high).unwrap_err();
            assert!(matches!(error, ImageError::Range { .. }), "{error}");
        }
    }

    #[test]
    fn stretched_over_an_image() {
        let image = Image::gray8(5, 2, &[0; 10]).unwrap();
        let map = HeatMap::with_range(2, 1, &[f64::NAN, 1.0], 0.0, 1.0).unwrap();
        let yellow = [253, 231, 37];
        // The first value's part has 2.5 pixels; the third begins in it.
        let row = [[0; 3], [0; 3], [0; 3], yellow, yellow];
        let expected = Image::rgb8(5, 2, [row, row].as_flattened().as_flattened()).unwrap();
        assert_eq!(map.over(&image, 1.0).unwrap(), expected);
        assert!(matches!(map.over(&image, 2.0), Err(ImageError::Opacity { .. })));
        assert!(matches!(HeatMap::new(0, 1, &[0.0; 0]), Err(ImageError::Size { .. })));
    }
}
