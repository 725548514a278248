//! What a trace holds, in the order and the words of its files.

use super::chunk::{Chunk, Field, FieldValue, Label, Piece, Source};
use super::clock::Scale;
use super::recorder::{RecordedThread, Recording};
use std::collections::HashMap;

/// The name of the line that tells of the trace as a whole.
const TRACE: &str = "trace";
/// The field of an event of `tracing` that says what happened.
const MESSAGE: &str = "message";

#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) threads: Vec<Thread>,
    /// Spans that are missing.
    pub(super) dropped: u64,
}

/// A line.
#[derive(Debug)]
pub(super) struct Thread {
    /// From 0, which is the line of the trace itself.
    pub(super) number: u32,
    pub(super) name: String,
    /// By their start, and what lies within another one behind it.
    pub(super) events: Vec<Event>,
}

#[derive(Debug)]
pub(super) struct Event {
    pub(super) name: Name,
    /// In picoseconds since the trace began.
    pub(super) start: u64,
    pub(super) duration: u64,
    pub(super) is_mark: bool,
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
        let Recording { start, stop, threads, dropped } = recording;
        let scale = Scale::between(start, stop);
        let cut = Cut { scale, start: start.count, stop: stop.count };
        let mut fields = Fields::collect(&threads);
        let mut lines = vec![whole(scale.len(), label, dropped)];
        for thread in threads {
            let (number, name) = (thread.number, thread.name);
            let mut events = Vec::new();
            for chunk in thread.recorded.chunks {
                events.extend(
                    chunk
                        .pieces
                        .into_iter()
                        .filter_map(|piece| cut.event(piece, number, &mut fields)),
                );
            }
            for piece in thread.recorded.open {
                events.extend(cut.event(piece, number, &mut fields));
            }
            events.sort_by_key(|event| (event.start, u64::MAX - event.duration));
            if !events.is_empty() {
                lines.push(Thread { number, name, events });
            }
        }
        Self { threads: lines, dropped }
    }
}

/// The line of the trace itself.
fn whole(duration: u64, label: &str, dropped: u64) -> Thread {
    let event = |name, fields| Event { name, start: 0, duration, is_mark: false, fields };
    let mut events = vec![event(Name::Text(label.to_owned()), Vec::new())];
    if dropped > 0 {
        let name = format!("{dropped} spans are missing: the memory for the trace was used up");
        events.push(event(Name::Text(name), vec![("dropped", Value::Uint(dropped))]));
    }
    Thread { number: 0, name: TRACE.to_owned(), events }
}

/// Cuts pieces to the trace.
struct Cut {
    scale: Scale,
    start: u64,
    stop: u64,
}

impl Cut {
    /// `None` for what lies outside.
    fn event(&self, piece: Piece, thread: u32, fields: &mut Fields) -> Option<Event> {
        if piece.start > self.stop || piece.end < self.start {
            return None;
        }
        let start = self.scale.picos(piece.start);
        // The counter of another processor, to which the thread moved, may lie behind.
        let duration = self.scale.picos(piece.end).saturating_sub(start);
        let mut values = fields.of(&piece, thread);
        let is_mark = matches!(piece.source, Source::Mark(_));
        let mut name = Name::Label(piece.label);
        if is_mark {
            // What an event says is its name.
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
        Some(Event { name, start, duration, is_mark, fields: values })
    }
}

/// The fields of all spans.
struct Fields {
    /// Of our own, by the thread that they began on.
    own: HashMap<(u32, u64), Vec<(&'static str, Value)>>,
    /// Of `tracing`, by its ids, which are used again.
    tracing: HashMap<u64, Vec<Life>>,
}

/// The fields of one of the spans that had an id, one after the other.
struct Life {
    /// Before any other: it began before the trace.
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
                        Source::Span(number) | Source::Mark(number) => {
                            let fields = all.own.entry((thread.number, number)).or_default();
                            fields.extend(value(field, chunk).map(|value| (field.key, value)));
                        }
                        Source::Tracing(id) => tracing.push((id, field, chunk)),
                    }
                }
            }
        }
        // A sort that keeps the order of those that are recorded at once.
        tracing.sort_by_key(|(id, field, _)| (*id, field.time));
        for (id, field, chunk) in tracing {
            let lives = all.tracing.entry(id).or_default();
            match value(field, chunk) {
                None => {
                    let FieldValue::New(name) = field.value else { continue };
                    lives.push(Life { since: field.time, name: Some(name), fields: Vec::new() });
                }
                Some(value) => {
                    if lives.is_empty() {
                        lives.push(Life { since: 0, name: None, fields: Vec::new() });
                    }
                    let Some(life) = lives.last_mut() else { continue };
                    // A field may be given another value.
                    life.fields.retain(|(key, _)| *key != field.key);
                    life.fields.push((field.key, value));
                }
            }
        }
        all
    }

    fn of(&mut self, piece: &Piece, thread: u32) -> Vec<(&'static str, Value)> {
        match piece.source {
            Source::Span(number) | Source::Mark(number) => {
                self.own.remove(&(thread, number)).unwrap_or_default()
            }
            Source::Tracing(id) => {
                let Some(lives) = self.tracing.get(&id) else { return Vec::new() };
                let begun = lives.partition_point(|life| life.since <= piece.end);
                let life = lives[..begun].last();
                let same =
                    life.filter(|life| life.name.is_none_or(|name| name == piece.label.as_str()));
                same.map(|life| life.fields.clone()).unwrap_or_default()
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
    use crate::profile::clock::Clock;

    /// As where processors count from different moments, and a thread moves.
    #[test]
    fn a_span_that_ends_before_it_began_has_no_length() {
        let clock = Clock::new();
        let start = clock.moment();
        let mut stop = start;
        while stop.count <= start.count + 2 {
            stop = clock.moment();
        }
        let cut = Cut { scale: Scale::between(start, stop), start: start.count, stop: stop.count };
        let (label, source) = (Label::Static("odd"), Source::Span(1));
        let piece = Piece { label, source, start: stop.count - 1, end: start.count + 1 };
        let event = cut.event(piece, 1, &mut Fields::collect(&[])).unwrap();
        assert_eq!(event.duration, 0);
    }
}
