//! Backs up the training after each epoch, and continues an interrupted one.

use super::callback::Callback;
use super::context::Context;
use super::error::{BoxError, CallbackResult};
use super::model::Model;
use crate::storage::{self, Local, Storage};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

type Save = Box<dyn FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send>;

/// Backs up the model after each epoch and restores it when an interrupted training is started
/// again, as Keras's callback of this name.
///
/// A backup has the model, saved and loaded by functions of yours, and the progress of the
/// training: the next epoch, the train steps, the iterations and, if the loop sets it, the learning
/// rate. The next training with the same directory continues with that epoch: a
/// [`TrainingLoop`](super::TrainingLoop) does, and a loop of your own begins at
/// [`CallbackList::initial_epoch`](super::CallbackList::initial_epoch). When a training has ended,
/// its backup is deleted; an error, a panic or a killed process leaves it.
///
/// A [`CsvLogger`](super::CsvLogger) beside it keeps the epochs before only if it
/// [appends](super::CsvLoggerBuilder::append) to its file.
///
/// A process that is killed during a backup leaves the one of the epoch before. The next backup or
/// restore removes files `model-N` of earlier epochs or killed processes. As in Keras, the
/// state of other callbacks, such as the best value of `EarlyStopping`, is not part of it. Unlike
/// in Keras, epochs are the only unit.
///
/// ```no_run
/// use std::path::Path;
/// use tfevents::callbacks::{BackupAndRestore, BoxError, CallbackList, Model, TrainingLoop};
///
/// struct Net {
///     weight: f32,
/// }
///
/// impl Model for Net {}
///
/// fn save(path: &Path, model: &mut dyn Model) -> Result<(), BoxError> {
///     let net: &Net = model.downcast_ref().ok_or("the model is not a Net")?;
///     Ok(std::fs::write(path, net.weight.to_string())?)
/// }
///
/// fn load(path: &Path, model: &mut dyn Model) -> Result<(), BoxError> {
///     let net: &mut Net = model.downcast_mut().ok_or("the model is not a Net")?;
///     net.weight = std::fs::read_to_string(path)?.parse()?;
///     Ok(())
/// }
///
/// let backup = BackupAndRestore::new("backup", save, load)?;
/// let mut callbacks = CallbackList::new().with_callback(backup);
/// TrainingLoop::new(Net { weight: 0.0 })
///     .epochs(20)
///     .train(
///         |_epoch| [0.5f32, 0.25],
///         |net, batch, _step| {
///             net.weight += batch;
///             Ok(())
///         },
///     )
///     .run(&mut callbacks)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BackupAndRestore {
    dir: PathBuf,
    save: Save,
    load: Save,
    delete: bool,
    /// The file of the model in the current backup.
    model: Option<String>,
}

/// An error of a [`BackupAndRestore`] callback.
///
/// ```no_run
/// use tfevents::callbacks::{BackupAndRestore, BackupError};
///
/// std::fs::write("backup", "a file")?;
/// let error =
///     BackupAndRestore::new("backup/net", |_, _| Ok(()), |_, _| Ok(())).unwrap_err();
/// assert!(matches!(error, BackupError::CreateDirectory { .. }));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The directory cannot be created.
    #[error("cannot create the directory {} for backups", .path.display())]
    #[non_exhaustive]
    CreateDirectory {
        /// The directory.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The model cannot be saved.
    #[error("cannot save the model to the backup {}", .path.display())]
    #[non_exhaustive]
    Save {
        /// The path that the function was called with.
        path: PathBuf,
        /// The error of the function.
        source: BoxError,
    },
    /// The model cannot be restored.
    #[error("cannot restore the model from the backup {}", .path.display())]
    #[non_exhaustive]
    Load {
        /// The path that the function was called with.
        path: PathBuf,
        /// The error of the function.
        source: BoxError,
    },
    /// The file with the progress of the training cannot be written or read.
    #[error("cannot {operation} the backup of the progress {}", .path.display())]
    #[non_exhaustive]
    Progress {
        /// The operation: `write` or `read`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the file system, or what is wrong with the file.
        source: BoxError,
    },
}

/// The name of the file with the progress.
const PROGRESS: &str = "progress.txt";

/// The maximum size of that file.
const MAX_PROGRESS: u64 = 1 << 16;

impl BackupAndRestore {
    /// Creates a callback with a directory for the backup, a function that saves the model to a
    /// path, and one that loads it from there. The directory is created.
    ///
    /// # Errors
    /// Returns an error if the directory cannot be created.
    pub fn new(
        dir: impl AsRef<Path>,
        save: impl FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send + 'static,
        load: impl FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send + 'static,
    ) -> Result<Self, BackupError> {
        let dir = dir.as_ref().to_owned();
        if let Err(source) = Local.create_dir_all(&dir) {
            return Err(BackupError::CreateDirectory { path: dir, source });
        }
        Local.remove_abandoned(&dir);
        Ok(Self { dir, save: Box::new(save), load: Box::new(load), delete: true, model: None })
    }

    /// Sets whether the backup is deleted when the training has ended. Default: true.
    #[must_use]
    pub fn delete_checkpoint(mut self, delete: bool) -> Self {
        self.delete = delete;
        self
    }

    fn progress_path(&self) -> PathBuf {
        self.dir.join(PROGRESS)
    }

    fn progress_error(&self, operation: &'static str, source: impl Into<BoxError>) -> BackupError {
        BackupError::Progress { operation, path: self.progress_path(), source: source.into() }
    }

    /// Reads the progress; `None` if there is no backup.
    fn read(&self) -> Result<Option<Backup>, BackupError> {
        let path = self.progress_path();
        match Local.metadata(&path) {
            Ok(found) if found.len > MAX_PROGRESS => {
                return Err(self.progress_error("read", "the file is too large"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.progress_error("read", error)),
        }
        let bytes =
            storage::read(&Local, &path).map_err(|error| self.progress_error("read", error))?;
        let backup = std::str::from_utf8(&bytes).ok().and_then(Backup::parse);
        let backup = backup.ok_or_else(|| self.progress_error("read", "the file is damaged"))?;
        Ok(Some(backup))
    }

    /// Removes the models of earlier backups, also of processes that were killed.
    fn remove_other_models(&self, current: &str) {
        let entries = match Local.list(&self.dir) {
            Ok(entries) => entries,
            Err(error) => {
                let dir = self.dir.display();
                return log::warn!("cannot list {dir} to remove old backups: {error}");
            }
        };
        for name in entries.iter().filter_map(|entry| entry.name.to_str()) {
            if name != current && is_model(name) {
                self.remove_model(name);
            }
        }
    }

    fn remove_model(&self, name: &str) {
        let path = self.dir.join(name);
        if let Err(error) = Local.remove(&path) {
            log::warn!("cannot remove the old backup {}: {error}", path.display());
        }
    }
}

/// Returns whether a file has a name as those of models.
fn is_model(name: &str) -> bool {
    let epoch = name.strip_prefix("model-").unwrap_or_default();
    !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit())
}

/// The progress of a training in a backup.
#[derive(Debug, PartialEq)]
struct Backup {
    epoch: usize,
    train_steps: u64,
    iterations: u64,
    learning_rate: Option<f64>,
    /// The file of the model.
    model: String,
}

impl Backup {
    /// Parses lines of a name and a value. Unknown names are ignored.
    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            lines.find(|(found, _)| *found == name).map(|(_, value)| value)
        };
        let model = value("model")?;
        // A path would lead out of the directory.
        if model.is_empty() || !model.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        Some(Self {
            epoch: value("epoch")?.parse().ok()?,
            train_steps: value("train_steps")?.parse().ok()?,
            iterations: value("iterations")?.parse().ok()?,
            learning_rate: match value("learning_rate") {
                Some(rate) => Some(rate.parse().ok()?),
                None => None,
            },
            model: model.to_owned(),
        })
    }
}

impl fmt::Display for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "epoch {}", self.epoch)?;
        writeln!(f, "train_steps {}", self.train_steps)?;
        writeln!(f, "iterations {}", self.iterations)?;
        if let Some(rate) = self.learning_rate {
            writeln!(f, "learning_rate {rate:?}")?;
        }
        writeln!(f, "model {}", self.model)
    }
}

impl Callback for BackupAndRestore {
    fn name(&self) -> &str {
        "BackupAndRestore"
    }

    fn on_train_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let Some(backup) = self.read()? else { return Ok(()) };
        let path = self.dir.join(&backup.model);
        let loaded = match context.model() {
            Some(model) => (self.load)(&path, model),
            None => (self.load)(&path, &mut ()),
        };
        loaded.map_err(|source| BackupError::Load { path, source })?;
        let progress = &mut *context.progress;
        progress.initial_epoch = backup.epoch;
        progress.train_steps = backup.train_steps;
        progress.iterations = backup.iterations;
        if backup.learning_rate.is_some() {
            progress.learning_rate = backup.learning_rate;
        }
        log::info!("the training continues at epoch {}, from a backup", backup.epoch);
        self.remove_other_models(&backup.model);
        self.model = Some(backup.model);
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let epoch = context.epoch().saturating_add(1);
        let name = format!("model-{epoch}");
        let path = self.dir.join(&name);
        // A process that was killed may have left a part.
        let _ = Local.remove(&path);
        let saved = match context.model() {
            Some(model) => (self.save)(&path, model),
            None => (self.save)(&path, &mut ()),
        };
        saved.map_err(|source| BackupError::Save { path, source })?;
        let backup = Backup {
            epoch,
            train_steps: context.progress.train_steps,
            iterations: context.progress.iterations,
            learning_rate: context.progress.learning_rate,
            model: name.clone(),
        };
        let text = backup.to_string();
        storage::replace(&Local, &self.progress_path(), |out| out.write_all(text.as_bytes()))
            .map_err(|error| self.progress_error("write", error))?;
        self.remove_other_models(&name);
        self.model = Some(name);
        Ok(())
    }

    fn on_train_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if context.is_interrupted() || !self.delete {
            return Ok(());
        }
        if let Some(model) = self.model.take() {
            // Without the progress there is no backup.
            if let Err(error) = Local.remove(&self.progress_path()) {
                log::warn!("cannot remove {}: {error}", self.progress_path().display());
            }
            self.remove_model(&model);
        }
        Ok(())
    }
}

impl fmt::Debug for BackupAndRestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackupAndRestore")
            .field("dir", &self.dir)
            .field("delete_checkpoint", &self.delete)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CallbackList, LambdaCallback, TrainingLoop};
    use super::*;
    use std::error::Error;
    use std::sync::{Arc, Mutex};

    struct Net(u32);

    impl Model for Net {}

    fn backup(dir: &Path) -> BackupAndRestore {
        let save = |path: &Path, model: &mut dyn Model| {
            let net: &Net = model.downcast_ref().ok_or("another model")?;
            Ok(std::fs::write(path, net.0.to_string())?)
        };
        let load = |path: &Path, model: &mut dyn Model| {
            let net: &mut Net = model.downcast_mut().ok_or("another model")?;
            net.0 = std::fs::read_to_string(path)?.parse()?;
            Ok(())
        };
        BackupAndRestore::new(dir, save, load).unwrap()
    }

    /// Trains for 5 epochs of 3 batches, up to a batch that fails. Returns the sum that the model
    /// keeps and the train steps of all batches.
    fn train(dir: &Path, fails_at: Option<(usize, usize)>) -> (u32, Vec<u64>) {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&steps);
        let spy = LambdaCallback::new("spy").on_train_batch_begin(move |context| {
            seen.lock().unwrap().push(context.train_steps());
            Ok(())
        });
        let mut callbacks = CallbackList::new().with_callback(backup(dir)).with_callback(spy);
        let mut training = TrainingLoop::new(Net(0)).epochs(5).train(
            |_| 0..3,
            |net, batch, step| {
                if fails_at == Some((step.epoch(), batch)) {
                    return Err("on purpose".into());
                }
                net.0 += 1;
                Ok(())
            },
        );
        let result = training.run(&mut callbacks);
        assert_eq!(result.is_err(), fails_at.is_some());
        let steps = steps.lock().unwrap().clone();
        (training.model().0, steps)
    }

    fn files(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_interrupted_training_continues_at_the_next_epoch() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(train(dir.path(), Some((2, 1))), (7, (1..=8).collect()));
        assert_eq!(files(dir.path()), ["model-2", "progress.txt"]);
        // The batches of epoch 2 are trained again.
        assert_eq!(train(dir.path(), Some((4, 0))), (12, (7..=13).collect()));
        assert_eq!(files(dir.path()), ["model-4", "progress.txt"]);
        assert_eq!(train(dir.path(), None), (15, (13..=15).collect()));
        // The training has ended, so that a new one starts at epoch 0.
        assert_eq!(files(dir.path()), [""; 0]);
        assert_eq!(train(dir.path(), None), (15, (1..=15).collect()));
    }

    #[test]
    fn a_backup_that_was_cut_off_leaves_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        train(dir.path(), Some((2, 0)));
        // Killed while the model of the next epoch was saved.
        std::fs::write(dir.path().join("model-3"), "4").unwrap();
        assert_eq!(train(dir.path(), None).0, 15);
        assert_eq!(files(dir.path()), [""; 0]);
    }

    #[test]
    fn models_that_killed_processes_left_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let others = ["model-", "model-1.bin", "model-x", "net-1"];
        let add_files = || {
            for name in others.iter().chain(&["model-1", "model-8"]) {
                std::fs::write(dir.path().join(name), "").unwrap();
            }
        };
        let with_others = |names: &[&'static str]| {
            let mut names: Vec<_> = others.iter().chain(names).copied().collect();
            names.sort();
            names
        };
        add_files();
        // At a backup.
        train(dir.path(), Some((2, 0)));
        assert_eq!(files(dir.path()), with_others(&["model-2", "progress.txt"]));
        add_files();
        // At a restore.
        train(dir.path(), Some((2, 0)));
        assert_eq!(files(dir.path()), with_others(&["model-2", "progress.txt"]));
    }

    #[test]
    fn a_loop_of_ones_own_begins_at_the_initial_epoch() {
        let dir = tempfile::tempdir().unwrap();
        train(dir.path(), Some((3, 0)));
        let kept = backup(dir.path()).delete_checkpoint(false);
        let mut callbacks = CallbackList::new().with_callback(kept);
        let mut net = Net(0);
        callbacks.set_learning_rate(0.5);
        callbacks.with_model(&mut net).on_train_begin().unwrap();
        assert_eq!((callbacks.initial_epoch(), net.0), (3, 9));
        callbacks.with_model(&mut net).on_epoch_end(3, [("loss", 0.5)]).unwrap();
        callbacks.with_model(&mut net).on_train_end().unwrap();
        assert_eq!(files(dir.path()), ["model-4", "progress.txt"]);
        let text = std::fs::read_to_string(dir.path().join("progress.txt")).unwrap();
        let expected = "epoch 4\ntrain_steps 9\niterations 9\nlearning_rate 0.5\nmodel model-4\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_damaged_backup_is_an_error_and_stays() {
        for text in ["", "epoch 3", "epoch x\ntrain_steps 1\niterations 1\nmodel model-3\n"] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("progress.txt"), text).unwrap();
            let mut callbacks = CallbackList::new().with_callback(backup(dir.path()));
            let error = callbacks.on_train_begin().unwrap_err();
            let error: &BackupError = error.source().unwrap().downcast_ref().unwrap();
            assert!(matches!(error, BackupError::Progress { operation: "read", .. }), "{error}");
            drop(callbacks);
            assert_eq!(files(dir.path()), ["progress.txt"]);
        }
        let path = "epoch 1\ntrain_steps 1\niterations 1\nmodel ../model-1\n";
        assert_eq!(Backup::parse(path), None);
    }
}
