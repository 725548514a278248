//! Blocks of records that are not yet written, and the part of the buffer that each counts against.

use crate::wire::record::{self, FOOTER, HEADER};

/// The two parts of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SizeClass {
    Small,
    Large,
}

/// A value for each part of the buffer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PerClass<T> {
    pub(super) small: T,
    pub(super) large: T,
}

/// Bytes of the buffer.
pub(super) type Usage = PerClass<usize>;

impl<T: Copy> PerClass<T> {
    pub(super) fn of(&self, class: SizeClass) -> T {
        match class {
            SizeClass::Small => self.small,
            SizeClass::Large => self.large,
        }
    }

    pub(super) fn of_mut(&mut self, class: SizeClass) -> &mut T {
        match class {
            SizeClass::Small => &mut self.small,
            SizeClass::Large => &mut self.large,
        }
    }
}

/// The contents of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// Many small events.
    Small,
    /// One large event.
    Large,
    /// A reservation for an event that is not encoded yet, of so many bytes.
    Reserved(usize),
    /// A note of dropped events, which is no event that was logged.
    Note,
}

/// Whole records of one run, in call order, without their checksums yet.
#[derive(Debug)]
pub(super) struct Block {
    /// As long as the capacity of the block: writing records to a slice is faster than appending
    /// them to a vector.
    bytes: Vec<u8>,
    used: usize,
    /// The start of the first record that is not yet in a file.
    start: usize,
    events: u64,
    /// The number of the first event among all that the buffer accepted.
    first: u64,
    /// The step of the last event.
    step: i64,
    contents: Contents,
}

impl Block {
    /// Creates an empty block that reuses `bytes`, whose values do not matter.
    pub(super) fn new(bytes: Vec<u8>, contents: Contents) -> Self {
        Self { bytes, used: 0, start: 0, events: 0, first: 0, step: 0, contents }
    }

    /// Creates a block of one large event with at most `size` bytes of data.
    pub(super) fn large(size: usize, step: i64, write: impl FnOnce(&mut [u8]) -> usize) -> Self {
        let mut block = Self::new(vec![0; HEADER + size + FOOTER], Contents::Large);
        block.push(step, write);
        block
    }

    /// Creates a reservation of `usage` bytes for an event that is not encoded yet.
    pub(super) fn reserved(usage: usize, step: i64) -> Self {
        Self { events: 1, step, ..Self::new(Vec::new(), Contents::Reserved(usage)) }
    }

    /// Turns a block into a note of dropped events, which counts neither as an event nor against the
    /// bound. Nothing fits behind it.
    pub(super) fn into_note(mut self) -> Self {
        self.bytes.truncate(self.used);
        Self { events: 0, contents: Contents::Note, ..self }
    }

    pub(super) fn is_note(&self) -> bool {
        self.contents == Contents::Note
    }

    /// Sets the number of its first event.
    pub(super) fn numbered(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Returns the part of the buffer that it counts against.
    pub(super) fn class(&self) -> SizeClass {
        match self.contents {
            Contents::Small => SizeClass::Small,
            Contents::Large | Contents::Reserved(_) | Contents::Note => SizeClass::Large,
        }
    }

    pub(super) fn is_reserved(&self) -> bool {
        matches!(self.contents, Contents::Reserved(_))
    }

    /// Adds the record of an event at `step`. `write` writes its data to the front of a slice and
    /// returns their length. The record must fit into the [`free`](Self::free) bytes.
    #[inline]
    pub(super) fn push(&mut self, step: i64, write: impl FnOnce(&mut [u8]) -> usize) {
        self.used += record::write(&mut self.bytes[self.used..], write);
        self.events += 1;
        self.step = step;
    }

    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn first(&self) -> u64 {
        self.first
    }

    pub(super) fn last_step(&self) -> i64 {
        self.step
    }

    /// Returns how many bytes are not yet in a file.
    pub(super) fn unwritten(&self) -> usize {
        self.used - self.start
    }

    /// Returns how many more bytes fit without allocating.
    #[inline]
    pub(super) fn free(&self) -> usize {
        self.bytes.len() - self.used
    }

    /// Returns how many bytes count against the buffer's bound.
    pub(super) fn usage(&self) -> usize {
        match self.contents {
            Contents::Reserved(usage) => usage,
            Contents::Note => 0,
            Contents::Small | Contents::Large => self.bytes.capacity(),
        }
    }

    pub(super) fn grow_to(&mut self, size: usize) {
        self.bytes.reserve_exact(size - self.bytes.len());
        self.bytes.resize(self.bytes.capacity(), 0);
    }

    /// Fills in the checksums and returns the bytes that are not yet in a file.
    pub(super) fn seal(&mut self) -> &[u8] {
        record::seal(&mut self.bytes[self.start..self.used]);
        &self.bytes[self.start..self.used]
    }

    /// Skips the records that are complete in the first `written` bytes that [`seal`](Self::seal)
    /// returned; returns the number of these records and of their bytes.
    pub(super) fn advance(&mut self, written: usize) -> (u64, usize) {
        let end = self.start + written;
        let before = self.events;
        let from = self.start;
        while self.start < self.used {
            let next = self.start + record::first_len(&self.bytes[self.start..]);
            if next > end {
                break;
            }
            self.start = next;
            self.events -= 1;
            self.first += 1;
        }
        (before - self.events, self.start - from)
    }

    /// Returns the data of the records that are not yet in a file, in order.
    pub(super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.bytes[self.start..self.used];
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (record, others) = rest.split_at(record::first_len(rest));
            rest = others;
            Some(&record[HEADER..record.len() - FOOTER])
        })
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advances_by_whole_records() {
        let mut block = Block::new(vec![0; 100], Contents::Small).numbered(10);
        for len in [5, 0, 40] {
            block.push(0, |out| {
                out[..len].fill(1);
                len
            });
        }
        assert_eq!(block.free(), 100 - 93);
        let sealed = block.seal().to_vec();
        assert_eq!(sealed.len(), 21 + 16 + 56);
        assert_eq!(block.advance(20), (0, 0));
        assert_eq!(block.advance(21 + 16 + 55), (2, 37));
        assert_eq!((block.events(), block.first()), (1, 12));
        assert_eq!(block.seal(), &sealed[37..]);
        assert_eq!(block.advance(56), (1, 56));
        assert!(block.seal().is_empty());
    }
}
