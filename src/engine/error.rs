//! The error type of the engine.

use crate::storage::Failed;
use std::path::PathBuf;
use std::time::Duration;

/// An error of the engine. The writer converts it to its public error.
#[derive(Debug)]
pub(crate) enum EngineError {
    /// A file operation failed.
    Storage(Failed),
    /// A run was opened after the writer was closed.
    Closed { path: PathBuf },
    /// This process was forked from the one that writes.
    Forked { process: u32 },
    /// Events were dropped since the last report.
    Dropped { events: u64 },
    /// The storage did not take everything in time.
    Timeout { pending: u64, waited: Duration },
}
