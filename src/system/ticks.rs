//! The processor's tick counter: cheaper to read than any clock, but of unknown rate and origin.
//!
//! Its twin without `unsafe` is [`std::time::Instant`]; the tests of `clock` compare the two.

/// Reads the tick counter, or `None` where there is none that runs at an even rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticks {
    usable: bool,
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
#[allow(unsafe_code)]
impl Ticks {
    pub(crate) fn new() -> Self {
        use std::arch::x86_64::__cpuid;
        /// The leaf on power management; bit 8 of its EDX guarantees a rate that does not change
        /// with the processor's frequency or sleep.
        const POWER: u32 = 0x8000_0007;
        // Newer compilers know these to be safe.
        #[allow(unused_unsafe)]
        // SAFETY: every x86-64 has CPUID, and the leaf is read only where it exists.
        let usable =
            unsafe { __cpuid(0x8000_0000).eax >= POWER && __cpuid(POWER).edx & 1 << 8 != 0 };
        Self { usable }
    }

    #[inline]
    pub(crate) fn read(self) -> Option<u64> {
        #[allow(unused_unsafe)]
        // SAFETY: every x86-64 has RDTSC; it reads a register and touches no memory.
        self.usable.then(|| unsafe { std::arch::x86_64::_rdtsc() })
    }
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
impl Ticks {
    pub(crate) fn new() -> Self {
        Self { usable: false }
    }

    #[inline]
    pub(crate) fn read(self) -> Option<u64> {
        self.usable.then_some(0)
    }
}
