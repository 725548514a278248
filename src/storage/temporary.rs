//! Files that are written under a temporary name first, so that no reader sees half of one.
//!
//! The name contains the process that writes the file: `.compact.HOST.PID.RANDOM.tmp`. A file that a
//! killed process left is removed by a later process.

use super::{Failed, File, Kind, Storage, write_all};
use crate::system;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How many bytes are written at a time.
const CHUNK: usize = 64 << 10;
const SUFFIX: &str = ".tmp";
/// The minimum age of a file that is removed if its process has exited. The ID may belong to a newer
/// process.
const EXITED_AFTER: Duration = Duration::from_secs(10 * 60);
/// The minimum age of any other file that is removed. In containers every process may have the ID 1,
/// and other hosts may write to the same network file system.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A file with a temporary name. It is removed on drop, unless it was renamed.
#[derive(Debug)]
pub(crate) struct Temporary<'a> {
    storage: &'a dyn Storage,
    path: PathBuf,
    /// `None` once it is closed.
    file: Option<Box<dyn File>>,
    /// Whether the file was renamed or removed.
    settled: bool,
}

impl<'a> Temporary<'a> {
    /// Creates a file in `dir`, whose name begins with `stem`.
    pub(crate) fn create(storage: &'a dyn Storage, dir: &Path, stem: &str) -> Result<Self, Failed> {
        loop {
            let path = dir.join(name(stem));
            match storage.create_new(&path) {
                Ok(file) => return Ok(Self { storage, path, file: Some(file), settled: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(Failed::new("create", &path, error)),
            }
        }
    }

    /// Writes all of `bytes`.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        let Some(file) = &mut self.file else { return Ok(()) };
        write_all(&mut **file, bytes).1.map_err(|error| Failed::new("write", &self.path, error))
    }

    /// Waits until all written bytes would survive a power cut.
    pub(crate) fn sync(&mut self) -> Result<(), Failed> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.sync().map_err(|error| Failed::new("sync", &self.path, error))
    }

    /// Closes and removes the file.
    pub(crate) fn remove(mut self) -> Result<(), Failed> {
        self.file = None;
        self.settled = true;
        let removed = self.storage.remove_file(&self.path);
        removed.map_err(|error| Failed::new("remove", &self.path, error))
    }

    /// Closes the file and renames it, replacing a file of that name.
    pub(crate) fn rename(mut self, path: &Path) -> Result<(), Failed> {
        self.file = None;
        let renamed = self.storage.rename(&self.path, path);
        self.settled = renamed.is_ok();
        renamed.map_err(|error| Failed::new("rename", &self.path, error))
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.file = None;
            // If it cannot be removed now, a later process removes it.
            let _ = self.storage.remove_file(&self.path);
        }
    }
}

/// A [`Temporary`] file as an [`io::Write`].
pub(crate) struct Output<'t, 'a>(&'t mut Temporary<'a>);

impl Write for Output<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0.file {
            Some(file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a file under a temporary name and renames it. After an error the old file is unchanged,
/// and nothing is left of the new one.
pub(crate) fn replace(
    storage: &dyn Storage,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<Output<'_, '_>>) -> io::Result<()>,
) -> Result<(), Failed> {
    let dir = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_name().unwrap_or_default().to_string_lossy();
    let mut temporary = Temporary::create(storage, dir, &stem)?;
    let mut out = BufWriter::with_capacity(CHUNK, Output(&mut temporary));
    let written = write(&mut out).and_then(|()| out.flush());
    // Discards the rest of its buffer after an error, instead of writing it again.
    drop(out.into_parts());
    written.map_err(|error| Failed::new("write", &temporary.path, error))?;
    temporary.rename(path)
}

/// Removes the temporary files in a directory that no process writes any more. Does nothing if the
/// directory cannot be listed.
pub(crate) fn remove_abandoned(storage: &dyn Storage, dir: &Path) {
    let Ok(entries) = storage.list(dir) else { return };
    for entry in entries {
        if entry.kind != Kind::File {
            continue;
        }
        let Some(limit) = patience(&entry.name) else { continue };
        let path = dir.join(&entry.name);
        let changed = storage.metadata(&path).ok().and_then(|found| found.modified);
        let age = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok());
        if age.is_some_and(|age| age >= limit) {
            // Another process may have removed it first.
            let _ = storage.remove_file(&path);
        }
    }
}

/// Returns the minimum age of a file of this name that is removed; `None` if it is not a temporary
/// file, or belongs to this process.
fn patience(name: &OsStr) -> Option<Duration> {
    let parts = name.to_str()?.strip_prefix('.')?.strip_suffix(SUFFIX)?;
    // The stem may have dots; the host's name in file names has none.
    let mut parts = parts.rsplitn(4, '.');
    let random = parts.next()?;
    let (process, host) = (parts.next()?.parse::<u32>().ok()?, parts.next()?);
    parts.next()?;
    if random.len() != 16 || !random.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let ours = host == system::host();
    if ours && process == std::process::id() {
        return None;
    }
    let exited = ours && system::is_running(process) == Some(false);
    Some(if exited { EXITED_AFTER } else { ABANDONED_AFTER })
}

/// Returns a unique name that no reader takes for an event file.
fn name(stem: &str) -> String {
    let random = RandomState::new().hash_one(SystemTime::now());
    format!(".{stem}.{}.{}.{random:016x}{SUFFIX}", system::host(), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::faulty::{Fault, Faulty};
    use std::fs;
    use std::process::{Command, Stdio};

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels.tsv");
        fs::write(&path, "old").unwrap();
        let write = |out: &mut BufWriter<Output<'_, '_>>| out.write_all(&[b'x'; 2500]);
        let storage = Faulty::default();
        // Creating, three writes of 1000 bytes at most, renaming.
        for at in 0..5 {
            storage.set(Fault::Fails, at);
            assert!(replace(&storage, &path, write).is_err(), "operation {at}");
            storage.mend();
            assert_eq!(names(dir.path()), ["labels.tsv"], "operation {at}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }
        replace(&storage, &path, write).unwrap();
        assert_eq!((names(dir.path()).len(), fs::read(&path).unwrap().len()), (1, 2500));
    }

    /// Returns the ID of a process that has exited, and a running process.
    fn processes() -> (u32, std::process::Child) {
        let spawn = |program| Command::new(program).stdin(Stdio::piped()).spawn().unwrap();
        let mut exited = spawn("true");
        exited.wait().unwrap();
        (exited.id(), spawn("cat"))
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn abandoned_temporary_files_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let (exited, running) = processes();
        let host = system::host();
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let files = [
            (format!("{host}.{exited}"), hours(1), false),
            (format!("{host}.{exited}"), Duration::from_secs(9 * 60), true),
            (format!("{host}.{}", running.id()), hours(23), true),
            (format!("{host}.{}", running.id()), hours(25), false),
            (format!("{host}.{}", std::process::id()), hours(25), true),
            (format!("elsewhere.{exited}"), hours(23), true),
            (format!("elsewhere.{exited}"), hours(25), false),
            ("not.a.number".to_owned(), hours(25), true),
        ];
        let mut kept = vec!["events.out.tfevents.1".to_owned()];
        fs::write(dir.path().join(&kept[0]), "").unwrap();
        for (at, (process, age, stays)) in files.into_iter().enumerate() {
            let name = format!(".labels.tsv.{process}.{at:016x}.tmp");
            let file = fs::File::create(dir.path().join(&name)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            if stays {
                kept.push(name);
            }
        }
        kept.sort();
        remove_abandoned(&crate::storage::Local, dir.path());
        assert_eq!(names(dir.path()), kept);
        // The end of its input ends the process.
        drop(running.stdin);
    }
}
