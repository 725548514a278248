//! The bare loop: reads a clock and encodes the event that tfevents writes into memory. It has
//! no lock, no thread, no checksum and no file: the minimum of work for an event.

use super::Peer;
use crate::read_back::masked_crc;
use crate::work::Tag;
use std::hint::black_box;
use std::marker::PhantomData;
use std::path::Path;

/// Where the loop's wall times come from: it should be what tfevents reads.
pub trait Clock {
    fn now() -> f64;
}

/// The clock that tfevents reads at each call of a loop without pause: the processor's ticks,
/// where it has even ones. Their origin and rate are measured once; the small
/// error at the end of a round does not matter here.
pub struct Ours;

#[cfg(target_arch = "x86_64")]
impl Clock for Ours {
    #[inline]
    fn now() -> f64 {
        use std::sync::LazyLock;
        // SAFETY: every x86-64 has it, and it touches no memory.
        fn ticks() -> u64 {
            unsafe { std::arch::x86_64::_rdtsc() }
        }
        /// Ticks, seconds since 1970, seconds per tick.
        static START: LazyLock<(u64, f64, f64)> = LazyLock::new(|| {
            let read = || (ticks(), tfevents::WallTime::now().as_secs_f64());
            let begun = read();
            std::thread::sleep(std::time::Duration::from_millis(100));
            let now = read();
            (now.0, now.1, (now.1 - begun.1) / (now.0 - begun.0) as f64)
        });
        let (start, secs, rate) = *START;
        secs + ticks().wrapping_sub(start) as f64 * rate
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Clock for Ours {
    #[inline]
    fn now() -> f64 {
        tfevents::WallTime::now().as_secs_f64()
    }
}

/// The memory that is written to, again and again: it stays in the processor's cache.
const BLOCK: usize = 64 << 10;
/// More than an event takes besides its tag.
const MOST: usize = 128;

pub struct Bare<C> {
    block: Box<[u8]>,
    used: usize,
    clock: PhantomData<C>,
}

impl<C> Bare<C> {
    fn new(len: usize) -> Self {
        Self { block: vec![0; len].into(), used: 0, clock: PhantomData }
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.block[self.used..][..bytes.len()].copy_from_slice(bytes);
        self.used += bytes.len();
    }

    #[inline]
    fn put_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.put(&[value as u8 | 0x80]);
            value >>= 7;
        }
        self.put(&[value as u8]);
    }
}

/// The key of a simple value.
const SIMPLE: &[u8] = &[0x15];

impl<C: Clock> Peer for Bare<C> {
    const NAME: &'static str = "bare loop";

    fn create(_: &Path, _: &[String]) -> Self {
        Self::new(BLOCK)
    }

    #[inline]
    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64) {
        if self.block.len() - self.used < MOST + tag.name.len() {
            black_box(&self.block);
            self.used = 0;
        }
        let start = self.used;
        self.used += 12;
        self.put(&[0x09]);
        self.put(&C::now().to_le_bytes());
        if step != 0 {
            self.put(&[0x10]);
            self.put_varint(step as u64);
        }
        // Lengths of up to 127 bytes: one byte each, as the tags here are short.
        let tag_len = tag.name.len() as u8;
        let value_len = 2 + tag_len + (SIMPLE.len() + 4) as u8;
        self.put(&[0x2a, value_len + 2, 0x0a, value_len, 0x0a, tag_len]);
        self.put(tag.name.as_bytes());
        self.put(SIMPLE);
        self.put(&value.to_le_bytes());
        let len = (self.used - start - 12) as u64;
        self.block[start..][..8].copy_from_slice(&len.to_le_bytes());
        self.used += 4;
    }

    fn finish(self) {
        black_box(&self.block);
    }
}

/// Returns the events of all calls of `for_each`, with checksums, to check that they are the same
/// events.
pub fn file<C: Clock>(tags: &[String], calls: u64) -> Vec<u8> {
    let longest = tags.iter().map(String::len).max().unwrap_or(0);
    let mut bare = Bare::<C>::new((calls as usize + 1) * (MOST + longest));
    crate::work::for_each(tags, calls, |tag, value, step| bare.add_scalar(tag, value, step));
    let mut file = bare.block[..bare.used].to_vec();
    let mut at = 0;
    while let Some(length) = file[at..].first_chunk().copied() {
        let end = at + 12 + u64::from_le_bytes(length) as usize;
        let (head, data) = (masked_crc(&length), masked_crc(&file[at + 12..end]));
        file[at + 8..at + 12].copy_from_slice(&head.to_le_bytes());
        file[end..end + 4].copy_from_slice(&data.to_le_bytes());
        at = end + 4;
    }
    file
}
