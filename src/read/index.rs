//! The tags of a run with their counts, first and last steps, without the points.

use super::metadata::OwnedMetadata;
use super::scan::Entry;
use super::{Kind, Metadata, Point, TruncatedRecord};
use std::sync::Arc;

/// The tags of a run with their counts, steps and times, returned by
/// [`Run::index`](super::Run::index).
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let index = Run::open(dir.path())?.index()?;
/// for tag in index.tags() {
///     println!("{} ({}): {} points", tag.name(), tag.kind(), tag.points);
/// }
/// assert_eq!(index.last_step(), Some(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RunIndex {
    pub(super) tags: Vec<TagIndex>,
    /// The number of events that were read.
    pub events: u64,
    /// The wall time of the first event in seconds since 1970.
    pub first_wall_time: Option<f64>,
    /// The files that end in the middle of a record.
    pub truncated: Vec<TruncatedRecord>,
}

/// The counts, steps and times of one tag: see [`RunIndex`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TagIndex {
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    pub(super) metadata: Arc<OwnedMetadata>,
    /// The number of points that count: see [`Points`](super::Points).
    pub points: u64,
    /// The number of points that do not count.
    pub superseded: u64,
    /// The first step.
    pub first_step: i64,
    /// The last step.
    pub last_step: i64,
    /// The first wall time in seconds since 1970.
    pub first_wall_time: f64,
    /// The last wall time in seconds since 1970.
    pub last_wall_time: f64,
    /// Of a scalar: the last point.
    pub last: Option<Point>,
    /// Of a scalar: the first point with the smallest value. NaN is left out.
    pub min: Option<Point>,
    /// Of a scalar: the first point with the largest value. NaN is left out.
    pub max: Option<Point>,
}

impl RunIndex {
    /// Returns the tags, in the order of their first values.
    pub fn tags(&self) -> &[TagIndex] {
        &self.tags
    }

    /// Returns a tag.
    pub fn tag(&self, name: &str) -> Option<&TagIndex> {
        self.tags.iter().find(|tag| *tag.name == *name)
    }

    /// Returns the largest step of all tags.
    pub fn last_step(&self) -> Option<i64> {
        let tags = self.tags.iter().filter(|tag| tag.points > 0);
        tags.map(|tag| tag.last_step).max()
    }

    /// Returns the latest wall time of all tags in seconds since 1970.
    pub fn last_wall_time(&self) -> Option<f64> {
        let tags = self.tags.iter().filter(|tag| tag.points > 0);
        tags.map(|tag| tag.last_wall_time).reduce(f64::max)
    }

    /// Returns the number of points of all tags.
    pub fn points(&self) -> u64 {
        self.tags.iter().map(|tag| tag.points).sum()
    }

    pub(super) fn add(&mut self, tags: &super::Tags, entry: &Entry<'_>) {
        let (tag, wall_time, step, point) = match entry {
            Entry::Scalar { tag, point } => (*tag, point.wall_time, point.step, Some(*point)),
            Entry::Value { tag, wall_time, step, .. } => (*tag, *wall_time, *step, None),
            Entry::Event(event) => {
                self.first_wall_time.get_or_insert(event.wall_time());
                return;
            }
        };
        self.first_wall_time.get_or_insert(wall_time);
        self.tag_mut(tags, tag).add(wall_time, step, point);
    }

    #[inline]
    fn tag_mut(&mut self, tags: &super::Tags, tag: super::TagId) -> &mut TagIndex {
        while self.tags.len() <= tag.index() {
            let id = super::TagId(self.tags.len() as u32);
            self.tags.push(TagIndex::new(tags, id));
        }
        &mut self.tags[tag.index()]
    }

    /// Sets the metadata of all tags: the first value may have had none.
    pub(super) fn set_metadata(&mut self, tags: &super::Tags) {
        for (tag, id) in self.tags.iter_mut().zip(tags.iter()) {
            tag.metadata = tags.shared_metadata(id).clone();
        }
    }

    /// Adds what a later file has, whose tags have these numbers here.
    pub(super) fn append(&mut self, later: &Self, ids: &[super::TagId], tags: &super::Tags) {
        self.first_wall_time = self.first_wall_time.or(later.first_wall_time);
        self.events += later.events;
        for (tag, id) in later.tags.iter().zip(ids) {
            self.tag_mut(tags, *id).append(tag);
        }
    }
}

impl TagIndex {
    /// Returns the name of the tag.
    #[doc(alias = "tag")]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the kind of the tag's data.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the metadata of the tag.
    pub fn metadata(&self) -> Metadata<'_> {
        self.metadata.borrow()
    }

    #[cold]
    fn new(tags: &super::Tags, id: super::TagId) -> Self {
        Self {
            name: tags.shared_name(id),
            kind: tags.kind(id),
            metadata: tags.shared_metadata(id).clone(),
            points: 0,
            superseded: 0,
            first_step: 0,
            last_step: 0,
            first_wall_time: 0.0,
            last_wall_time: 0.0,
            last: None,
            min: None,
            max: None,
        }
    }

    /// Adds the points of a later file.
    fn append(&mut self, later: &Self) {
        if later.points == 0 {
            return;
        }
        if self.points == 0 {
            self.first_step = later.first_step;
            self.first_wall_time = later.first_wall_time;
        }
        self.points += later.points;
        (self.last_step, self.last_wall_time) = (later.last_step, later.last_wall_time);
        self.last = later.last.or(self.last);
        let is_better =
            |is_better: fn(f32, f32) -> bool, new: Option<Point>, best: Option<Point>| {
                new.zip(best).map_or(best.is_none(), |(new, best)| is_better(new.value, best.value))
            };
        if is_better(|new, min| new < min, later.min, self.min) {
            self.min = later.min;
        }
        if is_better(|new, max| new > max, later.max, self.max) {
            self.max = later.max;
        }
    }

    #[inline]
    fn add(&mut self, wall_time: f64, step: i64, point: Option<Point>) {
        if self.points == 0 {
            (self.first_step, self.first_wall_time) = (step, wall_time);
        }
        self.points += 1;
        (self.last_step, self.last_wall_time) = (step, wall_time);
        let Some(point) = point else { return };
        self.last = Some(point);
        if !point.value.is_nan() {
            if self.min.is_none_or(|min| point.value < min.value) {
                self.min = Some(point);
            }
            if self.max.is_none_or(|max| point.value > max.value) {
                self.max = Some(point);
            }
        }
    }
}
