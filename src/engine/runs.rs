//! Runs of a buffer, and sets of them.

use super::block::{Block, Usage};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How a run ended, for the mark at the end of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RunEnd {
    Success,
    Failure,
    #[default]
    Unknown,
}

impl RunEnd {
    /// Returns the message of the mark, which readers look for.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Unknown => "unknown",
        }
    }
}

/// The index of a run in the buffer. A directory has at most one slot, so that its events keep the
/// order of the calls, however often the run is opened and closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RunSlot(pub(super) usize);

/// A handle for logging into a run. Closing the run invalidates all handles opened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunHandle {
    pub(super) slot: RunSlot,
    pub(super) generation: u64,
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) dir: Arc<Path>,
    pub(super) blocks: VecDeque<Block>,
    /// The usage of its blocks, including those that are being written.
    pub(super) usage: Usage,
    /// Events dropped since a note of them was written.
    pub(super) dropped: u64,
    pub(super) last_step: i64,
    /// The number of an event from which steps may begin anew, for the check of steps.
    pub(super) restart: Option<u64>,
    /// How often the run was closed: handles of earlier generations log nothing.
    pub(super) generation: u64,
    /// How many handles exist, and how many of them are of this generation.
    pub(super) handles: usize,
    pub(super) live_handles: usize,
    /// Whether its file is closed once everything is written.
    pub(super) retiring: bool,
    /// The end mark of its file when it is closed.
    pub(super) end: RunEnd,
    /// The time of the next attempt, if the last one failed.
    pub(super) retry: Option<Instant>,
    /// How many attempts in a row failed.
    pub(super) failures: u32,
    /// How many of its first blocks were part of an append without an outcome. The next append begins
    /// with the same.
    pub(super) in_doubt: usize,
    /// Attempts that failed since the writer was closed.
    pub(super) final_failures: u32,
}

impl Run {
    pub(super) fn new(dir: Arc<Path>) -> Self {
        Self {
            dir,
            blocks: VecDeque::new(),
            usage: Usage::default(),
            dropped: 0,
            last_step: 0,
            restart: None,
            generation: 0,
            handles: 0,
            live_handles: 0,
            retiring: false,
            end: RunEnd::Unknown,
            retry: None,
            failures: 0,
            in_doubt: 0,
            final_failures: 0,
        }
    }
}

/// A set of runs, sorted by their slots. A vector is as fast as a tree for up to some thousand runs,
/// more than a process may have open files.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunSet(Vec<RunSlot>);

impl RunSet {
    pub(crate) fn insert(&mut self, run: RunSlot) {
        if let Err(at) = self.0.binary_search(&run) {
            self.0.insert(at, run);
        }
    }

    /// Removes a run; returns whether it was in the set.
    pub(crate) fn remove(&mut self, run: RunSlot) -> bool {
        let at = self.0.binary_search(&run);
        at.map(|at| self.0.remove(at)).is_ok()
    }

    pub(crate) fn contains(&self, run: RunSlot) -> bool {
        self.0.binary_search(&run).is_ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = RunSlot> {
        self.0.iter().copied()
    }

    /// Removes all runs and returns them: those from `first` on, and then those before it.
    pub(super) fn drain_from(&mut self, first: RunSlot) -> Vec<RunSlot> {
        let mut runs = std::mem::take(&mut self.0);
        let at = runs.partition_point(|run| *run < first);
        runs.rotate_left(at);
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_runs_is_sorted() {
        let mut runs = RunSet::default();
        for run in [3, 1, 2, 1, 3] {
            runs.insert(RunSlot(run));
        }
        assert_eq!(runs.iter().collect::<Vec<_>>(), [1, 2, 3].map(RunSlot));
        assert_eq!(runs.len(), 3);
        assert!(runs.remove(RunSlot(2)) && !runs.remove(RunSlot(2)));
        assert!(runs.contains(RunSlot(3)) && !runs.contains(RunSlot(2)));
        runs.insert(RunSlot(2));
        assert_eq!(runs.clone().drain_from(RunSlot(2)), [2, 3, 1].map(RunSlot));
        assert_eq!(runs.clone().drain_from(RunSlot(4)), [1, 2, 3].map(RunSlot));
        assert_eq!(runs.drain_from(RunSlot(0)), [1, 2, 3].map(RunSlot));
        assert!(runs.is_empty());
    }
}
