//! A row per run and step, a column per tag.

use super::batches::{Report, Source};
use super::ordered::in_order;
use crate::output::csv::Dialect;
use crate::output::numbers::{push_f32, push_int};
use crate::selection::{Found, map_parallel};
use crate::source::{Damage, summarize, visit};
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use tfevents::read::{Entry, Kind};

/// Writes `run,step,TAG,…`.
pub(super) fn write_csv(
    out: &mut dyn Write,
    source: Source,
    dialect: Dialect,
) -> anyhow::Result<Report> {
    let columns = Columns::find(&source);
    let mut header = Vec::new();
    let names = ["run", "step"].into_iter().chain(columns.names.iter().map(|name| &**name));
    dialect.push_line(&mut header, names);
    out.write_all(&header)?;
    let width = columns.names.len();
    let format = move |rows: Rows| {
        let mut text = Vec::new();
        let mut label = Vec::new();
        dialect.push_text(&mut label, &rows.run);
        rows.for_each(width, |step, cells| {
            text.extend_from_slice(&label);
            text.push(dialect.delimiter);
            push_int(&mut text, step);
            for cell in cells {
                text.push(dialect.delimiter);
                if let Some(value) = cell {
                    push_f32(&mut text, *value);
                }
            }
            text.push(b'\n');
        });
        text
    };
    let read = move |send: &mut dyn FnMut(Rows)| read(&source, &columns, send);
    in_order(read, format, |text| Ok(out.write_all(&text)?))
}

/// The tags of all runs, each a column.
pub(super) struct Columns {
    pub(super) names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, usize>,
}

impl Columns {
    /// Finds the scalars of all runs, in the order of the runs and of their first values.
    pub(super) fn find(source: &Source) -> Self {
        let tags = map_parallel(&source.runs, |found| {
            // The damage is reported when the points are read.
            let mut damage = Damage::new(found);
            summarize(&found.run, &source.filter, &source.range, &mut damage)
        });
        let mut columns = Self { names: Vec::new(), numbers: HashMap::new() };
        for tag in tags.into_iter().flatten().filter(|tag| tag.kind == Kind::Scalar) {
            let name: Arc<str> = tag.name.into();
            if !columns.numbers.contains_key(&name) {
                columns.numbers.insert(name.clone(), columns.names.len());
                columns.names.push(name);
            }
        }
        columns
    }
}

/// The points of a run.
pub(super) struct Rows {
    pub(super) run: String,
    /// Step, column and value, by step.
    points: Vec<(i64, u32, f32)>,
}

impl Rows {
    /// Calls a function with each step and its cells. Of several values of a tag at a step the last
    /// counts.
    pub(super) fn for_each(&self, width: usize, mut visit: impl FnMut(i64, &[Option<f32>])) {
        let mut cells = vec![None; width];
        for row in self.points.chunk_by(|a, b| a.0 == b.0) {
            cells.fill(None);
            for &(_, column, value) in row {
                cells[column as usize] = Some(value);
            }
            visit(row[0].0, &cells);
        }
    }
}

/// Reads run after run.
pub(super) fn read(source: &Source, columns: &Columns, send: &mut dyn FnMut(Rows)) -> Report {
    let mut report = Report::default();
    for found in &source.runs {
        let Found { name, run, .. } = found;
        let mut damage = Damage::new(found);
        let mut points = Vec::new();
        let mut numbers: Vec<Option<u32>> = Vec::new();
        visit(run, &source.filter, &source.range, &mut damage, |tags, entry| match entry {
            Entry::Scalar { tag, point } => {
                for tag in tags.iter().skip(numbers.len()) {
                    let column = columns.numbers.get(tags.name(tag));
                    numbers.push(column.map(|&column| column as u32));
                }
                // A tag that has appeared since the columns were found has none.
                if let Some(column) = numbers[tag.index()] {
                    points.push((point.step, column, point.value));
                }
            }
            Entry::Value { .. } => report.left_out += 1,
            _ => {}
        });
        points.sort_by_key(|point| point.0);
        send(Rows { run: name.clone(), points });
        report.damage.push(damage);
    }
    report
}
