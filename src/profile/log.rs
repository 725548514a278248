//! What one thread has recorded, and the spans that it has open.

use super::SpanOverflow;
use super::chunk::{AFTER, BEFORE, Budget, Chunk, Field, FieldValue, Label, Piece, Source};
use std::collections::VecDeque;

/// So many of our own spans may be open on a thread at a time. More are not recorded: they were
/// forgotten without their end, or lie deeper than anybody looks.
const MOST_OPEN: usize = 1024;

/// An open span.
#[derive(Debug)]
struct Open {
    number: u64,
    label: Label,
    start: u64,
}

/// Lies behind its thread's lock.
#[derive(Debug, Default)]
pub(super) struct Log {
    open: Vec<Open>,
    /// The last number that was given to a span or a mark; 0 stands for none.
    last: u64,
    pub(super) recording: bool,
    chunks: VecDeque<Chunk>,
    /// There was no memory once: nothing more is recorded, so that no span is without its fields.
    full: bool,
    pub(super) dropped: u64,
}

/// What the log is bounded by.
pub(super) struct Bounds<'a> {
    pub(super) budget: &'a Budget,
    pub(super) overflow: SpanOverflow,
    /// Frees memory of another thread, if it can.
    pub(super) steal: &'a dyn Fn() -> bool,
}

/// What a thread has recorded.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) chunks: VecDeque<Chunk>,
    /// Spans that are still open.
    pub(super) open: Vec<Piece>,
    pub(super) dropped: u64,
}

impl Log {
    /// A trace begins.
    pub(super) fn begin(&mut self, budget: &Budget) {
        self.recording = true;
        self.full = false;
        self.dropped = 0;
        self.chunks.extend(Chunk::new(budget));
    }

    /// The trace stops: what it has got here.
    pub(super) fn collect(&mut self) -> Recorded {
        self.recording = false;
        let piece = |open: &Open| Piece {
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

    /// Nothing more comes from this thread.
    pub(super) fn retire(&mut self, budget: &Budget) {
        self.chunks.iter_mut().for_each(|chunk| chunk.shrink(budget));
        self.chunks.retain(|chunk| {
            let empty = chunk.is_empty();
            budget.give(if empty { chunk.held() } else { 0 });
            !empty
        });
    }

    /// How much was dropped, if that is all there is to tell.
    pub(super) fn dropped_alone(&self) -> Option<u64> {
        self.chunks.is_empty().then_some(self.dropped)
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Opens a span; `start` is asked for if a trace is being taken.
    #[inline]
    pub(super) fn open(&mut self, label: Label, start: impl FnOnce() -> u64) -> u64 {
        if self.open.len() == MOST_OPEN {
            self.dropped += u64::from(self.recording);
            return 0;
        }
        let number = self.number();
        let start = if self.recording { start() } else { BEFORE };
        self.open.push(Open { number, label, start });
        number
    }

    /// Closes the span, which is the last one as a rule.
    #[inline]
    pub(super) fn close(&mut self, number: u64, end: impl FnOnce() -> u64, bounds: &Bounds<'_>) {
        let Some(at) = self.open.iter().rposition(|open| open.number == number) else { return };
        let Open { label, start, .. } = self.open.remove(at);
        if self.recording {
            let source = Source::Span(number);
            self.push(Piece { label, source, start, end: end() }, bounds);
        }
    }

    /// A moment with a name; its number for its fields.
    pub(super) fn mark(&mut self, label: Label, time: u64, bounds: &Bounds<'_>) -> Source {
        let source = Source::Mark(self.number());
        self.push(Piece { label, source, start: time, end: time }, bounds);
        source
    }

    #[inline]
    pub(super) fn push(&mut self, piece: Piece, bounds: &Bounds<'_>) {
        match self.chunks.back_mut() {
            Some(chunk) if !self.full && chunk.has_room(1, 0, 0) => chunk.pieces.push(piece),
            _ => match self.next_chunk(bounds) {
                Some(chunk) => chunk.pieces.push(piece),
                None => self.dropped += 1,
            },
        }
    }

    /// Fields of one span, whose texts are in `text`. They are kept together.
    pub(super) fn push_fields(&mut self, fields: &[Field], text: &str, bounds: &Bounds<'_>) {
        let room = |chunk: &Chunk| chunk.has_room(0, fields.len(), text.len());
        let chunk = match self.chunks.back_mut() {
            Some(chunk) if !self.full && room(chunk) => chunk,
            _ => match self.next_chunk(bounds) {
                Some(chunk) if room(chunk) => chunk,
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
    fn next_chunk(&mut self, bounds: &Bounds<'_>) -> Option<&mut Chunk> {
        if self.full {
            return None;
        }
        let mut chunk = Chunk::new(bounds.budget);
        if chunk.is_none() && bounds.overflow == SpanOverflow::DropOldest {
            chunk = self.chunks.pop_front().map(|mut oldest| {
                self.dropped += oldest.pieces.len() as u64;
                oldest.clear();
                oldest
            });
            if chunk.is_none() && (bounds.steal)() {
                chunk = Chunk::new(bounds.budget);
            }
        }
        self.full = chunk.is_none();
        self.chunks.push_back(chunk?);
        self.chunks.back_mut()
    }

    /// Gives the oldest of what it has recorded back to the budget, if it has more than that.
    pub(super) fn give_oldest(&mut self, budget: &Budget) -> bool {
        if self.chunks.len() < 2 {
            return false;
        }
        let Some(oldest) = self.chunks.pop_front() else { return false };
        self.dropped += oldest.pieces.len() as u64;
        budget.give(oldest.held());
        true
    }
}
