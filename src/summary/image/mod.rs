//! Images: pixels, or files that hold them, per step.
//!
//! `array` takes pixels from arrays, `image_crate` from the crate of that name. `grid` puts images
//! together; `boxes`, `masks` and `heat_map` draw on a `canvas`, with `colors` and `letters`;
//! `figure` lets plotters draw.

mod array;
mod boxes;
mod canvas;
mod colors;
mod error;
#[cfg(feature = "plotters")]
mod figure;
mod grid;
mod heat_map;
#[cfg(feature = "image")]
mod image_crate;
pub(super) mod intensity;
mod letters;
mod masks;
mod size;

pub use array::ImageLayout;
pub use boxes::BoundingBox;
pub use colors::{ColorMap, class_color};
pub use error::ImageError;
#[cfg(feature = "plotters")]
pub use figure::FigureError;
pub use grid::Grid;
pub use heat_map::HeatMap;
pub use intensity::PixelValue;

use super::{DataClass, Metadata, Summary, SummaryEncoder, Tensor};
use canvas::Pixels;
use size::size_of_file;
use std::borrow::Cow;
use std::sync::Arc;

/// One image, or several of them, shown by the Images dashboard.
///
/// The constructors check sizes; an image that exists can be logged. Pixels lie row by row from
/// the top, their channels side by side: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. They are
/// written as PNG. A clone is cheap, and so is a batch: they share the pixels.
///
/// Several can be [tiled](Self::grid) or shown [one at a time](Self::batch);
/// [boxes](Self::with_boxes), [masks](Self::with_mask), [classes](Self::with_classes) and
/// [heat maps](crate::summary::HeatMap::over) are drawn on one.
///
/// ```
/// use tfevents::Image;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let gradient: Vec<u8> = (0..=255).collect();
/// writer.add_image("gradient", &Image::gray8(16, 16, &gradient)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    samples: Arc<[Arc<ImageData>]>,
}

/// What is logged for one of the images.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ImageData {
    Pixels { width: u32, height: u32, channels: u8, bytes: Vec<u8> },
    Encoded(Vec<u8>),
}

impl Image {
    /// Gray pixels: `width * height` bytes.
    ///
    /// ```
    /// let black_to_white = tfevents::Image::gray8(3, 1, &[0, 128, 255])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn gray8<'p>(
        width: usize,
        height: usize,
        pixels: impl Into<Cow<'p, [u8]>>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 1], pixels.into())
    }

    /// Gray pixels with alpha: `width * height * 2` bytes.
    ///
    /// ```
    /// let half = tfevents::Image::gray_alpha8(1, 1, &[255, 128])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn gray_alpha8<'p>(
        width: usize,
        height: usize,
        pixels: impl Into<Cow<'p, [u8]>>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 2], pixels.into())
    }

    /// RGB pixels: `width * height * 3` bytes.
    ///
    /// A `Vec` is kept, a slice copied: a loop that [hands images
    /// over](crate::SummaryWriter::add_deferred) should give away what it owns.
    ///
    /// ```
    /// let red = tfevents::Image::rgb8(1, 1, &[255, 0, 0])?;
    /// assert_eq!(red, tfevents::Image::rgb8(1, 1, vec![255, 0, 0])?);
    /// assert!(tfevents::Image::rgb8(2, 1, &[255, 0, 0]).is_err());
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn rgb8<'p>(
        width: usize,
        height: usize,
        pixels: impl Into<Cow<'p, [u8]>>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 3], pixels.into())
    }

    /// RGBA pixels: `width * height * 4` bytes.
    ///
    /// ```
    /// let clear = tfevents::Image::rgba8(1, 1, &[255, 0, 0, 0])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn rgba8<'p>(
        width: usize,
        height: usize,
        pixels: impl Into<Cow<'p, [u8]>>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 4], pixels.into())
    }

    /// A PNG, JPEG or GIF file, written as it is. Animated GIFs play.
    ///
    /// Only the header is looked at, for the size.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// assert!(Image::from_encoded(b"no image".to_vec()).is_err());
    /// ```
    ///
    /// # Errors
    /// If the bytes do not begin with the header of such a file.
    pub fn from_encoded(file: impl Into<Vec<u8>>) -> Result<Self, ImageError> {
        let file = file.into();
        let (width, height) = size_of_file(&file)
            .filter(|&(width, height)| width != 0 && height != 0)
            .ok_or(ImageError::Format { given: file.len() })?;
        Ok(Self { width, height, samples: [Arc::new(ImageData::Encoded(file))].into() })
    }

    /// Several images under one tag and step. TensorBoard shows one at a time, with a selector;
    /// the sizes it is told are those of the first.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// let both = Image::batch([&Image::gray8(1, 1, &[0])?, &Image::gray8(1, 1, &[255])?])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none.
    pub fn batch<'a>(images: impl IntoIterator<Item = &'a Image>) -> Result<Self, ImageError> {
        let mut images = images.into_iter().peekable();
        let first = images.peek().ok_or(ImageError::EmptyBatch)?;
        let (width, height) = (first.width, first.height);
        let samples = images.flat_map(|image| image.samples.iter().cloned()).collect();
        Ok(Self { width, height, samples })
    }

    /// Width and height of each image.
    pub(crate) fn sizes(&self) -> Result<Vec<[u32; 2]>, ImageError> {
        let pixels = Pixels::of_all(self)?;
        Ok(pixels.iter().map(|pixels| [pixels.width, pixels.height]).collect())
    }

    /// The first image as a file.
    pub(crate) fn to_file(&self) -> Result<Cow<'_, [u8]>, png::EncodingError> {
        self.samples[0].file()
    }

    /// The pixels of each image, for kinds that are made of images.
    #[cfg(feature = "video")]
    pub(super) fn pixels(&self) -> Result<Vec<Pixels<'_>>, ImageError> {
        Pixels::of_all(self)
    }

    /// Width in pixels; of a batch, the first image's.
    ///
    /// ```
    /// assert_eq!(tfevents::Image::gray8(2, 1, &[0, 255])?.width(), 2);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels; of a batch, the first image's.
    ///
    /// ```
    /// assert_eq!(tfevents::Image::gray8(2, 1, &[0, 255])?.height(), 1);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    pub fn height(&self) -> u32 {
        self.height
    }
}

impl ImageData {
    fn file(&self) -> Result<Cow<'_, [u8]>, png::EncodingError> {
        let (width, height, channels, bytes) = match self {
            ImageData::Encoded(file) => return Ok(Cow::Borrowed(file)),
            ImageData::Pixels { width, height, channels, bytes } => {
                (*width, *height, *channels, bytes)
            }
        };
        // As a photograph compresses, and a little more: growing would copy it.
        let mut file = Vec::with_capacity(bytes.len() / 3 * 2 + 128);
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_color(match channels {
            1 => png::ColorType::Grayscale,
            2 => png::ColorType::GrayscaleAlpha,
            3 => png::ColorType::Rgb,
            _ => png::ColorType::Rgba,
        });
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Adaptive);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(bytes)?;
        writer.finish()?;
        Ok(Cow::Owned(file))
    }
}

impl Summary for Image {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let size = [self.width.to_string(), self.height.to_string()];
        let mut strings: Vec<Cow<'_, [u8]>> =
            size.iter().map(|number| Cow::Borrowed(number.as_bytes())).collect();
        for sample in self.samples.iter() {
            match sample.file() {
                Ok(file) => strings.push(file),
                // Sizes were checked and memory takes every write, so this is not known to happen.
                Err(error) => {
                    log::error!("image {tag:?} is left out, it cannot be encoded: {error}");
                    return;
                }
            }
        }
        let metadata = Metadata::new("images").data_class(DataClass::BlobSequence);
        values.push(tag, &metadata, &Tensor::string_vector(strings));
    }

    fn encoded_len_hint(&self) -> usize {
        let size = |sample: &Arc<ImageData>| match &**sample {
            ImageData::Pixels { bytes, .. } => bytes.len() / 3 * 2,
            ImageData::Encoded(file) => file.len(),
        };
        256 + self.samples.iter().map(size).sum::<usize>()
    }

    fn memory_usage(&self) -> usize {
        let held = |sample: &Arc<ImageData>| match &**sample {
            ImageData::Pixels { bytes, .. } | ImageData::Encoded(bytes) => bytes.capacity(),
        };
        self.samples.iter().map(held).sum()
    }
}

#[cfg(test)]
mod tests;
