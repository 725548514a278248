//! Which points count: the rules by which TensorBoard's readers drop those of an earlier session.

use super::cuts::RunCuts;
use super::scan::{Entry, Visitor};
use super::{Event, Payload, Point, SessionEvent, TagId, Tags, ValueError};

/// Which points of a series to read, when a training went back to an earlier step.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents::read::{Points, Run};
///
/// # let dir = tempfile::tempdir()?;
/// let writer = SummaryWriter::new(dir.path())?;
/// for step in [0, 1, 2, 3, 2, 3, 4] {
///     writer.add_scalar("loss", step as f32, step);
/// }
/// writer.close()?;
///
/// let run = Run::open(dir.path())?;
/// assert_eq!(run.scalars("loss")?.steps(), [0, 1, 2, 3, 4]);
/// let raw = run.with_points(Points::Raw).scalars("loss")?;
/// assert_eq!(raw.steps(), [0, 1, 2, 3, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Points {
    /// All points, in the order of the files.
    Raw,
    /// The points that TensorBoard's data server would show if it took no sample: a point
    /// supersedes the earlier points of its tag at the same or later steps.
    #[default]
    DataServer,
    /// The points that TensorBoard's Python reader (`--load_fast=false`) would show if it took no
    /// sample: a session start, other than the first of a run, supersedes all earlier points at
    /// the same or later steps. In files without a version, an event at an earlier step than the
    /// event before supersedes points of its tags.
    PythonReader,
}

/// Finds restarts by the rule of a reader, in the order of the events.
#[derive(Clone, Debug)]
pub(super) struct Restarts {
    points: Points,
    /// By tag: the step of the last value.
    last: Vec<Option<i64>>,
    /// By tag: the first value.
    first: Vec<Option<Value>>,
    /// By tag: the smallest step, if there is a first value.
    smallest: Vec<i64>,
    has_version: bool,
    has_start: bool,
    /// The number and the step of the last summary.
    last_event: Option<u64>,
    last_step: i64,
    /// The summary goes back, in a file without a version.
    goes_back: bool,
}

impl Restarts {
    pub(super) fn new(points: Points) -> Self {
        Self {
            points,
            last: Vec::new(),
            first: Vec::new(),
            smallest: Vec::new(),
            has_version: false,
            has_start: false,
            last_event: None,
            last_step: -1,
            goes_back: false,
        }
    }

    /// Returns what an entry supersedes. Must be called for every entry of a run, in
    /// order.
    pub(super) fn entry(&mut self, event: u64, entry: &Entry<'_>) -> Restart {
        match entry {
            Entry::Scalar { tag, point } => self.value(event, *tag, point.step),
            Entry::Value { tag, step, .. } => self.value(event, *tag, *step),
            Entry::Event(event) => self.event(event),
        }
    }

    /// Returns what a value supersedes.
    #[inline]
    pub(super) fn value(&mut self, event: u64, tag: TagId, step: i64) -> Restart {
        match self.points {
            Points::Raw => Restart::None,
            Points::DataServer => {
                let Some(last) = self.last.get_mut(tag.index()) else {
                    return self.first_value(event, tag, step);
                };
                // Steps of the points that count ascend, so the last is the largest.
                match last.replace(step) {
                    Some(last) if step <= last => self.go_back(tag, step),
                    Some(_) => Restart::None,
                    None => self.first_value(event, tag, step),
                }
            }
            Points::PythonReader => {
                if self.last_event != Some(event) {
                    self.last_event = Some(event);
                    self.goes_back = !self.has_version && step < self.last_step;
                    self.last_step = step;
                }
                if self.goes_back { Restart::Tag(tag, step) } else { Restart::None }
            }
        }
    }

    #[cold]
    fn first_value(&mut self, event: u64, tag: TagId, step: i64) -> Restart {
        let len = self.last.len().max(tag.index() + 1);
        self.last.resize(len, None);
        self.first.resize(len, None);
        self.smallest.resize(len, i64::MAX);
        self.last[tag.index()] = Some(step);
        self.smallest[tag.index()] = step;
        self.first[tag.index()] = Some(Value { event, step });
        Restart::None
    }

    #[cold]
    fn go_back(&mut self, tag: TagId, step: i64) -> Restart {
        if let Some(smallest) = self.smallest.get_mut(tag.index()) {
            *smallest = step.min(*smallest);
        }
        Restart::Ascending(tag, step)
    }

    /// Returns the smallest step of each tag, as far as restarts depend on it.
    pub(super) fn smallest_steps(&self) -> impl Iterator<Item = Option<i64>> {
        self.first.iter().zip(&self.smallest).map(|(first, step)| first.map(|_| *step))
    }

    /// Returns the first and the last value of each tag, as far as restarts depend on them.
    pub(super) fn ends(&self) -> Vec<Option<Ends>> {
        let ends = |(first, last): (&Option<Value>, &Option<i64>)| {
            Some(Ends { first: (*first)?, last_step: (*last)? })
        };
        self.first.iter().zip(&self.last).map(ends).collect()
    }

    /// Goes on with the steps of a later file, whose tags have these numbers here.
    pub(super) fn append(&mut self, later: &Self, ids: &[TagId]) {
        for (last, id) in later.last.iter().zip(ids) {
            if let Some(last) = last {
                if self.last.len() <= id.index() {
                    self.last.resize(id.index() + 1, None);
                    self.first.resize(id.index() + 1, None);
                    self.smallest.resize(id.index() + 1, i64::MAX);
                }
                self.last[id.index()] = Some(*last);
            }
        }
    }

    fn event(&mut self, event: &Event) -> Restart {
        match event.payload() {
            Payload::FileVersion(version) => {
                let number = version.strip_prefix("brain.Event:");
                let number = number.and_then(|number| number.parse::<f64>().ok());
                self.has_version = number.is_some_and(|number| number >= 2.0);
            }
            Payload::SessionLog(log) if log.status == Some(SessionEvent::Start) => {
                let counts = self.points == Points::PythonReader && self.has_version;
                if counts && std::mem::replace(&mut self.has_start, true) {
                    return Restart::All(event.step());
                }
            }
            _ => {}
        }
        Restart::None
    }
}

/// The first and the last value of a tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) first: Value,
    pub(super) last_step: i64,
}

/// A value: the number of its event, and its step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) event: u64,
    pub(super) step: i64,
}

/// The earlier values that an entry supersedes: those at a step or later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Restart {
    None,
    /// Of a tag whose steps ascend.
    Ascending(TagId, i64),
    Tag(TagId, i64),
    /// Of all tags.
    All(i64),
}

/// Finds what does not count, for a second pass, and passes everything on.
pub(super) struct FindCuts<F> {
    restarts: Restarts,
    pub(super) cuts: RunCuts,
    visit: F,
}

impl<F: FnMut(&Tags, Entry<'_>)> FindCuts<F> {
    pub(super) fn new(points: Points, visit: F) -> Self {
        Self { restarts: Restarts::new(points), cuts: RunCuts::default(), visit }
    }

    /// Returns the first and the last value of each tag, as far as restarts depend on them.
    pub(super) fn ends(&self) -> Vec<Option<Ends>> {
        self.restarts.ends()
    }

    #[cold]
    fn cut(&mut self, event: u64, restart: Restart) {
        match restart {
            Restart::None => {}
            Restart::Ascending(tag, step) | Restart::Tag(tag, step) => {
                self.cuts.tag(tag).push(event, step);
            }
            Restart::All(step) => self.cuts.all.push(event, step),
        }
    }
}

impl<F: FnMut(&Tags, Entry<'_>)> Visitor for FindCuts<F> {
    #[inline]
    fn scalar(&mut self, tags: &Tags, event: u64, tag: TagId, point: Point) {
        let restart = self.restarts.value(event, tag, point.step);
        if restart != Restart::None {
            self.cut(event, restart);
        }
        (self.visit)(tags, Entry::Scalar { tag, point });
    }

    fn other(&mut self, tags: &Tags, event: u64, entry: Entry<'_>) -> Result<(), ValueError> {
        let restart = self.restarts.entry(event, &entry);
        self.cut(event, restart);
        (self.visit)(tags, entry);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::cuts::Cuts;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cuts_keep_what_truncation_keeps(steps in proptest::collection::vec(-3i64..12, 0..60)) {
            let mut kept: Vec<(usize, i64)> = Vec::new();
            let (mut restarts, mut cuts) = (Restarts::new(Points::DataServer), Cuts::default());
            for (event, &step) in steps.iter().enumerate() {
                kept.retain(|&(_, earlier)| earlier < step);
                kept.push((event, step));
                let point = Point { wall_time: 0.0, step, value: 0.0 };
                let entry = Entry::Scalar { tag: TagId(0), point };
                if restarts.entry(event as u64, &entry) != Restart::None {
                    cuts.push(event as u64, step);
                }
            }
            let found: Vec<_> = steps
                .iter()
                .copied()
                .enumerate()
                .filter(|&(event, step)| cuts.keeps(event as u64, step))
                .collect();
            prop_assert_eq!(found, kept);
        }
    }
}
