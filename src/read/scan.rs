//! One pass over a run: events decoded in place, tags by number, nothing allocated per event.

use super::cuts::RunCuts;
use super::decode::{self, RawValue, What};
use super::frame::split_record;
use super::records::{Location, Records, TruncatedRecord};
use super::tags::{TagId, Tags};
use super::template::Decoder;
use super::{Event, Point, ReadError, ReadErrorKind, Value, ValueError};
use crate::wire::crc::{self, ChecksumLoop};
use crate::wire::record::HEADER;
use std::path::Path;

/// An entry that a [`Scan`] visits.
#[derive(Clone, Copy, Debug)]
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
        value: &'a Value<'a>,
    },
    /// An event that is not a summary.
    Event(&'a Event),
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

    /// Begins with an event of this number, and leaves out what does not count.
    pub(super) fn starting_at(self, event: u64, cuts: RunCuts) -> Self {
        Self { event, filter: Some(cuts), ..self }
    }

    /// Goes on where the scan of a later file has ended. Returns the numbers of its tags here;
    /// `None` if its scalars depend on tags here.
    pub(super) fn append(&mut self, later: Self) -> Option<Vec<TagId>> {
        let ids = self.decoder.join(&later.decoder)?;
        self.records.append(later.records);
        self.event += later.event;
        Some(ids)
    }

    /// Goes on with the files of a run after the current one.
    pub(super) fn follow(&mut self, location: Location) {
        self.records.follow(location);
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
            let is_read = self.visit_buffered(visitor);
            if !is_read && (self.is_complete() || !self.records.advance()?) {
                return Ok(());
            }
            let number = self.event;
            self.event += 1;
            let data = self.records.data();
            let mut next = self.decoder.next;
            if let Some((tag, point)) = self.decoder.scalar(data, data.len(), &mut next) {
                self.decoder.next = next;
                let filter = &mut self.filter;
                if filter.as_mut().is_none_or(|cuts| cuts.keeps(tag, number, point.step)) {
                    visitor.scalar(&self.decoder.tags, number, tag, point);
                }
                continue;
            }
            self.visit_event(number, visitor)?;
        }
    }

    /// Does as [`visit`](Self::visit), for visitors that look for something other than scalars: they
    /// share one copy of its code.
    pub(super) fn visit_dyn(&mut self, mut visitor: &mut dyn Visitor) -> Result<(), ReadError> {
        self.visit(&mut visitor)
    }

    /// Reads scalars that are laid out as expected, up to the end of the buffer. Returns whether
    /// the record after them is something else, and has been read.
    fn visit_buffered(&mut self, visitor: &mut impl Visitor) -> bool {
        let Self { records, decoder, filter, event, .. } = self;
        let Some(frames) = records.frames() else { return false };
        let until = filter.as_ref().map_or(u64::MAX, |cuts| cuts.events);
        let cuts = filter.as_mut().filter(|cuts| !cuts.is_empty());
        let buffered = frames.buffered();
        let scalars = Buffered { records: buffered, decoder, cuts, event, until, visitor };
        let (skipped, other) = crc::run(scalars);
        records.skip(skipped);
        if let Some(length) = other {
            records.take(length);
        }
        other.is_some()
    }

    /// Returns whether all events of the first pass were read.
    fn is_complete(&self) -> bool {
        self.filter.as_ref().is_some_and(|cuts| self.event >= cuts.events)
    }

    /// Decodes the last record, whatever it is.
    fn visit_event(&mut self, number: u64, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
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
            let _ = visitor.other(&decoder.tags, number, Entry::Event(&event));
            return Ok(());
        }
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
            let entry = Entry::Value { tag, wall_time, step, value: &value };
            visitor.other(&decoder.tags, number, entry).map_err(|source| {
                let tag = decoder.tags.name(tag).to_owned();
                let kind = ReadErrorKind::Value { tag, source };
                ReadError::new(records.path(), records.offset(), kind)
            })?;
        }
        decoder.learn(data, &event);
        Ok(())
    }

    /// Returns the number of events that were read.
    pub(super) fn events(&self) -> u64 {
        self.event
    }
}

/// Visits the scalars in a buffer.
struct Buffered<'a, V> {
    records: &'a [u8],
    decoder: &'a mut Decoder,
    cuts: Option<&'a mut RunCuts>,
    event: &'a mut u64,
    /// The number of the first event that is not visited.
    until: u64,
    visitor: &'a mut V,
}

impl<V: Visitor> ChecksumLoop for Buffered<'_, V> {
    /// The length of the records that were visited; the length of the data of the next one, if
    /// it is something else.
    type Output = (usize, Option<usize>);

    #[inline(always)]
    fn run(self, masked: impl Fn(&[u8]) -> u32) -> Self::Output {
        let Self { records, decoder, mut cuts, event, until, visitor } = self;
        let mut rest = records;
        // Locals can be in registers.
        let (mut number, mut next) = (*event, decoder.next);
        let mut other = None;
        while number < until {
            let Some((data, after)) = split_record(rest, &masked) else { break };
            let bytes = rest.get(HEADER..).unwrap_or_default();
            let Some((tag, point)) = decoder.scalar(bytes, data.len(), &mut next) else {
                other = Some(data.len());
                break;
            };
            if cuts.as_mut().is_none_or(|cuts| cuts.keeps(tag, number, point.step)) {
                visitor.scalar(&decoder.tags, number, tag, point);
            }
            number += 1;
            rest = after;
        }
        (*event, decoder.next) = (number, next);
        (records.len() - rest.len(), other)
    }
}

/// The receiver of the entries of a pass. Scalars have a method of their own, so that no [`Entry`] is
/// made for each.
pub(super) trait Visitor {
    fn scalar(&mut self, tags: &Tags, event: u64, tag: TagId, point: Point);

    /// Everything else. Fails if a value is invalid.
    fn other(&mut self, tags: &Tags, event: u64, entry: Entry<'_>) -> Result<(), ValueError>;
}

impl Visitor for &mut dyn Visitor {
    fn scalar(&mut self, tags: &Tags, event: u64, tag: TagId, point: Point) {
        (**self).scalar(tags, event, tag, point);
    }

    fn other(&mut self, tags: &Tags, event: u64, entry: Entry<'_>) -> Result<(), ValueError> {
        (**self).other(tags, event, entry)
    }
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
