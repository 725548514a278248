//! A trace in the JSON of Chrome's tracing, which Perfetto opens.

use super::timeline::{Event, Timeline, Value};
use crate::wire::json::quoted;
use std::fmt::Write;

/// The one process of a trace.
const PROCESS: u32 = 1;

pub(super) fn encode(timeline: &Timeline) -> Vec<u8> {
    let mut out = String::from("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    let mut first = true;
    for thread in &timeline.threads {
        for (name, argument) in [
            ("thread_name", quoted(&thread.name)),
            ("thread_sort_index", thread.number.to_string()),
        ] {
            let key = if name == "thread_name" { "name" } else { "sort_index" };
            begin(&mut out, &mut first, "M", thread.number);
            put(&mut out, format_args!(",\"name\":\"{name}\",\"args\":{{\"{key}\":{argument}}}}}"));
        }
        for event in &thread.events {
            begin(&mut out, &mut first, if event.is_mark { "i" } else { "X" }, thread.number);
            put_event(&mut out, event);
        }
    }
    out.push_str("\n]}\n");
    out.into_bytes()
}

fn begin(out: &mut String, first: &mut bool, phase: &str, thread: u32) {
    let comma = if std::mem::take(first) { "" } else { "," };
    put(out, format_args!("{comma}\n{{\"ph\":\"{phase}\",\"pid\":{PROCESS},\"tid\":{thread}"));
}

fn put_event(out: &mut String, event: &Event) {
    put(
        out,
        format_args!(",\"name\":{},\"ts\":{}", quoted(event.name.as_str()), micros(event.start)),
    );
    if event.is_mark {
        // As high as its thread.
        out.push_str(",\"s\":\"t\"");
    } else {
        put(out, format_args!(",\"dur\":{}", micros(event.duration)));
    }
    if !event.fields.is_empty() {
        out.push_str(",\"args\":{");
        for (index, (key, value)) in event.fields.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            put(out, format_args!("{comma}{}:{}", quoted(key), json(value)));
        }
        out.push('}');
    }
    out.push('}');
}

/// Microseconds, exact to the picosecond.
fn micros(picos: u64) -> String {
    format!("{}.{:06}", picos / 1_000_000, picos % 1_000_000)
}

fn json(value: &Value) -> String {
    match value {
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Float(value) if value.is_finite() => format!("{value:?}"),
        // JSON has no number for it.
        Value::Float(value) => format!("\"{value}\""),
        Value::Bool(value) => value.to_string(),
        Value::Text(value) => quoted(value),
    }
}

fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = out.write_fmt(what);
}
