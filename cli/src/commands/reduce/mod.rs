//! `reduce`: statistics over runs, such as those of several seeds.

mod groups;
mod runs;

use crate::outcome::{Outcome, Result};
use crate::output::csv::Dialect;
use crate::output::numbers::count;
use crate::output::numbers::{push_f32, push_int};
use crate::output::{self, terminal};
use crate::selection::{Dirs, Filter, Range};
use crate::stats::Op;
use anyhow::bail;
use groups::Group;
use regex::Regex;
use std::path::{Path, PathBuf};

/// Reduce runs, such as those of several seeds, to mean, spread and quantiles per step
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Groups are the runs for which the (first) group of --by captures the same. Steps that too few runs
of a group share are left out, and counted. With -o the first statistic has the tag itself, the
others are TAG/OP, and the Custom Scalars dashboard has a chart with a band.

Examples:
  tfevents reduce logs > mean.csv
  tfevents reduce logs --by '^(.*)/seed\\d+' -o reduced
  tfevents reduce logs --ops median,q25,q75 --min-runs 3 -t '^val/'")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    /// Groups by the part of a run's name that this captures; default: one group, 'all'
    #[arg(long, value_name = "REGEX")]
    by: Option<Regex>,
    /// Of mean, std, sem, min, max, median, q25 (any percentage), iqm; default: mean,std,min,max
    #[arg(long, value_name = "OPS", value_delimiter = ',', value_parser = Op::parse)]
    #[arg(default_value = "mean,std,min,max", hide_default_value = true)]
    ops: Vec<(Op, String)>,
    /// Degrees of freedom taken off for std and sem: 0 or 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1))]
    ddof: u32,
    /// Keep the steps that at least N runs share; default: all runs of the group
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    min_runs: Option<u64>,
    /// A new log directory for TensorBoard, with a run per group; with --format csv a file
    #[arg(short, long, value_name = "LOGDIR")]
    output: Option<PathBuf>,
    /// csv; default without -o
    #[arg(short, long, value_enum, hide_possible_values = true)]
    format: Option<Format>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
}

pub(crate) fn run(args: &Args) -> Result {
    let runs = args.dirs.find(&args.filter, args.range.points())?;
    let (names, left_out) = groups::group(&runs, args.by.as_ref());
    if let (true, Some(by)) = (names.is_empty() && !runs.is_empty(), &args.by) {
        let runs = count(runs.len() as u64, "run");
        bail!("none of {runs} below {} matches --by {:?}", args.dirs.list(), by.as_str());
    }
    if left_out > 0 {
        terminal::note(format_args!(
            "left out {} that --by does not match",
            count(left_out, "run")
        ));
    }
    let groups = names.into_iter().map(|(name, runs)| Group::read(name, &runs, args));
    match (&args.output, args.format) {
        (Some(out), None) => runs::write(groups, out, args)?,
        (out, _) => write_csv(groups, out.as_deref(), args)?,
    }
    Ok(Outcome::Success)
}

/// Writes `group,tag,step,count,OP,…`.
fn write_csv(
    groups: impl Iterator<Item = Group>,
    path: Option<&Path>,
    args: &Args,
) -> anyhow::Result<()> {
    let escaped = output::is_terminal(path);
    let dialect = Dialect { delimiter: b',', escaped, guarded: false };
    output::write_to(path, |out| {
        let mut text = Vec::new();
        let ops = args.ops.iter().map(|(_, name)| name.as_str());
        dialect.push_line(&mut text, ["group", "tag", "step", "count"].into_iter().chain(ops));
        for group in groups {
            for series in &group.tags {
                for (step, values) in series.steps() {
                    for name in [&group.name, &series.tag] {
                        dialect.push_text(&mut text, name);
                        text.push(b',');
                    }
                    push_int(&mut text, step);
                    text.push(b',');
                    push_int(&mut text, values.len());
                    for (op, _) in &args.ops {
                        text.push(b',');
                        if let Some(value) = op.of(values, args.ddof) {
                            push_f32(&mut text, value as f32);
                        }
                    }
                    text.push(b'\n');
                }
                out.write_all(&text)?;
                text.clear();
            }
            group.report();
        }
        Ok(out.write_all(&text)?)
    })
}
