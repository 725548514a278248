//! Histograms of large arrays.

use super::{Setup, in_turn, millis};
use crate::peers::{ours, tfrecord};
use crate::report::Report;
use crate::{Result, read_back, work};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;
use tfevents::Histogram;

pub const MILLION: &str = "add_histogram of 1M f32";
pub const TEN_MILLION: &str = "add_histogram of 10M f32";
pub const UNIFORM: &str = "tfevents, uniform";
pub const EXPONENTIAL: &str = "tfevents, exponential";
pub const TFRECORD: &str = "tfrecord";
pub const SUM: &str = "streaming sum";

/// Logs the values `calls` times into a directory, until they are in the file.
type Log = fn(&Path, &[f32], u64);

const WRITERS: &[(&str, Log)] =
    &[(UNIFORM, by_ours_uniform), (EXPONENTIAL, by_ours_exponential), (TFRECORD, by_tfrecord)];

/// The arrays, made once.
#[derive(Debug)]
pub struct Arrays {
    million: Vec<f32>,
    ten_million: Vec<f32>,
}

impl Arrays {
    pub fn new() -> Self {
        let million = work::normal(1_000_000);
        Self { ten_million: million.repeat(10), million }
    }
}

pub fn round(setup: &Setup, report: &mut Report, arrays: &Arrays, round: usize) -> Result<()> {
    for (name, log) in in_turn(WRITERS, round) {
        measure(setup, report, MILLION, name, *log, &arrays.million, 5)?;
        if *name != TFRECORD {
            measure(setup, report, TEN_MILLION, name, *log, &arrays.ten_million, 2)?;
        }
    }
    let begun = Instant::now();
    black_box(sum(black_box(&arrays.ten_million)));
    report.add(TEN_MILLION, SUM, "ms", millis(begun.elapsed()));
    Ok(())
}

fn measure(
    setup: &Setup,
    report: &mut Report,
    work: &'static str,
    name: &'static str,
    log: Log,
    values: &[f32],
    calls: u64,
) -> Result<()> {
    let dir = setup.place.fresh()?;
    let begun = Instant::now();
    log(dir.path(), values, calls);
    let time = millis(begun.elapsed()) / calls as f64;
    read_back::histograms(dir.path(), calls, values.len() as u64)
        .map_err(|error| format!("{name}: {error}"))?;
    report.add(work, name, "ms", time);
    Ok(())
}

fn by_ours_uniform(dir: &Path, values: &[f32], calls: u64) {
    let writer = ours::writer(dir);
    for step in 0..calls {
        writer.add_histogram("weights", values, step);
    }
    writer.close().expect("nothing dropped");
}

fn by_ours_exponential(dir: &Path, values: &[f32], calls: u64) {
    let writer = ours::writer(dir);
    for step in 0..calls {
        writer.add("weights", &Histogram::exponential(values), step);
    }
    writer.close().expect("nothing dropped");
}

fn by_tfrecord(dir: &Path, values: &[f32], calls: u64) {
    let mut writer = tfrecord::writer(dir, false);
    for step in 0..calls {
        writer.write_histogram("weights", step as i64, values).expect("a histogram");
    }
    writer.flush().expect("a flush");
}

/// Bound by memory alone: many sums side by side, so that none waits for another.
fn sum(values: &[f32]) -> f32 {
    let mut sums = [0.0; 64];
    for chunk in values.chunks_exact(sums.len()) {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    sums.iter().sum()
}
