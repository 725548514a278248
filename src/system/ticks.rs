//! The processor's own counter: the cheapest clock there is, and one that knows no date.
//!
//! Its twin without `unsafe` is [`std::time::Instant`]; the tests of the writer's `clock` compare the two.

/// The count, or `None` where there is none that runs at an even rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticks {
    usable: bool,
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
#[allow(unsafe_code)]
impl Ticks {
    pub(crate) fn new() -> Self {
        use std::arch::x86_64::__cpuid;
        /// Power management's leaf; its bit 8 of EDX promises a rate that does not change with
        /// the processor's frequency or sleep.
        const POWER: u32 = 0x8000_0007;
        // Newer compilers know these to be safe.
        #[allow(unused_unsafe)]
        // SAFETY: every x86-64 has CPUID, and the leaf is asked for only where there is one.
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
