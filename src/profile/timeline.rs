//! The contents of a trace, in the order and with the names of its files.

use super::chunk::{Chunk, Field, FieldValue, Label, Piece, Source};
use super::recorder::{RecordedThread, Recording};
use crate::system::Scale;
use std::collections::HashMap;

/// The name of the line of the trace as a whole.
const TRACE_LINE: &str = "trace";
/// The field in which `tracing` has the message of an event.
const MESSAGE: &str = "message";

#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) lines: Vec<Line>,
    /// The number of spans that were dropped.
    pub(super) dropped: u64,
}

/// A line of the trace: a thread, or its spans that cross those of another line.
#[derive(Debug)]
pub(super) struct Line {
    /// The number of the line; 0 is the line of the trace as a whole.
    pub(super) number: u32,
    pub(super) name: String,
    /// The events, sorted by their start; those inside another one follow it.
    pub(super) events: Vec<Event>,
}

#[derive(Debug)]
pub(super) struct Event {
    pub(super) name: Name,
    /// The start in picoseconds since the trace began.
    pub(super) start: u64,
    /// The duration in picoseconds.
    pub(super) duration: u64,
    pub(super) is_instant: bool,
    pub(super) fields: Vec<(&'static str, Value)>,
}

#[derive(Debug)]
pub(super) enum Name {
    Label(Label),
    Text(String),
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Name::Label(label) => label.as_str(),
            Name::Text(text) => text,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Int(i64),
    Uint(u64),
    Float(f64),
    Bool(bool),
    Text(String),
}

impl Timeline {
    pub(super) fn new(recording: Recording, label: &str) -> Self {
        let Recording { start, stop, threads: recorded, dropped } = recording;
        let scale = Scale::between(start, stop);
        let window = Window { scale, start: start.count, stop: stop.count };
        let mut fields = Fields::collect(&recorded);
        let mut lines = vec![trace_line(scale.len(), label, dropped)];
        let mut threads = Vec::with_capacity(recorded.len());
        for thread in recorded {
            let number = thread.number;
            let name = thread.name;
            let mut events = Vec::new();
            for chunk in thread.recorded.chunks {
                events.extend(
                    chunk
                        .pieces
                        .into_iter()
                        .filter_map(|piece| window.event(piece, number, &mut fields)),
                );
            }
            for piece in thread.recorded.open {
                events.extend(window.event(piece, number, &mut fields));
            }
            events.sort_by_key(|event| (event.start, u64::MAX - event.duration));
            threads.push((number, name, nested(events)));
        }
        // Numbers of threads are taken, also by those without events.
        let mut last = threads.iter().map(|(number, ..)| *number).max().unwrap_or(0);
        for (number, name, groups) in threads {
            for (index, events) in groups.into_iter().enumerate() {
                if index == 0 {
                    lines.push(Line { number, name: name.clone(), events });
                } else {
                    last += 1;
                    lines.push(Line {
                        number: last,
                        name: format!("{name} ({})", index + 1),
                        events,
                    });
                }
            }
        }
        Self { lines, dropped }
    }
}

/// Splits the sorted events of a thread into groups in which spans are nested: a span that crosses
/// another one, because they ended in the order in which they began, is in another group.
fn nested(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut groups: Vec<Vec<Event>> = Vec::new();
    // For each group the starts and ends of the spans around the current time.
    let mut open: Vec<Vec<(u64, u64)>> = Vec::new();
    for event in events {
        let end = event.start + event.duration;
        for open in &mut open {
            while open.last().is_some_and(|(_, end)| *end <= event.start) {
                open.pop();
            }
        }
        // The innermost span around this one is the last one that began before it.
        let fitting = open.iter().enumerate().filter_map(|(index, open)| match open.last() {
            Some((start, last)) if end <= *last => Some((index, Some(*start))),
            Some(_) => None,
            None => Some((index, None)),
        });
        let latest = fitting.reduce(|best, next| if next.1 > best.1 { next } else { best });
        let index = latest.map_or(groups.len(), |(index, _)| index);
        if index == groups.len() {
            groups.push(Vec::new());
            open.push(Vec::new());
        }
        open[index].push((event.start, end));
        groups[index].push(event);
    }
    groups
}

/// Returns the line of the trace as a whole.
fn trace_line(duration: u64, label: &str, dropped: u64) -> Line {
    let event = |name, fields| Event { name, start: 0, duration, is_instant: false, fields };
    let mut events = vec![event(Name::Text(label.to_owned()), Vec::new())];
    if dropped > 0 {
        let name = format!("{dropped} spans are missing: the memory for the trace was used up");
        events.push(event(Name::Text(name), vec![("dropped", Value::Uint(dropped))]));
    }
    Line { number: 0, name: TRACE_LINE.to_owned(), events }
}

/// The time of a trace, to which pieces are cut.
struct Window {
    scale: Scale,
    start: u64,
    stop: u64,
}

impl Window {
    /// Returns a piece as an event, or `None` if it lies outside.
    fn event(&self, piece: Piece, thread: u32, fields: &mut Fields) -> Option<Event> {
        if piece.start > self.stop || piece.end < self.start {
            return None;
        }
        let start = self.scale.picos(piece.start);
        // The tick counter of another processor, to which the thread moved, may be behind.
        let duration = self.scale.picos(piece.end).saturating_sub(start);
        let mut values = fields.of(&piece, thread);
        let is_instant = matches!(piece.source, Source::Instant(_));
        let mut name = Name::Label(piece.label);
        if is_instant {
            // The message of an event becomes its name.
            if let Some(at) = values.iter().position(|(key, _)| *key == MESSAGE) {
                if let (_, Value::Text(text)) = values.remove(at) {
                    name = Name::Text(text);
                }
            }
        }
        let cut = match (piece.start < self.start, piece.end > self.stop) {
            (true, true) => Some("at both ends"),
            (true, false) => Some("at the start"),
            (false, true) => Some("at the end"),
            (false, false) => None,
        };
        values.extend(cut.map(|cut| ("cut", Value::Text(cut.to_owned()))));
        Some(Event { name, start, duration, is_instant, fields: values })
    }
}

/// The fields of all spans and instants.
struct Fields {
    /// Those of this crate's own, by thread and number.
    own: HashMap<(u32, u64), Vec<(&'static str, Value)>>,
    /// Those of `tracing`, by its ids, which are reused by later spans.
    tracing: HashMap<u64, Vec<SpanFields>>,
}

/// The fields of one of the spans that had the same id, one after the other.
struct SpanFields {
    /// The time at which the span was created; 0 if that was before the trace.
    since: u64,
    name: Option<&'static str>,
    fields: Vec<(&'static str, Value)>,
}

impl Fields {
    fn collect(threads: &[RecordedThread]) -> Self {
        let mut all = Self { own: HashMap::new(), tracing: HashMap::new() };
        let mut tracing = Vec::new();
        for thread in threads {
            for chunk in &thread.recorded.chunks {
                for field in &chunk.fields {
                    match field.source {
                        Source::Span(number) | Source::Instant(number) => {
                            let fields = all.own.entry((thread.number, number)).or_default();
                            fields.extend(value(field, chunk).map(|value| (field.key, value)));
                        }
                        Source::Tracing(id) => tracing.push((id, field, chunk)),
                    }
                }
            }
        }
        // A stable sort: fields that were recorded at the same time stay in order.
        tracing.sort_by_key(|(id, field, _)| (*id, field.time));
        for (id, field, chunk) in tracing {
            let spans = all.tracing.entry(id).or_default();
            match value(field, chunk) {
                None => {
                    let FieldValue::New(name) = field.value else { continue };
                    spans.push(SpanFields {
                        since: field.time,
                        name: Some(name),
                        fields: Vec::new(),
                    });
                }
                Some(value) => {
                    if spans.is_empty() {
                        spans.push(SpanFields { since: 0, name: None, fields: Vec::new() });
                    }
                    let Some(span) = spans.last_mut() else { continue };
                    // A later value replaces an earlier one.
                    span.fields.retain(|(key, _)| *key != field.key);
                    span.fields.push((field.key, value));
                }
            }
        }
        all
    }

    fn of(&mut self, piece: &Piece, thread: u32) -> Vec<(&'static str, Value)> {
        match piece.source {
            Source::Span(number) | Source::Instant(number) => {
                self.own.remove(&(thread, number)).unwrap_or_default()
            }
            Source::Tracing(id) => {
                let Some(spans) = self.tracing.get(&id) else { return Vec::new() };
                let begun = spans.partition_point(|span| span.since <= piece.end);
                let span = spans[..begun].last();
                let same =
                    span.filter(|span| span.name.is_none_or(|name| name == piece.label.as_str()));
                same.map(|span| span.fields.clone()).unwrap_or_default()
            }
        }
    }
}

fn value(field: &Field, chunk: &Chunk) -> Option<Value> {
    Some(match field.value {
        FieldValue::Int(value) => Value::Int(value),
        FieldValue::Uint(value) => Value::Uint(value),
        FieldValue::Float(value) => Value::Float(value),
        FieldValue::Bool(value) => Value::Bool(value),
        FieldValue::Text { at, len } => {
            Value::Text(chunk.text[at as usize..][..len as usize].to_owned())
        }
        FieldValue::New(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::TickClock;

    /// The tick counters of two processors may differ, and a thread may move between them.
    #[test]
    fn a_span_that_ends_before_it_began_has_no_length() {
        let clock = TickClock::new();
        let start = clock.reading();
        let mut stop = start;
        while stop.count <= start.count + 2 {
            stop = clock.reading();
        }
        let window =
            Window { scale: Scale::between(start, stop), start: start.count, stop: stop.count };
        let (label, source) = (Label::Static("odd"), Source::Span(1));
        let piece = Piece { label, source, start: stop.count - 1, end: start.count + 1 };
        let event = window.event(piece, 1, &mut Fields::collect(&[])).unwrap();
        assert_eq!(event.duration, 0);
    }
}
