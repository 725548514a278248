//! Storage that fails and stalls on command.

use crate::writer::storage::{File, Local, Storage};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// Local files, of which operations fail or stall on command.
#[derive(Debug, Default)]
pub(in crate::writer) struct Faulty {
    pub(in crate::writer) shared: Arc<Faults>,
}

#[derive(Debug, Default)]
pub(in crate::writer) struct Faults {
    pub(in crate::writer) operations: AtomicUsize,
    /// Operations with numbers in this range fail.
    pub(in crate::writer) fail_from: AtomicUsize,
    pub(in crate::writer) fail_until: AtomicUsize,
    stalled: AtomicBool,
    gate: (Mutex<()>, Condvar),
}

impl Faults {
    fn next(&self) -> bool {
        let mut guard = self.gate.0.lock().unwrap();
        while self.stalled.load(Ordering::SeqCst) {
            guard = self.gate.1.wait(guard).unwrap();
        }
        let at = self.operations.fetch_add(1, Ordering::SeqCst);
        (self.fail_from.load(Ordering::SeqCst)..self.fail_until.load(Ordering::SeqCst))
            .contains(&at)
    }

    fn check(&self) -> io::Result<()> {
        if self.next() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    pub(in crate::writer) fn stall(&self, on: bool) {
        let _guard = self.gate.0.lock().unwrap();
        self.stalled.store(on, Ordering::SeqCst);
        self.gate.1.notify_all();
    }
}

impl Storage for Faulty {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.shared.check()?;
        Local.create_dir_all(path)
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>> {
        self.shared.check()?;
        Ok(Box::new(FaultyFile { file: Local.create_new(path)?, faults: self.shared.clone() }))
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.shared.check()?;
        Local.remove_file(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.shared.check()?;
        Local.list(path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn File>,
    faults: Arc<Faults>,
}

impl File for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.faults.check()?;
        // Short, so that a failure leaves a torn record behind.
        self.file.write(&bytes[..bytes.len().min(1000)])
    }
}
