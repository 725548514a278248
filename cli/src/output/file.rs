//! Files that appear when they are complete.

use anyhow::Context;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file under construction, under another name beside its own until it is finished. Dropped
/// before that, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct NewFile {
    out: BufWriter<File>,
    path: PathBuf,
    /// `None` for what is no regular file, such as a pipe, and is written in place.
    temporary: Option<PathBuf>,
}

impl NewFile {
    /// Creates a file, which replaces one of its name when it is finished.
    ///
    /// # Errors
    /// If the directory is missing or cannot be written to.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let failed = || format!("failed to create {}", path.display());
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let file = File::options().write(true).open(path).with_context(failed)?;
            return Ok(Self { out: buffered(file), path: path.to_owned(), temporary: None });
        }
        let name = path.file_name().context("expected the name of a file").with_context(failed)?;
        let mut temporary = std::ffi::OsString::from(".");
        // A long name must not become too long for the file system.
        temporary.push(name.to_string_lossy().chars().take(40).collect::<String>());
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(temporary);
        let file = File::create(&temporary).with_context(failed)?;
        Ok(Self { out: buffered(file), path: path.to_owned(), temporary: Some(temporary) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If the last bytes cannot be written, or the file cannot be renamed.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.path)?;
            self.temporary = None;
        }
        Ok(())
    }
}

fn buffered(file: File) -> BufWriter<File> {
    // Batches of rows are longer, and so are not copied.
    BufWriter::with_capacity(64 << 10, file)
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // The error that brought us here is the one to report.
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_finished_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.csv");
        let names = || fs::read_dir(dir.path()).unwrap().count();
        fs::write(&path, "old").unwrap();
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("old", 2));
        drop(file);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("old", 1));
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("new", 1));
        assert!(NewFile::create(&dir.path().join("no/such/dir")).is_err());
        assert!(NewFile::create(dir.path()).is_err());
    }
}
