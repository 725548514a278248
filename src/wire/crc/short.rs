//! The checksum of a short record, in a few instructions: scalars are such, and the `crc32c` crate,
//! which is quick where data are long, takes three times as long for them. It is the twin of this.

/// The CRC-32C of data that are short, where the processor has instructions for it.
#[inline]
pub(super) fn crc32c(data: &[u8]) -> Option<u32> {
    /// From here on the crate's three sums side by side are quicker.
    const LONG: usize = 256;
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if data.len() < LONG && std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has SSE4.2.
        #[allow(unsafe_code)]
        return Some(unsafe { by_sse42(data) });
    }
    let _ = (data, LONG);
    None
}

/// Safe but for its instructions, which not every processor has.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unsafe_code, unused_unsafe)]
#[target_feature(enable = "sse4.2")]
unsafe fn by_sse42(mut data: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u32, _mm_crc32_u64};
    let mut crc = u64::from(!0u32);
    // SAFETY, of all three: they are for SSE4.2, and touch no memory. Newer compilers know that.
    while let Some((bytes, after)) = data.split_first_chunk() {
        crc = unsafe { _mm_crc32_u64(crc, u64::from_le_bytes(*bytes)) };
        data = after;
    }
    // The upper half is zero.
    let mut crc = crc as u32;
    if let Some((bytes, after)) = data.split_first_chunk() {
        crc = unsafe { _mm_crc32_u32(crc, u32::from_le_bytes(*bytes)) };
        data = after;
    }
    for &byte in data {
        crc = unsafe { _mm_crc32_u8(crc, byte) };
    }
    !crc
}

#[cfg(test)]
mod tests {
    #[test]
    fn short_data_have_the_checksum_of_the_crate() {
        let data: Vec<u8> = (0..400u32).map(|n| ((n * n) >> 3) as u8).collect();
        let mut quick = 0;
        for len in 0..300 {
            for start in 0..9 {
                let data = &data[start..start + len];
                if let Some(crc) = super::crc32c(data) {
                    assert_eq!(crc, crc32c::crc32c(data), "{len} bytes");
                    quick += 1;
                }
            }
        }
        println!("{quick} checksums by instructions of the processor");
    }
}
