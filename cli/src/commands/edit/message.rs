//! Encoded protobuf messages as lists of fields, whatever the fields are.

use crate::output::numbers::push_varint;
use anyhow::{Context, bail};
use std::io::{self, Write};

// Fields of an event.
pub(super) const STEP: u32 = 2;
pub(super) const FILE_VERSION: u32 = 3;
pub(super) const SUMMARY: u32 = 5;
// The values of a summary.
pub(super) const VALUE: u32 = 1;
// Fields of a value.
pub(super) const TAG: u32 = 1;
pub(super) const SIMPLE_VALUE: u32 = 2;
pub(super) const TENSOR: u32 = 8;
pub(super) const METADATA: u32 = 9;

/// A field as it is encoded: its number, the type on the wire, and the content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    number: u32,
    wire_type: u8,
    content: Vec<u8>,
}

impl Field {
    pub(super) fn varint(number: u32, value: u64) -> Self {
        let mut content = Vec::new();
        push_varint(&mut content, value);
        Self { number, wire_type: 0, content }
    }

    pub(super) fn bytes(number: u32, content: Vec<u8>) -> Self {
        Self { number, wire_type: 2, content }
    }

    pub(super) fn float(number: u32, value: f32) -> Self {
        Self { number, wire_type: 5, content: value.to_le_bytes().into() }
    }
}

/// The fields of a message, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Message(Vec<Field>);

impl Message {
    /// Splits a message.
    ///
    /// # Errors
    /// If it is malformed, or has groups, which no event has.
    pub(super) fn parse(mut bytes: &[u8]) -> anyhow::Result<Self> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = take_varint(&mut bytes).context("malformed event")?;
            let (number, wire_type) = (u32::try_from(key >> 3)?, (key & 7) as u8);
            let length = match wire_type {
                0 => {
                    let mut rest = bytes;
                    take_varint(&mut rest).context("malformed event")?;
                    bytes.len() - rest.len()
                }
                1 => 8,
                2 => usize::try_from(take_varint(&mut bytes).context("malformed event")?)?,
                5 => 4,
                _ => bail!("malformed event: field {number} of the type {wire_type}"),
            };
            let (content, rest) = bytes.split_at_checked(length).context("malformed event")?;
            fields.push(Field { number, wire_type, content: content.into() });
            bytes = rest;
        }
        Ok(Self(fields))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for field in &self.0 {
            push_varint(&mut out, u64::from(field.number) << 3 | u64::from(field.wire_type));
            if field.wire_type == 2 {
                push_varint(&mut out, field.content.len() as u64);
            }
            out.extend_from_slice(&field.content);
        }
        out
    }

    /// Returns the number of fields.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.0.iter().any(|field| field.number == number)
    }

    /// Returns the last field of a number, if it is bytes: an embedded message, or text.
    pub(super) fn bytes(&self, number: u32) -> Option<&[u8]> {
        let field = self.0.iter().rfind(|field| field.number == number && field.wire_type == 2)?;
        Some(&field.content)
    }

    pub(super) fn varint(&self, number: u32) -> Option<u64> {
        let field = self.0.iter().rfind(|field| field.number == number && field.wire_type == 0)?;
        take_varint(&mut &*field.content)
    }

    /// Replaces the fields of its number, or adds it after the fields of lower numbers.
    pub(super) fn set(&mut self, field: Field) {
        let at = self.0.iter().position(|known| known.number >= field.number);
        let at = at.unwrap_or(self.0.len());
        self.0.retain(|known| known.number != field.number);
        self.0.insert(at.min(self.0.len()), field);
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.0.retain(|field| field.number != number);
    }

    /// Replaces each of the embedded messages of a number, or removes it.
    pub(super) fn edit(&mut self, number: u32, mut edit: impl FnMut(&[u8]) -> Option<Vec<u8>>) {
        self.0.retain_mut(|field| {
            if field.number != number || field.wire_type != 2 {
                return true;
            }
            match edit(&field.content) {
                Some(content) => field.content = content,
                None => return false,
            }
            true
        });
    }
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Writes a record: length, its checksum, data, their checksum.
pub(super) fn write_record(out: &mut impl Write, data: &[u8]) -> io::Result<()> {
    let length = (data.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked_crc(&length).to_le_bytes())?;
    out.write_all(data)?;
    out.write_all(&masked_crc(data).to_le_bytes())
}

fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_split_and_joined() {
        // Wall time, step 300, a summary of two bytes.
        let bytes =
            [&[0x09][..], &1.5f64.to_le_bytes(), &[0x10, 0xac, 0x02, 0x2a, 2, 7, 8]].concat();
        let mut message = Message::parse(&bytes).unwrap();
        assert_eq!(message.encode(), bytes);
        assert_eq!((message.varint(STEP), message.bytes(SUMMARY)), (Some(300), Some(&[7, 8][..])));
        message.set(Field::varint(STEP, 1));
        assert_eq!(message.encode()[9..], [0x10, 1, 0x2a, 2, 7, 8]);
        message.remove(STEP);
        message.set(Field::varint(STEP, 2));
        assert_eq!(message.encode()[9..], [0x10, 2, 0x2a, 2, 7, 8]);
        message.edit(SUMMARY, |_| None);
        assert_eq!(message.len(), 2);
    }

    #[test]
    fn malformed_messages_are_errors() {
        for bytes in [
            &[0x80][..],
            &[0x2a, 5, 1],
            &[0x09, 1],
            &[0x0b],
            &[0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            assert!(Message::parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
