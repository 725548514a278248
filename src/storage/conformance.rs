//! A check of [`Storage`] implementations.

use super::{EventFile, Kind, Storage};
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Checks that a storage does what a writer and a reader rely on. `dir` must not exist yet; the files
/// that the check creates there are removed if it succeeds.
///
/// ```
/// use tfevents::storage::{InMemory, conformance};
///
/// conformance::check(&InMemory::new(), "checked".as_ref())?;
/// # Ok::<(), conformance::Violation>(())
/// ```
///
/// # Errors
/// The first expectation that does not hold.
// Generic, so that only a crate that calls it compiles it.
pub fn check<S: Storage + ?Sized>(storage: &S, dir: &Path) -> Result<(), Violation> {
    let check = Check { storage, dir: storage.absolute(dir).map_err(Violation::of("absolute"))? };
    check.directories()?;
    check.event_files()?;
    check.growth()?;
    check.replacement()?;
    check.removal()
}

/// An expectation of [`check`] that does not hold.
#[derive(Debug)]
pub struct Violation {
    operation: &'static str,
    reason: String,
    source: Option<io::Error>,
}

impl Violation {
    fn of(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        let reason = "expected it to succeed".to_owned();
        move |error| Self { operation, reason, source: Some(error) }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the storage's `{}` does not conform: {}", self.operation, self.reason)
    }
}

impl Error for Violation {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

fn expect(operation: &'static str, holds: bool, reason: &str) -> Result<(), Violation> {
    if holds {
        return Ok(());
    }
    Err(Violation { operation, reason: reason.to_owned(), source: None })
}

fn expect_kind<T>(
    operation: &'static str,
    result: io::Result<T>,
    kind: ErrorKind,
    when: &str,
) -> Result<(), Violation> {
    let found = result.err().map(|error| error.kind());
    expect(operation, found == Some(kind), &format!("expected {kind} {when}, got {found:?}"))
}

fn append(file: &mut dyn EventFile, parts: &[&[u8]]) -> Result<(), Violation> {
    file.begin_append(parts);
    let result = file.append(parts).map_err(|error| error.to_string());
    expect("append", result.is_ok(), &format!("expected it to succeed, got {result:?}"))
}

struct Check<'a, S: ?Sized> {
    storage: &'a S,
    dir: PathBuf,
}

impl<S: Storage + ?Sized> Check<'_, S> {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The names of an event file, in the order of creation.
    fn event_file(&self, number: u32) -> PathBuf {
        self.path(&format!("events.out.tfevents.{number:010}"))
    }

    fn content(&self, path: &Path, from: u64) -> Result<Vec<u8>, Violation> {
        let mut bytes = Vec::new();
        let mut reader = self.storage.open(path, from).map_err(Violation::of("open"))?;
        reader.read_to_end(&mut bytes).map_err(Violation::of("open"))?;
        Ok(bytes)
    }

    fn names(&self) -> Result<Vec<(String, Kind)>, Violation> {
        let entries = self.storage.list(&self.dir).map_err(Violation::of("list"))?;
        let name = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.iter().map(|it| (name(&it.name), it.kind)).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    fn directories(&self) -> Result<(), Violation> {
        let storage = self.storage;
        expect_kind(
            "metadata",
            storage.metadata(&self.dir),
            ErrorKind::NotFound,
            "without a file",
        )?;
        storage.probe(&self.dir).map_err(Violation::of("probe"))?;
        storage.create_dir_all(&self.dir).map_err(Violation::of("create_dir_all"))?;
        storage.create_dir_all(&self.dir).map_err(Violation::of("create_dir_all"))?;
        let child = self.path("claimed");
        storage.create_dir(&child).map_err(Violation::of("create_dir"))?;
        let again = storage.create_dir(&child);
        expect_kind("create_dir", again, ErrorKind::AlreadyExists, "for a second directory")?;
        let is_event_file = |(name, _): &(String, Kind)| name.contains("tfevents");
        let silent = !self.names()?.iter().any(is_event_file);
        expect("probe", silent, "expected it to leave nothing that looks like an event file")
    }

    fn event_files(&self) -> Result<(), Violation> {
        let storage = self.storage;
        let path = self.event_file(1);
        let absent = storage.open(&path, 0).and_then(|mut file| file.read(&mut [0]));
        expect_kind("open", absent, ErrorKind::NotFound, "before the file is created")?;
        let mut file = storage.create(&path).map_err(Violation::of("create"))?;
        append(&mut *file, &[b"one ", b"", b"two"])?;
        expect("append", self.content(&path, 0)? == b"one two", "expected its bytes to be read")?;
        append(&mut *file, &[b" three"])?;
        let content = self.content(&path, 0)?;
        expect("append", content == b"one two three", "expected it to keep what was there")?;
        expect(
            "open",
            self.content(&path, 4)? == b"two three",
            "expected bytes from an offset on",
        )?;
        expect("open", self.content(&path, 13)?.is_empty(), "expected nothing at the end")?;
        let found = storage.metadata(&path).map_err(Violation::of("metadata"))?;
        expect("metadata", (found.kind, found.len) == (Kind::File, 13), "expected the length")?;
        file.sync().map_err(Violation::of("sync"))?;
        storage.sync_dir(&self.dir).map_err(Violation::of("sync_dir"))?;
        expect("is_linked", file.is_linked(), "expected `true` while the file exists")?;
        drop(file);
        if !storage.names_may_collide() {
            let again = storage.create(&path).map(drop);
            expect_kind("create", again, ErrorKind::AlreadyExists, "for a name in use")?;
        }
        let found = storage.metadata(&self.dir).map_err(Violation::of("metadata"))?;
        expect("metadata", found.kind == Kind::Dir, "expected a directory")?;
        let listed = self.names()?.contains(&("events.out.tfevents.0000000001".into(), Kind::File));
        expect("list", listed, "expected the name of an event file")
    }

    fn growth(&self) -> Result<(), Violation> {
        let path = self.event_file(2);
        let mut file = self.storage.create(&path).map_err(Violation::of("create"))?;
        append(&mut *file, &[b"before"])?;
        let mut reader = self.storage.open(&path, 2).map_err(Violation::of("open"))?;
        let mut read = || {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map(|_| bytes).map_err(Violation::of("open"))
        };
        expect("open", read()? == b"fore", "expected all bytes")?;
        expect("open", read()?.is_empty(), "expected nothing more at the end")?;
        let large = vec![7; 300_000];
        append(&mut *file, &[&large])?;
        expect("open", read()? == large, "expected the reader to return what the file grew by")
    }

    fn replacement(&self) -> Result<(), Violation> {
        let (storage, path) = (self.storage, self.path("notes.txt"));
        let replace = |text: &[u8], fails: bool| {
            storage.replace(&path, &mut |out| {
                out.write_all(text)?;
                out.sync()?;
                if fails { Err(ErrorKind::InvalidData.into()) } else { Ok(()) }
            })
        };
        replace(b"first", false).map_err(Violation::of("replace"))?;
        replace(b"second", false).map_err(Violation::of("replace"))?;
        expect("replace", self.content(&path, 0)? == b"second", "expected the new content")?;
        let failed = replace(b"third", true);
        expect_kind("replace", failed, ErrorKind::InvalidData, "that `fill` returns")?;
        let kept = self.content(&path, 0)? == b"second";
        expect("replace", kept, "expected the old content after a failure")
    }

    fn removal(&self) -> Result<(), Violation> {
        let storage = self.storage;
        for path in [self.event_file(1), self.event_file(2), self.path("notes.txt")] {
            storage.remove(&path).map_err(Violation::of("remove"))?;
            let removed = storage.metadata(&path);
            expect_kind("metadata", removed, ErrorKind::NotFound, "after the file was removed")?;
        }
        storage.remove_dir(&self.path("claimed")).map_err(Violation::of("remove_dir"))?;
        storage.remove_dir(&self.dir).map_err(Violation::of("remove_dir"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::faulty::{Fault, Faulty};
    use crate::storage::{InMemory, Local};

    #[test]
    fn the_storages_of_this_crate_conform() {
        let dir = tempfile::tempdir().unwrap();
        check(&Local, &dir.path().join("run")).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let memory = InMemory::new();
        check(&memory, Path::new("run")).unwrap();
        assert!(memory.paths().is_empty());
    }

    /// Every operation matters: when any of them fails, the check fails.
    #[test]
    fn a_storage_that_fails_does_not_conform() {
        for at in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let storage = Faulty::default();
            storage.set(Fault::Full, at);
            let result = check(&storage, &dir.path().join("run"));
            if !storage.mend() {
                result.unwrap();
                assert!(at > 25, "only {at} operations");
                return;
            }
            result.unwrap_err();
        }
    }
}
