//! The values of a summary.

use super::TensorValue;
use crate::summary::DataClass;
use crate::wire::messages::{self, summary};

/// A value under a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    message: summary::Value,
}

/// What a [`Value`] holds, borrowed from it.
///
/// TensorFlow 2 and this crate write scalars, tensors of strings for images and audio, and tensors
/// of doubles for histograms; [`plugin`](Value::plugin) tells them apart. Torch and older programs
/// write the forms that have a variant of their own here.
///
/// ```
/// use tfevents::read::{Data, RunReader};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_text("note", "hello", 0);
/// # writer.close()?;
/// for event in RunReader::open(dir.path())? {
///     for value in event?.values() {
///         match value.data() {
///             Data::Scalar(number) => println!("{}: {number}", value.tag()),
///             Data::Tensor(tensor) => println!("{}: {:?}", value.tag(), tensor.shape()),
///             Data::Image(image) => println!("{}×{} pixels", image.width, image.height),
///             Data::Audio(audio) => println!("{} Hz", audio.sample_rate),
///             Data::Histogram(histogram) => println!("{} values", histogram.count),
///             _ => println!("only metadata"),
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Data<'a> {
    /// A number in its short form, `simple_value`.
    Scalar(f32),
    /// A tensor.
    Tensor(TensorValue<'a>),
    /// An image in its older form.
    Image(ImageValue<'a>),
    /// A sound in its older form.
    Audio(AudioValue<'a>),
    /// A histogram in its older form.
    Histogram(HistogramValue<'a>),
    /// A histogram in a form that nothing writes any more, as the bytes in the file.
    ObsoleteHistogram(&'a [u8]),
    /// Nothing, or something that this reader does not know. Some plugins use the metadata alone.
    Empty,
}

/// An image in its older form: see [`Data`]. Sizes are what the file says, unchecked.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ImageValue<'a> {
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
    /// Channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    pub channels: i32,
    /// A PNG, JPEG or GIF file.
    pub encoded: &'a [u8],
}

/// A sound in its older form: see [`Data`]. Sizes are what the file says, unchecked.
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

/// A histogram in its older form: see [`Data`]. Numbers are what the file says, unchecked.
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

impl Value {
    pub(super) fn new(message: summary::Value) -> Self {
        Self { message }
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.message.tag
    }

    fn plugin_data(&self) -> Option<&messages::summary_metadata::PluginData> {
        self.message.metadata.as_ref()?.plugin_data.as_ref()
    }

    /// The plugin that shows it, such as `scalars`; empty where the file does not say.
    pub fn plugin(&self) -> &str {
        self.plugin_data().map_or("", |plugin| &plugin.plugin_name)
    }

    /// The plugin's own data, a serialised message of its own; empty where there is none.
    pub fn content(&self) -> &[u8] {
        self.plugin_data().map_or(&[], |plugin| &plugin.content)
    }

    /// How TensorBoard's data server stores it; `None` if the file does not say, or says
    /// something unknown.
    pub fn data_class(&self) -> Option<DataClass> {
        match self.message.metadata.as_ref()?.data_class() {
            messages::DataClass::Unknown => None,
            messages::DataClass::Scalar => Some(DataClass::Scalar),
            messages::DataClass::Tensor => Some(DataClass::Tensor),
            messages::DataClass::BlobSequence => Some(DataClass::BlobSequence),
        }
    }

    /// The name shown instead of the tag; empty where there is none.
    pub fn display_name(&self) -> &str {
        self.message.metadata.as_ref().map_or("", |metadata| &metadata.display_name)
    }

    /// The description; empty where there is none.
    pub fn description(&self) -> &str {
        self.message.metadata.as_ref().map_or("", |metadata| &metadata.summary_description)
    }

    /// What it holds.
    pub fn data(&self) -> Data<'_> {
        match &self.message.value {
            Some(summary::value::Value::SimpleValue(value)) => Data::Scalar(*value),
            Some(summary::value::Value::Tensor(tensor)) => Data::Tensor(TensorValue::new(tensor)),
            Some(summary::value::Value::Image(image)) => Data::Image(ImageValue {
                width: image.width,
                height: image.height,
                channels: image.colorspace,
                encoded: &image.encoded_image_string,
            }),
            Some(summary::value::Value::Audio(audio)) => Data::Audio(AudioValue {
                sample_rate: audio.sample_rate,
                channels: audio.num_channels,
                frames: audio.length_frames,
                content_type: &audio.content_type,
                encoded: &audio.encoded_audio_string,
            }),
            Some(summary::value::Value::Histo(histogram)) => Data::Histogram(HistogramValue {
                min: histogram.min,
                max: histogram.max,
                count: histogram.num,
                sum: histogram.sum,
                sum_squares: histogram.sum_squares,
                limits: &histogram.bucket_limit,
                counts: &histogram.bucket,
            }),
            Some(summary::value::Value::ObsoleteOldStyleHistogram(bytes)) => {
                Data::ObsoleteHistogram(bytes)
            }
            None => Data::Empty,
        }
    }

    /// The number, if it is a scalar: a `simple_value`, or a rank-0 tensor of floats. Those are
    /// what TensorBoard's data server takes for a scalar.
    pub fn scalar(&self) -> Option<f32> {
        match self.data() {
            Data::Scalar(value) => Some(value),
            Data::Tensor(tensor) => tensor.scalar(),
            _ => None,
        }
    }

    /// The tensor, if it is one.
    pub fn tensor(&self) -> Option<TensorValue<'_>> {
        match self.data() {
            Data::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }
}
