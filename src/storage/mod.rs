//! What is asked of a file system, and the local one.
//!
//! Every file that this crate reads or writes for a run goes through [`Storage`], so that tests can
//! make any operation fail: event files, files that lie beside them, and traces.
//!
//! - `local`: the local file system;
//! - `temporary`: files that are written under another name and then renamed, and what processes
//!   that were killed left of them;
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

/// A file system, or something that can stand in for one.
pub(crate) trait Storage: Debug + Send + Sync {
    /// Creates a directory and all above it; one that exists is fine.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory that must not exist yet, in one that does.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Creates a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Source>>;
    /// Gives a file another name in its directory, replacing a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Returns when the names in a directory would survive a power cut, where the system can tell.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Returns what is in a directory, in any order.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;
    /// Describes a file or a directory; of a link, what it leads to.
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
    /// Returns when what was written would survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
    /// Returns whether the file still has a name, where the system can tell: a deleted file takes
    /// what is written with it.
    fn is_linked(&self) -> bool;
}

/// A file open for reading.
pub(crate) trait Source: Read + Seek + Send {}

impl<S: Read + Seek + Send> Source for S {}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) kind: Kind,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Dir,
    /// A symbolic link; only a directory's entry is one.
    Link,
    Other,
}

/// What is known of a file or a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    /// When it last changed, where the system can tell.
    pub(crate) modified: Option<SystemTime>,
}

/// An operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}", path.display())]
pub(crate) struct Failed {
    /// A verb, such as `create`.
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

/// Writes all of `bytes`; returns how many were taken, also if an error ended it.
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
