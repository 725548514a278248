//! Summaries that are computed when they are encoded.

use super::{Histogram, Number, Summary, SummaryEncoder};
use crate::system::Causes;
use std::error::Error;
use std::fmt;

/// A summary that is computed when it is encoded: with
/// [`add_deferred`](crate::SummaryWriter::add_deferred) that is in the background.
///
/// ```
/// use tfevents::{Deferred, Histogram};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = vec![0.5f32; 1_000_000];
/// let summary = Deferred::new(size_of_val(&*weights), move || Histogram::exponential(&weights));
/// writer.add_deferred("kernel", summary, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[doc(alias("lazy", "Later"))]
pub struct Deferred<F> {
    memory_usage: usize,
    compute: F,
}

impl<F: Fn() -> S, S: Summary> Deferred<F> {
    /// Creates a summary that `compute` returns later, from data of `memory_usage` bytes that the
    /// closure owns.
    ///
    /// ```
    /// use tfevents::{Deferred, Histogram};
    ///
    /// let weights = vec![0.5f32; 1000];
    /// let summary = Deferred::new(4000, move || Histogram::uniform(&weights, 10));
    /// ```
    pub fn new(memory_usage: usize, compute: F) -> Self {
        Self { memory_usage, compute }
    }
}

impl Deferred<()> {
    /// Creates a summary that `compute` returns later, if it succeeds.
    ///
    /// An error drops the event, which counts in [`DropCounts::encode_failed`], and is logged as a
    /// warning with its causes, once for each tag.
    ///
    /// ```
    /// use tfevents::{Deferred, Histogram};
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let read = || std::fs::read("weights.bin").map(|bytes| Histogram::new(&bytes));
    /// writer.add_deferred("weights", Deferred::try_new(0, read), 7);
    /// # drop(writer.flush());
    /// # assert_eq!(writer.stats().drops.encode_failed, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`DropCounts::encode_failed`]: crate::DropCounts::encode_failed
    pub fn try_new<S, E>(
        memory_usage: usize,
        compute: impl Fn() -> Result<S, E>,
    ) -> Deferred<impl Fn() -> Attempt<S>>
    where
        S: Summary,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Deferred { memory_usage, compute: move || Attempt(compute().map_err(Into::into)) }
    }

    /// Creates a [`Histogram::new`] of these values that is computed later.
    ///
    /// ```
    /// use tfevents::Deferred;
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
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        (self.compute)().encode(tag, encoder);
    }

    fn memory_usage(&self) -> usize {
        self.memory_usage
    }
}

impl<F> fmt::Debug for Deferred<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("memory_usage", &self.memory_usage).finish_non_exhaustive()
    }
}

/// A summary, or the error that kept it from being created.
#[derive(Debug)]
pub struct Attempt<S>(Result<S, Box<dyn Error + Send + Sync>>);

impl<S: Summary> Summary for Attempt<S> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        match &self.0 {
            Ok(summary) => summary.encode(tag, encoder),
            Err(error) => encoder.fail(tag, Causes(&**error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Scalar;

    #[test]
    fn errors_of_any_kind_fail_and_successes_are_written() {
        let encoded = |summary: &dyn Summary| {
            let mut body = Vec::new();
            let mut encoder = SummaryEncoder::new(&mut body);
            summary.encode("deferred", &mut encoder);
            (encoder.has_failed(), body)
        };
        let text = Deferred::try_new(0, || Err::<Scalar, _>("no values"));
        assert_eq!(encoded(&text), (true, vec![]));
        let typed = Deferred::try_new(0, || "1".parse::<u8>().map(Scalar::new));
        assert_eq!(encoded(&typed), encoded(&Scalar::new(1)));
    }
}
