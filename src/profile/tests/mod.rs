//! Tests of the recorder by the files that it writes. `tests/tensorboard` reads such files with
//! xprof.

mod borders;
mod bounds;
mod files;
mod spans;
#[cfg(feature = "tracing")]
mod tracing;

use super::{Profiler, Trace};
use crate::wire::messages::{XSpace, XStat, x_event, x_stat};
use prost::Message;
use std::fs;
use std::path::{Path, PathBuf};

/// A span or an instant of a file; times in picoseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) line: String,
    pub(crate) line_id: i64,
    pub(crate) name: String,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) fields: Vec<(String, String)>,
}

impl Event {
    pub(crate) fn field(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, value)| &value[..])
    }

    pub(crate) fn contains(&self, other: &Event) -> bool {
        self.line_id == other.line_id && self.start <= other.start && other.end <= self.end
    }
}

pub(crate) fn decode(path: &Path) -> XSpace {
    XSpace::decode(&fs::read(path).unwrap()[..]).unwrap()
}

/// Returns all events of a file but those of the line of the trace as a whole.
pub(crate) fn events(path: &Path) -> Vec<Event> {
    every_event(path).into_iter().filter(|event| event.line_id != 0).collect()
}

pub(crate) fn every_event(path: &Path) -> Vec<Event> {
    let space = decode(path);
    let [plane] = &space.planes[..] else { panic!("{space:?}") };
    let mut events = Vec::new();
    for line in &plane.lines {
        for event in &line.events {
            let Some(x_event::Data::OffsetPs(start)) = event.data else { panic!("{event:?}") };
            let field = |stat: &XStat| {
                let value = match stat.value.as_ref().unwrap() {
                    x_stat::Value::DoubleValue(value) => value.to_string(),
                    x_stat::Value::Uint64Value(value) => value.to_string(),
                    x_stat::Value::Int64Value(value) => value.to_string(),
                    x_stat::Value::StrValue(value) => value.clone(),
                };
                let mut names = plane.stat_metadata.iter().flat_map(|entry| &entry.value);
                let name = names.find(|name| name.id == stat.metadata_id).unwrap();
                (name.name.clone(), value)
            };
            let mut names = plane.event_metadata.iter().flat_map(|entry| &entry.value);
            events.push(Event {
                line: line.name.clone(),
                line_id: line.id,
                name: names.find(|name| name.id == event.metadata_id).unwrap().name.clone(),
                start,
                end: start + event.duration_ps,
                fields: event.stats.iter().map(field).collect(),
            });
        }
    }
    events
}

/// Returns the path of the only trace of a run.
pub(crate) fn only_trace(run: &Path) -> PathBuf {
    let [trace] = &traces(run)[..] else { panic!("{:?}", traces(run)) };
    trace.clone()
}

/// Returns the paths of the traces of a run, whose folders must contain no other files.
pub(crate) fn traces(run: &Path) -> Vec<PathBuf> {
    let Ok(sessions) = fs::read_dir(run.join("plugins").join("profile")) else { return vec![] };
    let mut traces = Vec::new();
    for session in sessions {
        for file in fs::read_dir(session.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            assert!(path.to_str().unwrap().ends_with(".xplane.pb"), "{path:?}");
            traces.push(path);
        }
    }
    traces.sort();
    traces
}

/// Records a trace of `work` and returns its events.
fn traced(profiler: &Profiler, work: impl FnOnce()) -> Vec<Event> {
    let dir = tempfile::tempdir().unwrap();
    let trace = profiler.start(dir.path()).unwrap();
    work();
    finish(trace)
}

fn finish(trace: Trace) -> Vec<Event> {
    events(&trace.stop().unwrap())
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| &event.name[..]).collect()
}
