//! The values of a summary.

use super::{AudioValue, HistogramValue, ImageValue, TensorValue};
use crate::summary::DataClass;
use crate::wire::messages::{self, summary};

/// A value under a tag.
///
/// ```
/// use tfevents::read::RunReader;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
/// let value = &event.values()[0];
/// assert_eq!((value.tag(), value.scalar()), ("loss", Some(0.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
/// use tfevents::read::{ValueData, RunReader};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_text("note", "hello", 0);
/// # writer.close()?;
/// for event in RunReader::open(dir.path())? {
///     for value in event?.values() {
///         match value.data() {
///             ValueData::Scalar(number) => println!("{}: {number}", value.tag()),
///             ValueData::Tensor(tensor) => println!("{}: {:?}", value.tag(), tensor.shape()),
///             ValueData::Image(image) => println!("{}×{} pixels", image.width, image.height),
///             ValueData::Audio(audio) => println!("{} Hz", audio.sample_rate),
///             ValueData::Histogram(histogram) => println!("{} values", histogram.count),
///             _ => println!("only metadata"),
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ValueData<'a> {
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

impl Value {
    pub(super) fn new(message: summary::Value) -> Self {
        Self { message }
    }

    /// The tag.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].tag(), "loss");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tag(&self) -> &str {
        &self.message.tag
    }

    fn plugin_data(&self) -> Option<&messages::summary_metadata::PluginData> {
        self.message.metadata.as_ref()?.plugin_data.as_ref()
    }

    /// The plugin that shows it, such as `scalars`; empty where the file does not say.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].plugin(), "scalars");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plugin(&self) -> &str {
        self.plugin_data().map_or("", |plugin| &plugin.plugin_name)
    }

    /// The plugin's own data, a serialized message of its own; empty where there is none.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert!(event.values()[0].content().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn content(&self) -> &[u8] {
        self.plugin_data().map_or(&[], |plugin| &plugin.content)
    }

    /// How TensorBoard's data server stores it; `None` if the file does not say, or says
    /// something unknown.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].data_class(), Some(tfevents::summary::DataClass::Scalar));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data_class(&self) -> Option<DataClass> {
        match self.message.metadata.as_ref()?.data_class() {
            messages::DataClass::Unknown => None,
            messages::DataClass::Scalar => Some(DataClass::Scalar),
            messages::DataClass::Tensor => Some(DataClass::Tensor),
            messages::DataClass::BlobSequence => Some(DataClass::BlobSequence),
        }
    }

    /// The name shown instead of the tag; empty where there is none.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].display_name(), "");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn display_name(&self) -> &str {
        self.message.metadata.as_ref().map_or("", |metadata| &metadata.display_name)
    }

    /// The description; empty where there is none.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].description(), "");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn description(&self) -> &str {
        self.message.metadata.as_ref().map_or("", |metadata| &metadata.summary_description)
    }

    /// What it holds.
    ///
    /// ```
    /// use tfevents::read::{ValueData, RunReader};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert!(matches!(event.values()[0].data(), ValueData::Tensor(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data(&self) -> ValueData<'_> {
        match &self.message.value {
            Some(summary::value::Value::SimpleValue(value)) => ValueData::Scalar(*value),
            Some(summary::value::Value::Tensor(tensor)) => {
                ValueData::Tensor(TensorValue::new(tensor))
            }
            Some(summary::value::Value::Image(image)) => ValueData::Image(ImageValue {
                width: image.width,
                height: image.height,
                channels: image.colorspace,
                encoded: &image.encoded_image_string,
            }),
            Some(summary::value::Value::Audio(audio)) => ValueData::Audio(AudioValue {
                sample_rate: audio.sample_rate,
                channels: audio.num_channels,
                frames: audio.length_frames,
                content_type: &audio.content_type,
                encoded: &audio.encoded_audio_string,
            }),
            Some(summary::value::Value::Histo(histogram)) => ValueData::Histogram(HistogramValue {
                min: histogram.min,
                max: histogram.max,
                count: histogram.num,
                sum: histogram.sum,
                sum_squares: histogram.sum_squares,
                limits: &histogram.bucket_limit,
                counts: &histogram.bucket,
            }),
            Some(summary::value::Value::ObsoleteOldStyleHistogram(bytes)) => {
                ValueData::ObsoleteHistogram(bytes)
            }
            None => ValueData::Empty,
        }
    }

    /// The number, if it is a scalar: a `simple_value`, or a rank-0 tensor of floats. Those are
    /// what TensorBoard's data server takes for a scalar.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].scalar(), Some(0.5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scalar(&self) -> Option<f32> {
        match self.data() {
            ValueData::Scalar(value) => Some(value),
            ValueData::Tensor(tensor) => tensor.scalar(),
            _ => None,
        }
    }

    /// The tensor, if it is one.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert!(event.values()[0].tensor().unwrap().shape().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tensor(&self) -> Option<TensorValue<'_>> {
        match self.data() {
            ValueData::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{EventReader, Payload, SessionEvent};
    use crate::wire::{messages::event::What, record};
    use prost::Message;

    /// What comes back when `what` is written.
    fn read(what: What) -> Payload {
        let event = messages::Event { what: Some(what), ..Default::default() };
        let mut bytes = Vec::new();
        let start = record::open(&mut bytes);
        event.encode(&mut bytes).unwrap();
        record::close(&mut bytes, start);
        record::seal(&mut bytes);
        EventReader::new(&bytes[..]).next().unwrap().unwrap().into_payload()
    }

    fn read_value(value: summary::value::Value) -> Value {
        let metadata = messages::SummaryMetadata {
            plugin_data: Some(messages::summary_metadata::PluginData {
                plugin_name: "plugin".into(),
                content: b"content".to_vec(),
            }),
            display_name: "display".into(),
            summary_description: "described".into(),
            data_class: 3,
        };
        let value = summary::Value {
            tag: "tag".into(),
            metadata: Some(metadata),
            value: Some(value),
            ..Default::default()
        };
        match read(What::Summary(messages::Summary { value: vec![value] })) {
            Payload::Summary(mut values) => values.remove(0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn metadata_is_read() {
        let value = read_value(summary::value::Value::SimpleValue(0.5));
        assert_eq!(
            (value.tag(), value.plugin(), value.content()),
            ("tag", "plugin", &b"content"[..])
        );
        assert_eq!((value.display_name(), value.description()), ("display", "described"));
        assert_eq!(value.data_class(), Some(DataClass::BlobSequence));
        assert_eq!(value.scalar(), Some(0.5));
    }

    #[test]
    fn older_forms_are_read() {
        let image = read_value(summary::value::Value::Image(summary::Image {
            height: 2,
            width: 3,
            colorspace: 4,
            encoded_image_string: b"png".to_vec(),
        }));
        let ValueData::Image(image) = image.data() else { panic!("{image:?}") };
        assert_eq!(image, ImageValue { width: 3, height: 2, channels: 4, encoded: b"png" });

        let audio = read_value(summary::value::Value::Audio(summary::Audio {
            sample_rate: 8000.0,
            num_channels: 2,
            length_frames: 99,
            encoded_audio_string: b"wav".to_vec(),
            content_type: "audio/wav".into(),
        }));
        let ValueData::Audio(audio) = audio.data() else { panic!("{audio:?}") };
        assert_eq!((audio.sample_rate, audio.channels, audio.frames), (8000.0, 2, 99));
        assert_eq!((audio.content_type, audio.encoded), ("audio/wav", &b"wav"[..]));

        let histogram = read_value(summary::value::Value::Histo(messages::HistogramProto {
            min: 1.0,
            max: 2.0,
            num: 3.0,
            sum: 4.0,
            sum_squares: 5.0,
            bucket_limit: vec![6.0, 7.0],
            bucket: vec![8.0, 9.0],
        }));
        let ValueData::Histogram(histogram) = histogram.data() else { panic!("{histogram:?}") };
        assert_eq!((histogram.min, histogram.max, histogram.count), (1.0, 2.0, 3.0));
        assert_eq!((histogram.sum, histogram.sum_squares), (4.0, 5.0));
        assert_eq!((histogram.limits, histogram.counts), (&[6.0, 7.0][..], &[8.0, 9.0][..]));
    }

    #[test]
    fn other_payloads_are_read() {
        let log = messages::SessionLog { status: 3, checkpoint_path: "a".into(), msg: "b".into() };
        let Payload::SessionLog(log) = read(What::SessionLog(log)) else { panic!() };
        assert_eq!(log.status, Some(SessionEvent::Checkpoint));
        assert_eq!((&*log.checkpoint_path, &*log.message), ("a", "b"));
        let log = messages::LogMessage { level: 30, message: "c".into() };
        let Payload::Log(log) = read(What::LogMessage(log)) else { panic!() };
        assert_eq!((log.level, &*log.message), (30, "c"));
        let run = messages::TaggedRunMetadata { tag: "d".into(), run_metadata: b"e".to_vec() };
        let Payload::RunMetadata(run) = read(What::TaggedRunMetadata(run)) else { panic!() };
        assert_eq!((&*run.tag, &*run.content), ("d", &b"e"[..]));
        assert_eq!(read(What::GraphDef(vec![1])), Payload::Graph(vec![1]));
        assert_eq!(read(What::MetaGraphDef(vec![2])), Payload::MetaGraph(vec![2]));
    }
}
