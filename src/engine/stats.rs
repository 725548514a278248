//! Counters of a writer's events.

use std::fmt;
use std::time::SystemTime;

/// Counters of the events of a writer, child runs included, returned by
/// [`SummaryWriter::stats`](crate::SummaryWriter::stats).
///
/// At any time, `logged = written + dropped + pending`. A summary that writes nothing, such as
/// `None`, is not counted.
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
    /// The number of logged events: those written, dropped and pending.
    pub logged: u64,
    /// The number of events that were written to a file as a whole.
    pub written: u64,
    /// The number of dropped events. [`drops`](Self::drops) has the reasons.
    pub dropped: u64,
    /// The number of events that are not yet written.
    pub pending: u64,
    /// The bytes of all logged events: those written, dropped and pending.
    pub bytes_logged: u64,
    /// The bytes of the written events, including the framing of their records.
    pub bytes_written: u64,
    /// The bytes of the dropped events, as an upper bound.
    pub bytes_dropped: u64,
    /// The bytes of the events that are not yet written.
    pub bytes_pending: u64,
    /// The number of dropped events by reason.
    pub drops: DropCounts,
    /// The number of scalars that were NaN or infinite, of those logged with `add_scalar` or a
    /// [`ScalarHandle`](crate::ScalarHandle). They are written unchanged.
    pub non_finite: u64,
    /// The number of events of `tracing` that were not logged because they had no step, or an
    /// invalid one.
    pub without_step: u64,
    /// The time of the last successful write.
    pub last_write: Option<SystemTime>,
    /// The message of the error that keeps events from being written; `None` once all runs are
    /// written again.
    pub error: Option<String>,
}

/// The number of dropped events by reason, a part of [`Stats`].
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.close()?;
/// writer.add_scalar("loss", 0.5, 0);
/// let drops = writer.stats().drops;
/// assert_eq!(drops.after_close, 1);
/// assert_eq!(drops.to_string(), "1 logged after the writer was closed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DropCounts {
    /// Events that were logged while the buffer was full, and for which the call did not or could
    /// not wait any longer: see [`Overflow`](crate::Overflow).
    pub buffer_full: u64,
    /// Events that were larger than the buffer.
    pub too_large: u64,
    /// Events that were logged after the writer or the run was closed, or in a forked process.
    pub after_close: u64,
    /// Events that could not be written when the writer was closed, because the storage failed.
    pub write_failed: u64,
    /// Summaries that could not be encoded: they reported an error, panicked, or wrote nothing after
    /// they were [deferred](crate::SummaryWriter::add_deferred).
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

    /// Returns the number of events that were dropped since there were as few as `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            buffer_full: self.buffer_full - before.buffer_full,
            too_large: self.too_large - before.too_large,
            after_close: self.after_close - before.after_close,
            write_failed: self.write_failed - before.write_failed,
            encode_failed: self.encode_failed - before.encode_failed,
        }
    }
}

/// Writes the reasons, such as `2 while the buffer was full, 1 logged after the writer was closed`.
impl fmt::Display for DropCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = [
            (self.buffer_full, "while the buffer was full"),
            (self.too_large, "larger than the buffer"),
            (self.after_close, "logged after the writer was closed"),
            (self.write_failed, "not written because the storage failed"),
            (self.encode_failed, "not encoded"),
        ];
        let mut reasons = reasons.iter().filter(|(count, _)| *count > 0);
        if let Some((count, reason)) = reasons.next() {
            write!(f, "{count} {reason}")?;
        }
        reasons.try_for_each(|(count, reason)| write!(f, ", {count} {reason}"))
    }
}
