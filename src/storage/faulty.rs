//! Storage that fails, writes short, fills up or stalls at a chosen operation.

use super::{Entry, File, Local, Metadata, Source, Storage};
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The operation fails, once.
    Fails,
    /// A write takes half of its bytes, and what comes next fails. Other operations fail.
    Short,
    /// From then on no byte fits, and no file can be made, until somebody makes room.
    Full,
    /// The operation and all after it wait until somebody lets them go on.
    Stalls,
    /// The same, but only where a file or a directory is synced.
    SyncStalls,
    /// The same, but only where a file is closed.
    CloseStalls,
}

/// Local files, of which operations go wrong on command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faulty {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// A directory can always be listed.
    lists: bool,
}

#[derive(Debug, Default)]
struct State {
    /// Operations since the fault was set.
    operations: usize,
    /// What happens at which of them.
    fault: Option<(Fault, usize)>,
    /// Whether it has happened.
    struck: bool,
    /// How often something was to be synced, ever.
    syncs: usize,
}

impl Faulty {
    /// One that can always be listed: without that, the names of files go by the clock alone.
    pub(crate) fn that_lists() -> Self {
        Self { shared: Arc::new(Shared { lists: true, ..Shared::default() }) }
    }

    /// Lets an operation go wrong: 0 is the next one.
    pub(crate) fn set(&self, fault: Fault, at: usize) {
        let mut state = self.shared.state.lock().unwrap();
        let syncs = state.syncs;
        *state = State { operations: 0, fault: Some((fault, at)), struck: false, syncs };
        // Whoever waits looks again.
        self.shared.changed.notify_all();
    }

    /// All is well from now on; says whether the fault has struck.
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

    /// Counts an operation. `Ok(true)`: it is to do half of its work.
    fn next(&self, syncs: bool) -> io::Result<bool> {
        let mut state = self.shared.state.lock().unwrap();
        let now = state.operations;
        state.operations += 1;
        state.syncs += usize::from(syncs);
        loop {
            let Some((fault, at)) = state.fault.filter(|(_, at)| *at <= now) else {
                return Ok(false);
            };
            if fault == Fault::CloseStalls || fault == Fault::SyncStalls && !syncs {
                return Ok(false);
            }
            state.struck = true;
            match fault {
                Fault::Fails if now == at => return Err(io::ErrorKind::PermissionDenied.into()),
                Fault::Short if now == at => return Ok(true),
                Fault::Short if now == at + 1 => return Err(io::ErrorKind::BrokenPipe.into()),
                Fault::Full => return Err(io::ErrorKind::StorageFull.into()),
                Fault::Stalls | Fault::SyncStalls => {
                    state = self.shared.changed.wait(state).unwrap()
                }
                Fault::Fails | Fault::Short | Fault::CloseStalls => return Ok(false),
            }
        }
    }

    /// The same for what cannot be done by half.
    fn check(&self) -> io::Result<()> {
        if self.next(false)? { self.fail_once() } else { Ok(()) }
    }

    /// That is all that goes wrong.
    fn fail_once(&self) -> io::Result<()> {
        self.shared.state.lock().unwrap().fault = None;
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn check_sync(&self) -> io::Result<()> {
        if self.next(true)? { self.fail_once() } else { Ok(()) }
    }
}

impl Storage for Faulty {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        Local.create_dir_all(path)
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
        Local.create_dir(path)
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        Local.remove_dir(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Source>> {
        self.check()?;
        Local.open(path)
    }
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        Local.metadata(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.check()?;
        Local.rename(from, to)
    }
    /// Without the disk: it would only take time.
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.check_sync()
    }
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        if !self.shared.lists {
            self.check()?;
        }
        Local.list(path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn File>,
    storage: Faulty,
}

impl File for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let half = self.storage.next(false)?;
        // Short in any case, so that there are many operations, and failures in between records.
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
