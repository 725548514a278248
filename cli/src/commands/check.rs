//! `check`: what is wrong with a training, for CI and cron.

use crate::outcome::{Outcome, Result};
use crate::output::escape::escape;
use crate::output::numbers::count;
use crate::output::{self, numbers, terminal};
use crate::progress::Progress;
use crate::selection::{Dirs, Filter, Found, Range, map_parallel};
use crate::source::{Damage, visit};
use anyhow::bail;
use std::time::{Duration, SystemTime};
use tfevents::read::{Entry, Points, RunState};

/// Check trainings for NaN, stalled or diverged runs, and steps that go back
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prints a line per finding, and exits with status 1 if there are any. Without an option it checks --nan.

Examples:
  tfevents check logs --nan -t loss || exit 1     fail a CI job when the loss is NaN
  tfevents check logs --stalled 10m               for cron: nothing is printed while all is well
  tfevents check logs --diverged train/loss")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    /// Scalars that are NaN or infinite
    #[arg(long)]
    nan: bool,
    /// Runs that have not ended, and whose files have not changed for so long: 90s, 10m, 2h, 1d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    stalled: Option<Duration>,
    /// Runs in which this scalar ends not finite or higher than it began (medians of up to 5 points)
    #[arg(long, value_name = "TAG")]
    diverged: Option<String>,
    /// Tags whose steps go back, as after a restart
    #[arg(long)]
    steps_back: bool,
    #[command(flatten)]
    filter: Filter,
}

/// Parses a duration with a unit.
pub(super) fn parse_duration(text: &str) -> std::result::Result<Duration, String> {
    let expected = || "expected a number and a unit: 90s, 10m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let seconds = match unit {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        _ => return Err(expected()),
    };
    let number: f64 = text[..text.len() - 1].trim().parse().map_err(|_| expected())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| expected())
}

pub(crate) fn run(args: &Args) -> Result {
    let runs = args.dirs.find(&args.filter, Points::Raw)?;
    let progress = Progress::start(runs.len());
    let checked = map_parallel(&runs, |found| check(found, args));
    drop(progress);
    let mut is_clean = true;
    output::to_stdout(|out| {
        for (found, checked) in runs.iter().zip(&checked) {
            checked.damage.report();
            for finding in &checked.findings {
                is_clean = false;
                writeln!(out, "{}: {}", escape(&found.name), escape(finding))?;
            }
        }
        Ok(())
    })?;
    // A misspelled tag must not look like a training without faults.
    if !checked.iter().any(|checked| checked.is_selected) {
        if let Some(tag) = &args.diverged {
            bail!("no scalar {tag:?} in {}", count(runs.len() as u64, "run"));
        }
        if args.filter.tag.is_some() && args.stalled.is_none() {
            terminal::note("no tags are selected");
        }
    }
    Ok(if is_clean { Outcome::Success } else { Outcome::Finding })
}

/// The observations of a run.
struct Checked {
    findings: Vec<String>,
    damage: Damage,
    /// Whether it has the scalar of [`Args::diverged`], or else any of the selected tags.
    is_selected: bool,
}

/// The observations of a tag.
#[derive(Clone, Default)]
struct Tag {
    /// Step and value of the first that is not finite, and how many there are.
    not_finite: Option<(i64, f32)>,
    count: u64,
    last_step: Option<i64>,
    /// The first steps back, from and to, and how many there are.
    back: Option<(i64, i64)>,
    backs: u64,
}

/// The number of points at the start and the end that [`Args::diverged`] compares.
const ENDS: usize = 5;

fn check(found: &Found, args: &Args) -> Checked {
    let mut damage = Damage::new(found);
    let mut findings = Vec::new();
    if let Some(limit) = args.stalled {
        match found.run.status() {
            Ok(status) => {
                let is_open = matches!(status.state, RunState::Live | RunState::Unknown);
                let age = status.modified.map(|at| SystemTime::now().duration_since(at));
                if let (true, Some(Ok(age))) = (is_open, age)
                    && age > limit
                {
                    let age = numbers::age(age.as_secs());
                    findings.push(format!("stalled: no change for {age}, and no end"));
                }
            }
            Err(error) => damage.add(error),
        }
    }
    let checks_nan =
        args.nan || (args.stalled.is_none() && args.diverged.is_none() && !args.steps_back);
    if !checks_nan && !args.steps_back && args.diverged.is_none() {
        return Checked { findings, damage, is_selected: false };
    }
    let mut tags: Vec<Tag> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let (mut first, mut last) = (Vec::new(), std::collections::VecDeque::new());
    let range = Range { steps: None, last: None, every: None, raw: true };
    visit(&found.run, &args.filter, &range, &mut damage, |known, entry| {
        let (tag, step, value) = match entry {
            Entry::Scalar { tag, point } => (tag, point.step, Some(point.value)),
            Entry::Value { tag, step, .. } => (tag, step, None),
            _ => return,
        };
        if tags.len() <= tag.index() {
            names.extend(known.iter().skip(names.len()).map(|tag| known.name(tag).to_owned()));
            tags.resize(names.len(), Tag::default());
        }
        let name = &names[tag.index()];
        let tag = &mut tags[tag.index()];
        if let Some(from) = tag.last_step.replace(step).filter(|&last| step < last) {
            tag.back.get_or_insert((from, step));
            tag.backs += 1;
        }
        let Some(value) = value else { return };
        if !value.is_finite() {
            tag.not_finite.get_or_insert((step, value));
            tag.count += 1;
        }
        if args.diverged.as_ref() == Some(name) {
            if first.len() < ENDS {
                first.push(value);
            }
            if last.len() == ENDS {
                last.pop_front();
            }
            last.push_back(value);
        }
    });
    for (name, tag) in names.iter().zip(&tags) {
        if let (true, Some((step, value))) = (checks_nan, tag.not_finite) {
            let value = numbers::f32_text(value);
            let count = match tag.count {
                1 => String::new(),
                count => format!(" ({count} values are not finite)"),
            };
            findings.push(format!("{name:?} is {value} at step {step}{count}"));
        }
        if let (true, Some((from, to))) = (args.steps_back, tag.back) {
            let count =
                if tag.backs == 1 { String::new() } else { format!(" ({} times)", tag.backs) };
            findings.push(format!("steps of {name:?} go back from {from} to {to}{count}"));
        }
    }
    let mut is_selected = !names.is_empty();
    if let Some(name) = &args.diverged {
        is_selected = !first.is_empty();
        findings.extend(diverged(name, &first, last.make_contiguous()));
    }
    Checked { findings, damage, is_selected }
}

/// Returns how a scalar diverged, if it did.
fn diverged(name: &str, first: &[f32], last: &[f32]) -> Option<String> {
    if last.last().is_some_and(|value| !value.is_finite()) {
        return Some(format!("{name:?} diverged: it ends not finite"));
    }
    let (first, last) = (median(first)?, median(last)?);
    (last > first).then(|| {
        let (first, last) = (numbers::f32_text(first), numbers::f32_text(last));
        format!("{name:?} diverged: from {first} to {last}")
    })
}

fn median(values: &[f32]) -> Option<f32> {
    let mut finite: Vec<_> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.sort_by(f32::total_cmp);
    finite.get(finite.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let seconds = |text| parse_duration(text).map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("1.5m"), Ok(90.0));
        assert_eq!(seconds("2h"), Ok(7200.0));
        assert_eq!(seconds("1d"), Ok(86_400.0));
        for wrong in ["", "10", "m", "-1s", "1w", "NaNs", "1é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
