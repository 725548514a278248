//! Merging the event files of a run into one, without the points that were replaced.
//!
//! A value *counts* if TensorBoard's data server would show it, sampling aside: until its tag is
//! logged at the same or an earlier step, or a session starts at such a step.

use super::Error;
use crate::engine::{head, next_path, second_after};
use crate::read::{self, EventReader, RawEvent, RawValue, Record};
use crate::storage::{Failed, Local, Output as FileOutput, Storage};
use crate::summary::WallTime;
use crate::system::Causes;
use crate::wire::event::{self, Payload, Stamp};
use crate::wire::fields::{Field, Fields};
use crate::wire::messages::{self, event::What, session_log::SessionStatus};
use crate::wire::record;
use prost::Message;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many bytes are written at a time.
const CHUNK: usize = 128 << 10;

/// A report of what [`compact()`] kept and dropped.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 0);
/// writer.close()?;
/// let compacted = tfevents::compact(dir.path())?;
/// assert_eq!((compacted.files, compacted.values, compacted.dropped), (1, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CompactReport {
    /// The number of event files before.
    pub files: usize,
    /// The number of values that were kept.
    pub values: u64,
    /// The number of values that were dropped.
    pub dropped: u64,
    /// The path of the one event file that is left; `None` if the run had no event file.
    pub path: Option<PathBuf>,
}

/// Merges the event files of a run into one, without the points that were logged again or replaced
/// by a resumed session.
///
/// It keeps the values that TensorBoard's data server would show, all of them and no sample: a value
/// is dropped if its tag is logged again later at the same or an earlier step, or if a session
/// starts later at such a step. Of several graphs it keeps the last. Records are copied byte by
/// byte, except for those of which only some values are kept. A tag keeps the metadata of its first
/// value, which TensorBoard shows: its description, or the first session of hyperparameters. Child
/// runs are not changed.
///
/// The new file is written under another name, synced and renamed, and then the old files are
/// removed, so the run is complete whenever the process ends. The files are read twice; memory
/// grows with the number of tags, not of points. Nothing may log into the run at the same time.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// for (session, steps) in [(0, 0..10), (1, 5..20)] {
///     let writer = SummaryWriter::new(path)?;
///     for step in steps {
///         writer.add_scalar("loss", session as f32, step);
///     }
///     writer.close()?;
/// }
/// let compacted = tfevents::compact(path)?;
/// assert_eq!((compacted.files, compacted.dropped), (2, 5));
/// assert_eq!(Run::open(path)?.all_scalars()?["loss"].len(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a file cannot be read or is damaged (a truncated record at the end of a file is not damage: no
/// reader shows it), if files cannot be removed from the directory, or if the new one cannot be
/// written. The run then has the same points as before.
///
/// [`Error::NotRemoved`] if some of the old files cannot be removed once the new one is complete, for
/// example because a program has them open on Windows. Readers, TensorBoard's too, drop the points of
/// the old files when they come to the new one: each point is shown once.
pub fn compact(run: impl AsRef<Path>) -> Result<CompactReport, Error> {
    compact_on(Local, run)
}

/// Merges the event files of a run in a storage: see [`compact()`].
///
/// Where a file cannot be read any more once it is removed, as in an object store, the last old file
/// stays, because a reader may be at its end. Readers drop its points when they read the new file.
///
/// # Errors
/// As [`compact()`].
pub fn compact_on(storage: impl Storage, run: impl AsRef<Path>) -> Result<CompactReport, Error> {
    let (storage, dir): (Arc<dyn Storage>, _) = (Arc::new(storage), run.as_ref());
    let scan = Scan::new(storage.clone(), dir, None)?;
    if scan.files.len() == 1 && scan.is_clean() {
        let path = scan.files.into_iter().next();
        return Ok(CompactReport { files: 1, values: scan.values, dropped: 0, path });
    }
    if !scan.old_files().is_empty() {
        check_removal(&*storage, dir)?;
    }
    scan.write(dir)
}

/// Rewrites a run without the points at `step` or later, if it has any. Old files that cannot be
/// removed are logged and do not keep a training from starting: readers drop their points.
pub(super) fn cut(storage: &Arc<dyn Storage>, dir: &Path, step: i64) -> Result<(), Error> {
    let scan = Scan::new(storage.clone(), dir, Some(step))?;
    if scan.is_clean() {
        return Ok(());
    }
    match scan.write(dir) {
        Err(error @ Error::NotRemoved { .. }) => {
            log::warn!("{}", Causes(&error));
            Ok(())
        }
        result => result.map(drop),
    }
}

/// Checks that files can be removed: otherwise the new file would only be added to the old ones.
fn check_removal(storage: &dyn Storage, dir: &Path) -> Result<(), Failed> {
    // The name that an object store uses for its own check: where it cannot be removed, it is there
    // already.
    let path = dir.join(".probe");
    storage.replace(&path, &mut |_| Ok(())).map_err(|error| Failed::new("write", &path, error))?;
    storage.remove(&path).map_err(|error| Failed::new("remove", &path, error))
}

/// Events after which nothing before them, at their step or later, counts any more.
#[derive(Debug, Default)]
struct Cuts {
    /// The number of the event and the step. [`finish`](Self::finish) replaces the step by the
    /// minimum of it and all that follow.
    cuts: Vec<(u64, i64)>,
    /// The index of the first cut after the current event.
    next: usize,
}

impl Cuts {
    fn finish(&mut self) {
        let mut min = i64::MAX;
        for (_, step) in self.cuts.iter_mut().rev() {
            min = min.min(*step);
            *step = min;
        }
    }

    /// Returns whether a value at `step` in event `number` counts. Must be called in the order of
    /// the events.
    fn keep(&mut self, number: u64, step: i64) -> bool {
        while self.cuts.get(self.next).is_some_and(|(at, _)| *at <= number) {
            self.next += 1;
        }
        self.cuts.get(self.next).is_none_or(|(_, min)| step < *min)
    }
}

/// The last step of a tag, the events where its steps went back, and its metadata.
#[derive(Debug)]
struct Series {
    last: i64,
    cuts: Cuts,
    /// The metadata of its first value, until a value that counts is written: some writers write it
    /// with the first value alone.
    metadata: Option<messages::SummaryMetadata>,
}

/// The result of a first pass over all files.
#[derive(Debug)]
struct Scan {
    storage: Arc<dyn Storage>,
    files: Vec<PathBuf>,
    tags: HashMap<String, Series>,
    starts: Cuts,
    /// The number of events.
    events: u64,
    /// The last event with a graph of each kind.
    graph: Option<u64>,
    meta_graph: Option<u64>,
    graphs: u64,
    values: u64,
    min_step: Option<i64>,
    max_step: Option<i64>,
    wall_time: Option<f64>,
}

impl Scan {
    fn new(storage: Arc<dyn Storage>, dir: &Path, end: Option<i64>) -> Result<Self, Error> {
        let mut scan = Self {
            files: read::event_files(&storage, dir).map_err(Error::read(dir))?,
            storage,
            tags: HashMap::new(),
            starts: Cuts::default(),
            events: 0,
            graph: None,
            meta_graph: None,
            graphs: 0,
            values: 0,
            min_step: None,
            max_step: None,
            wall_time: None,
        };
        let mut number = 0;
        for file in &scan.files.clone() {
            let mut reader =
                EventReader::open_on(&*scan.storage, file).map_err(Error::read(dir))?;
            while let Some(record) = reader.next_record() {
                match record.map_err(Error::read(dir))?.1 {
                    Record::Summary(summary) => scan.look_at_summary(number, &summary),
                    Record::Other(event) => scan.look_at(number, event),
                }
                number += 1;
            }
        }
        scan.events = number;
        if let Some(step) = end {
            scan.start(number, step);
        }
        scan.starts.finish();
        scan.tags.values_mut().for_each(|series| series.cuts.finish());
        Ok(scan)
    }

    fn look_at_summary(&mut self, number: u64, summary: &RawEvent<'_>) {
        self.wall_time.get_or_insert(summary.wall_time);
        let step = summary.step;
        self.min_step = Some(self.min_step.map_or(step, |min| min.min(step)));
        self.max_step = self.max_step.max(Some(step));
        let mut values = summary.values();
        while let Some(bytes) = values.next_bytes() {
            let Ok(value) = RawValue::new(bytes) else { continue };
            self.values += 1;
            match self.tags.get_mut(value.tag) {
                Some(series) => {
                    // Values that still count have ascending steps: the last is the maximum.
                    if step <= series.last {
                        series.cuts.cuts.push((number, step));
                    }
                    series.last = step;
                }
                None => {
                    let cuts = Cuts::default();
                    let metadata = metadata(bytes);
                    self.tags.insert(value.tag.to_owned(), Series { last: step, cuts, metadata });
                }
            }
        }
    }

    fn look_at(&mut self, number: u64, event: messages::Event) {
        self.wall_time.get_or_insert(event.wall_time);
        let step = event.step;
        match event.what {
            Some(What::SessionLog(log)) if log.status == SessionStatus::Start as i32 => {
                self.start(number, step);
            }
            Some(What::GraphDef(_)) => {
                self.graphs += u64::from(self.graph.replace(number).is_some());
            }
            Some(What::MetaGraphDef(_)) => {
                self.graphs += u64::from(self.meta_graph.replace(number).is_some());
            }
            _ => {}
        }
    }

    /// Notes the start of a session: nothing before it, at this step or later, counts any more.
    fn start(&mut self, number: u64, step: i64) {
        if self.max_step.is_some_and(|max| max >= step) {
            self.starts.cuts.push((number, step));
        }
    }

    /// Returns whether everything in the files counts.
    fn is_clean(&self) -> bool {
        self.graphs == 0
            && self.starts.cuts.is_empty()
            && self.tags.values().all(|series| series.cuts.cuts.is_empty())
    }

    /// Returns the files that are removed. Where a file cannot be read any more once it is removed, the
    /// last one stays, because a reader may be at its end.
    fn old_files(&self) -> &[PathBuf] {
        match &self.files[..] {
            [old @ .., _] if !self.storage.readers_keep_removed_files() => old,
            all => all,
        }
    }

    /// Writes everything that counts to a new file and removes the others.
    fn write(mut self, dir: &Path) -> Result<CompactReport, Error> {
        if self.files.is_empty() {
            return Ok(CompactReport::default());
        }
        let names = self.files.iter().filter_map(|file| file.file_name());
        let path = next_path(dir, second_after(names), "");
        let storage = self.storage.clone();
        storage.remove_abandoned(dir);
        let mut dropped = Ok(0);
        let replaced = storage.replace(&path, &mut |file| {
            dropped =
                self.write_into(&mut Output { file, path: path.clone(), bytes: Vec::new() }, dir);
            match &dropped {
                Ok(_) => Ok(()),
                // The error itself is returned below.
                Err(_) => Err(io::Error::other("the run could not be compacted")),
            }
        });
        let dropped = dropped?;
        replaced.map_err(|error| Failed::new("write", &path, error))?;
        storage.sync_dir(dir).map_err(|error| Failed::new("sync", dir, error))?;
        let (mut left, mut first_error) = (Vec::new(), None);
        for file in self.old_files() {
            match storage.remove(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    left.push(file.clone());
                    first_error.get_or_insert(error);
                }
                _ => {}
            }
        }
        if let Some(source) = first_error {
            return Err(Error::NotRemoved { path, files: left, source });
        }
        let values = self.values - dropped;
        Ok(CompactReport { files: self.files.len(), values, dropped, path: Some(path) })
    }

    /// Writes everything that counts; returns how many values were dropped.
    fn write_into(&mut self, out: &mut Output<'_>, dir: &Path) -> Result<u64, Error> {
        let wall_time = self.wall_time.filter(|time| time.is_finite());
        let wall_time = wall_time.unwrap_or_else(|| WallTime::now().as_secs_f64());
        out.bytes = head(wall_time);
        // A reader that has read the old files drops their points.
        let stamp = Stamp { wall_time, step: self.min_step.unwrap_or(0) };
        for _ in 0..2 {
            out.push(|bytes| {
                event::put_event(bytes, stamp, Payload::SessionLog, event::SESSION_START);
            });
        }
        let mut number = 0;
        let mut dropped = 0;
        for path in &self.files.clone() {
            let mut reader =
                EventReader::open_on(&*self.storage, path).map_err(Error::read(dir))?;
            while let Some(record) = reader.next_record() {
                let (data, record) = record.map_err(Error::read(dir))?;
                let verdict = match record {
                    Record::Summary(summary) => self.keep_summary(number, &summary),
                    Record::Other(event) => self.keep(number, &event),
                };
                match verdict {
                    Keep::All => out.push(|bytes| bytes.extend_from_slice(data)),
                    Keep::Nothing(values) => dropped += values,
                    Keep::Changed => {
                        let (data, mut event) = reader.last_message().map_err(Error::read(dir))?;
                        let before = event_values(&event);
                        let is_changed = self.change(number, &mut event);
                        dropped += before - event_values(&event);
                        if is_changed {
                            out.push(|bytes| bytes.extend(event.encode_to_vec()));
                        } else {
                            out.push(|bytes| bytes.extend_from_slice(data));
                        }
                    }
                }
                out.write(CHUNK)?;
                number += 1;
            }
        }
        out.write(1)?;
        out.file.sync().map_err(|error| Failed::new("sync", &out.path, error))?;
        Ok(dropped)
    }

    /// Decides about an event that is no summary.
    fn keep(&self, number: u64, event: &messages::Event) -> Keep {
        let is_kept = match &event.what {
            Some(What::FileVersion(_)) => false,
            Some(What::SessionLog(log)) if log.status == SessionStatus::Start as i32 => false,
            // Of several sessions only the end of the last one is that of the run.
            Some(What::SessionLog(log)) if log.status == SessionStatus::Stop as i32 => {
                number + 1 == self.events
            }
            Some(What::GraphDef(_)) => self.graph == Some(number),
            Some(What::MetaGraphDef(_)) => self.meta_graph == Some(number),
            _ => true,
        };
        if is_kept { Keep::All } else { Keep::Nothing(0) }
    }

    /// Decides about a summary. Nothing is decoded or allocated for one that is kept as it is.
    fn keep_summary(&mut self, number: u64, summary: &RawEvent<'_>) -> Keep {
        let counts = self.starts.keep(number, summary.step);
        let (mut kept, mut dropped, mut is_described) = (0, 0, true);
        for value in summary.values() {
            // All tags were met by the first pass.
            let Some(series) = self.tags.get_mut(value.tag) else { continue };
            if counts && series.cuts.keep(number, summary.step) {
                kept += 1;
                is_described &= series.metadata.is_none();
            } else {
                dropped += 1;
            }
        }
        match (kept, dropped) {
            (_, 0) if is_described => Keep::All,
            (0, 1..) => Keep::Nothing(dropped),
            _ => Keep::Changed,
        }
    }

    /// Removes the values from a summary that do not count, and describes those that do. Returns
    /// whether that changed the event.
    fn change(&mut self, number: u64, event: &mut messages::Event) -> bool {
        let step = event.step;
        let Some(What::Summary(summary)) = &mut event.what else { return false };
        let before = summary.value.len();
        let counts = self.starts.keep(number, step);
        summary.value.retain(|value| {
            let series = self.tags.get_mut(&value.tag);
            counts && series.is_none_or(|series| series.cuts.keep(number, step))
        });
        let mut is_changed = summary.value.len() < before;
        for value in &mut summary.value {
            is_changed |= self.describe(value);
        }
        is_changed
    }

    /// Moves the metadata of a tag's first value to the first value that counts: TensorBoard shows
    /// no others, and a session of hyperparameters is nothing else. Returns whether that changed
    /// the value.
    fn describe(&mut self, value: &mut messages::summary::Value) -> bool {
        let known = self.tags.get_mut(&value.tag).and_then(|series| series.metadata.take());
        let Some(known) = known else { return false };
        let plugin = |metadata: &messages::SummaryMetadata| {
            metadata.plugin_data.as_ref().map(|data| data.plugin_name.clone())
        };
        let differs = value.metadata.as_ref().is_none_or(|own| {
            // Data for another plugin could not be read with metadata for this one.
            let is_empty = *own == messages::SummaryMetadata::default();
            *own != known && (is_empty || plugin(own) == plugin(&known))
        });
        if differs {
            value.metadata = Some(known);
        }
        differs
    }
}

/// The parts of an event that are written.
#[derive(Debug)]
enum Keep {
    /// All of it, byte by byte.
    All,
    /// None of so many values.
    Nothing(u64),
    /// Some of the values, or values with other metadata.
    Changed,
}

fn event_values(event: &messages::Event) -> u64 {
    match &event.what {
        Some(What::Summary(summary)) => summary.value.len() as u64,
        _ => 0,
    }
}

/// Returns the metadata of an encoded value.
fn metadata(value: &[u8]) -> Option<messages::SummaryMetadata> {
    let fields = Fields::new(value).flatten();
    let mut metadata = fields.filter_map(|field| match field {
        (9, Field::Bytes(bytes)) => Some(bytes),
        _ => None,
    });
    messages::SummaryMetadata::decode(metadata.next()?).ok()
}

/// The new file, written in large chunks.
struct Output<'a> {
    file: &'a mut dyn FileOutput,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Output<'_> {
    /// Adds a record whose data `write` appends.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = record::open(&mut self.bytes);
        write(&mut self.bytes);
        record::close(&mut self.bytes, start);
    }

    /// Writes the added records if they have at least `min` bytes.
    fn write(&mut self, min: usize) -> Result<(), Failed> {
        if self.bytes.len() < min {
            return Ok(());
        }
        record::seal(&mut self.bytes);
        let result = self.file.write_all(&self.bytes);
        self.bytes.clear();
        result.map_err(|error| Failed::new("write", &self.path, error))
    }
}
