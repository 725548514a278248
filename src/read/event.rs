//! Events that own their content.

use super::decode::{self, What};
use super::tags::Tags;
use super::{Kind, Value};
use crate::wire::messages::{self, session_log};
use prost::Message;

/// An event of a file: wall time, step and content.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_scalar("loss", 0.5, 7);
/// # writer.close()?;
/// for event in Run::open(dir.path())?.events() {
///     let event = event?;
///     for value in event.values() {
///         println!("{} at step {}, {} s", value.tag(), event.step(), event.wall_time());
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    wall_time: f64,
    step: i64,
    writer: Option<String>,
    payload: Payload,
}

/// The content of an event.
///
/// ```
/// use tfevents::read::{Payload, Run};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_scalar("loss", 0.5, 0);
/// # writer.close()?;
/// for event in Run::open(dir.path())?.events() {
///     match event?.payload() {
///         Payload::FileVersion(version) => assert_eq!(version, "brain.Event:2"),
///         Payload::Summary(values) => assert_eq!(values[0].tag(), "loss"),
///         Payload::SessionLog(end) => assert_eq!(end.message, "success"),
///         other => panic!("{other:?}"),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Payload {
    /// The first event of a file: `brain.Event:2`.
    FileVersion(String),
    /// Values under their tags.
    Summary(Vec<Value<'static>>),
    /// A graph, as a serialized `GraphDef`.
    Graph(Vec<u8>),
    /// A serialized `MetaGraphDef`: a graph with signatures and collections. TensorFlow writes it.
    MetaGraph(Vec<u8>),
    /// Timing and memory of a traced step.
    RunMetadata(RunMetadata),
    /// The start or end of a session, or a checkpoint.
    SessionLog(SessionLog),
    /// A line of a log.
    Log(LogMessage),
    /// Nothing, or something that is not known here.
    Other,
}

/// Timing and memory of a traced step: see [`Payload::RunMetadata`].
///
/// ```
/// use tfevents::read::Payload;
///
/// fn traced_step(payload: &Payload) -> Option<&str> {
///     match payload {
///         Payload::RunMetadata(run) => Some(&run.tag),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunMetadata {
    /// The name of the step.
    pub tag: String,
    /// A serialized `RunMetadata`.
    pub content: Vec<u8>,
}

/// The start or end of a session, or a checkpoint: see [`Payload::SessionLog`].
///
/// ```
/// use tfevents::read::Payload;
///
/// fn checkpoint(payload: &Payload) -> Option<&str> {
///     match payload {
///         Payload::SessionLog(log) => Some(&log.checkpoint_path),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionLog {
    /// The kind; `None` if it is missing or unknown.
    pub status: Option<SessionEvent>,
    /// The path of the checkpoint; empty if there is none.
    pub checkpoint_path: String,
    /// A free text.
    pub message: String,
}

/// The kind of a [`SessionLog`].
///
/// ```
/// use tfevents::read::{Payload, SessionEvent};
///
/// fn starts(payload: &Payload) -> bool {
///     matches!(payload, Payload::SessionLog(log) if log.status == Some(SessionEvent::Start))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionEvent {
    /// The session began at this step. From the second start of a run on, TensorBoard's Python
    /// reader drops what is at this step or later.
    Start,
    /// The session ended.
    Stop,
    /// The session saved a checkpoint.
    Checkpoint,
}

/// A line of a log: see [`Payload::Log`].
///
/// ```
/// use tfevents::read::{LogLevel, Payload};
///
/// fn is_error(payload: &Payload) -> bool {
///     matches!(payload, Payload::Log(line) if line.level >= LogLevel::Error)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogMessage {
    /// The level.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

/// The level of a [`LogMessage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LogLevel {
    /// No level, or one that the format does not define.
    Unknown,
    /// A message for debugging: 10 in the file.
    Debug,
    /// An information: 20.
    Info,
    /// A warning: 30.
    Warning,
    /// An error: 40.
    Error,
    /// An error that ended the program: 50.
    Fatal,
}

impl LogLevel {
    fn new(number: i32) -> Self {
        match number {
            10 => Self::Debug,
            20 => Self::Info,
            30 => Self::Warning,
            40 => Self::Error,
            50 => Self::Fatal,
            _ => Self::Unknown,
        }
    }
}

impl Event {
    /// Decodes an event, with the help of a buffer for rare layouts.
    pub(super) fn decode(data: &[u8], buffer: &mut Vec<u8>) -> Result<Self, decode::DecodeError> {
        let raw = decode::event(data, buffer)?;
        let failed = |error: prost::DecodeError| error.to_string();
        let payload = match raw.what {
            What::Nothing => Payload::Other,
            What::FileVersion(version) => Payload::FileVersion(version.to_owned()),
            What::Graph(graph) => Payload::Graph(graph.to_owned()),
            What::MetaGraph(graph) => Payload::MetaGraph(graph.to_owned()),
            What::Summary(_) => {
                let mut values = raw.values();
                let next = || values.next_bytes().map(|bytes| Value::new(bytes, None).into_owned());
                Payload::Summary(std::iter::from_fn(next).collect())
            }
            What::RunMetadata(run) => {
                let run = messages::TaggedRunMetadata::decode(run).map_err(failed)?;
                Payload::RunMetadata(RunMetadata { tag: run.tag, content: run.run_metadata })
            }
            What::SessionLog(log) => {
                let log = messages::SessionLog::decode(log).map_err(failed)?;
                Payload::SessionLog(SessionLog::new(log))
            }
            What::Log(log) => {
                let log = messages::LogMessage::decode(log).map_err(failed)?;
                let level = LogLevel::new(log.level);
                Payload::Log(LogMessage { level, message: log.message })
            }
        };
        let writer = raw.writer.map(str::to_owned);
        Ok(Self { wall_time: raw.wall_time, step: raw.step, writer, payload })
    }

    /// Returns the wall time in seconds since 1970, as it is in the file: not always finite in
    /// files of other writers.
    pub fn wall_time(&self) -> f64 {
        self.wall_time
    }

    /// Returns the step.
    pub fn step(&self) -> i64 {
        self.step
    }

    /// Returns the name of the program that wrote the file, if this event has it; the first of a
    /// file may.
    pub fn writer(&self) -> Option<&str> {
        self.writer.as_deref()
    }

    /// Returns the content of the event.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Returns the content of the event by value: without a copy of a large graph.
    pub fn into_payload(self) -> Payload {
        self.payload
    }

    /// Returns the values of a summary; none of another event.
    pub fn values(&self) -> &[Value<'static>] {
        match &self.payload {
            Payload::Summary(values) => values,
            _ => &[],
        }
    }

    /// Gives values without metadata of their own that of their tags.
    pub(super) fn set_tag_metadata(&mut self, tags: &mut Tags) {
        if let Payload::Summary(values) = &mut self.payload {
            for value in values {
                let metadata = {
                    let raw = value.raw();
                    let id =
                        tags.intern(raw.tag, Kind::new(raw.metadata, raw.content), raw.metadata);
                    raw.metadata.is_empty().then(|| tags.shared_metadata(id).clone())
                };
                value.set_tag_metadata(metadata);
            }
        }
    }
}

impl SessionLog {
    fn new(log: messages::SessionLog) -> Self {
        let status = match session_log::SessionStatus::try_from(log.status).unwrap_or_default() {
            session_log::SessionStatus::StatusUnspecified => None,
            session_log::SessionStatus::Start => Some(SessionEvent::Start),
            session_log::SessionStatus::Stop => Some(SessionEvent::Stop),
            session_log::SessionStatus::Checkpoint => Some(SessionEvent::Checkpoint),
        };
        Self { status, checkpoint_path: log.checkpoint_path, message: log.msg }
    }
}
