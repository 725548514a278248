//! Going on with a run that an earlier session began.
//!
//! TensorBoard's Python reader drops the points from a step on when it meets a `START` event with
//! that step, but the first `START` of a run only marks its beginning: so two are written, whatever
//! the earlier session wrote. Its data server knows no such event, and drops a tag's points where
//! the tag is logged again: what is not, goes only if the older files are rewritten.

use super::{Error, compact};
use crate::engine::{Buffer, RunHandle};
use crate::read::{self, Payload, ReadErrorKind, RunReader};
use crate::storage::Storage;
use crate::system::Mutex;
use crate::wire::event;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Where a session goes on.
#[derive(Clone, Copy, Debug)]
pub(super) enum ResumeAt {
    Step(i64),
    /// Behind the last step of each run.
    End,
}

/// How the runs of a session go on.
#[derive(Debug)]
pub(super) struct Resume {
    pub(super) at: ResumeAt,
    /// Whether the older files are rewritten without what is dropped.
    pub(super) rewrite: bool,
    /// The runs that were looked at already.
    known: Mutex<HashSet<PathBuf>>,
    /// Those of them that have not begun yet, and the step at which they go on. Whoever opens one
    /// begins it, also if another looked: so nothing is logged before.
    waiting: Mutex<HashMap<PathBuf, i64>>,
}

impl Resume {
    pub(super) fn new(at: ResumeAt, rewrite: bool) -> Self {
        Self { at, rewrite, known: Mutex::default(), waiting: Mutex::default() }
    }

    /// Looks for the step at which a run goes on, and rewrites its files if that is asked for.
    pub(super) fn prepare(&self, storage: &dyn Storage, dir: &Path) -> Result<(), Error> {
        let mut known = self.known.lock();
        if !known.contains(dir) {
            if let Some(step) = self.prepare_first(storage, dir)? {
                self.waiting.lock().insert(dir.to_owned(), step);
            }
            known.insert(dir.to_owned());
        }
        Ok(())
    }

    /// Where a run goes on that is opened now. `None` if nothing was logged into it before this
    /// session, or it has begun already.
    pub(super) fn take(&self, dir: &Path) -> Option<i64> {
        self.waiting.lock().remove(dir)
    }

    fn prepare_first(&self, storage: &dyn Storage, dir: &Path) -> Result<Option<i64>, Error> {
        if read::event_files(dir).map_err(Error::Read)?.is_empty() {
            return Ok(None);
        }
        let step = match self.at {
            ResumeAt::Step(step) => Some(step),
            ResumeAt::End => end_of(dir)?,
        };
        if let (Some(step), true) = (step, self.rewrite) {
            compact::cut(storage, dir, step)?;
        }
        Ok(step)
    }

    /// Where the session as a whole goes on.
    pub(super) fn step(&self, dir: &Path) -> Result<Option<i64>, Error> {
        match self.at {
            ResumeAt::Step(step) => Ok(Some(step)),
            ResumeAt::End => match end_of(dir)? {
                Some(step) => Ok(Some(step)),
                None => end_below(dir),
            },
        }
    }
}

/// The first events of a resumed run.
pub(super) fn begin(buffer: &Buffer, handle: RunHandle, step: i64) {
    for _ in 0..2 {
        buffer.push_exempt(handle, step, event::Payload::SessionLog, event::SESSION_START);
    }
}

/// The step behind the last that a run's summaries have.
fn end_of(dir: &Path) -> Result<Option<i64>, Error> {
    let mut last = None;
    for event in RunReader::open(dir).map_err(Error::Read)? {
        match event {
            Ok(event) => {
                if matches!(event.payload(), Payload::Summary(_)) {
                    last = last.max(Some(event.step()));
                }
            }
            Err(error) if matches!(error.kind(), ReadErrorKind::Io(_)) => {
                return Err(Error::Read(error));
            }
            // What is behind the damage counts, and nothing is changed.
            Err(error) => log::warn!("{error}"),
        }
    }
    Ok(last.map(|step| step.saturating_add(1)))
}

/// The same, of all runs below a directory.
fn end_below(dir: &Path) -> Result<Option<i64>, Error> {
    let failed = |error| Error::directory(dir, error);
    let mut last = None;
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Not of a link, which could lead in a circle.
        if entry.file_type().map_err(failed)?.is_dir() {
            let path = entry.path();
            last = last.max(end_of(&path)?).max(end_below(&path)?);
        }
    }
    Ok(last)
}
