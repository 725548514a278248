//! The records of one file: found, checked and borrowed from one buffer.

use super::ReadErrorKind;
use crate::wire::crc;
use crate::wire::record::{FOOTER, HEADER};
use std::io::{self, Read};
use std::ops::Range;

/// The number of bytes to ask the operating system for at a time.
pub(super) const CHUNK: usize = 256 << 10;

/// The size up to which a rest is moved to the front of the buffer.
const SMALL: usize = 4 << 10;

/// The longest protobuf message that there may be.
pub(super) const MAX_LENGTH: u64 = i32::MAX as u64;

/// Walks the records of a file.
///
/// At the end of the file, also in the middle of a record that is still being written, there is no
/// next record; when the file has grown there is. The buffer grows to the longest record, and to
/// no more than about twice the bytes that have arrived, whatever length a record claims.
#[derive(Debug)]
pub(super) struct Frames<R> {
    input: R,
    /// Bytes that were read and not yet returned are at `start..end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The offset of the buffer in the file.
    base: u64,
    /// The last read found nothing more.
    at_end: bool,
    /// No record can follow.
    broken: bool,
    /// Where the data of the last record is in the buffer, until the next is read.
    data: Range<usize>,
    chunk: usize,
}

/// An error, and the offset of the record.
#[derive(Debug)]
pub(super) struct FrameError {
    pub(super) offset: u64,
    pub(super) kind: ReadErrorKind,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(input: R) -> Self {
        Self::with_chunk(input, CHUNK)
    }

    /// Reads so many bytes at a time.
    pub(super) fn with_chunk(input: R, chunk: usize) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            base: 0,
            at_end: false,
            broken: false,
            data: 0..0,
            chunk,
        }
    }

    /// Returns the offset of the next record.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Returns whether the last call found the end of the file in the middle of a record.
    pub(super) fn is_truncated(&self) -> bool {
        self.at_end && !self.broken && self.start < self.end
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Returns the data of the last record.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        &self.buffer[self.data.clone()]
    }

    /// Begins another file with the same buffer.
    pub(super) fn restart<S>(self, input: S) -> Frames<S> {
        Frames {
            input,
            buffer: self.buffer,
            start: 0,
            end: 0,
            base: 0,
            at_end: false,
            broken: false,
            data: 0..0,
            chunk: self.chunk,
        }
    }

    /// Reads the next record, whose data [`data`](Self::data) then returns; false at the end.
    ///
    /// After an error the next call goes on with the next record, unless it cannot be found.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, FrameError> {
        if self.next_buffered() {
            return Ok(true);
        }
        self.advance_slowly()
    }

    /// Returns whether all of the next record is in the buffer and undamaged: the common case.
    /// Otherwise [`advance`](Self::advance) does what there is to do.
    #[inline]
    fn next_buffered(&mut self) -> bool {
        let Some((data, _)) = split_record(self.buffered(), crc::masked) else { return false };
        let len = data.len();
        self.take(len);
        true
    }

    /// Returns the bytes that were read and not yet returned: see [`split_record`].
    #[inline]
    pub(super) fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Skips records in the buffer.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Makes the next record the last one. It has data of this length, and is in the buffer.
    #[inline]
    pub(super) fn take(&mut self, length: usize) {
        self.data = self.start + HEADER..self.start + HEADER + length;
        self.start = self.data.end + FOOTER;
    }

    #[cold]
    #[inline(never)]
    fn advance_slowly(&mut self) -> Result<bool, FrameError> {
        if self.broken {
            return Ok(false);
        }
        self.at_end = false;
        let offset = self.offset();
        self.read().map_err(|kind| {
            // Only a record that has been passed can be followed by another. An error of the
            // system ends it too: a caller that skips errors would never get out.
            self.broken = self.offset() == offset;
            FrameError { offset, kind }
        })
    }

    fn read(&mut self) -> Result<bool, ReadErrorKind> {
        if !self.fill(HEADER)? {
            return Ok(false);
        }
        let header = &self.buffer[self.start..][..HEADER];
        let (length, found) = split_header(header.first_chunk().unwrap_or(&[0; HEADER]));
        let expected = crc::masked_len(length);
        if expected != found {
            return Err(ReadErrorKind::LengthChecksum { length, expected, found });
        }
        if length > MAX_LENGTH {
            return Err(ReadErrorKind::TooLong { length });
        }
        // Below 2^31 + 16, so it fits 32 bits.
        let whole = HEADER + length as usize + FOOTER;
        if !self.fill(whole)? {
            return Ok(false);
        }
        let record = &self.buffer[self.start..self.start + whole];
        let (data, footer) = record[HEADER..].split_at(length as usize);
        let expected = crc::masked(data);
        let found = u32::from_le_bytes(footer.try_into().unwrap_or([0; FOOTER]));
        self.data = self.start + HEADER..self.start + whole - FOOTER;
        self.start += whole;
        if expected != found {
            return Err(ReadErrorKind::DataChecksum { length, expected, found });
        }
        Ok(true)
    }

    /// Reads on until there are `len` unread bytes; false at the end of the file.
    fn fill(&mut self, len: usize) -> io::Result<bool> {
        while self.end - self.start < len {
            let unread = self.end - self.start;
            if unread == 0 || unread < SMALL || self.start + len > self.buffer.len() {
                self.buffer.copy_within(self.start..self.end, 0);
                self.base += self.start as u64;
                (self.start, self.end) = (0, unread);
            }
            if self.end == self.buffer.len() {
                // As much as is missing, but at most twice what has arrived.
                let grown = len.min(2 * self.end).max(self.chunk + self.chunk / 2);
                self.buffer.try_reserve_exact(grown - self.end)?;
                self.buffer.resize(grown, 0);
            }
            // The beginning of a long record stays where it is, and only its rest is read.
            let until = if self.start > 0 { self.start + len } else { len.max(self.chunk) };
            let until = until.min(self.buffer.len());
            match self.input.read(&mut self.buffer[self.end..until]) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(false);
                }
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Splits bytes into the data of a record and what follows it, if all of the record is there and
/// undamaged.
#[inline(always)]
pub(super) fn split_record(bytes: &[u8], masked: impl Fn(&[u8]) -> u32) -> Option<(&[u8], &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let (length, crc) = split_header(header);
    if length > rest.len() as u64 || crc != crc::masked_len(length) {
        return None;
    }
    let (data, rest) = rest.split_at_checked(length as usize)?;
    let (footer, rest) = rest.split_first_chunk::<FOOTER>()?;
    (masked(data) == u32::from_le_bytes(*footer)).then_some((data, rest))
}

#[inline(always)]
fn split_header(header: &[u8; HEADER]) -> (u64, u32) {
    let length = header.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let crc = header.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    (length, crc)
}
