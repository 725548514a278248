//! The file operations of the crate, and their implementation for the local file system.
//!
//! Every file that this crate reads or writes for a run goes through [`Storage`], so that tests can
//! make any operation fail: event files, the files of embeddings, and traces.
//!
//! - `local`: the local file system;
//! - `temporary`: files that are written under another name and then renamed, and the removal of
//!   those that killed processes left;
//! - `faulty`: a storage for tests that fails, writes short, fills up or stalls on command.

#[cfg(test)]
pub(crate) mod faulty;
mod local;
mod temporary;

pub(crate) use local::Local;
pub(crate) use temporary::{Output, Temporary, remove_abandoned, replace};

use std::ffi::OsString;
use std::fmt::Debug;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file system.
pub(crate) trait Storage: Debug + Send + Sync {
    /// Creates a directory and its parents, unless they exist.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory that must not exist yet, in a parent that does.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Creates a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    #[cfg_attr(not(feature = "profile"), allow(dead_code))]
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Source>>;
    /// Renames a file in its directory, replacing a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the names in a directory would survive a power cut, if the system supports it.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Returns the entries of a directory, in any order.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;
    /// Returns the metadata of a file or a directory, following links.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Returns the content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
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

/// A file open for reading.
pub(crate) trait Source: Read + Seek + Send {}

impl<S: Read + Seek + Send> Source for S {}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) kind: Kind,
}

/// The kind of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Dir,
    /// A symbolic link; only a directory's entry is one.
    Link,
    Other,
}

/// The metadata of a file or a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    /// The time of the last change, if the system reports it.
    pub(crate) modified: Option<SystemTime>,
}

/// An error of a file operation.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}", path.display())]
pub(crate) struct Failed {
    /// The operation as a verb, such as `create`.
    pub(crate) operation: &'static str,
    pub(crate) path: PathBuf,
    #[source]
    pub(crate) error: io::Error,
}

impl Failed {
    pub(crate) fn new(operation: &'static str, path: &Path, error: io::Error) -> Self {
        Self { operation, path: path.to_owned(), error }
    }
}

impl Clone for Failed {
    fn clone(&self) -> Self {
        let error = match self.error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(self.error.kind(), self.error.to_string()),
        };
        Self { operation: self.operation, path: self.path.clone(), error }
    }
}

/// Writes all of `bytes`; returns how many were written, also after an error.
pub(crate) fn write_all(file: &mut dyn File, bytes: &[u8]) -> (usize, io::Result<()>) {
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
