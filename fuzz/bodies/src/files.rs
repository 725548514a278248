//! Directories that live as long as one input.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tfevents::{Overflow, SummaryWriter, SummaryWriterBuilder};

/// Far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(600);

/// Returns a writer whose result does not depend on time.
pub(crate) fn writer(dir: &Path) -> SummaryWriterBuilder {
    SummaryWriter::builder(dir).flush_timeout(PATIENCE).overflow(Overflow::Block(PATIENCE))
}

/// Returns a new directory, in memory where the system has such a file system.
pub(crate) fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    dir.expect("there is a place for temporary files")
}

/// The names and contents of all files in a directory.
pub(crate) fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = dir.read_dir().expect("the directory can be listed");
    let paths = entries.map(|entry| entry.expect("so can its entries").path());
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a file can be read");
        (path, bytes)
    };
    paths.filter(|path| path.is_file()).map(read).collect()
}
