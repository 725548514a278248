//! Trials, found in the runs as TensorBoard's HParams dashboard does.

use super::Best;
use crate::selection::{Filter, Found, Range, map_parallel};
use crate::source::{Damage, visit};
use anyhow::bail;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use tfevents::read::{
    Entry, ExperimentValue, HParam, HParamsValue, Kind, Point, RunIndex, RunState, TrialStatus,
    ValueData,
};

/// The trials of a log directory.
#[derive(Debug, Default)]
pub(super) struct Trials {
    /// The names of the hyperparameters.
    pub(super) hparams: Vec<String>,
    pub(super) metrics: Vec<Metric>,
    pub(super) list: Vec<Trial>,
}

/// A scalar of a trial's run, or of a run below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Metric {
    /// The run below the trial's; empty for that run itself.
    pub(super) group: String,
    pub(super) tag: String,
    display_name: String,
}

impl Metric {
    /// Returns what the metric is called.
    pub(super) fn label(&self) -> String {
        match (self.display_name.as_str(), self.group.as_str()) {
            ("", "") => self.tag.clone(),
            ("", group) => format!("{group}/{}", self.tag),
            (name, _) => name.to_owned(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Trial {
    pub(super) run: String,
    pub(super) hparams: BTreeMap<String, HParam>,
    /// In the order of the metrics.
    pub(super) metrics: Vec<Option<MetricPoints>>,
    pub(super) status: &'static str,
}

/// The points of a metric that matter.
#[derive(Clone, Copy, Debug)]
pub(super) struct MetricPoints {
    pub(super) last: Point,
    min: Option<Point>,
    max: Option<Point>,
}

impl MetricPoints {
    /// Returns the best point; `None` if all values are NaN.
    pub(super) fn best(&self, best: Best) -> Option<Point> {
        if best == Best::Min { self.min } else { self.max }
    }
}

/// The contents of a run that were read.
struct ReadRun {
    index: RunIndex,
    values: Vec<HParamsValue>,
    state: Option<RunState>,
    damage: Damage,
}

impl Trials {
    /// Reads the trials among the runs; of the filter the runs are trials, and the tags metrics.
    pub(super) fn read(runs: &[Found], filter: &Filter) -> Self {
        let read = map_parallel(runs, read_run);
        read.iter().for_each(|read| read.damage.report());
        let experiment = read.iter().flat_map(|read| &read.values).find_map(|value| match value {
            HParamsValue::Experiment(experiment) => Some(experiment),
            _ => None,
        });
        let starts: BTreeMap<&str, usize> = runs
            .iter()
            .enumerate()
            .filter(|(at, _)| read[*at].values.iter().any(is_start))
            .map(|(at, found)| (found.name.as_str(), at))
            .collect();
        let mut metrics = match experiment {
            Some(experiment) if !experiment.metrics.is_empty() => declared(experiment),
            _ => found_metrics(runs, &read, &starts),
        };
        metrics.retain(|metric| filter.has_tag(&metric.tag));
        let mut trials = Self { metrics, ..Self::default() };
        let by_name: BTreeMap<&str, &ReadRun> =
            runs.iter().zip(&read).map(|(found, read)| (found.name.as_str(), read)).collect();
        for (found, read) in runs.iter().zip(&read) {
            if starts.contains_key(found.name.as_str()) && filter.has_run(&found.name) {
                let trial = Trial::new(&found.name, read, &trials.metrics, &by_name);
                trials.list.push(trial);
            }
        }
        let declared = experiment.map_or(&[][..], |experiment| &experiment.hparams);
        let is_used =
            |name: &&String| trials.list.iter().any(|trial| trial.hparams.contains_key(*name));
        trials.hparams = declared.iter().filter(is_used).cloned().collect();
        let names: BTreeSet<&String> =
            trials.list.iter().flat_map(|trial| trial.hparams.keys()).collect();
        let rest: Vec<_> =
            names.into_iter().filter(|name| !declared.contains(name)).cloned().collect();
        trials.hparams.extend(rest);
        trials
    }

    /// Finds a metric by its tag, its name in any case, or the last part of its tag.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub(super) fn find_metric(&self, name: &str) -> anyhow::Result<usize> {
        let last_part = |tag: &str| tag.rsplit('/').next().unwrap_or_default().to_owned();
        let rules: [&dyn Fn(&Metric) -> bool; 4] = [
            &|metric| metric.tag == name && metric.group.is_empty(),
            &|metric| metric.tag == name,
            &|metric| metric.label().to_lowercase() == name.to_lowercase(),
            &|metric| last_part(&metric.tag) == name,
        ];
        let mut several = false;
        for rule in rules {
            let found: Vec<_> =
                (0..self.metrics.len()).filter(|&at| rule(&self.metrics[at])).collect();
            match found[..] {
                [at] => return Ok(at),
                [] => {}
                _ => several = true,
            }
        }
        let labels: Vec<_> = self.metrics.iter().map(Metric::label).collect();
        let what = if several { "more than one metric is called" } else { "no metric is called" };
        bail!("{what} {name:?} (expected one of: {})", labels.join(", "))
    }

    /// Sorts the trials, the best one first, and those without a value last.
    pub(super) fn sort(&mut self, metric: usize, best: Best) {
        let key = |trial: &Trial| {
            let point = trial.metrics[metric].and_then(|points| points.best(best));
            point.map(|point| point.value)
        };
        self.list.sort_by(|a, b| match (key(a), key(b)) {
            (Some(a), Some(b)) if best == Best::Min => a.total_cmp(&b),
            (Some(a), Some(b)) => b.total_cmp(&a),
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (None, None) => Ordering::Equal,
        });
    }
}

impl Trial {
    fn new(run: &str, read: &ReadRun, metrics: &[Metric], runs: &BTreeMap<&str, &ReadRun>) -> Self {
        let mut trial = Self {
            run: run.to_owned(),
            hparams: BTreeMap::new(),
            metrics: Vec::new(),
            status: if read.state == Some(RunState::Live) { "running" } else { "unknown" },
        };
        for value in &read.values {
            match value {
                HParamsValue::SessionStart(start) => trial.hparams = start.hparams.clone(),
                HParamsValue::SessionEnd(end) => {
                    trial.status = match end.status {
                        Some(TrialStatus::Success) => "success",
                        Some(TrialStatus::Failure) => "failure",
                        Some(TrialStatus::Running) => "running",
                        _ => "unknown",
                    }
                }
                _ => {}
            }
        }
        trial.metrics = metrics
            .iter()
            .map(|metric| {
                let read = runs.get(below(run, &metric.group).as_str())?;
                let tag = read.index.tag(&metric.tag)?;
                Some(MetricPoints { last: tag.last?, min: tag.min, max: tag.max })
            })
            .collect();
        trial
    }
}

fn is_start(value: &HParamsValue) -> bool {
    matches!(value, HParamsValue::SessionStart(_))
}

/// Returns the name of a run below another.
fn below(run: &str, group: &str) -> String {
    match (run, group) {
        (run, "") => run.to_owned(),
        (".", group) => group.to_owned(),
        (run, group) => format!("{run}/{group}"),
    }
}

fn declared(experiment: &ExperimentValue) -> Vec<Metric> {
    let metrics = experiment.metrics.iter().map(|metric| Metric {
        group: metric.group.clone(),
        tag: metric.tag.clone(),
        display_name: metric.display_name.clone(),
    });
    metrics.collect()
}

/// Finds all scalars of trials and of the runs below them.
fn found_metrics(runs: &[Found], read: &[ReadRun], starts: &BTreeMap<&str, usize>) -> Vec<Metric> {
    let mut metrics = BTreeSet::new();
    for (found, read) in runs.iter().zip(read) {
        let Some(group) = group(&found.name, starts) else { continue };
        let scalars = read.index.tags().iter().filter(|tag| tag.kind() == Kind::Scalar);
        metrics.extend(scalars.map(|tag| Metric {
            group: group.to_owned(),
            tag: tag.name().to_owned(),
            display_name: String::new(),
        }));
    }
    metrics.into_iter().collect()
}

/// Returns a run's name below that of its trial: the one with the longest name that it is in.
fn group<'a>(run: &'a str, starts: &BTreeMap<&str, usize>) -> Option<&'a str> {
    if starts.contains_key(run) {
        return Some("");
    }
    let slashes = run.rmatch_indices('/').map(|(at, _)| at);
    let in_trial = slashes.into_iter().find(|&at| starts.contains_key(&run[..at]));
    match in_trial {
        Some(at) => Some(&run[at + 1..]),
        None => starts.contains_key(".").then_some(run),
    }
}

fn read_run(found: &Found) -> ReadRun {
    let mut damage = Damage::new(found);
    let index = found.run.index_lossy(|error| damage.add(error));
    let mut values = Vec::new();
    if index.tags().iter().any(|tag| tag.kind() == Kind::HParams) {
        let filter = Filter { run: None, tag: None };
        let range = Range { steps: None, last: None, every: None, raw: true };
        // The damage is known by now.
        visit(&found.run, &filter, &range, &mut Damage::new(found), |_, entry| {
            let Entry::Value { value, .. } = entry else { return };
            if let (Kind::HParams, Ok(ValueData::HParams(value))) = (value.kind(), value.data()) {
                values.push(value);
            }
        });
    }
    let state = found.run.status().ok().map(|status| status.state);
    ReadRun { index, values, state, damage }
}
