//! Summaries that are computed when they are encoded.

use super::{Histogram, Number, Summary, SummaryEncoder};
use std::fmt;

/// A summary that is computed when it is encoded: handed over, that is behind the caller.
///
/// ```
/// use tfevents::Histogram;
/// use tfevents::summary::Deferred;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = vec![0.5f32; 1_000_000];
/// let summary = Deferred::new(size_of_val(&*weights), move || Histogram::exponential(&weights));
/// writer.add_deferred("kernel", summary, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Deferred<F> {
    held: usize,
    compute: F,
}

impl<F: Fn() -> S, S: Summary> Deferred<F> {
    /// `compute` makes the summary, from data of so many bytes that it holds. It may make an
    /// [`Option`] of one: `None` writes nothing.
    ///
    /// ```
    /// use tfevents::Histogram;
    /// use tfevents::summary::Deferred;
    ///
    /// let bytes = || std::fs::read("weights.bin").ok();
    /// let summary = Deferred::new(0, move || bytes().map(|bytes| Histogram::new(&bytes)));
    /// ```
    pub fn new(memory_usage: usize, compute: F) -> Self {
        Self { held: memory_usage, compute }
    }
}

impl Deferred<()> {
    /// A [`Histogram::new`] of these values.
    ///
    /// ```
    /// use tfevents::summary::Deferred;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let weights = vec![0.5f32; 1_000_000];
    /// writer.add_deferred("kernel", Deferred::histogram(weights), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn histogram<T: Number>(values: Vec<T>) -> Deferred<impl Fn() -> Histogram> {
        Deferred::new(values.capacity() * size_of::<T>(), move || Histogram::new(&values))
    }
}

impl<F: Fn() -> S, S: Summary> Summary for Deferred<F> {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        (self.compute)().encode(tag, values);
    }

    fn memory_usage(&self) -> usize {
        self.held
    }
}

impl<F> fmt::Debug for Deferred<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("memory_usage", &self.held).finish_non_exhaustive()
    }
}
