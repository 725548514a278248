//! The few protobuf primitives that the hand-written encoders need.
//!
//! They write every value that they are given: leaving out default values is up to the caller.

/// The length of the longest varint.
pub(crate) const MAX_VARINT: usize = 10;

/// The encoding of a field's value.
#[derive(Clone, Copy)]
pub(crate) enum WireType {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// Returns the key that precedes a field's value; one byte, for field numbers below 16.
pub(crate) const fn key(field: u8, wire_type: WireType) -> u8 {
    assert!(field < 16);
    field << 3 | wire_type as u8
}

/// Returns the length of `value` as a varint.
pub(crate) const fn varint_len(value: u64) -> usize {
    // 7 bits a byte; zero takes one.
    ((64 - (value | 1).leading_zeros()) as usize).div_ceil(7)
}

/// Returns the length of a length-delimited field of `len` bytes with its key, for field numbers
/// below 16.
pub(crate) const fn field_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

/// Writes `value` as a varint at the front of `out`, and returns its length.
#[inline]
pub(crate) fn write_varint(out: &mut [u8], mut value: u64) -> usize {
    let mut at = 0;
    while value >= 0x80 {
        out[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    out[at] = value as u8;
    at + 1
}

/// Appends `value` as a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, value: u64) {
    let mut buffer = [0; MAX_VARINT];
    let len = write_varint(&mut buffer, value);
    out.extend_from_slice(&buffer[..len]);
}

/// Appends a varint field.
pub(crate) fn put_uint(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(key(field, WireType::Varint));
    put_varint(out, value);
}

/// Appends the key and the length of a length-delimited field, whose bytes follow.
pub(crate) fn put_len(out: &mut Vec<u8>, field: u8, len: usize) {
    out.push(key(field, WireType::Bytes));
    put_varint(out, len as u64);
}

/// Appends a length-delimited field.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_len(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_equal_those_of_prost(value: u64, shift in 0u32..64) {
            let value = value >> shift;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            put_varint(&mut ours, value);
            prost::encoding::encode_varint(value, &mut theirs);
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(varint_len(value), theirs.len());
        }
    }
}
