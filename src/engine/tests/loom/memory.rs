//! Files in memory, with a lock of `std` that loom does not model.

use crate::read::{EventReader, Payload};
use crate::storage::{AppendError, Entry, EventFile, Metadata, Output, Storage};
use loom::sync::Notify;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub(super) struct Memory {
    shared: Arc<Mutex<Shared>>,
    /// Notified when something was written.
    written: Option<Arc<Notify>>,
}

#[derive(Default)]
struct Shared {
    /// The names sort in the order in which the files were created.
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// The length of each file at its last sync.
    synced: BTreeMap<PathBuf, usize>,
    fails: bool,
}

impl Memory {
    pub(super) fn notifying() -> (Self, Arc<Notify>) {
        let notify = Arc::new(Notify::new());
        (Self { written: Some(notify.clone()), ..Self::default() }, notify)
    }

    /// Creates a storage whose first write fails.
    pub(super) fn failing_once() -> Self {
        let memory = Self::default();
        memory.shared.lock().unwrap().fails = true;
        memory
    }

    /// Returns the steps of the events in a directory, except for file versions and notes of drops.
    pub(super) fn steps(&self, dir: &Path) -> Vec<i64> {
        let shared = self.shared.lock().unwrap();
        let mut steps = Vec::new();
        for (_, bytes) in shared.files.iter().filter(|(path, _)| path.parent() == Some(dir)) {
            let mut reader = EventReader::new(&bytes[..]);
            for event in reader.by_ref() {
                let event = event.unwrap();
                match event.payload() {
                    Payload::FileVersion(_) => {}
                    // Only a note has values.
                    Payload::Summary(values) if !values.is_empty() => {}
                    _ => steps.push(event.step()),
                }
            }
            assert!(!reader.is_truncated());
        }
        steps
    }

    /// Returns whether all files are synced.
    pub(super) fn is_synced(&self) -> bool {
        let shared = self.shared.lock().unwrap();
        shared.files.iter().all(|(path, bytes)| shared.synced.get(path) == Some(&bytes.len()))
    }

    /// Returns the number of all events, except for file versions and notes of drops.
    pub(super) fn count(&self) -> u64 {
        let dirs: Vec<_> = {
            let shared = self.shared.lock().unwrap();
            shared.files.keys().filter_map(|path| path.parent().map(Path::to_owned)).collect()
        };
        let dirs: std::collections::BTreeSet<_> = dirs.into_iter().collect();
        dirs.iter().map(|dir| self.steps(dir).len() as u64).sum()
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Storage for Memory {
    fn probe(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>> {
        let taken = self.shared.lock().unwrap().files.insert(path.to_owned(), Vec::new());
        assert!(taken.is_none(), "{} was created twice", path.display());
        Ok(Box::new(MemoryFile { path: path.to_owned(), memory: self.clone() }))
    }
    fn list(&self, _: &Path) -> io::Result<Vec<Entry>> {
        Ok(Vec::new())
    }
    fn metadata(&self, _: &Path) -> io::Result<Metadata> {
        unsupported()
    }
    fn open(&self, _: &Path, _: u64) -> io::Result<Box<dyn Read + Send>> {
        unsupported()
    }
    fn replace(
        &self,
        _: &Path,
        _: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()> {
        unsupported()
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.shared.lock().unwrap().files.remove(path);
        Ok(())
    }
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct MemoryFile {
    path: PathBuf,
    memory: Memory,
}

impl EventFile for MemoryFile {
    fn append(&mut self, parts: &[&[u8]]) -> Result<(), AppendError> {
        let mut shared = self.memory.shared.lock().unwrap();
        if std::mem::take(&mut shared.fails) {
            let source = io::ErrorKind::StorageFull.into();
            return Err(AppendError::Broken { written: 0, source });
        }
        shared.files.entry(self.path.clone()).or_default().extend(parts.concat());
        drop(shared);
        if let Some(written) = &self.memory.written {
            written.notify();
        }
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut shared = self.memory.shared.lock().unwrap();
        let len = shared.files[&self.path].len();
        shared.synced.insert(self.path.clone(), len);
        Ok(())
    }
}
