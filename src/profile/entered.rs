//! The spans of `tracing` that a thread is in.
//!
//! Its thread keeps this up to date also while no trace is taken, so that a trace knows what it
//! began in the middle of. That must cost next to nothing, so there is no lock: only the thread
//! itself writes, and who takes the trace reads what it finds.

use std::array;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// Spans that are nested deeper are not recorded.
const DEEPEST: usize = 128;

#[derive(Debug)]
pub(super) struct Entered {
    depth: AtomicUsize,
    ids: [AtomicU64; DEEPEST],
    starts: [AtomicU64; DEEPEST],
}

impl Entered {
    pub(super) fn new() -> Self {
        let zeros = || array::from_fn(|_| AtomicU64::new(0));
        Self { depth: AtomicUsize::new(0), ids: zeros(), starts: zeros() }
    }

    /// Only on its thread.
    #[inline]
    pub(super) fn enter(&self, id: u64, start: u64) {
        let depth = self.depth.load(Relaxed);
        if let (Some(slot), Some(begun)) = (self.ids.get(depth), self.starts.get(depth)) {
            slot.store(id, Relaxed);
            begun.store(start, Relaxed);
            self.depth.store(depth + 1, Release);
        }
    }

    /// When it was entered, unless it lay too deep. Only on its thread.
    #[inline]
    pub(super) fn exit(&self, id: u64) -> Option<u64> {
        let depth = self.depth.load(Relaxed);
        // The last one as a rule.
        let at = self.ids[..depth].iter().rposition(|slot| slot.load(Relaxed) == id)?;
        let start = self.starts[at].load(Relaxed);
        for later in at + 1..depth {
            self.ids[later - 1].store(self.ids[later].load(Relaxed), Relaxed);
            self.starts[later - 1].store(self.starts[later].load(Relaxed), Relaxed);
        }
        self.depth.store(depth - 1, Release);
        Some(start)
    }

    /// Ids and starts, from the outermost. On any thread.
    pub(super) fn open(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let depth = self.depth.load(Acquire);
        let pairs = self.ids[..depth].iter().zip(&self.starts);
        pairs.map(|(id, start)| (id.load(Relaxed), start.load(Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_may_end_in_any_order() {
        let entered = Entered::new();
        for (id, start) in [(1, 10), (2, 20), (3, 30)] {
            entered.enter(id, start);
        }
        assert_eq!(entered.exit(2), Some(20));
        assert_eq!(entered.open().collect::<Vec<_>>(), [(1, 10), (3, 30)]);
        assert_eq!((entered.exit(3), entered.exit(1), entered.exit(1)), (Some(30), Some(10), None));
    }

    #[test]
    fn what_lies_too_deep_is_left_out() {
        let entered = Entered::new();
        for id in 1..=DEEPEST as u64 + 2 {
            entered.enter(id, id);
        }
        for id in (1..=DEEPEST as u64 + 2).rev() {
            assert_eq!(entered.exit(id), (id <= DEEPEST as u64).then_some(id));
        }
        assert_eq!(entered.open().count(), 0);
    }
}
