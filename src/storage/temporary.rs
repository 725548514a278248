//! Files that are written under a temporary name first, so that no reader sees half of one.
//!
//! The name contains the process that writes the file: `.compact.HOST.PID.RANDOM.tmp`. A file that a
//! killed process left is removed by a later process.

use super::files::{File, FileOutput, FileSystem};
use super::{Kind, Output};
use crate::system;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const SUFFIX: &str = ".tmp";
/// The minimum age of a file that is removed if its process has exited. The ID may belong to a newer
/// process.
const EXITED_AFTER: Duration = Duration::from_secs(10 * 60);
/// The minimum age of any other file that is removed. In containers every process may have the ID 1,
/// and other hosts may write to the same network file system.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A file with a temporary name. It is removed on drop, unless it was renamed.
#[derive(Debug)]
struct Temporary<'a> {
    files: &'a dyn FileSystem,
    path: PathBuf,
    /// `None` once it is closed.
    file: Option<Box<dyn File>>,
    is_renamed: bool,
}

impl<'a> Temporary<'a> {
    /// Creates a file in `dir`, whose name begins with `stem`.
    fn create(files: &'a dyn FileSystem, dir: &Path, stem: &str) -> io::Result<Self> {
        loop {
            let path = dir.join(name(stem));
            match files.create_new(&path) {
                Ok(file) => return Ok(Self { files, path, file: Some(file), is_renamed: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes the file and renames it, replacing a file of that name.
    fn rename(mut self, path: &Path) -> io::Result<()> {
        self.file = None;
        self.files.rename(&self.path, path)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_renamed {
            self.file = None;
            // If it cannot be removed now, a later process removes it.
            let _ = self.files.remove_file(&self.path);
        }
    }
}

/// Checks that a file can be created in a directory, under a name that no reader takes for an event
/// file. Some mounts allow no removal: then the empty file stays.
pub(super) fn probe(files: &dyn FileSystem, dir: &Path) -> io::Result<()> {
    Temporary::create(files, dir, "probe").map(drop)
}

/// Writes a file under a temporary name and renames it. After an error the old file is unchanged,
/// and nothing is left of the new one.
pub(super) fn replace(
    files: &dyn FileSystem,
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_name().unwrap_or_default().to_string_lossy();
    let mut temporary = Temporary::create(files, dir, &stem)?;
    if let Some(file) = &mut temporary.file {
        fill(&mut FileOutput(&mut **file))?;
    }
    temporary.rename(path)
}

/// Removes the temporary files in a directory that no process writes any more. Does nothing if the
/// directory cannot be listed.
pub(super) fn remove_abandoned(storage: &dyn FileSystem, dir: &Path) {
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
        let mut write = |out: &mut dyn Output| out.write_all(&[b'x'; 2500]);
        let storage = Faulty::default();
        // Creating, three writes of 1000 bytes at most, renaming.
        for at in 0..5 {
            storage.set(Fault::Fails, at);
            assert!(replace(&storage, &path, &mut write).is_err(), "operation {at}");
            storage.mend();
            assert_eq!(names(dir.path()), ["labels.tsv"], "operation {at}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }
        replace(&storage, &path, &mut write).unwrap();
        assert_eq!((names(dir.path()).len(), fs::read(&path).unwrap().len()), (1, 2500));
    }

    /// Returns the ID of a process that has exited, and a running process.
    #[cfg(target_os = "linux")]
    fn processes() -> (u32, std::process::Child) {
        use std::process::{Command, Stdio};
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
