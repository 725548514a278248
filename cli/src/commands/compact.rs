//! `compact`: one event file per run, without the points that a restart has replaced.

use super::check::parse_duration;
use crate::logdirs;
use crate::outcome::{Outcome, Result};
use crate::output::escape::escape;
use crate::output::numbers::count;
use crate::output::{self, numbers};
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tfevents::CompactReport;
use tfevents::read::Run;

/// Merge the files of a run, without the points that a restart has replaced
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Keeps what TensorBoard's data server would show without sampling. The new file is complete before the
old ones are removed. Nothing may write to the run meanwhile.

Examples:
  tfevents compact logs/train
  tfevents compact --quiet-for 10m logs/*/")]
pub(crate) struct Args {
    /// Directories of runs, or their URLs in an object store
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Refuse a run whose newest file has changed within this time
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "60s")]
    quiet_for: Duration,
    /// Compact a run that may still be written to
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args) -> Result {
    // All are looked at before the first is changed.
    let bytes = args.runs.iter().map(|run| check(run, args)).collect::<anyhow::Result<Vec<_>>>()?;
    for (run, bytes) in args.runs.iter().zip(bytes) {
        let report = merge(run).with_context(|| format!("failed to compact {}", run.display()))?;
        let after = open(run)?.status()?.bytes;
        let (values, dropped) = (count(report.values, "value"), report.dropped);
        let (before, after) = (numbers::size(bytes), numbers::size(after));
        let files = count(report.files as u64, "file");
        let run = run.display().to_string();
        output::to_stdout(|out| {
            let run = escape(&run);
            writeln!(
                out,
                "{run}: {files} to 1, {before} to {after}, {values} kept, {dropped} dropped"
            )
        })?;
    }
    Ok(Outcome::Success)
}

fn open(path: &Path) -> anyhow::Result<Run> {
    let logdir = logdirs::open(path)?;
    let run = logdir.run(".").cloned();
    run.with_context(|| {
        format!("no event files in {} (expected the directory of a run)", path.display())
    })
}

fn merge(path: &Path) -> anyhow::Result<CompactReport> {
    match logdirs::url(path) {
        #[cfg(feature = "stores")]
        Some(url) => Ok(tfevents_object_store::ObjectStorage::from_url(url)?.compact("")?),
        _ => Ok(tfevents::compact(path)?),
    }
}

/// Returns the size of a run that can be compacted.
fn check(path: &Path, args: &Args) -> anyhow::Result<u64> {
    if path.is_file() {
        bail!("{} is a file (expected the directory of a run)", path.display());
    }
    let status = open(path)?.status()?;
    let age = status.modified.and_then(|at| SystemTime::now().duration_since(at).ok());
    if let (false, Some(age)) = (args.force, age)
        && age < args.quiet_for
    {
        bail!(
            "{} changed {} ago, so it may still be written to (expected {} of quiet, or --force)",
            path.display(),
            numbers::age(age.as_secs()),
            numbers::age(args.quiet_for.as_secs())
        );
    }
    Ok(status.bytes)
}
