//! The paths of spans that name the tags of events.

use super::callsites::CallsiteMap;
use super::plan::TagSet;
use crate::system::Mutex;
use std::collections::HashMap;
use std::sync::OnceLock;
use tracing_core::Metadata;
use tracing_core::callsite::Identifier;

/// How many of the spans around an event, from the innermost on, may name its tags.
const MAX_DEPTH: usize = 16;
/// How many paths are kept. The tags of further ones are made for each event.
const MAX_PATHS: usize = 1024;

/// The spans around an event, from the outermost on.
#[derive(Clone, Debug, Default)]
pub(super) struct SpanPath(Vec<&'static Metadata<'static>>);

impl SpanPath {
    /// Creates a path from the spans around an event, from the innermost on.
    pub(super) fn from_innermost(
        spans: impl Iterator<Item = &'static Metadata<'static>>,
    ) -> SpanPath {
        let mut spans: Vec<_> = spans.take(MAX_DEPTH).collect();
        spans.reverse();
        Self(spans)
    }

    /// Returns the path of a span within this one.
    fn within(&self, span: &'static Metadata<'static>) -> SpanPath {
        let skipped = (self.0.len() + 1).saturating_sub(MAX_DEPTH);
        Self(self.0[skipped..].iter().copied().chain([span]).collect())
    }

    /// Returns the names of the spans, each with a slash.
    pub(super) fn prefix(&self) -> String {
        self.0.iter().flat_map(|span| [span.name(), "/"]).collect()
    }

    fn callsites(&self) -> Vec<Identifier> {
        self.0.iter().map(|span| span.callsite()).collect()
    }
}

/// The paths of the spans that a layer has seen, by number. They stay as long as the layer: a
/// program has a fixed number of them, except in recursions.
#[derive(Debug)]
pub(super) struct SpanPaths {
    paths: Box<[OnceLock<Box<KnownPath>>]>,
    numbers: Mutex<HashMap<Vec<Identifier>, PathNumber>>,
}

/// The number of a path in [`SpanPaths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathNumber(usize);

#[derive(Debug, Default)]
struct KnownPath {
    path: SpanPath,
    /// The series of each event, by its callsite.
    tags: CallsiteMap<TagSet, 16>,
    /// The paths of the spans within; `None` for those beyond the maximum.
    within: CallsiteMap<Option<PathNumber>, 16>,
}

impl SpanPaths {
    /// The path of events without a span.
    pub(super) const ROOT: PathNumber = PathNumber(0);

    pub(super) fn new() -> Self {
        let paths: Box<[_]> = (0..MAX_PATHS).map(|_| OnceLock::new()).collect();
        let numbers = Mutex::new(HashMap::from([(Vec::new(), Self::ROOT)]));
        Self { paths, numbers }
    }

    fn get(&self, number: PathNumber) -> &KnownPath {
        self.paths[number.0].get_or_init(Box::default)
    }

    /// Returns the path of a span within another; `None` if there are too many.
    pub(super) fn within(
        &self,
        number: PathNumber,
        span: &'static Metadata<'static>,
    ) -> Option<PathNumber> {
        let outer = self.get(number);
        *outer.within.get_or_make(&span.callsite(), || self.number(outer.path.within(span)))
    }

    /// Returns the number of a path, whatever spans lead to it.
    fn number(&self, path: SpanPath) -> Option<PathNumber> {
        let mut numbers = self.numbers.lock();
        let callsites = path.callsites();
        if let Some(known) = numbers.get(&callsites) {
            return Some(*known);
        }
        let slot = self.paths.get(numbers.len())?;
        let number = PathNumber(numbers.len());
        slot.get_or_init(|| Box::new(KnownPath { path, ..KnownPath::default() }));
        numbers.insert(callsites, number);
        Some(number)
    }

    /// Returns the series of an event below a path, which `make` makes the first time.
    #[inline]
    pub(super) fn tags(
        &self,
        number: PathNumber,
        event: &Identifier,
        make: impl Fn(&SpanPath) -> TagSet,
    ) -> &TagSet {
        let known = self.get(number);
        known.tags.get_or_make(event, || make(&known.path))
    }
}
