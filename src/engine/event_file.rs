//! The event files of a run: their names, and the handling of failures.
//!
//! TensorBoard's readers never get past a truncated record, and lose a file that is cut while they
//! read it. So a file has one writer, and is never cut or reused: after a failed write it stays as
//! it is, and the rest is written to a new one.

use super::block::Block;
use super::sync::now;
use crate::storage::{AppendError, EventFile, Failed, Storage};
use crate::system::{host, log_guarded};
use crate::wire::{event, record};
use log::Level;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Counts the files that this process created, so that names of one second differ and sort.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The settings of the files of all runs.
#[derive(Debug)]
pub(crate) struct FileSettings {
    pub(crate) suffix: String,
    /// The maximum size of a file, unless one event is larger.
    pub(crate) max_bytes: u64,
    /// The maximum age of a file that is written to.
    pub(crate) max_age: Option<Duration>,
    /// Whether a file is synced before it is closed.
    pub(crate) sync: bool,
    /// Whether files of other writers are expected in the directories, so that they are not reported.
    pub(crate) beside_others: bool,
    /// Whether the end of a run is marked.
    pub(crate) mark_ends: bool,
}

/// The event files of one run, created when there are events to write.
#[derive(Debug)]
pub(crate) struct RunFile {
    dir: Arc<Path>,
    open: Option<Open>,
    /// The second in the newest file's name: the next one must not sort before it.
    second: u64,
    /// The report on the directory as it was before the first file was created.
    listed: Option<Listed>,
}

/// A report on the directory of a run.
#[derive(Debug)]
pub(super) enum Listed {
    /// It has event files of others.
    Others,
    /// It cannot be listed.
    Failed(Failed),
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: Box<dyn EventFile>,
    /// The first record of the file, until it is written together with the first events.
    head: Vec<u8>,
    bytes: u64,
    /// Whether something was written since the last sync.
    unsynced: bool,
    /// Whether the last append has no outcome. The next one begins with the same bytes.
    in_doubt: bool,
    created: Instant,
}

/// The number of whole events that an attempt wrote, and of their bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

impl RunFile {
    pub(crate) fn new(dir: Arc<Path>) -> Self {
        Self { dir, open: None, second: 0, listed: None }
    }

    /// Forgets a file that was deleted: events written to it would be lost.
    pub(super) fn check_linked(&mut self, storage: &dyn Storage) {
        if self.open.as_ref().is_some_and(|open| !open.file.is_linked()) {
            let dir = storage.location(&self.dir);
            // Rust 1.85 cannot have `format_args!` in a variable.
            log_guarded(
                Level::Warn,
                format_args!("the event file in {dir} was deleted: continuing in a new one"),
            );
            self.open = None;
        }
    }

    /// Takes the report on the directory.
    pub(super) fn take_listed(&mut self) -> Option<Listed> {
        self.listed.take()
    }

    /// Writes what is left of a block. After an error, no event that is left in it is in a file as a
    /// whole record.
    pub(super) fn write(
        &mut self,
        storage: &dyn Storage,
        settings: &FileSettings,
        wall_time: f64,
        block: &mut Block,
    ) -> (Written, Result<(), Failed>) {
        let bytes = block.seal();
        if let Err(error) = self.ensure_open(storage, settings, wall_time, bytes.len()) {
            return (Written::default(), Err(error));
        }
        let (len, result) = self.append(storage, &[bytes]);
        let (events, bytes) = block.advance(len);
        (Written { events, bytes: bytes as u64 }, result)
    }

    /// Writes a last event, if a file is open.
    pub(super) fn write_last(
        &mut self,
        storage: &dyn Storage,
        block: &mut Block,
    ) -> Result<(), Failed> {
        if self.takes_more() { self.append(storage, &[block.seal()]).1 } else { Ok(()) }
    }

    /// Returns whether a file is open that takes another event.
    pub(super) fn takes_more(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.file.is_full())
    }

    /// Begins to write blocks, all of them in one append, without waiting for it.
    pub(super) fn begin_write(
        &mut self,
        storage: &dyn Storage,
        settings: &FileSettings,
        wall_time: f64,
        blocks: &mut VecDeque<Block>,
    ) -> Result<(), Failed> {
        let parts: Vec<&[u8]> = blocks.iter_mut().map(Block::seal).collect();
        let len = parts.iter().map(|part| part.len()).sum();
        self.ensure_open(storage, settings, wall_time, len)?;
        if let Some(open) = &mut self.open {
            open.file.begin_append(&with_head(&open.head, &parts));
        }
        Ok(())
    }

    /// Waits for the append that [`begin_write`](Self::begin_write) began. Returns how many bytes of
    /// the blocks are in the file.
    pub(super) fn finish_write(
        &mut self,
        storage: &dyn Storage,
        blocks: &mut VecDeque<Block>,
    ) -> (usize, Result<(), Failed>) {
        let parts: Vec<&[u8]> = blocks.iter_mut().map(Block::seal).collect();
        self.append(storage, &parts)
    }

    /// Returns whether the last append has no outcome.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.in_doubt)
    }

    /// Opens a file for `len` more bytes, unless the current one takes them.
    fn ensure_open(
        &mut self,
        storage: &dyn Storage,
        settings: &FileSettings,
        wall_time: f64,
        len: usize,
    ) -> Result<(), Failed> {
        let is_full = |open: &Open| {
            open.bytes.saturating_add(len as u64) > settings.max_bytes
                || open.file.is_full()
                || open.is_old(settings)
        };
        // Bytes in doubt are repeated in the same file.
        if self.open.as_ref().is_some_and(|open| !open.in_doubt && is_full(open)) {
            self.close(settings)?;
        }
        if self.open.is_none() {
            storage
                .create_dir_all(&self.dir)
                .map_err(|error| Failed::new("create", &self.dir, error))?;
            if self.second == 0 {
                self.list(storage);
            }
            self.second = self.second.max(wall_time as u64);
            self.open = Some(create(storage, settings, &self.dir, self.second, wall_time)?);
        }
        Ok(())
    }

    /// Finds out which event files there are. A directory that cannot be listed can still be written
    /// to.
    fn list(&mut self, storage: &dyn Storage) {
        match storage.list(&self.dir) {
            Ok(entries) => {
                self.second = second_after(entries.iter().map(|entry| &*entry.name));
                self.listed = (self.second > 0).then_some(Listed::Others);
            }
            // A storage without directories may not have any.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                self.listed = Some(Listed::Failed(Failed::new("list", &self.dir, error)));
            }
        }
    }

    /// Appends to the open file. Returns how many bytes of the parts are in it.
    fn append(&mut self, storage: &dyn Storage, parts: &[&[u8]]) -> (usize, Result<(), Failed>) {
        let Some(open) = &mut self.open else { return (0, Ok(())) };
        let head = open.head.len();
        let parts = with_head(&open.head, parts);
        let all: usize = parts.iter().map(|part| part.len()).sum();
        let result = open.file.append(&parts);
        open.in_doubt = matches!(result, Err(AppendError::InDoubt { .. }));
        let failed = |error| Failed::new("write", &open.path, error);
        match result {
            Ok(()) => {
                open.head = Vec::new();
                open.bytes += all as u64;
                open.unsynced = true;
                (all - head, Ok(()))
            }
            Err(AppendError::InDoubt { source }) => {
                let failed = Failed { in_doubt: true, ..failed(source) };
                (0, Err(failed))
            }
            Err(AppendError::Broken { written, source }) => {
                let failed = failed(source);
                if let (Some(open), true) = (self.open.take(), written < head) {
                    drop(open.file);
                    // It has no events. If it cannot be removed, that does no harm.
                    let _ = storage.remove(&open.path);
                }
                (written.saturating_sub(head), Err(failed))
            }
        }
    }

    /// Closes a file that has reached the maximum age, so that it can be read where files are shown
    /// only when they are closed.
    pub(super) fn close_if_old(&mut self, settings: &FileSettings) -> Result<(), Failed> {
        let is_old = |open: &Open| !open.in_doubt && open.is_old(settings);
        if self.open.as_ref().is_some_and(is_old) { self.close(settings) } else { Ok(()) }
    }

    /// Returns when the file reaches the maximum age.
    pub(super) fn old_at(&self, settings: &FileSettings) -> Option<Instant> {
        let open = self.open.as_ref().filter(|open| !open.in_doubt)?;
        Some(open.created + settings.max_age?)
    }

    /// Waits until all written events would survive a power cut. This is where `fsync` is called.
    ///
    /// After an error it is unknown what is on the disk, so the next events go into a new file.
    pub(crate) fn sync(&mut self) -> Result<(), Failed> {
        // Bytes in doubt are repeated in this file, which must not be left.
        let is_due = |open: &&mut Open| open.unsynced && !open.in_doubt;
        let Some(open) = self.open.as_mut().filter(is_due) else { return Ok(()) };
        match open.file.sync() {
            Ok(()) => {
                open.unsynced = false;
                Ok(())
            }
            Err(error) => {
                let error = Failed::new("sync", &open.path, error);
                self.open = None;
                Err(error)
            }
        }
    }

    /// Closes the file. Later events are written to a new one.
    pub(crate) fn close(&mut self, settings: &FileSettings) -> Result<(), Failed> {
        let result = if settings.sync { self.sync() } else { Ok(()) };
        self.open = None;
        result
    }
}

impl Open {
    fn is_old(&self, settings: &FileSettings) -> bool {
        settings.max_age.is_some_and(|max| now().saturating_duration_since(self.created) >= max)
    }
}

/// Returns the parts of an append with the first record of the file, if it is not written yet.
fn with_head<'a>(head: &'a [u8], parts: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let head = (!head.is_empty()).then_some(head);
    head.into_iter().chain(parts.iter().copied()).collect()
}

/// Creates the next event file of a run. A full disk fails here or with the first record.
fn create(
    storage: &dyn Storage,
    settings: &FileSettings,
    dir: &Path,
    second: u64,
    wall_time: f64,
) -> Result<Open, Failed> {
    let (path, file) = loop {
        let path = next_path(dir, second, &settings.suffix);
        match storage.create(&path) {
            Ok(file) => break (path, file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(Failed::new("create", &path, error)),
        }
    };
    if let Err(error) = if settings.sync { storage.sync_dir(dir) } else { Ok(()) } {
        // It has no events; otherwise each attempt would leave a file.
        drop(file);
        let _ = storage.remove(&path);
        return Err(Failed::new("sync", dir, error));
    }
    let head = head(wall_time);
    let created = now();
    Ok(Open { path, file, head, bytes: 0, unsynced: true, in_doubt: false, created })
}

/// Returns the first record of every event file.
pub(crate) fn head(wall_time: f64) -> Vec<u8> {
    let mut head = Vec::new();
    event::put_file_version(&mut head, wall_time, concat!("tfevents ", env!("CARGO_PKG_VERSION")));
    record::seal(&mut head);
    head
}

/// Returns a path for an event file that this process has not used yet. This is where event files
/// are named: `events.out.tfevents.SECOND.HOST.PID.COUNTER`.
pub(crate) fn next_path(dir: &Path, second: u64, suffix: &str) -> PathBuf {
    let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
    let (host, pid) = (host(), std::process::id());
    dir.join(format!("events.out.tfevents.{second:010}.{host}.{pid}.{counter:06}{suffix}"))
}

/// Returns the second after those in the names of event files, or 0 if there are none. With it, the
/// files of this session sort after those of earlier ones, even if the clock was set back.
pub(crate) fn second_after<'a>(names: impl IntoIterator<Item = &'a OsStr>) -> u64 {
    names.into_iter().filter_map(second_of).max().map_or(0, |last| last + 1)
}

/// Returns the second in the name of an event file.
fn second_of(name: &OsStr) -> Option<u64> {
    let (_, rest) = name.to_str()?.split_once("tfevents.")?;
    let digits = rest.split('.').next()?;
    // A number with more digits is not a second.
    if digits.len() == 10 { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_from_names() {
        let second = |name: &str| second_of(OsStr::new(name));
        assert_eq!(second("events.out.tfevents.1795446094.vm.20050.0.v2"), Some(1_795_446_094));
        assert_eq!(second("events.out.tfevents.17954460940000.vm"), None);
        assert_eq!(second("notes.txt"), None);
    }
}
