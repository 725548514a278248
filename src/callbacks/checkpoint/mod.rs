//! Saves the model after epochs, or after those that improved it.

mod name;
#[cfg(test)]
mod tests;

use super::callback::Callback;
use super::context::Context;
use super::error::{BoxError, CallbackResult, ConfigError};
use super::model::Model;
use super::monitor::Monitor;
use crate::summary::Mode;
use crate::system::WarnOnce;
use name::CheckpointName;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

type Save = Box<dyn FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send>;

/// Saves the model after epochs by a function of yours, as Keras's callback of this name.
///
/// The file name may contain `{epoch}`, counted from 1 as in Keras, and any value of the epoch's
/// logs, such as `{val_loss}`. `{epoch:03}` pads with zeros and `{val_loss:.2}` rounds; Keras's
/// `{epoch:03d}` and `{val_loss:.2f}` mean the same.
///
/// ```no_run
/// use std::path::Path;
/// use tfevents::callbacks::{CallbackList, Model, ModelCheckpoint};
///
/// let save = |path: &Path, model: &mut dyn Model| {
///     let mut text = String::new();
///     model.weights(&mut |name, shape, values| text += &format!("{name} {shape:?} {values:?}\n"));
///     Ok(std::fs::write(path, text)?)
/// };
/// let checkpoint =
///     ModelCheckpoint::new("checkpoints/{epoch:02}-{val_loss:.2}.txt", save)?.save_best_only(true);
/// let mut callbacks = CallbackList::new().with_callback(checkpoint);
/// callbacks.on_train_begin()?;
/// callbacks.on_epoch_end(0, [("val_loss", 0.5)])?;
/// callbacks.on_epoch_end(1, [("val_loss", 0.75)])?;
/// let checkpoint = callbacks.get::<ModelCheckpoint>().unwrap();
/// assert!(checkpoint.last_path().unwrap().ends_with("01-0.50.txt"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A function that knows the type of the model gets it by
/// [`downcast_mut`](trait.Model.html#method.downcast_mut). A loop that passes no model has `()`
/// saved.
///
/// Unlike in Keras, epochs are the only unit, and an epoch that could not be saved does not count
/// as the best. Settings are checked when the training begins: an invalid one is a [`ConfigError`]
/// of `on_train_begin`.
pub struct ModelCheckpoint {
    name: CheckpointName,
    save: Save,
    monitor: Monitor,
    best_only: bool,
    max_kept: Option<usize>,
    last: bool,
    every: usize,
    threshold: Option<f64>,
    best: Option<f64>,
    last_path: Option<PathBuf>,
    /// With `max_kept`, the files and their values.
    kept: Vec<Kept>,
    warned: WarnOnce,
}

/// A checkpoint that is among the best.
#[derive(Debug)]
struct Kept {
    value: f64,
    path: PathBuf,
}

/// An error creating a [`ModelCheckpoint`], or saving one.
///
/// ```
/// use tfevents::callbacks::ModelCheckpoint;
///
/// let error = ModelCheckpoint::new("net-{epoch", |_, _| Ok(())).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid checkpoint name \"net-{epoch\": a placeholder is not closed \
///      (expected placeholders such as {epoch}, {epoch:03} or {val_loss:.2})"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A placeholder in the file name is invalid, or the name is not UTF-8.
    #[error(
        "invalid checkpoint name {name:?}: {reason} (expected placeholders such as {{epoch}}, \
         {{epoch:03}} or {{val_loss:.2}})"
    )]
    #[non_exhaustive]
    InvalidName {
        /// The file name.
        name: String,
        /// The reason, such as "a placeholder is not closed".
        reason: &'static str,
    },
    /// The directory for the checkpoints cannot be created.
    #[error("cannot create the directory {} for checkpoints", .path.display())]
    #[non_exhaustive]
    CreateDirectory {
        /// The directory.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The function that saves the model returned an error.
    #[error("cannot save the checkpoint {}", .path.display())]
    #[non_exhaustive]
    Save {
        /// The path that the function was called with.
        path: PathBuf,
        /// The error of the function.
        source: BoxError,
    },
}

impl ModelCheckpoint {
    /// Creates a callback that saves by this function, under names with placeholders.
    ///
    /// ```
    /// use tfevents::callbacks::ModelCheckpoint;
    ///
    /// let checkpoint = ModelCheckpoint::new("net-{epoch:03}.bin", |path, model| {
    ///     let mut bytes = Vec::new();
    ///     model.weights(&mut |_, _, values| bytes.extend(values.iter().flat_map(|v| v.to_le_bytes())));
    ///     Ok(std::fs::write(path, bytes)?)
    /// })?;
    /// # Ok::<(), tfevents::callbacks::CheckpointError>(())
    /// ```
    ///
    /// The directory is created if it does not exist. Directories with placeholders in their names
    /// are created when they are first needed.
    ///
    /// # Errors
    /// Returns an error if a placeholder is invalid, the name is not UTF-8, or the directory cannot
    /// be created.
    pub fn new(
        name: impl AsRef<Path>,
        save: impl FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send + 'static,
    ) -> Result<Self, CheckpointError> {
        let path = name.as_ref();
        let invalid = |reason| CheckpointError::InvalidName {
            name: path.to_string_lossy().into_owned(),
            reason,
        };
        let name = path.to_str().ok_or_else(|| invalid("it is not UTF-8"))?;
        let name = CheckpointName::parse(name).map_err(invalid)?;
        create_dir(&name.fixed_dir())?;
        Ok(Self {
            name,
            save: Box::new(save),
            monitor: Monitor::new("val_loss"),
            best_only: false,
            max_kept: None,
            last: false,
            every: 1,
            threshold: None,
            best: None,
            last_path: None,
            kept: Vec::new(),
            warned: WarnOnce::default(),
        })
    }

    /// Saves only epochs whose monitored value is better than all before. Default: false.
    ///
    /// ```
    /// use tfevents::callbacks::ModelCheckpoint;
    ///
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?
    ///     .save_best_only(true)
    ///     .monitor("val_accuracy");
    /// # Ok::<(), tfevents::callbacks::CheckpointError>(())
    /// ```
    #[must_use]
    pub fn save_best_only(mut self, best_only: bool) -> Self {
        self.best_only = best_only;
        self
    }

    /// Keeps the `k` checkpoints with the best monitored values: an epoch is saved if it is one of
    /// them, and the file that is no longer one of them is removed. It must be at least 1.
    /// Default: none is removed.
    ///
    /// Only files that this callback saved during the training are removed, under the path that
    /// the function was called with. If several epochs have the same name, the best of them is
    /// kept; others are skipped, which is logged once. With a `k` above 1 the name must have a
    /// placeholder.
    ///
    /// ```
    /// use tfevents::callbacks::ModelCheckpoint;
    ///
    /// let checkpoint =
    ///     ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.save_top_k(3);
    /// # Ok::<(), tfevents::callbacks::CheckpointError>(())
    /// ```
    #[must_use]
    #[doc(alias = "top_k")]
    pub fn save_top_k(mut self, k: usize) -> Self {
        self.max_kept = Some(k);
        self
    }

    /// Also saves the last epoch, whether it is one of the best or not, as `last` with the
    /// extension of the other checkpoints and in their directory. They must have another name.
    /// Default: false.
    ///
    /// ```
    /// use tfevents::callbacks::ModelCheckpoint;
    ///
    /// // Writes net-1.bin and so on, and last.bin.
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?
    ///     .save_best_only(true)
    ///     .save_last(true);
    /// # Ok::<(), tfevents::callbacks::CheckpointError>(())
    /// ```
    #[must_use]
    pub fn save_last(mut self, last: bool) -> Self {
        self.last = last;
        self
    }

    /// Sets the name of the value that decides which epochs are best. Default: `val_loss`.
    #[must_use]
    pub fn monitor(mut self, name: impl AsRef<str>) -> Self {
        self.monitor.set_name(name.as_ref());
        self
    }

    /// Sets whether a lower or a higher value is better. Default: [`Mode::Auto`], by the name.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.set_mode(mode);
        self
    }

    /// Sets a value that must be exceeded before an epoch is saved as one of the best. It must not be NaN. Default: none.
    ///
    /// ```
    /// use tfevents::callbacks::ModelCheckpoint;
    ///
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?
    ///     .save_best_only(true)
    ///     .initial_value_threshold(0.25);
    /// # Ok::<(), tfevents::callbacks::CheckpointError>(())
    /// ```
    #[must_use]
    pub fn initial_value_threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Sets the interval between epochs that may be saved: every `epochs`th. It must be at least 1.
    /// Default: 1.
    ///
    /// ```
    /// use tfevents::callbacks::ModelCheckpoint;
    ///
    /// let checkpoint =
    ///     ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.every_epochs(10);
    /// # Ok::<(), tfevents::callbacks::CheckpointError>(())
    /// ```
    #[must_use]
    pub fn every_epochs(mut self, epochs: usize) -> Self {
        self.every = epochs;
        self
    }

    /// Returns the best value that was saved, with [`save_best_only`](Self::save_best_only) or
    /// [`save_top_k`](Self::save_top_k).
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// Returns the path that was saved last, apart from that of [`save_last`](Self::save_last).
    pub fn last_path(&self) -> Option<&Path> {
        self.last_path.as_deref()
    }

    fn is_ranked(&self) -> bool {
        self.best_only || self.max_kept.is_some()
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.every == 0 {
            return Err(ConfigError::new("every_epochs", self.every, "at least 1"));
        }
        if self.max_kept == Some(0) {
            return Err(ConfigError::new("save_top_k", 0, "at least 1"));
        }
        if let (Some(k @ 2..), Some(_)) = (self.max_kept, self.name.fixed_path()) {
            return Err(ConfigError::new("save_top_k", k, "1, or a name with a placeholder"));
        }
        if self.last && self.name.fixed_path().is_some_and(|path| path == self.name.last_path()) {
            let expected = "false, or a name of checkpoints that is not that of the last epoch";
            return Err(ConfigError::new("save_last", true, expected));
        }
        if self.threshold.is_some_and(f64::is_nan) {
            return Err(ConfigError::new("initial_value_threshold", f64::NAN, "a number"));
        }
        if self.is_ranked() { self.monitor.check() } else { Ok(()) }
    }

    /// Returns whether a value is one of the best that are to be saved.
    fn is_among_best(&self, value: f64) -> bool {
        if self.threshold.is_some_and(|threshold| !self.monitor.is_better(value, threshold)) {
            return false;
        }
        if self.best_only && !self.monitor.is_best(value, self.best) {
            return false;
        }
        match (self.max_kept, self.worst()) {
            (Some(k), Some(worst)) if self.kept.len() >= k => {
                self.monitor.is_better(value, self.kept[worst].value)
            }
            _ => !value.is_nan(),
        }
    }

    /// Returns the index of the checkpoint with the worst value.
    fn worst(&self) -> Option<usize> {
        let indices = 0..self.kept.len();
        indices.reduce(|worst, at| {
            let better = self.monitor.is_better(self.kept[worst].value, self.kept[at].value);
            if better { at } else { worst }
        })
    }

    /// Returns whether a checkpoint of this path is kept that is as good or better.
    fn has_better(&self, path: &Path, value: f64) -> bool {
        let mut kept = self.kept.iter().filter(|kept| kept.path == path);
        kept.any(|kept| !self.monitor.is_better(value, kept.value))
    }

    /// Adds a checkpoint to those that are kept, and removes the file of the worst if they are too
    /// many.
    fn keep(&mut self, k: usize, value: f64, path: &Path) {
        // A better value of the same name has overwritten the file.
        self.kept.retain(|kept| kept.path != path);
        self.kept.push(Kept { value, path: path.to_owned() });
        if self.kept.len() <= k {
            return;
        }
        if let Some(worst) = self.worst() {
            let Kept { path, .. } = self.kept.swap_remove(worst);
            if let Err(error) = std::fs::remove_file(&path) {
                log::warn!("cannot remove the checkpoint {}: {error}", path.display());
            }
        }
    }

    fn save(&mut self, path: &Path, context: &mut Context<'_>) -> Result<(), CheckpointError> {
        if let Some(dir) = path.parent() {
            create_dir(dir)?;
        }
        let saved = match context.model() {
            Some(model) => (self.save)(path, model),
            None => (self.save)(path, &mut ()),
        };
        saved.map_err(|source| CheckpointError::Save { path: path.to_owned(), source })
    }
}

impl Callback for ModelCheckpoint {
    fn name(&self) -> &str {
        "ModelCheckpoint"
    }

    fn on_train_begin(&mut self, _: &mut Context<'_>) -> CallbackResult {
        Ok(self.check()?)
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        // A loop may not have called `on_train_begin`.
        self.check()?;
        let epoch = context.epoch().saturating_add(1);
        if epoch % self.every != 0 {
            return Ok(());
        }
        if self.last {
            self.save(&self.name.last_path(), context)?;
        }
        let mut value = None;
        if self.is_ranked() {
            value = self.monitor.value("ModelCheckpoint", context);
            if !value.is_some_and(|value| self.is_among_best(value)) {
                return Ok(());
            }
        }
        let path = match self.name.fill(epoch, context.logs()) {
            Ok(path) => path,
            Err(missing) => {
                self.warned.warn(&missing, || {
                    format!(
                        "ModelCheckpoint skips epoch {}: the file name needs {missing:?}, which the \
                         epoch did not log",
                        context.epoch()
                    )
                });
                return Ok(());
            }
        };
        if let (Some(value), Some(_)) = (value, self.max_kept) {
            if self.has_better(&path, value) {
                self.warned.warn("", || {
                    format!(
                        "ModelCheckpoint skips epoch {}: {} has a checkpoint that is as good or \
                         better (expected a file name that tells epochs apart, such as with \
                         {{epoch}})",
                        context.epoch(),
                        path.display()
                    )
                });
                return Ok(());
            }
        }
        self.save(&path, context)?;
        if let Some(value) = value {
            if self.monitor.is_best(value, self.best) {
                self.best = Some(value);
            }
            if let Some(k) = self.max_kept {
                self.keep(k, value, &path);
            }
        }
        self.last_path = Some(path);
        Ok(())
    }
}

fn create_dir(dir: &Path) -> Result<(), CheckpointError> {
    let created = std::fs::create_dir_all(dir);
    created.map_err(|source| CheckpointError::CreateDirectory { path: dir.to_owned(), source })
}

impl fmt::Debug for ModelCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelCheckpoint")
            .field("name", &self.name)
            .field("monitor", &self.monitor)
            .field("best", &self.best)
            .finish_non_exhaustive()
    }
}
