//! Video: frames that play as an animated GIF.

use super::{Image, ImageError, ImageLayout, PixelValue, Summary, SummaryEncoder};
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use std::borrow::Cow;
use std::error::Error;

/// A short video, played by the Images dashboard in a loop. Needs the feature `video`.
///
/// The frames are written as a GIF file, which the constructor encodes. Gray frames, and frames of
/// at most 256 colors, keep every pixel; others are reduced to 256 colors each. In an alpha
/// channel 0 is transparent, and all other values become opaque.
///
/// ```
/// use tfevents::summary::{ImageLayout, Video};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// // A light that moves through eight pixels, ten frames per second.
/// let mut frames = vec![0u8; 8 * 8];
/// (0..8).for_each(|i| frames[i * 8 + i] = 255);
/// writer.add_video("light", &Video::from_array(10.0, ImageLayout::Hwc, [8, 1, 8, 1], &frames)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("gif", "add_video"))]
pub struct Video {
    /// The GIF file.
    image: Image,
    frames: usize,
}

/// An error creating a [`Video`]. Needs the feature `video`.
///
/// ```
/// let error = tfevents::summary::Video::new(90.0, []).unwrap_err();
/// assert_eq!(error.to_string(), "invalid frame rate: 90 frames per second (expected 0.01 to 50)");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VideoError {
    /// A GIF cannot have this frame rate, or browsers would slow it down.
    #[error("invalid frame rate: {given} frames per second (expected {MIN_RATE} to {MAX_RATE})")]
    #[non_exhaustive]
    Rate {
        /// The frames per second that were given.
        given: f64,
    },
    /// There is no frame.
    #[error("invalid number of video frames: 0 (expected at least 1)")]
    NoFrames,
    /// A frame has another size than the first.
    #[error(
        "invalid size of video frame {index}: {width}x{height} pixels (expected {}x{}, as the first)",
        first.0, first.1
    )]
    #[non_exhaustive]
    FrameSize {
        /// The index of the frame.
        index: usize,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// Width and height of the first frame.
        first: (u32, u32),
    },
    /// A side is too long for a GIF.
    #[error("invalid video size: {width}x{height} pixels (expected 1 to 65535 on each side)")]
    #[non_exhaustive]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The frames cannot be created from the values, or one of them is an encoded file.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The GIF encoder failed.
    #[error("cannot encode the video frames as GIF")]
    #[non_exhaustive]
    Encoding {
        /// The error of the encoder.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A frame that stays for longer than 100 seconds is a still.
const MIN_RATE: f64 = 0.01;
/// Browsers slow down GIFs whose frames stay for less than a fiftieth of a second.
const MAX_RATE: f64 = 50.0;

impl Video {
    /// Creates a video from images of one size, `frame_rate` of them per second; each image of a
    /// batch is a frame.
    ///
    /// GIFs count in hundredths of a second. If a frame's time is no multiple of that, some frames
    /// stay a hundredth longer than others, so that the video as a whole has the right length.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::Video;
    ///
    /// let red = Image::rgb8(1, 1, &[255, 0, 0])?;
    /// let blue = Image::rgb8(1, 1, &[0, 0, 255])?;
    /// let blinking = Video::new(2.0, [&red, &blue])?;
    /// assert_eq!(blinking.frames(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the rate is not in 0.01 to 50, there is no frame, the frames differ in size, a side is
    /// longer than 65535 pixels, or one of them is an encoded file.
    pub fn new<'a>(
        frame_rate: f64,
        frames: impl IntoIterator<Item = &'a Image>,
    ) -> Result<Self, VideoError> {
        if !(MIN_RATE..=MAX_RATE).contains(&frame_rate) {
            return Err(VideoError::Rate { given: frame_rate });
        }
        let frames = match Image::batch(frames) {
            Err(ImageError::EmptyBatch) => return Err(VideoError::NoFrames),
            batch => batch?,
        };
        let frames = frames.pixels()?;
        // A batch has one or more images.
        let (width, height) = (frames[0].width, frames[0].height);
        let (Ok(w), Ok(h)) = (u16::try_from(width), u16::try_from(height)) else {
            return Err(VideoError::Size { width, height });
        };
        let odd = frames.iter().position(|frame| (frame.width, frame.height) != (width, height));
        if let Some(index) = odd {
            let frame = frames[index];
            let first = (width, height);
            let width = frame.width;
            let height = frame.height;
            return Err(VideoError::FrameSize { index, width, height, first });
        }
        let starts_at = |index: usize| (index as f64 * 100.0 / frame_rate).round();
        let frames = frames.iter().enumerate().map(|(index, frame)| {
            // Between 2 and 10000, as the rate is checked.
            let delay = (starts_at(index + 1) - starts_at(index)) as u16;
            Frame { delay, ..indexed(w, h, frame.channels, frame.bytes) }
        });
        let count = frames.len();
        let file =
            gif(w, h, frames).map_err(|error| VideoError::Encoding { source: error.into() })?;
        Ok(Self { image: Image::from_encoded(file)?, frames: count })
    }

    /// Creates a video from an array: the number of frames is the first in its shape, the other
    /// sizes are in the order of `layout`. [`PixelValue`] describes how values become bytes.
    ///
    /// ```
    /// use tfevents::summary::{ImageLayout, Video};
    ///
    /// let frames = vec![0.5f32; 16 * 3 * 24 * 32]; // 16 frames of 32x24 pixels, as planes
    /// let video = Video::from_array(8.0, ImageLayout::Chw, [16, 3, 24, 32], &frames)?;
    /// # Ok::<(), tfevents::summary::VideoError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`new`](Self::new), and if the values do not fit the shape.
    pub fn from_array<T: PixelValue>(
        frame_rate: f64,
        layout: ImageLayout,
        shape: [usize; 4],
        values: &[T],
    ) -> Result<Self, VideoError> {
        match Image::batch_from_array(layout, shape, values) {
            Err(ImageError::EmptyBatch) => Err(VideoError::NoFrames),
            frames => Self::new(frame_rate, [&frames?]),
        }
    }

    /// Returns the number of frames.
    ///
    /// ```
    /// use tfevents::summary::{ImageLayout, Video};
    ///
    /// assert_eq!(Video::from_array(1.0, ImageLayout::Hwc, [3, 1, 1, 1], &[0u8; 3])?.frames(), 3);
    /// # Ok::<(), tfevents::summary::VideoError>(())
    /// ```
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Returns the GIF file as an image, for a batch of several videos.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::{ImageLayout, Video};
    ///
    /// let short = Video::from_array(1.0, ImageLayout::Hwc, [1, 1, 1, 1], &[0u8])?;
    /// let batch = Image::batch([short.as_image(), short.as_image()])?;
    /// # Ok::<(), tfevents::summary::VideoError>(())
    /// ```
    pub fn as_image(&self) -> &Image {
        &self.image
    }
}

/// Encodes a frame whose pixels are indices of colors, from as many bytes as the size needs.
fn indexed(width: u16, height: u16, channels: u8, bytes: &[u8]) -> Frame<'_> {
    if channels == 1 {
        return Frame { width, height, buffer: Cow::Borrowed(bytes), ..Frame::default() };
    }
    // From 1, the best colors, to 10, the least time, as the encoder's authors recommend.
    let speed = (bytes.len() / usize::from(channels) / 16_384).clamp(1, 10) as i32;
    let mut rgba: Vec<u8> = match channels {
        2 => bytes.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
        3 => bytes.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
        _ => bytes.to_vec(),
    };
    let mut frame = Frame::from_rgba_speed(width, height, &mut rgba, speed);
    if frame.transparent.is_some() {
        // Transparent pixels must not show the frame before.
        frame.dispose = DisposalMethod::Background;
    }
    frame
}

fn gif<'a>(
    width: u16,
    height: u16,
    frames: impl Iterator<Item = Frame<'a>>,
) -> Result<Vec<u8>, gif::EncodingError> {
    // For the gray frames.
    let grays: Vec<u8> = (0..=255).flat_map(|gray| [gray; 3]).collect();
    let mut encoder = Encoder::new(Vec::new(), width, height, &grays)?;
    encoder.set_repeat(Repeat::Infinite)?;
    for frame in frames {
        encoder.write_frame(&frame)?;
    }
    encoder.into_inner()
}

impl Summary for Video {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        self.image.encode(tag, encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        self.image.encoded_len_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::{Summary, summary::value::Value};
    use prost::Message;

    /// Returns the delay and the RGBA pixels of each frame.
    fn decoded(video: &Video) -> Vec<(u16, Vec<u8>)> {
        let mut body = Vec::new();
        crate::summary::Summary::encode(video, "tag", &mut SummaryEncoder::new(&mut body));
        let summary = Summary::decode(&body[..]).unwrap();
        let Some(Value::Tensor(tensor)) = &summary.value[0].value else { panic!("no tensor") };
        let file = &tensor.string_val[2];
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(&file[..]).unwrap();
        assert_eq!(decoder.repeat(), Repeat::Infinite);
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            frames.push((frame.delay, frame.buffer.to_vec()));
        }
        frames
    }

    fn rgba(color: [u8; 3]) -> [u8; 4] {
        [color[0], color[1], color[2], 255]
    }

    #[test]
    fn gray_frames_keep_every_pixel() {
        let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        let video = Video::from_array(25.0, ImageLayout::Hwc, [2, 16, 16, 1], &bytes).unwrap();
        assert_eq!(video.frames(), 2);
        let expected = bytes
            .chunks_exact(256)
            .map(|frame| (4, frame.iter().flat_map(|&gray| rgba([gray; 3])).collect::<Vec<u8>>()));
        assert!(decoded(&video).into_iter().eq(expected));
    }

    #[test]
    fn few_colors_are_kept_and_many_come_near() {
        let few: Vec<[u8; 3]> = (0..=255u8).map(|i| [i, i.wrapping_mul(7), 255 - i]).collect();
        let image = Image::rgb8(16, 16, few.as_flattened()).unwrap();
        let clear = Image::rgba8(16, 16, [9, 8, 7, 0].repeat(256)).unwrap();
        let many: Vec<[u8; 3]> = (0..=255u8).map(|i| [i, i / 16 * 17, i % 16 * 17]).collect();
        let wide = Image::rgb8(32, 16, [many.as_flattened(), few.as_flattened()].concat());
        let video = Video::new(50.0, [&image, &clear]).unwrap();
        let frames = decoded(&video);
        assert_eq!(frames[0].1, few.iter().flat_map(|&color| rgba(color)).collect::<Vec<u8>>());
        assert!(frames[1].1.chunks_exact(4).all(|pixel| pixel[3] == 0));
        let frames = decoded(&Video::new(1.0, [&wide.unwrap()]).unwrap());
        let all = many.iter().chain(&few).flat_map(|&color| rgba(color));
        let off: u32 = frames[0].1.iter().zip(all).map(|(&a, b)| u32::from(a.abs_diff(b))).sum();
        let mean = off / (3 * 512);
        assert!(mean < 12, "{mean}");
        assert_eq!(frames[0].0, 100);
    }

    #[test]
    fn the_video_as_a_whole_has_the_right_length() {
        let video = Video::from_array(30.0, ImageLayout::Hwc, [30, 1, 1, 1], &[0u8; 30]).unwrap();
        let delays: Vec<u16> = decoded(&video).iter().map(|frame| frame.0).collect();
        assert_eq!(delays.iter().sum::<u16>(), 100);
        assert!(delays.iter().all(|delay| (3..=4).contains(delay)), "{delays:?}");
    }

    #[test]
    fn invalid_videos_are_refused() {
        use VideoError::{FrameSize, NoFrames, Rate, Size};
        let pixel = Image::gray8(1, 1, &[0]).unwrap();
        for given in [0.0, -1.0, 50.5, f64::INFINITY] {
            let result = Video::new(given, [&pixel]);
            assert!(matches!(result, Err(Rate { given: found }) if found == given));
        }
        assert!(matches!(Video::new(f64::NAN, [&pixel]), Err(Rate { .. })));
        assert!(matches!(Video::new(1.0, []), Err(NoFrames)));
        let none = Video::from_array(1.0, ImageLayout::Hwc, [0, 1, 1, 1], &[0u8; 0]);
        assert!(matches!(none, Err(NoFrames)));
        let wide = Image::gray8(2, 1, &[0, 0]).unwrap();
        assert!(matches!(
            Video::new(1.0, [&pixel, &wide]),
            Err(FrameSize { index: 1, width: 2, height: 1, first: (1, 1) })
        ));
        let long = Image::gray8(65_536, 1, vec![0; 65_536]).unwrap();
        let long = Video::new(1.0, [&long]);
        assert!(matches!(long, Err(Size { width: 65_536, height: 1 })));
        let file = Video::new(1.0, [&pixel]).unwrap();
        let again = Video::new(1.0, [&pixel, file.as_image()]);
        assert!(matches!(again, Err(VideoError::Image(ImageError::Encoded { index: 1 }))));
        let length = Video::from_array(1.0, ImageLayout::Hwc, [2, 1, 1, 1], &[0u8]).unwrap_err();
        assert_eq!(
            length.to_string(),
            "invalid number of image values: 1 (expected 2, for 2 images of 1x1 pixels with 1 channel)"
        );
    }
}
