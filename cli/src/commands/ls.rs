//! `ls`: runs with their states, and their tags.

use crate::outcome::{Outcome, Result};
use crate::output::json::Json;
use crate::output::table::{Align, Cell, Table};
use crate::output::terminal::Style;
use crate::output::{self, numbers};
use crate::progress::Progress;
use crate::selection::{Dirs, Filter, Found, Range, map_parallel};
use crate::source::{Damage, TagSummary, summarize};
use std::time::SystemTime;
use tfevents::read::{RunState, RunStatus};

/// List runs, or their tags: state, last step, points, size, age, kinds
#[derive(Debug, clap::Args)]
#[command(after_help = "\
STATE is live, ended, failed or unknown, and whether the newest file is truncated.

Examples:
  tfevents ls logs
  tfevents ls -l -t '^train/' logs                tags, a line each
  tfevents ls --json logs | jq -r '.runs[] | select(.state == \"failed\") | .run'")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    /// A line per tag: kind, points, first and last step, last value
    #[arg(short, long)]
    long: bool,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The listed facts of a run.
struct Listed {
    status: Option<RunStatus>,
    tags: Vec<TagSummary>,
    damage: Damage,
}

pub(crate) fn run(args: &Args) -> Result {
    let runs = args.dirs.find(&args.filter, args.range.points())?;
    let progress = Progress::start(runs.len());
    let listed = map_parallel(&runs, |found| list(found, args));
    drop(progress);
    let mut rows = Vec::new();
    for (found, listed) in runs.iter().zip(&listed) {
        listed.damage.report();
        rows.push((found, listed));
    }
    output::to_stdout(|out| {
        if args.json {
            out.write_all(&json(&rows))
        } else if args.long {
            tags_table(&rows).write(out)
        } else {
            runs_table(&rows).write(out)
        }
    })?;
    Ok(Outcome::Success)
}

fn list(found: &Found, args: &Args) -> Listed {
    let mut damage = Damage::new(found);
    let status = found.run.status().map_err(|error| damage.add(error)).ok();
    let tags = summarize(&found.run, &args.filter, &args.range, &mut damage);
    Listed { status, tags, damage }
}

impl Listed {
    fn points(&self) -> u64 {
        self.tags.iter().map(|tag| tag.points).sum()
    }

    fn last_step(&self) -> Option<i64> {
        self.tags.iter().map(|tag| tag.last_step).max()
    }

    fn last_wall_time(&self) -> Option<f64> {
        self.tags.iter().map(|tag| tag.last_wall_time).reduce(f64::max)
    }

    fn state(&self) -> Cell {
        let Some(status) = &self.status else { return Cell::new("unknown").styled(Style::Dim) };
        let style = match status.state {
            RunState::Live => Style::Green,
            RunState::Failed => Style::Red,
            RunState::Unknown => Style::Dim,
            _ => Style::Plain,
        };
        let truncated = if status.is_truncated { ", truncated" } else { "" };
        Cell::new(format!("{}{truncated}", status.state)).styled(style)
    }

    /// Returns how long ago the newest file changed.
    fn age(&self) -> Option<String> {
        let modified = self.status.as_ref()?.modified?;
        let age = SystemTime::now().duration_since(modified).unwrap_or_default();
        Some(numbers::age(age.as_secs()))
    }

    /// Returns the kinds of data, in the order of the first tags.
    fn kinds(&self) -> String {
        let mut kinds = Vec::new();
        for tag in &self.tags {
            if !kinds.contains(&tag.kind.name()) {
                kinds.push(tag.kind.name());
            }
        }
        kinds.join(" ")
    }
}

fn runs_table(rows: &[(&Found, &Listed)]) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("RUN", Left),
        ("STATE", Left),
        ("STEP", Right),
        ("POINTS", Right),
        ("SIZE", Right),
        ("AGE", Right),
        ("KINDS", Left),
    ]);
    for (found, listed) in rows {
        table.row([
            Cell::new(&found.name),
            listed.state(),
            Cell::optional(listed.last_step()),
            Cell::new(listed.points().to_string()),
            Cell::optional(listed.status.as_ref().map(|status| numbers::size(status.bytes))),
            Cell::optional(listed.age()),
            Cell::new(listed.kinds()),
        ]);
    }
    table
}

fn tags_table(rows: &[(&Found, &Listed)]) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("RUN", Left),
        ("TAG", Left),
        ("KIND", Left),
        ("POINTS", Right),
        ("FIRST", Right),
        ("LAST", Right),
        ("VALUE", Right),
    ]);
    for (found, listed) in rows {
        for tag in &listed.tags {
            table.row([
                Cell::new(&found.name),
                Cell::new(&tag.name),
                Cell::new(tag.kind.name()),
                Cell::new(tag.points.to_string()),
                Cell::new(tag.first_step.to_string()),
                Cell::new(tag.last_step.to_string()),
                Cell::optional(tag.last_value.map(numbers::f32_text)),
            ]);
        }
    }
    table
}

fn json(rows: &[(&Found, &Listed)]) -> Vec<u8> {
    let mut json = Json::default();
    json.open('{').key("runs").open('[');
    for (found, listed) in rows {
        let status = listed.status.as_ref();
        json.open('{').key("run").string(&found.name);
        json.key("path").string(&found.path);
        json.key("state").string(status.map_or("unknown", |status| status.state.name()));
        json.key("files").optional(status.map(|status| status.files), Json::int);
        json.key("bytes").optional(status.map(|status| status.bytes), Json::int);
        json.key("points").int(listed.points());
        json.key("last_step").optional(listed.last_step(), Json::int);
        json.key("last_wall_time").optional(listed.last_wall_time(), Json::f64);
        json.key("tags").open('[');
        for tag in &listed.tags {
            json.open('{').key("tag").string(&tag.name).key("kind").string(tag.kind.name());
            json.key("points").int(tag.points);
            json.key("first_step").int(tag.first_step).key("last_step").int(tag.last_step);
            json.key("last_value").optional(tag.last_value, Json::f32).close('}');
        }
        json.close(']').close('}');
    }
    json.close(']').close('}').end_line();
    json.take()
}
