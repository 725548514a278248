//! The engine takes an event from the call that logs it to an event file. The guarantees of the
//! writer are implemented here.
//!
//! It depends on neither summaries nor the profiler: its input is bytes, a step and a handle of a
//! run.
//!
//! # The life of an event
//!
//! 1. A call encodes it into the last block of its run, under the one lock of the buffer
//!    ([`admission`], [`block`]). An event larger than 16 KiB is copied into its own block before
//!    the lock is taken. A deferred event gets a reservation instead, which a worker fills
//!    ([`deferred`]).
//! 2. If there is no capacity, the call waits as long as [`Overflow`] allows; then the event is
//!    dropped and counted ([`stats`]).
//! 3. The thread that writes wakes when the oldest event has waited for the flush interval, when
//!    blocks are full, or when a call waits for a flush. It takes the blocks of all runs, up to
//!    1 MiB at a time ([`batch`]).
//! 4. It fills in checksums, writes to the event file of the run, and syncs the file if
//!    [`Durability`] requires it ([`thread`], [`event_file`]).
//! 5. It returns the blocks to the buffer with the outcome. Events that were not written keep their
//!    position, and are written later to a new file ([`batch`]).
//!
//! # Where is ...
//!
//! | topic | code |
//! |---|---|
//! | the flush interval | [`batch`]: `due` |
//! | the name of an event file | [`event_file`]: `next_path` |
//! | appends in doubt | [`event_file`]: `append` keeps the file, [`batch`]: `take_blocks` takes the same blocks |
//! | a full disk, or any write that fails | [`event_file`]: `write` closes the file, [`batch`]: `settle` keeps the rest |
//! | the order of events | [`admission`]: encoded under the lock; [`handles`]: one slot per directory |
//! | steps that do not increase | [`steps`] |
//! | dropped events | [`admission`]: `drop_full`, `drop_closed`; [`deferred`]: `fill`; [`batch`]: `abandon` |
//! | the note of dropped events | [`thread`]: `note` |
//! | the mark at the end of a run | [`thread`]: `end_mark`; what it says: [`handles`]: `set_end` |
//! | the bound of memory | [`admission`]: `fits`, [`buffer`]: `Memory` |
//! | the end of `flush` and `close` | [`flush`] |
//! | `fsync` | [`event_file`]: `sync`; when: [`batch`]: `syncs` |
//! | wall times | [`clock`] |
//! | a fork | [`flush`]: `check_process`; [`buffer`]: `end_if_forked` |

mod admission;
mod batch;
mod block;
mod buffer;
mod clock;
mod deferred;
mod event_file;
mod flush;
mod handles;
mod policy;
mod runs;
mod stats;
mod steps;
mod sync;
#[cfg(test)]
mod tests;
mod thread;

pub(crate) use buffer::{Buffer, Limits};
pub(crate) use clock::Clock;
pub(crate) use deferred::{Encode, Job, Reported, Workers};
pub(crate) use event_file::{FileSettings, head, next_path, second_after};
pub(crate) use flush::EngineError;
pub use policy::{Durability, Overflow};
pub(crate) use runs::{RunEnd, RunHandle};
pub use stats::{DropCounts, Stats};
pub(crate) use steps::{KindChange, StepBack};
pub(crate) use thread::{Ended, Observer, run};
