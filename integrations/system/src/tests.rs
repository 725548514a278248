//! Helpers of the tests.

use log::{LevelFilter, Log, Metadata, Record};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tfevents::read::Run;

/// Returns the steps and values of each scalar.
pub(crate) fn scalars(dir: impl AsRef<Path>) -> BTreeMap<String, Vec<(i64, f32)>> {
    let scalars = Run::open(dir).unwrap().all_scalars().unwrap();
    let points = scalars.iter().map(|(tag, points)| {
        (tag.to_owned(), points.iter().map(|point| (point.step, point.value)).collect())
    });
    points.collect()
}

/// Computes for a while.
pub(crate) fn busy_for(duration: Duration) {
    let started = Instant::now();
    while started.elapsed() < duration {
        std::hint::spin_loop();
    }
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
pub(crate) fn record_log() {
    // Another test of this process may have set it.
    let _ = log::set_logger(&Recorder);
    log::set_max_level(LevelFilter::Warn);
}

/// Returns the logged messages that contain a name.
pub(crate) fn logged(name: &str) -> Vec<String> {
    let logged = LOGGED.lock().unwrap();
    logged.iter().filter(|message| message.contains(name)).cloned().collect()
}
