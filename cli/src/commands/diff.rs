//! `diff`: what differs between two runs, or the runs of two log directories.

use super::export::push_hparam;
use crate::outcome::{Outcome, Result};
use crate::output::escape::escape;
use crate::output::json::Json;
use crate::output::numbers::count;
use crate::output::numbers::f32_text;
use crate::output::table::{Align, Cell, Table};
use crate::output::terminal::{Style, paint};
use crate::output::{self};
use crate::selection::{Filter, Found, Range};
use crate::source::{Damage, visit};
use anyhow::bail;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use tfevents::read::{Entry, HParam, HParamsValue, Kind, Point, ValueData};

/// Compare two runs: hyperparameters, tags, values, the first step that differs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A and B are runs, or log directories, whose runs are compared by name. Equal scalars are counted only.

Examples:
  tfevents diff logs/a logs/b
  tfevents diff before after --tolerance 1e-4 --exit-code    for CI: status 1 if they differ
  tfevents diff logs/a logs/b -t accuracy --best max")]
pub(crate) struct Args {
    /// A run or log directory
    a: PathBuf,
    /// Another one
    b: PathBuf,
    /// Values are equal if they differ by no more than this
    #[arg(long, value_name = "X", default_value_t = 0.0, hide_default_value = true)]
    tolerance: f64,
    /// Exit with status 1 if something differs
    #[arg(long)]
    exit_code: bool,
    /// Which value is the best one: min or max
    #[arg(
        long,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    best: super::hparams::Best,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The differences between two runs.
#[derive(Debug, Default)]
struct Difference {
    run: String,
    hparams: Vec<(String, Option<HParam>, Option<HParam>)>,
    /// Tags, with whether they are in A.
    tags: Vec<(String, bool)>,
    scalars: Vec<Scalar>,
    /// The differences of other kinds, in words.
    others: Vec<(String, String)>,
    equal: u64,
}

/// A scalar that differs.
#[derive(Debug)]
struct Scalar {
    tag: String,
    last: [Option<Point>; 2],
    best: [Option<Point>; 2],
    first_step: i64,
}

impl Difference {
    fn is_empty(&self) -> bool {
        self.hparams.is_empty()
            && self.tags.is_empty()
            && self.scalars.is_empty()
            && self.others.is_empty()
    }
}

pub(crate) fn run(args: &Args) -> Result {
    if args.tolerance.is_nan() || args.tolerance < 0.0 {
        bail!("invalid --tolerance {} (expected a number from 0 on)", args.tolerance);
    }
    let find = |dir: &PathBuf| {
        let dirs = crate::selection::Dirs { dirs: vec![dir.clone()] };
        dirs.find(&args.filter, args.range.points())
    };
    let (a, b) = (find(&args.a)?, find(&args.b)?);
    let mut alone = Vec::new();
    let pairs: Vec<(&Found, &Found)> = match (&a[..], &b[..]) {
        ([a], [b]) => vec![(a, b)],
        _ => {
            let in_a = |name: &str| a.iter().any(|found| found.name == name);
            alone.extend(b.iter().filter(|b| !in_a(&b.name)).map(|b| (b.name.clone(), false)));
            let mut pairs = Vec::new();
            for a in &a {
                match b.iter().find(|b| b.name == a.name) {
                    Some(b) => pairs.push((a, b)),
                    None => alone.push((a.name.clone(), true)),
                }
            }
            pairs
        }
    };
    alone.sort();
    let compared = crate::selection::map_parallel(&pairs, |(a, b)| compare(a, b, args));
    let mut differences = Vec::new();
    for (difference, damage) in compared {
        damage.iter().for_each(Damage::report);
        differences.push(difference);
    }
    output::to_stdout(|out| {
        if args.json {
            out.write_all(&json(&alone, &differences))
        } else {
            text(out, &alone, &differences)
        }
    })?;
    let is_equal = alone.is_empty() && differences.iter().all(Difference::is_empty);
    Ok(if args.exit_code && !is_equal { Outcome::Finding } else { Outcome::Success })
}

/// The compared contents of a run.
struct Contents {
    /// In the order of their first values.
    tags: Vec<(String, Kind, Vec<Point>, u64)>,
    hparams: BTreeMap<String, HParam>,
    damage: Damage,
}

fn read(found: &Found, args: &Args) -> Contents {
    let mut damage = Damage::new(found);
    let mut tags: Vec<(String, Kind, Vec<Point>, u64)> = Vec::new();
    let mut numbers: Vec<Option<usize>> = Vec::new();
    let mut hparams = BTreeMap::new();
    visit(&found.run, &args.filter, &args.range, &mut damage, |known, entry| {
        let (id, point) = match &entry {
            Entry::Scalar { tag, point } => (*tag, Some(*point)),
            Entry::Value { tag, value, .. } => {
                if let Ok(ValueData::HParams(HParamsValue::SessionStart(start))) = value.data() {
                    hparams.extend(start.hparams);
                }
                (*tag, None)
            }
            _ => return,
        };
        if numbers.len() <= id.index() {
            numbers.resize(id.index() + 1, None);
        }
        let at = *numbers[id.index()].get_or_insert_with(|| {
            tags.push((known.name(id).to_owned(), known.kind(id), Vec::new(), 0));
            tags.len() - 1
        });
        tags[at].2.extend(point);
        tags[at].3 += 1;
    });
    // Times and ids of a session are no content.
    tags.retain(|(_, kind, _, _)| *kind != Kind::HParams);
    Contents { tags, hparams, damage }
}

fn compare(a: &Found, b: &Found, args: &Args) -> (Difference, [Damage; 2]) {
    let (in_a, in_b) = (read(a, args), read(b, args));
    let mut difference = Difference { run: a.name.clone(), ..Difference::default() };
    let names: std::collections::BTreeSet<_> =
        in_a.hparams.keys().chain(in_b.hparams.keys()).collect();
    for name in names {
        let (a, b) = (in_a.hparams.get(name), in_b.hparams.get(name));
        if a != b {
            difference.hparams.push((name.clone(), a.cloned(), b.cloned()));
        }
    }
    let by_name: BTreeMap<&str, usize> =
        in_b.tags.iter().enumerate().map(|(at, tag)| (tag.0.as_str(), at)).collect();
    for (tag, kind, points, count) in &in_a.tags {
        let Some(&at) = by_name.get(tag.as_str()) else {
            difference.tags.push((tag.clone(), true));
            continue;
        };
        let (_, other_kind, other_points, other_count) = &in_b.tags[at];
        if kind != other_kind {
            difference.others.push((tag.clone(), format!("{kind} and {other_kind}")));
        } else if *kind != Kind::Scalar {
            if count == other_count {
                difference.equal += 1;
            } else {
                let text = format!("{kind}, {count} and {other_count} values");
                difference.others.push((tag.clone(), text));
            }
        } else if let Some(first_step) = first_difference(points, other_points, args.tolerance) {
            let best = |points: &[Point]| best(points, args.best);
            difference.scalars.push(Scalar {
                tag: tag.clone(),
                last: [points.last().copied(), other_points.last().copied()],
                best: [best(points), best(other_points)],
                first_step,
            });
        } else {
            difference.equal += 1;
        }
    }
    let in_a_names: std::collections::BTreeSet<_> =
        in_a.tags.iter().map(|tag| tag.0.as_str()).collect();
    let only_b = in_b.tags.iter().filter(|tag| !in_a_names.contains(tag.0.as_str()));
    difference.tags.extend(only_b.map(|tag| (tag.0.clone(), false)));
    (difference, [in_a.damage, in_b.damage])
}

/// Returns the first step at which two series differ: in value, or because one has no such step.
fn first_difference(a: &[Point], b: &[Point], tolerance: f64) -> Option<i64> {
    let is_equal = |a: f32, b: f32| {
        a == b || (a.is_nan() && b.is_nan()) || (f64::from(a) - f64::from(b)).abs() <= tolerance
    };
    for (a, b) in a.iter().zip(b) {
        if a.step != b.step {
            return Some(a.step.min(b.step));
        }
        if !is_equal(a.value, b.value) {
            return Some(a.step);
        }
    }
    let longer = if a.len() > b.len() { a } else { b };
    longer.get(a.len().min(b.len())).map(|point| point.step)
}

fn best(points: &[Point], best: super::hparams::Best) -> Option<Point> {
    let numbers = points.iter().copied().filter(|point| !point.value.is_nan());
    numbers.reduce(|a, b| {
        let is_better = match best {
            super::hparams::Best::Min => b.value < a.value,
            super::hparams::Best::Max => b.value > a.value,
        };
        if is_better { b } else { a }
    })
}

/// Returns the difference of two values that are there.
fn delta(points: &[Option<Point>; 2]) -> Option<f32> {
    let [Some(a), Some(b)] = points else { return None };
    Some((f64::from(b.value) - f64::from(a.value)) as f32)
}

fn text(
    out: &mut dyn Write,
    alone: &[(String, bool)],
    differences: &[Difference],
) -> io::Result<()> {
    let side = |out: &mut dyn Write, what: &str, name: &str, in_a: bool| {
        let (sign, style) = if in_a { ("-", Style::Red) } else { ("+", Style::Green) };
        let line = format!("{sign} {what} {}", escape(name));
        writeln!(out, "{}", paint(&line, style))
    };
    for (run, in_a) in alone {
        side(out, "run", run, *in_a)?;
    }
    for difference in differences {
        if differences.len() > 1 && !difference.is_empty() {
            let run = escape(&difference.run);
            writeln!(out, "{}", paint(&format!("run {run}"), Style::Bold))?;
        }
        for (name, a, b) in &difference.hparams {
            let value = |value: &Option<HParam>| {
                let text = value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
                escape(&text).into_owned()
            };
            writeln!(out, "hyperparameter {}: {} -> {}", escape(name), value(a), value(b))?;
        }
        for (tag, in_a) in &difference.tags {
            side(out, "tag", tag, *in_a)?;
        }
        for (tag, text) in &difference.others {
            writeln!(out, "tag {}: {}", escape(tag), escape(text))?;
        }
        if !difference.scalars.is_empty() {
            scalars_table(&difference.scalars).write(out)?;
        }
        if difference.equal > 0 {
            writeln!(out, "{} equal", count(difference.equal, "tag"))?;
        }
    }
    Ok(())
}

fn scalars_table(scalars: &[Scalar]) -> Table {
    use Align::{Left, Right};
    let names =
        ["TAG", "LAST A", "LAST B", "DELTA", "BEST A", "BEST B", "DELTA", "DIFFER FROM STEP"];
    let align = |at| if at == 0 { Left } else { Right };
    let mut table = Table::new(names.into_iter().enumerate().map(|(at, name)| (name, align(at))));
    for scalar in scalars {
        let value = |point: Option<Point>| Cell::optional(point.map(|point| f32_text(point.value)));
        let delta = |points| {
            Cell::optional(delta(points).map(|delta| {
                let sign = if delta > 0.0 { "+" } else { "" };
                format!("{sign}{}", f32_text(delta))
            }))
        };
        table.row([
            Cell::new(&scalar.tag),
            value(scalar.last[0]),
            value(scalar.last[1]),
            delta(&scalar.last),
            value(scalar.best[0]),
            value(scalar.best[1]),
            delta(&scalar.best),
            Cell::new(scalar.first_step.to_string()),
        ]);
    }
    table
}

fn json(alone: &[(String, bool)], differences: &[Difference]) -> Vec<u8> {
    let mut json = Json::default();
    let names = |json: &mut Json, list: &[(String, bool)], in_a: bool| {
        json.open('[');
        for (name, _) in list.iter().filter(|(_, of_a)| *of_a == in_a) {
            json.string(name);
        }
        json.close(']');
    };
    json.open('{').key("only_a");
    names(&mut json, alone, true);
    json.key("only_b");
    names(&mut json, alone, false);
    json.key("runs").open('[');
    for difference in differences {
        json.open('{').key("run").string(&difference.run).key("hparams").open('[');
        for (name, a, b) in &difference.hparams {
            json.open('{').key("name").string(name);
            for (key, value) in [("a", a), ("b", b)] {
                json.key(key);
                push_hparam(&mut json, value.as_ref().unwrap_or(&HParam::Unset));
            }
            json.close('}');
        }
        json.close(']').key("only_a");
        names(&mut json, &difference.tags, true);
        json.key("only_b");
        names(&mut json, &difference.tags, false);
        json.key("scalars").open('[');
        for scalar in &difference.scalars {
            json.open('{').key("tag").string(&scalar.tag);
            let pairs = [("last_a", scalar.last[0]), ("last_b", scalar.last[1])];
            let best = [("best_a", scalar.best[0]), ("best_b", scalar.best[1])];
            for (key, point) in pairs.into_iter().chain(best) {
                json.key(key).optional(point.map(|point| point.value), Json::f32);
            }
            json.key("first_step").int(scalar.first_step).close('}');
        }
        json.close(']').key("others").open('[');
        for (tag, text) in &difference.others {
            json.open('{').key("tag").string(tag).key("what").string(text).close('}');
        }
        json.close(']').key("equal").int(difference.equal).close('}');
    }
    json.close(']').close('}').end_line();
    json.take()
}
