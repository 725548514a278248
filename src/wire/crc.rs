//! The checksum of a record: CRC-32C, rotated and offset.

/// Masks a CRC so that a record which holds records does not checksum its own checksums.
pub(crate) fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The masked CRC-32C (Castagnoli) of `data`.
pub(crate) fn masked(data: &[u8]) -> u32 {
    mask(crc32c::crc32c(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // The check value of CRC-32C, and the header of a 62-byte record as TensorFlow writes it.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(masked(&62u64.to_le_bytes()).to_le_bytes(), [0xd9, 0xd2, 0x40, 0xe7]);
    }
}
