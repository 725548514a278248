//! The callbacks of `tfevents` in a training of burn.

use crate::record::{Record, Said, Update};
use burn_train::Interrupter;
use burn_train::logger::MetricLogger;
use burn_train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn_train::metric::{MetricDefinition, NumericEntry};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tfevents::callbacks::{CallbackError, CallbackList};

/// Runs callbacks in a training of burn: as another metric logger, from what the metrics say.
///
/// | hook | when |
/// |---|---|
/// | `on_train_begin` | the first metric is known |
/// | `on_epoch_begin` | the first batch of an epoch is done |
/// | `on_train_batch_begin`, `on_train_batch_end` | a batch is done; means since the epoch began |
/// | `on_test_begin`, `on_test_end` | around the batches of a validation |
/// | `on_test_batch_begin`, `on_test_batch_end` | a batch of the validation is done |
/// | `on_epoch_end` | the validation is done; values of the validation are named `val_…` |
/// | `on_train_end` | burn drops its loggers |
///
/// Epochs and batches are counted from 0, as everywhere in the callbacks. The names of metrics are
/// written small and with `_` for spaces, as in Keras: `Loss` is `loss`, and `val_loss` in the
/// validation.
///
/// At least one metric has to be a number: by its final value an epoch's end is known. A metric
/// without a name, or with that of another, is told once through the `log` facade and left out.
///
/// A callback that asks for the end of the training, or fails, stops it by burn's `Interrupter`.
/// burn looks at that after each batch, and its metrics lag a little behind: a few batches of the
/// next epoch may be done before.
///
/// # No model
///
/// The hooks get none: burn gives its loggers neither the model nor the optimizer, and calls them on
/// a thread of their own, while the training is further on. So here
///
/// - `EarlyStopping` stops and restores no weights: burn's checkpoints keep the best ones;
/// - `TensorBoard` writes metrics, and neither weights nor a graph: [`Watch`](crate::Watch) logs
///   weights, gradients and the learning rate, [`graph`](crate::graph()) is the graph;
/// - `ReduceLrOnPlateau` changes nothing: burn's schedulers say what the learning rate is.
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
    /// How many batches of the epoch, and of its validation, are done.
    batches: usize,
    test_batches: usize,
    /// What the epoch has given.
    logs: Vec<(String, f64)>,
    failed: bool,
}

impl BurnCallbacks {
    /// Callbacks, and what burn looks at to be stopped: give the same to `with_interrupter`.
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
            (self.batches, self.test_batches) = (0, 0);
            self.logs.clear();
            let result = self.callbacks.on_epoch_begin(epoch);
            self.check(result);
        }
    }

    fn batch(&mut self, logs: &[(String, f64)], training: bool) {
        let count = if training { &mut self.batches } else { &mut self.test_batches };
        let batch = *count;
        *count += 1;
        let logs = logs.iter().map(|(name, value)| (name.as_str(), *value));
        let callbacks = &mut self.callbacks;
        let (begun, ended) = if training {
            (callbacks.on_train_batch_begin(batch), callbacks.on_train_batch_end(batch, logs))
        } else {
            (callbacks.on_test_batch_begin(batch), callbacks.on_test_batch_end(batch, logs))
        };
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
        let logs = self.logs.iter().map(|(name, value)| (name.as_str(), *value));
        let result = self.callbacks.on_epoch_end(epoch, logs);
        self.check(result);
    }

    /// Passes on what the callbacks have asked for.
    fn check(&mut self, result: Result<(), CallbackError>) {
        if let Err(error) = result {
            if !std::mem::replace(&mut self.failed, true) {
                log::error!("{error}");
                self.interrupter.stop(Some(&error.to_string()));
            }
        } else if self.callbacks.should_stop() && !self.interrupter.should_stop() {
            self.interrupter.stop(Some("a callback has asked for it"));
        }
    }
}

/// Names and numbers: means since the epoch began, where there are any.
fn numbers(update: &Update<'_>, prefix: &str) -> Vec<(String, f64)> {
    let numbers = update.items.iter().filter_map(|item| {
        let Said::Number(value) = item.value else { return None };
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
        let (is_final, numbers) = (update.is_final, numbers(&update, prefix));
        // Epochs of burn begin at 1.
        let epoch = epoch.saturating_sub(1);
        match split {
            Split::Train | Split::Valid if is_final => {
                self.begin_epoch(epoch);
                self.logs.extend(numbers);
            }
            Split::Train => {
                self.begin_epoch(epoch);
                self.batch(&numbers, true);
            }
            Split::Valid => {
                self.begin_epoch(epoch);
                if !std::mem::replace(&mut self.testing, true) {
                    let result = self.callbacks.on_test_begin();
                    self.check(result);
                }
                self.batch(&numbers, false);
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
        // A panic here would end the process if the training unwinds, and burn's thread otherwise.
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
