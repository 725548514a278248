//! The measurements, one kind a file. Each has a function that does one round of it.

pub mod allocations;
pub mod build;
pub mod callbacks;
pub mod following;
pub mod histograms;
pub mod images;
pub mod instructions;
pub mod memory;
pub mod passes;
pub mod percentiles;
pub mod reading;
pub mod scalars;
pub mod sustained;
pub mod threads;

use crate::place::Place;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The settings of a run.
#[derive(Debug)]
pub struct Setup {
    pub place: Place,
    /// Scalars logged per measurement.
    pub calls: u64,
    pub python: PathBuf,
}

/// Returns the list, rotated by one more in each round: otherwise the first would always have the
/// coolest processor.
pub fn in_turn<T>(list: &[T], round: usize) -> impl Iterator<Item = &T> {
    let start = round % list.len().max(1);
    list[start..].iter().chain(&list[..start])
}

fn nanos(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

fn millis(duration: Duration) -> f64 {
    nanos(duration) / 1e6
}

fn unix_time() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock set later than 1970").as_secs_f64()
}

/// Returns the wall times that events logged since `begun` may have. A cheap clock may be a little
/// off.
fn times_since(begun: f64) -> RangeInclusive<f64> {
    begun - 0.01..=unix_time() + 0.01
}
