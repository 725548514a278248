//! Values in the forms that TensorBoard's first version had.

/// An image in its older form: see [`ValueData`](super::Data). Sizes are what the file says, unchecked.
///
/// ```
/// use tfevents::read::{ValueData, Value};
///
/// fn save(value: &Value) -> std::io::Result<()> {
///     match value.data() {
///         ValueData::Image(image) => std::fs::write("image.png", image.encoded),
///         _ => Ok(()),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ImageValue<'a> {
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
    /// Channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
    pub channels: i32,
    /// A PNG, JPEG or GIF file.
    pub encoded: &'a [u8],
}

/// A sound in its older form: see [`ValueData`](super::Data). Sizes are what the file says, unchecked.
///
/// ```
/// use tfevents::read::{ValueData, Value};
///
/// fn seconds(value: &Value) -> Option<f32> {
///     match value.data() {
///         ValueData::Audio(audio) => Some(audio.frames as f32 / audio.sample_rate),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AudioValue<'a> {
    /// Frames in one second.
    pub sample_rate: f32,
    /// Channels.
    pub channels: i64,
    /// Length in frames.
    pub frames: i64,
    /// MIME type of the file, such as `audio/wav`.
    pub content_type: &'a str,
    /// An audio file.
    pub encoded: &'a [u8],
}

/// A histogram in its older form: see [`ValueData`](super::Data). Numbers are what the file says, unchecked.
///
/// ```
/// use tfevents::read::{ValueData, Value};
///
/// fn mean(value: &Value) -> Option<f64> {
///     match value.data() {
///         ValueData::Histogram(histogram) => Some(histogram.sum / histogram.count),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HistogramValue<'a> {
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// How many values.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_squares: f64,
    /// The upper edge of each bucket.
    pub limits: &'a [f64],
    /// The count of each bucket.
    pub counts: &'a [f64],
}
