//! The checksum of a record: CRC-32C, rotated and offset.

mod short;

/// Masks a CRC as event files do, so that a record that contains records does not checksum
/// checksums.
pub(crate) const fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Returns the masked CRC-32C (Castagnoli) of `data`.
#[inline]
pub(crate) fn masked(data: &[u8]) -> u32 {
    mask(short::crc32c(data).unwrap_or_else(|| crc32c::crc32c(data)))
}

/// A loop that computes the checksums of many records.
pub(crate) trait ChecksumLoop {
    /// The result of the loop.
    type Output;

    /// Runs the loop, with a function that does what [`masked`] does. To be compiled into its
    /// caller, so that the function is: always inline it.
    fn run(self, masked: impl Fn(&[u8]) -> u32) -> Self::Output;
}

/// Runs a loop that is compiled for the instructions that this processor has for checksums.
#[inline]
pub(crate) fn run<L: ChecksumLoop>(work: L) -> L::Output {
    short::run(work)
}

/// Returns the masked checksum of a record's length, from a table for most lengths.
#[inline]
pub(crate) fn masked_len(len: u64) -> u32 {
    match usize::try_from(len).ok().and_then(|len| MASKED_LENS.get(len)) {
        Some(&crc) => crc,
        None => masked(&len.to_le_bytes()),
    }
}

/// The checksums of short lengths. Scalars are shorter than this.
static MASKED_LENS: [u32; 256] = {
    let mut table = [0; 256];
    let mut len = 0;
    while len < table.len() {
        table[len] = mask(crc32c_by_bits(&(len as u64).to_le_bytes()));
        len += 1;
    }
    table
};

/// Computes CRC-32C bit by bit, at compile time.
const fn crc32c_by_bits(data: &[u8]) -> u32 {
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
    fn known_checksums_are_equal() {
        // The check value of CRC-32C, and the header of a 62-byte record as TensorFlow writes it.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(masked(&62u64.to_le_bytes()).to_le_bytes(), [0xd9, 0xd2, 0x40, 0xe7]);
    }

    #[test]
    fn checksums_of_lengths_equal_those_of_their_bytes() {
        for len in (0..300).chain([65_536, u64::MAX]) {
            assert_eq!(masked_len(len), masked(&len.to_le_bytes()), "{len}");
        }
    }
}
