//! Sets of runs.

use super::RunId;

/// Runs in the order of their places. A list does as well as a tree up to some thousand runs,
/// which are more than a process may have files, and it compiles in no time.
#[derive(Clone, Debug, Default)]
pub(in crate::writer) struct RunSet(Vec<RunId>);

impl RunSet {
    pub(in crate::writer) fn insert(&mut self, run: RunId) {
        if let Err(at) = self.0.binary_search(&run) {
            self.0.insert(at, run);
        }
    }

    /// Whether it was there.
    pub(in crate::writer) fn remove(&mut self, run: RunId) -> bool {
        let at = self.0.binary_search(&run);
        at.map(|at| self.0.remove(at)).is_ok()
    }

    pub(in crate::writer) fn contains(&self, run: RunId) -> bool {
        self.0.binary_search(&run).is_ok()
    }

    pub(in crate::writer) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::writer) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = RunId> {
        self.0.iter().copied()
    }

    /// Takes all of them away: those from `first` on, and then those before it.
    pub(super) fn take_from(&mut self, first: RunId) -> Vec<RunId> {
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
    fn it_is_a_set_in_order() {
        let mut runs = RunSet::default();
        for run in [3, 1, 2, 1, 3] {
            runs.insert(RunId(run));
        }
        assert_eq!(runs.iter().collect::<Vec<_>>(), [1, 2, 3].map(RunId));
        assert_eq!(runs.len(), 3);
        assert!(runs.remove(RunId(2)) && !runs.remove(RunId(2)));
        assert!(runs.contains(RunId(3)) && !runs.contains(RunId(2)));
        runs.insert(RunId(2));
        assert_eq!(runs.clone().take_from(RunId(2)), [2, 3, 1].map(RunId));
        assert_eq!(runs.clone().take_from(RunId(4)), [1, 2, 3].map(RunId));
        assert_eq!(runs.take_from(RunId(0)), [1, 2, 3].map(RunId));
        assert!(runs.is_empty());
    }
}
