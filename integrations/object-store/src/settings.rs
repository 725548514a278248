//! The settings of uploads.

use std::time::Duration;
use tfevents::storage::Pace;

/// The longest time that a request may take: longer ones could not be added to the time of a clock.
const MAX_DEADLINE: Duration = Duration::from_secs(24 * 3600);

/// The settings of an [`ObjectStorage`](crate::ObjectStorage).
///
/// ```
/// use std::time::Duration;
/// use tfevents_object_store::Settings;
///
/// let settings = Settings::default().interval(Duration::from_secs(5), Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Settings {
    pub(crate) interval: (Duration, Duration),
    pub(crate) age_share: f64,
    pub(crate) seal_after: u32,
    pub(crate) seal_bytes: usize,
    pub(crate) tail_bytes: usize,
    pub(crate) concurrency: usize,
    pub(crate) attempt: Duration,
    pub(crate) retries: u32,
    pub(crate) deadline: Duration,
    pub(crate) backoff: Duration,
    pub(crate) put_gap: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: (Duration::from_secs(10), Duration::from_secs(300)),
            age_share: 0.01,
            seal_after: 16,
            seal_bytes: 4 << 20,
            tail_bytes: 16 << 20,
            concurrency: 16,
            attempt: Duration::from_secs(10),
            retries: 3,
            deadline: Duration::from_secs(15),
            backoff: Duration::from_millis(500),
            put_gap: Duration::from_secs(1),
        }
    }
}

impl Settings {
    /// Sets the minimum and maximum time between uploads of a run; at least 2 s, because Google Cloud
    /// Storage takes one upload a second under one name. Default: 10 s and 300 s.
    pub fn interval(self, min: Duration, max: Duration) -> Self {
        let min = min.max(Duration::from_secs(2));
        Self { interval: (min, max.max(min)), ..self }
    }

    /// Sets the time between uploads as a share of the writer's age, within the
    /// [interval](Self::interval). Default: 0.01.
    pub fn age_share(self, share: f64) -> Self {
        Self { age_share: share, ..self }
    }

    /// Sets how often an object is put before the next one begins. 1 never puts an object again: for
    /// buckets with a retention policy, or with versions that are billed. Default: 16.
    pub fn seal_after(self, puts: u32) -> Self {
        Self { seal_after: puts.max(1), ..self }
    }

    /// Sets the size from which an object is not put again. Default: 4 MiB.
    pub fn seal_bytes(self, bytes: usize) -> Self {
        Self { seal_bytes: bytes, ..self }
    }

    /// Sets how many bytes the objects of all runs that may be put again use in memory. The largest
    /// ones are sealed to stay within it. Default: 16 MiB.
    pub fn tail_bytes(self, bytes: usize) -> Self {
        Self { tail_bytes: bytes, ..self }
    }

    /// Sets the maximum number of uploads at the same time. Default: 16.
    pub fn concurrency(self, uploads: usize) -> Self {
        Self { concurrency: uploads.max(1), ..self }
    }

    /// Sets how long one attempt of a request may take, how often it is repeated at once, and how long
    /// all of that may take; a day at most. Default: 10 s, 3 times, 15 s.
    pub fn attempts(self, attempt: Duration, retries: u32, deadline: Duration) -> Self {
        let (attempt, deadline) = (attempt.min(MAX_DEADLINE), deadline.min(MAX_DEADLINE));
        Self { attempt, retries, deadline, ..self }
    }

    /// Sets the shortest times for tests, which wait for no store.
    #[doc(hidden)]
    pub fn quick(self) -> Self {
        let (backoff, put_gap) = (Duration::from_millis(1), Duration::ZERO);
        let interval = (Duration::from_millis(20), Duration::from_millis(20));
        Self { backoff, put_gap, interval, ..self }
    }

    pub(crate) fn pace(&self) -> Pace {
        let mut pace = Pace::default();
        (pace.interval, pace.max_interval) = self.interval;
        pace.age_share = self.age_share;
        pace.batch_bytes = 64 << 20;
        pace.wake_bytes = 64 << 20;
        pace.whole_batches = true;
        pace.retry = Some(self.backoff * 2);
        // 60 s, but for the shorter times of tests.
        pace.max_retry = self.backoff * 120;
        pace.flush_timeout = self.deadline * 2;
        pace.buffer_bytes = 128 << 20;
        pace.small_bytes = 80 << 20;
        pace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_overflows() {
        let settings = Settings::default()
            .attempts(Duration::MAX, u32::MAX, Duration::MAX)
            .interval(Duration::MAX, Duration::MAX)
            .age_share(f64::INFINITY);
        let pace = settings.pace();
        assert_eq!(pace.interval_at(Duration::from_secs(1)), Duration::MAX);
        assert!(std::time::Instant::now().checked_add(pace.flush_timeout).is_some());
    }
}
