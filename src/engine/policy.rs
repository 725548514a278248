//! What a writer does when its buffer is full, and when it asks the disk.

use std::time::Duration;

/// What happens to an event when the buffer is full.
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
    /// The call waits for room, at most so long; then the event is dropped and counted. After a
    /// wait that ran out nobody waits again until the storage has taken something.
    Block(Duration),
    /// The event is dropped and counted at once.
    Drop,
}

/// What `flush` and the flush interval ask of the disk.
///
/// `cargo bench -p benches --bench durability` shows what each costs where you are.
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
    /// Events are handed to the operating system: they survive the end of the process, however it
    /// ends, but the last seconds not a power cut.
    #[default]
    Os,
    /// Besides, `flush` and `close` return when the disk has everything: the files and the run's
    /// own directory. Directories above it that the writer had to make are left to the system,
    /// which writes them some seconds later.
    SyncOnFlush,
    /// Besides, the disk has each event one flush interval after the call that logged it, and the
    /// time that the disk takes for it. A busy writer does not sync more often than that.
    SyncOnInterval,
}
