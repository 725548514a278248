//! The local file system.

use super::files::{File, FileSystem, storage_on_files};
use super::{Entry, Kind, Metadata};
use std::fs::{self, FileType};
use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The local file system, the default storage.
///
/// ```
/// use tfevents::storage::Local;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = tfevents::SummaryWriter::builder(path).storage(Local).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

storage_on_files!(Local);

impl FileSystem for Local {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(file))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = fs::File::open(path)?;
        if from > 0 {
            file.seek(SeekFrom::Start(from))?;
        }
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // On other systems a directory cannot be opened as a file.
        if !cfg!(unix) {
            return Ok(());
        }
        match fs::File::open(path).and_then(|dir| dir.sync_all()) {
            // Some file systems cannot sync directories, and a writable directory may be unreadable.
            // Logging must work there too.
            Err(error) if [InvalidInput, PermissionDenied, Unsupported].contains(&error.kind()) => {
                Ok(())
            }
            result => result,
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let entries = fs::read_dir(path)?.map(|entry| {
            let entry = entry?;
            Ok(Entry { name: entry.file_name(), kind: entry.file_type()?.into() })
        });
        entries.collect()
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let found = fs::metadata(path)?;
        let (kind, len) = (found.file_type().into(), found.len());
        Ok(Metadata { kind, len, modified: found.modified().ok() })
    }
}

impl From<FileType> for Kind {
    fn from(found: FileType) -> Self {
        if found.is_symlink() {
            Kind::Link
        } else if found.is_dir() {
            Kind::Dir
        } else if found.is_file() {
            Kind::File
        } else {
            Kind::Other
        }
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
