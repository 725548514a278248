//! A reader for prost that skips fields that are not needed, and stops if there are too many.

use prost::bytes::Buf;
use std::io::{self, Read, Seek, SeekFrom};

/// How many bytes are read at a time.
const BUFFER: usize = 64 << 10;
/// The minimum number of buffered bytes, unless the end is near: prost then reads a number in one
/// piece.
const MIN_BUFFERED: usize = 16;
/// How many pieces (field numbers, lengths, values) prost may take. The worst case is an empty
/// attribute, with two pieces and 280 bytes of memory: so malicious bytes take no more than some
/// 600 MB.
pub(super) const MAX_PIECES: usize = 1 << 22;

/// Bytes for prost, read on demand.
pub(super) struct Source<R> {
    reader: R,
    buffer: Box<[u8]>,
    at: usize,
    filled: usize,
    /// The number of bytes that are not yet in the buffer.
    unread: u64,
    pieces: usize,
    stopped: Option<Stop>,
}

/// The reason for stopping before the end.
#[derive(Debug)]
pub(super) enum Stop {
    TooLarge,
    Read(io::Error),
}

impl<R: Read + Seek> Source<R> {
    /// Creates a source of the next `bytes` bytes of a reader.
    pub(super) fn new(reader: R, bytes: u64) -> Self {
        let buffer = vec![0; BUFFER].into();
        let mut source =
            Self { reader, buffer, at: 0, filled: 0, unread: bytes, pieces: 0, stopped: None };
        source.fill();
        source
    }

    /// Returns why reading stopped before the end, if it did. The error of prost is then
    /// meaningless.
    pub(super) fn stopped(self) -> Option<Stop> {
        self.stopped
    }

    /// Reads until enough bytes are buffered.
    fn fill(&mut self) {
        if let Err(error) = self.try_fill() {
            self.stopped = Some(Stop::Read(error));
        }
    }

    fn try_fill(&mut self) -> io::Result<()> {
        if self.filled - self.at >= MIN_BUFFERED || self.unread == 0 {
            return Ok(());
        }
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        while self.filled < MIN_BUFFERED && self.unread > 0 {
            let free = (self.buffer.len() - self.filled) as u64;
            // A usize: no more than the buffer's length.
            let len = free.min(self.unread) as usize;
            match self.reader.read(&mut self.buffer[self.filled..][..len]) {
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

/// A stopped source is empty, for which prost returns an error.
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
        if self.pieces > MAX_PIECES && self.remaining() > MIN_BUFFERED {
            self.stopped = Some(Stop::TooLarge);
            return;
        }
        self.fill();
    }
}
