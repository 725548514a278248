//! Reading the files of `/proc` and `/sys`, and rates of their counters.

use crate::sample::Problem;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

/// The maximum number of bytes read from a file; real ones have a few KiB.
const MAX_LEN: u64 = 4 << 20;

/// The file system below a root, by relative names.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns the text of a file.
    pub(super) fn read(&self, name: &str) -> Result<String, Problem> {
        self.read_bytes(name).map_err(|error| problem(name, &format!("cannot read it: {error}")))
    }

    /// Returns the text of a file, or `None` if it does not exist.
    pub(super) fn read_if_exists(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.read_bytes(name) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(problem(name, &format!("cannot read it: {error}"))),
        }
    }

    fn read_bytes(&self, name: &str) -> io::Result<String> {
        let mut text = String::new();
        File::open(self.root.join(name))?.take(MAX_LEN).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Returns the problem of a file with unexpected content.
    pub(super) fn invalid(&self, name: &str) -> Problem {
        problem(name, "unexpected content")
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.root.join(name).exists()
    }

    /// Returns the names in a directory of `/sys` that have a device: others are virtual.
    pub(super) fn with_device(&self, name: &str) -> Result<BTreeSet<String>, Problem> {
        let dir = self.root.join(name);
        let entries = fs::read_dir(&dir);
        let entries =
            entries.map_err(|error| problem(name, &format!("cannot read it: {error}")))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| dir.join(name).join("device").exists()).collect())
    }
}

fn problem(name: &str, reason: &str) -> Problem {
    Problem::new(format!("/{name}"), reason)
}

/// Returns the number that follows a key at the start of a line.
pub(super) fn number_after(text: &str, key: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse::<u64>().ok().map(|number| number as f64)
}

/// The rates of counters between two samples.
#[derive(Debug)]
pub(super) struct Rates<const N: usize> {
    last: Option<(Duration, String, [f64; N])>,
}

impl<const N: usize> Default for Rates<N> {
    fn default() -> Self {
        Self { last: None }
    }
}

impl<const N: usize> Rates<N> {
    /// Returns the increase per second since the last sample. Returns `None` for the first sample of
    /// a `key`, such as the names of all disks, and if a counter went back.
    pub(super) fn update(
        &mut self,
        now: Duration,
        key: &str,
        counters: [f64; N],
    ) -> Option<[f64; N]> {
        let (at, old_key, old) = self.last.replace((now, key.to_owned(), counters))?;
        let seconds = now.checked_sub(at)?.as_secs_f64();
        let went_back = counters.iter().zip(&old).any(|(new, old)| new < old);
        if old_key != key || seconds <= 0.0 || went_back {
            return None;
        }
        Some(std::array::from_fn(|at| (counters[at] - old[at]) / seconds))
    }
}
