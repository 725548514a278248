//! The record of one thread: what it has recorded, and the spans that it has open.

use super::SpanOverflow;
use super::chunk::{AFTER, BEFORE, Budget, Chunk, Field, FieldValue, Label, Piece, Source};
use std::collections::VecDeque;

/// The number of spans of [`Profiler::span`](super::Profiler::span) that may be open on a thread
/// at a time. More are not recorded: they were forgotten without an end, or lie too deep to be
/// looked at.
const MAX_OPEN: usize = 1024;

#[derive(Debug)]
struct OpenSpan {
    number: u64,
    label: Label,
    start: u64,
}

/// The records of a thread, behind its lock.
#[derive(Debug, Default)]
pub(super) struct ThreadLog {
    open: Vec<OpenSpan>,
    /// The last number that was given to a span or an instant; 0 stands for none.
    last: u64,
    pub(super) recording: bool,
    chunks: VecDeque<Chunk>,
    /// Whether memory has run out: nothing more is recorded then, so that no span lacks its fields.
    full: bool,
    pub(super) dropped: u64,
}

/// The limits of a log.
pub(super) struct Limits<'a> {
    pub(super) budget: &'a Budget,
    pub(super) overflow: SpanOverflow,
    /// Frees memory of another thread, and returns whether there was some.
    pub(super) steal: &'a dyn Fn() -> bool,
}

/// The records of a thread during a trace.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) chunks: VecDeque<Chunk>,
    /// The spans that are still open.
    pub(super) open: Vec<Piece>,
    pub(super) dropped: u64,
}

impl ThreadLog {
    /// Begins a trace.
    pub(super) fn begin(&mut self, budget: &Budget) {
        self.recording = true;
        self.full = false;
        self.dropped = 0;
        self.chunks.extend(Chunk::new(budget));
    }

    /// Stops the trace and returns what was recorded.
    pub(super) fn collect(&mut self) -> Recorded {
        self.recording = false;
        let piece = |open: &OpenSpan| Piece {
            label: open.label.clone(),
            source: Source::Span(open.number),
            start: open.start,
            end: AFTER,
        };
        Recorded {
            open: self.open.iter().map(piece).collect(),
            chunks: std::mem::take(&mut self.chunks),
            dropped: std::mem::take(&mut self.dropped),
        }
    }

    /// Releases the memory that is not needed once the thread has ended.
    pub(super) fn retire(&mut self, budget: &Budget) {
        self.chunks.iter_mut().for_each(|chunk| chunk.shrink(budget));
        self.chunks.retain(|chunk| {
            let empty = chunk.is_empty();
            budget.release(if empty { chunk.reserved() } else { 0 });
            !empty
        });
    }

    /// Returns the number of dropped spans if nothing else was recorded.
    pub(super) fn dropped_alone(&self) -> Option<u64> {
        self.chunks.is_empty().then_some(self.dropped)
    }

    fn next_number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Opens a span; `start` is called if a trace is being recorded.
    #[inline]
    pub(super) fn open(&mut self, label: Label, start: impl FnOnce() -> u64) -> u64 {
        if self.open.len() == MAX_OPEN {
            self.dropped += u64::from(self.recording);
            return 0;
        }
        let number = self.next_number();
        let start = if self.recording { start() } else { BEFORE };
        self.open.push(OpenSpan { number, label, start });
        number
    }

    /// Closes the span, which is usually the last one.
    #[inline]
    pub(super) fn close(&mut self, number: u64, end: impl FnOnce() -> u64, limits: &Limits<'_>) {
        let Some(at) = self.open.iter().rposition(|open| open.number == number) else { return };
        let OpenSpan { label, start, .. } = self.open.remove(at);
        if self.recording {
            let source = Source::Span(number);
            self.push(Piece { label, source, start, end: end() }, limits);
        }
    }

    /// Records an instant, and returns the source for its fields.
    pub(super) fn instant(&mut self, label: Label, time: u64, limits: &Limits<'_>) -> Source {
        let source = Source::Instant(self.next_number());
        self.push(Piece { label, source, start: time, end: time }, limits);
        source
    }

    #[inline]
    pub(super) fn push(&mut self, piece: Piece, limits: &Limits<'_>) {
        match self.chunks.back_mut() {
            Some(chunk) if !self.full && chunk.fits(1, 0, 0) => chunk.pieces.push(piece),
            _ => match self.next_chunk(limits) {
                Some(chunk) => chunk.pieces.push(piece),
                None => self.dropped += 1,
            },
        }
    }

    /// Records fields of one span, whose texts are in `text`, in one chunk.
    pub(super) fn push_fields(&mut self, fields: &[Field], text: &str, limits: &Limits<'_>) {
        let fits = |chunk: &Chunk| chunk.fits(0, fields.len(), text.len());
        let chunk = match self.chunks.back_mut() {
            Some(chunk) if !self.full && fits(chunk) => chunk,
            _ => match self.next_chunk(limits) {
                Some(chunk) if fits(chunk) => chunk,
                _ => return,
            },
        };
        for field in fields {
            let value = match field.value {
                FieldValue::Text { at, len } => {
                    chunk.push_text(&text[at as usize..][..len as usize])
                }
                other => other,
            };
            chunk.push_field(Field { value, ..*field });
        }
    }

    #[cold]
    fn next_chunk(&mut self, limits: &Limits<'_>) -> Option<&mut Chunk> {
        if self.full {
            return None;
        }
        let mut chunk = Chunk::new(limits.budget);
        if chunk.is_none() && limits.overflow == SpanOverflow::DropOldest {
            chunk = self.chunks.pop_front().map(|mut oldest| {
                self.dropped += oldest.pieces.len() as u64;
                oldest.clear();
                oldest
            });
            if chunk.is_none() && (limits.steal)() {
                chunk = Chunk::new(limits.budget);
            }
        }
        self.full = chunk.is_none();
        self.chunks.push_back(chunk?);
        self.chunks.back_mut()
    }

    /// Drops the oldest chunk in favor of another thread, unless it is the only one.
    pub(super) fn release_oldest(&mut self, budget: &Budget) -> bool {
        if self.chunks.len() < 2 {
            return false;
        }
        let Some(oldest) = self.chunks.pop_front() else { return false };
        self.dropped += oldest.pieces.len() as u64;
        budget.release(oldest.reserved());
        true
    }
}

#[cfg(feature = "tracing")]
pub(super) use entered::EnteredSpans;

/// The spans of `tracing` that a thread has entered.
///
/// Its thread keeps this up to date also while no trace is recorded, so that a trace contains the
/// spans in the middle of which it began. That must cost next to nothing, so there is no lock: only
/// the thread itself writes, and the thread that stops the trace reads what it finds.
#[cfg(feature = "tracing")]
mod entered {
    use std::array;
    use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
    use std::sync::atomic::{AtomicU64, AtomicUsize};

    /// The depth to which nested spans are recorded.
    const MAX_DEPTH: usize = 128;

    #[derive(Debug)]
    pub(in crate::profile) struct EnteredSpans {
        depth: AtomicUsize,
        ids: [AtomicU64; MAX_DEPTH],
        starts: [AtomicU64; MAX_DEPTH],
    }

    impl EnteredSpans {
        pub(in crate::profile) fn new() -> Self {
            let zeros = || array::from_fn(|_| AtomicU64::new(0));
            Self { depth: AtomicUsize::new(0), ids: zeros(), starts: zeros() }
        }

        /// Adds a span. Only for its own thread.
        #[inline]
        pub(in crate::profile) fn enter(&self, id: u64, start: u64) {
            let depth = self.depth.load(Relaxed);
            if let (Some(slot), Some(begun)) = (self.ids.get(depth), self.starts.get(depth)) {
                slot.store(id, Relaxed);
                begun.store(start, Relaxed);
                self.depth.store(depth + 1, Release);
            }
        }

        /// Removes a span and returns its start, unless it was nested too deep. Only for its own
        /// thread.
        #[inline]
        pub(in crate::profile) fn exit(&self, id: u64) -> Option<u64> {
            let depth = self.depth.load(Relaxed);
            // Usually the last one.
            let at = self.ids[..depth].iter().rposition(|slot| slot.load(Relaxed) == id)?;
            let start = self.starts[at].load(Relaxed);
            for later in at + 1..depth {
                self.ids[later - 1].store(self.ids[later].load(Relaxed), Relaxed);
                self.starts[later - 1].store(self.starts[later].load(Relaxed), Relaxed);
            }
            self.depth.store(depth - 1, Release);
            Some(start)
        }

        /// Returns ids and starts, from the outermost. For any thread.
        pub(in crate::profile) fn open(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
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
            let entered = EnteredSpans::new();
            for (id, start) in [(1, 10), (2, 20), (3, 30)] {
                entered.enter(id, start);
            }
            assert_eq!(entered.exit(2), Some(20));
            assert_eq!(entered.open().collect::<Vec<_>>(), [(1, 10), (3, 30)]);
            let exits = [3, 1, 1].map(|id| entered.exit(id));
            assert_eq!(exits, [Some(30), Some(10), None]);
        }

        #[test]
        fn spans_that_are_nested_too_deep_are_left_out() {
            let entered = EnteredSpans::new();
            for id in 1..=MAX_DEPTH as u64 + 2 {
                entered.enter(id, id);
            }
            for id in (1..=MAX_DEPTH as u64 + 2).rev() {
                assert_eq!(entered.exit(id), (id <= MAX_DEPTH as u64).then_some(id));
            }
            assert_eq!(entered.open().count(), 0);
        }
    }
}
