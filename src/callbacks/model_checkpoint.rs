//! Saves the model, after every epoch or when it got better.

use super::monitor::{Mode, Monitor};
use super::{BoxError, Callback, CallbackResult, ConfigError, Context, Logs, Model};
use std::path::{Path, PathBuf};

type Save = Box<dyn FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send>;

/// Saves the model after an epoch, by a function of yours.
///
/// The file name may hold `{epoch}`, counted from 1 as in Keras, and any value that the epoch
/// reports: `{val_loss}`. `{epoch:03}` fills with zeros, `{val_loss:.2}` rounds; Keras's
/// `{epoch:03d}` and `{val_loss:.2f}` mean the same. The directory must exist.
///
/// ```
/// use tfevents::callbacks::{CallbackList, Model, ModelCheckpoint};
///
/// # let dir = tempfile::tempdir()?;
/// # let pattern = dir.path().join("{epoch:02}-{val_loss:.2}.txt");
/// let save = |path: &std::path::Path, model: &mut dyn Model| {
///     let mut text = String::new();
///     model.weights(&mut |name, shape, values| text += &format!("{name} {shape:?} {values:?}\n"));
///     Ok(std::fs::write(path, text)?)
/// };
/// let checkpoint = ModelCheckpoint::new(&pattern, save)?.save_best_only(true);
/// let mut callbacks = CallbackList::new().with_callback(checkpoint);
/// callbacks.on_epoch_end(0, [("val_loss", 0.5)])?;
/// callbacks.on_epoch_end(1, [("val_loss", 0.75)])?;
/// let checkpoint = callbacks.get::<ModelCheckpoint>().unwrap();
/// assert!(checkpoint.last_path().unwrap().ends_with("01-0.50.txt"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Unlike in Keras, epochs are the only unit, and an epoch that could not be saved is not
/// remembered as the best.
///
/// A model of a known type is reached through
/// [`Model::as_any`](super::Model::as_any). A loop that gives no model has `()` saved.
pub struct ModelCheckpoint {
    pattern: Vec<Piece>,
    save: Save,
    monitor: Monitor,
    best_only: bool,
    every: usize,
    best: Option<f64>,
    last_path: Option<PathBuf>,
}

/// A file name that means nothing: see [`ModelCheckpoint::new`].
///
/// ```
/// use tfevents::callbacks::ModelCheckpoint;
///
/// let error = ModelCheckpoint::new("net-{epoch", |_, _| Ok(())).unwrap_err().to_string();
/// assert!(error.starts_with("file name \"net-{epoch\" does not close a placeholder"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "file name {pattern:?} {reason}; placeholders look like {{epoch}}, {{epoch:03}} or \
    {{val_loss:.2}}"
)]
pub struct CheckpointError {
    pattern: String,
    reason: &'static str,
}

/// A part of a file name.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Value { name: String, width: usize, digits: Option<usize> },
}

impl ModelCheckpoint {
    /// Saves by this function, under names of this pattern.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch:03}.bin", |path, model| {
    ///     let mut bytes = Vec::new();
    ///     model.weights(&mut |_, _, values| bytes.extend(values.iter().flat_map(|v| v.to_le_bytes())));
    ///     Ok(std::fs::write(path, bytes)?)
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the pattern is not UTF-8, or a placeholder in it is none.
    pub fn new(
        pattern: impl AsRef<Path>,
        save: impl FnMut(&Path, &mut dyn Model) -> Result<(), BoxError> + Send + 'static,
    ) -> Result<Self, CheckpointError> {
        let path = pattern.as_ref();
        let refused = |reason| CheckpointError { pattern: path.display().to_string(), reason };
        let pattern = path.to_str().ok_or_else(|| refused("is not UTF-8"))?;
        Ok(Self {
            pattern: parse(pattern).map_err(refused)?,
            save: Box::new(save),
            monitor: Monitor::new("val_loss"),
            best_only: false,
            every: 1,
            best: None,
            last_path: None,
        })
    }

    /// Saves only when the monitored value is better than ever before. Default: no.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.save_best_only(true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn save_best_only(mut self, best_only: bool) -> Self {
        self.best_only = best_only;
        self
    }

    /// The value that says which epoch is best. Default: `val_loss`.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.save_best_only(true).monitor("val_accuracy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn monitor(mut self, name: &str) -> Self {
        name.clone_into(&mut self.monitor.name);
        self
    }

    /// Whether less or more is better. Default: by the name.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.monitor("val_reward").mode(Mode::Max);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// Only a value better than this is saved at all. Default: none.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.save_best_only(true).initial_value_threshold(0.25)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it is NaN.
    pub fn initial_value_threshold(mut self, threshold: f64) -> Result<Self, ConfigError> {
        if threshold.is_nan() {
            return Err(ConfigError::new("initial_value_threshold", threshold, "numbers"));
        }
        self.best = Some(threshold);
        Ok(self)
    }

    /// Looks at every so many epochs only. Default: 1.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?.every_epochs(10)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it is 0.
    pub fn every_epochs(mut self, epochs: usize) -> Result<Self, ConfigError> {
        if epochs == 0 {
            return Err(ConfigError::new("every_epochs", epochs, "whole numbers from 1"));
        }
        self.every = epochs;
        Ok(self)
    }

    /// The best value so far, where only the best is saved.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?;
    /// assert_eq!(checkpoint.best(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// What was saved last.
    ///
    /// ```
    /// # use tfevents::callbacks::{Mode, ModelCheckpoint};
    /// let checkpoint = ModelCheckpoint::new("net-{epoch}.bin", |_path, _model| Ok(()))?;
    /// assert_eq!(checkpoint.last_path(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn last_path(&self) -> Option<&Path> {
        self.last_path.as_deref()
    }
}

impl Callback for ModelCheckpoint {
    fn name(&self) -> &str {
        "ModelCheckpoint"
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let epoch = context.epoch().saturating_add(1);
        if epoch % self.every != 0 {
            return Ok(());
        }
        let mut best = self.best;
        if self.best_only {
            let Some(value) = self.monitor.value("ModelCheckpoint", context) else { return Ok(()) };
            if !self.monitor.is_best(value, self.best) {
                return Ok(());
            }
            best = Some(value);
        }
        let path = PathBuf::from(fill(&self.pattern, epoch, context.logs())?);
        let saved = match context.model() {
            Some(model) => (self.save)(&path, model),
            None => (self.save)(&path, &mut ()),
        };
        saved.map_err(|error| format!("cannot save {}: {error}", path.display()))?;
        self.best = best;
        self.last_path = Some(path);
        Ok(())
    }
}

fn parse(pattern: &str) -> Result<Vec<Piece>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(open) = rest.find(['{', '}']) {
        if rest.as_bytes()[open] == b'}' {
            return Err("closes a placeholder that is not open");
        }
        pieces.push(Piece::Text(rest[..open].to_owned()));
        let (inner, after) =
            rest[open + 1..].split_once('}').ok_or("does not close a placeholder")?;
        rest = after;
        let (name, format) = inner.split_once(':').unwrap_or((inner, ""));
        if name.is_empty() || name.contains('{') {
            return Err("has a placeholder without a name");
        }
        let format = format.strip_suffix(['d', 'f']).unwrap_or(format);
        let (width, digits) = match format.split_once('.') {
            Some((width, digits)) => (width, Some(digits)),
            None => (format, None),
        };
        let number = |text: &str| text.parse().ok().filter(|&number: &usize| number <= 100);
        let bad = "has a placeholder with another format";
        pieces.push(Piece::Value {
            name: name.to_owned(),
            width: if width.is_empty() { 0 } else { number(width).ok_or(bad)? },
            digits: digits.map(|digits| number(digits).ok_or(bad)).transpose()?,
        });
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

fn fill(pattern: &[Piece], epoch: usize, logs: &Logs) -> Result<String, BoxError> {
    let mut path = String::new();
    for piece in pattern {
        match piece {
            Piece::Text(text) => path += text,
            Piece::Value { name, width, .. } if name == "epoch" => {
                path += &format!("{epoch:0width$}");
            }
            Piece::Value { name, width, digits } => {
                let value = logs.get_f64(name).ok_or_else(|| {
                    format!("the file name needs {name:?}, which is not reported")
                })?;
                path += &match digits {
                    Some(digits) => format!("{value:0width$.digits$}"),
                    None => format!("{value:0width$}"),
                };
            }
        }
    }
    Ok(path)
}

impl std::fmt::Debug for ModelCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelCheckpoint")
            .field("pattern", &self.pattern)
            .field("best", &self.best)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::CallbackList;
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn names_are_filled_in() {
        let logs = Logs::from_iter([("val_loss", 0.125)]);
        let named = |pattern: &str| fill(&parse(pattern).unwrap(), 7, &logs).unwrap();
        assert_eq!(named("a/{epoch:03d}-{val_loss:.2f}.bin"), "a/007-0.12.bin");
        assert_eq!(named("{epoch}{val_loss}"), "70.125");
        assert_eq!(named("{val_loss:06.2}"), "000.12");
        assert!(fill(&parse("{loss}").unwrap(), 7, &logs).is_err());
        for bad in ["{epoch", "epoch}", "{}", "{:03}", "{epoch:x}", "{a{b}}", "{epoch:9999}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_better_ones_are_saved() {
        let saved = Arc::new(Mutex::new(Vec::new()));
        let names = saved.clone();
        let save = move |path: &Path, _: &mut dyn Model| {
            names.lock().unwrap().push(path.display().to_string());
            Ok(())
        };
        let checkpoint = ModelCheckpoint::new("{epoch}", save).unwrap();
        let checkpoint = checkpoint.monitor("val_accuracy").save_best_only(true);
        let mut callbacks = CallbackList::new().with_callback(checkpoint);
        for (epoch, accuracy) in [f64::NAN, 0.5, 0.25, 0.75].into_iter().enumerate() {
            callbacks.on_epoch_end(epoch, [("val_accuracy", accuracy)]).unwrap();
        }
        assert_eq!(*saved.lock().unwrap(), ["2", "4"]);
    }

    #[test]
    fn what_could_not_be_saved_is_not_the_best() {
        let mut fails = true;
        let save = move |_: &Path, _: &mut dyn Model| match std::mem::take(&mut fails) {
            true => Err("no room".into()),
            false => Ok(()),
        };
        let checkpoint = ModelCheckpoint::new("net", save).unwrap().save_best_only(true);
        let mut callbacks = CallbackList::new().with_callback(checkpoint);
        let error = callbacks.on_epoch_end(0, [("val_loss", 1.0)]).unwrap_err().to_string();
        assert!(error.contains("ModelCheckpoint") && error.contains("no room"), "{error}");
        callbacks.on_epoch_end(1, [("val_loss", 1.0)]).unwrap();
        assert_eq!(callbacks.get::<ModelCheckpoint>().unwrap().best(), Some(1.0));
    }
}
