//! A reader for prost that skips what is not wanted, and stops where there is too much.

use prost::bytes::Buf;
use std::io::{self, Read, Seek, SeekFrom};

/// Read at a time.
const BUFFER: usize = 64 << 10;
/// So many bytes lie ready at least, unless the end is near: prost reads a number at once, and
/// then need not ask for the rest in the middle of it.
const READY: usize = 16;
/// How many pieces (field numbers, lengths, values) prost may take. The worst is an empty attribute:
/// two pieces, and 280 bytes of memory. So bytes made to that end take some 600 MB, and no more.
const MAX_PIECES: usize = 1 << 22;

/// Bytes for prost, read as they are needed.
pub(super) struct Source<R> {
    reader: R,
    buffer: Box<[u8]>,
    at: usize,
    filled: usize,
    /// Bytes that are not yet in the buffer.
    unread: u64,
    pieces: usize,
    stopped: Option<Stop>,
}

/// Why reading ended before the end.
#[derive(Debug)]
pub(super) enum Stop {
    TooLarge,
    Read(io::Error),
}

impl<R: Read + Seek> Source<R> {
    /// The next `bytes` bytes of a reader.
    pub(super) fn new(reader: R, bytes: u64) -> Self {
        let buffer = vec![0; BUFFER].into();
        let mut source =
            Self { reader, buffer, at: 0, filled: 0, unread: bytes, pieces: 0, stopped: None };
        source.fill();
        source
    }

    /// Why it ended early, if it did. What prost said is then of no interest.
    pub(super) fn stopped(self) -> Option<Stop> {
        self.stopped
    }

    /// Reads so that enough lies ready.
    fn fill(&mut self) {
        if let Err(error) = self.try_fill() {
            self.stopped = Some(Stop::Read(error));
        }
    }

    fn try_fill(&mut self) -> io::Result<()> {
        if self.filled - self.at >= READY || self.unread == 0 {
            return Ok(());
        }
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        while self.filled < READY && self.unread > 0 {
            let room = (self.buffer.len() - self.filled) as u64;
            // No more than the buffer holds.
            let wanted = room.min(self.unread) as usize;
            match self.reader.read(&mut self.buffer[self.filled..][..wanted]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.filled += count;
                    self.unread -= count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        self.at = 0;
        self.filled = 0;
        let count = count.min(self.unread);
        self.unread -= count;
        self.reader.seek(SeekFrom::Current(count as i64))?;
        Ok(())
    }
}

/// Once stopped it is empty, which prost tells as an error of its own.
impl<R: Read + Seek> Buf for Source<R> {
    fn remaining(&self) -> usize {
        if self.stopped.is_some() {
            return 0;
        }
        usize::try_from(self.unread).unwrap_or(usize::MAX).saturating_add(self.filled - self.at)
    }

    fn chunk(&self) -> &[u8] {
        if self.stopped.is_some() { &[] } else { &self.buffer[self.at..self.filled] }
    }

    fn advance(&mut self, count: usize) {
        if self.stopped.is_some() {
            return;
        }
        let ready = self.filled - self.at;
        if count <= ready {
            self.at += count;
        } else if let Err(error) = self.skip((count - ready) as u64) {
            self.stopped = Some(Stop::Read(error));
            return;
        }
        self.pieces += 1;
        // Not at the very end, where prost may be in the middle of a number.
        if self.pieces > MAX_PIECES && self.remaining() > READY {
            self.stopped = Some(Stop::TooLarge);
            return;
        }
        self.fill();
    }
}
