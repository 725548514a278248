//! The checksum of a short record, such as a scalar, in a few instructions. The `crc32c` crate, which
//! is fast for long data, takes three times as long for these; it is the safe twin of this module.

use super::{ChecksumLoop, masked};

/// From this length on the crate is faster, which computes three sums side by side.
const LONG: usize = 256;

/// Returns the CRC-32C of short data if the processor has instructions for it.
#[inline]
pub(super) fn crc32c(data: &[u8]) -> Option<u32> {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if data.len() < LONG && std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has SSE4.2.
        #[allow(unsafe_code)]
        return Some(unsafe { by_sse42(data) });
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    if data.len() < LONG && std::arch::is_aarch64_feature_detected!("crc") {
        // SAFETY: the processor has the instructions.
        #[allow(unsafe_code)]
        return Some(unsafe { by_crc(data) });
    }
    let _ = (data, LONG);
    None
}

/// Runs a loop that is compiled for the instructions of this processor.
#[inline]
pub(super) fn run<L: ChecksumLoop>(work: L) -> L::Output {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has SSE4.2.
        #[allow(unsafe_code)]
        return unsafe { run_by_sse42(work) };
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    if std::arch::is_aarch64_feature_detected!("crc") {
        // SAFETY: the processor has the instructions.
        #[allow(unsafe_code)]
        return unsafe { run_by_crc(work) };
    }
    work.run(masked)
}

/// Runs a loop with the instructions inline.
///
/// # Safety
/// The processor must have SSE4.2.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unsafe_code)]
#[target_feature(enable = "sse4.2")]
unsafe fn run_by_sse42<L: ChecksumLoop>(work: L) -> L::Output {
    work.run(|data| match data.len() {
        // SAFETY: the processor has SSE4.2.
        ..LONG => super::mask(unsafe { by_sse42(data) }),
        _ => super::mask(crc32c::crc32c(data)),
    })
}

/// The twin of `run_by_sse42`.
///
/// # Safety
/// The processor must have `crc`.
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[allow(unsafe_code)]
#[target_feature(enable = "crc")]
unsafe fn run_by_crc<L: ChecksumLoop>(work: L) -> L::Output {
    work.run(|data| match data.len() {
        // SAFETY: the processor has the instructions.
        ..LONG => super::mask(unsafe { by_crc(data) }),
        _ => super::mask(crc32c::crc32c(data)),
    })
}

/// The twin of `by_sse42`. Safe but for its instructions, which not every processor has.
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[allow(unsafe_code, unused_unsafe)]
#[target_feature(enable = "crc")]
#[inline]
unsafe fn by_crc(mut data: &[u8]) -> u32 {
    use std::arch::aarch64::{__crc32cb, __crc32cd, __crc32cw};
    let mut crc = !0u32;
    // SAFETY, of all three: they are for processors with `crc`, and touch no memory. Newer compilers know that.
    while let Some((bytes, after)) = data.split_first_chunk() {
        crc = unsafe { __crc32cd(crc, u64::from_le_bytes(*bytes)) };
        data = after;
    }
    if let Some((bytes, after)) = data.split_first_chunk() {
        crc = unsafe { __crc32cw(crc, u32::from_le_bytes(*bytes)) };
        data = after;
    }
    for &byte in data {
        crc = unsafe { __crc32cb(crc, byte) };
    }
    !crc
}

/// Computes CRC-32C by instructions that not every processor has.
///
/// # Safety
/// The processor must have SSE4.2.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unsafe_code, unused_unsafe)]
#[target_feature(enable = "sse4.2")]
#[inline]
unsafe fn by_sse42(mut data: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u32, _mm_crc32_u64};
    let mut crc = u64::from(!0u32);
    // SAFETY, of all three: the processor has SSE4.2, and they touch no memory. Newer compilers know
    // them to be safe.
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
    use super::*;
    use crate::wire::crc::mask;

    #[test]
    fn checksums_equal_those_of_the_crate() {
        let data: Vec<u8> = (0..400u32).map(|n| ((n * n) >> 3) as u8).collect();
        let mut compared = 0;
        for len in 0..300 {
            for start in 0..9 {
                let data = &data[start..start + len];
                if let Some(crc) = super::crc32c(data) {
                    assert_eq!(crc, crc32c::crc32c(data), "{len} bytes");
                    compared += 1;
                }
            }
        }
        println!("{compared} checksums by instructions of the processor");
    }

    #[test]
    fn checksums_in_a_loop_equal_those_of_the_crate() {
        struct All<'a>(&'a [u8]);

        impl ChecksumLoop for All<'_> {
            type Output = Vec<u32>;

            #[inline(always)]
            fn run(self, masked: impl Fn(&[u8]) -> u32) -> Vec<u32> {
                (0..=self.0.len()).map(|len| masked(&self.0[..len])).collect()
            }
        }

        let data: Vec<u8> = (0..400u32).map(|n| ((n * n) >> 3) as u8).collect();
        for (len, found) in run(All(&data)).into_iter().enumerate() {
            assert_eq!(found, mask(crc32c::crc32c(&data[..len])), "{len} bytes");
        }
    }
}
