//! `verify`: damage and oddities of event files, and what is good in them as new files.

mod details;
mod repair;

use crate::logdirs;
use crate::outcome::{Outcome, Result};
use crate::output::numbers::count;
use crate::output::{self, terminal};
use crate::progress::{self, Progress};
use crate::selection::{Dirs, Filter, Found, map_parallel};
use anyhow::bail;
use std::path::PathBuf;
use tfevents::read::{Entry, Points, ReadError, ReadErrorKind, RunState, Value, ValueError};

/// Verify checksums and order of event files; copy what is good with --repair
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Errors (exit status 1): invalid checksums and lengths, undecodable records, truncated files, invalid
UTF-8. Notes: steps that go back, tags of mixed kinds, files whose names sort in another order than
their times. A line is FILE:OFFSET: error or note: what.

Examples:
  tfevents verify logs
  tfevents verify logs/broken --repair -o logs/repaired")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    /// Only runs whose name matches, anywhere
    #[arg(short, long, value_name = "REGEX")]
    run: Option<regex::Regex>,
    /// Notes are findings too
    #[arg(long)]
    strict: bool,
    /// Copy the good records of all runs into a new log directory, and say what is lost
    #[arg(long, requires = "output")]
    repair: bool,
    /// The directory for --repair; it must be new or empty
    #[arg(short, long, value_name = "OUT", requires = "repair")]
    output: Option<PathBuf>,
}

/// Something wrong, or odd, at an offset of a file.
#[derive(Debug)]
pub(super) struct Finding {
    file: PathBuf,
    offset: u64,
    is_error: bool,
    text: String,
}

/// The findings in a run.
#[derive(Debug, Default)]
struct Verified {
    findings: Vec<Finding>,
    files: usize,
    values: u64,
    /// The run could not be read at all.
    unreadable: Option<ReadError>,
}

pub(crate) fn run(args: &Args) -> Result {
    let filter = Filter { run: args.run.clone(), tag: None };
    if args.repair {
        args.dirs.dirs.iter().try_for_each(|dir| logdirs::expect_local(dir))?;
    }
    let runs = args.dirs.find(&filter, Points::Raw)?;
    if let Some(out) = &args.output
        && std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some())
    {
        bail!("{} is not empty (expected a new directory for the copies)", out.display());
    }
    let progress = Progress::start(runs.len());
    let mut verified = map_parallel(&runs, verify);
    drop(progress);
    for verified in &mut verified {
        if let Some(error) = verified.unreadable.take() {
            return Err(error.into());
        }
    }
    let findings = || verified.iter().flat_map(|verified| &verified.findings);
    let errors = findings().filter(|finding| finding.is_error).count();
    let notes = findings().count() - errors;
    let files: usize = verified.iter().map(|verified| verified.files).sum();
    let values: u64 = verified.iter().map(|verified| verified.values).sum();
    output::to_stdout(|out| {
        for finding in findings() {
            let label = if finding.is_error { "error" } else { "note" };
            let style = if finding.is_error { terminal::Style::Red } else { terminal::Style::Bold };
            let file = finding.file.display().to_string();
            let (file, label) = (output::escape::escape(&file), terminal::paint(label, style));
            let text = output::escape::escape(&finding.text);
            writeln!(out, "{file}:{}: {label}: {text}", finding.offset)?;
        }
        let (files, values) = (count(files as u64, "file"), count(values, "good value"));
        let (errors, notes) = (count(errors as u64, "error"), count(notes as u64, "note"));
        writeln!(out, "{} in {files}: {values}, {errors}, {notes}", count(runs.len() as u64, "run"))
    })?;
    if let (true, Some(out)) = (args.repair, &args.output) {
        repair::repair(&runs, out)?;
    }
    let is_finding = errors > 0 || (args.strict && notes > 0);
    Ok(if is_finding { Outcome::Finding } else { Outcome::Success })
}

/// Verifies a run: a quick pass for errors, and one with the place of every event if that has met
/// something else that is odd.
fn verify(found: &Found) -> Verified {
    let run = &found.run;
    let mut verified = Verified::default();
    let files = match run.files() {
        Ok(files) => files,
        Err(error) => return Verified { unreadable: Some(error), ..verified },
    };
    verified.files = files.len();
    let mut scan = run.scan();
    let mut tags = details::Tags::default();
    let mut is_odd = false;
    loop {
        let result = scan.for_each(|names, entry| {
            is_odd |= match entry {
                Entry::Scalar { tag, point } => tags.is_odd(names, tag, point.step, None),
                Entry::Value { tag, step, value, .. } => {
                    let is_odd = tags.is_odd(names, tag, step, Some(value.kind()));
                    is_odd || check(value).is_some()
                }
                _ => false,
            };
            verified.values += 1;
        });
        match result {
            Ok(()) => break,
            Err(error) => verified.findings.push(error_finding(&error)),
        }
    }
    let is_live = run.status().is_ok_and(|status| status.state == RunState::Live);
    for truncated in scan.truncated() {
        let is_last = files.last() == Some(&truncated.path);
        let rest = if is_live && is_last { ": its rest may still come" } else { "" };
        verified.findings.push(Finding {
            file: truncated.path,
            offset: truncated.offset,
            is_error: true,
            text: format!("truncated record at the end of the file{rest}"),
        });
    }
    if is_odd {
        details::find(run, &mut verified.findings);
    }
    progress::count_run();
    details::find_order(&files, &mut verified.findings);
    let order = |finding: &Finding| files.iter().position(|file| *file == finding.file);
    verified.findings.sort_by_key(|finding| (order(finding), finding.offset));
    verified
}

fn error_finding(error: &ReadError) -> Finding {
    let mut text = error.kind().to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    if matches!(error.kind(), ReadErrorKind::LengthChecksum { .. } | ReadErrorKind::TooLong { .. })
    {
        text += ", so the rest of the file is not read";
    }
    Finding {
        file: error.path().map(PathBuf::from).unwrap_or_default(),
        offset: error.offset(),
        is_error: true,
        text,
    }
}

/// Returns what is wrong with a value's data.
fn check(value: &Value<'_>) -> Option<ValueError> {
    value.data().err()
}
