//! How a writer is doing.

use std::time::SystemTime;

/// What became of everything that was logged, children included.
///
/// At any time, `sent = written + dropped + pending`.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 0);
/// writer.flush()?;
/// let stats = writer.stats();
/// assert_eq!((stats.sent, stats.written, stats.dropped, stats.pending), (1, 1, 0, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events handed to the writer.
    pub sent: u64,
    /// Events that lie whole in a file, as far as the operating system knows.
    pub written: u64,
    /// Events given up: the buffer was full, the writer was closed, or what was handed over could
    /// not be encoded.
    pub dropped: u64,
    /// Events still on their way.
    pub pending: u64,
    /// Bytes of the events that were written, frames included.
    pub bytes_written: u64,
    /// Scalars given to `add_scalar` or a handle that were NaN or infinite. They are written as
    /// they are.
    pub non_finite: u64,
    /// When something was last written.
    pub last_write: Option<SystemTime>,
}
