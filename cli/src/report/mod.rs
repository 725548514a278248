//! `report`: everything of a log directory in one HTML file, which loads nothing from anywhere.

mod budget;
mod data;
mod markdown;
mod page;
mod thin;

use crate::logdirs;
use crate::outcome::{Outcome, Result};
use crate::output::{self, numbers, terminal};
use crate::selection::{Dirs, Filter, Range, map_parallel};
use crate::source::{Damage, visit};
use crate::store::RunData;
use budget::Budget;
use data::ReportRun;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};
use tfevents::read::{LogDir, RunState};

/// Write curves, histograms, images, texts and hyperparameters into one HTML file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file loads nothing from anywhere: it opens by a double click, from an e-mail or a CI job.
What does not fit into --max-mb is left out, and listed on the page.

Examples:
  tfevents report logs -o report.html
  tfevents report logs -r 'adam' -t loss -o loss.html
  tfevents report logs -o report.html --watch     written anew while the training runs")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
    /// The file to write
    #[arg(short, long, value_name = "FILE.html")]
    output: PathBuf,
    /// The size that the file may have, in MB
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    max_mb: u32,
    /// Write the file anew whenever runs have changed, until interrupted
    #[arg(long)]
    watch: bool,
}

/// The shortest interval of looking for changes.
const INTERVAL: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &Args) -> Result {
    let mut logdirs: Vec<_> =
        args.dirs.dirs.iter().map(|dir| logdirs::open(dir)).collect::<anyhow::Result<_>>()?;
    for note in write(args)? {
        terminal::note(note);
    }
    if args.watch {
        watch(args, &mut logdirs);
    }
    Ok(Outcome::Success)
}

/// Writes the file whenever something has changed, until interrupted.
fn watch(args: &Args, logdirs: &mut [LogDir]) {
    let dirs = args.dirs.dirs.iter();
    let shortest = dirs.map(|dir| logdirs::interval(dir, INTERVAL)).max().unwrap_or(INTERVAL);
    let (mut interval, mut is_due) = (shortest, false);
    let mut last_error = String::new();
    loop {
        std::thread::sleep(interval);
        let start = Instant::now();
        let result = refresh(logdirs).and_then(|has_changed| {
            is_due |= has_changed;
            if is_due {
                write(args)?;
            }
            is_due = false;
            Ok(())
        });
        // A directory that cannot be read now may be there again later.
        let error = result.err().map(|error| format!("{error:#}")).unwrap_or_default();
        if error != last_error && !error.is_empty() {
            terminal::warning(&error);
        }
        last_error = error;
        // A large directory takes a tenth of a core at most.
        interval = shortest.max(start.elapsed() * 9);
    }
}

/// Looks for changes; returns whether there are any.
fn refresh(logdirs: &mut [LogDir]) -> anyhow::Result<bool> {
    let mut has_changed = false;
    for logdir in logdirs {
        has_changed |= !logdir.refresh()?.is_empty();
    }
    Ok(has_changed)
}

/// Writes the file; returns its size, and what is not in it.
fn write(args: &Args) -> anyhow::Result<Vec<String>> {
    let runs = read(args)?;
    let title = args.dirs.list();
    let made = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut budget = Budget::new((args.max_mb as usize * 1_000_000).saturating_sub(page::OVERHEAD));
    let json = data::json(&title, made.as_secs_f64(), &runs, &mut budget);
    let html = page::html(&title, &json);
    output::write_to(Some(&args.output), |out| Ok(out.write_all(html.as_bytes())?))?;
    let left_out = budget.notes().iter().map(|note| format!("not in the file: {note}"));
    let size = format!("{}: {}", args.output.display(), numbers::size(html.len() as u64));
    Ok(left_out.chain([size]).collect())
}

fn read(args: &Args) -> anyhow::Result<Vec<ReportRun>> {
    let found = args.dirs.find(&args.filter, args.range.points())?;
    let read = map_parallel(&found, |found| {
        let mut damage = Damage::new(found);
        // The pass has left out what does not count.
        let mut data = RunData::new(true);
        visit(&found.run, &args.filter, &args.range, &mut damage, |tags, entry| {
            data.add(tags, entry);
        });
        let state = found.run.status().map_or(RunState::Unknown, |status| status.state);
        (ReportRun { name: found.name.clone(), state, data }, damage)
    });
    let mut runs = Vec::new();
    for (run, damage) in read {
        damage.report();
        runs.push(run);
    }
    Ok(runs)
}
