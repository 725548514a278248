//! The public error type of the writer.

use crate::engine::{DropCounts, EngineError};
use crate::read::ReadError;
use crate::storage::Failed;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An error creating a writer or writing its events to files.
///
/// The `add_*` methods never return it: errors that occur after such a call are returned by
/// [`flush`](crate::SummaryWriter::flush) and [`close`](crate::SummaryWriter::close).
///
/// The message does not include the cause, such as an error of the operating system: that is the
/// [`source`](std::error::Error::source).
///
/// ```
/// use tfevents::{Error, SummaryWriter};
///
/// match SummaryWriter::new("no\0path") {
///     Err(Error::Directory { path, .. }) => println!("cannot log into {}", path.display()),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory of a run cannot be created, or no file can be created in it.
    #[error("cannot log into {}", if path.as_os_str().is_empty() { "\"\"".into() } else { path.to_string_lossy() })]
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The name of a child run leads outside its parent, or is not valid on every system.
    #[error(
        "invalid run name {name:?}: it {reason} (expected plain directory names joined by `/`)"
    )]
    #[non_exhaustive]
    RunName {
        /// The name that was given.
        name: String,
        /// The reason, such as `has an empty part`.
        reason: &'static str,
    },
    /// A time format is not valid for `strftime`, or does not yield the name of one directory.
    #[error(
        "invalid time format {format:?} for a directory name (expected one such as \"%Y%m%d-%H%M%S\")"
    )]
    #[non_exhaustive]
    TimeFormat {
        /// The format that was given.
        format: String,
    },
    /// A file suffix is not valid in file names on every system.
    #[error(
        "invalid file suffix {suffix:?}: it {reason} (expected characters allowed in file names on every system)"
    )]
    #[non_exhaustive]
    FileSuffix {
        /// The suffix that was given.
        suffix: String,
        /// The reason, such as `has a part longer than 200 bytes`.
        reason: &'static str,
    },
    /// A background thread cannot be spawned.
    #[error("cannot spawn the thread that writes event files")]
    #[non_exhaustive]
    Thread {
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file operation failed.
    ///
    /// Events stay in the buffer, within its bound, and are written later to a new file. The files
    /// of an embedding are not written again: log it again.
    #[error("cannot {operation} {}", path.display())]
    #[non_exhaustive]
    Storage {
        /// The operation: `create`, `write` or `sync`; for embeddings also `read` and `rename`,
        /// for [`compact`](crate::compact()) also `rename` and `remove`.
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A child run was opened after its writer was closed.
    #[error("cannot open run {}: its writer is closed", path.display())]
    #[non_exhaustive]
    Closed {
        /// The child run's directory.
        path: PathBuf,
    },
    /// This process was forked from the one that created the writer, and has no thread that writes
    /// events.
    #[error(
        "the writer belongs to process {process}, not to this fork of it (expected a writer created after the fork)"
    )]
    #[non_exhaustive]
    Forked {
        /// The process that created the writer.
        process: u32,
    },
    /// The event files of a run that is resumed or compacted cannot be read, or are damaged.
    #[error("cannot read the event files in {}", path.display())]
    #[non_exhaustive]
    Read {
        /// The directory of the run.
        path: PathBuf,
        /// The error of the reader, which names the file.
        source: ReadError,
    },
    /// A run was [compacted](crate::compact()), but old files cannot be removed.
    ///
    /// The new file has all points of the run. Readers drop those of the old files when they come to
    /// it, so no point is lost or shown twice. Only a tag of which no point is left stays in
    /// TensorBoard's data server.
    #[error(
        "cannot remove {} old event file{} beside {}: the new file has all points, and each is shown once (expected the old files to be removable; compact the run again when they are)",
        files.len(),
        if files.len() == 1 { "" } else { "s" },
        path.display()
    )]
    #[non_exhaustive]
    NotRemoved {
        /// The new file.
        path: PathBuf,
        /// The old files that are left.
        files: Vec<PathBuf>,
        /// The error of the storage for the first of them.
        source: io::Error,
    },
    /// Events were dropped since the last report: the buffer was full, the writer was closed, or a
    /// summary could not be encoded.
    #[error(
        "dropped {events} {} in {}: {drops}",
        if *events == 1 { "event" } else { "events, the first" },
        location
    )]
    #[non_exhaustive]
    Dropped {
        /// The number of dropped events, in all runs of the writer.
        events: u64,
        /// The number of dropped events by reason.
        drops: DropCounts,
        /// The directory of the run that the first of them was logged into.
        path: PathBuf,
        /// Where that directory is: its path, or its URL in an object store.
        location: String,
    },
    /// The storage did not take everything in time. Writing continues in the background.
    #[error("{pending} event{} not yet written after {waited:?}", if *pending == 1 { " was" } else { "s were" })]
    #[non_exhaustive]
    Timeout {
        /// The number of events that are not yet written.
        pending: u64,
        /// The time that the call waited.
        waited: Duration,
    },
}

impl Error {
    pub(super) fn directory(path: &Path, mut source: io::Error) -> Self {
        // Creating a directory fails in this way only where something else has its name.
        if source.kind() == io::ErrorKind::AlreadyExists {
            let reason = "it is a file (expected a directory)";
            source = io::Error::new(io::ErrorKind::NotADirectory, reason);
        }
        Error::Directory { path: path.to_owned(), source }
    }

    /// Returns a function for `map_err`, for the run in this directory.
    pub(super) fn read(dir: &Path) -> impl Fn(ReadError) -> Self {
        move |source| Error::Read { path: dir.to_owned(), source }
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        let Failed { operation, path, error, .. } = failed;
        Error::Storage { operation, path, source: error }
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Storage(failed) => failed.into(),
            EngineError::Closed { path } => Error::Closed { path },
            EngineError::Forked { process } => Error::Forked { process },
            EngineError::Dropped { drops, first, location } => {
                Error::Dropped { events: drops.sum(), drops, path: first.to_path_buf(), location }
            }
            EngineError::Timeout { pending, waited } => Error::Timeout { pending, waited },
        }
    }
}
