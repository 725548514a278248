//! What can go wrong with a trace.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a trace could not be begun, or not be written. The message ends in what the system said.
///
/// ```
/// use tfevents::profile::{ProfileError, Profiler};
///
/// # let dir = tempfile::tempdir()?;
/// let profiler = Profiler::new();
/// let trace = profiler.start(dir.path())?;
/// assert!(matches!(profiler.start(dir.path()), Err(ProfileError::Running)));
/// trace.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The profiler takes a trace already. It takes one at a time.
    #[error("the profiler takes a trace already; stop that one first")]
    Running,
    /// The directory for traces cannot be made.
    #[error("cannot keep traces in {}: {error}", path.display())]
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The trace cannot be written. It is lost.
    #[error("cannot write the trace {}: {error}", path.display())]
    #[non_exhaustive]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The disk has not taken the trace for so long. Its thread is left to itself.
    #[error("the trace is not written after {waited:?}; its thread is left to itself")]
    #[non_exhaustive]
    Timeout {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The thread that writes the trace could not be started. The trace is lost.
    #[error("cannot start the thread that writes the trace: {error}")]
    #[non_exhaustive]
    Thread {
        /// What the system said.
        error: io::Error,
    },
}
