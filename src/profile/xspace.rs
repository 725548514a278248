//! A trace as the Profile dashboard reads it.

use super::timeline::{Event, Thread, Timeline, Value};
use crate::wire::messages::{
    XEvent, XEventMetadata, XLine, XPlane, XSpace, XStat, XStatMetadata, x_event,
    x_plane::{EventMetadataEntry, StatMetadataEntry},
    x_stat,
};
use prost::Message;
use std::collections::HashMap;

/// What readers know the host's plane by.
const PLANE: &str = "/host:CPU";

pub(super) fn encode(timeline: Timeline, host: &str) -> Vec<u8> {
    let (mut names, mut keys) = (Ids::default(), Ids::default());
    let lines =
        timeline.threads.into_iter().map(|thread| line(thread, &mut names, &mut keys)).collect();
    let metadata =
        |(name, key)| EventMetadataEntry { key, value: Some(XEventMetadata { id: key, name }) };
    let stat =
        |(name, key)| StatMetadataEntry { key, value: Some(XStatMetadata { id: key, name }) };
    let plane = XPlane {
        id: 1,
        name: PLANE.to_owned(),
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

fn line(thread: Thread, names: &mut Ids, keys: &mut Ids) -> XLine {
    XLine {
        id: thread.number.into(),
        name: thread.name,
        // The trace's own begin: readers cannot count in picoseconds from 1970.
        timestamp_ns: 0,
        events: thread.events.into_iter().map(|event| self::event(event, names, keys)).collect(),
    }
}

fn event(event: Event, names: &mut Ids, keys: &mut Ids) -> XEvent {
    // Times are less than i64::MAX: see `Scale`.
    let picos = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    let stat = |(key, value): (&str, Value)| {
        let value = match value {
            Value::Int(value) => x_stat::Value::Int64Value(value),
            Value::Uint(value) => x_stat::Value::Uint64Value(value),
            Value::Float(value) => x_stat::Value::DoubleValue(value),
            // There is no other kind for it.
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

/// Names by number, from 1.
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
