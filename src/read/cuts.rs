//! Where the points of a run are cut off: what a first pass finds, and a second one leaves out.

use super::tags::TagId;

/// The numbers of events before which values at some step or later do not count.
///
/// Only those are kept that a later one does not make redundant, so that steps ascend and memory
/// grows with restarts, never with points.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cuts {
    cuts: Vec<(u64, i64)>,
    /// The first that comes after the event at hand.
    next: usize,
}

impl Cuts {
    /// Adds a cut at an event after all others.
    pub(super) fn push(&mut self, event: u64, step: i64) {
        while self.cuts.last().is_some_and(|(_, last)| *last >= step) {
            self.cuts.pop();
        }
        self.cuts.push((event, step));
    }

    /// Adds the cuts of a later file, which begins with an event of this number.
    pub(super) fn append(&mut self, later: &Self, first: u64) {
        for (event, step) in &later.cuts {
            self.push(first + event, *step);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// Returns whether a value counts. Must be called in the order of the events.
    #[inline]
    pub(super) fn keeps(&mut self, event: u64, step: i64) -> bool {
        while self.cuts.get(self.next).is_some_and(|(at, _)| *at <= event) {
            self.next += 1;
        }
        self.cuts.get(self.next).is_none_or(|(_, cut)| step < *cut)
    }
}

/// All cuts of a run, found by a first pass.
#[derive(Clone, Debug, Default)]
pub(super) struct RunCuts {
    /// Those of all tags.
    pub(super) all: Cuts,
    /// By tag.
    pub(super) tags: Vec<Cuts>,
    /// The number of events that the first pass has seen.
    pub(super) events: u64,
}

impl RunCuts {
    pub(super) fn tag(&mut self, tag: TagId) -> &mut Cuts {
        if self.tags.len() <= tag.index() {
            self.tags.resize(tag.index() + 1, Cuts::default());
        }
        &mut self.tags[tag.index()]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.tags.iter().all(Cuts::is_empty)
    }

    #[inline]
    pub(super) fn keeps(&mut self, tag: TagId, event: u64, step: i64) -> bool {
        let tag = self.tags.get_mut(tag.index());
        self.all.keeps(event, step) && tag.is_none_or(|cuts| cuts.keeps(event, step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_steps_take_no_memory() {
        let mut cuts = Cuts::default();
        for event in 0..1000 {
            cuts.push(event, 0);
        }
        assert_eq!(cuts.cuts, [(999, 0)]);
    }
}
