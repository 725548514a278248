//! One event file, record by record.

use super::Event;
use crate::wire::record::{FOOTER, HEADER};
use crate::wire::{crc, messages};
use byteorder::{ByteOrder, LittleEndian};
use prost::Message;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// So many bytes are asked for at a time: a forged length makes nobody allocate what it says.
const CHUNK: usize = 64 << 10;

/// Reads the events of one file, as an iterator.
///
/// Both checksums of every record are verified. At the end of the file, also in the middle of a
/// record that is still being written, the iterator ends; when the file has grown it goes on from
/// there. It never panics.
///
/// ```
/// use tfevents::read::{EventReader, Payload};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_scalar("loss", 0.5, 0);
/// # writer.close()?;
/// # let path = std::fs::read_dir(dir.path())?.next().unwrap()?.path();
/// let mut reader = EventReader::open(path)?;
/// let first = reader.next().unwrap()?;
/// assert_eq!(first.payload(), &Payload::FileVersion("brain.Event:2".to_owned()));
/// assert_eq!(reader.count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventReader<R = File> {
    input: R,
    /// What was read and not yet returned begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    /// Where in the file that is.
    offset: u64,
    broken: bool,
}

/// A file that cannot be read, or a record that is damaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The system could not read.
    #[error("cannot read at byte {offset}: {source}")]
    #[non_exhaustive]
    Io {
        /// Where in the file.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The checksum of a record's length is wrong. Where the next one begins is not known, so
    /// the reader ends here.
    #[error(
        "the length of the record at byte {offset} has checksum {found:#010x}, not {expected:#010x}"
    )]
    #[non_exhaustive]
    Length {
        /// Where the record begins.
        offset: u64,
        /// The checksum of the length.
        expected: u32,
        /// The one in the file.
        found: u32,
    },
    /// The checksum of a record's data is wrong. The reader goes on behind it.
    #[error(
        "the data of the record at byte {offset} has checksum {found:#010x}, not {expected:#010x}"
    )]
    #[non_exhaustive]
    Data {
        /// Where the record begins.
        offset: u64,
        /// The checksum of the data.
        expected: u32,
        /// The one in the file.
        found: u32,
    },
    /// The data of a record is no event. The reader goes on behind it.
    #[error("the record at byte {offset} is no event: {reason}")]
    #[non_exhaustive]
    Event {
        /// Where the record begins.
        offset: u64,
        /// What the decoder said.
        reason: String,
    },
}

impl EventReader {
    /// Opens a file.
    ///
    /// # Errors
    /// If the system cannot.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::new(File::open(path)?))
    }
}

impl<R: Read> EventReader<R> {
    /// Reads events from anything.
    ///
    /// ```
    /// let empty = tfevents::read::EventReader::new(&b""[..]);
    /// assert_eq!(empty.count(), 0);
    /// ```
    pub fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), start: 0, offset: 0, broken: false }
    }

    /// Where the next record begins, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the last thing read is the beginning of a record whose rest is not there.
    ///
    /// ```
    /// let mut reader = tfevents::read::EventReader::new(&[24, 0, 0][..]);
    /// assert!(reader.next().is_none() && reader.is_torn());
    /// ```
    pub fn is_torn(&self) -> bool {
        self.start < self.buffer.len()
    }

    /// Reads on until there are `len` unread bytes; false at the end of the file.
    fn fill(&mut self, len: u64) -> io::Result<bool> {
        loop {
            let have = self.buffer.len() - self.start;
            if have as u64 >= len {
                return Ok(true);
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            // As much as is missing, but no more at a time than what really arrives.
            let missing = usize::try_from(len - have as u64).unwrap_or(usize::MAX);
            let chunk = missing.clamp(CHUNK, CHUNK.max(have));
            self.buffer.resize(have + chunk, 0);
            let read = self.input.read(&mut self.buffer[have..]);
            self.buffer.truncate(have + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn read(&mut self) -> Result<Option<Event>, ReadError> {
        let offset = self.offset;
        let io = |source| ReadError::Io { offset, source };
        if self.broken || !self.fill(HEADER as u64).map_err(io)? {
            return Ok(None);
        }
        let header = &self.buffer[self.start..self.start + HEADER];
        let (expected, found) = (crc::masked(&header[..8]), LittleEndian::read_u32(&header[8..]));
        if expected != found {
            self.broken = true;
            return Err(ReadError::Length { offset, expected, found });
        }
        let len = LittleEndian::read_u64(header);
        let whole = len.saturating_add((HEADER + FOOTER) as u64);
        if !self.fill(whole).map_err(io)? {
            return Ok(None);
        }
        // It is in memory, so its length fits.
        let record = &self.buffer[self.start..self.start + whole as usize];
        let (data, footer) = record[HEADER..].split_at(record.len() - HEADER - FOOTER);
        let (expected, found) = (crc::masked(data), LittleEndian::read_u32(footer));
        let event = if expected == found {
            messages::Event::decode(data)
                .map(Event::new)
                .map_err(|error| ReadError::Event { offset, reason: error.to_string() })
        } else {
            Err(ReadError::Data { offset, expected, found })
        };
        self.start += whole as usize;
        self.offset += whole;
        event.map(Some)
    }
}

impl<R: Read> Iterator for EventReader<R> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::event::{self, Payload, Stamp};
    use crate::wire::record;

    /// A file of three events, and where each record begins and the last ends.
    fn file() -> (Vec<u8>, [usize; 4]) {
        let mut bytes = Vec::new();
        event::put_file_version(&mut bytes, 1.5, "test");
        let mut ends = [0, bytes.len(), 0, 0];
        for step in [7, -8] {
            let start = record::open(&mut bytes);
            event::put_event(&mut bytes, Stamp { wall_time: 2.0, step }, Payload::Graph, b"graph");
            record::close(&mut bytes, start);
            ends[if step == 7 { 2 } else { 3 }] = bytes.len();
        }
        record::seal(&mut bytes);
        (bytes, ends)
    }

    /// How many events come, and whether the first error is one of the file's content.
    fn read(bytes: &[u8]) -> (usize, Option<ReadError>) {
        let (mut events, mut error) = (0, None);
        for event in EventReader::new(bytes) {
            match event {
                Ok(_) => events += 1,
                Err(found) => error = error.or(Some(found)),
            }
        }
        (events, error)
    }

    #[test]
    fn a_file_that_grows_is_read_on() {
        use std::io::Write;
        let (bytes, ends) = file();
        for cut in 0..bytes.len() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("file");
            let mut output = File::create(&path).unwrap();
            output.write_all(&bytes[..cut]).unwrap();
            let mut reader = EventReader::open(&path).unwrap();
            let whole = ends[1..].iter().filter(|&&end| end <= cut).count();
            assert_eq!(reader.by_ref().map(Result::unwrap).count(), whole, "cut at {cut}");
            assert_eq!(
                (reader.offset(), reader.is_torn()),
                (ends[whole] as u64, cut != ends[whole])
            );
            output.write_all(&bytes[cut..]).unwrap();
            let rest: Vec<_> = reader.by_ref().map(|event| event.unwrap().step()).collect();
            assert_eq!(rest, [0, 7, -8][whole..]);
            assert_eq!((reader.offset(), reader.is_torn()), (bytes.len() as u64, false));
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (bytes, ends) = file();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << bit;
                let before = ends[1..].iter().filter(|&&end| end <= at).count();
                let in_record = at - ends[before];
                match read(&bytes) {
                    (events, Some(ReadError::Length { offset, .. })) => {
                        assert_eq!((events, offset), (before, ends[before] as u64));
                        assert!(in_record < HEADER);
                    }
                    (events, Some(ReadError::Data { offset, .. })) => {
                        assert_eq!((events, offset), (2, ends[before] as u64));
                        assert!(in_record >= HEADER);
                    }
                    other => panic!("byte {at}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_forged_length_takes_no_memory() {
        let mut bytes = u64::MAX.to_le_bytes().to_vec();
        bytes.extend(crc::masked(&bytes).to_le_bytes());
        bytes.extend([0; 1000]);
        let mut reader = EventReader::new(&bytes[..]);
        assert!(reader.next().is_none());
        assert!(reader.is_torn());
        assert!(reader.buffer.capacity() <= 4 * CHUNK);
    }

    #[test]
    fn what_is_no_event_is_said_and_left_behind() {
        let (rest, _) = file();
        let mut bytes = Vec::new();
        let start = record::open(&mut bytes);
        bytes.extend(b"\xff\xff no protobuf");
        record::close(&mut bytes, start);
        record::seal(&mut bytes);
        bytes.extend(rest);
        assert!(matches!(read(&bytes), (3, Some(ReadError::Event { offset: 0, .. }))));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            read(&bytes);
        }
    }
}
