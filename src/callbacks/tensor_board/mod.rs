//! Keras's `TensorBoard` callback: what it writes, when and where.
//!
//! - `builder`: the settings; `target`, `update_freq`, `profile`: three of them; `error`: what can
//!   be wrong with them;
//! - `scalars`: the values of batches, epochs and tests, and steps per second;
//! - `weights`: histograms, images and more of weights; `images`: weights as pictures;
//! - `graph`: the model; `embeddings`: what the projector shows.

mod builder;
mod embeddings;
mod error;
mod graph;
mod images;
mod profile;
mod scalars;
mod target;
mod update_freq;
mod weights;

pub use builder::TensorBoardBuilder;
pub use error::TensorBoardError;
pub use images::{KernelLayout, WeightImages};
pub use profile::ProfileBatch;
pub use target::Target;
pub use update_freq::UpdateFreq;

use super::{Callback, CallbackResult, Context};
use crate::profile::Profiler;
use crate::writer::SummaryWriter;
use builder::Settings;
use embeddings::Embeddings;
use profile::Profile;
use scalars::BatchScalars;
use std::time::Instant;

/// Writes a training for TensorBoard, as Keras's callback of this name: the same tags, steps and
/// directories, so that runs of both can be compared.
///
/// | run | tag | step | when |
/// |---|---|---|---|
/// | `train` | `epoch_loss` and whatever else the epoch reports | epoch, from 0 | epoch's end |
/// | `train` | `epoch_learning_rate`, where it is known | epoch | epoch's end |
/// | `validation` | `epoch_loss`, for what is reported as `val_loss` | epoch | epoch's end |
/// | `validation` | `evaluation_loss_vs_iterations` | the optimizer's iterations | test's end |
/// | `train` | `batch_loss`, by [`update_freq`](TensorBoardBuilder::update_freq) | train batches, from 1 | batch's end |
/// | `train` | `net/layer/weight/histogram`, by [`histogram_freq`](TensorBoardBuilder::histogram_freq) | epoch | epoch's end |
/// | `train` | a trace, by [`profile_batch`](TensorBoardBuilder::profile_batch) | | its last step |
/// | `train` | the [graph](super::Model::graph), and `keras`, the [model's JSON](super::Model::keras_json) | 0 | the first beginning |
///
/// [`TensorBoardBuilder`] has the settings.
///
/// The runs are children of one writer: pass a [`SummaryWriter`] to the builder, and what you log
/// yourself goes through the same thread and buffer. A hook of a batch does not wait for a disk.
/// The ends of an epoch, of the training and of a test by itself wait until all is written, at most
/// the writer's timeout; those of the training and of the test return what went wrong.
///
/// # Otherwise than in Keras
///
/// Compared with recordings of Keras 3.15 and older, what is written differs on purpose in this:
///
/// - [`update_freq`](TensorBoardBuilder::update_freq) thins out the values of batches alone. Keras
///   3.15 leaves out values of epochs, tests and weights too while it is not the turn of a batch.
/// - The graph is one of operations, if the [model](super::Model::graph) gives one; it and the JSON
///   are written once, not again at each test and prediction.
/// - Values of weights that are not finite are left out of a histogram, and told once. In Keras one
///   NaN empties it.
/// - Embeddings are text that the projector loads, not a checkpoint.
/// - Runs stay in one file, also over several trainings, and file names are this crate's. A second
///   training can [go on counting](TensorBoardBuilder::continue_counting).
/// - Batches are flushed by time, epochs at their end; an error or a panic in the loop loses
///   nothing that was logged.
/// - Settings that cannot work are errors of the builder, not of the training.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents::callbacks::{CallbackList, TensorBoard, UpdateFreq};
///
/// # let dir = tempfile::tempdir()?;
/// let writer = SummaryWriter::new(dir.path())?; // such as "logs/fit"
/// let board = TensorBoard::builder(&writer)
///     .histogram_freq(1)
///     .update_freq(UpdateFreq::batches(100)?)
///     .build()?;
/// let mut callbacks = CallbackList::new().with_callback(board);
/// writer.child_run("train")?.add_text("notes", "mine, in the callback's run", 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    settings: Settings,
    train: SummaryWriter,
    validation: SummaryWriter,
    batch_scalars: BatchScalars,
    embeddings: Embeddings,
    profile: Profile,
    graph_written: bool,
    /// Added to the steps and epochs of a training that goes on counting.
    earlier: Earlier,
    epoch_begun: Option<(Instant, u64)>,
    told: Told,
    /// What a flush said, for the end of the training or the test to return.
    failed: Option<crate::writer::Error>,
}

/// Steps of the trainings before, and the last of this one.
#[derive(Debug, Default)]
struct Earlier {
    steps: u64,
    epochs: usize,
    last_step: u64,
    last_epoch: Option<usize>,
}

/// Tags that something was told about already.
#[derive(Debug, Default)]
struct Told(std::collections::HashSet<String>);

impl Told {
    fn once(&mut self, what: &str, tell: impl FnOnce()) {
        if !self.0.contains(what) {
            self.0.insert(what.to_owned());
            tell();
        }
    }
}

impl TensorBoard {
    /// Settings for one that writes into `target`: a directory, or the writer of one.
    ///
    /// Keras's default for the directory is `logs`.
    ///
    /// ```
    /// # use tfevents::callbacks::TensorBoard;
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// let board = TensorBoard::builder(logdir).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(target: impl Into<Target>) -> TensorBoardBuilder {
        TensorBoardBuilder::new(target.into())
    }

    /// The writer of the run `train`.
    ///
    /// ```
    /// # use tfevents::callbacks::TensorBoard;
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// let board = TensorBoard::builder(logdir).build()?;
    /// board.train_writer().add_text("notes", "in the run of the training", 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn train_writer(&self) -> &SummaryWriter {
        &self.train
    }

    /// The writer of the run `validation`.
    ///
    /// ```
    /// # use tfevents::callbacks::TensorBoard;
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// let board = TensorBoard::builder(logdir).build()?;
    /// board.validation_writer().add_scalar("f1", 0.9, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn validation_writer(&self) -> &SummaryWriter {
        &self.validation
    }

    /// The step of an epoch's values.
    fn epoch_step(&self, context: &Context<'_>) -> usize {
        context.epoch().saturating_add(self.earlier.epochs)
    }

    /// The step of a batch's values.
    fn batch_step(&self, context: &Context<'_>) -> u64 {
        context.train_steps() + self.earlier.steps
    }

    /// The graph, before anything else is written.
    fn begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if let Some(model) = context.model() {
            if self.settings.write_graph && !self.graph_written {
                graph::write(&self.train, model);
                self.graph_written = true;
            }
            self.embeddings.find(model)?;
        }
        Ok(())
    }

    fn flush(&mut self) {
        if let Err(error) = self.train.flush() {
            self.failed.get_or_insert(error);
        }
    }

    fn flush_and_tell(&mut self) -> CallbackResult {
        self.flush();
        match self.failed.take() {
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
        if self.settings.continue_counting {
            self.earlier.steps = self.earlier.last_step;
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
        self.batch_scalars.begin(self.settings.write_steps_per_second);
        Ok(self.profile.begin(context.train_steps(), self.train.path())?)
    }

    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.profile.end(context.train_steps());
        let step = self.batch_step(context);
        if self.settings.update_freq.is_due(step) {
            self.batch_scalars.write(&self.train, context.logs(), step, &mut self.told);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let epoch = self.epoch_step(context);
        self.earlier.last_epoch = Some(epoch);
        self.write_epoch(context, epoch);
        let freq = self.settings.histogram_freq;
        let due = freq != 0 && epoch % freq == 0;
        if let Some(model) = context.model() {
            weights::write(&self.train, model, &self.settings, epoch, due, &mut self.told);
            let freq = self.settings.embeddings_freq;
            if freq != 0 && epoch % freq == 0 {
                self.embeddings.write(model, epoch)?;
            }
        }
        self.flush();
        Ok(())
    }

    fn on_test_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if context.is_training() { Ok(()) } else { self.begin(context) }
    }

    fn on_test_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.write_test(context);
        // Within a training its end tells.
        if context.is_training() { Ok(()) } else { self.flush_and_tell() }
    }

    fn on_predict_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.begin(context)
    }

    fn on_train_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let traced = self.profile.finish();
        self.earlier.last_step = self.batch_step(context);
        self.flush_and_tell()?;
        Ok(traced?)
    }
}
