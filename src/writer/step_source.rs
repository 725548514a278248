//! The current step of a training, for what logs beside its loop.

use crate::summary::Step;
use std::fmt;
use std::sync::Arc;
#[cfg(target_has_atomic = "64")]
use std::sync::atomic::{AtomicI64, Ordering};

/// The value of a source without a step.
const NONE: i64 = i64::MIN;

/// The current step of a training: the loop sets it, and what logs beside the loop reads it.
///
/// Clones share the step. Each writer has one of its own, [`SummaryWriter::step_source`], which a
/// layer for events of `tracing` and a recorder of `metrics` read by default. The callback
/// `TensorBoard` sets it in every batch. A loop of your own sets it itself:
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let steps = writer.step_source();
/// assert_eq!(steps.get(), None);
/// for step in 0..100 {
///     steps.set(step);
///     // train on a batch
/// }
/// assert_eq!(writer.step_source().get(), Some(99));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Setting and reading it cost about a nanosecond each.
///
/// [`SummaryWriter::step_source`]: crate::SummaryWriter::step_source
#[derive(Clone)]
pub struct StepSource(Arc<Cell>);

impl StepSource {
    /// Creates a source without a step.
    ///
    /// ```
    /// assert_eq!(tfevents::StepSource::new().get(), None);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Cell::new(NONE)))
    }

    /// Sets the current step.
    #[inline]
    pub fn set(&self, step: impl Step) {
        self.0.set(step.to_step());
    }

    /// Returns the current step; `None` before the first [`set`](Self::set) and after
    /// [`clear`](Self::clear).
    #[inline]
    pub fn get(&self) -> Option<i64> {
        Some(self.0.get()).filter(|&step| step != NONE)
    }

    /// Removes the step, so that nothing is logged by it any more: for example after the training,
    /// when a program goes on without steps.
    ///
    /// ```
    /// let steps = tfevents::StepSource::new();
    /// steps.set(7);
    /// steps.clear();
    /// assert_eq!(steps.get(), None);
    /// ```
    pub fn clear(&self) {
        self.0.set(NONE);
    }
}

impl Default for StepSource {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for StepSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StepSource").field(&self.get()).finish()
    }
}

/// An `i64` that threads share.
#[cfg(target_has_atomic = "64")]
struct Cell(AtomicI64);

#[cfg(target_has_atomic = "64")]
impl Cell {
    fn new(value: i64) -> Self {
        Self(AtomicI64::new(value))
    }

    #[inline]
    fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    #[inline]
    fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// An `i64` that threads share, for processors without atomic operations on 64 bits.
#[cfg(not(target_has_atomic = "64"))]
struct Cell(crate::system::Mutex<i64>);

#[cfg(not(target_has_atomic = "64"))]
impl Cell {
    fn new(value: i64) -> Self {
        Self(crate::system::Mutex::new(value))
    }

    fn set(&self, value: i64) {
        *self.0.lock() = value;
    }

    fn get(&self) -> i64 {
        *self.0.lock()
    }
}
