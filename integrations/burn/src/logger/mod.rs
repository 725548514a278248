//! Metrics in TensorBoard.
//!
//! `split` is what is logged of the training, of the validation or of a test; `files` burn's own
//! logger, kept beside.

mod files;
mod split;

use crate::earlier::Earlier;
use crate::record::Record;
use burn_train::logger::MetricLogger;
use burn_train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn_train::metric::{MetricDefinition, NumericEntry};
use files::Files;
use split::SplitLog;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use tfevents::SummaryWriter;

/// Logs the metrics of a training with burn for TensorBoard.
///
/// | run | tag | step | when |
/// |---|---|---|---|
/// | `train` | `Loss` and whatever metrics there are | batches, from 1 | each batch |
/// | `train` | `epoch/Loss` | the epoch, from 1 | its end |
/// | `valid` | the same | batches of the validation, from 1; the epoch | |
/// | `test/NAME` | the same, for a test split of that name | | |
///
/// Metrics that are numbers become scalars, whose descriptions tell the unit and whether higher is
/// better; others become text. What is "N/A" is left out.
///
/// # Nothing is taken away
///
/// burn drops its own file logger once it is given another, and with it what `.summary()` reads.
/// [`keep_files`](Self::keep_files) keeps both; [`in_artifacts`](Self::in_artifacts) does that and
/// logs into the same directory, in one line. Where burn's files cannot be written any more, they
/// are left out, and training goes on. Early stopping and the best checkpoint ask the
/// loggers for values: this one answers with what was logged.
///
/// # A training that goes on
///
/// After `.checkpoint(2)` the first batch of epoch 3 gets the step that follows those of the first
/// two epochs, as the run's files tell; [`initial_step`](Self::initial_step) says it otherwise.
///
/// # What can go wrong
///
/// Nothing reaches burn. A run that cannot be opened, a metric without a name and the like are told
/// once through the `log` facade and skipped. The writer is flushed after each epoch and on drop,
/// which waits for the disk on burn's logging thread, for at most the writer's timeout.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents_burn::BurnLogger;
///
/// # let dir = tempfile::tempdir()?;
/// let writer = SummaryWriter::new(dir.path())?; // such as "runs/mnist"
/// let logger = BurnLogger::new(&writer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BurnLogger {
    /// `None` if there is none to be had.
    writer: Option<SummaryWriter>,
    files: Option<Files>,
    record: Record,
    splits: HashMap<Split, SplitLog>,
    initial_step: Option<u64>,
    /// That a flush failed.
    told: bool,
}

impl BurnLogger {
    /// Logs into child runs of this writer: `train`, `valid`, `test/NAME`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let logger = tfevents_burn::BurnLogger::new(&writer);
    /// // SupervisedTraining::new(artifacts, train, valid).with_metric_logger(logger)
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(writer: &SummaryWriter) -> Self {
        Self::with(Some(writer.clone()))
    }

    /// Logs into `train` and `valid` in burn's artifact directory, and keeps burn's file logger
    /// there: adding TensorBoard to a training is this one line.
    ///
    /// If no file can be made there, that is told through the `log` facade, and burn's files are
    /// all there is.
    ///
    /// ```
    /// use tfevents_burn::BurnLogger;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let artifacts = dir.path();
    /// // SupervisedTraining::new(artifacts, train, valid)
    /// //     .with_metric_logger(
    /// BurnLogger::in_artifacts(artifacts)
    /// # ;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn in_artifacts(directory: impl AsRef<Path>) -> Self {
        let writer = SummaryWriter::new(directory.as_ref());
        if let Err(error) = &writer {
            log::warn!("nothing is logged for TensorBoard: {error}");
        }
        Self::with(writer.ok()).keep_files(directory)
    }

    fn with(writer: Option<SummaryWriter>) -> Self {
        Self {
            writer,
            files: None,
            record: Record::default(),
            splits: HashMap::new(),
            initial_step: None,
            told: false,
        }
    }

    /// Keeps burn's file logger too, in its artifact directory, for `.summary()`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let artifacts = dir.path();
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let logger = tfevents_burn::BurnLogger::new(&writer).keep_files(artifacts);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep_files(mut self, artifacts: impl AsRef<Path>) -> Self {
        self.files = Some(Files::new(artifacts));
        self
    }

    /// How many batches were trained on before this training. Default: 0, or for one that goes on
    /// from a checkpoint what the run's files tell.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let logger = tfevents_burn::BurnLogger::new(&writer).initial_step(1200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn initial_step(mut self, batches: u64) -> Self {
        self.initial_step = Some(batches);
        self
    }

    /// What is logged of this split, which begins with this call if it is new.
    fn split(&mut self, split: &Split, epoch: usize) -> &mut SplitLog {
        let Self { writer, record, splits, initial_step, .. } = self;
        splits.entry(split.clone()).or_insert_with(|| {
            let run = writer.as_ref().and_then(|writer| open(writer, split));
            let mut batches = 0;
            if let (Some(run), true) = (&run, epoch > 1) {
                let earlier = Earlier::read(run.path(), epoch);
                batches = earlier.batches();
                for (name, epoch, value) in earlier.values {
                    record.remember(&name, epoch, split, value.into());
                }
            }
            match (initial_step, split) {
                (Some(step), Split::Train) => SplitLog::new(run, *step),
                _ => SplitLog::new(run, batches),
            }
        })
    }

    fn flush(&mut self) {
        let Some(writer) = &self.writer else { return };
        if let (Err(error), false) = (writer.flush(), self.told) {
            self.told = true;
            log::error!("logging for TensorBoard: {error}; training goes on; told once");
        }
    }
}

fn open(writer: &SummaryWriter, split: &Split) -> Option<SummaryWriter> {
    let name = match split {
        Split::Test(Some(name)) => format!("{split}/{}", name.trim()),
        _ => split.to_string(),
    };
    let run = writer.child_run(&name);
    if let Err(error) = &run {
        log::warn!("nothing is logged of {name:?} for TensorBoard: {error}");
    }
    run.ok()
}

impl MetricLogger for BurnLogger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        if let Some(files) = &mut self.files {
            files.call(|files| files.log(update.clone(), epoch, split));
        }
        self.split(split, epoch);
        let update = self.record.take(update, epoch, split);
        if let Some(split) = self.splits.get_mut(split) {
            split.log(&update, epoch);
        }
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        let of_files = self
            .files
            .as_mut()
            .and_then(|files| files.call(|files| files.read_numeric(name, epoch, split))?.ok());
        Ok(of_files.unwrap_or_else(|| self.record.values(name, epoch, split)))
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        if let Some(files) = &mut self.files {
            files.call(|files| files.log_metric_definition(definition.clone()));
        }
        self.record.define(definition);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if let Some(split) = self.splits.get_mut(&summary.split) {
            split.end_epoch();
        }
        if let Some(files) = &mut self.files {
            files.call(|files| files.log_epoch_summary(summary));
        }
        self.flush();
    }
}

impl Drop for BurnLogger {
    fn drop(&mut self) {
        self.flush();
    }
}

impl fmt::Debug for BurnLogger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BurnLogger").field("writer", &self.writer).finish_non_exhaustive()
    }
}
