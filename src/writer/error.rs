//! What can go wrong around a log directory.

use crate::read::ReadError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a writer could not be made, or did not get everything to its files.
///
/// Calls that log something never return it: what they run into comes back from
/// [`flush`](crate::SummaryWriter::flush) and [`close`](crate::SummaryWriter::close).
/// The message ends in what the system said, where it said something;
/// [`source`](std::error::Error::source) does not repeat it.
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
    /// The log directory cannot be made, or no file can be made in it; or a child run's directory
    /// cannot be made.
    #[error("cannot log into {}: {error}", path.display())]
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A child run's name would lead outside its parent, or not work on every system.
    #[error("run name {name:?} {reason}; allowed are plain directory names, joined by `/`")]
    #[non_exhaustive]
    RunName {
        /// The name that was given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A time format that `strftime` does not know, or that names no single directory.
    #[error("time format {format:?} makes no directory name; try \"%Y%m%d-%H%M%S\"")]
    #[non_exhaustive]
    TimeFormat {
        /// The format that was given.
        format: String,
    },
    /// A file suffix that would not do in a file name.
    #[error("file suffix {suffix:?} {reason}; allowed is what file names may hold on every system")]
    #[non_exhaustive]
    FileSuffix {
        /// The suffix that was given.
        suffix: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The background thread could not be started.
    #[error("cannot start the thread that writes: {error}")]
    #[non_exhaustive]
    Thread {
        /// What the system said.
        error: io::Error,
    },
    /// A file operation failed. What was to be written is kept, within the buffer's bound, and
    /// tried again in a new file; an embedding's files are not, log it again.
    #[error("cannot {operation} {}: {error}", path.display())]
    #[non_exhaustive]
    Storage {
        /// What was tried: `create`, `write` or `sync`; in [`compact`](crate::compact()) also
        /// `rename` and `remove`, of an embedding `read` and `rename`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A child run was asked for after its writer was closed.
    #[error("cannot open {}: its writer is closed", path.display())]
    #[non_exhaustive]
    Closed {
        /// The child run's directory.
        path: PathBuf,
    },
    /// This process was forked from the one that made the writer, and has no thread that writes.
    #[error("the writer belongs to process {process}: after a fork, make one of your own")]
    #[non_exhaustive]
    Forked {
        /// The one that made it.
        process: u32,
    },
    /// Event files that were to be resumed or compacted cannot be read, or are damaged.
    #[error("{0}")]
    Read(ReadError),
    /// Events were dropped since this was last told, because the buffer was full or the writer
    /// was closed.
    #[error("{events} events were dropped")]
    #[non_exhaustive]
    Dropped {
        /// How many.
        events: u64,
    },
    /// The storage did not take everything in time. It is still being tried, unless the writer
    /// was closed.
    #[error("{pending} events were not yet written after {waited:?}")]
    #[non_exhaustive]
    Timeout {
        /// How many events wait.
        pending: u64,
        /// How long the call waited.
        waited: Duration,
    },
}

impl Error {
    /// The same for somebody else; only of a file operation that failed.
    pub(super) fn again(&self) -> Option<Self> {
        let Error::Storage { operation, path, error } = self else { return None };
        let error = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        Some(Error::Storage { operation, path: path.clone(), error })
    }
}
