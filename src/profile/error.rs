//! Errors of taking a trace.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// An error starting or writing a trace.
///
/// ```
/// use tfevents::profile::{ProfileError, Profiler};
///
/// # let dir = tempfile::tempdir()?;
/// let profiler = Profiler::new();
/// let trace = profiler.start(dir.path())?;
/// assert!(matches!(profiler.start(dir.path()), Err(ProfileError::AlreadyRecording)));
/// trace.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The profiler is already recording a trace.
    #[error("cannot start a trace: the profiler is already recording one (expected a stop before)")]
    AlreadyRecording,
    /// The directory for traces cannot be created.
    #[error("cannot create the trace directory {}", path.display())]
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The trace cannot be written, and is lost.
    #[error("cannot write the trace {}", path.display())]
    #[non_exhaustive]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The trace was not written in time. Its thread is abandoned, and may still write it.
    #[error("the trace is not written after {waited:?}")]
    #[non_exhaustive]
    Timeout {
        /// The time after which the wait ended.
        waited: Duration,
    },
    /// The thread that writes the trace could not be spawned. The trace is lost.
    #[error("cannot spawn the thread that writes the trace")]
    #[non_exhaustive]
    Thread {
        /// The cause.
        source: io::Error,
    },
    /// The thread that writes the trace panicked. The trace is lost.
    #[error("the thread that writes the trace panicked")]
    Panicked,
}
