//! A storage whose appends may have no outcome, as in an object store: a file is put as a whole, and
//! put again, longer.

use super::*;
use crate::storage::faulty::Operation;
use crate::storage::{AppendError, Entry, EventFile, Metadata, Output, Pace, Storage};
use std::io::{self, Read};

/// How often a file is put before the next one begins.
const PUTS: u32 = 3;

/// A [`Faulty`] storage, of which a write that fails has no outcome: half of them are stored.
#[derive(Clone, Debug)]
pub(super) struct InDoubt(pub(super) Faulty);

impl Storage for InDoubt {
    fn probe(&self, dir: &Path) -> io::Result<()> {
        self.0.probe(dir)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>> {
        let (storage, path) = (self.0.clone(), path.to_owned());
        let (acknowledged, doubt) = (Vec::new(), Vec::new());
        Ok(Box::new(File { storage, path, acknowledged, doubt, puts: 0, begun: None }))
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        Storage::list(&self.0, dir)
    }
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        Storage::metadata(&self.0, path)
    }
    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        Storage::open(&self.0, path, from)
    }
    fn replace(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.replace(path, fill)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        Storage::create_dir_all(&self.0, path)
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        Storage::create_dir(&self.0, path)
    }
    fn pace(&self) -> Pace {
        Pace {
            whole_batches: true,
            // Less than two large events, so that a batch often leaves something.
            batch_bytes: 20_000,
            retry: Some(Duration::from_millis(1)),
            ..Pace::default()
        }
    }
}

#[derive(Debug)]
struct File {
    storage: Faulty,
    path: PathBuf,
    acknowledged: Vec<u8>,
    doubt: Vec<u8>,
    puts: u32,
    /// What was announced.
    begun: Option<Vec<u8>>,
}

impl EventFile for File {
    fn begin_append(&mut self, parts: &[&[u8]]) {
        self.begun = Some(parts.concat());
    }

    fn append(&mut self, parts: &[&[u8]]) -> Result<(), AppendError> {
        let new = parts.concat();
        assert!(self.begun.take().as_ref() == Some(&new), "announced other bytes");
        assert!(new.starts_with(&self.doubt), "bytes in doubt were not repeated");
        let put = || {
            let body = [&self.acknowledged[..], &new].concat();
            // Nobody sees half of an object.
            let partial = self.path.with_file_name(".partial");
            std::fs::write(&partial, body).unwrap();
            std::fs::rename(partial, &self.path).unwrap();
        };
        let source = match self.storage.next(Operation::Write) {
            Ok(false) => {
                put();
                self.acknowledged.extend(new);
                self.doubt.clear();
                self.puts += 1;
                return Ok(());
            }
            // The answer is lost.
            Ok(true) => {
                put();
                self.storage.fail_once().unwrap_err()
            }
            Err(error) => error,
        };
        self.doubt = new;
        Err(AppendError::InDoubt { source })
    }

    fn is_full(&self) -> bool {
        // Also in doubt: the bytes belong into this file all the same.
        self.puts >= PUTS || !self.doubt.is_empty()
    }
}
