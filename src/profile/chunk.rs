//! The memory in which a trace is recorded: chunks of fixed size, within a common budget.

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

/// The span or instant to which a [`Piece`] or a [`Field`] belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A span of this crate's own, by its number on its thread.
    Span(u64),
    /// An instant, by such a number.
    Instant(u64),
    /// A span of `tracing`, which may be entered on any thread.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "made by the layer"))]
    Tracing(u64),
}

/// A time during which a span ran on a thread, in counts of the recorder's clock.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) label: Label,
    pub(super) source: Source,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// The start of a piece that began before the trace did.
pub(super) const BEFORE: u64 = 0;
/// The end of a piece that was still running when the trace stopped.
pub(super) const AFTER: u64 = u64::MAX;

/// A field of a span or an instant.
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
    /// No value: a new span of `tracing` with this name, whose fields follow.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "made by the layer"))]
    New(&'static str),
}

// The capacities of a chunk.
const PIECES: usize = 2048;
const FIELDS: usize = 1024;
const TEXT: usize = 32 << 10;
/// The bytes that a chunk takes besides, with its share of its thread's line.
const OVERHEAD: usize = 4 << 10;
/// The bytes to which a text is truncated.
pub(super) const MAX_TEXT: usize = 1024;

/// A part of what a thread has recorded. It never grows.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) pieces: Vec<Piece>,
    pub(super) fields: Vec<Field>,
    pub(super) text: String,
    /// The bytes that it takes of the budget.
    reserved: usize,
}

impl Chunk {
    const BYTES: usize =
        PIECES * size_of::<Piece>() + FIELDS * size_of::<Field>() + TEXT + OVERHEAD;

    /// Returns an empty chunk, or `None` if the budget is used up.
    pub(super) fn new(budget: &Budget) -> Option<Self> {
        budget.reserve(Self::BYTES).then(|| Self {
            pieces: Vec::with_capacity(PIECES),
            fields: Vec::new(),
            text: String::new(),
            reserved: Self::BYTES,
        })
    }

    pub(super) fn fits(&self, pieces: usize, fields: usize, text: usize) -> bool {
        self.pieces.len() + pieces <= PIECES
            && self.fields.len() + fields <= FIELDS
            && self.text.len() + text <= TEXT
    }

    /// Appends a field, which must fit.
    pub(super) fn push_field(&mut self, field: Field) {
        if self.fields.capacity() == 0 {
            self.fields.reserve_exact(FIELDS);
        }
        self.fields.push(field);
    }

    /// Appends a text, truncated to [`MAX_TEXT`], which must fit.
    pub(super) fn push_text(&mut self, text: &str) -> FieldValue {
        if self.text.capacity() == 0 {
            self.text.reserve_exact(TEXT);
        }
        let at = self.text.len() as u32;
        self.text.push_str(truncate(text));
        FieldValue::Text { at, len: self.text.len() as u32 - at }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.fields.is_empty()
    }

    /// Removes the contents; the memory stays reserved.
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.fields.clear();
        self.text.clear();
    }

    /// Releases unused memory, once nothing more is recorded.
    pub(super) fn shrink(&mut self, budget: &Budget) {
        self.pieces.shrink_to_fit();
        self.fields.shrink_to_fit();
        self.text.shrink_to_fit();
        let reserved = self.pieces.len() * size_of::<Piece>()
            + self.fields.len() * size_of::<Field>()
            + self.text.len()
            + OVERHEAD;
        budget.release(self.reserved - reserved);
        self.reserved = reserved;
    }

    /// Returns the bytes to release when the chunk is dropped.
    pub(super) fn reserved(&self) -> usize {
        self.reserved
    }
}

/// Returns the text, truncated to [`MAX_TEXT`] bytes between two characters.
pub(super) fn truncate(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The number of bytes that all threads together may use.
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

    /// Reserves bytes, and returns whether there were enough.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    pub(super) fn release(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_truncated_between_characters() {
        assert_eq!(truncate("short"), "short");
        let long = format!("{}é", "x".repeat(MAX_TEXT - 1));
        assert_eq!(truncate(&long), &long[..MAX_TEXT - 1]);
    }

    #[test]
    fn chunks_reserve_memory_until_the_budget_is_used_up() {
        let budget = Budget::new(2 * Chunk::BYTES);
        let mut chunk = Chunk::new(&budget).unwrap();
        let _other = Chunk::new(&budget).unwrap();
        assert!(Chunk::new(&budget).is_none());
        let value = chunk.push_text("é");
        let (source, key) = (Source::Span(1), "x");
        chunk.push_field(Field { source, time: 1, key, value });
        chunk.shrink(&budget);
        assert!(!budget.reserve(Chunk::BYTES - chunk.reserved() + 1));
        assert!(budget.reserve(Chunk::BYTES - chunk.reserved()));
    }
}
