//! The operations of a file system, and a [`Storage`](super::Storage) on top of them.

use super::{AppendError, Entry, EventFile, Metadata, Output};
use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::path::Path;

/// A file system.
pub(crate) trait FileSystem: Debug + Send + Sync {
    /// Creates a directory and its parents, unless they exist.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory that must not exist yet, in a parent that does.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Creates a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for reading, from an offset on.
    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>>;
    /// Renames a file in its directory, replacing a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the names in a directory would survive a power cut, if the system supports it.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Returns the entries of a directory, in any order.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;
    /// Returns the metadata of a file or a directory, following links.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;
}

/// A file open for writing; closed when dropped.
pub(crate) trait File: Debug + Send {
    /// Passes bytes to the operating system; returns how many it took.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Waits until all written bytes would survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
    /// Returns whether the file still has a name, or `true` if the system does not report it. Bytes
    /// that are written to a deleted file are lost.
    fn is_linked(&self) -> bool;
}

/// An event file of a file system.
#[derive(Debug)]
pub(crate) struct PlainFile(pub(crate) Box<dyn File>);

impl EventFile for PlainFile {
    fn append(&mut self, parts: &[&[u8]]) -> Result<(), AppendError> {
        let mut before = 0;
        for part in parts {
            let (len, result) = write_all(&mut *self.0, part);
            before += len;
            result.map_err(|source| AppendError::Broken { written: before, source })?;
        }
        Ok(())
    }

    fn is_linked(&self) -> bool {
        self.0.is_linked()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

/// The content of a file that is renamed when it is complete.
pub(super) struct FileOutput<'a>(pub(super) &'a mut dyn File);

impl Write for FileOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for FileOutput<'_> {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

/// Writes all of `bytes`; returns how many were written, also after an error.
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

/// Implements [`Storage`](super::Storage) for a [`FileSystem`].
macro_rules! storage_on_files {
    ($name:ty) => {
        impl $crate::storage::Storage for $name {
            fn probe(&self, dir: &Path) -> io::Result<()> {
                FileSystem::create_dir_all(self, dir)?;
                $crate::storage::temporary::probe(self, dir)
            }
            fn create(&self, path: &Path) -> io::Result<Box<dyn $crate::storage::EventFile>> {
                let file = self.create_new(path)?;
                Ok(Box::new($crate::storage::files::PlainFile(file)))
            }
            fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
                FileSystem::list(self, dir)
            }
            fn metadata(&self, path: &Path) -> io::Result<Metadata> {
                FileSystem::metadata(self, path)
            }
            fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
                FileSystem::open(self, path, from)
            }
            fn replace(
                &self,
                path: &Path,
                fill: &mut dyn FnMut(&mut dyn $crate::storage::Output) -> io::Result<()>,
            ) -> io::Result<()> {
                $crate::storage::temporary::replace(self, path, fill)
            }
            fn remove(&self, path: &Path) -> io::Result<()> {
                self.remove_file(path)
            }
            fn create_dir_all(&self, path: &Path) -> io::Result<()> {
                FileSystem::create_dir_all(self, path)
            }
            fn create_dir(&self, path: &Path) -> io::Result<()> {
                FileSystem::create_dir(self, path)
            }
            fn remove_dir(&self, path: &Path) -> io::Result<()> {
                FileSystem::remove_dir(self, path)
            }
            fn sync_dir(&self, path: &Path) -> io::Result<()> {
                FileSystem::sync_dir(self, path)
            }
            fn remove_abandoned(&self, dir: &Path) {
                $crate::storage::temporary::remove_abandoned(self, dir);
            }
            fn absolute(&self, path: &Path) -> io::Result<std::path::PathBuf> {
                std::path::absolute(path)
            }
            fn is_link(&self, path: &Path) -> bool {
                path.symlink_metadata().is_ok_and(|found| found.is_symlink())
            }
        }
    };
}
pub(crate) use storage_on_files;
