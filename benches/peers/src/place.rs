//! Where the files go: beside this program, so on a file system such as the logs of a training lie
//! on. They are deleted long before the system would write them to the disk, so what is measured
//! is the way into its cache.

use crate::Result;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[derive(Debug)]
pub struct Place {
    base: PathBuf,
}

impl Place {
    /// The directory that was asked for, or that of this program.
    pub fn new(given: Option<&Path>) -> Result<Self> {
        let base = match given {
            Some(given) => given.to_owned(),
            None => std::env::current_exe()?.parent().ok_or("no directory")?.to_owned(),
        };
        let place = Self { base };
        place.fresh()?;
        Ok(place)
    }

    /// An empty directory, gone when dropped.
    pub fn fresh(&self) -> Result<TempDir> {
        Ok(tempfile::Builder::new().prefix("tfevents-peers-").tempdir_in(&self.base)?)
    }

    /// The kind of file system, as Linux names it.
    pub fn describe(&self) -> String {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let kind = mounts
            .lines()
            .filter_map(|line| {
                let mut words = line.split(' ').skip(1);
                Some((words.next()?, words.next()?))
            })
            .filter(|(point, _)| self.base.starts_with(point))
            .max_by_key(|(point, _)| point.len());
        kind.map_or("an unknown file system".into(), |(_, kind)| kind.into())
    }
}
