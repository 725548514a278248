//! Processes that log and are ended, and readers of their logs.
//!
//! The program `victim` logs in the mode of its first argument, and reports on its standard output
//! which events are in the file. A test starts it with [`Victim::start`], ends it, and reads the
//! directory with [`examine`].

#![warn(missing_docs)]

mod victim;

pub use victim::{Line, Victim, command};

use std::io::Write;
use std::path::{Path, PathBuf};
use tfevents::read::{Event, EventReader};

/// The contents of a run's directory.
#[derive(Debug, Default)]
pub struct Found {
    /// The steps of the scalars `loss`, in order.
    pub steps: Vec<i64>,
    /// How many logged events there are.
    pub logged: u64,
    /// Text values under the tag of the note about dropped events.
    pub notes: Vec<String>,
    /// How many files end in the middle of a record.
    pub truncated: usize,
    /// How many files there are.
    pub files: usize,
}

/// Reads a run with the crate's own reader.
///
/// # Panics
///
/// If a file has anything but whole records and a truncated tail.
pub fn examine(dir: &Path) -> Found {
    let mut found = Found::default();
    let mut paths: Vec<PathBuf> = match dir.read_dir() {
        Ok(entries) => entries.map(|entry| entry.expect("it can be listed").path()).collect(),
        Err(_) => Vec::new(),
    };
    paths.retain(|path| path.is_file() && path.to_string_lossy().contains("tfevents"));
    paths.sort();
    for path in paths {
        let mut reader = EventReader::open(&path).expect("it can be opened");
        for event in reader.by_ref() {
            let event = event.unwrap_or_else(|error| panic!("{error}"));
            found.take(&event);
        }
        found.truncated += usize::from(reader.is_truncated());
        found.files += 1;
    }
    found
}

impl Found {
    fn take(&mut self, event: &Event) {
        for value in event.values() {
            match value.tag() {
                "loss" => self.steps.push(event.step()),
                "tfevents/dropped_events" => {
                    let text = value.tensor().expect("a text is a tensor").strings()[0].to_vec();
                    self.notes.push(String::from_utf8_lossy(&text).into_owned());
                    continue;
                }
                _ => {}
            }
            self.logged += 1;
        }
    }

    /// Returns the number of steps, which are 0, 1, 2 … without a gap.
    ///
    /// # Panics
    ///
    /// If not.
    pub fn without_gap(&self) -> i64 {
        let count = self.steps.len() as i64;
        assert!(self.steps.iter().copied().eq(0..count), "a gap in {:?}", self.steps);
        count
    }
}

/// The resources of this process, where the system reports them.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory in bytes.
    pub resident: u64,
    /// The peak of resident memory in bytes.
    pub peak: u64,
    /// Open files.
    pub files: usize,
    /// Threads.
    pub threads: usize,
}

impl Usage {
    /// Returns the current usage; `None` where there is no `/proc`.
    pub fn now() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Some(Self {
            resident: field("VmRSS:")? << 10,
            peak: field("VmHWM:")? << 10,
            files: std::fs::read_dir("/proc/self/fd").ok()?.count(),
            threads: field("Threads:")? as usize,
        })
    }
}

/// Prints a line for the person at the terminal, also when the test passes and its captured output
/// is discarded.
pub fn announce(line: &str) {
    // Only the print macros are captured. Nothing can be done about a closed stderr.
    let _ = writeln!(std::io::stderr(), "{line}");
}
