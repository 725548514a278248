//! One run's event files: how they are named, and what happens when one fails.
//!
//! TensorBoard's readers never get past a torn record, and lose a file that is truncated under
//! them. So a file is never appended to by two, never cut and never reused: after a failed write
//! it is left as it is, and the rest goes into a new one.

use super::Error;
use super::block::Block;
use super::storage::{File, Storage};
use crate::system::host;
use crate::wire::{event, record};
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts the files that this process has made, so that names of one second differ and sort.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The event files of one run, made when there is something to write.
#[derive(Debug)]
pub(super) struct RunFile {
    dir: Arc<Path>,
    suffix: Arc<str>,
    open: Option<(PathBuf, Box<dyn File>)>,
    /// The second in the newest file's name: the next one must not sort before it.
    second: u64,
}

/// What an attempt to write got into the file.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Written {
    pub(super) events: u64,
    pub(super) bytes: u64,
}

impl RunFile {
    pub(super) fn new(dir: Arc<Path>, suffix: Arc<str>) -> Self {
        Self { dir, suffix, open: None, second: 0 }
    }

    /// Writes blocks in order and moves those that are done to `done`.
    ///
    /// On an error what is left in `blocks` is not in any file as a whole record.
    pub(super) fn write(
        &mut self,
        storage: &dyn Storage,
        wall_time: f64,
        blocks: &mut VecDeque<Block>,
        done: &mut Vec<Block>,
    ) -> (Written, Result<(), Error>) {
        let mut total = Written::default();
        while let Some(block) = blocks.front_mut() {
            let (written, result) = self.write_block(storage, wall_time, block);
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
        wall_time: f64,
        block: &mut Block,
    ) -> (Written, Result<(), Error>) {
        let (path, file) = match &mut self.open {
            Some((path, file)) => (path, file),
            none => match create(storage, &self.dir, &self.suffix, &mut self.second, wall_time) {
                Ok(created) => {
                    let (path, file) = none.insert(created);
                    (path, file)
                }
                Err(error) => return (Written::default(), Err(error)),
            },
        };
        let (len, result) = write_all(&mut **file, block.seal());
        let result = result.map_err(|source| failed("write", path, source));
        if result.is_err() {
            self.open = None;
        }
        let (events, bytes) = block.advance(len);
        (Written { events, bytes: bytes as u64 }, result)
    }
}

/// Makes the next event file of a run and writes the record that begins it.
fn create(
    storage: &dyn Storage,
    dir: &Path,
    suffix: &str,
    second: &mut u64,
    wall_time: f64,
) -> Result<(PathBuf, Box<dyn File>), Error> {
    storage.create_dir_all(dir).map_err(|source| failed("create", dir, source))?;
    if *second == 0 {
        // After files of an earlier session, even if the clock has been set back since. A
        // directory that cannot be listed can still be written to.
        let names = storage.list(dir).unwrap_or_default();
        *second = names.iter().filter_map(|name| second_of(name)).max().map_or(0, |last| last + 1);
    }
    *second = (*second).max(wall_time as u64);
    let host = host();
    let (path, mut file) = loop {
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let pid = std::process::id();
        let path =
            dir.join(format!("events.out.tfevents.{second:010}.{host}.{pid}.{counter:06}{suffix}"));
        match storage.create_new(&path) {
            Ok(file) => break (path, file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(source) => return Err(failed("create", &path, source)),
        }
    };
    let mut head = Vec::new();
    event::put_file_version(&mut head, wall_time, concat!("tfevents ", env!("CARGO_PKG_VERSION")));
    record::seal(&mut head);
    if let (_, Err(source)) = write_all(&mut *file, &head) {
        drop(file);
        // Nothing was logged into it; a file that cannot be removed does no harm either.
        let _ = storage.remove_file(&path);
        return Err(failed("write", &path, source));
    }
    Ok((path, file))
}

/// The second in the name of an event file.
fn second_of(name: &Path) -> Option<u64> {
    let (_, rest) = name.to_str()?.split_once("tfevents.")?;
    let digits = rest.split('.').next()?;
    // More digits than a second has would be something else.
    if digits.len() == 10 { digits.parse().ok() } else { None }
}

/// Writes all of `bytes`; says how many were taken, also if an error ended it.
fn write_all(file: &mut dyn File, bytes: &[u8]) -> (usize, io::Result<()>) {
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

fn failed(operation: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Storage { operation, path: path.to_owned(), source }
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
