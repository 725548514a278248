//! Storage for event files: the local file system, memory, or a type of your own.
//!
//! A writer logs into the local file system, [`Local`], unless
//! [`SummaryWriterBuilder::storage`](crate::SummaryWriterBuilder::storage) sets another storage.
//! [`InMemory`] is for tests: log into it and read it back. The crate
//! [`tfevents-object-store`](https://docs.rs/tfevents-object-store) logs into S3, Google Cloud
//! Storage and Azure.
//!
//! ```
//! use tfevents::SummaryWriter;
//! use tfevents::read::Run;
//! use tfevents::storage::InMemory;
//!
//! let storage = InMemory::new();
//! let writer = SummaryWriter::builder("runs/mlp").storage(storage.clone()).build()?;
//! writer.add_scalar("loss", 0.5, 0);
//! writer.close()?;
//! let run = Run::open_on(storage, "runs/mlp")?;
//! assert_eq!(run.scalars("loss")?.values(), [0.5]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Implementing a storage
//!
//! Every file that this crate reads or writes for a run goes through [`Storage`]: event files, the
//! files of embeddings, and traces. A storage creates [`EventFile`]s, which only grow, and replaces
//! other files as a whole. What it must guarantee:
//!
//! - An append that returns `Ok` can be read by everyone from then on, and all of it.
//! - After [`AppendError::Broken`], the first `written` bytes of the append are in the file, and
//!   nothing is appended to it any more. The writer continues in a new file.
//! - After [`AppendError::InDoubt`], it is unknown whether the bytes are in the file: a request had
//!   no answer. None of them count as written, and the next append to this file begins with the same
//!   bytes. A storage must not let them appear twice.
//! - Names are keys: the event file that is created last has the name that sorts last.
//!
//! [`conformance::check`] checks an implementation. All methods are called on background threads of
//! the writer, or by calls that are documented to wait, such as
//! [`SummaryWriterBuilder::build`](crate::SummaryWriterBuilder::build): they may block.
// The private part, from bottom to top: `files`: the operations of a file system, on which `Local`
// is implemented; `temporary`: files that are written under another name and renamed; `faulty`: a
// file system for tests that fails on command.

pub mod conformance;
#[cfg(test)]
pub(crate) mod faulty;
mod files;
mod local;
mod memory;
mod pace;
mod temporary;

pub use local::Local;
pub use memory::InMemory;
pub use pace::Pace;

use std::ffi::OsString;
use std::fmt::Debug;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// How many bytes [`replace`] writes at a time.
const CHUNK: usize = 64 << 10;

/// A storage for event files and the files beside them.
///
/// The [module](self) says what an implementation guarantees.
pub trait Storage: Debug + Send + Sync + 'static {
    /// Checks that files can be created in a directory. What it leaves there must not look like an
    /// event file.
    ///
    /// # Errors
    /// If no file can be created there. That a file cannot be removed is not an error.
    fn probe(&self, dir: &Path) -> io::Result<()>;

    /// Creates an event file.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if there is a file of this name: the writer
    /// then takes the next name.
    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>>;

    /// Returns the entries of a directory, in any order.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no such directory. A storage without
    /// directories may return an empty list instead.
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>>;

    /// Returns the metadata of a file or a directory, following links.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if there is neither.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Opens a file for reading, from an offset in bytes on.
    ///
    /// The reader returns `Ok(0)` at the end, and what the file has grown by when it is read again.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no such file.
    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>>;

    /// Writes a file as a whole: readers see the old file, or all of what `fill` writes. `fill` is
    /// called once.
    ///
    /// # Errors
    /// If `fill` fails, or the file cannot be written. The old file is then unchanged.
    fn replace(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory and its parents, unless they exist. By default, does nothing: for storages
    /// without directories.
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }

    /// Creates a directory that must not exist yet.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if it exists: the caller then takes the next
    /// name.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty directory. By default, does nothing.
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }

    /// Waits until the names in a directory would survive a power cut. By default, does nothing.
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }

    /// Removes unfinished files that processes left in a directory when they were killed. By default,
    /// does nothing.
    fn remove_abandoned(&self, dir: &Path) {
        let _ = dir;
    }

    /// Returns a path that stays valid when the process changes its current directory. By default,
    /// returns the path itself, for storages whose paths are keys.
    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    /// Returns where a path is, for messages. By default, the path itself; in object stores it is a URL.
    fn location(&self, path: &Path) -> String {
        path.display().to_string()
    }

    /// Returns whether a path is a symbolic link, which the writer does not follow into child runs.
    /// By default, `false`.
    fn is_link(&self, path: &Path) -> bool {
        let _ = path;
        false
    }

    /// Returns whether a reader that has opened a file can read it after it was removed. By default,
    /// `true`; in object stores it cannot.
    fn readers_keep_removed_files(&self) -> bool {
        true
    }

    /// Returns whether [`create`](Self::create) may replace the file of another process without
    /// noticing. The writer then adds 64 random bits to the names. By default, `false`.
    fn names_may_collide(&self) -> bool {
        false
    }

    /// Returns when and in which amounts a writer appends. By default, as on a local disk.
    fn pace(&self) -> Pace {
        Pace::default()
    }
}

/// An event file that is being written; closed when dropped.
pub trait EventFile: Debug + Send {
    /// Appends bytes: the parts one after the other, whole records in each.
    ///
    /// # Errors
    /// See [`AppendError`] for what the file then has.
    fn append(&mut self, parts: &[&[u8]]) -> Result<(), AppendError>;

    /// Announces the append that follows with the same parts, without waiting for it, so that the
    /// appends to several files run at the same time. It is called only if the storage's [`Pace`]
    /// has [whole batches](Pace::whole_batches). By default, does nothing.
    fn begin_append(&mut self, parts: &[&[u8]]) {
        let _ = parts;
    }

    /// Returns whether later events belong into another file. By default, `false`.
    fn is_full(&self) -> bool {
        false
    }

    /// Returns whether the file still has a name. Bytes that are appended to a deleted file are lost,
    /// so the writer then continues in a new one. By default, `true`.
    fn is_linked(&self) -> bool {
        true
    }

    /// Waits until all appended bytes would survive a power cut. By default, does nothing.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The outcome of an [append](EventFile::append) that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The file takes no more bytes. The rest is written to a new file.
    #[error("an append failed after {written} bytes")]
    Broken {
        /// How many bytes of the append are in the file.
        written: usize,
        /// The cause.
        source: io::Error,
    },
    /// It is unknown whether the bytes are in the file. The next append begins with the same bytes.
    #[error("an append had no outcome")]
    InDoubt {
        /// The cause.
        source: io::Error,
    },
}

/// The content of a file that [`Storage::replace`] writes.
pub trait Output: Write {
    /// Waits until the written bytes would survive a power cut. By default, does nothing.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Vec<u8> {}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name, without the directory.
    pub name: OsString,
    /// The kind.
    pub kind: Kind,
}

/// Sorts entries by their names.
pub(crate) fn sort(entries: &mut [Entry]) {
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
}

impl Entry {
    /// Creates an entry.
    pub fn new(name: impl Into<OsString>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }
}

/// The kind of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link; only an [`Entry`] is one.
    Link,
    /// Something else, such as a device.
    Other,
}

/// The metadata of a file or a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The kind.
    pub kind: Kind,
    /// The length of a file in bytes.
    pub len: u64,
    /// The time of the last change, if the storage reports it.
    pub modified: Option<SystemTime>,
}

impl Metadata {
    /// Creates the metadata of a file.
    pub fn file(len: u64, modified: Option<SystemTime>) -> Self {
        Self { kind: Kind::File, len, modified }
    }

    /// Creates the metadata of a directory.
    pub fn dir() -> Self {
        Self { kind: Kind::Dir, len: 0, modified: None }
    }
}

impl<S: Storage + ?Sized> Storage for Arc<S> {
    fn probe(&self, dir: &Path) -> io::Result<()> {
        (**self).probe(dir)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>> {
        (**self).create(path)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        (**self).list(dir)
    }
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        (**self).metadata(path)
    }
    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        (**self).open(path, from)
    }
    fn replace(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()> {
        (**self).replace(path, fill)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        (**self).remove(path)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        (**self).create_dir_all(path)
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        (**self).create_dir(path)
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        (**self).remove_dir(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        (**self).sync_dir(path)
    }
    fn remove_abandoned(&self, dir: &Path) {
        (**self).remove_abandoned(dir);
    }
    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        (**self).absolute(path)
    }
    fn location(&self, path: &Path) -> String {
        (**self).location(path)
    }
    fn is_link(&self, path: &Path) -> bool {
        (**self).is_link(path)
    }
    fn readers_keep_removed_files(&self) -> bool {
        (**self).readers_keep_removed_files()
    }
    fn names_may_collide(&self) -> bool {
        (**self).names_may_collide()
    }
    fn pace(&self) -> Pace {
        (**self).pace()
    }
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
    /// Whether the operation is tried again and may turn out to have succeeded.
    pub(crate) in_doubt: bool,
}

impl Failed {
    pub(crate) fn new(operation: &'static str, path: &Path, error: io::Error) -> Self {
        Self { operation, path: path.to_owned(), error, in_doubt: false }
    }
}

impl Clone for Failed {
    fn clone(&self) -> Self {
        let error = match self.error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(self.error.kind(), self.error.to_string()),
        };
        Self { error, path: self.path.clone(), ..*self }
    }
}

/// Writes a file as a whole, through a buffer. After an error the old file is unchanged.
pub(crate) fn replace<S: Storage + ?Sized>(
    storage: &S,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failed> {
    let mut write = Some(write);
    let mut fill = |output: &mut dyn Output| {
        let Some(write) = write.take() else { return Err(io::ErrorKind::Unsupported.into()) };
        let mut out = BufWriter::with_capacity(CHUNK, &mut *output);
        let written = write(&mut out).and_then(|()| out.flush());
        // Discards the rest of its buffer after an error, instead of writing it again.
        drop(out.into_parts());
        written
    };
    storage.replace(path, &mut fill).map_err(|error| Failed::new("write", path, error))
}

/// Returns the content of a file.
pub(crate) fn read(storage: &dyn Storage, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    storage.open(path, 0)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
