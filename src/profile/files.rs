//! Where a trace lies, and how it gets there.

use super::ProfileError;
use crate::system::host;
use chrono::{NaiveDateTime, TimeDelta};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The directory for the traces of a run, and the time of one of them.
#[derive(Clone, Debug)]
pub(super) struct Place {
    traces: PathBuf,
    time: NaiveDateTime,
    host: String,
}

impl Place {
    /// Makes the directory for traces, wherever the process goes later.
    pub(super) fn new(run: &Path, time: NaiveDateTime) -> Result<Self, ProfileError> {
        let failed = |path: &Path, error| {
            let path = path.to_owned();
            ProfileError::Directory { path, error }
        };
        let run = std::path::absolute(run).map_err(|error| failed(run, error))?;
        let traces = run.join("plugins").join("profile");
        fs::create_dir_all(&traces).map_err(|error| failed(&traces, error))?;
        Ok(Self { traces, time, host: host() })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Makes a directory that nobody else has, named by the first free second.
    pub(super) fn claim(&self) -> Result<PathBuf, ProfileError> {
        let mut time = self.time;
        loop {
            let dir = self.traces.join(time.format("%Y_%m_%d_%H_%M_%S").to_string());
            match fs::create_dir(&dir) {
                Ok(()) => return Ok(dir),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    time += TimeDelta::seconds(1);
                }
                Err(error) => return Err(ProfileError::Directory { path: dir, error }),
            }
        }
    }

    /// Writes a file under another name, so that nobody reads half of it; says where it is.
    pub(super) fn write(
        &self,
        dir: &Path,
        kind: &str,
        bytes: &[u8],
    ) -> Result<PathBuf, ProfileError> {
        let path = dir.join(format!("{}.{kind}", self.host));
        let part = dir.join(format!("{}.{kind}.part", self.host));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&part)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&part, &path));
        written.map_err(|error| {
            // Nothing more can be done about what is left.
            let _ = fs::remove_file(&part);
            let _ = fs::remove_dir(dir);
            ProfileError::Write { path: path.clone(), error }
        })?;
        Ok(path)
    }
}
