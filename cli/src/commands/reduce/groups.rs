//! The points of a group of runs, tag by tag and step by step.

use super::Args;
use crate::output::numbers::count;
use crate::output::terminal;
use crate::selection::{Found, map_parallel};
use crate::source::{Damage, visit};
use regex::Regex;
use std::collections::HashMap;
use tfevents::read::{Entry, Tags};

/// Returns the groups in the order of their first runs, and how many runs are in none.
pub(super) fn group<'a>(
    runs: &'a [Found],
    by: Option<&Regex>,
) -> (Vec<(String, Vec<&'a Found>)>, u64) {
    let mut groups: Vec<(String, Vec<&Found>)> = Vec::new();
    let mut left_out = 0;
    for found in runs {
        let name = match by {
            None => "all",
            Some(by) => match by.captures(&found.name) {
                // Without a group in the expression, all that it matches.
                Some(captures) => captures.get(1).or(captures.get(0)).map_or("", |m| m.as_str()),
                None => {
                    left_out += 1;
                    continue;
                }
            },
        };
        match groups.iter_mut().find(|(known, _)| known == name) {
            Some((_, members)) => members.push(found),
            None => groups.push((name.to_owned(), vec![found])),
        }
    }
    (groups, left_out)
}

/// The points of a group.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) runs: usize,
    pub(super) tags: Vec<Series>,
    min_runs: usize,
    /// Steps that too few runs share, of all.
    left_out: u64,
    all: u64,
    /// Tags of which no step is left.
    empty: Vec<String>,
}

/// The points of a tag.
pub(super) struct Series {
    pub(super) tag: String,
    /// Step, and where its values begin.
    steps: Vec<(i64, usize)>,
    /// Sorted within a step.
    values: Vec<f64>,
    /// Of each step: the wall time in the first run that has it.
    pub(super) wall_times: Vec<f64>,
}

impl Series {
    /// Returns the steps with their values, sorted by size.
    pub(super) fn steps(&self) -> impl Iterator<Item = (i64, &[f64])> {
        self.steps.iter().enumerate().map(|(at, &(step, start))| {
            let end = self.steps.get(at + 1).map_or(self.values.len(), |&(_, end)| end);
            (step, &self.values[start..end])
        })
    }
}

/// A point of one of the runs.
#[derive(Clone, Copy)]
struct RunPoint {
    step: i64,
    run: u32,
    value: f32,
    wall_time: f64,
}

/// The tags of a run with their points.
type RunPoints = Vec<(String, Vec<RunPoint>)>;

impl Group {
    /// Reads the runs of a group side by side.
    pub(super) fn read(name: String, runs: &[&Found], args: &Args) -> Self {
        let numbered: Vec<_> = runs.iter().zip(0..).collect();
        let read = map_parallel(&numbered, |(found, run)| read_run(found, *run, args));
        let min_runs =
            args.min_runs.map_or(runs.len(), |min| usize::try_from(min).unwrap_or(usize::MAX));
        let mut group = Self {
            name,
            runs: runs.len(),
            tags: Vec::new(),
            min_runs,
            left_out: 0,
            all: 0,
            empty: Vec::new(),
        };
        let mut tags: Vec<(String, Vec<RunPoint>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (points, damage) in read {
            damage.report();
            for (tag, points) in points {
                match known.get(&tag) {
                    Some(&at) => tags[at].1.extend(points),
                    None => {
                        known.insert(tag.clone(), tags.len());
                        tags.push((tag, points));
                    }
                }
            }
        }
        for (tag, points) in tags {
            group.add(tag, points);
        }
        group
    }

    fn add(&mut self, tag: String, mut points: Vec<RunPoint>) {
        // Stable: of several points of a run at a step the last counts.
        points.sort_by_key(|point| (point.step, point.run));
        let mut series =
            Series { tag, steps: Vec::new(), values: Vec::new(), wall_times: Vec::new() };
        for step in points.chunk_by(|a, b| a.step == b.step) {
            let of_runs = step.chunk_by(|a, b| a.run == b.run);
            let start = series.values.len();
            series
                .values
                .extend(of_runs.filter_map(<[_]>::last).map(|point| f64::from(point.value)));
            self.all += 1;
            if series.values.len() - start < self.min_runs {
                self.left_out += 1;
                series.values.truncate(start);
                continue;
            }
            series.values[start..].sort_by(f64::total_cmp);
            series.steps.push((step[0].step, start));
            series.wall_times.push(step[0].wall_time);
        }
        if series.steps.is_empty() {
            self.empty.push(series.tag);
        } else {
            self.tags.push(series);
        }
    }

    /// Notes what was left out.
    pub(super) fn report(&self) {
        if self.left_out == 0 {
            return;
        }
        let Self { name, left_out, all, min_runs, runs, .. } = self;
        let mut text = format!(
            "group {name:?}: left out {left_out} of {} that fewer than {min_runs} of {} share",
            count(*all, "step"),
            count(*runs as u64, "run")
        );
        if let [first, others @ ..] = self.empty.as_slice() {
            let others = match others.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            text += &format!(", all of {first:?}{others}");
        }
        terminal::note(format_args!("{text} (see --min-runs)"));
    }
}

fn read_run(found: &Found, run: u32, args: &Args) -> (RunPoints, Damage) {
    let mut damage = Damage::new(found);
    let mut points: RunPoints = Vec::new();
    let mut known: Vec<Option<usize>> = Vec::new();
    visit(&found.run, &args.filter, &args.range, &mut damage, |tags: &Tags, entry| {
        let Entry::Scalar { tag, point } = entry else { return };
        if known.len() <= tag.index() {
            known.resize(tag.index() + 1, None);
        }
        let at = *known[tag.index()].get_or_insert_with(|| {
            points.push((tags.name(tag).to_owned(), Vec::new()));
            points.len() - 1
        });
        let (step, value, wall_time) = (point.step, point.value, point.wall_time);
        points[at].1.push(RunPoint { step, run, value, wall_time });
    });
    (points, damage)
}
