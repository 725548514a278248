//! The metric logger for burn's trainings.

use crate::previous::{EPOCH_PREFIX, PreviousEpochs};
use crate::record::{Record, Reported, Update};
use burn_train::logger::{FileMetricLogger, MetricLogger};
use burn_train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn_train::metric::{MetricAttributes, MetricDefinition, MetricId, NumericEntry};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tfevents::{ScalarHandle, SummaryWriter};

/// A metric logger that logs the metrics of a burn training for TensorBoard.
///
/// | run | tag | step | when |
/// |---|---|---|---|
/// | `train` | `Loss` and all other metrics | number of batches, from 1 | each batch |
/// | `train` | `epoch/Loss` … | number of the epoch, from 1 | its end |
/// | `valid` | the same | number of validation batches, from 1; the epoch | |
/// | `test/NAME` | the same, for a test split of that name | | |
///
/// Numeric metrics become scalars, whose descriptions contain the unit and whether higher is better;
/// others become text. `N/A` is skipped.
///
/// # burn's own files
///
/// burn replaces its file logger, whose files `.summary()` reads, by the first other logger.
/// [`keep_files`](Self::keep_files) keeps both; [`in_artifacts`](Self::in_artifacts) does that and
/// logs into the same directory. If burn's files cannot be written any more, they are skipped, and the
/// training continues. Early stopping and the best checkpoint read values from the loggers: this one
/// returns the logged ones.
///
/// # Continued trainings
///
/// After `.checkpoint(2)` the first batch of epoch 3 gets the step after those of the first two
/// epochs, which are read from the run's files; [`initial_step`](Self::initial_step) overrides it.
///
/// # Errors
///
/// No error reaches burn. A run that cannot be opened, a metric without a name and the like are
/// skipped, with one warning through the `log` facade. The writer is flushed after each epoch and on
/// drop, which waits for the disk on burn's logging thread, for at most the writer's timeout.
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
#[doc(alias = "TensorBoardLogger")]
#[doc(alias = "MetricLogger")]
pub struct BurnLogger {
    /// `None` if it could not be created.
    writer: Option<SummaryWriter>,
    files: Option<BurnFiles>,
    record: Record,
    splits: HashMap<Split, SplitLog>,
    initial_step: Option<u64>,
    /// Whether a failed flush was logged.
    warned: bool,
}

impl BurnLogger {
    /// Creates a logger for child runs of this writer: `train`, `valid`, `test/NAME`.
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

    /// Creates a logger for runs `train` and `valid` in burn's artifact directory, and keeps burn's
    /// file logger there: this one line adds TensorBoard to a training.
    ///
    /// If no event file can be created there, a warning is logged through the `log` facade, and only
    /// burn's files are written.
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
            log::warn!("not logging for TensorBoard: {}", crate::chain(error));
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
            warned: false,
        }
    }

    /// Keeps burn's file logger as well, in its artifact directory, for `.summary()`.
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
        self.files = Some(BurnFiles::new(artifacts));
        self
    }

    /// Sets how many batches were trained on before this training. Default: 0, or for a training
    /// continued from a checkpoint, the number in the run's files.
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

    /// Returns the log of this split, which this call creates if it is new.
    fn split(&mut self, split: &Split, epoch: usize) -> &mut SplitLog {
        let Self { writer, record, splits, initial_step, .. } = self;
        splits.entry(split.clone()).or_insert_with(|| {
            let run = writer.as_ref().and_then(|writer| open(writer, split));
            let mut batches = 0;
            if let (Some(run), true) = (&run, epoch > 1) {
                let previous = PreviousEpochs::read(run.path(), epoch);
                batches = previous.batches();
                for (name, epoch, value) in previous.values {
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
        if let (Err(error), false) = (writer.flush(), self.warned) {
            self.warned = true;
            log::error!("cannot log for TensorBoard: {} (logged once)", crate::chain(&error));
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
        log::warn!("not logging {name:?} for TensorBoard: {}", crate::chain(error));
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
        let values = self
            .files
            .as_mut()
            .and_then(|files| files.call(|files| files.read_numeric(name, epoch, split))?.ok());
        Ok(values.unwrap_or_else(|| self.record.values(name, epoch, split)))
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

/// The log of the training, of the validation or of a test.
struct SplitLog {
    run: Option<SummaryWriter>,
    /// The number of logged batches.
    batches: u64,
    /// Whether there was a batch since the end of the last epoch.
    measured: bool,
    /// Whether the last update may have been the end of an epoch, which looks like a batch if all
    /// metrics are texts.
    ambiguous: bool,
    scalars: HashMap<MetricId, Scalars>,
}

/// The scalars of a metric.
struct Scalars {
    batch: ScalarHandle,
    epoch: ScalarHandle,
}

impl SplitLog {
    fn new(run: Option<SummaryWriter>, batches: u64) -> Self {
        Self { run, batches, measured: false, ambiguous: false, scalars: HashMap::new() }
    }

    /// Logs the metrics of a batch, or of an epoch at its end.
    fn log(&mut self, update: &Update<'_>, epoch: usize) {
        self.ambiguous = !update.is_final;
        if !update.is_final {
            self.batches += 1;
            self.measured = true;
        }
        // An epoch without batches has no values.
        let Some(run) = self.run.as_ref().filter(|_| self.measured) else { return };
        for item in &update.items {
            let metric = item.metric;
            match &item.value {
                Reported::Number(value) => {
                    let id = metric.metric_id.clone();
                    let new = || Scalars::new(run, metric);
                    let scalars = self.scalars.entry(id).or_insert_with(new);
                    if update.is_final {
                        scalars.epoch.add(*value, epoch);
                    } else {
                        scalars.batch.add(*value, self.batches);
                    }
                }
                Reported::Text(entry) => run.add_text(&metric.name, &entry.formatted, self.batches),
            }
        }
    }

    /// Ends the epoch: the update before was that of the epoch, even if it looked like a batch.
    fn end_epoch(&mut self) {
        self.measured = false;
        if std::mem::take(&mut self.ambiguous) {
            self.batches = self.batches.saturating_sub(1);
        }
    }
}

impl Scalars {
    fn new(run: &SummaryWriter, metric: &MetricDefinition) -> Self {
        let description = describe(metric);
        let scalar = |tag: &str| run.scalar(tag).description(description.clone());
        let epoch = scalar(&format!("{EPOCH_PREFIX}{}", metric.name));
        Self { batch: scalar(&metric.name), epoch }
    }
}

/// Returns the metric's description, unit and direction in Markdown.
fn describe(metric: &MetricDefinition) -> String {
    let mut parts: Vec<String> = metric.description.iter().cloned().collect();
    if let MetricAttributes::Numeric(numeric) = &metric.attributes {
        parts.extend(numeric.unit.iter().map(|unit| format!("Unit: {unit}.")));
        let better = if numeric.higher_is_better { "Higher" } else { "Lower" };
        parts.push(format!("{better} is better."));
    }
    parts.join("\n\n")
}

/// burn's own file logger. It panics if its files cannot be written, which would end burn's thread.
struct BurnFiles(Option<FileMetricLogger>);

impl BurnFiles {
    fn new(artifacts: impl AsRef<Path>) -> Self {
        Self(Some(FileMetricLogger::new(artifacts)))
    }

    /// Calls the logger. Returns `None` after a panic, and never calls it again.
    fn call<T>(&mut self, call: impl FnOnce(&mut FileMetricLogger) -> T) -> Option<T> {
        let files = self.0.as_mut()?;
        // Its state after a panic is not used again.
        let result = catch_unwind(AssertUnwindSafe(|| call(files)));
        if result.is_err() {
            log::error!("burn's file logger panicked; its files are not written any more");
            // Dropping it may panic again, because its threads have exited.
            std::mem::forget(self.0.take());
        }
        result.ok()
    }
}

impl Drop for BurnFiles {
    fn drop(&mut self) {
        let files = self.0.take();
        if catch_unwind(AssertUnwindSafe(|| drop(files))).is_err() {
            log::error!("burn's file logger panicked when it was dropped");
        }
    }
}
