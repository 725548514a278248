//! Events as they are found in a file.

use super::Value;
use crate::wire::messages::{self, event::What, session_log};

/// One event: when, at which step, and what.
///
/// ```
/// use tfevents::read::RunReader;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_scalar("loss", 0.5, 7);
/// # writer.close()?;
/// for event in RunReader::open(dir.path())? {
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

/// What an event carries.
///
/// ```
/// use tfevents::read::{Payload, RunReader};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # writer.add_scalar("loss", 0.5, 0);
/// # writer.close()?;
/// for event in RunReader::open(dir.path())? {
///     match event?.payload() {
///         Payload::FileVersion(version) => assert_eq!(version, "brain.Event:2"),
///         Payload::Summary(values) => assert_eq!(values[0].tag(), "loss"),
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
    Summary(Vec<Value>),
    /// A graph, as a serialized `GraphDef`.
    Graph(Vec<u8>),
    /// A graph with more around it, as a serialized `MetaGraphDef`. TensorFlow writes it.
    MetaGraph(Vec<u8>),
    /// Timing and memory of a traced step.
    RunMetadata(RunMetadata),
    /// The start or end of a session, or a checkpoint.
    SessionLog(SessionLog),
    /// A line of a log.
    Log(LogMessage),
    /// Nothing, or something that this reader does not know.
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
    /// What the step is called.
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
    /// Which of them; `None` if the file does not say, or says something unknown.
    pub status: Option<SessionEvent>,
    /// Where the checkpoint lies; empty where there is none.
    pub checkpoint_path: String,
    /// A free text.
    pub message: String,
}

/// What happened to a session.
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
    /// It began at this step. TensorBoard's Python reader then drops what lies at later steps.
    Start,
    /// It ended.
    Stop,
    /// It saved a checkpoint.
    Checkpoint,
}

/// A line of a log: see [`Payload::Log`].
///
/// ```
/// use tfevents::read::Payload;
///
/// fn is_error(payload: &Payload) -> bool {
///     matches!(payload, Payload::Log(line) if line.level >= 40)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogMessage {
    /// 10 debug, 20 info, 30 warning, 40 error, 50 fatal; 0 unknown.
    pub level: i32,
    /// The line.
    pub message: String,
}

impl Event {
    pub(super) fn new(message: messages::Event) -> Self {
        let payload = match message.what {
            Some(What::FileVersion(version)) => Payload::FileVersion(version),
            Some(What::Summary(summary)) => {
                Payload::Summary(summary.value.into_iter().map(Value::new).collect())
            }
            Some(What::GraphDef(graph)) => Payload::Graph(graph),
            Some(What::MetaGraphDef(graph)) => Payload::MetaGraph(graph),
            Some(What::TaggedRunMetadata(run)) => {
                Payload::RunMetadata(RunMetadata { tag: run.tag, content: run.run_metadata })
            }
            Some(What::SessionLog(log)) => Payload::SessionLog(SessionLog::new(log)),
            Some(What::LogMessage(log)) => {
                Payload::Log(LogMessage { level: log.level, message: log.message })
            }
            None => Payload::Other,
        };
        let writer = message.source_metadata.map(|source| source.writer);
        Self { wall_time: message.wall_time, step: message.step, writer, payload }
    }

    /// Seconds since 1970, as the file says: not always finite in files of others.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert!(event.wall_time() > 1.7e9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wall_time(&self) -> f64 {
        self.wall_time
    }

    /// The step.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.step(), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn step(&self) -> i64 {
        self.step
    }

    /// The program that wrote the file, where this event says so; the first of a file may.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// # writer.add_scalar("loss", 0.5, 0);
    /// # writer.close()?;
    /// let mut run = tfevents::read::RunReader::open(dir.path())?;
    /// assert!(run.next().unwrap()?.writer().is_some());
    /// assert!(run.next().unwrap()?.writer().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn writer(&self) -> Option<&str> {
        self.writer.as_deref()
    }

    /// What it carries.
    ///
    /// ```
    /// use tfevents::read::{Payload, RunReader};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert!(matches!(event.payload(), Payload::Summary(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// What it carries, by value: no copy of a large graph.
    ///
    /// ```
    /// use tfevents::read::{Payload, RunReader};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # tfevents::SummaryWriter::new(dir.path())?.close()?;
    /// let mut graphs: Vec<Vec<u8>> = Vec::new();
    /// for event in RunReader::open(dir.path())? {
    ///     if let Payload::Graph(graph) = event?.into_payload() {
    ///         graphs.push(graph);
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_payload(self) -> Payload {
        self.payload
    }

    /// Its values; none if it is no summary.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// assert_eq!(event.values()[0].tag(), "loss");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn values(&self) -> &[Value] {
        match &self.payload {
            Payload::Summary(values) => values,
            _ => &[],
        }
    }
}

impl SessionLog {
    fn new(log: messages::SessionLog) -> Self {
        let status = match log.status() {
            session_log::SessionStatus::StatusUnspecified => None,
            session_log::SessionStatus::Start => Some(SessionEvent::Start),
            session_log::SessionStatus::Stop => Some(SessionEvent::Stop),
            session_log::SessionStatus::Checkpoint => Some(SessionEvent::Checkpoint),
        };
        Self { status, checkpoint_path: log.checkpoint_path, message: log.msg }
    }
}
