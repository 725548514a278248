//! What the tests share.

#![allow(dead_code, unreachable_pub)] // each test uses some of it

use log::{LevelFilter, Log, Metadata, Record};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use tfevents::read::{RunReader, ValueData};

/// Steps and values of each scalar.
pub fn scalars(dir: impl AsRef<Path>) -> BTreeMap<String, Vec<(i64, f32)>> {
    let series = RunReader::open(dir).unwrap().scalars().unwrap();
    let points = |points: Vec<tfevents::read::Point>| {
        points.iter().map(|point| (point.step, point.value)).collect()
    };
    series.into_iter().map(|(tag, series)| (tag, points(series))).collect()
}

/// Step, rows of left edge, right edge and count of each histogram.
pub fn histograms(dir: impl AsRef<Path>) -> BTreeMap<String, Vec<(i64, Vec<f64>)>> {
    let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for event in RunReader::open(dir).unwrap().map(Result::unwrap) {
        for value in event.values().iter().filter(|value| value.plugin() == "histograms") {
            let ValueData::Tensor(tensor) = value.data() else { panic!("{value:?}") };
            let rows = tensor.to_f64().unwrap();
            found.entry(value.tag().to_owned()).or_default().push((event.step(), rows));
        }
    }
    found
}

/// How many values a histogram holds.
pub fn count(rows: &[f64]) -> f64 {
    rows.chunks(3).map(|row| row[2]).sum()
}

pub fn steps<T>(points: &[(i64, T)]) -> Vec<i64> {
    points.iter().map(|(step, _)| *step).collect()
}

/// What was told through the `log` facade, in this whole process.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Listener;

impl Log for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &Record<'_>) {
        TOLD.lock().unwrap().push(record.args().to_string());
    }
    fn flush(&self) {}
}

/// Keeps what is told from now on.
pub fn listen() {
    // Another test of this process may have begun it.
    let _ = log::set_logger(&Listener);
    log::set_max_level(LevelFilter::Warn);
}

/// What was told that names this.
pub fn told(name: &str) -> Vec<String> {
    TOLD.lock().unwrap().iter().filter(|told| told.contains(name)).cloned().collect()
}

/// Runs an ignored test of this program as a process of its own, whose disk may be full: such a
/// limit comes with a signal, which a child may ignore only if its parent did.
#[cfg(unix)]
pub fn run_with_full_disk(test: &str, (variable, directory): (&str, &Path)) -> String {
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(variable, directory)
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "{out}\n{err}");
    format!("{out}\n{err}")
}

/// From now on, no file of this process grows.
#[cfg(unix)]
pub fn fill_the_disk() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Fsize, Rlimit { current: Some(0), maximum: None }).unwrap();
}

/// The lines of `after` that are not in `before`, and the other way round, in their order; without
/// imports and comments.
pub fn changed<'a>(before: &'a str, after: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let lines = |text: &'a str| {
        let code =
            |line: &&str| !line.is_empty() && !line.starts_with("use ") && !line.starts_with("//");
        text.lines().map(str::trim).filter(code).collect::<Vec<_>>()
    };
    let (before, after) = (lines(before), lines(after));
    let mut removed = Vec::new();
    let mut added = Vec::new();
    let mut rest = &after[..];
    for line in before {
        match rest.iter().position(|other| *other == line) {
            Some(at) => {
                added.extend(&rest[..at]);
                rest = &rest[at + 1..];
            }
            None => removed.push(line),
        }
    }
    added.extend(rest);
    (added, removed)
}
