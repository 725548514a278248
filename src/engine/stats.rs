//! How a writer is doing.

use std::time::SystemTime;

/// What became of everything that was logged, children included.
///
/// At any time, `logged = written + dropped + pending`. What a call does not make an event of counts
/// nowhere, such as a summary that writes nothing, or images that cannot be encoded: that is told
/// through the `log` facade.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 0);
/// writer.flush()?;
/// let stats = writer.stats();
/// assert_eq!((stats.logged, stats.written, stats.dropped, stats.pending), (1, 1, 0, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stats {
    /// Events handed to the writer.
    pub logged: u64,
    /// Events that lie whole in a file, as far as the operating system knows.
    pub written: u64,
    /// Events given up: [`drops`](Self::drops) says why.
    pub dropped: u64,
    /// Events still on their way.
    pub pending: u64,
    /// Bytes of the events that were handed to the writer: those written, dropped and pending.
    pub bytes_logged: u64,
    /// Bytes of the events that were written, frames included.
    pub bytes_written: u64,
    /// Bytes that the dropped events would have taken, at most.
    pub bytes_dropped: u64,
    /// Bytes of the events still on their way.
    pub bytes_pending: u64,
    /// Why events were dropped.
    pub drops: DropCounts,
    /// Scalars given to `add_scalar` or a handle that were NaN or infinite. They are written as
    /// they are.
    pub non_finite: u64,
    /// When something was last written.
    pub last_write: Option<SystemTime>,
    /// What keeps events from being written, as [`Error`](crate::Error) says it; `None` as soon as
    /// all is written again.
    pub error: Option<String>,
}

/// How many events were dropped for which reason: see [`Stats`].
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.close()?;
/// writer.add_scalar("loss", 0.5, 0);
/// assert_eq!(writer.stats().drops.after_close, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DropCounts {
    /// The buffer was full, and the storage took nothing for as long as a call may wait.
    pub buffer_full: u64,
    /// The event was larger than the buffer.
    pub too_large: u64,
    /// The writer, or the run, was closed before, or it belongs to another process.
    pub after_close: u64,
    /// The writer was closed while the storage failed.
    pub write_failed: u64,
    /// What was [handed over](crate::SummaryWriter::add_deferred) could not be encoded.
    pub encode_failed: u64,
}

impl DropCounts {
    pub(crate) fn sum(self) -> u64 {
        self.buffer_full
            + self.too_large
            + self.after_close
            + self.write_failed
            + self.encode_failed
    }
}
