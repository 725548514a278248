//! One run's event files: how they are named, and what happens when one fails.
//!
//! TensorBoard's readers never get past a truncated record, and lose a file that is truncated under
//! them. So a file is never appended to by two, never cut and never reused: after a failed write
//! it is left as it is, and the rest goes into a new one.

use super::Error;
use super::block::Block;
use super::storage::{File, Storage};
use super::tell::tell;
use crate::system::host;
use crate::wire::{event, record};
use log::Level;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts the files that this process has made, so that names of one second differ and sort.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// What holds for the files of all runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) suffix: String,
    /// A file ends before it would pass so many bytes.
    pub(super) max_bytes: u64,
    /// A file is synced before it is closed.
    pub(super) sync: bool,
}

/// The event files of one run, made when there is something to write.
#[derive(Debug)]
pub(super) struct RunFile {
    dir: Arc<Path>,
    open: Option<Open>,
    /// The second in the newest file's name: the next one must not sort before it.
    second: u64,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: Box<dyn File>,
    bytes: u64,
    /// Something was written since it was last synced.
    unsynced: bool,
}

/// What an attempt to write got into the file.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Written {
    pub(super) events: u64,
    pub(super) bytes: u64,
}

impl RunFile {
    pub(super) fn new(dir: Arc<Path>) -> Self {
        Self { dir, open: None, second: 0 }
    }

    /// Writes blocks in order and moves those that are done to `done`.
    ///
    /// On an error what is left in `blocks` is not in any file as a whole record.
    pub(super) fn write(
        &mut self,
        storage: &dyn Storage,
        settings: &Settings,
        wall_time: f64,
        blocks: &mut VecDeque<Block>,
        done: &mut Vec<Block>,
    ) -> (Written, Result<(), Error>) {
        let mut total = Written::default();
        // One that was deleted would take all that follows with it.
        if self.open.as_ref().is_some_and(|open| !open.file.is_linked()) {
            let dir = self.dir.display();
            tell(
                Level::Warn,
                format_args!("the event file in {dir} was deleted: a new one is made"),
            );
            self.open = None;
        }
        while let Some(block) = blocks.front_mut() {
            let (written, result) = self.write_block(storage, settings, wall_time, block);
            total.events += written.events;
            total.bytes += written.bytes;
            if let Err(error) = result {
                return (total, Err(error));
            }
            done.extend(blocks.pop_front());
        }
        (total, Ok(()))
    }

    fn write_block(
        &mut self,
        storage: &dyn Storage,
        settings: &Settings,
        wall_time: f64,
        block: &mut Block,
    ) -> (Written, Result<(), Error>) {
        let bytes = block.seal();
        let full = |open: &Open| open.bytes.saturating_add(bytes.len() as u64) > settings.max_bytes;
        if self.open.as_ref().is_some_and(full) {
            if let Err(error) = self.close(settings) {
                return (Written::default(), Err(error));
            }
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => match create(storage, settings, &self.dir, &mut self.second, wall_time) {
                Ok(created) => none.insert(created),
                Err(error) => return (Written::default(), Err(error)),
            },
        };
        let (len, result) = write_all(&mut *open.file, bytes);
        open.bytes += len as u64;
        open.unsynced = true;
        let result = result.map_err(|error| failed("write", &open.path, error));
        if result.is_err() {
            self.open = None;
        }
        let (events, bytes) = block.advance(len);
        (Written { events, bytes: bytes as u64 }, result)
    }

    /// Returns when all that was written would survive a power cut.
    ///
    /// After an error nobody knows what the file holds, so it is left.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.as_mut().filter(|open| open.unsynced) else { return Ok(()) };
        match open.file.sync() {
            Ok(()) => {
                open.unsynced = false;
                Ok(())
            }
            Err(error) => {
                let error = failed("sync", &open.path, error);
                self.open = None;
                Err(error)
            }
        }
    }

    /// Leaves the file that is open; what is written next goes into a new one.
    pub(super) fn close(&mut self, settings: &Settings) -> Result<(), Error> {
        let result = if settings.sync { self.sync() } else { Ok(()) };
        self.open = None;
        result
    }
}

/// Makes the next event file of a run and writes the record that begins it.
fn create(
    storage: &dyn Storage,
    settings: &Settings,
    dir: &Path,
    second: &mut u64,
    wall_time: f64,
) -> Result<Open, Error> {
    storage.create_dir_all(dir).map_err(|error| failed("create", dir, error))?;
    if *second == 0 {
        // A directory that cannot be listed can still be written to.
        *second = second_after(&storage.list(dir).unwrap_or_default());
    }
    *second = (*second).max(wall_time as u64);
    let (path, mut file) = loop {
        let path = next_path(dir, *second, &settings.suffix);
        match storage.create_new(&path) {
            Ok(file) => break (path, file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed("create", &path, error)),
        }
    };
    let head = head(wall_time);
    if let (_, Err(error)) = write_all(&mut *file, &head) {
        drop(file);
        // Nothing was logged into it; a file that cannot be removed does no harm either.
        let _ = storage.remove_file(&path);
        return Err(failed("write", &path, error));
    }
    if let Err(error) = if settings.sync { storage.sync_dir(dir) } else { Ok(()) } {
        // As above: each attempt would leave one behind.
        drop(file);
        let _ = storage.remove_file(&path);
        return Err(failed("sync", dir, error));
    }
    Ok(Open { path, file, bytes: head.len() as u64, unsynced: true })
}

/// The record that begins every event file.
pub(super) fn head(wall_time: f64) -> Vec<u8> {
    let mut head = Vec::new();
    event::put_file_version(&mut head, wall_time, concat!("tfevents ", env!("CARGO_PKG_VERSION")));
    record::seal(&mut head);
    head
}

/// A name for an event file that this process has not used yet.
pub(super) fn next_path(dir: &Path, second: u64, suffix: &str) -> PathBuf {
    let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
    let (host, pid) = (host(), std::process::id());
    dir.join(format!("events.out.tfevents.{second:010}.{host}.{pid}.{counter:06}{suffix}"))
}

/// The second after those in the names of event files: a file of an earlier session sorts before
/// one of this, even if the clock has been set back since. 0 if there are none.
pub(super) fn second_after(names: &[PathBuf]) -> u64 {
    names.iter().filter_map(|name| second_of(name)).max().map_or(0, |last| last + 1)
}

/// The second in the name of an event file.
fn second_of(name: &Path) -> Option<u64> {
    let (_, rest) = name.to_str()?.split_once("tfevents.")?;
    let digits = rest.split('.').next()?;
    // More digits than a second has would be something else.
    if digits.len() == 10 { digits.parse().ok() } else { None }
}

/// Writes all of `bytes`; says how many were taken, also if an error ended it.
pub(super) fn write_all(file: &mut dyn File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut at = 0;
    while at < bytes.len() {
        match file.write(&bytes[at..]) {
            Ok(0) => return (at, Err(io::ErrorKind::WriteZero.into())),
            Ok(len) => at += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (at, Err(error)),
        }
    }
    (at, Ok(()))
}

pub(super) fn failed(operation: &'static str, path: &Path, error: io::Error) -> Error {
    Error::Storage { operation, path: path.to_owned(), error }
}

/// Proves that a file can be made in `dir`, under a name that no reader takes for a run's.
pub(super) fn probe(storage: &dyn Storage, dir: &Path) -> io::Result<()> {
    storage.create_dir_all(dir)?;
    loop {
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = dir.join(format!(".probe.{}.{counter}", std::process::id()));
        match storage.create_new(&path) {
            Ok(file) => {
                drop(file);
                return storage.remove_file(&path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_from_names() {
        let second = |name: &str| second_of(Path::new(name));
        assert_eq!(second("events.out.tfevents.1795446094.vm.20050.0.v2"), Some(1_795_446_094));
        assert_eq!(second("events.out.tfevents.17954460940000.vm"), None);
        assert_eq!(second("notes.txt"), None);
    }
}
