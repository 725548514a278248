//! A run: the event files of one directory.

use super::cuts::RunCuts;
use super::parallel;
use super::points::{FindCuts, Restart, Restarts};
use super::records::{Location, Records};
use super::scan::{Entry, Scan, Visitor};
use super::{
    AudioClips, Event, GraphValue, HParamsValue, HistogramValue, Images, LayoutValue, MeshPart,
    Payload, Point, Points, PrCurveValue, ReadError, ReadErrorKind, RunIndex, RunScalars, Scalars,
    Series, TagId, Tags, TensorValue, TextValue, TruncatedRecord, Value, ValueData, ValueError,
};
use crate::storage::{Local, Storage};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A run: all event files of a directory, without its child runs.
///
/// The files are those that TensorBoard takes: names that contain `tfevents`, sorted as text.
/// Nothing is kept in memory: each call reads the files, at the speed of memory. What is to be
/// followed while it grows is kept by a [`RunScalars`], a [`Scan`] or [`Events`].
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let run = Run::open(dir.path())?;
/// let loss = run.scalars("loss")?;
/// println!("last {:?}, best {:?}", loss.last(), loss.min());
/// # assert_eq!(loss.last().unwrap().value, 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    name: String,
    location: Location,
    points: Points,
    threads: Option<usize>,
}

impl Run {
    /// Opens a run by its directory, or by one of its files alone.
    ///
    /// # Errors
    /// [`ReadErrorKind::Io`] if there is nothing, or it cannot be described.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        Self::open_on(Local, path)
    }

    /// Opens a run in a storage.
    ///
    /// ```
    /// use tfevents::read::Run;
    /// use tfevents::storage::InMemory;
    ///
    /// let storage = InMemory::new();
    /// # let writer = tfevents::SummaryWriter::builder("run").storage(storage.clone()).build()?;
    /// # writer.add_scalar("loss", 0.5, 0);
    /// # writer.close()?;
    /// assert_eq!(Run::open_on(storage, "run")?.scalars("loss")?.values(), [0.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(storage: impl Storage, path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let location = Location::new(Arc::new(storage), path.as_ref())?;
        Ok(Self::new(".".to_owned(), location, Points::default()))
    }

    pub(super) fn new(name: String, location: Location, points: Points) -> Self {
        Self { name, location, points, threads: None }
    }

    /// Sets which points count. Default: [`Points::DataServer`].
    pub fn with_points(mut self, points: Points) -> Self {
        self.points = points;
        self
    }

    /// Sets how many threads read the files of the run, at least 1. Default: the number that
    /// the operating system reports.
    ///
    /// [`index`](Self::index), [`scalars`](Self::scalars) and [`all_scalars`](Self::all_scalars)
    /// read files side by side, if there are several and they are large. The result does not
    /// depend on the number of threads.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    pub(super) fn points(&self) -> Points {
        self.points
    }

    /// Returns the files and the number of threads, if files are to be read side by side.
    fn files_side_by_side(&self) -> Option<(Vec<PathBuf>, usize)> {
        let threads = self.threads.unwrap_or_else(parallel::available);
        parallel::files(self, threads).map(|files| (files, threads))
    }

    fn read_scalars(&self, only: Option<&str>) -> Result<RunScalars, ReadError> {
        if let Some((files, threads)) = self.files_side_by_side() {
            if let Some(scalars) = parallel::scalars(self, &files, threads, only) {
                return Ok(scalars);
            }
        }
        let mut scalars = RunScalars::new(self.scan(), self.points, only);
        scalars.refresh()?;
        Ok(scalars)
    }

    /// Returns the name: the path below the log directory; `.` for that itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the directory, or the file if the run was opened by one.
    pub fn path(&self) -> &Path {
        &self.location.path
    }

    pub(super) fn location(&self) -> &Location {
        &self.location
    }

    /// Lists the event files, in the order that they are read in.
    ///
    /// # Errors
    /// [`ReadErrorKind::Io`] if the directory cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>, ReadError> {
        self.location.files_after(None)
    }

    /// Returns all events as they are in the files, in order.
    pub fn events(&self) -> Events {
        Events { records: Records::new(self.location.clone()), tags: Default::default() }
    }

    /// Returns a pass over all events that allocates nothing per event: see [`Scan`].
    ///
    /// It has all points, as with [`Points::Raw`]: what supersedes others comes later in the files.
    pub fn scan(&self) -> Scan {
        Scan::new(Records::new(self.location.clone()))
    }

    /// Returns a pass over the points that count, by [`with_points`](Self::with_points).
    ///
    /// Unless that is [`Points::Raw`], the files are read to their ends first, to find what later
    /// points supersede. Memory grows with tags and restarts, never with points.
    ///
    /// # Errors
    /// Returns the first error of reading a file.
    pub fn scan_points(&self) -> Result<Scan, ReadError> {
        let mut first = None;
        let scan = self.find_points(|error| {
            first.get_or_insert(error);
            false
        });
        first.map_or(Ok(scan), Err)
    }

    /// Returns a pass over the points that count, as [`scan_points`](Self::scan_points), also where
    /// files are damaged: `on_error` is called with each error that the first pass meets, and what
    /// can be read counts. The pass that is returned meets the same errors again.
    pub fn scan_points_lossy(&self, mut on_error: impl FnMut(ReadError)) -> Scan {
        self.find_points(|error| {
            on_error(error);
            true
        })
    }

    /// Finds the points that count; goes on after an error while `on_error` returns true.
    fn find_points(&self, on_error: impl FnMut(ReadError) -> bool) -> Scan {
        if self.points == Points::Raw {
            return self.scan();
        }
        let mut found = FindCuts::new(self.points, |_: &Tags, _: Entry<'_>| {});
        let mut scan = self.scan();
        visit_while(&mut scan, &mut found, on_error);
        let cuts = RunCuts { events: scan.events(), ..found.cuts };
        Scan::filtered(Records::new(self.location.clone()), cuts)
    }

    /// Reads what the run has: tags, counts, steps and times, without keeping points.
    ///
    /// Where points were superseded the files are read twice.
    ///
    /// # Errors
    /// Returns the first error of reading a file.
    #[doc(alias = "tags")]
    pub fn index(&self) -> Result<RunIndex, ReadError> {
        let mut first = None;
        let index = self.find_index(|error| {
            first.get_or_insert(error);
            false
        });
        first.map_or(Ok(index), Err)
    }

    /// Reads what the run has, as [`index`](Self::index), also where files are damaged: `on_error`
    /// is called with each error, and what can be read is in the index.
    ///
    /// ```
    /// use tfevents::read::Run;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let index = Run::open(dir.path())?.index_lossy(|error| eprintln!("warning: {error}"));
    /// assert_eq!(index.points(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn index_lossy(&self, mut on_error: impl FnMut(ReadError)) -> RunIndex {
        self.find_index(|error| {
            on_error(error);
            true
        })
    }

    /// Reads the index; goes on after an error while `on_error` returns true.
    fn find_index(&self, on_error: impl FnMut(ReadError) -> bool) -> RunIndex {
        if let Some((files, threads)) = self.files_side_by_side() {
            if let Some(index) = parallel::index(self, &files, threads) {
                return index;
            }
        }
        let mut index = RunIndex::default();
        let mut scan = self.scan();
        let add = |tags: &Tags, entry: Entry<'_>| index.add(tags, &entry);
        let mut found = FindCuts::new(self.points, add);
        if !visit_while(&mut scan, &mut found, on_error) {
            return index;
        }
        let cuts = RunCuts { events: scan.events(), ..found.cuts };
        let truncated = scan.truncated();
        if !cuts.is_empty() {
            let mut counted = RunIndex::default();
            let mut scan = Scan::filtered(Records::new(self.location.clone()), cuts);
            let mut add = |tags: &Tags, entry: Entry<'_>| counted.add(tags, &entry);
            // The first pass has reported what is damaged.
            while scan.for_each(&mut add).is_err() {}
            for (tag, all) in counted.tags.iter_mut().zip(&index.tags) {
                tag.superseded = all.points - tag.points;
            }
            index = counted;
        }
        index.set_metadata(scan.tags());
        index.events = scan.events();
        index.truncated = truncated;
        index
    }

    /// Reads the points of a scalar.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// Returns the first error of reading a file.
    pub fn scalars(&self, tag: &str) -> Result<Scalars, ReadError> {
        Ok(self.read_scalars(Some(tag))?.take(tag))
    }

    /// Reads all scalars, and can go on when the run has grown: see [`RunScalars`].
    ///
    /// # Errors
    /// Returns the first error of reading a file.
    pub fn all_scalars(&self) -> Result<RunScalars, ReadError> {
        self.read_scalars(None)
    }

    /// Reads the histograms of a tag.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// The first that a file gives; [`ReadErrorKind::Value`] if a value is not what it should be.
    pub fn histograms(&self, tag: &str) -> Result<Series<HistogramValue>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Histogram(histogram) => Some(histogram),
            _ => None,
        })
    }

    /// Reads the images of a tag, a batch per step.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn images(&self, tag: &str) -> Result<Series<Images<'static>>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Images(images) => Some(images.into_owned()),
            _ => None,
        })
    }

    /// Reads the sounds of a tag, a batch per step.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn audio(&self, tag: &str) -> Result<Series<AudioClips<'static>>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Audio(audio) => Some(audio.into_owned()),
            _ => None,
        })
    }

    /// Reads the text of a tag.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn texts(&self, tag: &str) -> Result<Series<TextValue<'static>>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Text(text) => Some(text.into_owned()),
            _ => None,
        })
    }

    /// Reads the tensors of a tag without a known plugin.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn tensors(&self, tag: &str) -> Result<Series<TensorValue<'static>>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Tensor(tensor) => Some(tensor.into_owned()),
            _ => None,
        })
    }

    /// Reads the precision-recall curves of a tag.
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn pr_curves(&self, tag: &str) -> Result<Series<PrCurveValue>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::PrCurve(curve) => Some(curve),
            _ => None,
        })
    }

    /// Reads the part of a mesh that a tag has: see [`MeshPart`].
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn meshes(&self, tag: &str) -> Result<Series<MeshPart<'static>>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Mesh(part) => Some(part.into_owned()),
            _ => None,
        })
    }

    /// Reads the graphs of a tag. The run's own graph is [`graph`](Self::graph).
    ///
    /// The result is empty if the run has no such tag, or the tag is of another kind:
    /// [`index`](Self::index) lists the tags and their kinds.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn graphs(&self, tag: &str) -> Result<Series<GraphValue<'static>>, ReadError> {
        self.series(tag, |data| match data {
            ValueData::Graph(graph) => Some(graph.into_owned()),
            _ => None,
        })
    }

    /// Reads what the run says about hyperparameters, in file order: an experiment, and starts and
    /// ends of its session.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn hparams(&self) -> Result<Vec<HParamsValue>, ReadError> {
        let mut found = Vec::new();
        self.visit_values(|_, value| {
            if value.plugin() == "hparams" {
                if let ValueData::HParams(hparams) = value.data()? {
                    found.push(hparams);
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Reads the run's graph, an encoded `GraphDef`: the last one, which TensorBoard shows.
    ///
    /// # Errors
    /// Returns the first error of reading a file.
    pub fn graph(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let mut found = None;
        self.scan().for_each(|_, entry| {
            if let Entry::Event(event) = entry {
                if let Payload::Graph(graph) = event.payload() {
                    found = Some(graph.clone());
                }
            }
        })?;
        Ok(found)
    }

    /// Reads the layout of the custom scalars dashboard: the last one, which TensorBoard shows.
    ///
    /// # Errors
    /// As [`histograms`](Self::histograms).
    pub fn layout(&self) -> Result<Option<LayoutValue>, ReadError> {
        let mut layouts = self.series("custom_scalars__config__", |data| match data {
            ValueData::Layout(layout) => Some(layout),
            _ => None,
        })?;
        Ok(layouts.pop())
    }

    fn visit_values(
        &self,
        visit: impl FnMut(TagId, &Value<'_>) -> Result<(), ValueError>,
    ) -> Result<(), ReadError> {
        self.scan().visit_dyn(&mut Values(visit))
    }

    fn series<T>(
        &self,
        tag: &str,
        take: impl Fn(ValueData<'_>) -> Option<T>,
    ) -> Result<Series<T>, ReadError> {
        let mut visitor = OneTag {
            tag,
            known: 0,
            wanted: None,
            restarts: Restarts::new(self.points),
            series: Series::default(),
            take,
        };
        let mut scan = self.scan();
        scan.visit_dyn(&mut visitor)?;
        if let Some(tag) = visitor.wanted {
            visitor.series.set_metadata(scan.tags().shared_metadata(tag));
        }
        Ok(visitor.series)
    }
}

/// Reads up to the end of the files; goes on after an error while `on_error` returns true. Returns
/// whether it came to the end.
fn visit_while(
    scan: &mut Scan,
    visitor: &mut impl Visitor,
    mut on_error: impl FnMut(ReadError) -> bool,
) -> bool {
    while let Err(error) = scan.visit(visitor) {
        if !on_error(error) {
            return false;
        }
    }
    true
}

/// Keeps the values of a tag that is no scalar.
struct OneTag<'a, T, F> {
    tag: &'a str,
    /// The number of tags when it was last looked for.
    known: usize,
    wanted: Option<TagId>,
    restarts: Restarts,
    series: Series<T>,
    take: F,
}

impl<T, F: Fn(ValueData<'_>) -> Option<T>> OneTag<'_, T, F> {
    fn cut(&mut self, restart: Restart) {
        match restart {
            Restart::All(step) => self.series.cut(step),
            Restart::Ascending(tag, step) | Restart::Tag(tag, step) if Some(tag) == self.wanted => {
                self.series.cut(step);
            }
            _ => {}
        }
    }
}

impl<T, F: Fn(ValueData<'_>) -> Option<T>> Visitor for OneTag<'_, T, F> {
    #[inline]
    fn scalar(&mut self, _: &Tags, event: u64, tag: TagId, point: Point) {
        let restart = self.restarts.value(event, tag, point.step);
        if restart != Restart::None {
            self.cut(restart);
        }
    }

    fn other(&mut self, tags: &Tags, event: u64, entry: Entry<'_>) -> Result<(), ValueError> {
        if tags.len() != self.known {
            self.known = tags.len();
            self.wanted = tags.get(self.tag);
        }
        let restart = self.restarts.entry(event, &entry);
        self.cut(restart);
        if let Entry::Value { tag, wall_time, step, value } = entry {
            if Some(tag) == self.wanted {
                if let Some(value) = (self.take)(value.data()?) {
                    self.series.push(wall_time, step, value);
                }
            }
        }
        Ok(())
    }
}

/// Calls a closure with all values that are no scalars.
struct Values<F>(F);

impl<F: FnMut(TagId, &Value<'_>) -> Result<(), ValueError>> Visitor for Values<F> {
    fn scalar(&mut self, _: &Tags, _: u64, _: TagId, _: Point) {}

    fn other(&mut self, _: &Tags, _: u64, entry: Entry<'_>) -> Result<(), ValueError> {
        match entry {
            Entry::Value { tag, value, .. } => self.0(tag, value),
            _ => Ok(()),
        }
    }
}

/// All events of a run as they are in the files, file after file: see [`Run::events`].
///
/// A file that is damaged beyond a point gives an error, and the next file follows. At the end the
/// iterator returns `None`. Asked again later, it goes on with what was appended to the last file,
/// and with files that have appeared after it. As in TensorBoard's Python reader, a file is not
/// read any more once a later one is.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let mut events = Run::open(dir.path())?.events();
/// writer.add_scalar("loss", 0.5, 7);
/// writer.flush()?;
/// // The version of the file, and the scalar; later perhaps more.
/// assert_eq!(events.by_ref().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Events {
    records: Records,
    tags: super::Tags,
}

impl Events {
    /// Returns the file of the last event, or error.
    pub fn path(&self) -> Option<&Path> {
        self.records.path()
    }

    /// Returns the offset of the last event, or error, in its file.
    pub fn offset(&self) -> u64 {
        self.records.offset()
    }

    /// Returns the files that were left in the middle of a record, without the last file: its rest
    /// may still come.
    pub fn truncated(&self) -> &[TruncatedRecord] {
        self.records.truncated()
    }
}

impl Iterator for Events {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.records.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let data = self.records.data();
        match Event::decode(data, &mut Vec::new()) {
            Ok(mut event) => {
                event.set_tag_metadata(&mut self.tags);
                Some(Ok(event))
            }
            Err(source) => {
                let kind = ReadErrorKind::Decode { length: data.len() as u64, source };
                Some(Err(ReadError::new(self.records.path(), self.records.offset(), kind)))
            }
        }
    }
}
