//! Keras's `TensorBoard` callback: what it writes, when and where.
//!
//! - `settings`: values of the settings, and errors; `builder`: the builder;
//! - `scalars`: the logs of batches, epochs and tests, and steps per second;
//! - `weights`: histograms, norms and images of weights, gradients and activations;
//! - `embeddings`: files for the Projector; `profile`: a trace of some steps.

mod builder;
mod embeddings;
mod profile;
mod scalars;
mod settings;
mod weights;

pub use builder::TensorBoardBuilder;
pub use settings::{
    KernelLayout, ProfileBatch, Target, TensorBoardError, UpdateFreq, WeightImages,
};

use super::callback::Callback;
use super::context::Context;
use super::error::CallbackResult;
use super::model::Model;
use crate::profile::Profiler;
use crate::summary::KerasModel;
use crate::system::WarnOnce;
use crate::writer::{Error, StepSource, SummaryWriter};
use embeddings::Embeddings;
use profile::Profile;
use scalars::{BatchScalars, BestScalars};
use settings::Settings;
use std::time::Instant;

/// Logs a training for TensorBoard with the tags, steps and directories of Keras's callback of
/// this name, so that runs of both can be compared.
///
/// | run | tag | step | when |
/// |---|---|---|---|
/// | `train` | `epoch_loss` and so on, for each number in the epoch's logs | epoch, from 0 | epoch's end |
/// | `train` | `epoch_learning_rate`, if it is known | epoch | epoch's end |
/// | `validation` | `epoch_loss` and so on, for `val_loss` | epoch | epoch's end |
/// | `train` | `best/val_loss` and so on, by [`best`](TensorBoardBuilder::best) | epoch | epoch's end, when it improves |
/// | `validation` | `evaluation_loss_vs_iterations` | the optimizer's iterations | test's end |
/// | `train` | `batch_loss` and so on, by [`update_freq`](TensorBoardBuilder::update_freq) | train batches, from 1 | batch's end |
/// | `train` | `net/layer/weight/histogram`, by [`histogram_freq`](TensorBoardBuilder::histogram_freq) | epoch | epoch's end |
/// | `train` | a trace, by [`profile_batch`](TensorBoardBuilder::profile_batch) | | its last step |
/// | `train` | the [graph](super::Model::graph), and `keras`, the [model's JSON](super::Model::keras_json) | 0 | the first beginning |
///
/// [`TensorBoardBuilder`] has the settings. The callback also sets the writer's
/// [`StepSource`](crate::StepSource) to the step of each train batch when it begins.
///
/// The runs are child runs of one writer. Pass a [`SummaryWriter`] to the builder to log other
/// things through the same thread and buffer. Hooks of batches do not wait for the disk. The ends
/// of an epoch, of the training, and of a test outside a training wait until everything is
/// written, at most for the writer's
/// [flush timeout](crate::SummaryWriterBuilder::flush_timeout); the latter two return the errors.
///
/// # Differences from Keras
///
/// Compared with recordings of Keras 3.15 and older, these differences are intended:
///
/// - [`update_freq`](TensorBoardBuilder::update_freq) applies to the values of batches only. Keras
///   3.15 also leaves out values of epochs, tests and weights while it is not the turn of a batch.
/// - The graph is a graph of operations, if the [model](super::Model::graph) has one. The graph and
///   the JSON are written once, not again at each test and prediction.
/// - Weights that are not finite are left out of a histogram, which is logged once. In Keras one
///   NaN empties it.
/// - Embeddings are text that the Projector loads, not a checkpoint.
/// - A run stays in one file over several trainings, and file names are this crate's. A second
///   training can [continue the steps](TensorBoardBuilder::continue_counting) of the first.
/// - Batches are flushed by time and epochs at their end. An error or a panic in the loop loses
///   nothing that was logged.
/// - Invalid settings are errors of the builder, not of the training.
///
/// ```no_run
/// use tfevents::SummaryWriter;
/// use tfevents::callbacks::{CallbackList, TensorBoard, UpdateFreq};
///
/// let writer = SummaryWriter::new("logs/fit")?;
/// let board = TensorBoard::builder(&writer)
///     .histogram_freq(1)
///     .update_freq(UpdateFreq::batches(100)?)
///     .build()?;
/// let mut callbacks = CallbackList::new().with_callback(board);
/// writer.child_run("train")?.add_text("notes", "in the run of the callback", 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    settings: Settings,
    train: SummaryWriter,
    validation: SummaryWriter,
    steps: StepSource,
    batch_scalars: BatchScalars,
    best_scalars: BestScalars,
    embeddings: Embeddings,
    profile: Profile,
    graph_written: bool,
    earlier: Earlier,
    /// The time and the iterations at the begin of the epoch.
    epoch_begun: Option<(Instant, u64)>,
    warned: WarnOnce,
    /// The first error of a flush, which the end of the training or of the test returns.
    flush_error: Option<Error>,
}

/// The steps and epochs of earlier trainings, which are added where counting continues, and the
/// last ones of this training.
#[derive(Debug, Default)]
struct Earlier {
    steps: u64,
    epochs: usize,
    last_step: u64,
    last_epoch: Option<usize>,
}

impl TensorBoard {
    /// Creates a callback that logs to a directory, or through a writer, with the default settings.
    ///
    /// ```no_run
    /// use tfevents::callbacks::{CallbackList, TensorBoard};
    ///
    /// let callbacks = CallbackList::new().with_callback(TensorBoard::new("logs/fit")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the directory cannot be written to.
    pub fn new(target: impl Into<Target>) -> Result<Self, TensorBoardError> {
        Self::builder(target).build()
    }

    /// Returns a builder for a callback that logs to a directory, or through a writer.
    ///
    /// Keras's default for the directory is `logs`.
    ///
    /// ```no_run
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let board = TensorBoard::builder("logs/fit").build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(target: impl Into<Target>) -> TensorBoardBuilder {
        TensorBoardBuilder::new(target.into())
    }

    /// Returns the writer of the run `train`.
    ///
    /// ```no_run
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let board = TensorBoard::builder("logs/fit").build()?;
    /// board.train_writer().add_text("notes", "in the run of the training", 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn train_writer(&self) -> &SummaryWriter {
        &self.train
    }

    /// Returns the writer of the run `validation`.
    ///
    /// ```no_run
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let board = TensorBoard::builder("logs/fit").build()?;
    /// board.validation_writer().add_scalar("f1", 0.9, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn validation_writer(&self) -> &SummaryWriter {
        &self.validation
    }

    /// Returns the step of an epoch's values.
    fn epoch_step(&self, context: &Context<'_>) -> usize {
        context.epoch().saturating_add(self.earlier.epochs)
    }

    /// Returns the step of a batch's values.
    fn batch_step(&self, context: &Context<'_>) -> u64 {
        context.train_steps() + self.earlier.steps
    }

    /// Writes the graph, before anything else is written.
    fn begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if let Some(model) = context.model() {
            if self.settings.write_graph && !self.graph_written {
                self.write_graph(model);
                self.graph_written = true;
            }
            self.embeddings.find(model)?;
        }
        Ok(())
    }

    fn write_graph(&self, model: &dyn Model) {
        if let Some(json) = model.keras_json() {
            self.train.add("keras", &KerasModel::from_json(json), 0);
        }
        if let Some(graph) = model.graph() {
            self.train.add_graph(&graph);
        }
    }

    /// Warns of settings that have no effect in a loop that passes no model.
    fn warn_without_model(&mut self) {
        let names = self.settings.of_model();
        if !names.is_empty() {
            self.warned.warn("no model", || {
                format!(
                    "no effect of {}: on_epoch_end got no model (use CallbackList::with_model)",
                    names.join(", ")
                )
            });
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.train.flush() {
            self.flush_error.get_or_insert(error);
        }
    }

    fn set_ended(&self, ended: bool) {
        self.train.set_ended(ended);
        self.validation.set_ended(ended);
    }

    /// Flushes, and returns the first error of this and earlier flushes.
    fn try_flush(&mut self) -> CallbackResult {
        self.flush();
        match self.flush_error.take() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

impl Callback for TensorBoard {
    fn name(&self) -> &str {
        "TensorBoard"
    }

    fn profiler(&self) -> Option<&Profiler> {
        self.profile.profiler()
    }

    fn on_train_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.train.restart_steps();
        self.validation.restart_steps();
        self.set_ended(false);
        if self.settings.continue_counting {
            self.earlier.steps = self.earlier.last_step;
        } else {
            self.best_scalars.restart();
        }
        self.begin(context)
    }

    fn on_epoch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if let (true, Some(last)) = (self.settings.continue_counting, self.earlier.last_epoch) {
            if self.epoch_step(context) <= last {
                self.earlier.epochs = last.saturating_add(1) - context.epoch();
            }
        }
        if self.settings.write_steps_per_second {
            self.epoch_begun = Some((Instant::now(), context.iterations()));
        }
        Ok(())
    }

    fn on_train_batch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.steps.set(self.batch_step(context));
        self.batch_scalars.begin(self.settings.write_steps_per_second);
        Ok(self.profile.begin(context.train_steps(), self.train.path())?)
    }

    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.profile.end(context.train_steps());
        let step = self.batch_step(context);
        if self.settings.update_freq.is_due(step) {
            self.batch_scalars.write(&self.train, context.logs(), step, &self.warned);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let epoch = self.epoch_step(context);
        self.earlier.last_epoch = Some(epoch);
        self.write_epoch(context, epoch);
        self.best_scalars.write(&self.train, context.logs(), epoch, &self.warned);
        let freq = self.settings.histogram_freq;
        let due = freq != 0 && epoch % freq == 0;
        if let Some(model) = context.model() {
            weights::write(&self.train, model, &self.settings, epoch, due, &self.warned);
            let freq = self.settings.embeddings_freq;
            if freq != 0 && epoch % freq == 0 {
                self.embeddings.write(model, epoch)?;
            }
        } else {
            self.warn_without_model();
        }
        self.flush();
        Ok(())
    }

    fn on_test_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if context.is_training() { Ok(()) } else { self.begin(context) }
    }

    fn on_test_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.write_test(context);
        // Within a training, its end returns the errors.
        if context.is_training() { Ok(()) } else { self.try_flush() }
    }

    fn on_predict_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.begin(context)
    }

    fn on_train_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let traced = self.profile.finish();
        self.earlier.last_step = self.batch_step(context);
        self.set_ended(!context.is_interrupted());
        self.try_flush()?;
        Ok(traced?)
    }
}
