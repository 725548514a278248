//! Images: pixels, or files that hold them, per step.

mod size;

use super::{DataClass, Metadata, Summary, Tensor, Values};
use size::size_of_file;
use std::borrow::Cow;
use std::sync::Arc;

/// One image, or several of them, shown by the Images dashboard.
///
/// The constructors check sizes; an image that exists can be logged. Pixels lie row by row from
/// the top, their channels side by side: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. They are
/// written as PNG. A clone is cheap, and so is a batch: they share the pixels.
///
/// ```
/// use tfevents::Image;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let gradient: Vec<u8> = (0..=255).collect();
/// writer.add_image("gradient", &Image::grey8(16, 16, &gradient)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    samples: Arc<[Arc<Sample>]>,
}

/// What is logged for one of the images.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sample {
    Pixels { width: u32, height: u32, channels: u8, bytes: Vec<u8> },
    Encoded(Vec<u8>),
}

/// Sizes or bytes that make no image.
///
/// ```
/// let error = tfevents::Image::rgb8(2, 2, &[0; 3]).unwrap_err();
/// assert!(error.to_string().starts_with("3 values for 2x2 pixels of 3 channels"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A side is zero, or too long for a PNG.
    #[error("an image of {width}x{height} pixels; each side has to be 1 to 2147483647")]
    #[non_exhaustive]
    Size {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// A number of channels that has no meaning.
    #[error("{given} channels; allowed are 1 (grey), 2 (grey, alpha), 3 (RGB) and 4 (RGBA)")]
    #[non_exhaustive]
    Channels {
        /// How many channels were given.
        given: usize,
    },
    /// There are not as many values as the sizes say.
    #[error("{given} values for {width}x{height} pixels of {channels} channels; {} are needed",
        *width as u128 * *height as u128 * *channels as u128)]
    #[non_exhaustive]
    Length {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Channels per pixel.
        channels: usize,
        /// How many values were given.
        given: usize,
    },
    /// Bytes that do not begin like a PNG, JPEG or GIF file.
    #[error("{given} bytes that do not begin like a whole PNG, JPEG or GIF header")]
    #[non_exhaustive]
    Format {
        /// How many bytes were given.
        given: usize,
    },
    /// A batch without images.
    #[error("a batch of 0 images; at least 1 is needed")]
    EmptyBatch,
}

/// How the values of an array are ordered.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::Layout;
///
/// let pixels = Image::array(Layout::Hwc, [1, 2, 3], &[1u8, 2, 3, 4, 5, 6])?;
/// let planes = Image::array(Layout::Chw, [3, 1, 2], &[1u8, 4, 2, 5, 3, 6])?;
/// assert_eq!(pixels, planes);
/// # Ok::<(), tfevents::summary::ImageError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Height, width, channels: pixel by pixel.
    Hwc,
    /// Channels, height, width: plane by plane.
    Chw,
}

impl Image {
    /// Grey pixels: `width * height` bytes.
    ///
    /// ```
    /// let black_to_white = tfevents::Image::grey8(3, 1, &[0, 128, 255])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn grey8(width: usize, height: usize, pixels: &[u8]) -> Result<Self, ImageError> {
        Self::array(Layout::Hwc, [height, width, 1], pixels)
    }

    /// Grey pixels with alpha: `width * height * 2` bytes.
    ///
    /// ```
    /// let half = tfevents::Image::grey_alpha8(1, 1, &[255, 128])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn grey_alpha8(width: usize, height: usize, pixels: &[u8]) -> Result<Self, ImageError> {
        Self::array(Layout::Hwc, [height, width, 2], pixels)
    }

    /// RGB pixels: `width * height * 3` bytes.
    ///
    /// ```
    /// let red = tfevents::Image::rgb8(1, 1, &[255, 0, 0])?;
    /// assert!(tfevents::Image::rgb8(2, 1, &[255, 0, 0]).is_err());
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or the length does not fit.
    pub fn rgb8(width: usize, height: usize, pixels: &[u8]) -> Result<Self, ImageError> {
        Self::array(Layout::Hwc, [height, width, 3], pixels)
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
    pub fn rgba8(width: usize, height: usize, pixels: &[u8]) -> Result<Self, ImageError> {
        Self::array(Layout::Hwc, [height, width, 4], pixels)
    }

    /// An array of bytes, of `u16`, or of floats between 0 and 1, with its shape in the order of
    /// `layout`. [`Intensity`] says how they become bytes.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::Layout;
    ///
    /// let planes = [0.0f32, 1.0, 0.5, 0.5, 1.0, 0.0]; // red, green, blue of two pixels
    /// let image = Image::array(Layout::Chw, [3, 1, 2], &planes)?;
    /// assert_eq!((image.width(), image.height()), (2, 1));
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero, the channels are not 1 to 4, or the length does not fit.
    pub fn array<T: Intensity>(
        layout: Layout,
        shape: [usize; 3],
        values: &[T],
    ) -> Result<Self, ImageError> {
        let [height, width, channels] = match layout {
            Layout::Hwc => shape,
            Layout::Chw => [shape[1], shape[2], shape[0]],
        };
        let side =
            |side: usize| u32::try_from(side).ok().filter(|&side| side != 0 && side >> 31 == 0);
        let (Some(w), Some(h)) = (side(width), side(height)) else {
            return Err(ImageError::Size { width, height });
        };
        if !(1..=4).contains(&channels) {
            return Err(ImageError::Channels { given: channels });
        }
        let pixels = width.checked_mul(height);
        if pixels.and_then(|pixels| pixels.checked_mul(channels)) != Some(values.len()) {
            return Err(ImageError::Length { width, height, channels, given: values.len() });
        }
        let mut bytes = vec![0; values.len()];
        match layout {
            Layout::Hwc => bytes.iter_mut().zip(values).for_each(|(byte, v)| *byte = v.to_byte()),
            Layout::Chw => {
                for (channel, plane) in values.chunks_exact(values.len() / channels).enumerate() {
                    let places = bytes[channel..].iter_mut().step_by(channels);
                    places.zip(plane).for_each(|(byte, v)| *byte = v.to_byte());
                }
            }
        }
        let sample = Sample::Pixels { width: w, height: h, channels: channels as u8, bytes };
        Ok(Self { width: w, height: h, samples: [Arc::new(sample)].into() })
    }

    /// A PNG, JPEG or GIF file, written as it is. Animated GIFs play.
    ///
    /// Only the header is looked at, for the size.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// assert!(Image::encoded(b"no image".to_vec()).is_err());
    /// ```
    ///
    /// # Errors
    /// If the bytes do not begin with the header of such a file.
    pub fn encoded(file: impl Into<Vec<u8>>) -> Result<Self, ImageError> {
        let file = file.into();
        let (width, height) = size_of_file(&file)
            .filter(|&(width, height)| width != 0 && height != 0)
            .ok_or(ImageError::Format { given: file.len() })?;
        Ok(Self { width, height, samples: [Arc::new(Sample::Encoded(file))].into() })
    }

    /// Several images under one tag and step. TensorBoard shows one at a time, with a selector;
    /// the sizes it is told are those of the first.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// let both = Image::batch([&Image::grey8(1, 1, &[0])?, &Image::grey8(1, 1, &[255])?])?;
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

    /// Width in pixels; of a batch, the first image's.
    ///
    /// ```
    /// assert_eq!(tfevents::Image::grey8(2, 1, &[0, 255])?.width(), 2);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels; of a batch, the first image's.
    ///
    /// ```
    /// assert_eq!(tfevents::Image::grey8(2, 1, &[0, 255])?.height(), 1);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    pub fn height(&self) -> u32 {
        self.height
    }
}

/// A value of one channel: `u8`, `u16`, or a float between 0 and 1.
///
/// They become bytes as in TensorFlow's `convert_image_dtype` with `saturate`: a `u16` loses its
/// low byte; a float is taken times 255.5, cut off and clamped, NaN is 0.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::{ImageError, Intensity, Layout};
///
/// /// A square image of any of them.
/// fn square(side: usize, values: &[impl Intensity]) -> Result<Image, ImageError> {
///     Image::array(Layout::Hwc, [side, side, 1], values)
/// }
///
/// assert_eq!(square(1, &[0.5f32])?, square(1, &[127u8])?);
/// assert_eq!(square(1, &[0.5f64])?, square(1, &[0x7fffu16])?);
/// # Ok::<(), ImageError>(())
/// ```
pub trait Intensity: sealed::Intensity {}

impl Intensity for u8 {}
impl Intensity for u16 {}
impl Intensity for f32 {}
impl Intensity for f64 {}

mod sealed {
    pub trait Intensity: Copy {
        fn to_byte(self) -> u8;
    }

    impl Intensity for u8 {
        fn to_byte(self) -> u8 {
            self
        }
    }

    impl Intensity for u16 {
        fn to_byte(self) -> u8 {
            (self >> 8) as u8
        }
    }

    // A cast from a float cuts off, clamps, and makes 0 of NaN.
    impl Intensity for f32 {
        fn to_byte(self) -> u8 {
            (self * 255.5) as u8
        }
    }

    impl Intensity for f64 {
        fn to_byte(self) -> u8 {
            (self * 255.5) as u8
        }
    }
}

impl Sample {
    fn file(&self) -> Result<Cow<'_, [u8]>, png::EncodingError> {
        let (width, height, channels, bytes) = match self {
            Sample::Encoded(file) => return Ok(Cow::Borrowed(file)),
            Sample::Pixels { width, height, channels, bytes } => {
                (*width, *height, *channels, bytes)
            }
        };
        let mut file = Vec::with_capacity(bytes.len() / 2 + 128);
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
    fn encode(&self, tag: &str, values: &mut Values<'_>) {
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

    fn size_hint(&self) -> usize {
        let size = |sample: &Arc<Sample>| match &**sample {
            Sample::Pixels { bytes, .. } => bytes.len() / 2,
            Sample::Encoded(file) => file.len(),
        };
        256 + self.samples.iter().map(size).sum::<usize>()
    }

    fn held_bytes(&self) -> usize {
        let held = |sample: &Arc<Sample>| match &**sample {
            Sample::Pixels { bytes, .. } | Sample::Encoded(bytes) => bytes.capacity(),
        };
        self.samples.iter().map(held).sum()
    }
}

#[cfg(test)]
mod tests;
