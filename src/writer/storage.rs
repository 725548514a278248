//! The few things that the writer asks of a file system.

use std::fmt::Debug;
use std::fs;
use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A place for event files.
pub(super) trait Storage: Debug + Send + Sync {
    /// Makes a directory and all above it; one that exists is fine.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Makes a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// All of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Gives a file another name in its directory, in the place of one that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Returns when the names in a directory would survive a power cut, where the system can tell.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, in any order.
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>>;
}

/// A file open for writing; closed when dropped.
pub(super) trait File: Debug + Send {
    /// Hands bytes to the operating system; says how many it took.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Returns when what was written would survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
    /// Whether the file still has a name, where the system can tell: one that has been deleted
    /// takes what is written with it.
    fn is_linked(&self) -> bool;
}

/// The local file system.
#[derive(Debug)]
pub(super) struct Local;

impl Storage for Local {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(file))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a directory cannot be opened as a file.
        if !cfg!(unix) {
            return Ok(());
        }
        match fs::File::open(path).and_then(|dir| dir.sync_all()) {
            // Some file systems sync no directories, and one that takes files need not be
            // readable: that is no reason to log nothing.
            Err(error) if [InvalidInput, PermissionDenied, Unsupported].contains(&error.kind()) => {
                Ok(())
            }
            result => result,
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.file_name().into())).collect()
    }
}

impl File for fs::File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn is_linked(&self) -> bool {
        #[cfg(unix)]
        if let Ok(found) = self.metadata() {
            return std::os::unix::fs::MetadataExt::nlink(&found) > 0;
        }
        true
    }
}
