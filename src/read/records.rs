//! The records of all event files of a run, in order.

use super::ReadError;
use super::frame::{FrameError, Frames};
use crate::storage::{Kind, Storage};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the event files of a run are: a directory, or one file.
#[derive(Clone, Debug)]
pub(super) struct Location {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) path: PathBuf,
    pub(super) is_file: bool,
}

impl Location {
    /// Finds out whether a path is a directory or a file.
    pub(super) fn new(storage: Arc<dyn Storage>, path: &Path) -> Result<Self, ReadError> {
        let found = storage.metadata(path).map_err(|error| ReadError::io(path, error))?;
        let is_file = found.kind == Kind::File;
        Ok(Self { storage, path: path.to_owned(), is_file })
    }

    /// Returns the event files that come after one of them, sorted as TensorBoard sorts them.
    pub(super) fn files_after(&self, after: Option<&Path>) -> Result<Vec<PathBuf>, ReadError> {
        if self.is_file {
            return Ok(after.is_none().then(|| self.path.clone()).into_iter().collect());
        }
        let entries = self.storage.list(&self.path);
        let mut files = Vec::new();
        for entry in entries.map_err(|error| ReadError::io(&self.path, error))? {
            if !is_event_file(&entry.name.to_string_lossy()) {
                continue;
            }
            let path = self.path.join(&entry.name);
            if Some(&*path) > after && self.is_file(&path, entry.kind) {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// Returns whether something is a file, or a link to one.
    pub(super) fn is_file(&self, path: &Path, kind: Kind) -> bool {
        match kind {
            Kind::Link => self.storage.metadata(path).is_ok_and(|found| found.kind == Kind::File),
            kind => kind == Kind::File,
        }
    }
}

/// Returns whether TensorBoard takes a file of this name for an event file.
pub(crate) fn is_event_file(name: &str) -> bool {
    name.contains("tfevents")
}

/// Returns the event files of a directory, in the order that they are read in.
pub(crate) fn event_files(
    storage: &Arc<dyn Storage>,
    dir: &Path,
) -> Result<Vec<PathBuf>, ReadError> {
    let (storage, path) = (storage.clone(), dir.to_owned());
    Location { storage, path, is_file: false }.files_after(None)
}

/// A file that ends in the middle of a record.
///
/// The process that wrote it was killed, its storage failed, or the rest is still to come. Events
/// after the truncated record are in a later file, if there are more; the record itself is lost
/// unless it was written again there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TruncatedRecord {
    /// The file.
    pub path: PathBuf,
    /// The offset of the record in bytes from the start of the file.
    pub offset: u64,
}

/// Reads the records of all files of a run.
///
/// At the end there is no next record; later there may be, when the last file has grown or there
/// are files after it. As in TensorBoard's Python reader, no file is read any more once a later
/// one is.
pub(super) struct Records {
    location: Location,
    /// The file that is being read, or could not be opened.
    path: Option<PathBuf>,
    current: Option<Frames<Box<dyn Read + Send>>>,
    /// The files after it, the next one last.
    later: Vec<PathBuf>,
    /// The directory could not be listed, and that was reported.
    broken: bool,
    /// Where the last record, or error, is.
    offset: u64,
    truncated: Vec<TruncatedRecord>,
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Records");
        out.field("location", &self.location.path).field("path", &self.path);
        out.field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl Records {
    pub(super) fn new(location: Location) -> Self {
        Self {
            location,
            path: None,
            current: None,
            later: Vec::new(),
            broken: false,
            offset: 0,
            truncated: Vec::new(),
        }
    }

    /// Goes on where the records of a later file have ended.
    pub(super) fn append(&mut self, later: Self) {
        let mut truncated = std::mem::take(&mut self.truncated);
        if let (Some(path), (offset, true)) = (&self.path, self.end()) {
            truncated.push(TruncatedRecord { path: path.clone(), offset });
        }
        *self = Self { truncated, ..later };
    }

    /// Goes on with the files of a run after the current one.
    pub(super) fn follow(&mut self, location: Location) {
        self.location = location;
    }

    /// Returns the file that the last record, or error, is in.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the offset of the last record, or error, in its file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the offset after the last record, and whether an unfinished one is there.
    pub(super) fn end(&self) -> (u64, bool) {
        let current = self.current.as_ref();
        current.map_or((0, false), |frames| (frames.offset(), frames.is_truncated()))
    }

    /// Returns the files that were left in the middle of a record, without the last file.
    pub(super) fn truncated(&self) -> &[TruncatedRecord] {
        &self.truncated
    }

    /// Returns the records of the current file.
    pub(super) fn frames(&self) -> Option<&Frames<Box<dyn Read + Send>>> {
        self.current.as_ref()
    }

    /// Skips records in the buffer.
    pub(super) fn skip(&mut self, bytes: usize) {
        if let Some(frames) = &mut self.current {
            frames.skip(bytes);
        }
    }

    /// Makes the next record, which is in the buffer, the last one.
    pub(super) fn take(&mut self, length: usize) {
        if let Some(frames) = &mut self.current {
            self.offset = frames.offset();
            frames.take(length);
        }
    }

    /// Returns the data of the last record.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        self.current.as_ref().map_or(&[], |frames| frames.data())
    }

    /// Reads the next record, whose data [`data`](Self::data) then returns; false at the end.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, ReadError> {
        if let Some(frames) = &mut self.current {
            self.offset = frames.offset();
            match frames.advance() {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        self.advance_file()
    }

    fn failed(&self, error: FrameError) -> ReadError {
        ReadError::new(self.path.as_deref(), error.offset, error.kind)
    }

    #[cold]
    fn advance_file(&mut self) -> Result<bool, ReadError> {
        loop {
            if self.later.is_empty() && !self.list()? {
                return Ok(false);
            }
            // The current file may have grown before the next one appeared.
            if let Some(frames) = &mut self.current {
                match frames.advance() {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(error) => return Err(self.failed(error)),
                }
                if let (Some(path), true) = (&self.path, frames.is_truncated()) {
                    let truncated = TruncatedRecord { path: path.clone(), offset: frames.offset() };
                    self.truncated.push(truncated);
                }
            }
            let Some(path) = self.later.pop() else { return Ok(false) };
            self.offset = 0;
            let opened = self.location.storage.open(&path, 0);
            let old = self.current.take();
            let path = self.path.insert(path);
            let input = opened.map_err(|error| ReadError::io(path, error))?;
            let mut frames = match old {
                Some(old) => old.restart(input),
                None => Frames::new(input),
            };
            let result = frames.advance();
            self.current = Some(frames);
            match result {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    /// Looks for files after the current one; false if there are none.
    fn list(&mut self) -> Result<bool, ReadError> {
        if self.broken {
            return Ok(false);
        }
        match self.location.files_after(self.path.as_deref()) {
            Ok(mut files) => {
                files.reverse();
                self.later = files;
                Ok(!self.later.is_empty())
            }
            Err(error) => {
                // Reported once: a caller that skips errors would never get out.
                self.broken = true;
                Err(error)
            }
        }
    }
}
