//! The time of a trace: it only goes forward, whatever is done to the system's clock.

use crate::system::Ticks;
use std::time::Instant;

/// Counts at an even rate: the processor's ticks, or nanoseconds where there are none.
#[derive(Debug)]
pub(super) struct Clock {
    ticks: Ticks,
    base: Instant,
}

/// The count, and what a clock that knows its rate showed then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) count: u64,
    at: Instant,
}

/// Both clocks are read so many times for a [`Moment`], of which the nearest pair is taken.
const READINGS: usize = 5;

impl Clock {
    pub(super) fn new() -> Self {
        Self { ticks: Ticks::new(), base: Instant::now() }
    }

    /// Never 0.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        match self.ticks.read() {
            Some(ticks) => ticks,
            // 64 bits of nanoseconds last for centuries.
            None => self.base.elapsed().as_nanos() as u64 + 1,
        }
    }

    pub(super) fn moment(&self) -> Moment {
        let read = || {
            let before = self.now();
            let at = Instant::now();
            let after = self.now();
            (after.saturating_sub(before), Moment { count: before, at })
        };
        let mut best = read();
        for _ in 1..READINGS {
            let next = read();
            if next.0 < best.0 {
                best = next;
            }
        }
        // The system's clock was read about halfway.
        Moment { count: best.1.count + best.0 / 2, at: best.1.at }
    }
}

/// From counts to picoseconds since a trace began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    start: u64,
    counts: u64,
    picos: u64,
}

impl Scale {
    /// The rate is that between the two, for the ticks come with none.
    pub(super) fn between(start: Moment, stop: Moment) -> Self {
        let nanos = stop.at.saturating_duration_since(start.at).as_nanos();
        Self {
            start: start.count,
            counts: stop.count.saturating_sub(start.count).max(1),
            // What readers can count to: a hundred days.
            picos: nanos.saturating_mul(1000).min(i64::MAX as u128) as u64,
        }
    }

    /// How long the trace is.
    pub(super) fn len(&self) -> u64 {
        self.picos
    }

    /// Cut to the trace. A later count never gives less.
    pub(super) fn picos(&self, count: u64) -> u64 {
        let counts = count.saturating_sub(self.start).min(self.counts);
        (u128::from(counts) * u128::from(self.picos) / u128::from(self.counts)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Times that lie between two readings of the standard library's clock, over a fifth of a
    /// second.
    #[test]
    fn counts_tell_the_time() {
        let clock = Clock::new();
        let start = clock.moment();
        let mut readings = Vec::new();
        while start.at.elapsed() < Duration::from_millis(200) {
            let before = Instant::now();
            let count = clock.now();
            readings.push((before, count, Instant::now()));
        }
        let scale = Scale::between(start, clock.moment());
        // 5 µs for what is between two readings.
        let slack = Duration::from_micros(5);
        let wrong = readings.iter().filter(|&&(before, count, after)| {
            let at = start.at + Duration::from_nanos(scale.picos(count) / 1000);
            at + slack < before || at > after + slack
        });
        assert_eq!(wrong.count(), 0, "of {}", readings.len());
    }

    #[test]
    fn what_lies_outside_is_cut() {
        let at = Instant::now();
        let start = Moment { count: 1000, at };
        let scale =
            Scale::between(start, Moment { count: 3000, at: at + Duration::from_micros(1) });
        assert_eq!(scale.len(), 1_000_000);
        let picos = [0, 999, 1000, 1001, 2000, 3000, u64::MAX].map(|count| scale.picos(count));
        assert_eq!(picos, [0, 0, 0, 500, 500_000, 1_000_000, 1_000_000]);
    }

    #[test]
    fn a_trace_of_no_length_is_no_division_by_zero() {
        let moment = Moment { count: 7, at: Instant::now() };
        let scale = Scale::between(moment, moment);
        assert_eq!((scale.len(), scale.picos(7), scale.picos(9)), (0, 0, 0));
    }
}
