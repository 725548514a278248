//! The records of one file: found, checked and borrowed from one buffer.

use super::ReadErrorKind;
use crate::wire::crc;
use crate::wire::record::{FOOTER, HEADER};
use std::io::{self, Read};
use std::ops::Range;

/// The number of bytes to ask the operating system for at a time.
pub(super) const CHUNK: usize = 256 << 10;

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
        if self.next_buffered().is_some() {
            return Ok(true);
        }
        self.advance_slowly()
    }

    /// Returns the data of the next record if all of it is in the buffer and undamaged: the common
    /// case. Otherwise [`advance`](Self::advance) does what there is to do.
    #[inline(always)]
    pub(super) fn next_buffered(&mut self) -> Option<&[u8]> {
        let (header, rest) = self.buffer[self.start..self.end].split_first_chunk::<HEADER>()?;
        let (length, crc) = split_header(header);
        if length >= self.chunk as u64 || crc != crc::masked_len(length) {
            return None;
        }
        let length = length as usize;
        let (data, rest) = rest.split_at_checked(length)?;
        let footer = rest.first_chunk::<FOOTER>()?;
        if crc::masked(data) != u32::from_le_bytes(*footer) {
            return None;
        }
        let data = self.start + HEADER..self.start + HEADER + length;
        self.start = data.end + FOOTER;
        self.data = data.clone();
        Some(&self.buffer[data])
    }

    /// Goes back to before the last record.
    pub(super) fn step_back(&mut self) {
        self.start = self.data.start - HEADER;
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
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.base += self.start as u64;
                self.end -= self.start;
                self.start = 0;
            }
            if self.end == self.buffer.len() {
                // As much as is missing, but at most twice what has arrived.
                let grown = len.min(2 * self.end).max(self.chunk);
                self.buffer.try_reserve_exact(grown - self.end)?;
                self.buffer.resize(grown, 0);
            }
            match self.input.read(&mut self.buffer[self.end..]) {
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

#[inline]
fn split_header(header: &[u8; HEADER]) -> (u64, u32) {
    let [l0, l1, l2, l3, l4, l5, l6, l7, c0, c1, c2, c3] = *header;
    (u64::from_le_bytes([l0, l1, l2, l3, l4, l5, l6, l7]), u32::from_le_bytes([c0, c1, c2, c3]))
}
