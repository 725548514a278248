//! `export`: points as CSV, TSV, JSON lines or Parquet.
//!
//! A thread reads run after run into batches (`batches`), others format them, and the first writes
//! them in order (`ordered`), so that memory is the same for any number of points.

mod batches;
#[cfg(feature = "parquet")]
mod columnar;
#[cfg(feature = "parquet")]
mod dictionary;
mod lines;
mod ordered;
mod wide;

pub(super) use lines::{audio_type, image_type, push_hparam};

use crate::outcome::{Outcome, Result};
use crate::output::csv::Dialect;
use crate::output::numbers::count;
use crate::output::{self, terminal};
use crate::progress::Progress;
use crate::selection::{Dirs, Filter, Range};
use anyhow::bail;
use std::path::{Path, PathBuf};

/// Export points as CSV, TSV, JSON lines or Parquet
#[derive(Debug, clap::Args)]
#[command(after_help = "\
csv, tsv and parquet have the scalars: run,tag,step,wall_time,value. jsonl has an object for each
value of every kind, without the bytes of images and sounds.

Examples:
  tfevents export logs > points.csv
  tfevents export logs -t '^train/' --wide -o train.parquet
  tfevents export logs --format jsonl -t note | jq -r .text")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    /// csv, tsv, jsonl or parquet; default: by the name of the output file, else csv
    #[arg(short, long, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    format: Option<Format>,
    /// A row per run and step, with a column per tag. Keeps the points of a run in memory
    #[arg(long)]
    wide: bool,
    /// Write to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
    /// Put an apostrophe before names that a spreadsheet would take for formulas
    #[arg(long)]
    escape_formulas: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Tsv,
    Jsonl,
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Returns the format of a file by its name.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            #[cfg(feature = "parquet")]
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result {
    let output = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let format = args.format.or_else(|| Format::of(output?)).unwrap_or(Format::Csv);
    let is_terminal = output::is_terminal(output);
    if args.wide && format == Format::Jsonl {
        bail!("invalid --wide with the format jsonl (expected csv, tsv or parquet)");
    }
    #[cfg(feature = "parquet")]
    if format == Format::Parquet && is_terminal {
        bail!("invalid output: a terminal cannot show Parquet (expected -o FILE or a pipe)");
    }
    let runs = args.dirs.find(&args.filter, args.range.points())?;
    let source = batches::Source { runs, filter: args.filter.clone(), range: args.range };
    let delimiter = if format == Format::Tsv { b'\t' } else { b',' };
    let dialect = Dialect { delimiter, escaped: is_terminal, guarded: args.escape_formulas };
    // A line between those of the output would be in the way.
    let progress = (!is_terminal).then(|| Progress::start(source.runs.len()));
    let mut report = batches::Report::default();
    output::write_to(output, |out| {
        report = match format {
            Format::Csv | Format::Tsv if args.wide => wide::write_csv(out, source, dialect)?,
            Format::Csv | Format::Tsv => lines::write_csv(out, source, dialect)?,
            Format::Jsonl => lines::write_json(out, source)?,
            #[cfg(feature = "parquet")]
            Format::Parquet if args.wide => {
                columnar::write_wide(out, source).map_err(columnar::cause)?
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => columnar::write(out, source).map_err(columnar::cause)?,
        };
        Ok(())
    })?;
    drop(progress);
    report.damage.iter().for_each(|damage| damage.report());
    if report.left_out > 0 {
        let values = count(report.left_out, "value");
        terminal::note(format_args!("left out {values} of other kinds (see --format jsonl)"));
    }
    Ok(Outcome::Success)
}
