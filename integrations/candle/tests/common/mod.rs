//! Helpers of the tests.

#![allow(dead_code, unreachable_pub)] // no test uses all of it

use log::{LevelFilter, Log, Metadata, Record};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use tfevents::read::{Points, Run};

/// Returns the steps and values of each scalar.
pub fn scalars(dir: impl AsRef<Path>) -> BTreeMap<String, Vec<(i64, f32)>> {
    let scalars = Run::open(dir).unwrap().with_points(Points::Raw).all_scalars().unwrap();
    let points = scalars.iter().map(|(tag, points)| {
        (tag.to_owned(), points.iter().map(|point| (point.step, point.value)).collect())
    });
    points.collect()
}

/// Returns the step of each histogram, and its rows of left edge, right edge and count.
pub fn histograms(dir: impl AsRef<Path>) -> BTreeMap<String, Vec<(i64, Vec<f64>)>> {
    let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for event in Run::open(dir).unwrap().events().map(Result::unwrap) {
        for value in event.values().iter().filter(|value| value.plugin() == "histograms") {
            let rows = value.tensor().unwrap().to_f64().unwrap();
            found.entry(value.tag().to_owned()).or_default().push((event.step(), rows));
        }
    }
    found
}

/// Returns the number of values in a histogram.
pub fn count(rows: &[f64]) -> f64 {
    rows.chunks(3).map(|row| row[2]).sum()
}

pub fn steps<T>(points: &[(i64, T)]) -> Vec<i64> {
    points.iter().map(|(step, _)| *step).collect()
}

/// The messages of the `log` facade in this process.
static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Recorder;

impl Log for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &Record<'_>) {
        LOGGED.lock().unwrap().push(record.args().to_string());
    }
    fn flush(&self) {}
}

/// Records messages from now on.
pub fn record_log() {
    // Another test of this process may have set it.
    let _ = log::set_logger(&Recorder);
    log::set_max_level(LevelFilter::Warn);
}

/// Returns the logged messages that contain a name.
pub fn logged(name: &str) -> Vec<String> {
    LOGGED.lock().unwrap().iter().filter(|message| message.contains(name)).cloned().collect()
}

/// Runs an ignored test of this program in a process of its own, whose disk is going to be full: such
/// a limit comes with a signal, which a child process ignores if its parent does.
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

/// Makes every further write of this process fail.
#[cfg(unix)]
pub fn fill_the_disk() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Fsize, Rlimit { current: Some(0), maximum: None }).unwrap();
}

/// Returns the lines of `after` that are not in `before`, and those of `before` that are not in
/// `after`, without imports and comments.
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
