//! The policies of a writer: for a full buffer, and for syncs.

use std::time::Duration;

/// The policy for events that are logged while the buffer is full.
///
/// Dropped events are counted in [`Stats`](crate::Stats), and the run gets a note of them. The
/// default of a writer is `Block` with 1 s.
///
/// ```
/// use tfevents::Overflow;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = tfevents::SummaryWriter::builder(path).overflow(Overflow::Drop).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The call waits for capacity, for this time at most; then the event is dropped. After a wait
    /// that timed out, calls do not wait again until the storage has taken something.
    Block(Duration),
    /// The event is dropped at once.
    Drop,
}

/// The policy for syncing event files to the disk.
///
/// `cargo bench -p benches --bench durability` measures the cost of each on your disk.
///
/// ```
/// use tfevents::Durability;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = tfevents::SummaryWriter::builder(path).durability(Durability::SyncOnFlush).build()?;
/// writer.add_scalar("loss", 0.5, 0);
/// writer.flush()?; // survives a power cut from here on
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// Events are written to the operating system and never synced. Written events survive the end
    /// of the process, however it ends; a power cut may lose those of the last seconds.
    #[default]
    Os,
    /// In addition, `flush` and `close` sync the files and the run's directory before they return.
    /// Parent directories that the writer created are not synced: the operating system writes them
    /// some seconds later.
    SyncOnFlush,
    /// In addition, files are synced one flush interval after an event was logged, and at most once
    /// per flush interval. An event survives a power cut after that interval plus the time that the
    /// sync takes.
    SyncOnInterval,
}
