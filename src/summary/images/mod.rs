//! Images: pixels or encoded files, per step.

// `array` reads pixels from arrays, `image_crate` from the crate of that name. `grid` tiles images;
// `boxes` and `overlays` draw on a `canvas`, with `colors`; `figure` draws with plotters.
pub(super) mod array;
mod boxes;
mod canvas;
mod colors;
mod error;
#[cfg(feature = "plotters")]
mod figure;
mod grid;
#[cfg(feature = "image")]
mod image_crate;
mod overlays;

pub use array::{ImageLayout, PixelBytes, PixelValue};
pub use boxes::BoundingBox;
pub use colors::{ColorMap, class_color};
pub use error::ImageError;
#[cfg(feature = "plotters")]
pub use figure::FigureError;
pub use grid::Grid;
pub use overlays::HeatMap;

use crate::summary::encode::Media;
use crate::summary::{DataClass, MediaEncoding, Metadata, Summary, SummaryEncoder, Tensor};
use crate::wire::messages;
use std::borrow::Cow;
use std::sync::Arc;

/// One image, or several of them, shown by the Images dashboard.
///
/// The constructors check sizes, so that an image that exists can be logged. Pixels are in rows
/// from the top, with interleaved channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. They are
/// written as PNG. A clone is cheap, and so is a batch: they share the pixels.
///
/// Several images can be [tiled](Self::grid) or shown [one at a time](Self::batch);
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
#[doc(alias("picture", "add_image"))]
pub struct Image {
    width: u32,
    height: u32,
    samples: Arc<[Arc<ImageData>]>,
}

/// The data of one of the images.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ImageData {
    Pixels { width: u32, height: u32, channels: u8, bytes: Vec<u8> },
    Encoded(Vec<u8>),
}

impl Image {
    /// Creates an image from gray pixels: `width * height` bytes.
    ///
    /// ```
    /// let black_to_white = tfevents::Image::gray8(3, 1, &[0, 128, 255])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not match.
    #[doc(alias("grey8", "grayscale"))]
    pub fn gray8<'p>(
        width: usize,
        height: usize,
        pixels: impl PixelBytes<'p>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 1], pixels.into_bytes())
    }

    /// Creates an image from gray pixels with alpha: `width * height * 2` bytes.
    ///
    /// ```
    /// let half = tfevents::Image::gray_alpha8(1, 1, &[255, 128])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not match.
    #[doc(alias("grey_alpha8"))]
    pub fn gray_alpha8<'p>(
        width: usize,
        height: usize,
        pixels: impl PixelBytes<'p>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 2], pixels.into_bytes())
    }

    /// Creates an image from RGB pixels: `width * height * 3` bytes.
    ///
    /// A `Vec` is taken over, a slice is copied: a loop that [defers](crate::SummaryWriter::add_deferred)
    /// images should pass its vectors by value.
    ///
    /// ```
    /// let red = tfevents::Image::rgb8(1, 1, &[255, 0, 0])?;
    /// assert_eq!(red, tfevents::Image::rgb8(1, 1, vec![255, 0, 0])?);
    /// assert!(tfevents::Image::rgb8(2, 1, &[255, 0, 0]).is_err());
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not match.
    pub fn rgb8<'p>(
        width: usize,
        height: usize,
        pixels: impl PixelBytes<'p>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 3], pixels.into_bytes())
    }

    /// Creates an image from RGBA pixels: `width * height * 4` bytes.
    ///
    /// ```
    /// let transparent = tfevents::Image::rgba8(1, 1, &[255, 0, 0, 0])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not match.
    pub fn rgba8<'p>(
        width: usize,
        height: usize,
        pixels: impl PixelBytes<'p>,
    ) -> Result<Self, ImageError> {
        Self::bytes([height, width, 4], pixels.into_bytes())
    }

    /// Creates an image from a PNG, JPEG or GIF file, which is written unchanged. Animated GIFs
    /// play.
    ///
    /// Only the header is read, for the size.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// assert!(Image::from_encoded(b"no image".to_vec()).is_err());
    /// ```
    ///
    /// # Errors
    /// If the bytes do not begin with the header of such a file.
    #[doc(alias("png", "jpeg", "gif", "from_file"))]
    pub fn from_encoded(file: impl Into<Vec<u8>>) -> Result<Self, ImageError> {
        let file = file.into();
        let (width, height) = size_of_file(&file)
            .filter(|&(width, height)| width != 0 && height != 0)
            .ok_or(ImageError::Format { given: file.len() })?;
        Ok(Self { width, height, samples: [Arc::new(ImageData::Encoded(file))].into() })
    }

    /// Creates a batch: several images under one tag and step. TensorBoard shows one at a time,
    /// with a selector; the size that is written is that of the first.
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
    #[doc(alias("add_images"))]
    pub fn batch<'a>(images: impl IntoIterator<Item = &'a Image>) -> Result<Self, ImageError> {
        let mut images = images.into_iter().peekable();
        let first = images.peek().ok_or(ImageError::EmptyBatch)?;
        let (width, height) = (first.width, first.height);
        let samples = images.flat_map(|image| image.samples.iter().cloned()).collect();
        Ok(Self { width, height, samples })
    }

    /// Returns the first image as a file.
    pub(crate) fn to_file(&self) -> Result<Cow<'_, [u8]>, png::EncodingError> {
        self.samples[0].file()
    }

    /// Returns the width in pixels; of a batch, that of the first image.
    ///
    /// ```
    /// assert_eq!(tfevents::Image::gray8(2, 1, &[0, 255])?.width(), 2);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels; of a batch, that of the first image.
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
    /// Returns the image in the older form. The channels of a file are not known: those of most are
    /// three, and no reader looks at them.
    fn to_message(
        &self,
        width: u32,
        height: u32,
    ) -> Result<messages::summary::Image, png::EncodingError> {
        let channels = match self {
            ImageData::Pixels { channels, .. } => *channels,
            ImageData::Encoded(_) => 3,
        };
        // Both sides are below 2^31 for pixels; files may claim more.
        let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
        Ok(messages::summary::Image {
            height: side(height),
            width: side(width),
            colorspace: channels.into(),
            encoded_image_string: self.file()?.into_owned(),
        })
    }

    fn file(&self) -> Result<Cow<'_, [u8]>, png::EncodingError> {
        let (width, height, channels, bytes) = match self {
            ImageData::Encoded(file) => return Ok(Cow::Borrowed(file)),
            ImageData::Pixels { width, height, channels, bytes } => {
                (*width, *height, *channels, bytes)
            }
        };
        // The size of a compressed photograph, and a little more: growing would copy it.
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
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("images").data_class(DataClass::BlobSequence);
        if let (MediaEncoding::Simple, [sample]) = (encoder.encodings().media, &self.samples[..]) {
            return match sample.to_message(self.width, self.height) {
                Ok(image) => encoder.push_media(tag, &metadata, &Media::Image(image)),
                Err(error) => encoder.fail(tag, error),
            };
        }
        let size = [self.width.to_string(), self.height.to_string()];
        let mut strings: Vec<Cow<'_, [u8]>> =
            size.iter().map(|number| Cow::Borrowed(number.as_bytes())).collect();
        for sample in self.samples.iter() {
            match sample.file() {
                Ok(file) => strings.push(file),
                // Sizes were checked and writing to memory does not fail, so this is not known to
                // happen.
                Err(error) => return encoder.fail(tag, error),
            }
        }
        encoder.push(tag, &metadata, &Tensor::string_vector(strings));
    }

    fn encoded_len_hint(&self) -> usize {
        let size = |sample: &Arc<ImageData>| match &**sample {
            ImageData::Pixels { bytes, .. } => bytes.len() / 3 * 2,
            ImageData::Encoded(file) => file.len(),
        };
        256 + self.samples.iter().map(size).sum::<usize>()
    }

    fn memory_usage(&self) -> usize {
        let capacity = |sample: &Arc<ImageData>| match &**sample {
            ImageData::Pixels { bytes, .. } | ImageData::Encoded(bytes) => bytes.capacity(),
        };
        self.samples.iter().map(capacity).sum()
    }
}

/// Returns width and height from the header of a PNG, GIF or JPEG file.
fn size_of_file(file: &[u8]) -> Option<(u32, u32)> {
    if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        let field = |at: usize| Some(u32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?));
        return (file.get(12..16)? == b"IHDR").then_some((field(16)?, field(20)?));
    }
    if file.starts_with(b"GIF87a") || file.starts_with(b"GIF89a") {
        let field = |at: usize| Some(u16::from_le_bytes([*file.get(at)?, *file.get(at + 1)?]));
        return Some((field(6)?.into(), field(8)?.into()));
    }
    jpeg_size(file.strip_prefix(b"\xff\xd8")?)
}

/// Searches a JPEG file's segments for the header of the frame.
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let [0xff, marker, ..] = *rest else { return None };
        let length = match marker {
            // A fill byte before a marker.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            // Markers without a segment.
            0x01 | 0xd0..=0xd7 => 0,
            _ => usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?])),
        };
        // The frame headers; the codes in between are tables.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let field = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
            return Some((field(7)?.into(), field(5)?.into()));
        }
        rest = rest.get(2 + length..)?;
    }
}

#[cfg(test)]
mod tests;
