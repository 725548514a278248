//! The checksum of a record: CRC-32C, rotated and offset.

mod short;

/// Masks a CRC so that a record which holds records does not checksum its own checksums.
pub(crate) const fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The masked CRC-32C (Castagnoli) of `data`.
#[inline]
pub(crate) fn masked(data: &[u8]) -> u32 {
    mask(short::crc32c(data).unwrap_or_else(|| crc32c::crc32c(data)))
}

/// The masked checksum of a record's length, which most records' lengths have in this table.
#[inline]
pub(crate) fn masked_len(len: u64) -> u32 {
    match usize::try_from(len).ok().and_then(|len| OF_LEN.get(len)) {
        Some(&crc) => crc,
        None => masked(&len.to_le_bytes()),
    }
}

/// By length. Scalars are shorter than this.
static OF_LEN: [u32; 256] = {
    let mut table = [0; 256];
    let mut len = 0;
    while len < table.len() {
        table[len] = mask(by_bits(&(len as u64).to_le_bytes()));
        len += 1;
    }
    table
};

/// CRC-32C a bit at a time, for the compiler to run.
const fn by_bits(data: &[u8]) -> u32 {
    let mut crc = !0;
    let mut at = 0;
    while at < data.len() {
        crc ^= data[at] as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        at += 1;
    }
    !crc
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

    #[test]
    fn lengths_have_their_own_checksums() {
        for len in (0..300).chain([65_536, u64::MAX]) {
            assert_eq!(masked_len(len), masked(&len.to_le_bytes()), "{len}");
        }
    }
}
