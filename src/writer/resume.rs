//! Resuming a run of an earlier session.
//!
//! At a `START` event, TensorBoard's Python reader drops the points at that step or later. The first
//! `START` of a run only marks its beginning, so a resumed run begins with two, whatever the earlier
//! session wrote. The data server ignores such events, and drops the points of a tag where the tag
//! is logged again. The other points disappear only if the older files are rewritten.

use super::{Error, compact};
use crate::engine::{Buffer, RunHandle};
use crate::read::{self, Payload, ReadError, ReadErrorKind, Run};
use crate::storage::{Kind, Storage};
use crate::system::Mutex;
use crate::wire::event;
use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The step at which a session continues.
#[derive(Clone, Copy, Debug)]
pub(super) enum ResumeAt {
    Step(i64),
    /// The step after the last one of each run.
    End,
}

/// What becomes of the event files of earlier sessions.
#[derive(Clone, Copy, Debug)]
pub(super) enum OlderFiles {
    Keep,
    /// They are rewritten without the points that are replaced.
    Rewrite,
}

/// The runs that a session resumes.
#[derive(Debug)]
pub(super) struct Resume {
    pub(super) at: ResumeAt,
    older_files: OlderFiles,
    /// The runs whose files were read already.
    known: Mutex<HashSet<PathBuf>>,
    /// The runs of these that are not open yet, and the step at which they continue. The first
    /// thread that opens one writes its first events, even if another thread read its files, so that
    /// nothing is logged before them.
    waiting: Mutex<HashMap<PathBuf, i64>>,
}

impl Resume {
    pub(super) fn new(at: ResumeAt, older_files: OlderFiles) -> Self {
        Self { at, older_files, known: Mutex::default(), waiting: Mutex::default() }
    }

    /// Finds the step at which a run continues, and rewrites its older files if that is set.
    pub(super) fn prepare(&self, storage: &Arc<dyn Storage>, dir: &Path) -> Result<(), Error> {
        let mut known = self.known.lock();
        if !known.contains(dir) {
            if let Some(step) = self.prepare_first(storage, dir)? {
                self.waiting.lock().insert(dir.to_owned(), step);
            }
            known.insert(dir.to_owned());
        }
        Ok(())
    }

    /// Returns the step at which a run that is opened now continues. Returns `None` if nothing was
    /// logged into it before this session, or if it was opened before.
    pub(super) fn take(&self, dir: &Path) -> Option<i64> {
        self.waiting.lock().remove(dir)
    }

    fn prepare_first(&self, storage: &Arc<dyn Storage>, dir: &Path) -> Result<Option<i64>, Error> {
        if read::event_files(storage, dir).map_err(Error::read(dir))?.is_empty() {
            return Ok(None);
        }
        let step = match self.at {
            ResumeAt::Step(step) => Some(step),
            ResumeAt::End => end_of(storage, dir)?,
        };
        if let (Some(step), OlderFiles::Rewrite) = (step, self.older_files) {
            compact::cut(storage, dir, step)?;
        }
        Ok(step)
    }

    /// Returns the step at which the session as a whole continues.
    pub(super) fn step(
        &self,
        storage: &Arc<dyn Storage>,
        dir: &Path,
    ) -> Result<Option<i64>, Error> {
        match self.at {
            ResumeAt::Step(step) => Ok(Some(step)),
            ResumeAt::End => match end_of(storage, dir)? {
                Some(step) => Ok(Some(step)),
                None => end_below(storage, dir),
            },
        }
    }
}

/// Logs the first events of a resumed run.
pub(super) fn begin(buffer: &Buffer, handle: RunHandle, step: i64) {
    for _ in 0..2 {
        buffer.push_exempt(handle, step, event::Payload::SessionLog, event::SESSION_START);
    }
}

/// Returns the step after the last one of a run's summaries.
fn end_of(storage: &Arc<dyn Storage>, dir: &Path) -> Result<Option<i64>, Error> {
    let mut last = None;
    let run = match Run::open_on(storage.clone(), dir) {
        // A storage without directories has nothing where nothing was logged.
        Err(error) if is_absent(&error) => return Ok(None),
        run => run.map_err(Error::read(dir))?,
    };
    for event in run.events() {
        match event {
            Ok(event) => {
                if matches!(event.payload(), Payload::Summary(_)) {
                    last = last.max(Some(event.step()));
                }
            }
            Err(error) if matches!(error.kind(), ReadErrorKind::Io(_)) => {
                return Err(Error::read(dir)(error));
            }
            // Events after the damage count too, and the file is not changed.
            Err(error) => log::warn!("{error}"),
        }
    }
    Ok(last.map(|step| step.saturating_add(1)))
}

fn is_absent(error: &ReadError) -> bool {
    matches!(error.kind(), ReadErrorKind::Io(error) if error.kind() == ErrorKind::NotFound)
}

/// Returns the step after the last one in all runs below a directory.
fn end_below(storage: &Arc<dyn Storage>, dir: &Path) -> Result<Option<i64>, Error> {
    let mut last = None;
    for entry in storage.list(dir).map_err(|error| Error::directory(dir, error))? {
        // Links are not followed: they could form a circle.
        if entry.kind == Kind::Dir {
            let path = dir.join(entry.name);
            last = last.max(end_of(storage, &path)?).max(end_below(storage, &path)?);
        }
    }
    Ok(last)
}
