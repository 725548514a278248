//! The files of embeddings in a run: vectors, labels and images of each one, and the config that
//! lists them for the Projector dashboard.

use super::run::Run;
use super::{SummaryWriter, names};
use crate::engine::Buffer;
use crate::storage::{self, Failed, Storage};
use crate::summary::embedding::config::{self, Entry, Sprite};
use crate::summary::embedding::tsv;
use crate::summary::{DataClass, Embedding, Metadata, Step, Summary, SummaryEncoder, Tensor};
use crate::system::Mutex;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl SummaryWriter {
    /// Logs an embedding for the Projector dashboard, which shows it as `tag:step`.
    ///
    /// The files are written to `STEP/TAG` in the run's directory, as torch does:
    /// `00007/words/tensors.tsv`, `metadata.tsv`, `sprite.png`. In the name of the directory, `_`
    /// replaces characters of the tag that are not allowed there. A checksum is then appended, as
    /// also for tags with upper-case letters, because some file systems ignore case. The run's
    /// `projector_config.pbtxt` lists this embedding and all earlier ones, including those of other
    /// programs; an embedding with the same tag and step is replaced.
    ///
    /// This call copies no data and does not wait for the disk: the files are written on another
    /// thread, as by [`add_deferred`](Self::add_deferred). Errors are returned by
    /// [`flush`](Self::flush) and [`close`](Self::close). Only an embedding larger than the writer's
    /// buffer is written in this call.
    ///
    /// TensorBoard reads the config when it starts, and again when a run appears or disappears. The
    /// Projector needs a log directory on the local disk.
    ///
    /// ```
    /// use tfevents::summary::Embedding;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let words = Embedding::builder([2, 2], vec![0.1, 0.9, -0.7, 0.3])
    ///     .labels(["one", "two"])
    ///     .build()?;
    /// writer.add_embedding("words", &words, 7);
    /// writer.flush()?;
    /// assert!(dir.path().join("00007/words/tensors.tsv").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_embedding(&self, tag: &str, embedding: &Embedding, step: impl Step) {
        let (Some(run), Some(files)) = (&self.run, self.projector_files()) else { return };
        if !run.shared.buffer.accepts(run.handle) {
            // The event is counted as dropped, and no file is written.
            return self.add(tag, &Marker, step);
        }
        let files = EmbeddingFiles {
            buffer: run.shared.buffer.clone(),
            files,
            embedding: embedding.clone(),
            step: step.to_step(),
        };
        self.add_deferred(tag, files, step);
    }

    /// Returns the projector's files of this run. Writing them waits for the disk.
    /// `None` if the writer is disabled.
    pub(crate) fn projector_files(&self) -> Option<ProjectorFiles> {
        let Run { shared, dir, config, .. } = &**self.run.as_ref()?;
        let storage = shared.storage.clone();
        let dir = dir.clone();
        let config = config.clone();
        Some(ProjectorFiles { storage, dir, config })
    }
}

/// The projector's files of one run. Paths are relative to its directory.
#[derive(Debug)]
pub(crate) struct ProjectorFiles {
    storage: Arc<dyn Storage>,
    dir: Arc<Path>,
    /// Locked while the config is read and written.
    config: Arc<Mutex<()>>,
}

impl ProjectorFiles {
    /// Writes a file of vectors and creates its directory.
    pub(crate) fn write_vectors(
        &self,
        path: &str,
        columns: usize,
        values: &[f32],
    ) -> Result<(), Failed> {
        let path = self.dir.join(path);
        if let Some(parent) = path.parent() {
            self.make_dir(parent)?;
            self.storage.remove_abandoned(parent);
        }
        self.write(&path, |mut out| tsv::write_vectors(columns, values, &mut out))
    }

    /// Adds embeddings to the config.
    pub(crate) fn write_config(&self, entries: &[Entry]) -> Result<(), Failed> {
        let path = self.dir.join(config::FILE);
        let _only = self.config.lock();
        let known = match storage::read(&*self.storage, &path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Failed::new("read", &path, error)),
        };
        let merged = std::str::from_utf8(&known).ok().and_then(|text| config::merge(text, entries));
        let Some(merged) = merged else {
            let reason = "it is no text proto, and is left as it is";
            let error = io::Error::new(io::ErrorKind::InvalidData, reason);
            return Err(Failed::new("read", &path, error));
        };
        self.write(&path, |out| out.write_all(merged.as_bytes()))
    }

    fn make_dir(&self, path: &Path) -> Result<(), Failed> {
        self.storage.create_dir_all(path).map_err(|error| Failed::new("create", path, error))
    }

    /// Removes the temporary files that processes left in this and another directory when they
    /// were killed.
    #[cfg(feature = "callbacks")]
    pub(crate) fn remove_abandoned(&self, dir: &str) {
        self.storage.remove_abandoned(&self.dir);
        self.storage.remove_abandoned(&self.dir.join(dir));
    }

    fn write(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failed> {
        storage::replace(&*self.storage, path, write)
    }
}

/// A deferred embedding: it writes its files when it is encoded.
struct EmbeddingFiles {
    buffer: Arc<Buffer>,
    files: ProjectorFiles,
    embedding: Embedding,
    step: i64,
}

impl EmbeddingFiles {
    fn write(&self, tag: &str) -> Result<(), Failed> {
        let Self { files, embedding, step, .. } = self;
        let folder = format!("{step:05}/{}", names::folder(tag));
        let dir: PathBuf = names::child(&*files.storage, &files.dir, &folder).map_err(|error| {
            let path = files.dir.join(&folder);
            Failed::new("create", &path, io::Error::new(io::ErrorKind::InvalidInput, error))
        })?;
        files.make_dir(&dir)?;
        let in_folder = |name: &str| format!("{folder}/{name}");
        let mut entry = Entry {
            tensor_name: format!("{tag}:{step:05}"),
            shape: embedding.shape,
            tensor_path: in_folder("tensors.tsv"),
            metadata_path: None,
            sprite: None,
        };
        files.write_vectors(&entry.tensor_path, embedding.shape[1], &embedding.vectors)?;
        if let Some(metadata) = &embedding.label_file {
            files.write(&dir.join("metadata.tsv"), |out| out.write_all(metadata.as_bytes()))?;
            entry.metadata_path = Some(in_folder("metadata.tsv"));
        }
        if let Some((image, size)) = &embedding.sprite {
            let path = dir.join("sprite.png");
            let file =
                image.to_file().map_err(|error| Failed::new("write", &path, error.into()))?;
            files.write(&path, |out| out.write_all(&file))?;
            entry.sprite = Some(Sprite { path: in_folder("sprite.png"), size: *size });
        }
        files.write_config(&[entry])
    }
}

/// An event without data. Without any event, TensorBoard would not look for embeddings in this
/// directory.
struct Marker;

impl Summary for Marker {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("projector").data_class(DataClass::Tensor);
        let tag = format!("_projector_/{tag}");
        encoder.push(&tag, &metadata, &Tensor::numbers::<f32>(&[0], &[]));
    }
}

impl Summary for EmbeddingFiles {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        match self.write(tag) {
            Ok(()) => Marker.encode(tag, encoder),
            Err(failed) => self.buffer.report_failure(failed),
        }
    }

    fn memory_usage(&self) -> usize {
        let Embedding { vectors, label_file, sprite, .. } = &self.embedding;
        let labels = label_file.as_ref().map_or(0, |text| text.len());
        let sprite = sprite.as_ref().map_or(0, |(image, _)| image.memory_usage());
        size_of_val(&**vectors) + labels + sprite
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Error;

    /// Logs two embeddings, the second larger than the buffer.
    fn log_small_and_large(run: &SummaryWriter) {
        for rows in [1, 20_000] {
            let embedding = Embedding::new([rows, 2], vec![0.5; rows * 2]).unwrap();
            run.add_embedding("words", &embedding, 0);
        }
    }

    #[test]
    fn a_closed_child_makes_no_files() {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::builder(dir.path()).buffer_bytes(1 << 16).build().unwrap();
        let child = writer.child_run("child").unwrap();
        child.close().unwrap();
        let files = || std::fs::read_dir(child.path()).unwrap().count();
        let before = files();
        log_small_and_large(&child);
        assert!(matches!(writer.close(), Err(Error::Dropped { events: 2, .. })));
        assert_eq!((files(), writer.stats().dropped), (before, 2));
    }

    #[test]
    fn a_closed_writer_makes_no_files() {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::builder(dir.path()).buffer_bytes(1 << 16).build().unwrap();
        writer.close().unwrap();
        let files = || std::fs::read_dir(dir.path()).unwrap().count();
        let before = files();
        log_small_and_large(&writer);
        writer.add_scalars_as_runs("loss", [("train", 0.5)], 0);
        assert!(matches!(writer.child_run("child"), Err(Error::Closed { .. })));
        assert_eq!((files(), writer.stats().dropped), (before, 2));
    }
}
