//! `edit`: a changed copy of a run.

mod message;
mod scalar;

use crate::logdirs;
use crate::outcome::{Outcome, Result};
use crate::output::numbers::count;
use crate::output::{file::NewFile, terminal};
use anyhow::{Context, bail};
use message::{Field, Message};
use regex::Regex;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tfevents::read::{EventReader, Kind, Value};

/// Write a changed copy of a run: rename, drop, thin or re-encode
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The run itself is never changed. What is not asked for is copied byte by byte, and damaged records
are left out. --drop and --keep look at the old names.

Examples:
  tfevents edit logs/a -o logs/b --rename loss=train/loss --drop '^debug/'
  tfevents edit logs/a -o logs/small --thin image=10 --thin histogram=5
  tfevents edit logs/a -o logs/tools --scalars simple      for tools that read simple values only")]
pub(crate) struct Args {
    /// The directory of a run, or an event file
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The directory of the new run
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Rename a tag; with a slash at the end of both, all tags in a folder
    #[arg(long, value_name = "FROM=TO", value_parser = parse_rename)]
    rename: Vec<(String, String)>,
    /// Drop the tags that match, anywhere
    #[arg(long, value_name = "REGEX")]
    drop: Vec<Regex>,
    /// Keep only the tags that match, anywhere
    #[arg(long, value_name = "REGEX")]
    keep: Vec<Regex>,
    /// Store scalars as simple values, as torch does, or as tensors, as TensorFlow 2 does
    #[arg(long, value_name = "FORM", value_enum)]
    scalars: Option<Scalars>,
    /// Keep every N-th value of each tag of a kind, such as image=10
    #[arg(long, value_name = "KIND=N", value_parser = parse_thin)]
    thin: Vec<(String, u64)>,
    /// Add N to all steps
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 0)]
    #[arg(hide_default_value = true)]
    shift_steps: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Scalars {
    Simple,
    Tensor,
}

fn parse_rename(text: &str) -> std::result::Result<(String, String), String> {
    let (from, to) = text.split_once('=').ok_or("expected FROM=TO")?;
    if from.ends_with('/') != to.ends_with('/') {
        return Err("expected a slash at the end of both names, or of none".to_owned());
    }
    Ok((from.to_owned(), to.to_owned()))
}

fn parse_thin(text: &str) -> std::result::Result<(String, u64), String> {
    const KINDS: [Kind; 11] = [
        Kind::Scalar,
        Kind::Histogram,
        Kind::Image,
        Kind::Audio,
        Kind::Text,
        Kind::Tensor,
        Kind::PrCurve,
        Kind::Mesh,
        Kind::Graph,
        Kind::Layout,
        Kind::Other,
    ];
    let expected = || {
        let kinds: Vec<_> = KINDS.iter().map(|kind| kind.name()).collect();
        format!("expected KIND=N, with a number from 1 on, and a kind of {}", kinds.join(", "))
    };
    let (kind, number) = text.split_once('=').ok_or_else(expected)?;
    let number = number.parse().ok().filter(|&number| number > 0).ok_or_else(expected)?;
    let known = KINDS.iter().any(|known| known.name() == kind);
    known.then(|| (kind.to_owned(), number)).ok_or_else(expected)
}

pub(crate) fn run(args: &Args) -> Result {
    logdirs::expect_local(&args.run)?;
    let logdir = tfevents::read::LogDir::open(&args.run)?;
    let Some(run) = logdir.run(".") else {
        bail!("no event files in {} (expected a run)", args.run.display());
    };
    if std::fs::read_dir(&args.output).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty (expected a new directory)", args.output.display());
    }
    let files = run.files()?;
    let mut edit = Edit { args, tags: HashMap::new(), kept: 0, dropped: 0 };
    let mut copies = Vec::new();
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("failed to create {}", args.output.display()))?;
    for file in &files {
        let path = args.output.join(file.file_name().unwrap_or_default());
        let copy = edit.copy(file, &path);
        copies.push(copy.with_context(|| format!("failed to write {}", path.display()))?);
    }
    for copy in copies {
        copy.finish().with_context(|| format!("failed to write {}", args.output.display()))?;
    }
    let (kept, dropped) = (count(edit.kept, "value"), edit.dropped);
    let out = args.output.display();
    terminal::note(format_args!("wrote {kept} to {out}, dropped {dropped}"));
    Ok(Outcome::Success)
}

/// A tag as it is edited.
struct Tag {
    /// Its new name; `None` if it is dropped.
    name: Option<String>,
    /// How many values it had so far.
    seen: u64,
    /// Of how many values one is kept.
    every: u64,
    /// Whether a value with metadata was written.
    has_metadata: bool,
}

struct Edit<'a> {
    args: &'a Args,
    tags: HashMap<String, Tag>,
    kept: u64,
    dropped: u64,
}

impl Edit<'_> {
    /// Copies a file. It gets its name later, when all files are written.
    fn copy(&mut self, from: &Path, to: &Path) -> anyhow::Result<NewFile> {
        let mut events = EventReader::open(from)?;
        let mut source = File::open(from)?;
        let mut out = NewFile::create(to)?;
        let mut record = Vec::new();
        loop {
            let start = events.offset();
            let event = match events.next() {
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    terminal::warning(format_args!("{:#}", anyhow::Error::from(error)));
                    continue;
                }
                None => break,
            };
            let length = events.offset() - start;
            record.clear();
            source.seek(SeekFrom::Start(start))?;
            Read::by_ref(&mut source).take(length).read_to_end(&mut record)?;
            // A record is a length, its checksum, the data, and their checksum.
            let data = record.get(12..record.len().saturating_sub(4)).unwrap_or_default();
            match self.event(data, event.values())? {
                Edited::Unchanged => out.write_all(&record)?,
                Edited::Changed(data) => message::write_record(&mut out, &data)?,
                Edited::Dropped => {}
            }
        }
        Ok(out)
    }

    /// Edits an event.
    fn event(&mut self, data: &[u8], values: &[Value<'_>]) -> anyhow::Result<Edited> {
        let mut event = Message::parse(data)?;
        let mut is_changed = false;
        // A step of 0 is not stored. The version of the file has none.
        if self.args.shift_steps != 0 && !event.has(message::FILE_VERSION) {
            let step = event.varint(message::STEP).unwrap_or(0) as i64;
            let step = step.saturating_add(self.args.shift_steps);
            event.set(Field::varint(message::STEP, step as u64));
            is_changed = true;
        }
        if let Some(summary) = event.bytes(message::SUMMARY) {
            let mut summary = Message::parse(summary)?;
            let mut values = values.iter();
            let (before, mut error) = (summary.len(), None);
            summary.edit(message::VALUE, |bytes| {
                // The reader has the same values in the same order.
                let value = values.next()?;
                match self.value(bytes, value) {
                    Ok(Edited::Unchanged) => Some(bytes.to_vec()),
                    Ok(Edited::Changed(bytes)) => {
                        is_changed = true;
                        Some(bytes)
                    }
                    Ok(Edited::Dropped) => None,
                    Err(failed) => {
                        error = Some(failed);
                        None
                    }
                }
            });
            if let Some(error) = error {
                return Err(error);
            }
            if summary.len() == 0 && before > 0 {
                return Ok(Edited::Dropped);
            }
            is_changed |= summary.len() != before;
            event.set(Field::bytes(message::SUMMARY, summary.encode()));
        }
        Ok(if is_changed { Edited::Changed(event.encode()) } else { Edited::Unchanged })
    }

    fn value(&mut self, bytes: &[u8], value: &Value<'_>) -> anyhow::Result<Edited> {
        let args = self.args;
        let tag = self.tags.entry(value.tag().to_owned()).or_insert_with(|| Tag {
            name: new_name(value.tag(), args),
            seen: 0,
            every: every(value.kind(), args),
            has_metadata: false,
        });
        let at = tag.seen;
        tag.seen += 1;
        let Some(name) = tag.name.as_ref().filter(|_| at.is_multiple_of(tag.every)) else {
            self.dropped += 1;
            return Ok(Edited::Dropped);
        };
        self.kept += 1;
        let mut message = Message::parse(bytes)?;
        let mut is_changed = false;
        if name != value.tag() {
            message.set(Field::bytes(message::TAG, name.clone().into_bytes()));
            is_changed = true;
        }
        if let (Some(form), Some(number)) = (args.scalars, value.scalar()) {
            is_changed |= match form {
                Scalars::Simple => scalar::to_simple(&mut message, number),
                Scalars::Tensor => scalar::to_tensor(&mut message, number, !tag.has_metadata)?,
            };
        }
        tag.has_metadata = true;
        Ok(if is_changed { Edited::Changed(message.encode()) } else { Edited::Unchanged })
    }
}

/// The result for an event or value.
enum Edited {
    Unchanged,
    Changed(Vec<u8>),
    Dropped,
}

/// Returns the new name of a tag; `None` if it is dropped.
fn new_name(tag: &str, args: &Args) -> Option<String> {
    let matches = |regexes: &[Regex]| regexes.iter().any(|regex| regex.is_match(tag));
    if matches(&args.drop) || (!args.keep.is_empty() && !matches(&args.keep)) {
        return None;
    }
    for (from, to) in &args.rename {
        match tag.strip_prefix(from.as_str()) {
            Some("") => return Some(to.clone()),
            Some(rest) if from.ends_with('/') => return Some(format!("{to}{rest}")),
            _ => {}
        }
    }
    Some(tag.to_owned())
}

/// Returns of how many values one is kept.
fn every(kind: Kind, args: &Args) -> u64 {
    let thin = args.thin.iter().rev().find(|(name, _)| name == kind.name());
    thin.map_or(1, |(_, every)| *every)
}
