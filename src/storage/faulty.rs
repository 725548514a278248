//! Storage that fails, writes short, fills up or stalls at a chosen operation.

use super::files::{File, FileSystem, storage_on_files};
use super::{Entry, Local, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

/// A fault that a test injects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The operation fails, once.
    Fails,
    /// A write takes half of its bytes, and the next operation fails. Other operations fail.
    Short,
    /// This operation and all later ones fail as on a full disk, until [`Faulty::mend`].
    Full,
    /// This operation and all later ones wait until [`Faulty::mend`].
    Stalls,
    /// Writes wait until [`Faulty::mend`].
    WriteStalls,
    /// Syncs of files and directories wait until [`Faulty::mend`].
    SyncStalls,
    /// Closing a file waits until [`Faulty::mend`].
    CloseStalls,
}

/// The kinds of operations that some faults tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Write,
    Sync,
    Other,
}

/// The local file system with operations that fail on command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faulty {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Whether listing a directory never fails.
    lists: bool,
}

#[derive(Debug, Default)]
struct State {
    /// The number of operations since the fault was set.
    operations: usize,
    /// The fault, and the number of the operation that it begins at.
    fault: Option<(Fault, usize)>,
    /// Whether the fault has struck.
    struck: bool,
    /// The number of all calls to sync.
    syncs: usize,
}

impl Faulty {
    /// Creates a storage whose directories can always be listed: otherwise the names of files depend
    /// on the clock alone.
    pub(crate) fn that_lists() -> Self {
        Self { shared: Arc::new(Shared { lists: true, ..Shared::default() }) }
    }

    /// Sets a fault for operation `at`: 0 is the next one.
    pub(crate) fn set(&self, fault: Fault, at: usize) {
        let mut state = self.shared.state.lock().unwrap();
        let syncs = state.syncs;
        *state = State { operations: 0, fault: Some((fault, at)), struck: false, syncs };
        // Operations that wait check again.
        self.shared.changed.notify_all();
    }

    /// Removes the fault; returns whether it has struck.
    pub(crate) fn mend(&self) -> bool {
        let mut state = self.shared.state.lock().unwrap();
        state.fault = None;
        self.shared.changed.notify_all();
        state.struck
    }

    pub(crate) fn struck(&self) -> bool {
        self.shared.state.lock().unwrap().struck
    }

    pub(crate) fn syncs(&self) -> usize {
        self.shared.state.lock().unwrap().syncs
    }

    /// Counts an operation. Returns whether it should do half of its work.
    pub(crate) fn next(&self, operation: Operation) -> io::Result<bool> {
        let mut state = self.shared.state.lock().unwrap();
        let now = state.operations;
        state.operations += 1;
        state.syncs += usize::from(operation == Operation::Sync);
        loop {
            let Some((fault, at)) = state.fault.filter(|(_, at)| *at <= now) else {
                return Ok(false);
            };
            match fault {
                Fault::CloseStalls => return Ok(false),
                Fault::SyncStalls if operation != Operation::Sync => return Ok(false),
                Fault::WriteStalls if operation != Operation::Write => return Ok(false),
                _ => {}
            }
            state.struck = true;
            match fault {
                Fault::Fails if now == at => return Err(io::ErrorKind::PermissionDenied.into()),
                Fault::Short if now == at => return Ok(true),
                Fault::Short if now == at + 1 => return Err(io::ErrorKind::BrokenPipe.into()),
                Fault::Full => return Err(io::ErrorKind::StorageFull.into()),
                Fault::Stalls | Fault::WriteStalls | Fault::SyncStalls => {
                    state = self.shared.changed.wait(state).unwrap()
                }
                Fault::Fails | Fault::Short | Fault::CloseStalls => return Ok(false),
            }
        }
    }

    /// Counts an operation that cannot do half of its work: it fails instead.
    fn check(&self) -> io::Result<()> {
        if self.next(Operation::Other)? { self.fail_once() } else { Ok(()) }
    }

    /// Fails, and removes the fault.
    pub(crate) fn fail_once(&self) -> io::Result<()> {
        self.shared.state.lock().unwrap().fault = None;
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn check_sync(&self) -> io::Result<()> {
        if self.next(Operation::Sync)? { self.fail_once() } else { Ok(()) }
    }
}

storage_on_files!(Faulty);

impl FileSystem for Faulty {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        FileSystem::create_dir_all(&Local, path)
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>> {
        self.check()?;
        Ok(Box::new(FaultyFile { file: Local.create_new(path)?, storage: self.clone() }))
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        Local.remove_file(path)
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        FileSystem::create_dir(&Local, path)
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        FileSystem::remove_dir(&Local, path)
    }
    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        self.check()?;
        FileSystem::open(&Local, path, from)
    }
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        FileSystem::metadata(&Local, path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.check()?;
        Local.rename(from, to)
    }
    /// Does not sync to the disk, to save time.
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.check_sync()
    }
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        if !self.shared.lists {
            self.check()?;
        }
        FileSystem::list(&Local, path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn File>,
    storage: Faulty,
}

impl File for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let half = self.storage.next(Operation::Write)?;
        // Writes are always short, so that there are many operations, and failures within records.
        let len = bytes.len().min(1000);
        self.file.write(&bytes[..if half { len.div_ceil(2) } else { len }])
    }
    fn sync(&mut self) -> io::Result<()> {
        self.storage.check_sync()
    }
    fn is_linked(&self) -> bool {
        self.file.is_linked()
    }
}

impl Drop for FaultyFile {
    fn drop(&mut self) {
        let mut state = self.storage.shared.state.lock().unwrap();
        while matches!(state.fault, Some((Fault::CloseStalls, _))) {
            state.struck = true;
            state = self.storage.shared.changed.wait(state).unwrap();
        }
    }
}
