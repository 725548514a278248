//! The wall times of events.

use crate::system::{Ticks, unix_seconds};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// A source of wall times, in seconds since 1970.
#[derive(Clone, Default)]
pub(crate) enum Clock {
    #[default]
    System,
    Custom(Arc<dyn Fn() -> f64 + Send + Sync>),
}

impl Clock {
    pub(crate) fn now(&self) -> f64 {
        match self {
            Clock::System => unix_seconds(SystemTime::now()),
            Clock::Custom(now) => now(),
        }
    }

    /// Returns the time, or the system's time if a clock given by the user panics.
    pub(crate) fn now_guarded(&self) -> f64 {
        let time = catch_unwind(AssertUnwindSafe(|| self.now()));
        time.unwrap_or_else(|_| unix_seconds(SystemTime::now()))
    }

    /// Returns the time for frequent calls, from ticks that were just read.
    #[inline]
    pub(crate) fn often(&self, stopwatch: &mut Stopwatch, ticks: Option<u64>) -> f64 {
        match self {
            Clock::System => stopwatch.time(ticks),
            Clock::Custom(now) => now(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Clock::System => "System",
            Clock::Custom(_) => "Custom",
        })
    }
}

/// How long the processor's ticks are trusted before the system's clock is read again. A step of
/// that clock is noticed at most this much later.
const TRUST: Duration = Duration::from_millis(1);
/// The minimum time to measure the rate of the ticks over, once it was measured over that long.
const BASELINE: Duration = Duration::from_millis(10);
/// Before that, ticks are trusted for one `CAUTION`th of the time that the rate was measured over.
const CAUTION: u32 = 8;
/// A reading of both clocks that took longer was interrupted, and is not used for the rate.
const UNDISTURBED: Duration = Duration::from_micros(2);

/// The system's time, read rarely, and the processor's ticks in between.
///
/// Reading the system's clock costs more than the rest of a call that logs a scalar. A loop that
/// logs without pause reads it once per millisecond, and some hundred times in the first ten
/// milliseconds; one that logs less often reads it at each call. Errors do not accumulate: the two
/// readings that the rate is computed from are off by up to 2 µs each, and the rate is trusted for at
/// most an eighth of the time between them, which makes 0.5 µs; an undisturbed reading adds up to
/// 2 µs.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    ticks: Ticks,
    /// The ticks and the time of the last reading of the system's clock.
    start: u64,
    secs: f64,
    /// How many ticks after it are trusted: 0 while their rate is unknown.
    trusted: u64,
    secs_per_tick: f64,
    /// The time that the rate was measured over.
    measured: Duration,
    /// The start of the next measurement of the rate.
    baseline: Option<(u64, Instant)>,
}

impl Default for Stopwatch {
    fn default() -> Self {
        Self {
            ticks: Ticks::new(),
            start: 0,
            secs: 0.0,
            trusted: 0,
            secs_per_tick: 0.0,
            measured: Duration::ZERO,
            baseline: None,
        }
    }
}

impl Stopwatch {
    /// Returns the time at which the ticks were read, in seconds since 1970.
    #[inline]
    pub(crate) fn time(&mut self, ticks: Option<u64>) -> f64 {
        match ticks {
            // Ticks that went back wrap around to a large number.
            Some(ticks) if ticks.wrapping_sub(self.start) < self.trusted => {
                // Trusted ticks fit into an `i64`, which one instruction converts to a float.
                self.secs + (ticks - self.start) as i64 as f64 * self.secs_per_tick
            }
            Some(_) => self.read_system(),
            None => unix_seconds(SystemTime::now()),
        }
    }

    #[cold]
    fn read_system(&mut self) -> f64 {
        let started = Instant::now();
        let ticks = self.ticks.read();
        let time = SystemTime::now();
        let took = started.elapsed();
        self.secs = unix_seconds(time);
        self.trusted = 0;
        // The ticks were read just before the system's time.
        if let (Some(ticks), true) = (ticks, took < UNDISTURBED) {
            self.start = ticks;
            self.measure(ticks, started);
        }
        self.secs
    }

    /// Measures the rate since the baseline, and trusts it if it is plausible.
    fn measure(&mut self, ticks: u64, now: Instant) {
        let Some((since_ticks, since)) = self.baseline else {
            self.baseline = Some((ticks, now));
            return;
        };
        let elapsed = now - since;
        if elapsed >= self.measured.min(BASELINE) {
            self.measured = elapsed;
            // 0 if they went back: then the rate is infinite.
            let passed = ticks.saturating_sub(since_ticks);
            self.secs_per_tick = elapsed.as_secs_f64() / passed as f64;
        }
        if elapsed >= BASELINE {
            self.baseline = Some((ticks, now));
        }
        if (1e-12..1e-7).contains(&self.secs_per_tick) {
            let trust = TRUST.min(self.measured / CAUTION);
            self.trusted = (trust.as_secs_f64() / self.secs_per_tick) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the time without pause for half a second. Each time must lie between the readings of
    /// the system's clock before and after it.
    #[test]
    fn ticks_follow_the_systems_time() {
        let mut stopwatch = Stopwatch::default();
        let started = Instant::now();
        let (mut by_ticks, mut disturbed) = (0u64, 0u64);
        while started.elapsed() < Duration::from_millis(500) {
            let before = unix_seconds(SystemTime::now());
            let secs = stopwatch.time(stopwatch.ticks.read());
            let after = unix_seconds(SystemTime::now());
            // 5 µs, and the rounding of an `f64`.
            disturbed += u64::from(!(before - 5.5e-6..after + 5.5e-6).contains(&secs));
            by_ticks += u64::from(secs != stopwatch.secs);
        }
        assert_eq!(disturbed, 0);
        if stopwatch.ticks.read().is_some() {
            assert!(by_ticks > 10_000, "{by_ticks} times by ticks: {stopwatch:?}");
        } else {
            println!(
                "this processor has no constant tick rate: the system's clock is read each time"
            );
        }
    }

    #[test]
    fn after_a_pause_the_systems_clock_is_read() {
        let mut stopwatch = Stopwatch::default();
        if stopwatch.ticks.read().is_none() {
            println!("this processor has no constant tick rate: nothing to compare");
            return;
        }
        while stopwatch.trusted == 0 {
            stopwatch.time(stopwatch.ticks.read());
        }
        // As if the system's clock had been an hour behind at the last reading.
        stopwatch.secs -= 3600.0;
        let stepped = Instant::now();
        while unix_seconds(SystemTime::now()) - stopwatch.time(stopwatch.ticks.read()) > 1.0 {
            assert!(stepped.elapsed() < Duration::from_secs(5), "{stopwatch:?}");
        }
    }

    #[test]
    fn an_impossible_rate_is_not_trusted() {
        let mut stopwatch = Stopwatch::default();
        let started = Instant::now();
        stopwatch.measure(1000, started);
        // Ticks that went back, then ones that stood still.
        for (ticks, after) in [(500, BASELINE), (500, 2 * BASELINE)] {
            stopwatch.measure(ticks, started + after);
            assert_eq!(stopwatch.trusted, 0, "{stopwatch:?}");
        }
        // A gigahertz.
        stopwatch.measure(500 + 10_000_000, started + 3 * BASELINE);
        assert_eq!(stopwatch.trusted, 1_000_000);
    }

    /// A short measurement is inaccurate.
    #[test]
    fn a_new_rate_is_trusted_for_a_part_of_the_time_it_was_measured_over() {
        let mut stopwatch = Stopwatch::default();
        let started = Instant::now();
        stopwatch.measure(0, started);
        for micros in [8, 80, 4000] {
            stopwatch.measure(micros * 1000, started + Duration::from_micros(micros));
            assert_eq!(stopwatch.trusted, micros * 1000 / 8, "{stopwatch:?}");
        }
        // After a full measurement, a shorter one changes nothing.
        stopwatch.measure(10_000_000, started + BASELINE);
        let rate = stopwatch.secs_per_tick;
        stopwatch.measure(11_000_000, started + BASELINE + Duration::from_micros(900));
        assert_eq!((stopwatch.secs_per_tick, stopwatch.trusted), (rate, 1_000_000));
    }
}
