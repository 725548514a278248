//! The callbacks of `tfevents` in a burn training.

use crate::record::{Record, Reported, Update};
use burn_train::Interrupter;
use burn_train::logger::MetricLogger;
use burn_train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn_train::metric::{MetricDefinition, NumericEntry};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tfevents::callbacks::{CallbackError, CallbackList};

/// A metric logger that runs the callbacks of `tfevents` in a burn training.
///
/// | hook | when |
/// |---|---|
/// | `on_train_begin` | the first metric is defined |
/// | `on_epoch_begin` | after the first batch of an epoch |
/// | `on_train_batch_begin`, `on_train_batch_end` | after a batch; the logs are means since the epoch began |
/// | `on_test_begin`, `on_test_end` | around the batches of a validation |
/// | `on_test_batch_begin`, `on_test_batch_end` | after a batch of the validation |
/// | `on_epoch_end` | after the validation, whose values are named `val_…` |
/// | `on_train_end` | burn drops its loggers |
///
/// Epochs and batches are counted from 0, as everywhere in the callbacks. The names of metrics are
/// lowercase with `_` for spaces, as in Keras: `Loss` is `loss`, and `val_loss` in the validation.
///
/// At least one metric must be numeric, because its final value marks the end of an epoch. A metric
/// without a name, or with that of another, is skipped, with one warning through the `log` facade.
///
/// A callback that requests a stop, or fails, stops the training by burn's `Interrupter`. burn checks
/// it after each batch, and its metrics lag a little: a few batches of the next epoch may run before.
///
/// # No model
///
/// The hooks get no model: burn passes neither the model nor the optimizer to its loggers, and calls
/// them on a thread of their own while the training continues. So here
///
/// - `EarlyStopping` stops, but restores no weights: use burn's checkpoints for the best ones;
/// - `TensorBoard` writes metrics, but neither weights nor a graph: [`Watch`](crate::Watch) logs
///   weights, gradients and the learning rate, and [`graph`](crate::graph()) returns the graph;
/// - `ReduceLrOnPlateau` has no effect: use burn's schedulers for the learning rate.
///
/// ```
/// use burn::train::Interrupter;
/// use tfevents::callbacks::{CallbackList, CsvLogger, EarlyStopping};
/// use tfevents_burn::BurnCallbacks;
///
/// # let dir = tempfile::tempdir()?;
/// let callbacks = CallbackList::new()
///     .with_callback(EarlyStopping::new("val_loss").patience(3))
///     .with_callback(CsvLogger::create(dir.path().join("history.csv"))?);
/// let interrupter = Interrupter::new();
/// let logger = BurnCallbacks::new(callbacks, &interrupter);
/// // SupervisedTraining::new(artifacts, train, valid)
/// //     .with_interrupter(interrupter)
/// //     .with_metric_logger(logger)
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BurnCallbacks {
    callbacks: CallbackList,
    interrupter: Interrupter,
    record: Record,
    begun: bool,
    epoch: Option<usize>,
    testing: bool,
    /// The number of batches of the epoch and of its validation.
    batches: usize,
    test_batches: usize,
    /// The final values of the epoch.
    logs: Vec<(String, f64)>,
    failed: bool,
}

impl BurnCallbacks {
    /// Creates the logger. Pass the same interrupter to `with_interrupter`.
    ///
    /// ```
    /// use burn::train::Interrupter;
    /// use tfevents::callbacks::{CallbackList, TerminateOnNan};
    /// use tfevents_burn::BurnCallbacks;
    ///
    /// let interrupter = Interrupter::new();
    /// let logger = BurnCallbacks::new(CallbackList::new().with_callback(TerminateOnNan::new()), &interrupter);
    /// ```
    pub fn new(callbacks: CallbackList, interrupter: &Interrupter) -> Self {
        Self {
            callbacks,
            interrupter: interrupter.clone(),
            record: Record::default(),
            begun: false,
            epoch: None,
            testing: false,
            batches: 0,
            test_batches: 0,
            logs: Vec::new(),
            failed: false,
        }
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            let result = self.callbacks.on_train_begin();
            self.check(result);
        }
    }

    fn begin_epoch(&mut self, epoch: usize) {
        self.begin();
        if self.epoch != Some(epoch) {
            self.epoch = Some(epoch);
            self.batches = 0;
            self.test_batches = 0;
            self.logs.clear();
            let result = self.callbacks.on_epoch_begin(epoch);
            self.check(result);
        }
    }

    fn train_batch(&mut self, logs: &[(String, f64)]) {
        let batch = self.batches;
        self.batches += 1;
        let begun = self.callbacks.on_train_batch_begin(batch);
        let ended = self
            .callbacks
            .on_train_batch_end(batch, logs.iter().map(|(name, value)| (name, *value)));
        self.check(begun);
        self.check(ended);
    }

    fn test_batch(&mut self, logs: &[(String, f64)]) {
        let batch = self.test_batches;
        self.test_batches += 1;
        let begun = self.callbacks.on_test_batch_begin(batch);
        let ended = self
            .callbacks
            .on_test_batch_end(batch, logs.iter().map(|(name, value)| (name, *value)));
        self.check(begun);
        self.check(ended);
    }

    fn end_epoch(&mut self, epoch: usize) {
        if std::mem::take(&mut self.testing) {
            let tested = self.logs.iter();
            let tested =
                tested.filter_map(|(name, value)| Some((name.strip_prefix("val_")?, *value)));
            let result = self.callbacks.on_test_end(tested);
            self.check(result);
        }
        let logs = self.logs.iter().map(|(name, value)| (name, *value));
        let result = self.callbacks.on_epoch_end(epoch, logs);
        self.check(result);
    }

    /// Passes an error, or a requested stop, on to burn.
    fn check(&mut self, result: Result<(), CallbackError>) {
        if let Err(error) = result {
            if !std::mem::replace(&mut self.failed, true) {
                let reason = crate::chain(&error);
                log::error!("{reason}");
                self.interrupter.stop(Some(&reason));
            }
        } else if self.callbacks.should_stop() && !self.interrupter.should_stop() {
            self.interrupter.stop(Some("a callback requested a stop"));
        }
    }
}

/// Returns names and numbers, which are means since the epoch began if burn computes them.
fn numbers(update: &Update<'_>, prefix: &str) -> Vec<(String, f64)> {
    let numbers = update.items.iter().filter_map(|item| {
        let Reported::Number(value) = item.value else { return None };
        let name = item.metric.name.trim().to_lowercase().replace(' ', "_");
        let value = if update.is_final { value } else { item.running.unwrap_or(value) };
        Some((format!("{prefix}{name}"), value))
    });
    numbers.collect()
}

impl MetricLogger for BurnCallbacks {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        let update = self.record.take(update, epoch, split);
        let prefix = if *split == Split::Valid && update.is_final { "val_" } else { "" };
        let is_final = update.is_final;
        let numbers = numbers(&update, prefix);
        // Epochs of burn begin at 1.
        let epoch = epoch.saturating_sub(1);
        match split {
            Split::Train | Split::Valid if is_final => {
                self.begin_epoch(epoch);
                self.logs.extend(numbers);
            }
            Split::Train => {
                self.begin_epoch(epoch);
                self.train_batch(&numbers);
            }
            Split::Valid => {
                self.begin_epoch(epoch);
                if !std::mem::replace(&mut self.testing, true) {
                    let result = self.callbacks.on_test_begin();
                    self.check(result);
                }
                self.test_batch(&numbers);
            }
            Split::Test(_) => {}
        }
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        Ok(self.record.values(name, epoch, split))
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.record.define(definition);
        self.begin();
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if summary.split == Split::Valid {
            self.end_epoch(summary.epoch_number.saturating_sub(1));
        }
    }
}

impl Drop for BurnCallbacks {
    fn drop(&mut self) {
        if !self.begun {
            return;
        }
        // A panic here would abort the process during unwinding, and end burn's thread otherwise.
        let mut callbacks = std::mem::take(&mut self.callbacks);
        match catch_unwind(AssertUnwindSafe(move || callbacks.on_train_end())) {
            Ok(result) => self.check(result),
            Err(_) => log::error!("a callback panicked at the end of the training"),
        }
    }
}

impl fmt::Debug for BurnCallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BurnCallbacks").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
