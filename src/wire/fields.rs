//! The fields of a protobuf message, borrowed from its bytes.
//!
//! For messages that are read often or hold large payloads: prost copies every byte string into a
//! `Vec` of its own. Its decoder is the reference, and the tests compare with it.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

/// Bytes that are not a protobuf message, or use one of its rare forms: groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// An iterator over the fields of a message: number and value.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// Returns the bytes after the last field.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn read(&mut self) -> Option<(u32, Field<'a>)> {
        let (key, rest) = varint(self.rest)?;
        // Keys are 32 bits, and field number 0 does not exist.
        let number = u32::try_from(key).ok()? >> 3;
        if number == 0 {
            return None;
        }
        let (field, rest) = match key & 7 {
            0 => varint(rest).map(|(value, rest)| (Field::Varint(value), rest))?,
            1 => rest.split_first_chunk().map(|(bytes, rest)| (Field::Fixed64(*bytes), rest))?,
            2 => {
                let (len, rest) = varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
                (Field::Bytes(bytes), rest)
            }
            5 => rest.split_first_chunk().map(|(bytes, rest)| (Field::Fixed32(*bytes), rest))?,
            _ => return None,
        };
        self.rest = rest;
        Some((number, field))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Field<'a>), Unreadable>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.read().ok_or(Unreadable);
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Reads a varint of at most ten bytes; returns it and what follows.
#[inline]
pub(crate) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match bytes {
        [byte @ ..0x80, rest @ ..] => Some((u64::from(*byte), rest)),
        _ => short_varint(bytes).or_else(|| long_varint(bytes)),
    }
}

/// Reads a varint of at most eight bytes if there are eight bytes, without a branch for each.
#[inline]
fn short_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    let ends = !word & 0x8080_8080_8080_8080;
    if ends == 0 {
        return None;
    }
    // The bytes up to the first without the bit of continuation; then seven bits of each move
    // together, in pairs, fours and eights.
    let bits = word & (ends ^ (ends - 1)) & 0x7f7f_7f7f_7f7f_7f7f;
    let bits = (bits & 0x007f_007f_007f_007f) | (bits & 0x7f00_7f00_7f00_7f00) >> 1;
    let bits = (bits & 0x0000_3fff_0000_3fff) | (bits & 0x3fff_0000_3fff_0000) >> 2;
    let bits = (bits & 0x0fff_ffff) | (bits & 0x0fff_ffff_0000_0000) >> 4;
    Some((bits, &bytes[ends.trailing_zeros() as usize / 8 + 1..]))
}

#[cold]
fn long_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    // The tenth byte of a negative number has but one bit.
    match bytes.get(9) {
        Some(&byte @ 0..=1) => Some((value | u64::from(byte) << 63, &bytes[10..])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages;
    use proptest::prelude::*;
    use prost::Message;

    #[test]
    fn each_wire_type_is_read() {
        let bytes = [8, 0x96, 1, 17, 1, 2, 3, 4, 5, 6, 7, 8, 26, 2, b'h', b'i', 37, 9, 8, 7, 6];
        let fields: Vec<_> = Fields::new(&bytes).map(Result::unwrap).collect();
        let expected = [
            (1, Field::Varint(150)),
            (2, Field::Fixed64([1, 2, 3, 4, 5, 6, 7, 8])),
            (3, Field::Bytes(b"hi")),
            (4, Field::Fixed32([9, 8, 7, 6])),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn malformed_bytes_end_the_iterator() {
        // Field 0, a group, a wire type that does not exist, and values cut short.
        for bytes in [&[0, 1][..], &[11, 12], &[14], &[8], &[17, 1], &[26, 2, 1], &[37, 1, 2]] {
            let found: Vec<_> = Fields::new(bytes).collect();
            assert_eq!(found, [Err(Unreadable)], "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn varints_are_those_of_prost(
            number in any::<u64>(),
            bits in 0u32..64,
            mut bytes in proptest::collection::vec(any::<u8>(), 0..12),
            is_number: bool,
        ) {
            if is_number {
                let mut number_bytes = Vec::new();
                prost::encoding::encode_varint(number >> bits, &mut number_bytes);
                bytes.splice(0..0, number_bytes);
            }
            let mut rest = &bytes[..];
            let expected = prost::encoding::decode_varint(&mut rest).ok();
            prop_assert_eq!(varint(&bytes), expected.map(|value| (value, rest)));
        }

        /// Unknown fields are all that prost sees of a message without fields of its own.
        #[test]
        fn what_is_read_is_a_message_to_prost(bytes: Vec<u8>) {
            if Fields::new(&bytes).all(|field| field.is_ok()) {
                prop_assert!(<() as Message>::decode(&bytes[..]).is_ok());
            }
            let _ = messages::Event::decode(&bytes[..]);
        }
    }
}
