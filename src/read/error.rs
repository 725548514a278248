//! What can be wrong with an event file.

use std::io;
use std::path::{Path, PathBuf};

/// A file that cannot be read, or a damaged record: where, and what was found there.
///
/// ```
/// use tfevents::read::{EventReader, ReadErrorKind};
///
/// // Event files must not be preallocated: zeros are no record.
/// let error = EventReader::new(&[0; 64][..]).next().unwrap().unwrap_err();
/// assert_eq!((error.offset(), error.path()), (0, None));
/// assert!(matches!(error.kind(), ReadErrorKind::LengthChecksum { length: 0, found: 0, .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}at byte {offset}: {kind}", Prefix(path.as_deref()))]
pub struct ReadError {
    path: Option<PathBuf>,
    offset: u64,
    kind: ReadErrorKind,
}

/// What is wrong. See [`ReadError`] for where.
///
/// ```
/// use tfevents::read::{EventReader, ReadErrorKind};
///
/// let error = EventReader::open("no/such/file").unwrap_err();
/// assert!(matches!(error.kind(), ReadErrorKind::Io(_)));
/// assert!(error.to_string().starts_with("no/such/file: at byte 0: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The system could not open, list or read. The reader ends here.
    #[error("cannot read: {0}")]
    Io(io::Error),
    /// The checksum of a record's length is wrong. Where the next record begins is not known, so
    /// the reader ends here.
    #[error("the length {length} has checksum {found:#010x}, not {expected:#010x}")]
    #[non_exhaustive]
    LengthChecksum {
        /// The length that the file says.
        length: u64,
        /// The checksum of that length.
        expected: u32,
        /// The checksum in the file.
        found: u32,
    },
    /// The checksum of the length is right, but no protobuf message may be that long: the limit
    /// is 2 GiB. The reader ends here.
    #[error("a record of {length} bytes; at most {} are allowed", i32::MAX)]
    #[non_exhaustive]
    TooLong {
        /// The length that the file says.
        length: u64,
    },
    /// The checksum of a record's data is wrong. The reader goes on behind it.
    #[error("the {length} bytes of data have checksum {found:#010x}, not {expected:#010x}")]
    #[non_exhaustive]
    DataChecksum {
        /// The length of the data.
        length: u64,
        /// The checksum of the data.
        expected: u32,
        /// The checksum in the file.
        found: u32,
    },
    /// The data of a record is no event. The reader goes on behind it.
    #[error("the {length} bytes of data are no event: {reason}")]
    #[non_exhaustive]
    Decode {
        /// The length of the data.
        length: u64,
        /// What the decoder said.
        reason: String,
    },
}

impl ReadError {
    pub(super) fn new(path: Option<&Path>, offset: u64, kind: ReadErrorKind) -> Self {
        Self { path: path.map(Path::to_owned), offset, kind }
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::new(Some(path), 0, ReadErrorKind::Io(source))
    }

    /// The file, or the directory that cannot be listed; `None` if the reader was made from
    /// something else.
    ///
    /// ```
    /// use tfevents::read::EventReader;
    ///
    /// let error = EventReader::open("no such file").unwrap_err();
    /// assert!(error.path().unwrap().ends_with("no such file"));
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Where the record begins, in bytes from the start of the file.
    ///
    /// ```
    /// use tfevents::read::EventReader;
    ///
    /// let error = EventReader::open("no such file").unwrap_err();
    /// assert_eq!(error.offset(), 0);
    /// ```
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is wrong.
    ///
    /// ```
    /// use tfevents::read::{EventReader, ReadErrorKind};
    ///
    /// let error = EventReader::open("no such file").unwrap_err();
    /// assert!(matches!(error.kind(), ReadErrorKind::Io(_)));
    /// ```
    pub fn kind(&self) -> &ReadErrorKind {
        &self.kind
    }
}

/// The path and a colon, or nothing.
struct Prefix<'a>(Option<&'a Path>);

impl std::fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |path| write!(f, "{}: ", path.display()))
    }
}
