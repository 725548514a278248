//! Events and values borrowed from a record, decoded no further than asked for.
//!
//! prost's decoder is the reference: what is laid out in a rare way (a field that comes twice,
//! groups) is decoded by prost and encoded again first, so that both find the same.

use super::Metadata;
use crate::wire::fields::{Field, Fields, Unreadable};
use crate::wire::messages;
use prost::Message;
use std::error::Error;

/// An event, borrowed from its record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RawEvent<'a> {
    pub(crate) wall_time: f64,
    pub(crate) step: i64,
    pub(super) writer: Option<&'a str>,
    pub(super) what: What<'a>,
}

/// The fields of an event; messages as their encoded bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What<'a> {
    Nothing,
    FileVersion(&'a str),
    Graph(&'a [u8]),
    Summary(&'a [u8]),
    Log(&'a [u8]),
    SessionLog(&'a [u8]),
    RunMetadata(&'a [u8]),
    MetaGraph(&'a [u8]),
}

/// A value of a summary, borrowed from its record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RawValue<'a> {
    pub(crate) tag: &'a str,
    pub(super) metadata: Metadata<'a>,
    pub(super) content: Content<'a>,
}

/// The fields of a value; messages as their encoded bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Content<'a> {
    Nothing,
    Scalar(f32),
    ObsoleteHistogram(&'a [u8]),
    Image(&'a [u8]),
    Histogram(&'a [u8]),
    Audio(&'a [u8]),
    Tensor(&'a [u8]),
}

/// An error of the decoder, whose type is private.
pub(super) type DecodeError = Box<dyn Error + Send + Sync>;

/// Decodes an event, with the help of a buffer for the rare cases.
pub(super) fn event<'a>(
    data: &'a [u8],
    buffer: &'a mut Vec<u8>,
) -> Result<RawEvent<'a>, DecodeError> {
    if let Ok(event) = RawEvent::new(data) {
        return Ok(event);
    }
    let message = messages::Event::decode(data)?;
    *buffer = message.encode_to_vec();
    RawEvent::new(buffer).map_err(|Unreadable| "malformed event".into())
}

impl<'a> RawEvent<'a> {
    /// Fails for what is no event, and for what only prost can decode.
    fn new(data: &'a [u8]) -> Result<Self, Unreadable> {
        let mut event = Self { wall_time: 0.0, step: 0, writer: None, what: What::Nothing };
        for field in Fields::new(data) {
            let what = match field? {
                (1, Field::Fixed64(bytes)) => {
                    event.wall_time = f64::from_le_bytes(bytes);
                    continue;
                }
                (2, Field::Varint(step)) => {
                    event.step = step as i64;
                    continue;
                }
                (10, Field::Bytes(source)) if event.writer.is_none() => {
                    event.writer = Some(source_writer(source)?);
                    continue;
                }
                (3, Field::Bytes(version)) => What::FileVersion(utf8(version)?),
                (4, Field::Bytes(graph)) => What::Graph(graph),
                (5, Field::Bytes(summary)) => {
                    check_summary(summary)?;
                    What::Summary(summary)
                }
                (6, Field::Bytes(log)) => What::Log(log),
                (7, Field::Bytes(log)) => What::SessionLog(log),
                (8, Field::Bytes(run)) => What::RunMetadata(run),
                (9, Field::Bytes(graph)) => What::MetaGraph(graph),
                (1..=10, _) => return Err(Unreadable),
                _ => continue,
            };
            if event.what != What::Nothing {
                return Err(Unreadable);
            }
            event.what = what;
        }
        Ok(event)
    }

    /// Returns the values of a summary; none of another event.
    pub(crate) fn values(&self) -> Values<'a> {
        match self.what {
            What::Summary(summary) => Values { fields: Fields::new(summary) },
            _ => Values { fields: Fields::new(&[]) },
        }
    }
}

/// An iterator over the values of a summary that was checked before.
#[derive(Clone, Debug)]
pub(crate) struct Values<'a> {
    fields: Fields<'a>,
}

impl<'a> Values<'a> {
    /// Returns the bytes of the next value.
    pub(crate) fn next_bytes(&mut self) -> Option<&'a [u8]> {
        loop {
            match self.fields.next()? {
                Ok((1, Field::Bytes(value))) => return Some(value),
                _ => continue,
            }
        }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = RawValue<'a>;

    fn next(&mut self) -> Option<RawValue<'a>> {
        RawValue::new(self.next_bytes()?).ok()
    }
}

fn check_summary(summary: &[u8]) -> Result<(), Unreadable> {
    for field in Fields::new(summary) {
        match field? {
            (1, Field::Bytes(value)) => drop(RawValue::new(value)?),
            (1, _) => return Err(Unreadable),
            _ => {}
        }
    }
    Ok(())
}

impl<'a> RawValue<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut value = Self { tag: "", metadata: Metadata::default(), content: Content::Nothing };
        let mut has_metadata = false;
        for field in Fields::new(bytes) {
            let content = match field? {
                (1, Field::Bytes(tag)) => {
                    value.tag = utf8(tag)?;
                    continue;
                }
                (7, Field::Bytes(node)) => {
                    utf8(node)?;
                    continue;
                }
                (9, Field::Bytes(metadata)) if !has_metadata => {
                    has_metadata = true;
                    value.metadata = Metadata::decode(metadata)?;
                    continue;
                }
                (2, Field::Fixed32(bytes)) => Content::Scalar(f32::from_le_bytes(bytes)),
                (3, Field::Bytes(histogram)) => Content::ObsoleteHistogram(histogram),
                (4, Field::Bytes(image)) => Content::Image(image),
                (5, Field::Bytes(histogram)) => Content::Histogram(histogram),
                (6, Field::Bytes(audio)) => Content::Audio(audio),
                (8, Field::Bytes(tensor)) => Content::Tensor(tensor),
                (1..=9, _) => return Err(Unreadable),
                _ => continue,
            };
            if value.content != Content::Nothing {
                return Err(Unreadable);
            }
            value.content = content;
        }
        Ok(value)
    }
}

fn source_writer(source: &[u8]) -> Result<&str, Unreadable> {
    let mut writer = "";
    for field in Fields::new(source) {
        match field? {
            (1, Field::Bytes(name)) => writer = utf8(name)?,
            (1, _) => return Err(Unreadable),
            _ => {}
        }
    }
    Ok(writer)
}

pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(bytes).map_err(|_| Unreadable)
}
