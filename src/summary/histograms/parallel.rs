//! Large arrays split over threads.

use super::range::Range;
use super::{Histogram, exponential, uniform};
use crate::summary::Number;
use std::thread;

/// The number of values for which starting a thread pays off.
const MIN_PER_THREAD: usize = 1 << 18;

impl Histogram {
    /// Sorts `values` as [`uniform`](Self::uniform) does, on up to `threads` threads; 0 stands for
    /// as many as the machine can run at a time. One thread is started for every 262,144 values,
    /// so that this pays off for many millions of them.
    ///
    /// Sums may differ in the last bits from those of other numbers of threads; all else is equal.
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let weights = vec![0.5f32; 1_000_000];
    /// assert_eq!(
    ///     Histogram::uniform_parallel(&weights, 30, 0),
    ///     Histogram::uniform(&weights, 30)
    /// );
    /// ```
    pub fn uniform_parallel<T: Number + Sync>(
        values: &[T],
        buckets: usize,
        threads: usize,
    ) -> Self {
        let ranges = on_threads(values, threads, Range::of);
        let range = ranges.into_iter().fold(Range::EMPTY, Range::with).with_zero_of(values);
        let all_finite = range.count == values.len() as u64;
        uniform::counted(range, values.len(), buckets, |grid| {
            let counts = on_threads(values, threads, |part| grid.count(part, all_finite));
            counts.into_iter().reduce(add).unwrap_or_default()
        })
    }

    /// Sorts `values` as [`exponential`](Self::exponential) does, on threads as described at
    /// [`uniform_parallel`](Self::uniform_parallel).
    ///
    /// ```
    /// use tfevents::Histogram;
    ///
    /// let weights = vec![0.5f32; 1_000_000];
    /// assert_eq!(
    ///     Histogram::exponential_parallel(&weights, 0),
    ///     Histogram::exponential(&weights)
    /// );
    /// ```
    pub fn exponential_parallel<T: Number + Sync>(values: &[T], threads: usize) -> Self {
        let parts = on_threads(values, threads, exponential::count).into_iter();
        let all = parts.reduce(|a, b| (add(a.0, b.0), a.1.with(b.1)));
        exponential::counted(all.unwrap_or((Vec::new(), Range::EMPTY)), values.len())
    }
}

fn add(mut counts: Vec<u64>, more: Vec<u64>) -> Vec<u64> {
    counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
    counts
}

/// Does the work with parts of the values, in their order. The calling thread does the first part,
/// and those for which no thread can be started.
fn on_threads<T: Sync, R: Send>(
    values: &[T],
    threads: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let available = || thread::available_parallelism().map_or(1, usize::from);
    let threads = if threads == 0 { available() } else { threads };
    let mut parts = values.chunks(values.len().div_ceil(threads).max(MIN_PER_THREAD));
    let first = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let work = &work;
        let start = |part| {
            let thread = thread::Builder::new().name("tfevents-histogram".to_owned());
            (part, thread.spawn_scoped(scope, move || work(part)).ok())
        };
        let started: Vec<_> = parts.map(start).collect();
        let mut results = vec![work(first)];
        results.extend(started.into_iter().map(|(part, thread)| {
            // Counting does not panic; a part that did would do so again, here.
            thread.and_then(|thread| thread.join().ok()).unwrap_or_else(|| work(part))
        }));
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        // Sums of small integers are exact in any order.
        let mut values: Vec<f32> =
            (0..3 * MIN_PER_THREAD + 17).map(|n| (n % 1999) as f32 - 700.0).collect();
        values[MIN_PER_THREAD] = f32::NAN;
        let double: Vec<f64> = values.iter().map(|&value| value.into()).collect();
        for threads in [0, 1, 2, 3, 4, 100] {
            let uniform = Histogram::uniform_parallel(&values, 30, threads);
            assert_eq!(uniform, Histogram::uniform(&values, 30));
            assert_eq!(uniform, Histogram::uniform_parallel(&double, 30, threads));
            let exponential = Histogram::exponential_parallel(&values, threads);
            assert_eq!(exponential, Histogram::exponential(&values));
            assert_eq!(exponential, Histogram::exponential_parallel(&double, threads));
        }
        for few in [&[][..], &[1.0], &[f32::NAN]] {
            assert_eq!(Histogram::uniform_parallel(few, 3, 2), Histogram::uniform(few, 3));
            assert_eq!(Histogram::exponential_parallel(few, 2), Histogram::exponential(few));
        }
    }
}
