//! `hparams`: trials with their hyperparameters and metrics, as a table.

mod trials;

use super::export::push_hparam;
use crate::outcome::{Outcome, Result};
use crate::output::csv::Dialect;
use crate::output::json::Json;
use crate::output::numbers::count;
use crate::output::table::{Align, Cell, Table};
use crate::output::{self, numbers};
use crate::selection::{Dirs, Filter};
use anyhow::bail;
use std::path::PathBuf;
use tfevents::read::{HParam, Points};
use trials::{Metric, Trial, Trials};

/// List trials with hyperparameters, and the last and best value of each metric
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A trial is a run with hyperparameters; its metrics are those that the experiment declares, or else
all scalars of the run and of the runs below it.

Examples:
  tfevents hparams logs
  tfevents hparams logs --sort accuracy --best max
  tfevents hparams logs --format csv > trials.csv")]
pub(crate) struct Args {
    /// A log directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Sort by the best value of a metric: its tag, its name, or the last part of its tag
    #[arg(long, value_name = "METRIC")]
    sort: Option<String>,
    /// Which value is the best one: min or max
    #[arg(
        long,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    best: Best,
    /// table, csv or json
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    format: Format,
    /// Print JSON: short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::commands) enum Best {
    #[default]
    Min,
    Max,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Table,
    Csv,
    Json,
}

pub(crate) fn run(args: &Args) -> Result {
    let dirs = Dirs { dirs: vec![args.dir.clone()] };
    let all = Filter { run: None, tag: None };
    let runs = dirs.find(&all, Points::DataServer)?;
    let mut trials = Trials::read(&runs, &args.filter);
    if trials.list.is_empty() && args.filter.run.is_none() {
        let runs = count(runs.len() as u64, "run");
        bail!("no hyperparameters in {runs} below {}", args.dir.display());
    }
    if let Some(name) = &args.sort {
        let metric = trials.find_metric(name)?;
        trials.sort(metric, args.best);
    }
    let format = if args.json { Format::Json } else { args.format };
    output::to_stdout(|out| match format {
        Format::Table => table(&trials, args.best).write(out),
        Format::Csv => out.write_all(&csv(&trials, args.best)),
        Format::Json => out.write_all(&json(&trials, args.best)),
    })?;
    Ok(Outcome::Success)
}

/// The names of the columns: run, hyperparameters, two for each metric, status.
fn columns(trials: &Trials, best: Best) -> Vec<String> {
    let best = if best == Best::Min { "min" } else { "max" };
    let metrics = trials.metrics.iter().map(Metric::label);
    let metrics = metrics.flat_map(|label| [format!("{best} {label}"), label].into_iter().rev());
    let names = trials.hparams.iter().cloned().chain(metrics);
    std::iter::once("run".to_owned()).chain(names).chain(["status".to_owned()]).collect()
}

/// The cells of a trial; `None` for what it does not have.
fn cells(trials: &Trials, trial: &Trial, best: Best) -> Vec<Option<String>> {
    let mut cells = vec![Some(trial.run.clone())];
    cells.extend(trials.hparams.iter().map(|name| trial.hparams.get(name).map(hparam_text)));
    for value in &trial.metrics {
        let value = value.as_ref();
        cells.push(value.map(|value| numbers::f32_text(value.last.value)));
        cells.push(
            value.and_then(|value| value.best(best)).map(|best| numbers::f32_text(best.value)),
        );
    }
    cells.push(Some(trial.status.to_owned()));
    cells
}

fn hparam_text(value: &HParam) -> String {
    match value {
        HParam::Number(number) => {
            let mut text = Vec::new();
            numbers::push_f64(&mut text, *number);
            String::from_utf8(text).unwrap_or_default()
        }
        value => value.to_string(),
    }
}

fn table(trials: &Trials, best: Best) -> Table {
    let columns = columns(trials, best);
    let last = columns.len() - 1;
    let align = |at| if at == 0 || at == last { Align::Left } else { Align::Right };
    let mut table = Table::new(
        columns.into_iter().enumerate().map(|(at, name)| (name.to_uppercase(), align(at))),
    );
    for trial in &trials.list {
        table.row(cells(trials, trial, best).into_iter().map(Cell::optional));
    }
    table
}

fn csv(trials: &Trials, best: Best) -> Vec<u8> {
    let is_terminal = output::is_terminal(None);
    let dialect = Dialect { delimiter: b',', escaped: is_terminal, guarded: false };
    let mut out = Vec::new();
    dialect.push_line(&mut out, columns(trials, best));
    for trial in &trials.list {
        let cells = cells(trials, trial, best).into_iter().map(Option::unwrap_or_default);
        dialect.push_line(&mut out, cells);
    }
    out
}

fn json(trials: &Trials, best: Best) -> Vec<u8> {
    let mut json = Json::default();
    json.open('{').key("trials").open('[');
    for trial in &trials.list {
        json.open('{').key("run").string(&trial.run).key("status").string(trial.status);
        json.key("hparams").open('{');
        for (name, value) in &trial.hparams {
            json.key(name);
            push_hparam(&mut json, value);
        }
        json.close('}').key("metrics").open('[');
        for (metric, value) in trials.metrics.iter().zip(&trial.metrics) {
            let Some(value) = value else { continue };
            json.open('{').key("tag").string(&metric.tag).key("group").string(&metric.group);
            json.key("name").string(&metric.label());
            json.key("last").f32(value.last.value).key("last_step").int(value.last.step);
            let best = value.best(best);
            json.key("best").optional(best.map(|best| best.value), Json::f32);
            json.key("best_step").optional(best.map(|best| best.step), Json::int).close('}');
        }
        json.close(']').close('}');
    }
    json.close(']').close('}').end_line();
    json.take()
}
