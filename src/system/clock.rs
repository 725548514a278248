//! Clocks made of the processor's tick counter, calibrated against the system's clocks.
//!
//! Reading a system clock costs more than the rest of a call that logs a scalar or records a span;
//! reading the tick counter does not. [`TickClock`] counts at an even rate whose length is known
//! afterwards, from two [`Reading`]s: enough for a trace. [`WallClock`] gives seconds since 1970
//! at once, and calibrates itself while it is used.

use super::Ticks;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Returns a time as seconds since 1970, negative ones before it.
pub(crate) fn unix_seconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

/// The tick counter and the system's clocks, read together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// The count of the clock that was read.
    pub(crate) count: u64,
    /// The monotonic time at which the reading began.
    pub(crate) at: Instant,
    /// The system's time.
    system: SystemTime,
    /// The duration of the reading: long if the thread was interrupted in the middle of it.
    took: Duration,
}

impl Reading {
    fn new(count: impl FnOnce() -> u64) -> Self {
        let at = Instant::now();
        // Between the two others, so that it is nearest to the system's time.
        let count = count();
        let system = SystemTime::now();
        Self { count, at, system, took: at.elapsed() }
    }
}

/// A clock that counts at an even rate and only forward: ticks, or nanoseconds where the processor
/// has no usable ticks. Setting the system's clock does not change it.
#[cfg_attr(not(feature = "profile"), allow(dead_code))]
#[derive(Debug)]
pub(crate) struct TickClock {
    ticks: Ticks,
    base: Instant,
}

/// The number of times that the clocks are read for a [`Reading`]; the shortest one is taken.
#[cfg_attr(not(feature = "profile"), allow(dead_code))]
const READINGS: usize = 5;

#[cfg_attr(not(feature = "profile"), allow(dead_code))]
impl TickClock {
    pub(crate) fn new() -> Self {
        Self { ticks: Ticks::new(), base: Instant::now() }
    }

    /// Returns the current count, which is never 0.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        match self.ticks.read() {
            Some(ticks) => ticks,
            // 64 bits of nanoseconds last for centuries.
            None => self.base.elapsed().as_nanos() as u64 + 1,
        }
    }

    /// Returns the current count together with the time.
    pub(crate) fn reading(&self) -> Reading {
        let mut best = Reading::new(|| self.now());
        for _ in 1..READINGS {
            let next = Reading::new(|| self.now());
            if next.took < best.took {
                best = next;
            }
        }
        best
    }
}

/// The conversion from counts of a [`TickClock`] to picoseconds since a first reading.
#[cfg_attr(not(feature = "profile"), allow(dead_code))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    start: u64,
    counts: u64,
    picos: u64,
}

#[cfg_attr(not(feature = "profile"), allow(dead_code))]
impl Scale {
    /// Returns the scale between two readings, whose rate is the mean between them.
    pub(crate) fn between(start: Reading, stop: Reading) -> Self {
        let nanos = stop.at.saturating_duration_since(start.at).as_nanos();
        Self {
            start: start.count,
            counts: stop.count.saturating_sub(start.count).max(1),
            // Readers of traces count to i64::MAX picoseconds: a hundred days.
            picos: nanos.saturating_mul(1000).min(i64::MAX as u128) as u64,
        }
    }

    /// Returns the picoseconds between the two readings.
    pub(crate) fn len(&self) -> u64 {
        self.picos
    }

    /// Returns the picoseconds from the first reading to `count`, clamped to the time between the
    /// two readings. A later count never gives fewer.
    pub(crate) fn picos(&self, count: u64) -> u64 {
        let counts = count.saturating_sub(self.start).min(self.counts);
        (u128::from(counts) * u128::from(self.picos) / u128::from(self.counts)) as u64
    }
}

/// The time for which ticks are trusted before the system's clock is read again. A step of that
/// clock is seen this much later at most.
const TRUST: Duration = Duration::from_millis(1);
/// The time over which the rate of the ticks is measured in the end.
const BASELINE: Duration = Duration::from_millis(10);
/// Until then the ticks are trusted for this fraction of the time over which it was measured.
const CAUTION: u32 = 8;
/// A reading that took longer was interrupted, and does not calibrate the ticks.
const UNDISTURBED: Duration = Duration::from_micros(2);
/// The seconds by which the ticks may be ahead of the system's clock: two readings, and the rate.
const MAX_AHEAD: f64 = 5e-6;

/// The system's time, read rarely, with the processor's ticks in between.
///
/// A loop that asks without pause reads the system's clock once in a millisecond, and some hundred
/// times in the first ten; one that asks less often reads it at each call. An error in the rate of
/// the ticks does not add up: the two readings that it follows from are off by up to 2 µs each,
/// and it is trusted for at most an eighth of the time between them, which makes 0.5 µs at its end;
/// an undisturbed reading adds up to 2 µs. The time does not go back by such an error; it does
/// when the system's clock is set back.
#[derive(Debug)]
pub(crate) struct WallClock {
    ticks: Ticks,
    /// The ticks at the last reading of the system's clock.
    start: u64,
    /// The seconds since 1970 at that reading.
    secs: f64,
    /// The last time that was returned before that reading, if the ticks were ahead.
    floor: f64,
    /// The number of ticks after it that are trusted: 0 while their rate is unknown.
    trusted: u64,
    secs_per_tick: f64,
    /// The time over which the rate was measured.
    measured: Duration,
    /// The ticks and the time from which it is measured next.
    baseline: Option<(u64, Instant)>,
}

impl Default for WallClock {
    fn default() -> Self {
        Self {
            ticks: Ticks::new(),
            start: 0,
            secs: 0.0,
            floor: f64::NEG_INFINITY,
            trusted: 0,
            secs_per_tick: 0.0,
            measured: Duration::ZERO,
            baseline: None,
        }
    }
}

impl WallClock {
    /// Returns the seconds since 1970 at which `ticks` were read, which was just now.
    #[inline]
    pub(crate) fn unix_seconds(&mut self, ticks: Option<u64>) -> f64 {
        match ticks {
            // Ticks that go back wrap round to a large number.
            Some(ticks) if ticks.wrapping_sub(self.start) < self.trusted => {
                // Trusted ticks fit 63 bits, and from those a float is made in one instruction.
                self.not_back(self.secs + (ticks - self.start) as i64 as f64 * self.secs_per_tick)
            }
            Some(_) => self.read_system(),
            None => unix_seconds(SystemTime::now()),
        }
    }

    /// Puts the ticks ahead of the system's clock, for good.
    #[cfg(test)]
    pub(crate) fn put_ahead(&mut self, secs: f64) {
        self.start = self.ticks.read().unwrap_or(0);
        self.secs = unix_seconds(SystemTime::now()) + secs;
        (self.secs_per_tick, self.trusted) = (1e-9, i64::MAX as u64);
    }

    #[inline]
    fn not_back(&self, secs: f64) -> f64 {
        if secs < self.floor { self.floor } else { secs }
    }

    #[cold]
    fn read_system(&mut self) -> f64 {
        let mut usable = false;
        let reading = Reading::new(|| {
            let ticks = self.ticks.read();
            usable = ticks.is_some();
            ticks.unwrap_or(0)
        });
        // No time after this one was returned.
        let passed = reading.count.saturating_sub(self.start).min(self.trusted);
        let last = self.not_back(self.secs + passed as f64 * self.secs_per_tick);
        self.secs = unix_seconds(reading.system);
        let is_ahead = (0.0..MAX_AHEAD).contains(&(last - self.secs));
        self.floor = if is_ahead { last } else { f64::NEG_INFINITY };
        self.trusted = 0;
        if usable && reading.took < UNDISTURBED {
            self.start = reading.count;
            self.calibrate(reading.count, reading.at);
        }
        self.not_back(self.secs)
    }

    /// Measures the rate since the baseline, and trusts it if it is a possible one.
    fn calibrate(&mut self, ticks: u64, now: Instant) {
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

    /// Reads the clock without pause for a fifth of a second; each count must lie between two
    /// readings of the standard library's clock around it.
    #[test]
    fn counts_agree_with_instants() {
        let clock = TickClock::new();
        let start = clock.reading();
        let mut readings = Vec::new();
        while start.at.elapsed() < Duration::from_millis(200) {
            let before = Instant::now();
            let count = clock.now();
            readings.push((before, count, Instant::now()));
        }
        let scale = Scale::between(start, clock.reading());
        // 5 µs for what is between two readings.
        let slack = Duration::from_micros(5);
        let wrong = readings.iter().filter(|&&(before, count, after)| {
            let at = start.at + Duration::from_nanos(scale.picos(count) / 1000);
            at + slack < before || at > after + slack
        });
        assert_eq!(wrong.count(), 0, "of {}", readings.len());
    }

    fn reading(count: u64, at: Instant) -> Reading {
        Reading { count, at, system: UNIX_EPOCH, took: Duration::ZERO }
    }

    #[test]
    fn counts_outside_the_scale_are_clamped() {
        let at = Instant::now();
        let scale = Scale::between(reading(1000, at), reading(3000, at + Duration::from_micros(1)));
        assert_eq!(scale.len(), 1_000_000);
        let picos = [0, 999, 1000, 1001, 2000, 3000, u64::MAX].map(|count| scale.picos(count));
        assert_eq!(picos, [0, 0, 0, 500, 500_000, 1_000_000, 1_000_000]);
    }

    #[test]
    fn scale_of_no_length_does_not_divide_by_zero() {
        let reading = reading(7, Instant::now());
        let scale = Scale::between(reading, reading);
        assert_eq!((scale.len(), scale.picos(7), scale.picos(9)), (0, 0, 0));
    }

    /// Reads the clock for half a second without pause; each time must lie between two readings of
    /// the system's clock around it.
    #[test]
    fn wall_clock_agrees_with_the_system() {
        let mut clock = WallClock::default();
        let begun = Instant::now();
        let (mut by_ticks, mut disturbed) = (0u64, 0u64);
        while begun.elapsed() < Duration::from_millis(500) {
            let before = unix_seconds(SystemTime::now());
            let secs = clock.unix_seconds(clock.ticks.read());
            let after = unix_seconds(SystemTime::now());
            // 5 µs, and what an f64 rounds. The system's clock may itself step meanwhile.
            disturbed += u64::from(!(before - 5.5e-6..after + 5.5e-6).contains(&secs));
            by_ticks += u64::from(secs != clock.secs);
        }
        assert_eq!(disturbed, 0);
        if clock.ticks.read().is_some() {
            assert!(by_ticks > 10_000, "{by_ticks} times by ticks: {clock:?}");
        } else {
            println!("this processor has no even tick: the system's clock is read each time");
        }
    }

    #[test]
    fn after_a_pause_the_systems_clock_is_read() {
        let mut clock = WallClock::default();
        if clock.ticks.read().is_none() {
            println!("this processor has no even tick: nothing to compare");
            return;
        }
        while clock.trusted == 0 {
            clock.unix_seconds(clock.ticks.read());
        }
        // As if the system's clock had been an hour behind at the last reading.
        clock.secs -= 3600.0;
        let stepped = Instant::now();
        while unix_seconds(SystemTime::now()) - clock.unix_seconds(clock.ticks.read()) > 1.0 {
            assert!(stepped.elapsed() < Duration::from_secs(5), "{clock:?}");
        }
    }

    #[test]
    fn ticks_that_were_ahead_do_not_turn_time_back() {
        let mut clock = WallClock::default();
        if clock.ticks.read().is_none() {
            println!("this processor has no even tick: nothing to compare");
            return;
        }
        for _ in 0..100 {
            while clock.trusted == 0 {
                clock.unix_seconds(clock.ticks.read());
            }
            // As if the last reading had been late by the time of a slow one.
            clock.secs += 3e-6;
            let ticks = clock.ticks.read();
            let ahead = clock.unix_seconds(ticks);
            let system = clock.read_system();
            assert!(system >= ahead, "{system} after {ahead}: {clock:?}");
            assert!(clock.unix_seconds(clock.ticks.read()) >= system);
        }
        // A clock that was set back is followed.
        clock.secs += 3600.0;
        let before = clock.unix_seconds(clock.ticks.read());
        assert!(clock.read_system() < before);
    }

    #[test]
    fn an_impossible_rate_is_not_trusted() {
        let mut clock = WallClock::default();
        let begun = Instant::now();
        clock.calibrate(1000, begun);
        // Ticks that went back, then ones that stood still.
        for (ticks, after) in [(500, BASELINE), (500, 2 * BASELINE)] {
            clock.calibrate(ticks, begun + after);
            assert_eq!(clock.trusted, 0, "{clock:?}");
        }
        // A gigahertz.
        clock.calibrate(500 + 10_000_000, begun + 3 * BASELINE);
        assert_eq!(clock.trusted, 1_000_000);
    }

    /// A short time says little about the rate.
    #[test]
    fn a_new_rate_is_trusted_for_a_part_of_the_time_it_was_measured_over() {
        let mut clock = WallClock::default();
        let begun = Instant::now();
        clock.calibrate(0, begun);
        for micros in [8, 80, 4000] {
            clock.calibrate(micros * 1000, begun + Duration::from_micros(micros));
            assert_eq!(clock.trusted, micros * 1000 / 8, "{clock:?}");
        }
        // Once it was measured over its whole time, a shorter one changes nothing.
        clock.calibrate(10_000_000, begun + BASELINE);
        let rate = clock.secs_per_tick;
        clock.calibrate(11_000_000, begun + BASELINE + Duration::from_micros(900));
        assert_eq!((clock.secs_per_tick, clock.trusted), (rate, 1_000_000));
    }
}
