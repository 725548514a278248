//! The widest vector instructions that the processor has, for loops that a compiler vectorizes.

/// Work whose `run`, and all that it calls, is marked `inline(always)`: only inlined code is
/// compiled anew for other instructions.
pub(super) trait Work {
    type Output;
    fn run(self) -> Self::Output;
}

/// Does the work, compiled for AVX2 if the processor has it. Every instruction rounds as its
/// narrower twin does, so the results are those of `work.run()`, to the bit.
pub(super) fn wide<W: Work>(work: W) -> W::Output {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        #[allow(unsafe_code)]
        return unsafe { with_avx2(work) };
    }
    work.run()
}

/// Does the work. Unsafe for its instructions alone, which not every processor has.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unsafe_code)]
#[target_feature(enable = "avx2")]
unsafe fn with_avx2<W: Work>(work: W) -> W::Output {
    work.run()
}
