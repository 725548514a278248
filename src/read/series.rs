//! The points of a tag: scalars in columns, everything else as a list.

use super::Metadata;
use super::metadata::OwnedMetadata;
use std::ops::Range;
use std::sync::Arc;

/// A point of a scalar's series. With the feature `serde` it implements `Serialize`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Point {
    /// The wall time in seconds since 1970.
    pub wall_time: f64,
    /// The step.
    pub step: i64,
    /// The value.
    pub value: f32,
}

/// The points of a scalar, in columns: 20 bytes per point.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// for (step, value) in [0.5, 0.25, 0.75].into_iter().enumerate() {
///     writer.add_scalar("loss", value, step);
/// }
/// writer.close()?;
/// let loss = Run::open(dir.path())?.scalars("loss")?;
/// assert_eq!((loss.steps(), loss.values()), (&[0, 1, 2][..], &[0.5, 0.25, 0.75][..]));
/// assert_eq!(loss.first().unwrap().value, 0.5);
/// assert_eq!(loss.last().unwrap().value, 0.75);
/// assert_eq!(loss.min().unwrap().step, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scalars {
    steps: Vec<i64>,
    wall_times: Vec<f64>,
    values: Vec<f32>,
    superseded: u64,
    metadata: Arc<OwnedMetadata>,
}

impl PartialEq for Scalars {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
            && self.wall_times == other.wall_times
            && self.values == other.values
            && self.superseded == other.superseded
    }
}

impl Scalars {
    pub(super) fn set_metadata(&mut self, metadata: &Arc<OwnedMetadata>) {
        self.metadata = metadata.clone();
    }

    #[inline]
    pub(super) fn push(&mut self, point: Point) {
        self.steps.push(point.step);
        self.wall_times.push(point.wall_time);
        self.values.push(point.value);
    }

    /// Adds the points of a later file.
    pub(super) fn append(&mut self, later: Self) {
        self.steps.extend(later.steps);
        self.wall_times.extend(later.wall_times);
        self.values.extend(later.values);
        self.superseded += later.superseded;
    }

    /// Drops what is at a step or later, where steps ascend.
    #[cold]
    pub(super) fn cut_ascending(&mut self, step: i64) {
        let len = self.steps.iter().rposition(|&earlier| earlier < step).map_or(0, |at| at + 1);
        self.superseded += (self.steps.len() - len) as u64;
        self.steps.truncate(len);
        self.wall_times.truncate(len);
        self.values.truncate(len);
    }

    /// Drops what is at a step or later, whatever the order.
    #[cold]
    pub(super) fn cut(&mut self, step: i64) {
        let before = self.len();
        let mut kept = 0;
        for at in 0..before {
            if self.steps[at] < step {
                self.steps[kept] = self.steps[at];
                self.wall_times[kept] = self.wall_times[at];
                self.values[kept] = self.values[at];
                kept += 1;
            }
        }
        self.superseded += (before - kept) as u64;
        self.steps.truncate(kept);
        self.wall_times.truncate(kept);
        self.values.truncate(kept);
    }

    /// Returns whether there never was a point.
    pub(super) fn is_untouched(&self) -> bool {
        self.is_empty() && self.superseded == 0
    }

    /// Returns the number of points.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the steps.
    pub fn steps(&self) -> &[i64] {
        &self.steps
    }

    /// Returns the wall times in seconds since 1970.
    pub fn wall_times(&self) -> &[f64] {
        &self.wall_times
    }

    /// Returns the values.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns the number of points that do not count: see [`Points`](super::Points).
    pub fn superseded(&self) -> u64 {
        self.superseded
    }

    /// Returns the metadata of the tag.
    pub fn metadata(&self) -> Metadata<'_> {
        self.metadata.borrow()
    }

    /// Returns an iterator over the points.
    pub fn iter(&self) -> ScalarsIter<'_> {
        ScalarsIter { scalars: self, range: 0..self.len() }
    }

    /// Returns the first point.
    pub fn first(&self) -> Option<Point> {
        self.iter().next()
    }

    /// Returns the last point.
    pub fn last(&self) -> Option<Point> {
        self.len().checked_sub(1).map(|at| self.point(at))
    }

    /// Returns the point with the smallest value, the first of several. NaN is left out.
    #[doc(alias = "best")]
    pub fn min(&self) -> Option<Point> {
        self.extreme(|new, best| new < best)
    }

    /// Returns the point with the largest value, the first of several. NaN is left out.
    #[doc(alias = "best")]
    pub fn max(&self) -> Option<Point> {
        self.extreme(|new, best| new > best)
    }

    fn extreme(&self, is_better: impl Fn(f32, f32) -> bool) -> Option<Point> {
        let mut best: Option<usize> = None;
        for (at, value) in self.values.iter().enumerate() {
            let is_best = match best {
                Some(best) => is_better(*value, self.values[best]),
                None => !value.is_nan(),
            };
            if is_best {
                best = Some(at);
            }
        }
        best.map(|at| self.point(at))
    }

    fn point(&self, at: usize) -> Point {
        let (wall_time, step) = (self.wall_times[at], self.steps[at]);
        Point { wall_time, step, value: self.values[at] }
    }
}

impl<'a> IntoIterator for &'a Scalars {
    type Item = Point;
    type IntoIter = ScalarsIter<'a>;

    fn into_iter(self) -> ScalarsIter<'a> {
        self.iter()
    }
}

/// An iterator over the points of a scalar: see [`Scalars::iter`].
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 0);
/// writer.add_scalar("loss", 0.25, 1);
/// writer.close()?;
/// let loss = Run::open(dir.path())?.scalars("loss")?;
/// for point in &loss {
///     println!("{}: {}", point.step, point.value);
/// }
/// let backwards: Vec<f32> = loss.iter().rev().map(|point| point.value).collect();
/// assert_eq!(backwards, [0.25, 0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScalarsIter<'a> {
    scalars: &'a Scalars,
    range: Range<usize>,
}

impl Iterator for ScalarsIter<'_> {
    type Item = Point;

    #[inline]
    fn next(&mut self) -> Option<Point> {
        self.range.next().map(|at| self.scalars.point(at))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for ScalarsIter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Point> {
        self.range.next_back().map(|at| self.scalars.point(at))
    }
}

impl ExactSizeIterator for ScalarsIter<'_> {}

/// The values of a tag that is not a scalar.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_text("note", "hello", 3);
/// writer.close()?;
/// for note in &Run::open(dir.path())?.texts("note")? {
///     assert_eq!((note.step, note.value.text()), (3, "hello"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Series<T> {
    items: Vec<Item<T>>,
    superseded: u64,
    metadata: Arc<OwnedMetadata>,
}

/// A value of a [`Series`], and when it was logged.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Item<T> {
    /// The wall time in seconds since 1970.
    pub wall_time: f64,
    /// The step.
    pub step: i64,
    /// The value.
    pub value: T,
}

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self { items: Vec::new(), superseded: 0, metadata: Arc::default() }
    }
}

impl<T> Series<T> {
    pub(super) fn push(&mut self, wall_time: f64, step: i64, value: T) {
        self.items.push(Item { wall_time, step, value });
    }

    pub(super) fn cut(&mut self, step: i64) {
        let before = self.items.len();
        self.items.retain(|item| item.step < step);
        self.superseded += (before - self.items.len()) as u64;
    }

    pub(super) fn set_metadata(&mut self, metadata: &Arc<OwnedMetadata>) {
        self.metadata = metadata.clone();
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.items.pop().map(|item| item.value)
    }

    /// Returns the values, with wall time and step.
    pub fn items(&self) -> &[Item<T>] {
        &self.items
    }

    /// Returns the values, with wall time and step.
    pub fn iter(&self) -> std::slice::Iter<'_, Item<T>> {
        self.items.iter()
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the last value.
    pub fn last(&self) -> Option<&Item<T>> {
        self.items.last()
    }

    /// Returns the number of values that do not count: see [`Points`](super::Points).
    pub fn superseded(&self) -> u64 {
        self.superseded
    }

    /// Returns the metadata of the tag.
    pub fn metadata(&self) -> Metadata<'_> {
        self.metadata.borrow()
    }
}

impl<'a, T> IntoIterator for &'a Series<T> {
    type Item = &'a Item<T>;
    type IntoIter = std::slice::Iter<'a, Item<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T> IntoIterator for Series<T> {
    type Item = Item<T>;
    type IntoIter = std::vec::IntoIter<Item<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
