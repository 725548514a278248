//! Errors of reading event files.

use super::{DataType, Kind, TensorValue};
use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// An error reading event files: the file, the byte offset of the record, and what is wrong with it.
///
/// ```
/// use tfevents::read::{EventReader, ReadErrorKind};
///
/// // Event files must not be preallocated: zeros are no record.
/// let error = EventReader::new(&[0; 64][..]).next().unwrap().unwrap_err();
/// assert_eq!((error.offset(), error.path()), (0, None));
/// assert!(matches!(error.kind(), ReadErrorKind::LengthChecksum { length: 0, found: 0, .. }));
/// ```
#[derive(Debug)]
pub struct ReadError(Box<Parts>);

/// The fields, boxed so that results are small.
#[derive(Debug)]
struct Parts {
    path: Option<PathBuf>,
    offset: u64,
    kind: ReadErrorKind,
}

/// The kind of a [`ReadError`].
///
/// ```
/// use tfevents::read::{EventReader, ReadErrorKind};
///
/// let error = EventReader::open("no/such/file").unwrap_err();
/// assert!(matches!(error.kind(), ReadErrorKind::Io(_)));
/// assert_eq!(error.to_string(), "cannot read no/such/file");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The operating system failed to open, list or read. The reader ends here.
    #[error("cannot read the events")]
    Io(#[from] io::Error),
    /// The checksum of a record's length is wrong. Where the next record begins is not known, so
    /// the reader ends here.
    #[error(
        "invalid checksum of the record length {length}: {found:#010x} (expected {expected:#010x})"
    )]
    #[non_exhaustive]
    LengthChecksum {
        /// The length in the file.
        length: u64,
        /// The checksum of that length.
        expected: u32,
        /// The checksum in the file.
        found: u32,
    },
    /// The checksum of the length is right, but no protobuf message may be that long: the limit
    /// is 2 GiB. The reader ends here.
    #[error("invalid record length: {length} bytes (expected at most {})", i32::MAX)]
    #[non_exhaustive]
    TooLong {
        /// The length in the file.
        length: u64,
    },
    /// The checksum of a record's data is wrong. The reader goes on with the next record.
    #[error(
        "invalid checksum of a record of {length} bytes: {found:#010x} (expected {expected:#010x})"
    )]
    #[non_exhaustive]
    DataChecksum {
        /// The length of the data.
        length: u64,
        /// The checksum of the data.
        expected: u32,
        /// The checksum in the file.
        found: u32,
    },
    /// A value is not what its kind asks for. The reader goes on with the next value.
    #[error("invalid value under the tag {tag:?}")]
    #[non_exhaustive]
    Value {
        /// The tag.
        tag: String,
        /// The error of the value.
        source: ValueError,
    },
    /// The data of a record is not an event. The reader goes on with the next record.
    #[error("cannot decode a record of {length} bytes")]
    #[non_exhaustive]
    Decode {
        /// The length of the data.
        length: u64,
        /// The decoder's error.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// An error decoding the data of a [`Value`](super::Value).
///
/// ```
/// use tfevents::read::{ReadError, ReadErrorKind, ValueError};
///
/// fn is_invalid_text(error: &ReadError) -> bool {
///     let kind = error.kind();
///     matches!(kind, ReadErrorKind::Value { source: ValueError::Utf8 { .. }, .. })
/// }
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// An embedded message cannot be decoded.
    #[error("cannot decode the data of the value: {reason}")]
    #[non_exhaustive]
    Decode {
        /// The decoder's message.
        reason: String,
    },
    /// A tensor has another type, shape or number of elements.
    #[error("invalid {kind}: tensor of {data_type}, shape {shape:?} (expected {expected})")]
    #[non_exhaustive]
    Tensor {
        /// The kind of data.
        kind: Kind,
        /// The type of the elements.
        data_type: DataType,
        /// The size of each dimension.
        shape: Vec<i64>,
        /// The expected type and shape.
        expected: &'static str,
    },
    /// A tensor lists fewer numbers than its shape asks for, and the shape is too large to fill.
    #[error(
        "invalid {kind}: tensor of shape {shape:?} that lists {listed} number{} (expected all for more than {limit})",
        if *listed == 1 { "" } else { "s" }
    )]
    #[non_exhaustive]
    Unfilled {
        /// The kind of data.
        kind: Kind,
        /// The size of each dimension.
        shape: Vec<i64>,
        /// The number of numbers that the tensor lists.
        listed: usize,
        /// The largest number of elements that a tensor is filled up to.
        limit: usize,
    },
    /// Text is not valid UTF-8.
    #[error("invalid text: string {index} of the tensor (expected UTF-8)")]
    #[non_exhaustive]
    Utf8 {
        /// The number of the string in its tensor, from 0.
        index: usize,
        /// Where it is invalid.
        source: std::str::Utf8Error,
    },
    /// A histogram has another number of edges than of counts.
    #[error("invalid histogram: {edges} upper edges (expected {counts}, one for each count)")]
    #[non_exhaustive]
    Buckets {
        /// The number of upper edges.
        edges: usize,
        /// The number of counts.
        counts: usize,
    },
}

impl ValueError {
    pub(super) fn decode(error: prost::DecodeError) -> Self {
        Self::Decode { reason: error.to_string() }
    }

    pub(super) fn shape(kind: Kind, tensor: &TensorValue<'_>, expected: &'static str) -> Self {
        Self::Tensor {
            kind,
            data_type: tensor.data_type(),
            shape: tensor.shape().to_vec(),
            expected,
        }
    }
}

impl ReadError {
    pub(super) fn new(path: Option<&Path>, offset: u64, kind: ReadErrorKind) -> Self {
        Self(Box::new(Parts { path: path.map(Path::to_owned), offset, kind }))
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::new(Some(path), 0, ReadErrorKind::Io(source))
    }

    /// Returns the file, or the directory that cannot be listed; `None` if the reader has no path.
    ///
    /// ```
    /// use tfevents::read::EventReader;
    ///
    /// let error = EventReader::open("no such file").unwrap_err();
    /// assert!(error.path().unwrap().ends_with("no such file"));
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Returns the offset of the record in bytes from the start of the file.
    ///
    /// ```
    /// use tfevents::read::EventReader;
    ///
    /// let error = EventReader::open("no such file").unwrap_err();
    /// assert_eq!(error.offset(), 0);
    /// ```
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// Returns the kind of the error.
    ///
    /// ```
    /// use tfevents::read::{EventReader, ReadErrorKind};
    ///
    /// let error = EventReader::open("no such file").unwrap_err();
    /// assert!(matches!(error.kind(), ReadErrorKind::Io(_)));
    /// ```
    pub fn kind(&self) -> &ReadErrorKind {
        &self.0.kind
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { path, offset, kind } = &*self.0;
        match (path, kind) {
            (Some(path), ReadErrorKind::Io(_)) if path.as_os_str().is_empty() => {
                f.write_str("cannot read the root of the storage")
            }
            (Some(path), ReadErrorKind::Io(_)) => {
                write!(f, "cannot read {}", path.display())?;
                // A file that cannot be opened, or a directory, has no offset.
                if *offset > 0 { write!(f, " at byte {offset}") } else { Ok(()) }
            }
            (None, ReadErrorKind::Io(_)) => {
                write!(f, "cannot read the event stream at byte {offset}")
            }
            (Some(path), kind) => write!(f, "{}: {kind} at byte {offset}", path.display()),
            (None, kind) => write!(f, "{kind} at byte {offset}"),
        }
    }
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The kind is part of the message, so the chain goes on with its cause.
        Error::source(&self.0.kind)
    }
}
