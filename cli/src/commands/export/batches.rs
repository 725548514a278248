//! Points of all runs, in batches.

use crate::selection::{Filter, Found, Range};
use crate::source::{Damage, visit};
use std::sync::Arc;
use tfevents::read::{Entry, Kind, Payload, Point, Tags, Value};

/// How many rows a batch has at most.
const ROWS: usize = 4 << 10;

/// The exported data.
pub(super) struct Source {
    pub(super) runs: Vec<Found>,
    pub(super) filter: Filter,
    pub(super) range: Range,
}

/// The counts and errors of the reading.
#[derive(Default)]
pub(super) struct Report {
    pub(super) damage: Vec<Damage>,
    /// Values that are no scalars, in formats that have only those.
    pub(super) left_out: u64,
}

/// Rows of one run.
pub(super) struct Batch {
    #[cfg_attr(
        not(feature = "parquet"),
        expect(dead_code, reason = "lines have it in their labels")
    )]
    pub(super) run: Arc<str>,
    /// By the number of a tag: what its rows begin with, or its name.
    pub(super) labels: Arc<Vec<Vec<u8>>>,
    pub(super) rows: Vec<Row>,
}

pub(super) enum Row {
    Point {
        label: u32,
        point: Point,
    },
    /// A value that is no scalar, as a whole line.
    Line(Vec<u8>),
}

/// The form of runs, tags and values in a format.
pub(super) trait Format: Send + 'static {
    /// Returns what the rows of a tag begin with.
    fn label(&self, run: &str, tag: &str) -> Vec<u8>;

    /// Returns the line of a value that is no scalar, if the format has such.
    fn line(
        &self,
        _run: &str,
        _tag: Option<&str>,
        _kind: Kind,
        _at: (i64, f64),
        _value: Content<'_>,
    ) -> Option<Vec<u8>> {
        None
    }
}

/// A value that is no scalar.
pub(super) enum Content<'a> {
    Value(&'a Value<'a>),
    /// The run's own graph, or what a traced step cost: an encoded message.
    Graph(&'a [u8]),
}

/// Reads all runs, and calls a function with each batch.
pub(super) fn read(source: &Source, format: &impl Format, send: &mut dyn FnMut(Batch)) -> Report {
    let mut report = Report::default();
    for found in &source.runs {
        let mut damage = Damage::new(found);
        let run: Arc<str> = found.name.as_str().into();
        let mut labels = Arc::new(Vec::new());
        let mut rows = Vec::new();
        let mut ship = |rows: &mut Vec<Row>, labels: &Arc<Vec<Vec<u8>>>, capacity| {
            let rows = std::mem::replace(rows, Vec::with_capacity(capacity));
            send(Batch { run: run.clone(), labels: labels.clone(), rows });
        };
        let on_entry = |tags: &Tags, entry: Entry<'_>| {
            match entry {
                Entry::Scalar { tag, point } => {
                    if labels.len() <= tag.index() {
                        let labels = Arc::make_mut(&mut labels);
                        let new = tags.iter().skip(labels.len());
                        labels.extend(new.map(|tag| format.label(&run, tags.name(tag))));
                    }
                    rows.push(Row::Point { label: tag.index() as u32, point });
                }
                Entry::Value { tag, wall_time, step, value } => {
                    let (at, content) = ((step, wall_time), Content::Value(value));
                    let tag = Some(tags.name(tag));
                    match format.line(&run, tag, value.kind(), at, content) {
                        Some(line) => rows.push(Row::Line(line)),
                        None => report.left_out += 1,
                    }
                }
                Entry::Event(event) => {
                    let at = (event.step(), event.wall_time());
                    let (tag, bytes) = match event.payload() {
                        Payload::Graph(graph) => (None, graph),
                        Payload::RunMetadata(traced) => (Some(&*traced.tag), &traced.content),
                        _ => return,
                    };
                    match format.line(&run, tag, Kind::Graph, at, Content::Graph(bytes)) {
                        Some(line) => rows.push(Row::Line(line)),
                        None => report.left_out += 1,
                    }
                }
                _ => {}
            }
            if rows.len() >= ROWS {
                ship(&mut rows, &labels, ROWS);
            }
        };
        visit(&found.run, &source.filter, &source.range, &mut damage, on_entry);
        if !rows.is_empty() {
            ship(&mut rows, &labels, 0);
        }
        report.damage.push(damage);
    }
    report
}
