//! When and in which amounts a writer appends.

use std::time::Duration;

/// When and in which amounts a writer appends to a storage. The settings of the writer override it.
///
/// ```
/// use std::time::Duration;
/// use tfevents::storage::Pace;
///
/// let mut pace = Pace::default();
/// pace.interval = Duration::from_secs(10);
/// pace.max_interval = Duration::from_secs(300);
/// pace.age_share = 0.01;
/// assert_eq!(pace.interval_at(Duration::from_secs(60)), Duration::from_secs(10));
/// assert_eq!(pace.interval_at(Duration::from_secs(3600)), Duration::from_secs(36));
/// assert_eq!(pace.interval_at(Duration::from_secs(86400)), Duration::from_secs(300));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Pace {
    /// How long an event may stay buffered before it is written. Default: 1 s.
    pub interval: Duration,
    /// The maximum of the interval, if it grows with the writer's age. Default: 1 s.
    pub max_interval: Duration,
    /// The interval as a share of the writer's age, if that is longer than `interval`. Default: 0.
    pub age_share: f64,
    /// How many bytes the writer takes from its buffer at a time. Default: 1 MiB.
    pub batch_bytes: usize,
    /// How many bytes of small events are written before the interval has passed. Default: 512 KiB.
    pub wake_bytes: usize,
    /// Whether all that a batch has for a run is one append, and the appends of all runs run at the
    /// same time: see [`EventFile::begin_append`](super::EventFile::begin_append). Default: `false`,
    /// one append for at most 128 KiB or one event, and the memory is released after each.
    pub whole_batches: bool,
    /// The time from a failed append to the next attempt. It doubles with each failure of a run.
    /// Default: `None`, the interval.
    pub retry: Option<Duration>,
    /// The maximum of that time. Default: 60 s.
    pub max_retry: Duration,
    /// How long `flush`, `close` and dropping the writer wait. Default: 5 s.
    pub flush_timeout: Duration,
    /// How many bytes of memory unwritten events may use. Default: 64 MiB.
    pub buffer_bytes: usize,
    /// How many of these bytes events of up to 16 KiB may use. Default: 12 MiB.
    pub small_bytes: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            max_interval: Duration::from_secs(1),
            age_share: 0.0,
            batch_bytes: 1 << 20,
            wake_bytes: 512 << 10,
            whole_batches: false,
            retry: None,
            max_retry: Duration::from_secs(60),
            flush_timeout: Duration::from_secs(5),
            buffer_bytes: 64 << 20,
            small_bytes: 12 << 20,
        }
    }
}

impl Pace {
    /// Returns how long an event may stay buffered in a writer that was created `age` ago.
    pub fn interval_at(&self, age: Duration) -> Duration {
        if self.age_share > 0.0 {
            let share = age.as_secs_f64() * self.age_share;
            // Out of range only for ages and shares that make no sense.
            let share = Duration::try_from_secs_f64(share).unwrap_or(self.max_interval);
            share.min(self.max_interval).max(self.interval)
        } else {
            self.interval
        }
    }

    /// Returns the time from the last of `failures` failed attempts in a row to the next one.
    pub(crate) fn retry_after(&self, failures: u32) -> Option<Duration> {
        let factor = 1 << failures.saturating_sub(1).min(16);
        self.retry.map(|retry| retry.saturating_mul(factor).min(self.max_retry))
    }

    /// Limits all times, so that they can be added to that of a clock.
    pub(crate) fn limited(self, max: Duration) -> Self {
        Self {
            interval: self.interval.min(max),
            max_interval: self.max_interval.min(max),
            max_retry: self.max_retry.min(max),
            flush_timeout: self.flush_timeout.min(max),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_become_rarer() {
        let pace = Pace { retry: Some(Duration::from_secs(1)), ..Pace::default() };
        let seconds = |failures| pace.retry_after(failures).unwrap().as_secs();
        assert_eq!([1, 2, 3, 6, 7, 100].map(seconds), [1, 2, 4, 32, 60, 60]);
        assert_eq!(Pace::default().retry_after(1), None);
    }

    #[test]
    fn no_time_overflows() {
        let max = Duration::from_secs(1000);
        let never = Some(Duration::MAX);
        let pace = Pace { interval: Duration::MAX, max_retry: Duration::MAX, ..Pace::default() };
        let pace = Pace { retry: never, age_share: 1.0, ..pace };
        assert_eq!(pace.retry_after(3), never);
        let pace = pace.limited(max);
        assert_eq!((pace.retry_after(3), pace.interval_at(Duration::ZERO)), (Some(max), max));
    }
}
