//! The memory that a trace is recorded in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The name of a span.
#[derive(Clone, Debug)]
pub(crate) enum Label {
    Static(&'static str),
    #[cfg_attr(not(feature = "callbacks"), expect(dead_code, reason = "for hooks of callbacks"))]
    Shared(Arc<str>),
}

impl Label {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Label::Static(name) => name,
            Label::Shared(name) => name,
        }
    }
}

/// What a [`Piece`] is a piece of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A span of our own, by its number on its thread.
    Span(u64),
    /// A moment, by such a number.
    Mark(u64),
    /// A span of `tracing`, which may be entered on any thread.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "made by the layer"))]
    Tracing(u64),
}

/// What a thread did from when to when.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) label: Label,
    pub(super) source: Source,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// As a start: it began before the trace did.
pub(super) const BEFORE: u64 = 0;
/// As an end: it was still going on when the trace stopped.
pub(super) const AFTER: u64 = u64::MAX;

/// A value of a span or a mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) source: Source,
    pub(super) time: u64,
    pub(super) key: &'static str,
    pub(super) value: FieldValue,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum FieldValue {
    Int(i64),
    Uint(u64),
    Float(f64),
    Bool(bool),
    /// In the chunk's text.
    Text {
        at: u32,
        len: u32,
    },
    /// No value: a span of `tracing` with this name has got the number. Its fields follow.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "made by the layer"))]
    New(&'static str),
}

/// How much of each fits into a chunk.
const PIECES: usize = 2048;
const FIELDS: usize = 1024;
const TEXT: usize = 32 << 10;
/// What a chunk takes besides, with its share of the line that has it.
const OVERHEAD: usize = 4 << 10;
/// What a text is cut to.
pub(super) const LONGEST_TEXT: usize = 1024;

/// Some of what a thread has recorded. It never grows.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) pieces: Vec<Piece>,
    pub(super) fields: Vec<Field>,
    pub(super) text: String,
    /// What it takes of the budget.
    held: usize,
}

impl Chunk {
    const BYTES: usize =
        PIECES * size_of::<Piece>() + FIELDS * size_of::<Field>() + TEXT + OVERHEAD;

    /// `None` if there is no room for it.
    pub(super) fn new(budget: &Budget) -> Option<Self> {
        budget.take(Self::BYTES).then(|| Self {
            pieces: Vec::with_capacity(PIECES),
            fields: Vec::new(),
            text: String::new(),
            held: Self::BYTES,
        })
    }

    pub(super) fn has_room(&self, pieces: usize, fields: usize, text: usize) -> bool {
        self.pieces.len() + pieces <= PIECES
            && self.fields.len() + fields <= FIELDS
            && self.text.len() + text <= TEXT
    }

    /// Appends a field. There must be room.
    pub(super) fn push_field(&mut self, field: Field) {
        if self.fields.capacity() == 0 {
            self.fields.reserve_exact(FIELDS);
        }
        self.fields.push(field);
    }

    /// Appends a text, cut to what is allowed. There must be room.
    pub(super) fn push_text(&mut self, text: &str) -> FieldValue {
        if self.text.capacity() == 0 {
            self.text.reserve_exact(TEXT);
        }
        let at = self.text.len() as u32;
        self.text.push_str(cut(text));
        FieldValue::Text { at, len: self.text.len() as u32 - at }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.fields.is_empty()
    }

    /// Forgets everything but its memory.
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.fields.clear();
        self.text.clear();
    }

    /// Gives back what it does not need, once nothing more comes.
    pub(super) fn shrink(&mut self, budget: &Budget) {
        self.pieces.shrink_to_fit();
        self.fields.shrink_to_fit();
        self.text.shrink_to_fit();
        let held = self.pieces.len() * size_of::<Piece>()
            + self.fields.len() * size_of::<Field>()
            + self.text.len()
            + OVERHEAD;
        budget.give(self.held - held);
        self.held = held;
    }

    /// What dropping it gives back to the budget.
    pub(super) fn held(&self) -> usize {
        self.held
    }
}

/// The start of a text, as much as is allowed.
pub(super) fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// How many bytes there are for all threads together.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicUsize,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    pub(super) fn reset(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    /// Whether there were so many.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    pub(super) fn give(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        let long = format!("{}é", "x".repeat(LONGEST_TEXT - 1));
        assert_eq!(cut(&long), &long[..LONGEST_TEXT - 1]);
    }

    #[test]
    fn chunks_are_paid_for_until_there_is_no_more() {
        let budget = Budget::new(2 * Chunk::BYTES);
        let mut chunk = Chunk::new(&budget).unwrap();
        let _other = Chunk::new(&budget).unwrap();
        assert!(Chunk::new(&budget).is_none());
        let value = chunk.push_text("é");
        let (source, key) = (Source::Span(1), "x");
        chunk.push_field(Field { source, time: 1, key, value });
        chunk.shrink(&budget);
        assert!(!budget.take(Chunk::BYTES - chunk.held() + 1));
        assert!(budget.take(Chunk::BYTES - chunk.held()));
    }
}
