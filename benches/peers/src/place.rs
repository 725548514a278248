//! Where the files go: memory, if the system has a directory for that, so that no disk is measured.

use crate::Result;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[derive(Debug)]
pub struct Place {
    base: PathBuf,
    in_memory: bool,
}

impl Place {
    pub fn find() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() && fresh(memory).is_ok() {
            Self { base: memory.to_owned(), in_memory: true }
        } else {
            Self { base: std::env::temp_dir(), in_memory: false }
        }
    }

    /// An empty directory, gone when dropped.
    pub fn fresh(&self) -> Result<TempDir> {
        Ok(fresh(&self.base)?)
    }

    pub fn describe(&self) -> String {
        let kind = if self.in_memory { "backed by memory" } else { "perhaps a disk" };
        format!("{} ({kind})", self.base.display())
    }
}

fn fresh(base: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("tfevents-peers-").tempdir_in(base)
}
