//! The values of a summary.

use super::decode::{Content, RawValue};
use super::metadata::OwnedMetadata;
use super::{
    AudioClips, GraphValue, HParamsValue, HistogramValue, Images, Kind, LayoutValue, MeshPart,
    Metadata, PrCurveValue, TensorValue, TextValue, ValueError,
};
use std::borrow::Cow;
use std::sync::Arc;

/// A value under a tag, decoded on demand.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let event = Run::open(dir.path())?.events().nth(1).unwrap()?;
/// let value = &event.values()[0];
/// assert_eq!((value.tag(), value.scalar()), ("loss", Some(0.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Value<'a> {
    /// The encoded message, which has been decoded before: it is valid.
    bytes: Cow<'a, [u8]>,
    /// The metadata of its tag, for a value that has none of its own.
    tag_metadata: Option<Arc<OwnedMetadata>>,
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

/// The data of a [`Value`], whatever form it is written in.
///
/// TensorFlow 2 and this crate write almost everything as tensors, torch and older programs in
/// forms of their own; both are read alike.
///
/// ```
/// use tfevents::read::{Run, ValueData};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_text("note", "hello", 0);
/// # writer.close()?;
/// for event in Run::open(dir.path())?.events() {
///     for value in event?.values() {
///         match value.data()? {
///             ValueData::Scalar(number) => println!("{}: {number}", value.tag()),
///             ValueData::Images(images) => println!("{}×{} pixels", images.width, images.height),
///             ValueData::Text(text) => println!("{}", text.text()),
///             ValueData::Tensor(tensor) => println!("shape {:?}", tensor.shape()),
///             _ => println!("something else: {}", value.kind()),
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ValueData<'a> {
    /// A number.
    Scalar(f32),
    /// A histogram.
    Histogram(HistogramValue),
    /// A batch of images.
    Images(Images<'a>),
    /// A batch of sounds.
    Audio(AudioClips<'a>),
    /// Text.
    Text(TextValue<'a>),
    /// A tensor for no plugin that is known here.
    Tensor(TensorValue<'a>),
    /// A precision-recall curve.
    PrCurve(PrCurveValue),
    /// A part of a mesh.
    Mesh(MeshPart<'a>),
    /// Hyperparameters.
    HParams(HParamsValue),
    /// A graph under a tag, or what a step of one cost.
    Graph(GraphValue<'a>),
    /// A layout of the custom scalars dashboard.
    Layout(LayoutValue),
    /// Metadata alone, or something that is not known here.
    Other,
}

impl<'a> Value<'a> {
    pub(super) fn new(bytes: &'a [u8], tag_metadata: Option<Arc<OwnedMetadata>>) -> Self {
        Self { bytes: Cow::Borrowed(bytes), tag_metadata }
    }

    /// Copies what is borrowed, so that the value outlives its record.
    pub fn into_owned(self) -> Value<'static> {
        Value { bytes: Cow::Owned(self.bytes.into_owned()), tag_metadata: self.tag_metadata }
    }

    pub(super) fn set_tag_metadata(&mut self, metadata: Option<Arc<OwnedMetadata>>) {
        self.tag_metadata = metadata;
    }

    pub(super) fn raw(&self) -> RawValue<'_> {
        RawValue::new(&self.bytes).unwrap_or(RawValue {
            tag: "",
            metadata: Metadata::default(),
            content: Content::Nothing,
        })
    }

    /// Returns the tag.
    pub fn tag(&self) -> &str {
        self.raw().tag
    }

    /// Returns the metadata: the value's own, or else that of its tag where that is known.
    pub fn metadata(&self) -> Metadata<'_> {
        let own = self.raw().metadata;
        match &self.tag_metadata {
            Some(metadata) if own.is_empty() => metadata.borrow(),
            _ => own,
        }
    }

    /// Returns the plugin of the [`metadata`](Self::metadata); empty if there is none.
    pub fn plugin(&self) -> &str {
        self.metadata().plugin
    }

    /// Returns the kind of the data.
    pub fn kind(&self) -> Kind {
        Kind::new(self.metadata(), self.raw().content)
    }

    /// Returns the number, if it is one for TensorBoard's data server: a `simple_value`, or a
    /// rank-0 tensor of `f32`.
    pub fn scalar(&self) -> Option<f32> {
        match self.raw().content {
            Content::Scalar(value) => Some(value),
            Content::Tensor(tensor) => TensorValue::decode(tensor).ok()?.scalar(),
            _ => None,
        }
    }

    /// Returns the tensor, if it is written as one.
    pub fn tensor(&self) -> Option<TensorValue<'_>> {
        match self.raw().content {
            Content::Tensor(tensor) => TensorValue::decode(tensor).ok(),
            _ => None,
        }
    }

    /// Decodes the data.
    ///
    /// # Errors
    /// If the data are not what their [`kind`](Self::kind) asks for.
    pub fn data(&self) -> Result<ValueData<'_>, ValueError> {
        let RawValue { content, .. } = self.raw();
        let metadata = self.metadata();
        Ok(match (Kind::new(metadata, content), content) {
            (_, Content::Nothing) if metadata.plugin != "hparams" => ValueData::Other,
            (_, Content::Scalar(value)) => ValueData::Scalar(value),
            (_, Content::Image(bytes)) => ValueData::Images(Images::decode_old(bytes)?),
            (_, Content::Audio(bytes)) => ValueData::Audio(AudioClips::decode_old(bytes)?),
            (_, Content::Histogram(bytes)) => {
                ValueData::Histogram(HistogramValue::decode_old(bytes)?)
            }
            // Their data are in the metadata.
            (Kind::HParams, _) => ValueData::HParams(HParamsValue::decode(metadata.content)?),
            (kind, Content::Tensor(bytes)) => {
                let tensor = TensorValue::decode(bytes)?;
                match kind {
                    Kind::Scalar => {
                        let number = tensor.scalar();
                        ValueData::Scalar(
                            number
                                .ok_or_else(|| ValueError::shape(kind, &tensor, "a single f32"))?,
                        )
                    }
                    Kind::Histogram => ValueData::Histogram(HistogramValue::new(&tensor)?),
                    Kind::Image => ValueData::Images(Images::new(tensor)?),
                    Kind::Audio => ValueData::Audio(AudioClips::new(tensor)?),
                    Kind::Text => ValueData::Text(TextValue::new(tensor)?),
                    Kind::PrCurve => ValueData::PrCurve(PrCurveValue::new(&tensor)?),
                    Kind::Mesh => ValueData::Mesh(MeshPart::new(tensor, metadata.content)?),
                    Kind::Graph => ValueData::Graph(GraphValue::new(tensor, metadata.plugin)?),
                    Kind::Layout => ValueData::Layout(LayoutValue::new(&tensor)?),
                    _ => ValueData::Tensor(tensor),
                }
            }
            _ => ValueData::Other,
        })
    }
}
