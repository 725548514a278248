//! A run's files made into one, without the points that no longer count.

use super::Error;
use crate::engine::{head, next_path, second_after};
use crate::read::{self, EventReader};
use crate::storage::{Failed, Local, Storage, Temporary, remove_abandoned};
use crate::summary::WallTime;
use crate::wire::event::{self, Payload, Stamp};
use crate::wire::messages::{self, event::What, session_log::SessionStatus};
use crate::wire::record;
use prost::Message;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// So many bytes are written at a time.
const CHUNK: usize = 128 << 10;

/// What [`compact()`] did.
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
    /// How many files there were.
    pub files: usize,
    /// How many values are kept.
    pub values: u64,
    /// How many values were dropped.
    pub dropped: u64,
    /// The file that there is now; `None` if there was nothing.
    pub path: Option<PathBuf>,
}

/// Makes one event file of all that a run's directory has, without the points that were logged
/// again or left behind by a resumed session.
///
/// Kept is what TensorBoard's data server would show, and no sample of it: a value counts until
/// its tag is logged at the same or an earlier step, or a session starts at such a step. Graphs
/// are kept once. Records are copied byte by byte, but for those of which only some values count;
/// what describes a tag stays with the first that does. Child runs are not touched.
///
/// The file is written beside the others, synced and renamed, and then the others are removed:
/// whenever this ends, the run is whole. It reads everything twice, and takes memory by the number
/// of tags. Nobody may log into the run meanwhile.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents::read::RunReader;
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
/// assert_eq!(RunReader::open(path)?.scalars()?["loss"].len(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a file cannot be read or is damaged (a truncated record at its end is no damage: no reader shows
/// it), or the new one cannot be written. The run is then as it was, or holds both the old files
/// and the new one, which shows the same.
pub fn compact(run: impl AsRef<Path>) -> Result<CompactReport, Error> {
    compact_on(&Local, run.as_ref())
}

pub(super) fn compact_on(storage: &dyn Storage, dir: &Path) -> Result<CompactReport, Error> {
    let scan = Scan::new(dir, None)?;
    if scan.files.len() == 1 && scan.is_clean() {
        let path = scan.files.into_iter().next();
        return Ok(CompactReport { files: 1, values: scan.values, dropped: 0, path });
    }
    scan.write(storage, dir)
}

/// The same, also without all that lies at `step` or later; only if there is something to drop.
pub(super) fn cut(storage: &dyn Storage, dir: &Path, step: i64) -> Result<(), Error> {
    let scan = Scan::new(dir, Some(step))?;
    if scan.is_clean() {
        return Ok(());
    }
    scan.write(storage, dir).map(drop)
}

/// Points in the order of the files from which all before, at this step or later, no longer count.
#[derive(Debug, Default)]
struct Cuts {
    /// The number of the event, and the step; once all are known, the least from there on.
    cuts: Vec<(u64, i64)>,
    /// The first that comes after the event at hand.
    next: usize,
}

impl Cuts {
    fn finish(&mut self) {
        let mut least = i64::MAX;
        for (_, step) in self.cuts.iter_mut().rev() {
            least = least.min(*step);
            *step = least;
        }
    }

    /// Whether something at `step` in event `number` counts. Asked in the order of the events.
    fn keep(&mut self, number: u64, step: i64) -> bool {
        while self.cuts.get(self.next).is_some_and(|(at, _)| *at <= number) {
            self.next += 1;
        }
        self.cuts.get(self.next).is_none_or(|(_, least)| step < *least)
    }
}

/// A tag's last step, where its steps went back, and how it is shown.
#[derive(Debug)]
struct Series {
    last: i64,
    cuts: Cuts,
    /// Of its first value, which alone has it in the files of some writers; until one that counts
    /// is written.
    metadata: Option<messages::SummaryMetadata>,
}

/// What a first look at all files finds.
#[derive(Debug)]
struct Scan {
    files: Vec<PathBuf>,
    tags: HashMap<String, Series>,
    starts: Cuts,
    /// The last event with a graph of each kind.
    graph: Option<u64>,
    meta_graph: Option<u64>,
    graphs: u64,
    values: u64,
    least: Option<i64>,
    most: Option<i64>,
    wall_time: Option<f64>,
}

impl Scan {
    fn new(dir: &Path, end: Option<i64>) -> Result<Self, Error> {
        let mut scan = Self {
            files: read::event_files(dir).map_err(Error::Read)?,
            tags: HashMap::new(),
            starts: Cuts::default(),
            graph: None,
            meta_graph: None,
            graphs: 0,
            values: 0,
            least: None,
            most: None,
            wall_time: None,
        };
        let mut number = 0;
        for file in &scan.files.clone() {
            let mut reader = EventReader::open(file).map_err(Error::Read)?;
            while let Some(event) = reader.next_message() {
                scan.look_at(number, event.map_err(Error::Read)?);
                number += 1;
            }
        }
        if let Some(step) = end {
            scan.start(number, step);
        }
        scan.starts.finish();
        scan.tags.values_mut().for_each(|series| series.cuts.finish());
        Ok(scan)
    }

    fn look_at(&mut self, number: u64, event: messages::Event) {
        self.wall_time.get_or_insert(event.wall_time);
        let step = event.step;
        match event.what {
            Some(What::Summary(summary)) => {
                self.least = Some(self.least.map_or(step, |least| least.min(step)));
                self.most = self.most.max(Some(step));
                self.values += summary.value.len() as u64;
                for value in summary.value {
                    match self.tags.get_mut(&value.tag) {
                        Some(series) => {
                            // What still counts has ascending steps: the last is the greatest.
                            if step <= series.last {
                                series.cuts.cuts.push((number, step));
                            }
                            series.last = step;
                        }
                        None => {
                            let (cuts, metadata) = (Cuts::default(), value.metadata);
                            self.tags.insert(value.tag, Series { last: step, cuts, metadata });
                        }
                    }
                }
            }
            Some(What::SessionLog(log)) if log.status() == SessionStatus::Start => {
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

    /// Nothing before, at this step or later, counts any more.
    fn start(&mut self, number: u64, step: i64) {
        if self.most.is_some_and(|most| most >= step) {
            self.starts.cuts.push((number, step));
        }
    }

    /// Whether all of it counts.
    fn is_clean(&self) -> bool {
        self.graphs == 0
            && self.starts.cuts.is_empty()
            && self.tags.values().all(|series| series.cuts.cuts.is_empty())
    }

    /// Writes what counts into a new file that takes the place of the others.
    fn write(mut self, storage: &dyn Storage, dir: &Path) -> Result<CompactReport, Error> {
        if self.files.is_empty() {
            return Ok(CompactReport::default());
        }
        let names = self.files.iter().filter_map(|file| file.file_name());
        let path = next_path(dir, second_after(names), "");
        let mut out = Output::create(storage, dir)?;
        let dropped = self.write_into(&mut out)?;
        out.file.rename(&path)?;
        storage.sync_dir(dir).map_err(|error| Failed::new("sync", dir, error))?;
        for file in &self.files {
            storage.remove_file(file).map_err(|error| Failed::new("remove", file, error))?;
        }
        let values = self.values - dropped;
        Ok(CompactReport { files: self.files.len(), values, dropped, path: Some(path) })
    }

    /// Returns how many values are left out.
    fn write_into(&mut self, out: &mut Output<'_>) -> Result<u64, Error> {
        let wall_time = self.wall_time.filter(|time| time.is_finite());
        let wall_time = wall_time.unwrap_or_else(|| WallTime::now().as_secs_f64());
        out.bytes = head(wall_time);
        // For a reader that has seen the old files: all of theirs is dropped for what follows.
        let stamp = Stamp { wall_time, step: self.least.unwrap_or(0) };
        for _ in 0..2 {
            out.push(|bytes| {
                event::put_event(bytes, stamp, Payload::SessionLog, event::SESSION_START);
            });
        }
        let (mut number, mut dropped) = (0, 0);
        for path in &self.files.clone() {
            let mut reader = EventReader::open(path).map_err(Error::Read)?;
            while let Some(event) = reader.next_message() {
                let mut event = event.map_err(Error::Read)?;
                let before = event_values(&event);
                let whole = self.keep(number, &mut event);
                dropped += before - event_values(&event);
                match whole {
                    Some(true) => out.push(|bytes| bytes.extend_from_slice(reader.data())),
                    Some(false) => out.push(|bytes| bytes.extend(event.encode_to_vec())),
                    None => {}
                }
                out.write(CHUNK)?;
                number += 1;
            }
        }
        out.write(1)?;
        out.file.sync()?;
        Ok(dropped)
    }

    /// Leaves the values in an event that count. `None` if it goes as a whole, true if it stays
    /// as it is.
    fn keep(&mut self, number: u64, event: &mut messages::Event) -> Option<bool> {
        let step = event.step;
        match &mut event.what {
            Some(What::FileVersion(_)) => None,
            Some(What::SessionLog(log)) if log.status() == SessionStatus::Start => None,
            Some(What::GraphDef(_)) => (self.graph == Some(number)).then_some(true),
            Some(What::MetaGraphDef(_)) => (self.meta_graph == Some(number)).then_some(true),
            Some(What::Summary(summary)) => {
                let before = summary.value.len();
                let counts = self.starts.keep(number, step);
                summary.value.retain(|value| {
                    let series = self.tags.get_mut(&value.tag);
                    counts && series.is_none_or(|series| series.cuts.keep(number, step))
                });
                let after = summary.value.len();
                let mut described = false;
                for value in &mut summary.value {
                    described |= self.describe(value);
                }
                (after > 0 || before == 0).then_some(after == before && !described)
            }
            _ => Some(true),
        }
    }

    /// Gives the first value of a tag what describes it, if that stood in one that goes; says
    /// whether it did.
    fn describe(&mut self, value: &mut messages::summary::Value) -> bool {
        let known = self.tags.get_mut(&value.tag).and_then(|series| series.metadata.take());
        let says_nothing = |metadata: &_| *metadata == messages::SummaryMetadata::default();
        let lacks = value.metadata.as_ref().is_none_or(says_nothing) && known.is_some();
        if lacks {
            value.metadata = known;
        }
        lacks
    }
}

fn event_values(event: &messages::Event) -> u64 {
    match &event.what {
        Some(What::Summary(summary)) => summary.value.len() as u64,
        _ => 0,
    }
}

/// The new file, written in large pieces.
struct Output<'a> {
    file: Temporary<'a>,
    bytes: Vec<u8>,
}

impl<'a> Output<'a> {
    fn create(storage: &'a dyn Storage, dir: &Path) -> Result<Self, Failed> {
        remove_abandoned(storage, dir);
        Ok(Self { file: Temporary::create(storage, dir, "compact")?, bytes: Vec::new() })
    }

    /// Adds a record whose data `write` appends.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = record::open(&mut self.bytes);
        write(&mut self.bytes);
        record::close(&mut self.bytes, start);
    }

    /// Writes what was added, if it is at least so many bytes.
    fn write(&mut self, min: usize) -> Result<(), Failed> {
        if self.bytes.len() < min {
            return Ok(());
        }
        record::seal(&mut self.bytes);
        let result = self.file.write_all(&self.bytes);
        self.bytes.clear();
        result
    }
}
