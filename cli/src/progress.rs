//! A line about long work on the standard error, if that is a terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs and values that were read by all threads.
static RUNS: AtomicU64 = AtomicU64::new(0);
static VALUES: AtomicU64 = AtomicU64::new(0);

/// The time before the line appears, and between its changes.
const DELAY: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(200);

/// How many values are counted at a time.
pub(crate) const VALUES_PER_COUNT: u64 = 1 << 16;

/// Notes that a run has been read.
pub(crate) fn count_run() {
    RUNS.fetch_add(1, Ordering::Relaxed);
}

/// Notes that some values have been read.
pub(crate) fn count_values() {
    VALUES.fetch_add(VALUES_PER_COUNT, Ordering::Relaxed);
}

/// Shows how far the work is, until it is dropped.
#[derive(Debug)]
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Starts, if the standard error is a terminal.
    pub(crate) fn start(runs: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let (end, ended) = channel::<()>();
        let before = RUNS.load(Ordering::Relaxed);
        let thread = std::thread::spawn(move || {
            let mut wait = DELAY;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let done = RUNS.load(Ordering::Relaxed) - before;
                let line = line(done, runs as u64, VALUES.load(Ordering::Relaxed));
                // Nothing can be done about a closed stderr.
                let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
                wait = INTERVAL;
            }
            if wait == INTERVAL {
                let _ = write!(std::io::stderr(), "\r\x1b[K");
            }
        });
        Self(Some((end, thread)))
    }
}

fn line(done: u64, runs: u64, values: u64) -> String {
    let filled = (done * 20).checked_div(runs).unwrap_or(0).min(20) as usize;
    let bar = format!("{}{}", "#".repeat(filled), "-".repeat(20 - filled));
    let values = match values {
        0 => String::new(),
        values => format!(", {:.1} million values", values as f64 / 1e6),
    };
    format!("[{bar}] {done} of {runs} runs{values}")
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            // It cannot panic; if it did, the work is what counts.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_the_work_is() {
        assert_eq!(line(0, 4, 0), "[--------------------] 0 of 4 runs");
        let half = line(2, 4, 3_140_000);
        assert_eq!(half, "[##########----------] 2 of 4 runs, 3.1 million values");
        assert_eq!(line(0, 0, 0), "[--------------------] 0 of 0 runs");
    }
}
