//! A trace as files: [`xplane`] for the Profile dashboard, [`chrome_json`] for Perfetto.

use super::timeline::{Event, Line, Timeline, Value};
use crate::wire::json::quoted;
use crate::wire::messages::{
    XEvent, XEventMetadata, XLine, XPlane, XSpace, XStat, XStatMetadata, x_event,
    x_plane::{EventMetadataEntry, StatMetadataEntry},
    x_stat,
};
use prost::Message;
use std::collections::HashMap;
use std::fmt::Write;

/// The name by which readers know the plane of the host.
const HOST_PLANE: &str = "/host:CPU";

/// Encodes a trace as an `XSpace` message.
pub(super) fn xplane(timeline: Timeline, host: &str) -> Vec<u8> {
    let mut names = Ids::default();
    let mut keys = Ids::default();
    let lines =
        timeline.lines.into_iter().map(|line| encode_line(line, &mut names, &mut keys)).collect();
    let metadata =
        |(name, key)| EventMetadataEntry { key, value: Some(XEventMetadata { id: key, name }) };
    let stat =
        |(name, key)| StatMetadataEntry { key, value: Some(XStatMetadata { id: key, name }) };
    let plane = XPlane {
        id: 1,
        name: HOST_PLANE.to_owned(),
        lines,
        event_metadata: names.in_order().into_iter().map(metadata).collect(),
        stat_metadata: keys.in_order().into_iter().map(stat).collect(),
    };
    let dropped = timeline.dropped;
    let missing = || format!("{dropped} spans are missing: the memory for the trace was used up");
    let warnings = (dropped > 0).then(missing).into_iter().collect();
    let hostnames = vec![host.to_owned()];
    XSpace { planes: vec![plane], warnings, hostnames }.encode_to_vec()
}

fn encode_line(line: Line, names: &mut Ids, keys: &mut Ids) -> XLine {
    XLine {
        id: line.number.into(),
        name: line.name,
        // Times count from the start of the trace: 64 bits cannot hold picoseconds since 1970.
        timestamp_ns: 0,
        events: line.events.into_iter().map(|event| encode_event(event, names, keys)).collect(),
    }
}

fn encode_event(event: Event, names: &mut Ids, keys: &mut Ids) -> XEvent {
    // Times are less than i64::MAX: see `Scale`.
    let picos = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    let stat = |(key, value): (&str, Value)| {
        let value = match value {
            Value::Int(value) => x_stat::Value::Int64Value(value),
            Value::Uint(value) => x_stat::Value::Uint64Value(value),
            Value::Float(value) => x_stat::Value::DoubleValue(value),
            // The format has no booleans.
            Value::Bool(value) => x_stat::Value::StrValue(value.to_string()),
            Value::Text(value) => x_stat::Value::StrValue(value),
        };
        XStat { metadata_id: keys.id(key), value: Some(value) }
    };
    XEvent {
        metadata_id: names.id(event.name.as_str()),
        duration_ps: picos(event.duration),
        data: Some(x_event::Data::OffsetPs(picos(event.start))),
        stats: event.fields.into_iter().map(stat).collect(),
    }
}

/// Numbers of names, from 1.
#[derive(Default)]
struct Ids(HashMap<String, i64>);

impl Ids {
    fn id(&mut self, name: &str) -> i64 {
        if let Some(&id) = self.0.get(name) {
            return id;
        }
        let id = self.0.len() as i64 + 1;
        self.0.insert(name.to_owned(), id);
        id
    }

    fn in_order(self) -> Vec<(String, i64)> {
        let mut names: Vec<_> = self.0.into_iter().collect();
        names.sort_unstable_by_key(|(_, id)| *id);
        names
    }
}

/// The number of the one process of a trace.
const PROCESS: u32 = 1;

/// Encodes a trace in the JSON of Chrome's tracing.
pub(super) fn chrome_json(timeline: &Timeline) -> Vec<u8> {
    let mut out = String::from("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    let mut first = true;
    for (index, line) in timeline.lines.iter().enumerate() {
        let name = quoted(&line.name);
        put_phase(&mut out, &mut first, "M", line.number);
        put(&mut out, format_args!(",\"name\":\"thread_name\",\"args\":{{\"name\":{name}}}}}"));
        put_phase(&mut out, &mut first, "M", line.number);
        put(
            &mut out,
            format_args!(",\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{index}}}}}"),
        );
        for event in &line.events {
            put_phase(&mut out, &mut first, if event.is_instant { "i" } else { "X" }, line.number);
            put_event(&mut out, event);
        }
    }
    out.push_str("\n]}\n");
    out.into_bytes()
}

/// Begins an entry.
fn put_phase(out: &mut String, first: &mut bool, phase: &str, line: u32) {
    let comma = if std::mem::take(first) { "" } else { "," };
    put(out, format_args!("{comma}\n{{\"ph\":\"{phase}\",\"pid\":{PROCESS},\"tid\":{line}"));
}

fn put_event(out: &mut String, event: &Event) {
    let name = quoted(event.name.as_str());
    let start = micros(event.start);
    put(out, format_args!(",\"name\":{name},\"ts\":{start}"));
    if event.is_instant {
        // The scope "t" draws it as high as its thread.
        out.push_str(",\"s\":\"t\"");
    } else {
        put(out, format_args!(",\"dur\":{}", micros(event.duration)));
    }
    if !event.fields.is_empty() {
        out.push_str(",\"args\":{");
        for (index, (key, value)) in event.fields.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            put(out, format_args!("{comma}{}:{}", quoted(key), json_value(value)));
        }
        out.push('}');
    }
    out.push('}');
}

/// Returns microseconds, exact to the picosecond.
fn micros(picos: u64) -> String {
    format!("{}.{:06}", picos / 1_000_000, picos % 1_000_000)
}

fn json_value(value: &Value) -> String {
    match value {
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Float(value) if value.is_finite() => format!("{value:?}"),
        // JSON has no such number.
        Value::Float(value) => format!("\"{value}\""),
        Value::Bool(value) => value.to_string(),
        Value::Text(value) => quoted(value),
    }
}

fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = out.write_fmt(what);
}
