//! Arbitrary runs of several files, resumed and compacted.

use crate::files::{contents, directory, writer};
use crate::record::frame;
use crate::side_by_side::same_on_several_threads;
use crate::wire::messages::session_log::SessionStatus as Status;
use crate::wire::messages::{self, event::What, summary};
use arbitrary::{Arbitrary, Unstructured};
use prost::Message;
use std::collections::BTreeMap;
use std::path::Path;
use tfevents::read::{self, Event, Payload, SessionEvent};
use tfevents::storage::Local;
use tfevents::summary::DataClass;

#[derive(Arbitrary, Debug)]
struct Run<'a> {
    files: Vec<File<'a>>,
    /// Where a session resumes; behind the end if not given.
    resume_at: Option<i8>,
    rewrite: bool,
}

#[derive(Arbitrary, Debug)]
struct File<'a> {
    records: Vec<Record<'a>>,
    /// The bytes that follow them.
    tail: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Record<'a> {
    Values { step: i8, time: f64, values: Vec<(u8, f32, bool)> },
    Start(i8),
    Checkpoint(i8, &'a str),
    Version(&'a str),
    Graph(u8),
    MetaGraph(u8),
    Log(i8, &'a str),
    Any(&'a [u8]),
    Damaged(&'a [u8]),
}

/// A run that is resumed and then compacted shows the same; a damaged one is left as it is.
pub fn sessions(bytes: &[u8]) {
    let Ok(run) = Run::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let dir = directory();
    for (at, file) in run.files.iter().enumerate() {
        let mut content: Vec<u8> = file.records.iter().flat_map(Record::to_bytes).collect();
        content.extend(file.tail);
        let path = dir.path().join(format!("events.out.tfevents.{:010}.host", at + 1));
        std::fs::write(path, content).expect("a file can be written");
    }
    same_on_several_threads(Local, dir.path());
    resume(dir.path(), &run);
    compact(dir.path());
}

/// Maps to few different steps, so that some are equal, and the two extremes.
fn step(step: i8) -> i64 {
    match step {
        i8::MIN => i64::MIN,
        i8::MAX => i64::MAX,
        step => step.into(),
    }
}

impl Record<'_> {
    fn to_bytes(&self) -> Vec<u8> {
        let event = |step, wall_time, what| {
            let what = Some(what);
            frame(&messages::Event { wall_time, step, what, ..Default::default() }.encode_to_vec())
        };
        let session = |at: &i8, status: Status, path: &str| {
            let log = messages::SessionLog {
                status: status as i32,
                checkpoint_path: path.into(),
                ..Default::default()
            };
            event(step(*at), 1.0, What::SessionLog(log))
        };
        match self {
            Self::Values { step: at, time, values } => {
                let value = values.iter().map(|value| to_message(*value)).collect();
                event(step(*at), *time, What::Summary(messages::Summary { value }))
            }
            Self::Start(at) => session(at, Status::Start, ""),
            Self::Checkpoint(at, path) => session(at, Status::Checkpoint, path),
            Self::Version(version) => event(0, 1.0, What::FileVersion((*version).into())),
            Self::Graph(graph) => event(0, 1.0, What::GraphDef(vec![*graph])),
            Self::MetaGraph(graph) => event(0, 1.0, What::MetaGraphDef(vec![*graph])),
            Self::Log(at, line) => {
                let log = messages::LogMessage { level: 20, message: (*line).into() };
                event(step(*at), 1.0, What::LogMessage(log))
            }
            Self::Any(data) if has_other_class(data) => Vec::new(),
            Self::Any(data) => frame(data),
            Self::Damaged(data) => {
                let mut record = frame(data);
                *record.last_mut().expect("a frame has a footer") ^= 1;
                record
            }
        }
    }
}

/// Returns whether a value has a data class that the reader does not know, and so ignores.
fn has_other_class(data: &[u8]) -> bool {
    let what = messages::Event::decode(data).ok().and_then(|event| event.what);
    let Some(What::Summary(summary)) = what else { return false };
    let classes = summary.value.iter().flat_map(|value| &value.metadata);
    classes.into_iter().any(|metadata| !(0..4).contains(&metadata.data_class))
}

/// A value of one of a few tags; its metadata stands in each of them, or in the first alone, as
/// some writers have it.
fn to_message((tag, value, described): (u8, f32, bool)) -> summary::Value {
    let metadata = described.then(|| messages::SummaryMetadata {
        display_name: format!("{value}"),
        ..Default::default()
    });
    summary::Value {
        tag: format!("tag{}", tag % 4),
        metadata,
        value: Some(summary::value::Value::SimpleValue(value)),
        ..Default::default()
    }
}

/// The visible contents of a run.
#[derive(Default, Debug, PartialEq)]
struct Shown {
    /// Tag and step of all valid values, their data, and their metadata.
    values: Vec<(String, i64, String, String)>,
    /// The metadata of the first value of each tag, whether it is valid or not.
    described: BTreeMap<String, String>,
    /// The last of each kind.
    graphs: [Option<Vec<u8>>; 2],
    /// All other events, in order.
    others: Vec<String>,
}

impl Shown {
    /// Adds the values of an event, which replace those that they overwrite.
    fn add(&mut self, event: &Event) {
        let (step, time) = (event.step(), event.wall_time());
        let again = |tag: &str| event.values().iter().any(|value| value.tag() == tag);
        self.values.retain(|(tag, at, ..)| *at < step || !again(tag));
        for value in event.values() {
            let tag = value.tag().to_owned();
            let what = (value.plugin(), value.metadata().content, value.metadata().data_class);
            let described = format!(
                "{what:?} {} {}",
                value.metadata().display_name,
                value.metadata().description
            );
            self.described.entry(tag.clone()).or_insert(described.clone());
            self.values.push((tag, step, format!("{time:?} {:?}", value.data()), described));
        }
    }

    fn start(&mut self, step: i64) {
        self.values.retain(|(_, at, ..)| *at < step);
    }

    /// The metadata of a tag's first value are shown for all: so the first valid one gets them, unless it
    /// is of another plugin.
    fn described(mut self) -> Self {
        let nothing = format!("{:?}  ", ("", &[0u8; 0], None::<DataClass>));
        let mut described = std::mem::take(&mut self.described);
        for (tag, _, _, own) in &mut self.values {
            let first = described.remove(tag);
            let plugin =
                |described: &str| described.split_once("\", ").map(|(plugin, _)| plugin.to_owned());
            let is_like = |first: &String| {
                *own == nothing || *first != nothing && plugin(own) == plugin(first)
            };
            if let Some(first) = first.filter(is_like) {
                *own = first;
            }
        }
        self
    }
}

/// Returns what a directory shows, by the rules in their simplest form; the number of values; and
/// whether something is damaged.
fn shown(dir: &Path) -> (Shown, u64, bool) {
    let (mut shown, mut values, mut damaged) = (Shown::default(), 0, false);
    for event in read::Run::open(dir).expect("the directory exists").events() {
        let Ok(event) = event else {
            damaged = true;
            continue;
        };
        match event.payload() {
            Payload::Summary(list) => {
                values += list.len() as u64;
                shown.add(&event);
                if list.is_empty() {
                    shown.others.push(format!("{event:?}"));
                }
            }
            Payload::SessionLog(log) if log.status == Some(SessionEvent::Start) => {
                shown.start(event.step());
            }
            Payload::FileVersion(_) => {}
            Payload::Graph(graph) => shown.graphs[0] = Some(graph.clone()),
            Payload::MetaGraph(graph) => shown.graphs[1] = Some(graph.clone()),
            _ => shown.others.push(format!("{event:?}")),
        }
    }
    (shown, values, damaged)
}

/// Resumes a session: it finds its step, and changes none of the existing files.
fn resume(dir: &Path, run: &Run<'_>) {
    let before = contents(dir);
    let (mut expected, _, damaged) = shown(dir);
    let found = run.resume_at.map(step).or(last_step(dir).map(|last| last.saturating_add(1)));
    let builder = writer(dir).rewrite_on_resume(run.rewrite);
    let builder = match run.resume_at {
        Some(at) => builder.resume_at(step(at)),
        None => builder.resume(),
    };
    let writer = match builder.build() {
        Ok(writer) => writer,
        Err(error) => {
            assert!(damaged && run.rewrite, "{error}");
            return assert_eq!(contents(dir), before);
        }
    };
    assert_eq!(writer.resumed_at(), found);
    let at = writer.resumed_at().unwrap_or(0);
    writer.add_scalar("tag0", 7.0, at);
    writer.close().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(writer.stats().written, if found.is_some() && !before.is_empty() { 3 } else { 1 });

    let after = contents(dir);
    if !run.rewrite {
        assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
        let newest = after.keys().next_back().expect("a file was written");
        assert!(!before.contains_key(newest), "{} sorts behind it", newest.display());
    }
    if found.is_some() && !before.is_empty() {
        expected.start(at);
    }
    let (mut found, _, still_damaged) = shown(dir);
    let end = found.others.pop().expect("the session ended");
    assert!(end.contains("success"), "{end}");
    let new = found.values.pop().expect("a value was logged");
    assert_eq!((new.0.as_str(), new.1), ("tag0", at));
    expected.values.retain(|(tag, step, ..)| tag != "tag0" || *step < at);
    assert_eq!((found.described(), still_damaged), (expected.described(), damaged));
}

/// The last step of all summaries that can be read.
fn last_step(dir: &Path) -> Option<i64> {
    let events = read::Run::open(dir).expect("the directory exists").events().flatten();
    let summaries = events.filter(|event| matches!(event.payload(), Payload::Summary(_)));
    summaries.map(|event| event.step()).max()
}

fn compact(dir: &Path) {
    let before = contents(dir);
    let (expected, values, damaged) = shown(dir);
    match tfevents::compact(dir) {
        Err(error) => {
            assert!(damaged, "{error}");
            assert_eq!(contents(dir), before);
        }
        Ok(done) => {
            assert!(!damaged, "{done:?}");
            assert_eq!(done.files, before.len());
            let after: Vec<_> = contents(dir).into_keys().collect();
            assert_eq!(after, done.path.into_iter().collect::<Vec<_>>());
            let (found, kept, damaged) = shown(dir);
            assert_eq!((found.described(), damaged), (expected.described(), false));
            assert_eq!((done.values, done.values + done.dropped), (kept, values));
            let again = tfevents::compact(dir).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((again.values, again.dropped), (kept, 0));
        }
    }
}
