//! Runs as the commands read them: selected points, and damage that does not end the reading.

use crate::output::numbers::count;
use crate::output::terminal;
use crate::progress;
use crate::selection::{Filter, Found, Range};
use tfevents::read::{Entry, Kind, ReadError, Run, Scan, TagId, Tags};

/// How many damaged records of a run are reported one by one.
const REPORTED: usize = 3;

/// The errors in the files of a run.
#[derive(Debug)]
pub(crate) struct Damage {
    run: String,
    errors: Vec<String>,
    more: u64,
}

impl Damage {
    pub(crate) fn new(found: &Found) -> Self {
        Self { run: found.name.clone(), errors: Vec::new(), more: 0 }
    }

    pub(crate) fn add(&mut self, error: ReadError) {
        if self.errors.len() < REPORTED {
            self.errors.push(format!("{:#}", anyhow::Error::from(error)));
        } else {
            self.more += 1;
        }
    }

    /// Prints warnings.
    pub(crate) fn report(&self) {
        for error in &self.errors {
            terminal::warning(error);
        }
        if self.more > 0 {
            let (more, run) = (count(self.more, "more damaged record"), &self.run);
            terminal::warning(format_args!("{more} in the run {run:?}: see tfevents verify"));
        }
    }
}

/// The selected contents of a tag.
#[derive(Clone, Debug)]
pub(crate) struct TagSummary {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) points: u64,
    pub(crate) first_step: i64,
    pub(crate) last_step: i64,
    pub(crate) last_wall_time: f64,
    pub(crate) last_value: Option<f32>,
}

/// Summarizes the tags of a run that are selected and have points.
pub(crate) fn summarize(
    run: &Run,
    filter: &Filter,
    range: &Range,
    damage: &mut Damage,
) -> Vec<TagSummary> {
    if range.is_full() {
        let index = run.index_lossy(|error| damage.add(error));
        let tags = index.tags().iter().filter(|tag| tag.points > 0 && filter.has_tag(tag.name()));
        let summary = |tag: &tfevents::read::TagIndex| TagSummary {
            name: tag.name().to_owned(),
            kind: tag.kind(),
            points: tag.points,
            first_step: tag.first_step,
            last_step: tag.last_step,
            last_wall_time: tag.last_wall_time,
            last_value: tag.last.map(|point| point.value),
        };
        let tags = tags.map(summary).collect();
        progress::count_run();
        return tags;
    }
    let mut found: Vec<Option<TagSummary>> = Vec::new();
    visit(run, filter, range, damage, |tags, entry| {
        let Some((tag, step)) = tag_and_step(&entry) else { return };
        let (wall_time, value) = match entry {
            Entry::Scalar { point, .. } => (point.wall_time, Some(point.value)),
            Entry::Value { wall_time, .. } => (wall_time, None),
            _ => return,
        };
        if found.len() <= tag.index() {
            found.resize(tag.index() + 1, None);
        }
        let summary = found[tag.index()].get_or_insert_with(|| TagSummary {
            name: tags.name(tag).to_owned(),
            kind: tags.kind(tag),
            points: 0,
            first_step: step,
            last_step: step,
            last_wall_time: wall_time,
            last_value: None,
        });
        summary.points += 1;
        (summary.last_step, summary.last_wall_time) = (step, wall_time);
        summary.last_value = value.or(summary.last_value);
    });
    found.into_iter().flatten().collect()
}

/// Calls a function with everything in a run that is selected, in file order, with the events that
/// have no tag unless tags are selected. What is damaged is left out, and reported.
pub(crate) fn visit(
    run: &Run,
    filter: &Filter,
    range: &Range,
    damage: &mut Damage,
    mut visit: impl FnMut(&Tags, Entry<'_>),
) {
    let mut scan = run.scan_points_lossy(|error| damage.add(error));
    let mut picker = Picker::new(filter, range);
    if range.last.is_some() {
        // How many points there are is known only after a pass.
        let mut counting = run.scan_points_lossy(|_| {});
        for_each_lossy(&mut counting, |_| {}, |tags, entry| picker.count(tags, entry));
    }
    // A raw pass is the first one that meets the damage.
    let report = |error| {
        if range.raw {
            damage.add(error);
        }
    };
    let mut count = 0u64;
    for_each_lossy(&mut scan, report, |tags, entry| {
        count += 1;
        if count.is_multiple_of(progress::VALUES_PER_COUNT) {
            progress::count_values();
        }
        if picker.picks(tags, &entry) {
            visit(tags, entry);
        }
    });
    progress::count_run();
}

/// Reads up to the end of the files, past all errors.
fn for_each_lossy(
    scan: &mut Scan,
    mut on_error: impl FnMut(ReadError),
    mut visit: impl FnMut(&Tags, Entry<'_>),
) {
    while let Err(error) = scan.for_each(&mut visit) {
        on_error(error);
    }
}

/// Picks points of a run.
struct Picker<'a> {
    filter: &'a Filter,
    range: &'a Range,
    tags: Vec<Picked>,
}

/// How far a tag's points are.
#[derive(Clone, Copy, Default)]
struct Picked {
    is_selected: bool,
    /// Points in the range of steps, if they were counted.
    total: u64,
    /// Points in the range of steps so far.
    seen: u64,
}

impl<'a> Picker<'a> {
    fn new(filter: &'a Filter, range: &'a Range) -> Self {
        Self { filter, range, tags: Vec::new() }
    }

    #[inline]
    fn tag(&mut self, tags: &Tags, tag: TagId) -> &mut Picked {
        if self.tags.len() <= tag.index() {
            self.learn(tags);
        }
        &mut self.tags[tag.index()]
    }

    #[cold]
    fn learn(&mut self, tags: &Tags) {
        for tag in tags.iter().skip(self.tags.len()) {
            let is_selected = self.filter.has_tag(tags.name(tag));
            self.tags.push(Picked { is_selected, ..Picked::default() });
        }
    }

    fn count(&mut self, tags: &Tags, entry: Entry<'_>) {
        let Some((tag, step)) = tag_and_step(&entry) else { return };
        if self.range.steps.is_none_or(|steps| steps.contains(step)) {
            self.tag(tags, tag).total += 1;
        }
    }

    #[inline]
    fn picks(&mut self, tags: &Tags, entry: &Entry<'_>) -> bool {
        let Some((tag, step)) = tag_and_step(entry) else { return self.filter.tag.is_none() };
        let range = self.range;
        let picked = self.tag(tags, tag);
        if !picked.is_selected || range.steps.is_some_and(|steps| !steps.contains(step)) {
            return false;
        }
        if range.last.is_none() && range.every.is_none() {
            return true;
        }
        let skipped = range.last.map_or(0, |last| picked.total.saturating_sub(last));
        let at = picked.seen.checked_sub(skipped);
        picked.seen += 1;
        at.is_some_and(|at| at % range.every.unwrap_or(1) == 0)
    }
}

#[inline]
fn tag_and_step(entry: &Entry<'_>) -> Option<(TagId, i64)> {
    match entry {
        Entry::Scalar { tag, point } => Some((*tag, point.step)),
        Entry::Value { tag, step, .. } => Some((*tag, *step)),
        _ => None,
    }
}
