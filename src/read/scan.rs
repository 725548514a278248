//! One pass over a run: events decoded in place, tags by number, nothing allocated per event.

use super::decode::Content;
use super::decode::{self, RawEvent, RawValue, What};
use super::points::RunCuts;
use super::records::{Records, TruncatedRecord};
use super::tags::{TagId, Tags};
use super::{
    Event, Kind, Metadata, Point, ReadError, ReadErrorKind, TensorValue, Value, ValueError,
};
use crate::wire::fields::varint;
use std::path::Path;

/// An entry that a [`Scan`] visits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Entry<'a> {
    /// A value that is a number.
    Scalar {
        /// The tag.
        tag: TagId,
        /// The point.
        point: Point,
    },
    /// A value that is something else.
    Value {
        /// The tag.
        tag: TagId,
        /// The wall time in seconds since 1970.
        wall_time: f64,
        /// The step.
        step: i64,
        /// The value.
        value: Value<'a>,
    },
    /// An event that is not a summary.
    Event(Event),
}

/// A pass over the events of a run, in file order: see [`Run::scan`](super::Run::scan).
///
/// Checksums are verified. An event is decoded in place, and a tag is a number, so that a pass
/// takes the same memory for a hundred million points as for one.
///
/// ```
/// use tfevents::read::{Entry, Run};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let mut scan = Run::open(dir.path())?.scan();
/// scan.for_each(|tags, entry| {
///     if let Entry::Scalar { tag, point } = entry {
///         println!("{} at step {}: {}", tags.name(tag), point.step, point.value);
///     }
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Scan {
    records: Records,
    decoder: Decoder,
    filter: Option<RunCuts>,
    /// The number of the next event.
    event: u64,
    buffer: Vec<u8>,
}

impl Scan {
    pub(super) fn new(records: Records) -> Self {
        Self { records, decoder: Decoder::default(), filter: None, event: 0, buffer: Vec::new() }
    }

    /// Leaves out what does not count, by what a first pass has found, and ends where that ended.
    pub(super) fn filtered(records: Records, cuts: RunCuts) -> Self {
        Self { filter: Some(cuts), ..Self::new(records) }
    }

    /// Returns the tags that were met.
    pub fn tags(&self) -> &Tags {
        &self.decoder.tags
    }

    /// Returns the file of the last event, or error.
    pub fn path(&self) -> Option<&Path> {
        self.records.path()
    }

    /// Returns the offset of the last event, or error, in its file.
    pub fn offset(&self) -> u64 {
        self.records.offset()
    }

    /// Returns the files that end in the middle of a record, the last one included: its rest may
    /// still come.
    pub fn truncated(&self) -> Vec<TruncatedRecord> {
        let mut truncated = self.records.truncated().to_vec();
        if let (Some(path), (offset, true)) = (self.records.path(), self.records.end()) {
            truncated.push(TruncatedRecord { path: path.to_owned(), offset });
        }
        truncated
    }

    /// Calls `visit` for everything up to the end of the files, with the tags met so far.
    ///
    /// Called again, it goes on with what was appended to the last file, and with files that have
    /// appeared after it.
    ///
    /// # Errors
    /// Returns the first error of reading a file. Called again, it goes on with the next record, or with the
    /// next file where there is no next record.
    pub fn for_each(&mut self, visit: impl FnMut(&Tags, Entry<'_>)) -> Result<(), ReadError> {
        self.visit(&mut Each(visit))
    }

    /// Reads up to the end of the files.
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) -> Result<(), ReadError> {
        loop {
            if self.filter.is_none() {
                self.visit_buffered(visitor);
            } else if self.filter.as_ref().is_some_and(|cuts| self.event >= cuts.events) {
                return Ok(());
            }
            if !self.records.advance()? {
                return Ok(());
            }
            let number = self.event;
            self.event += 1;
            let data = self.records.data();
            if let Some((tag, point)) = self.decoder.scalar(data) {
                let filter = &mut self.filter;
                if filter.as_mut().is_none_or(|cuts| cuts.keeps(tag, number, point.step)) {
                    visitor.scalar(&self.decoder.tags, number, tag, point);
                }
                continue;
            }
            self.visit_event(number, visitor)?;
        }
    }

    /// Reads scalars that are laid out as expected, up to the end of the buffer.
    fn visit_buffered(&mut self, visitor: &mut impl Visitor) {
        let Self { records, decoder, event, .. } = self;
        let Some(frames) = records.frames_mut() else { return };
        while let Some(data) = frames.next_buffered() {
            let Some((tag, point)) = decoder.scalar(data) else {
                frames.step_back();
                return;
            };
            visitor.scalar(&decoder.tags, *event, tag, point);
            *event += 1;
        }
    }

    /// Decodes the last record, whatever it is.
    fn visit_event(&mut self, number: u64, visitor: &mut impl Visitor) -> Result<(), ReadError> {
        let Self { records, decoder, filter, buffer, .. } = self;
        let data = records.data();
        let undecodable = |source| {
            let kind = ReadErrorKind::Decode { length: data.len() as u64, source };
            ReadError::new(records.path(), records.offset(), kind)
        };
        let event = decode::event(data, buffer).map_err(undecodable)?;
        if !matches!(event.what, What::Summary(_)) {
            let event = Event::decode(data, &mut Vec::new()).map_err(undecodable)?;
            // There is no value that could be invalid.
            let _ = visitor.other(&decoder.tags, number, Entry::Event(event));
            return Ok(());
        }
        decoder.learn(data, &event);
        let mut values = event.values();
        while let Some(bytes) = values.next_bytes() {
            let Ok(raw) = RawValue::new(bytes) else { continue };
            let (tag, scalar) = decoder.value(&raw);
            let (wall_time, step) = (event.wall_time, event.step);
            if !filter.as_mut().is_none_or(|cuts| cuts.keeps(tag, number, step)) {
                continue;
            }
            if let Some(value) = scalar {
                visitor.scalar(&decoder.tags, number, tag, Point { wall_time, step, value });
                continue;
            }
            let metadata = decoder.tags.shared_metadata(tag).clone();
            let value = Value::new(bytes, Some(metadata));
            let entry = Entry::Value { tag, wall_time, step, value };
            visitor.other(&decoder.tags, number, entry).map_err(|source| {
                let tag = decoder.tags.name(tag).to_owned();
                let kind = ReadErrorKind::Value { tag, source };
                ReadError::new(records.path(), records.offset(), kind)
            })?;
        }
        Ok(())
    }

    /// Returns the number of events that were read.
    pub(super) fn events(&self) -> u64 {
        self.event
    }
}

/// What is done with what a pass meets. Scalars have a method of their own, so that no [`Entry`] is
/// made for each.
pub(super) trait Visitor {
    fn scalar(&mut self, tags: &Tags, event: u64, tag: TagId, point: Point);

    /// Everything else. Fails if a value is invalid.
    fn other(&mut self, tags: &Tags, event: u64, entry: Entry<'_>) -> Result<(), ValueError>;
}

/// Calls a closure.
struct Each<F>(F);

impl<F: FnMut(&Tags, Entry<'_>)> Visitor for Each<F> {
    #[inline]
    fn scalar(&mut self, tags: &Tags, _: u64, tag: TagId, point: Point) {
        self.0(tags, Entry::Scalar { tag, point });
    }

    fn other(&mut self, tags: &Tags, _: u64, entry: Entry<'_>) -> Result<(), ValueError> {
        self.0(tags, entry);
        Ok(())
    }
}

/// Decodes events with one scalar by comparing them with the last one of the same tag, of which
/// only wall time, step and value differ.
#[derive(Debug, Default)]
struct Decoder {
    tags: Tags,
    /// By tag.
    templates: Vec<Template>,
    /// The tag that is expected next.
    expected: usize,
    /// The tag of the last event.
    previous: usize,
}

#[derive(Debug, Default)]
struct Template {
    /// The event after wall time and step; empty if the tag has none.
    bytes: Box<[u8]>,
    /// Where the four bytes of the value are.
    value: usize,
    /// The tag that came after this one the last time.
    next: usize,
}

impl Template {
    #[inline(always)]
    fn matches(&self, rest: &[u8]) -> Option<f32> {
        let (before, after) = self.bytes.split_at_checked(self.value)?;
        if rest.len() != self.bytes.len() {
            return None;
        }
        let (found, found_after) = rest.split_at(self.value);
        let (value, found_after) = found_after.split_first_chunk::<4>()?;
        let (_, after) = after.split_first_chunk::<4>()?;
        let is_same = are_equal(found, before) && are_equal(found_after, after);
        is_same.then(|| f32::from_le_bytes(*value))
    }
}

/// Compares bytes of one length. They are few: a call of `memcmp` would take longer.
#[inline(always)]
fn are_equal(a: &[u8], b: &[u8]) -> bool {
    let (Some((_, a_last)), Some((_, b_last))) =
        (a.split_last_chunk::<8>(), b.split_last_chunk::<8>())
    else {
        return a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b);
    };
    let mut differs = u64::from_le_bytes(*a_last) ^ u64::from_le_bytes(*b_last);
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        let word = |bytes: &[u8]| u64::from_le_bytes(*bytes.first_chunk().unwrap_or(&[0; 8]));
        differs |= word(a) ^ word(b);
    }
    differs == 0 && a.len() == b.len()
}

/// Splits an event into wall time, step and the rest, if it begins with them.
#[inline]
fn split_stamp(data: &[u8]) -> Option<(f64, i64, &[u8])> {
    let (mut wall_time, mut rest) = (0.0, data);
    if let Some((bytes, after)) = data.strip_prefix(&[0x09]).and_then(<[u8]>::split_first_chunk) {
        (wall_time, rest) = (f64::from_le_bytes(*bytes), after);
    }
    let mut step = 0;
    if let Some(after) = rest.strip_prefix(&[0x10]) {
        let (number, after) = varint(after)?;
        (step, rest) = (number as i64, after);
    }
    Some((wall_time, step, rest))
}

impl Decoder {
    #[inline(always)]
    fn scalar(&mut self, data: &[u8]) -> Option<(TagId, Point)> {
        let (wall_time, step, rest) = split_stamp(data)?;
        let mut tag = self.expected;
        let template = self.templates.get(tag)?;
        let value = match template.matches(rest) {
            Some(value) => {
                self.expected = template.next;
                value
            }
            None => {
                let (found, value) = self.unexpected(rest)?;
                tag = found;
                value
            }
        };
        self.previous = tag;
        Some((TagId(tag as u32), Point { wall_time, step, value }))
    }

    /// Decodes an event of another tag than the expected one.
    #[inline(never)]
    fn unexpected(&mut self, rest: &[u8]) -> Option<(usize, f32)> {
        let tag = self.find(rest)?;
        self.templates[self.previous].next = tag;
        let template = &self.templates[tag];
        let value = template.matches(rest)?;
        self.expected = template.next;
        Some((tag, value))
    }

    /// Finds the tag of an event that was not expected.
    fn find(&self, rest: &[u8]) -> Option<usize> {
        let (_, summary) = varint(rest.strip_prefix(&[0x2a])?)?;
        let (_, value) = varint(summary.strip_prefix(&[0x0a])?)?;
        let (len, value) = varint(value.strip_prefix(&[0x0a])?)?;
        let tag = std::str::from_utf8(value.get(..usize::try_from(len).ok()?)?).ok()?;
        let tag = self.tags.get(tag)?.index();
        (tag < self.templates.len()).then_some(tag)
    }

    /// Returns the number of a value's tag, and the value if it is a scalar.
    fn value(&mut self, raw: &RawValue<'_>) -> (TagId, Option<f32>) {
        let tag = self.tags.intern(raw.tag, Kind::new(raw.metadata, raw.content), raw.metadata);
        let scalar = match raw.content {
            Content::Scalar(value) => Some(value),
            Content::Tensor(bytes) if may_be_scalar(self.tags.metadata(tag), bytes) => {
                TensorValue::decode(bytes).ok().and_then(|tensor| tensor.scalar())
            }
            _ => None,
        };
        (tag, scalar)
    }

    /// Makes a template of an event, if it has one scalar and nothing else.
    fn learn(&mut self, data: &[u8], event: &RawEvent<'_>) {
        let Some((_, _, rest)) = split_stamp(data) else { return };
        let Some(at) = value_offset(rest) else { return };
        let mut values = event.values();
        let (Some(raw), None) = (values.next(), values.next()) else { return };
        let (tag, Some(scalar)) = self.value(&raw) else { return };
        if rest.get(at..at + 4) != Some(&scalar.to_le_bytes()[..]) {
            return;
        }
        if self.templates.len() <= tag.index() {
            self.templates.resize_with(tag.index() + 1, Template::default);
        }
        let template = &mut self.templates[tag.index()];
        template.bytes = rest.into();
        template.value = at;
        if let Some(previous) = self.templates.get_mut(self.previous) {
            previous.next = tag.index();
        }
        self.previous = tag.index();
        self.expected = self.templates[tag.index()].next;
    }
}

/// Returns whether a tensor can be a scalar at all: a long one need not be decoded to see that.
fn may_be_scalar(metadata: Metadata<'_>, bytes: &[u8]) -> bool {
    bytes.len() < 64 && matches!(metadata.plugin, "scalars" | "")
}

/// Returns where the four bytes of the value are, in an event after wall time and step that is a
/// summary of one value, which is a scalar.
fn value_offset(rest: &[u8]) -> Option<usize> {
    use crate::wire::fields::{Field, Fields};
    let only = |bytes, number| match (Fields::new(bytes).next()?, Fields::new(bytes).nth(1)) {
        (Ok((found, Field::Bytes(inner))), None) if found == number => Some(inner),
        _ => None,
    };
    let offset = |inner: &[u8]| inner.as_ptr() as usize - rest.as_ptr() as usize;
    let value = only(only(rest, 5)?, 1)?;
    let mut found = None;
    // Of a fixed 32-bit value the four bytes are the last of what was read.
    let fixed32 = |message: &[u8], wanted| {
        let mut fields = Fields::new(message);
        while let Some(field) = fields.next() {
            if let Ok((number, Field::Fixed32(_))) = field {
                if number == wanted {
                    return Some(fields.rest().as_ptr() as usize - rest.as_ptr() as usize - 4);
                }
            }
        }
        None
    };
    for field in Fields::new(value) {
        match field.ok()? {
            (2, Field::Fixed32(_)) => found = fixed32(value, 2),
            (8, Field::Bytes(tensor)) => {
                for field in Fields::new(tensor) {
                    match field.ok()? {
                        (4 | 5, Field::Bytes(content)) if content.len() == 4 => {
                            found = Some(offset(content));
                        }
                        (5, Field::Fixed32(_)) => found = fixed32(tensor, 5),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    found
}
