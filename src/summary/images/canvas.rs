//! Pixels to draw on.

use super::{Image, ImageData, ImageError};
use font8x8::legacy::{BASIC_LEGACY, LATIN_LEGACY};
use std::sync::Arc;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// The pixels of an image that is being drawn.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    channels: u8,
    bytes: Vec<u8>,
}

/// Pixels of an image, to read from.
#[derive(Clone, Copy)]
pub(in crate::summary) struct Pixels<'a> {
    pub width: u32,
    pub height: u32,
    pub channels: u8,
    pub bytes: &'a [u8],
}

impl<'a> Pixels<'a> {
    /// Returns the pixels of every image of a batch.
    pub(super) fn of_all(image: &'a Image) -> Result<Vec<Self>, ImageError> {
        let pixels = |(index, sample): (usize, &'a Arc<ImageData>)| match &**sample {
            ImageData::Pixels { width, height, channels, bytes } => {
                Ok(Self { width: *width, height: *height, channels: *channels, bytes })
            }
            ImageData::Encoded(_) => Err(ImageError::Encoded { index }),
        };
        image.samples.iter().enumerate().map(pixels).collect()
    }

    /// Returns the pixels of the only image.
    pub(super) fn of_one(image: &'a Image) -> Result<Self, ImageError> {
        match Self::of_all(image)?[..] {
            [pixels] => Ok(pixels),
            ref all => Err(ImageError::Batch { given: all.len() }),
        }
    }

    pub(super) fn has_color(&self) -> bool {
        self.channels > 2
    }

    pub(super) fn has_alpha(&self) -> bool {
        self.channels % 2 == 0
    }

    /// Returns each pixel as red, green, blue and alpha.
    fn rgba(self) -> impl Iterator<Item = [u8; 4]> + 'a {
        self.bytes.chunks_exact(self.channels.into()).map(|pixel| match *pixel {
            [gray] => [gray, gray, gray, 255],
            [gray, alpha] => [gray, gray, gray, alpha],
            [red, green, blue] => [red, green, blue, 255],
            // There are no other numbers of channels.
            _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
        })
    }
}

impl Image {
    /// Returns width and height of each image of a batch.
    pub(in crate::summary) fn sizes(&self) -> Result<Vec<[u32; 2]>, ImageError> {
        let pixels = self.pixels()?;
        Ok(pixels.iter().map(|pixels| [pixels.width, pixels.height]).collect())
    }

    /// Returns the pixels of each image of a batch, for kinds that are composed of images.
    pub(in crate::summary) fn pixels(&self) -> Result<Vec<Pixels<'_>>, ImageError> {
        Pixels::of_all(self)
    }
}

impl Canvas {
    /// Creates a canvas of one color; gray ones take its red.
    ///
    /// # Errors
    /// If a side is zero or too long, or memory does not suffice.
    pub(super) fn new(
        [width, height]: [usize; 2],
        channels: u8,
        color: Rgb,
    ) -> Result<Self, ImageError> {
        let error = || ImageError::Size { width, height };
        let side = |side: usize| u32::try_from(side).ok().filter(|s| *s != 0 && s >> 31 == 0);
        let (Some(w), Some(h)) = (side(width), side(height)) else { return Err(error()) };
        let len = width.checked_mul(height).and_then(|len| len.checked_mul(channels.into()));
        let len = len.ok_or_else(error)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| error())?;
        bytes.resize(len, 0);
        let mut canvas = Self { width: w, height: h, channels, bytes };
        let pixels = canvas.bytes.chunks_exact_mut(channels.into());
        pixels.for_each(|pixel| set(pixel, [color[0], color[1], color[2], 255]));
        Ok(canvas)
    }

    /// Creates a canvas from a copy with color.
    pub(super) fn colored(pixels: Pixels<'_>) -> Self {
        let channels = if pixels.has_alpha() { 4 } else { 3 };
        let len = pixels.bytes.len() / usize::from(pixels.channels) * usize::from(channels);
        let mut bytes = vec![0; len];
        let targets = bytes.chunks_exact_mut(channels.into());
        targets.zip(pixels.rgba()).for_each(|(pixel, rgba)| set(pixel, rgba));
        Self { width: pixels.width, height: pixels.height, channels, bytes }
    }

    /// Creates a canvas from three bytes for each pixel.
    pub(super) fn of_rgb(width: u32, height: u32, bytes: Vec<u8>) -> Self {
        Self { width, height, channels: 3, bytes }
    }

    /// Copies an image to a part of the canvas that is large enough for it.
    pub(super) fn paste(&mut self, pixels: Pixels<'_>, left: usize, top: usize) {
        let channels = usize::from(self.channels);
        let mut source = pixels.rgba();
        for row in self.rows_mut().skip(top).take(pixels.height as usize) {
            let targets = row[left * channels..].chunks_exact_mut(channels);
            // The targets first: the other order would lose a pixel at the end of each row.
            for (pixel, rgba) in targets.take(pixels.width as usize).zip(&mut source) {
                set(pixel, rgba);
            }
        }
    }

    /// Fills a rectangle from one corner up to another, which is outside of it. Parts outside the
    /// canvas are left out.
    pub(super) fn fill(&mut self, [left, top]: [i64; 2], [right, bottom]: [i64; 2], color: Rgb) {
        let columns = clip(left, self.width)..clip(right, self.width);
        let (width, channels) = (self.width as usize, usize::from(self.channels));
        for y in clip(top, self.height)..clip(bottom, self.height) {
            for x in columns.clone() {
                let pixel = &mut self.bytes[(y * width + x) * channels..][..channels];
                set(pixel, [color[0], color[1], color[2], 255]);
            }
        }
    }

    /// Blends colors over the pixels with this opacity; `None` leaves a pixel unchanged.
    pub(super) fn blend(&mut self, colors: impl Iterator<Item = Option<Rgb>>, opacity: f32) {
        let pixels = self.bytes.chunks_exact_mut(self.channels.into());
        for (pixel, color) in pixels.zip(colors) {
            let Some(color) = color else { continue };
            let alpha = pixel.get(3).map_or(1.0, |&alpha| f32::from(alpha) / 255.0);
            let below = alpha * (1.0 - opacity);
            let sum = opacity + below;
            if sum > 0.0 {
                let mix = |over: u8, under: u8| {
                    ((f32::from(over) * opacity + f32::from(under) * below) / sum).round() as u8
                };
                let [red, green, blue] = [0, 1, 2].map(|i| mix(color[i], pixel[i]));
                set(pixel, [red, green, blue, (sum * 255.0).round() as u8]);
            }
        }
    }

    /// Returns the bytes of each row.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        self.bytes.chunks_exact_mut(self.width as usize * usize::from(self.channels))
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    pub(super) fn height(&self) -> u32 {
        self.height
    }

    pub(super) fn into_image(self) -> Image {
        let Self { width, height, channels, bytes } = self;
        let sample = ImageData::Pixels { width, height, channels, bytes };
        Image { width, height, samples: [Arc::new(sample)].into() }
    }
}

/// Clips a coordinate to 0 to `side`.
fn clip(at: i64, side: u32) -> usize {
    at.clamp(0, side.into()) as usize
}

/// Sets those channels of a pixel that it has.
fn set(pixel: &mut [u8], [red, green, blue, alpha]: [u8; 4]) {
    match pixel {
        [gray] => *gray = red,
        [gray, opacity] => [*gray, *opacity] = [red, alpha],
        [r, g, b] => [*r, *g, *b] = [red, green, blue],
        // There are no other numbers of channels.
        _ => pixel.copy_from_slice(&[red, green, blue, alpha]),
    }
}

/// The side of a letter in dots.
pub(super) const LETTER: i64 = 8;

impl Canvas {
    /// Writes one line from a corner on, each dot of a letter as a square of `scale` pixels.
    pub(super) fn write(&mut self, [left, top]: [i64; 2], text: &str, scale: i64, color: Rgb) {
        for (index, letter) in (0..).zip(text.chars()) {
            for (row, dots) in (0..).zip(dots_of(letter)) {
                for column in (0..LETTER).filter(|column| dots >> column & 1 == 1) {
                    let x = left + (index * LETTER + column) * scale;
                    let y = top + row * scale;
                    self.fill([x, y], [x + scale, y + scale], color);
                }
            }
        }
    }
}

/// Returns a letter's rows from the top, the leftmost dot in the lowest bit. Letters that are
/// neither ASCII nor Latin-1 are hollow boxes.
fn dots_of(letter: char) -> [u8; 8] {
    const UNKNOWN: [u8; 8] = [0x7f, 0x41, 0x41, 0x41, 0x41, 0x41, 0x7f, 0];
    let code = letter as usize;
    match code {
        0x20..0x7f => BASIC_LEGACY[code],
        0xa0..0x100 => LATIN_LEGACY[code - 0xa0],
        _ => UNKNOWN,
    }
}
