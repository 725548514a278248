//! Processes that log and come to a bad end, and what is found of their logs.
//!
//! The program `victim` logs as its first argument says, and reports on its standard output what
//! it knows to be in the file. A test starts it with [`Victim::start`], ends it, and looks at the
//! directory with [`examine`].

#![warn(missing_docs)]

mod victim;

pub use victim::{Line, Victim};

use std::io::Write;
use std::path::{Path, PathBuf};
use tfevents::read::{Event, EventReader};

/// What a run's directory holds.
#[derive(Debug, Default)]
pub struct Found {
    /// The steps of the scalars `loss`, in order.
    pub steps: Vec<i64>,
    /// How many events there are that somebody logged.
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
/// If a file holds anything but whole records and a truncated tail.
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
                    let text = value.tensor().expect("a text is a tensor").strings()[0].clone();
                    self.notes.push(String::from_utf8_lossy(&text).into_owned());
                    continue;
                }
                _ => {}
            }
            self.logged += 1;
        }
    }

    /// The steps are 0, 1, 2 … without a gap: says how many there are.
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

/// What this process holds, where the system says so.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory in bytes, and the most that it ever was.
    pub resident: u64,
    /// The most that it ever was.
    pub peak: u64,
    /// Open files.
    pub files: usize,
    /// Threads.
    pub threads: usize,
}

impl Usage {
    /// `None` where there is no `/proc`.
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

/// Tells the person who runs the tests, also when the test passes and its captured output is
/// thrown away.
pub fn tell(line: &str) {
    // Only the print macros are captured. Nothing can be done about a closed stderr.
    let _ = writeln!(std::io::stderr(), "{line}");
}
