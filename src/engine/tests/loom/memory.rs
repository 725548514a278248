//! Files in memory, with a lock of `std` that loom does not model.

use crate::storage::{Entry, File, Metadata, Source, Storage};
use crate::wire::messages::event::What;
use loom::sync::Notify;
use std::collections::BTreeMap;
use std::io;
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
            let mut reader = crate::read::EventReader::new(&bytes[..]);
            while let Some(event) = reader.next_message() {
                let event = event.unwrap();
                match event.what {
                    Some(What::FileVersion(_)) => {}
                    // Only a note has values.
                    Some(What::Summary(summary)) if !summary.value.is_empty() => {}
                    _ => steps.push(event.step),
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

impl Storage for Memory {
    fn create_dir_all(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let taken = self.shared.lock().unwrap().files.insert(path.to_owned(), Vec::new());
        assert!(taken.is_none(), "{} was created twice", path.display());
        Ok(Box::new(MemoryFile { path: path.to_owned(), memory: self.clone() }))
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.shared.lock().unwrap().files.remove(path);
        Ok(())
    }
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn remove_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn open(&self, _: &Path) -> io::Result<Box<dyn Source>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn metadata(&self, _: &Path) -> io::Result<Metadata> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn list(&self, _: &Path) -> io::Result<Vec<Entry>> {
        Ok(Vec::new())
    }
}

#[derive(Debug)]
struct MemoryFile {
    path: PathBuf,
    memory: Memory,
}

impl File for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut shared = self.memory.shared.lock().unwrap();
        if std::mem::take(&mut shared.fails) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        shared.files.entry(self.path.clone()).or_default().extend_from_slice(bytes);
        drop(shared);
        if let Some(written) = &self.memory.written {
            written.notify();
        }
        Ok(bytes.len())
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut shared = self.memory.shared.lock().unwrap();
        let len = shared.files[&self.path].len();
        shared.synced.insert(self.path.clone(), len);
        Ok(())
    }
    fn is_linked(&self) -> bool {
        true
    }
}
