//! Events with one scalar, decoded by hand: most events of most files are such.
//!
//! Its twin is prost's decoder, which reads whatever is not laid out just like this.

use crate::wire::event::{SCALAR_METADATA, TENSOR_HEAD};
use crate::wire::messages::{self, event::What, summary, summary_metadata};

/// What prost would decode, if the data is an event with one scalar and nothing unusual.
pub(super) fn decode(data: &[u8]) -> Option<messages::Event> {
    let mut rest = data;
    let mut wall_time = 0.0;
    if let Some(after) = rest.strip_prefix(&[0x09]) {
        let (bytes, after) = after.split_first_chunk()?;
        (wall_time, rest) = (f64::from_le_bytes(*bytes), after);
    }
    let mut step = 0;
    if let Some(after) = rest.strip_prefix(&[0x10]) {
        let (number, after) = varint(after)?;
        (step, rest) = (number as i64, after);
    }
    // The summary is the last of the event, and the value the only one of the summary.
    let summary = last_field(rest, 0x2a)?;
    let value = last_field(summary, 0x0a)?;
    let (len, rest) = varint(value.strip_prefix(&[0x0a])?)?;
    let (tag, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    let tag = std::str::from_utf8(tag).ok()?.to_owned();
    let (value, metadata) = number(rest)?;
    let metadata = match metadata {
        [] => None,
        SCALAR_METADATA => Some(scalars(messages::DataClass::Scalar)),
        // Keras sets no data class.
        b"\x4a\x0b\x0a\x09\x0a\x07scalars" => Some(scalars(messages::DataClass::Unknown)),
        _ => return None,
    };
    let value = summary::Value { tag, metadata, value: Some(value), ..Default::default() };
    let what = Some(What::Summary(messages::Summary { value: vec![value] }));
    Some(messages::Event { wall_time, step, what, ..Default::default() })
}

/// The number in either of its forms, and what comes after it.
fn number(bytes: &[u8]) -> Option<(summary::value::Value, &[u8])> {
    if let Some(after) = bytes.strip_prefix(&[0x15]) {
        let (number, rest) = after.split_first_chunk()?;
        return Some((summary::value::Value::SimpleValue(f32::from_le_bytes(*number)), rest));
    }
    let (number, rest) = bytes.strip_prefix(TENSOR_HEAD)?.split_first_chunk::<4>()?;
    let tensor = messages::TensorProto {
        dtype: messages::DataType::DtFloat as i32,
        tensor_shape: Some(messages::TensorShapeProto::default()),
        tensor_content: number.to_vec(),
        ..Default::default()
    };
    Some((summary::value::Value::Tensor(tensor), rest))
}

fn scalars(class: messages::DataClass) -> messages::SummaryMetadata {
    let plugin_name = "scalars".to_owned();
    messages::SummaryMetadata {
        plugin_data: Some(summary_metadata::PluginData { plugin_name, content: Vec::new() }),
        data_class: class as i32,
        ..Default::default()
    }
}

/// The bytes of a field that must be all there is.
fn last_field(bytes: &[u8], key: u8) -> Option<&[u8]> {
    let (len, rest) = varint(bytes.strip_prefix(&[key])?)?;
    (len == rest.len() as u64).then_some(rest)
}

/// A varint as [`write_varint`](crate::wire::protobuf::write_varint) writes it, and what follows.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    // The tenth byte of a negative number has but one bit.
    match bytes.get(9) {
        Some(1) => Some((value | 1 << 63, &bytes[10..])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::event::{self, MAX_HEAD, ScalarForm, Stamp, scalar_size};
    use proptest::prelude::*;
    use prost::Message;

    fn event(stamp: Stamp, tag: &str, value: f32, form: ScalarForm, metadata: &[u8]) -> Vec<u8> {
        let mut out = vec![0; MAX_HEAD + scalar_size(tag.len(), metadata.len())];
        let len = event::write_scalar(&mut out, stamp, tag, value, form, metadata);
        out.truncate(len);
        out
    }

    proptest! {
        #[test]
        fn what_is_decoded_is_what_prost_decodes(
            wall_time in proptest::num::f64::NORMAL,
            step: i64,
            shift in 0u32..64,
            tag in prop_oneof![".{0,20}", "[a-z]{80,300}"],
            value in proptest::num::f32::ANY.prop_filter("NaN is no equal", |f| !f.is_nan()),
            form in prop_oneof![Just(ScalarForm::Simple), Just(ScalarForm::Tensor)],
            metadata in prop_oneof![
                Just(&b""[..]),
                Just(SCALAR_METADATA),
                Just(&b"\x4a\x0b\x0a\x09\x0a\x07scalars"[..]),
            ],
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let stamp = Stamp { wall_time, step: step >> shift };
            let mut data = event(stamp, &tag, value, form, metadata);
            let expected = messages::Event::decode(&data[..]).unwrap();
            prop_assert_eq!(decode(&data), Some(expected));
            // Whatever it takes for a scalar, prost does too.
            for (at, byte) in changes {
                let at = at.index(data.len());
                data[at] = byte;
                if let Some(event) = decode(&data) {
                    // As text: NaN equals nothing.
                    let expected = messages::Event::decode(&data[..]).unwrap();
                    prop_assert_eq!(format!("{event:?}"), format!("{expected:?}"));
                }
                let cut = data.len() / 2;
                prop_assert!(decode(&data[..cut]).is_none());
            }
        }
    }

    #[test]
    fn what_prost_refuses_is_not_taken() {
        let stamp = Stamp { wall_time: 1.0, step: 0 };
        let mut data = event(stamp, "tag", 1.0, ScalarForm::Simple, b"");
        assert!(decode(&data).is_some());
        let tag = data.windows(3).position(|bytes| bytes == b"tag").unwrap();
        data[tag] = 0xff;
        assert!(messages::Event::decode(&data[..]).is_err() && decode(&data).is_none());
    }
}
