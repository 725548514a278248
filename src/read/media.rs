//! Images, audio and text in either form.

use super::{Kind, TensorValue, ValueError};
use crate::wire::fields::{Field, Fields, Unreadable};
use crate::wire::messages::summary;
use prost::Message;
use std::borrow::Cow;

/// A batch of images of one size, as encoded files.
///
/// ```
/// use tfevents::Image;
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_image("red", &Image::rgb8(1, 1, &[255, 0, 0])?, 0);
/// writer.close()?;
/// let images = Run::open(dir.path())?.images("red")?;
/// let image = &images.last().unwrap().value;
/// assert_eq!((image.width, image.height), (1, 1));
/// std::fs::write(dir.path().join("red.png"), &image.encoded[0])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Images<'a> {
    /// The width in pixels, as it is in the file: the images are not decoded.
    pub width: u32,
    /// The height in pixels, as it is in the file.
    pub height: u32,
    /// PNG, JPEG, GIF or BMP files.
    pub encoded: Vec<Cow<'a, [u8]>>,
}

impl<'a> Images<'a> {
    pub(super) fn new(tensor: TensorValue<'a>) -> Result<Self, ValueError> {
        let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse().ok();
        let size = match tensor.listed_strings() {
            [width, height, ..] if tensor.shape().len() == 1 => number(width).zip(number(height)),
            _ => None,
        };
        let Some((width, height)) = size else {
            let expected = "strings: width, height, images";
            return Err(ValueError::shape(Kind::Image, &tensor, expected));
        };
        let encoded = tensor.into_strings().split_off(2);
        Ok(Self { width, height, encoded })
    }

    pub(super) fn decode_old(bytes: &'a [u8]) -> Result<Self, ValueError> {
        let mut image = Self { width: 0, height: 0, encoded: vec![Cow::Borrowed(&[])] };
        let mut read = || {
            for field in Fields::new(bytes) {
                match field? {
                    (1, Field::Varint(height)) => image.height = height as u32,
                    (2, Field::Varint(width)) => image.width = width as u32,
                    (4, Field::Bytes(encoded)) => image.encoded = vec![Cow::Borrowed(encoded)],
                    (1 | 2 | 4, _) => return Err(Unreadable),
                    _ => {}
                }
            }
            Ok(())
        };
        if read().is_err() {
            let message = summary::Image::decode(bytes).map_err(ValueError::decode)?;
            image.width = message.width as u32;
            image.height = message.height as u32;
            image.encoded = vec![Cow::Owned(message.encoded_image_string)];
        }
        Ok(image)
    }

    /// Returns the value with all borrowed data copied.
    pub fn into_owned(self) -> Images<'static> {
        Images { width: self.width, height: self.height, encoded: owned(self.encoded) }
    }
}

/// A batch of sounds, as encoded files.
///
/// ```
/// use tfevents::Audio;
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_audio("beep", &Audio::new(8000, 1, &[0.0f32, 0.5])?, 0);
/// writer.close()?;
/// let sounds = Run::open(dir.path())?.audio("beep")?;
/// assert!(sounds.last().unwrap().value.encoded[0].starts_with(b"RIFF"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioClips<'a> {
    /// The MIME type; `audio/wav` unless the file says something else.
    pub content_type: Cow<'a, str>,
    /// WAV files.
    pub encoded: Vec<Cow<'a, [u8]>>,
}

impl<'a> AudioClips<'a> {
    pub(super) fn new(tensor: TensorValue<'a>) -> Result<Self, ValueError> {
        let has_labels = match (tensor.data_type(), tensor.shape()) {
            (super::DataType::String, [_]) => false,
            // TensorFlow 1 wrote a label beside each clip.
            (super::DataType::String, [_, 2]) => true,
            _ => return Err(ValueError::shape(Kind::Audio, &tensor, "a list of strings")),
        };
        let mut encoded = tensor.into_strings();
        if has_labels {
            encoded = encoded.into_iter().step_by(2).collect();
        }
        Ok(Self { content_type: Cow::Borrowed("audio/wav"), encoded })
    }

    pub(super) fn decode_old(bytes: &'a [u8]) -> Result<Self, ValueError> {
        let message = summary::Audio::decode(bytes).map_err(ValueError::decode)?;
        Ok(Self {
            content_type: Cow::Owned(message.content_type),
            encoded: vec![Cow::Owned(message.encoded_audio_string)],
        })
    }

    /// Returns the value with all borrowed data copied.
    pub fn into_owned(self) -> AudioClips<'static> {
        let content_type = Cow::Owned(self.content_type.into_owned());
        AudioClips { content_type, encoded: owned(self.encoded) }
    }
}

/// Markdown text: a single string, or a table of them.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_text("note", "**hello**", 0);
/// writer.close()?;
/// let notes = Run::open(dir.path())?.texts("note")?;
/// assert_eq!(notes.last().unwrap().value.text(), "**hello**");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextValue<'a> {
    /// The sizes of a table's dimensions; none for a single string.
    pub shape: Vec<i64>,
    /// The strings, row by row.
    pub strings: Vec<Cow<'a, str>>,
}

impl<'a> TextValue<'a> {
    pub(super) fn new(tensor: TensorValue<'a>) -> Result<Self, ValueError> {
        if tensor.data_type() != super::DataType::String {
            return Err(ValueError::shape(Kind::Text, &tensor, "strings"));
        }
        let shape = tensor.shape().to_vec();
        let text = |(index, bytes)| match bytes {
            Cow::Borrowed(bytes) => {
                let text = std::str::from_utf8(bytes).map(Cow::Borrowed);
                text.map_err(|source| ValueError::Utf8 { index, source })
            }
            Cow::Owned(bytes) => {
                let text = String::from_utf8(bytes).map(Cow::Owned);
                text.map_err(|error| ValueError::Utf8 { index, source: error.utf8_error() })
            }
        };
        let strings = tensor.into_strings().into_iter().enumerate().map(text);
        Ok(Self { shape, strings: strings.collect::<Result<_, _>>()? })
    }

    /// Returns the first string; empty if there is none.
    pub fn text(&self) -> &str {
        self.strings.first().map_or("", |text| text)
    }

    /// Returns the value with all borrowed data copied.
    pub fn into_owned(self) -> TextValue<'static> {
        let strings = self.strings.into_iter().map(|text| Cow::Owned(text.into_owned()));
        TextValue { shape: self.shape, strings: strings.collect() }
    }
}

fn owned(strings: Vec<Cow<'_, [u8]>>) -> Vec<Cow<'static, [u8]>> {
    strings.into_iter().map(|bytes| Cow::Owned(bytes.into_owned())).collect()
}
