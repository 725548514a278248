//! Summaries that are computed when they are encoded.

use super::{Histogram, Number, Summary, Values};
use std::fmt;

/// A summary that is computed when it is encoded: handed over, that is behind the caller.
///
/// ```
/// use tfevents::Histogram;
/// use tfevents::summary::Later;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = vec![0.5f32; 1_000_000];
/// let summary = Later::new(size_of_val(&*weights), move || Histogram::exponential(&weights));
/// writer.hand_over("kernel", summary, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Later<F> {
    held: usize,
    compute: F,
}

impl<F: Fn() -> S, S: Summary> Later<F> {
    /// `compute` makes the summary, from data of so many bytes that it holds. It may make an
    /// [`Option`] of one: `None` writes nothing.
    ///
    /// ```
    /// use tfevents::Histogram;
    /// use tfevents::summary::Later;
    ///
    /// let bytes = || std::fs::read("weights.bin").ok();
    /// let summary = Later::new(0, move || bytes().map(|bytes| Histogram::new(&bytes)));
    /// ```
    pub fn new(held_bytes: usize, compute: F) -> Self {
        Self { held: held_bytes, compute }
    }
}

impl Later<()> {
    /// A [`Histogram::new`] of these values.
    ///
    /// ```
    /// use tfevents::summary::Later;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let weights = vec![0.5f32; 1_000_000];
    /// writer.hand_over("kernel", Later::histogram(weights), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn histogram<T: Number>(values: Vec<T>) -> Later<impl Fn() -> Histogram> {
        Later::new(values.capacity() * size_of::<T>(), move || Histogram::new(&values))
    }
}

impl<F: Fn() -> S, S: Summary> Summary for Later<F> {
    fn encode(&self, tag: &str, values: &mut Values<'_>) {
        (self.compute)().encode(tag, values);
    }

    fn held_bytes(&self) -> usize {
        self.held
    }
}

impl<F> fmt::Debug for Later<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Later").field("held_bytes", &self.held).finish_non_exhaustive()
    }
}
