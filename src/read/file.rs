//! The events of one file, or of any stream of bytes.

use super::decode::{self, DecodeError, RawEvent, What};
use super::frame::{FrameError, Frames};
use super::{Event, ReadError, ReadErrorKind};
use crate::storage::Storage;
use crate::wire::messages;
use crate::wire::record::{FOOTER, HEADER};
use prost::Message;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads the events of one file, or of any stream of bytes, as an iterator.
///
/// [`Run`](super::Run) reads all files of a run; this is the layer below it.
///
/// Both checksums of every record are verified. A damaged record gives an error with its offset;
/// after that the iterator goes on with the next record if that can be found, and else ends for
/// good: [`ReadErrorKind`] says which. It never panics.
///
/// At the end of the file, also in the middle of a record that is still being written, the
/// iterator returns `None`. Asked again when the file has grown, it goes on from there.
///
/// One buffer serves all records. It grows to the longest of them, and to no more than about twice
/// the bytes that have arrived.
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
/// assert_eq!(reader.count(), 2); // the scalar, and the end mark
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventReader<R = File> {
    frames: Frames<R>,
    path: Option<PathBuf>,
    buffer: Vec<u8>,
}

impl EventReader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ReadErrorKind::Io`] if the operating system cannot open it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| ReadError::io(path, source))?;
        Ok(Self { path: Some(path.to_owned()), ..Self::new(file) })
    }
}

impl EventReader<Box<dyn Read + Send>> {
    /// Opens a file of a storage.
    pub(crate) fn open_on(storage: &dyn Storage, path: &Path) -> Result<Self, ReadError> {
        let input = storage.open(path, 0).map_err(|source| ReadError::io(path, source))?;
        Ok(Self { path: Some(path.to_owned()), ..Self::new(input) })
    }
}

impl<R: Read> EventReader<R> {
    /// Reads events from a stream, which needs no buffer of its own: large blocks are read.
    ///
    /// ```
    /// let empty = tfevents::read::EventReader::new(&b""[..]);
    /// assert_eq!(empty.count(), 0);
    /// ```
    pub fn new(input: R) -> Self {
        Self { frames: Frames::new(input), path: None, buffer: Vec::new() }
    }

    /// Returns the offset of the next record in bytes.
    ///
    /// ```
    /// let mut reader = tfevents::read::EventReader::new(&[24, 0, 0][..]);
    /// assert!(reader.next().is_none());
    /// assert_eq!(reader.offset(), 0);
    /// ```
    pub fn offset(&self) -> u64 {
        self.frames.offset()
    }

    /// Returns whether the iterator has ended in the middle of a record, whose rest may still come.
    ///
    /// ```
    /// let mut reader = tfevents::read::EventReader::new(&[24, 0, 0][..]);
    /// assert!(!reader.is_truncated());
    /// assert!(reader.next().is_none() && reader.is_truncated());
    /// ```
    pub fn is_truncated(&self) -> bool {
        self.frames.is_truncated()
    }

    /// Reads a record; returns its offset.
    fn advance(&mut self) -> Option<Result<u64, ReadError>> {
        let offset = self.frames.offset();
        match self.frames.advance() {
            Ok(true) => Some(Ok(offset)),
            Ok(false) => None,
            Err(FrameError { offset, kind }) => Some(Err(self.error(offset, kind))),
        }
    }

    fn error(&self, offset: u64, kind: ReadErrorKind) -> ReadError {
        ReadError::new(self.path.as_deref(), offset, kind)
    }

    fn undecodable(&self, offset: u64, source: DecodeError) -> ReadError {
        let length = self.frames.data().len() as u64;
        self.error(offset, ReadErrorKind::Decode { length, source })
    }

    /// Returns the bytes of the next event, and the event.
    pub(crate) fn next_record(&mut self) -> Option<Result<(&[u8], Record<'_>), ReadError>> {
        let offset = match self.advance()? {
            Ok(offset) => offset,
            Err(error) => return Some(Err(error)),
        };
        let Self { frames, path, buffer } = self;
        let data = frames.data();
        let record = match decode::event(data, buffer) {
            Ok(event) if matches!(event.what, What::Summary(_)) => Ok(Record::Summary(event)),
            Ok(_) => messages::Event::decode(data).map(Record::Other).map_err(DecodeError::from),
            Err(error) => Err(error),
        };
        Some(record.map(|record| (data, record)).map_err(|source| {
            let kind = ReadErrorKind::Decode { length: data.len() as u64, source };
            ReadError::new(path.as_deref(), offset, kind)
        }))
    }

    /// Returns the bytes of the last event, and all of it decoded.
    pub(crate) fn last_message(&self) -> Result<(&[u8], messages::Event), ReadError> {
        let data = self.frames.data();
        let whole = (HEADER + data.len() + FOOTER) as u64;
        let undecodable = |error: prost::DecodeError| {
            self.undecodable(self.frames.offset() - whole, error.into())
        };
        Ok((data, messages::Event::decode(data).map_err(undecodable)?))
    }
}

/// An event of [`EventReader::next_record`].
#[derive(Debug)]
pub(crate) enum Record<'a> {
    /// A summary, borrowed from its bytes.
    Summary(RawEvent<'a>),
    /// Any other event. They are rare.
    Other(messages::Event),
}

impl<R: Read> Iterator for EventReader<R> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.advance()?;
        Some(offset.and_then(|offset| {
            let event = Event::decode(self.frames.data(), &mut self.buffer);
            event.map_err(|error| self.undecodable(offset, error))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::frame::{CHUNK, MAX_LENGTH};
    use crate::wire::crc;
    use crate::wire::event::{self, Payload, Stamp};
    use crate::wire::protobuf::put_bytes;
    use crate::wire::record::{self, HEADER};
    use std::io;

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
                (reader.offset(), reader.is_truncated()),
                (ends[whole] as u64, cut != ends[whole])
            );
            output.write_all(&bytes[cut..]).unwrap();
            let rest: Vec<_> = reader.by_ref().map(|event| event.unwrap().step()).collect();
            assert_eq!(rest, [0, 7, -8][whole..]);
            assert_eq!((reader.offset(), reader.is_truncated()), (bytes.len() as u64, false));
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
                    (events, Some(error)) => {
                        assert_eq!(error.offset(), ends[before] as u64, "byte {at}");
                        match error.kind() {
                            ReadErrorKind::LengthChecksum { .. } => {
                                assert!(in_record < HEADER && events == before);
                            }
                            ReadErrorKind::DataChecksum { .. } => {
                                assert!(in_record >= HEADER && events == 2);
                            }
                            other => panic!("byte {at}: {other:?}"),
                        }
                    }
                    (events, None) => panic!("byte {at}: {events} events and no error"),
                }
            }
        }
    }

    /// A header that claims `length`, and 1000 bytes behind it.
    fn forged(length: u64) -> Vec<u8> {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(crc::masked(&bytes).to_le_bytes());
        bytes.extend([0; 1000]);
        bytes
    }

    #[test]
    fn a_forged_length_takes_no_memory() {
        for length in [2000, MAX_LENGTH] {
            let bytes = forged(length);
            let mut reader = EventReader::new(&bytes[..]);
            assert!(reader.next().is_none());
            assert!(reader.is_truncated());
            assert!(reader.frames.capacity() <= 2 * CHUNK);
        }
        for length in [MAX_LENGTH + 1, u64::MAX] {
            let bytes = forged(length);
            let mut reader = EventReader::new(&bytes[..]);
            let error = reader.next().unwrap().unwrap_err();
            assert!(matches!(error.kind(), ReadErrorKind::TooLong { length: l } if *l == length));
            assert!(reader.next().is_none() && !reader.is_truncated());
        }
    }

    #[test]
    fn the_buffer_stays_below_twice_what_arrived() {
        let mut bytes = forged(MAX_LENGTH);
        bytes.resize(1_000_000, 0);
        let mut reader = EventReader::new(&bytes[..]);
        assert!(reader.next().is_none());
        assert!(reader.frames.capacity() <= 2 * bytes.len());
    }

    #[test]
    fn records_of_all_sizes_come_through_a_trickle() {
        /// Gives odd numbers of bytes, and is interrupted in between.
        struct Trickle<'a>(&'a [u8], usize);
        impl Read for Trickle<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.1 += 1;
                if self.1 % 3 == 0 {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                let most = out.len().min(self.1 * 37 % 9001 + 1);
                self.0.read(&mut out[..most])
            }
        }
        let sizes = [0, 1, CHUNK - 40, CHUNK, 5, 3 * CHUNK + 1, 70, 1_000_000, 2];
        let mut bytes = Vec::new();
        for size in sizes {
            let start = record::open(&mut bytes);
            let stamp = Stamp { wall_time: 1.0, step: size as i64 };
            event::put_event(&mut bytes, stamp, Payload::Graph, &vec![size as u8; size]);
            record::close(&mut bytes, start);
        }
        record::seal(&mut bytes);
        let mut reader = EventReader::new(Trickle(&bytes, 0));
        for size in sizes {
            let event = reader.next().unwrap().unwrap();
            assert_eq!(event.step(), size as i64);
            let graph = crate::read::Payload::Graph(vec![size as u8; size]);
            assert!(event.payload() == &graph, "{size}");
            assert!(!reader.is_truncated());
        }
        assert!(reader.next().is_none() && !reader.is_truncated());
        assert_eq!(reader.offset(), bytes.len() as u64);
    }

    #[test]
    fn an_error_of_the_system_ends_it() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let (bytes, ends) = file();
        let mut reader = EventReader::new(bytes[..ends[1]].chain(Broken));
        assert!(reader.next().unwrap().is_ok());
        let error = reader.next().unwrap().unwrap_err();
        assert_eq!(error.offset(), ends[1] as u64);
        assert!(matches!(error.kind(), ReadErrorKind::Io(_)));
        assert!(reader.next().is_none());
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
        let (events, error) = read(&bytes);
        let error = error.unwrap();
        assert_eq!((events, error.offset()), (3, 0));
        assert!(matches!(error.kind(), ReadErrorKind::Decode { length: 14, .. }), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            read(&bytes);
        }

        /// The frame is right, so that the decoder and the accessors see the bytes.
        #[test]
        fn any_data_is_survived(data: Vec<u8>, tensor: bool) {
            let mut bytes = Vec::new();
            let start = record::open(&mut bytes);
            if tensor {
                let mut value = Vec::new();
                put_bytes(&mut value, 8, &data);
                let mut summary = Vec::new();
                put_bytes(&mut summary, 1, &value);
                put_bytes(&mut bytes, 5, &summary);
            } else {
                bytes.extend(&data);
            }
            record::close(&mut bytes, start);
            record::seal(&mut bytes);
            for event in EventReader::new(&bytes[..]).flatten() {
                for value in event.values() {
                    value.scalar();
                    let _ = (value.data(), value.tensor().map(|tensor| tensor.to_f64()));
                }
            }
        }
    }
}
