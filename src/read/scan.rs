//! One pass over a run: events decoded in place, tags by number, nothing allocated per event.

use super::decode::Content;
use super::decode::{self, RawEvent, RawValue, What};
use super::points::{Restart, Restarts, RunCuts};
use super::records::{Records, TruncatedRecord};
use super::tags::{TagId, Tags};
use super::{
    Event, Kind, Metadata, Point, ReadError, ReadErrorKind, TensorValue, Value, ValueError,
};
use crate::wire::fields::varint;
use std::path::Path;

/// One thing that a [`Scan`] meets.
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
    /// The first that a file gives. Called again, it goes on with the next record, or with the
    /// next file where there is no next record.
    pub fn for_each(&mut self, mut visit: impl FnMut(&Tags, Entry<'_>)) -> Result<(), ReadError> {
        self.try_for_each(|tags, _, entry| {
            visit(tags, entry);
            Ok(())
        })
    }

    /// The same, with the number of the event, for a closure that may find a value invalid.
    pub(super) fn try_for_each(
        &mut self,
        mut visit: impl FnMut(&Tags, u64, Entry<'_>) -> Result<(), ValueError>,
    ) -> Result<(), ReadError> {
        loop {
            if self.filter.as_ref().is_some_and(|cuts| self.event >= cuts.events) {
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
                    let result = visit(&self.decoder.tags, number, Entry::Scalar { tag, point });
                    result.map_err(|source| {
                        value_error(&self.records, &self.decoder.tags, tag, source)
                    })?;
                }
                continue;
            }
            let event = decode::event(data, &mut self.buffer);
            let event = event.map_err(|reason| {
                let length = data.len() as u64;
                let kind = ReadErrorKind::Decode { length, reason };
                ReadError::new(self.records.path(), self.records.offset(), kind)
            })?;
            if !matches!(event.what, What::Summary(_)) {
                let owned = Event::decode(data, &mut Vec::new());
                let owned = owned.map_err(|reason| {
                    let length = data.len() as u64;
                    let kind = ReadErrorKind::Decode { length, reason };
                    ReadError::new(self.records.path(), self.records.offset(), kind)
                })?;
                // There is no value that could be invalid.
                let _ = visit(&self.decoder.tags, number, Entry::Event(owned));
                continue;
            }
            self.decoder.learn(data, &event);
            let mut values = event.values();
            while let Some(bytes) = values.next_bytes() {
                let Ok(raw) = RawValue::new(bytes) else { continue };
                let (tag, scalar) = self.decoder.value(&raw);
                let (wall_time, step) = (event.wall_time, event.step);
                let filter = &mut self.filter;
                if !filter.as_mut().is_none_or(|cuts| cuts.keeps(tag, number, step)) {
                    continue;
                }
                let entry = match scalar {
                    Some(value) => Entry::Scalar { tag, point: Point { wall_time, step, value } },
                    None => {
                        let metadata = self.decoder.tags.shared_metadata(tag).clone();
                        Entry::Value {
                            tag,
                            wall_time,
                            step,
                            value: Value::new(bytes, Some(metadata)),
                        }
                    }
                };
                let result = visit(&self.decoder.tags, number, entry);
                result.map_err(|source| {
                    value_error(&self.records, &self.decoder.tags, tag, source)
                })?;
            }
        }
    }

    /// Returns the number of events that were read.
    pub(super) fn events(&self) -> u64 {
        self.event
    }

    /// Finds by a rule what does not count, for a second pass; `visit` is called for everything.
    pub(super) fn find_cuts(
        &mut self,
        points: super::Points,
        mut visit: impl FnMut(&Tags, &Entry<'_>),
    ) -> Result<RunCuts, ReadError> {
        let mut restarts = Restarts::new(points);
        let mut cuts = RunCuts::default();
        self.try_for_each(|tags, number, entry| {
            match restarts.entry(number, &entry) {
                Restart::None => {}
                Restart::Ascending(tag, step) | Restart::Tag(tag, step) => {
                    cuts.tag(tag).push(number, step);
                }
                Restart::All(step) => cuts.all.push(number, step),
            }
            visit(tags, &entry);
            Ok(())
        })?;
        cuts.events = self.event;
        Ok(cuts)
    }
}

fn value_error(records: &Records, tags: &Tags, tag: TagId, source: ValueError) -> ReadError {
    let kind = ReadErrorKind::Value { tag: tags.name(tag).to_owned(), source };
    ReadError::new(records.path(), records.offset(), kind)
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
    #[inline]
    fn matches(&self, rest: &[u8]) -> Option<f32> {
        let (before, after) = self.bytes.split_at_checked(self.value)?;
        if rest.len() != self.bytes.len() {
            return None;
        }
        let (found, found_after) = rest.split_at(self.value);
        let (value, found_after) = found_after.split_first_chunk::<4>()?;
        let (_, after) = after.split_first_chunk::<4>()?;
        (found == before && found_after == after).then(|| f32::from_le_bytes(*value))
    }
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
    #[inline]
    fn scalar(&mut self, data: &[u8]) -> Option<(TagId, Point)> {
        let (wall_time, step, rest) = split_stamp(data)?;
        let mut tag = self.expected;
        let template = self.templates.get(tag)?;
        let value = match template.matches(rest) {
            Some(value) => value,
            None => {
                tag = self.find(rest)?;
                self.templates[self.previous].next = tag;
                self.templates[tag].matches(rest)?
            }
        };
        self.expected = self.templates[tag].next;
        self.previous = tag;
        Some((TagId(tag as u32), Point { wall_time, step, value }))
    }

    /// Finds the tag of an event that was not expected.
    #[inline(never)]
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
