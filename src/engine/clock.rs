//! The wall times of events.

use crate::system::{WallClock, unix_seconds};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

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
        guard(|| self.now())
    }

    /// Returns the time of an event, from ticks that were just read. It may be a few microseconds
    /// ahead of the system's time, so all events take it from here: otherwise an event could have an
    /// earlier time than the one before it.
    #[inline]
    pub(crate) fn stamp(&self, wall_clock: &mut WallClock, ticks: Option<u64>) -> f64 {
        match self {
            Clock::System => wall_clock.unix_seconds(ticks),
            Clock::Custom(now) => now(),
        }
    }

    /// Returns the time of an event, or the system's time if a clock given by the user panics.
    pub(crate) fn stamp_guarded(&self, wall_clock: &mut WallClock, ticks: Option<u64>) -> f64 {
        guard(|| self.stamp(wall_clock, ticks))
    }
}

/// Returns a time, or the system's time in case of a panic.
fn guard(time: impl FnOnce() -> f64) -> f64 {
    let time = catch_unwind(AssertUnwindSafe(time));
    time.unwrap_or_else(|_| unix_seconds(SystemTime::now()))
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Clock::System => "System",
            Clock::Custom(_) => "Custom",
        })
    }
}
