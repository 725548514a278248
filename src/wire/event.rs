//! Hand-written encoders: of the few bytes around any payload, and of all of a scalar's event.
//!
//! The bytes equal those that prost writes for the same message, as the tests check.

use super::fields::{Field, Fields, varint};
use super::protobuf::{MAX_VARINT, WireType, field_len, key, put_bytes, put_len, write_varint};
use super::record;

/// The kind of an event's payload: the number of its field in the `Event` message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    FileVersion = 3,
    Graph = 4,
    Summary = 5,
    SessionLog = 7,
    RunMetadata = 8,
}

/// The payload of a session log with the status `START`.
pub(crate) const SESSION_START: &[u8] = &[key(1, WireType::Varint), 1];

/// Appends the payload of a session log with the status `STOP`: the end of a run. The message is
/// shorter than 128 bytes.
pub(crate) fn put_session_stop(out: &mut Vec<u8>, message: &str) {
    out.extend([key(1, WireType::Varint), 2]);
    put_bytes(out, 3, message.as_bytes());
}

/// The wall time and the step of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stamp {
    /// Seconds since 1970; finite.
    pub(crate) wall_time: f64,
    pub(crate) step: i64,
}

/// The maximum length of an event without its payload.
pub(crate) const MAX_HEAD: usize = 9 + 11 + 1 + MAX_VARINT;

/// Writes wall time and step to the front of `out`, and returns their length.
#[inline]
fn write_stamp(out: &mut [u8], stamp: Stamp) -> usize {
    let mut at = 0;
    if stamp.wall_time != 0.0 {
        out[0] = key(1, WireType::Fixed64);
        out[1..9].copy_from_slice(&stamp.wall_time.to_le_bytes());
        at = 9;
    }
    if stamp.step != 0 {
        out[at] = key(2, WireType::Varint);
        at += 1 + write_varint(&mut out[at + 1..], stamp.step as u64);
    }
    at
}

/// Returns the maximum length of a scalar's event without its stamp.
pub(crate) const fn scalar_size(tag_len: usize, metadata_len: usize) -> usize {
    3 * (1 + MAX_VARINT) + tag_len + TENSOR_HEAD.len() + 4 + metadata_len
}

/// Appends the record that begins every event file.
pub(crate) fn put_file_version(out: &mut Vec<u8>, wall_time: f64, writer: &str) {
    let start = record::open(out);
    put_event(out, Stamp { wall_time, step: 0 }, Payload::FileVersion, b"brain.Event:2");
    let source = field_len(writer.len());
    put_len(out, 10, source);
    put_bytes(out, 1, writer.as_bytes());
    record::close(out, start);
}

/// Appends an event.
pub(crate) fn put_event(out: &mut Vec<u8>, stamp: Stamp, payload: Payload, body: &[u8]) {
    let start = out.len();
    out.resize(start + MAX_HEAD + body.len(), 0);
    let len = write_event(&mut out[start..], stamp, payload, body);
    out.truncate(start + len);
}

/// Writes an event to the front of `out`, and returns its length. [`MAX_HEAD`] and the body must
/// fit.
pub(crate) fn write_event(out: &mut [u8], stamp: Stamp, payload: Payload, body: &[u8]) -> usize {
    let mut at = write_stamp(out, stamp);
    out[at] = key(payload as u8, WireType::Bytes);
    at += 1 + write_varint(&mut out[at + 1..], body.len() as u64);
    out[at..][..body.len()].copy_from_slice(body);
    at + body.len()
}

/// The encoding of a scalar's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ScalarForm {
    /// A `simple_value`, as torch writes it.
    #[default]
    Simple,
    /// A rank-0 float tensor, as TensorFlow 2 and Keras write it.
    Tensor,
}

/// The bytes between the tag and the four bytes of the value.
pub(crate) const TENSOR_HEAD: &[u8] = &[0x42, 10, 0x08, 1, 0x12, 0, 0x22, 4];
const SIMPLE_HEAD: &[u8] = &[key(2, WireType::Fixed32)];

/// The metadata field of a scalar without display name and description: plugin `scalars`, data
/// class 1.
pub(crate) const SCALAR_METADATA: &[u8] = b"\x4a\x0d\x0a\x09\x0a\x07scalars\x20\x01";

impl ScalarForm {
    const fn head(self) -> &'static [u8] {
        match self {
            ScalarForm::Tensor => TENSOR_HEAD,
            ScalarForm::Simple => SIMPLE_HEAD,
        }
    }
}

/// Writes an event with one scalar to the front of `out`, and returns its length. [`MAX_HEAD`] and
/// [`scalar_size`] must fit. `metadata` is the encoded field.
#[inline]
pub(crate) fn write_scalar(
    out: &mut [u8],
    stamp: Stamp,
    tag: &str,
    value: f32,
    form: ScalarForm,
    metadata: &[u8],
) -> usize {
    let mut at = write_stamp(out, stamp);
    at += write_scalar_head(&mut out[at..], tag, form, metadata.len());
    out[at..][..4].copy_from_slice(&value.to_le_bytes());
    at += 4;
    out[at..][..metadata.len()].copy_from_slice(metadata);
    at + metadata.len()
}

/// Writes the bytes between the stamp and the value, and returns their length.
#[inline]
fn write_scalar_head(out: &mut [u8], tag: &str, form: ScalarForm, metadata_len: usize) -> usize {
    const KEYS: [u8; 3] = [
        key(Payload::Summary as u8, WireType::Bytes),
        key(1, WireType::Bytes),
        key(1, WireType::Bytes),
    ];
    let tag = tag.as_bytes();
    let head = form.head();
    let rest = head.len() + 4 + metadata_len;
    let mut at = 6;
    // Almost always all three lengths take a byte each.
    if tag.len() + rest < 0x80 - 4 {
        let value_len = (2 + tag.len() + rest) as u8;
        let lens = [value_len + 2, value_len, tag.len() as u8];
        out[..6].copy_from_slice(&[KEYS[0], lens[0], KEYS[1], lens[1], KEYS[2], lens[2]]);
    } else {
        let value_len = field_len(tag.len()) + rest;
        at = 0;
        for (key, len) in KEYS.into_iter().zip([field_len(value_len), value_len, tag.len()]) {
            out[at] = key;
            at += 1 + write_varint(&mut out[at + 1..], len as u64);
        }
    }
    out[at..][..tag.len()].copy_from_slice(tag);
    at += tag.len();
    out[at..][..head.len()].copy_from_slice(head);
    at + head.len()
}

/// A scalar's event without stamp and value, encoded once for a tag that is logged often.
#[derive(Debug, Clone)]
pub(crate) struct ScalarTemplate {
    /// The event without its stamp, with a zero for the value.
    bytes: Box<[u8]>,
    /// The position of the value.
    value: usize,
}

impl ScalarTemplate {
    pub(crate) fn new(tag: &str, form: ScalarForm, metadata: &[u8]) -> Self {
        let mut bytes = vec![0; scalar_size(tag.len(), metadata.len())];
        let value = write_scalar_head(&mut bytes, tag, form, metadata.len());
        let end = value + 4 + metadata.len();
        bytes[value + 4..end].copy_from_slice(metadata);
        bytes.truncate(end);
        Self { bytes: bytes.into(), value }
    }

    /// Returns the length of the event without its stamp.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Writes the event to the front of `out`, and returns its length. Equal to [`write_scalar`].
    #[inline]
    pub(crate) fn write(&self, out: &mut [u8], stamp: Stamp, value: f32) -> usize {
        let at = write_stamp(out, stamp);
        let out = &mut out[at..][..self.bytes.len()];
        out.copy_from_slice(&self.bytes);
        out[self.value..][..4].copy_from_slice(&value.to_le_bytes());
        at + self.bytes.len()
    }
}

/// The contents of an event as far as [`peek`] reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peek<'a> {
    /// A summary whose first value has this tag.
    Value {
        tag: &'a [u8],
        /// The bytes up to the end of the tag: no event under another tag begins with them.
        head: &'a [u8],
        /// The fields of the value after the tag.
        fields: &'a [u8],
    },
    /// A session log with the status `START`.
    SessionStart,
    Other,
}

/// Splits an event that this module wrote, without decoding it: returns its step and the rest, which
/// begins with the payload.
#[inline]
pub(crate) fn split_step(data: &[u8]) -> Option<(i64, &[u8])> {
    let mut rest = data;
    if *rest.first()? == key(1, WireType::Fixed64) {
        rest = rest.get(9..)?;
    }
    let mut step = 0;
    if *rest.first()? == key(2, WireType::Varint) {
        (step, rest) = varint(&rest[1..])?;
    }
    Some((step as i64, rest))
}

/// Looks at the payload of an event: the rest that [`split_step`] returned.
pub(crate) fn peek(rest: &[u8]) -> Peek<'_> {
    try_peek(rest).unwrap_or(Peek::Other)
}

fn try_peek(rest: &[u8]) -> Option<Peek<'_>> {
    let payload = *rest.first()?;
    let (_, body) = varint(&rest[1..])?;
    if payload == key(Payload::SessionLog as u8, WireType::Bytes) && body == SESSION_START {
        return Some(Peek::SessionStart);
    }
    let field = key(1, WireType::Bytes);
    if payload != key(Payload::Summary as u8, WireType::Bytes) || *body.first()? != field {
        return None;
    }
    let (value_len, value) = varint(&body[1..])?;
    if *value.first()? != field {
        return None;
    }
    let (len, name) = varint(&value[1..])?;
    let (tag, after) = name.split_at_checked(usize::try_from(len).ok()?)?;
    let head = &rest[..rest.len() - after.len()];
    let fields = value.get(value.len() - after.len()..usize::try_from(value_len).ok()?)?;
    Some(Peek::Value { tag, head, fields })
}

/// Returns the kind of data in the fields of a summary's value: the name of its plugin, or that of the
/// plugin for data of an older form without metadata.
pub(crate) fn kind(fields: &[u8]) -> Option<&[u8]> {
    let mut kind: Option<&[u8]> = None;
    for field in Fields::new(fields) {
        kind = match field.ok()? {
            (2, Field::Fixed32(_)) => Some(b"scalars"),
            (4, Field::Bytes(_)) => Some(b"images"),
            (5, Field::Bytes(_)) => Some(b"histograms"),
            (6, Field::Bytes(_)) => Some(b"audio"),
            (9, Field::Bytes(metadata)) => return bytes_of(metadata).and_then(bytes_of).or(kind),
            _ => kind,
        };
    }
    kind
}

/// Returns the first field of a message, if it is number 1 and has bytes.
fn bytes_of(message: &[u8]) -> Option<&[u8]> {
    match Fields::new(message).next()?.ok()? {
        (1, Field::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::{self, summary, summary_metadata};
    use proptest::prelude::*;
    use prost::Message;

    fn encoded_by_prost(stamp: Stamp, tag: &str, value: f32, form: ScalarForm) -> Vec<u8> {
        let value = match form {
            ScalarForm::Simple => summary::value::Value::SimpleValue(value),
            ScalarForm::Tensor => summary::value::Value::Tensor(messages::TensorProto {
                dtype: messages::DataType::DtFloat as i32,
                tensor_shape: Some(messages::TensorShapeProto::default()),
                tensor_content: value.to_le_bytes().to_vec(),
                ..Default::default()
            }),
        };
        let metadata = messages::SummaryMetadata {
            plugin_data: Some(summary_metadata::PluginData {
                plugin_name: "scalars".to_owned(),
                content: Vec::new(),
            }),
            data_class: messages::DataClass::Scalar as i32,
            ..Default::default()
        };
        messages::Event {
            wall_time: stamp.wall_time,
            step: stamp.step,
            what: Some(messages::event::What::Summary(messages::Summary {
                value: vec![summary::Value {
                    tag: tag.to_owned(),
                    metadata: Some(metadata),
                    value: Some(value),
                    ..Default::default()
                }],
            })),
            ..Default::default()
        }
        .encode_to_vec()
    }

    #[test]
    fn kinds_are_those_of_the_metadata_or_of_the_older_form() {
        let value = |value, plugin_name: &str| summary::Value {
            metadata: Some(messages::SummaryMetadata {
                plugin_data: Some(summary_metadata::PluginData {
                    plugin_name: plugin_name.to_owned(),
                    content: vec![1],
                }),
                ..Default::default()
            }),
            value: Some(value),
            ..Default::default()
        };
        let (simple, image) = (summary::value::Value::SimpleValue(0.5), summary::Image::default());
        let image = summary::value::Value::Image(image);
        for (value, expected) in [
            (value(simple.clone(), "custom"), "custom"),
            (value(simple.clone(), ""), "scalars"),
            (summary::Value { value: Some(simple), ..Default::default() }, "scalars"),
            (summary::Value { value: Some(image), ..Default::default() }, "images"),
        ] {
            assert_eq!(kind(&value.encode_to_vec()), Some(expected.as_bytes()));
        }
        assert_eq!(kind(b""), None);
    }

    proptest! {
        #[test]
        fn scalars_equal_those_of_prost(
            wall_time in prop_oneof![Just(0.0), any::<f64>()],
            step: i64,
            shift in 0u32..64,
            tag in prop_oneof![".{1,20}", "[a-z]{80,300}"],
            value: u32,
            simple: bool,
        ) {
            // Any bit pattern, NaN with its payload included; steps of every length.
            let (value, step) = (f32::from_bits(value), step >> shift);
            let stamp = Stamp { wall_time, step };
            let form = if simple { ScalarForm::Simple } else { ScalarForm::Tensor };
            let expected = encoded_by_prost(stamp, &tag, value, form);

            // The buffer has exactly the documented length.
            let mut out = vec![0xff; MAX_HEAD + scalar_size(tag.len(), SCALAR_METADATA.len())];
            let len = write_scalar(&mut out, stamp, &tag, value, form, SCALAR_METADATA);
            prop_assert_eq!(&out[..len], &expected);

            let template = ScalarTemplate::new(&tag, form, SCALAR_METADATA);
            let mut out = vec![0xff; MAX_HEAD + template.size()];
            let len = template.write(&mut out, stamp, value);
            prop_assert_eq!(&out[..len], &expected);
        }
    }

    #[test]
    fn a_scalar_without_data_class_equals_that_of_keras() {
        let mut out = [0; 100];
        let stamp = Stamp { wall_time: 0.0, step: 3 };
        let metadata = b"\x4a\x0b\x0a\x09\x0a\x07scalars";
        let pi = std::f32::consts::PI;
        let len = write_scalar(&mut out, stamp, "s/pi", pi, ScalarForm::Tensor, metadata);
        let hex: String = out[..len].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "10032a210a1f0a04732f7069420a080112002204db0f49404a0b0a090a077363616c617273"
        );
    }

    #[test]
    fn the_file_version_equals_that_of_prost() {
        let mut out = Vec::new();
        put_file_version(&mut out, 1.5, "someone");
        let expected = messages::Event {
            wall_time: 1.5,
            what: Some(messages::event::What::FileVersion("brain.Event:2".to_owned())),
            source_metadata: Some(messages::SourceMetadata { writer: "someone".to_owned() }),
            ..Default::default()
        };
        let data = &out[record::HEADER..out.len() - record::FOOTER];
        assert_eq!(data, expected.encode_to_vec());
    }
}
