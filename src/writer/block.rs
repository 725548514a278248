//! Records on their way from the callers to a file.

use crate::wire::record::{self, FOOTER, HEADER};

/// What a block is counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The small events: it holds many of them.
    Small,
    /// The large events: it holds one of them.
    Large,
    /// The large events, by so many bytes: it keeps the place of one that is still to be made.
    Reserved(usize),
}

/// Whole records of one run, in call order, without their checksums yet.
#[derive(Debug)]
pub(super) struct Block {
    /// As long as what it can hold: records are written into a slice, which is quicker than to the
    /// end of a vector.
    bytes: Vec<u8>,
    used: usize,
    /// Where the first record that is not yet in a file begins.
    start: usize,
    events: u64,
    /// The number of the first event among all that the writer accepted.
    first: u64,
    /// That of the last event.
    step: i64,
    kind: Kind,
}

impl Block {
    /// A block that has room for as many bytes as these, which do not matter.
    pub(super) fn new(bytes: Vec<u8>, kind: Kind) -> Self {
        Self { bytes, used: 0, start: 0, events: 0, first: 0, step: 0, kind }
    }

    /// A block of one large event with so many bytes of data at most.
    pub(super) fn large(size: usize, step: i64, write: impl FnOnce(&mut [u8]) -> usize) -> Self {
        let mut block = Self::new(vec![0; HEADER + size + FOOTER], Kind::Large);
        block.push(step, write);
        block
    }

    /// The place of an event that is still to be made from something that holds so many bytes.
    pub(super) fn reserved(held: usize, step: i64) -> Self {
        Self { events: 1, step, ..Self::new(Vec::new(), Kind::Reserved(held)) }
    }

    /// Sets the number of its first event.
    pub(super) fn numbered(self, first: u64) -> Self {
        Self { first, ..self }
    }

    pub(super) fn is_small(&self) -> bool {
        self.kind == Kind::Small
    }

    pub(super) fn is_reserved(&self) -> bool {
        matches!(self.kind, Kind::Reserved(_))
    }

    /// Adds a record of an event at `step`, whose data `write` writes to the front of what it is
    /// given; it says how many bytes that took. There must be [`room`](Self::room).
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

    /// How many bytes are not yet in a file.
    pub(super) fn unwritten(&self) -> usize {
        self.used - self.start
    }

    /// How many more bytes fit without allocating.
    #[inline]
    pub(super) fn room(&self) -> usize {
        self.bytes.len() - self.used
    }

    /// What counts against the buffer's bound.
    pub(super) fn held(&self) -> usize {
        match self.kind {
            Kind::Reserved(held) => held,
            Kind::Small | Kind::Large => self.bytes.capacity(),
        }
    }

    pub(super) fn grow_to(&mut self, size: usize) {
        self.bytes.reserve_exact(size - self.bytes.len());
        self.bytes.resize(self.bytes.capacity(), 0);
    }

    /// Fills in the checksums and returns what is to be written.
    pub(super) fn seal(&mut self) -> &[u8] {
        record::seal(&mut self.bytes[self.start..self.used]);
        &self.bytes[self.start..self.used]
    }

    /// Leaves behind the records that lie wholly in the first `written` bytes of what
    /// [`seal`](Self::seal) returned; says how many those are and how many bytes they take.
    pub(super) fn advance(&mut self, written: usize) -> (u64, usize) {
        let end = self.start + written;
        let (before, from) = (self.events, self.start);
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

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advances_by_whole_records() {
        let mut block = Block::new(vec![0; 100], Kind::Small).numbered(10);
        for len in [5, 0, 40] {
            block.push(0, |out| {
                out[..len].fill(1);
                len
            });
        }
        assert_eq!(block.room(), 100 - 93);
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
