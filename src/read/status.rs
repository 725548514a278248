//! Whether a run is still written, and how it ended.

use super::frame::Frames;
use super::{Event, HParamsValue, Payload, ReadError, Run, SessionEvent, TrialStatus, ValueData};
use crate::wire::crc;
use crate::wire::record::{FOOTER, HEADER};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long after its last change a run without an end mark counts as live.
const SILENCE: Duration = Duration::from_secs(60);

/// The number of bytes at the end of a file that are searched for an end mark.
const TAIL: u64 = 4 << 10;

/// The state of a run: live, ended, failed or unknown. See [`RunStatus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunState {
    /// There is no end mark, and the newest file changed in the last 60 seconds.
    Live,
    /// The run ended well.
    Ended,
    /// The run failed.
    Failed,
    /// There is no end mark, and the newest file has not changed for 60 seconds; or the writer
    /// ended without a status.
    Unknown,
}

impl RunState {
    /// Returns the name: `live`, `ended`, `failed` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for RunState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The status of a run, read from its files and the end of the newest one: see [`Run::status`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunStatus {
    /// Whether it is still written, or how it ended.
    ///
    /// An end mark is one of the last events of the newest file: a `SessionLog` with the status
    /// `STOP` and the message `success`, `failure` or anything else, or the end of a trial with
    /// hyperparameters.
    pub state: RunState,
    /// Whether the newest file ends in the middle of a record. [`RunIndex`](super::RunIndex) has
    /// all truncated files.
    pub is_truncated: bool,
    /// The number of event files.
    pub files: usize,
    /// The size of all event files in bytes.
    pub bytes: u64,
    /// When the newest file last changed, where the system reports it.
    pub modified: Option<SystemTime>,
    /// Whether there are traces for the Profile dashboard.
    pub has_profile: bool,
    /// Whether there is a configuration for the Projector dashboard.
    pub has_projector: bool,
}

impl Run {
    /// Finds out whether the run is still written, or how it ended, from its files and the end of
    /// the newest one.
    ///
    /// ```
    /// use tfevents::read::{Run, RunState};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 0);
    /// writer.flush()?;
    /// assert_eq!(Run::open(dir.path())?.status()?.state, RunState::Live);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadErrorKind::Io`](super::ReadErrorKind::Io) if the directory cannot be listed, or the
    /// newest file cannot be read.
    pub fn status(&self) -> Result<RunStatus, ReadError> {
        self.status_at(SystemTime::now())
    }

    pub(super) fn status_at(&self, now: SystemTime) -> Result<RunStatus, ReadError> {
        let storage = &self.location().storage;
        let exists = |parts: &[&str]| {
            let path = parts.iter().fold(self.path().to_owned(), |path, part| path.join(part));
            storage.metadata(&path).is_ok()
        };
        let files = self.files()?;
        let mut status = RunStatus {
            state: RunState::Unknown,
            is_truncated: false,
            files: files.len(),
            bytes: 0,
            modified: None,
            has_profile: exists(&["plugins", "profile"]),
            has_projector: exists(&["projector_config.pbtxt"]),
        };
        for file in &files {
            if let Ok(found) = storage.metadata(file) {
                status.bytes += found.len;
                status.modified = found.modified;
            }
        }
        let Some(newest) = files.last() else { return Ok(status) };
        let tail = self.read_tail(newest).map_err(|error| ReadError::io(newest, error))?;
        let (mark, is_truncated) = end_mark(&tail);
        status.is_truncated = is_truncated;
        let age = status.modified.map(|modified| now.duration_since(modified).unwrap_or_default());
        status.state = match mark {
            Some(state) => state,
            None if age.is_some_and(|age| age < SILENCE) => RunState::Live,
            None => RunState::Unknown,
        };
        Ok(status)
    }

    /// Reads the end of a file.
    fn read_tail(&self, file: &Path) -> std::io::Result<Vec<u8>> {
        let storage = &self.location().storage;
        let len = storage.metadata(file)?.len;
        let source = storage.open(file, len.saturating_sub(TAIL))?;
        let mut tail = Vec::new();
        source.take(TAIL).read_to_end(&mut tail)?;
        Ok(tail)
    }
}

/// Finds the end mark in the end of a file, and whether its last record is truncated.
fn end_mark(tail: &[u8]) -> (Option<RunState>, bool) {
    let Some(start) = (0..tail.len()).find(|&at| is_header(&tail[at..])) else {
        return (None, false);
    };
    let mut frames = Frames::with_chunk(&tail[start..], TAIL as usize);
    let mut mark = None;
    while let Ok(true) = frames.advance() {
        if let Ok(event) = Event::decode(frames.data(), &mut Vec::new()) {
            mark = mark_of(&event, mark);
        }
    }
    (mark, frames.is_truncated())
}

/// Returns whether a record seems to begin here: the length has the checksum that it says. One in
/// four billion places does so by chance.
fn is_header(bytes: &[u8]) -> bool {
    let Some(header) = bytes.first_chunk::<HEADER>() else { return false };
    let length = u64::from_le_bytes(*header.first_chunk().unwrap_or(&[0; 8]));
    let crc = u32::from_le_bytes(*header.last_chunk().unwrap_or(&[0; FOOTER]));
    length < 1 << 31 && crc == crc::masked_len(length)
}

/// Returns the state after an event, by the state before.
fn mark_of(event: &Event, before: Option<RunState>) -> Option<RunState> {
    match event.payload() {
        Payload::SessionLog(log) => match log.status {
            Some(SessionEvent::Stop) => Some(match &*log.message {
                "success" => RunState::Ended,
                "failure" => RunState::Failed,
                // How a trial ended is a better answer.
                _ => before.unwrap_or(RunState::Unknown),
            }),
            Some(SessionEvent::Start) => None,
            _ => before,
        },
        Payload::Summary(values) => {
            // Data of other plugins may be large.
            let mut values = values.iter().filter(|value| value.plugin() == "hparams");
            let outcome = values.find_map(|value| match value.data() {
                Ok(ValueData::HParams(HParamsValue::SessionEnd(end))) => end.status,
                _ => None,
            });
            match outcome {
                Some(TrialStatus::Success) => Some(RunState::Ended),
                Some(TrialStatus::Failure) => Some(RunState::Failed),
                // The trial ended, and logging went on.
                Some(TrialStatus::Running) => None,
                None => before,
            }
        }
        _ => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::event::{self, Stamp};
    use crate::wire::record;

    fn file(events: &[(event::Payload, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        event::put_file_version(&mut bytes, 1.0, "test");
        for &(payload, body) in events {
            let start = record::open(&mut bytes);
            event::put_event(&mut bytes, Stamp { wall_time: 1.0, step: 3 }, payload, body);
            record::close(&mut bytes, start);
        }
        record::seal(&mut bytes);
        bytes
    }

    const SUCCESS: &[u8] = b"\x08\x02\x1a\x07success";
    const FAILURE: &[u8] = b"\x08\x02\x1a\x07failure";
    const STOP: &[u8] = b"\x08\x02";

    #[test]
    fn the_end_mark_is_found_behind_whatever_is_there() {
        use event::Payload::{Graph, SessionLog};
        let long = vec![7; 10_000];
        let graph = (Graph, &long[..]);
        type Events<'a> = &'a [(event::Payload, &'a [u8])];
        let cases: [(Events<'_>, _); 7] = [
            (&[], None),
            (&[graph], None),
            (&[graph, (SessionLog, SUCCESS)], Some(RunState::Ended)),
            (&[graph, (SessionLog, FAILURE)], Some(RunState::Failed)),
            (&[(SessionLog, STOP)], Some(RunState::Unknown)),
            (&[(SessionLog, SUCCESS), (SessionLog, event::SESSION_START)], None),
            (&[(SessionLog, event::SESSION_START), (SessionLog, SUCCESS)], Some(RunState::Ended)),
        ];
        for (events, expected) in cases {
            let bytes = file(events);
            let tail = &bytes[bytes.len().saturating_sub(TAIL as usize)..];
            assert_eq!(end_mark(tail), (expected, false), "{expected:?}");
            let cut = &tail[..tail.len() - 3];
            assert!(end_mark(cut).1 || events.last() == Some(&graph));
        }
    }

    #[test]
    fn without_a_mark_the_last_change_decides() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.tfevents"), file(&[])).unwrap();
        std::fs::create_dir_all(dir.path().join("plugins/profile")).unwrap();
        let run = Run::open(dir.path()).unwrap();
        let now = SystemTime::now();
        let status = run.status_at(now).unwrap();
        assert_eq!((status.state, status.files), (RunState::Live, 1));
        assert_eq!((status.has_profile, status.has_projector), (true, false));
        let later = run.status_at(now + SILENCE + Duration::from_secs(5)).unwrap();
        assert_eq!(later.state, RunState::Unknown);
        let newest = dir.path().join("b.tfevents");
        let mark = [(event::Payload::SessionLog, FAILURE)];
        std::fs::write(newest, file(&mark)).unwrap();
        assert_eq!(run.status_at(now).unwrap().state, RunState::Failed);
    }
}
