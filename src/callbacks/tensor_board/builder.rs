//! The settings.

use super::embeddings::{Embeddings, Labels};
use super::images::{KernelLayout, WeightImages};
use super::profile::{Profile, ProfileBatch};
use super::{BatchScalars, Earlier, Target, TensorBoard, TensorBoardError, Told, UpdateFreq};
use crate::profile::Profiler;
use crate::summary::ScalarEncoding;

/// Settings for a [`TensorBoard`] callback; made by [`TensorBoard::builder`].
///
/// Defaults are Keras's.
///
/// ```
/// use tfevents::callbacks::{KernelLayout, TensorBoard, UpdateFreq, WeightImages};
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let board = TensorBoard::builder(logdir)
///     .update_freq(UpdateFreq::Batch)
///     .write_steps_per_second(true)
///     .histogram_freq(5)
///     .write_images(true)
///     .weight_images(WeightImages::Signed)
///     .kernel_layout(KernelLayout::Oihw)
///     .write_gradients(true)
///     .write_norms(true)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TensorBoardBuilder {
    target: Target,
    settings: Settings,
    labels: Labels,
    profile: ProfileBatch,
    profiler: Option<Profiler>,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) histogram_freq: usize,
    pub(super) write_graph: bool,
    pub(super) write_images: bool,
    pub(super) weight_images: WeightImages,
    pub(super) kernel_layout: KernelLayout,
    pub(super) write_steps_per_second: bool,
    pub(super) update_freq: UpdateFreq,
    pub(super) embeddings_freq: usize,
    pub(super) continue_counting: bool,
    pub(super) write_gradients: bool,
    pub(super) write_activations: bool,
    pub(super) write_norms: bool,
    pub(super) write_non_finite: bool,
}

impl TensorBoardBuilder {
    pub(super) fn new(target: Target) -> Self {
        let settings = Settings {
            histogram_freq: 0,
            write_graph: true,
            write_images: false,
            weight_images: WeightImages::Keras,
            kernel_layout: KernelLayout::Hwio,
            write_steps_per_second: false,
            update_freq: UpdateFreq::Epoch,
            embeddings_freq: 0,
            continue_counting: false,
            write_gradients: false,
            write_activations: false,
            write_norms: false,
            write_non_finite: false,
        };
        Self {
            target,
            settings,
            labels: Labels::None,
            profile: ProfileBatch::default(),
            profiler: None,
        }
    }

    /// Writes histograms of all weights after every so many epochs, the first one included.
    /// Default: 0, never. It takes a loop that gives its model to the hooks.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").histogram_freq(5);
    /// ```
    pub fn histogram_freq(mut self, epochs: usize) -> Self {
        self.settings.histogram_freq = epochs;
        self
    }

    /// Writes the model's graph and its JSON, where it has them, once. Default: yes.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// // Of a network that the graph makes no clearer.
    /// let builder = TensorBoard::builder("logs/fit").write_graph(false);
    /// ```
    pub fn write_graph(mut self, write: bool) -> Self {
        self.settings.write_graph = write;
        self
    }

    /// Writes weights as images too, where histograms are written: without
    /// [`histogram_freq`](Self::histogram_freq) there are none, which is told when this is built.
    /// Default: no.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").histogram_freq(5).write_images(true);
    /// ```
    pub fn write_images(mut self, write: bool) -> Self {
        self.settings.write_images = write;
        self
    }

    /// How weights become images. Default: as in Keras.
    ///
    /// ```
    /// use tfevents::callbacks::{TensorBoard, WeightImages};
    ///
    /// let builder = TensorBoard::builder("logs/fit")
    ///     .histogram_freq(5)
    ///     .write_images(true)
    ///     .weight_images(WeightImages::Signed);
    /// ```
    pub fn weight_images(mut self, how: WeightImages) -> Self {
        self.settings.weight_images = how;
        self
    }

    /// How kernels of convolutions lie in memory. Default: as in Keras.
    ///
    /// ```
    /// use tfevents::callbacks::{KernelLayout, TensorBoard};
    ///
    /// // A model of burn or candle.
    /// let builder = TensorBoard::builder("logs/fit")
    ///     .histogram_freq(5)
    ///     .write_images(true)
    ///     .kernel_layout(KernelLayout::Oihw);
    /// ```
    pub fn kernel_layout(mut self, layout: KernelLayout) -> Self {
        self.settings.kernel_layout = layout;
        self
    }

    /// Writes how many steps are done per second, for epochs and where batches are written.
    /// Default: no.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").write_steps_per_second(true);
    /// ```
    pub fn write_steps_per_second(mut self, write: bool) -> Self {
        self.settings.write_steps_per_second = write;
        self
    }

    /// How often the values of batches are written. Default: never.
    ///
    /// ```
    /// use tfevents::callbacks::{TensorBoard, UpdateFreq};
    ///
    /// let builder = TensorBoard::builder("logs/fit").update_freq(UpdateFreq::Batches(100));
    /// ```
    pub fn update_freq(mut self, freq: UpdateFreq) -> Self {
        self.settings.update_freq = freq;
        self
    }

    /// Writes embeddings for the projector after every so many epochs, the first one included:
    /// files of vectors in the run `train`, and `projector_config.pbtxt` in the directory above,
    /// which TensorBoard finds when it is started on that very directory. Default: 0, never.
    ///
    /// Which weights are embeddings, [the model says](crate::callbacks::Model::is_embedding).
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").embeddings_freq(10);
    /// ```
    pub fn embeddings_freq(mut self, epochs: usize) -> Self {
        self.settings.embeddings_freq = epochs;
        self
    }

    /// A file with the labels of the embeddings' rows, relative to the directory. Without
    /// [`embeddings_freq`](Self::embeddings_freq) it is of no use, which is told when this is
    /// built. Default: none.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// // The file is logs/fit/words.tsv.
    /// let builder =
    ///     TensorBoard::builder("logs/fit").embeddings_freq(10).embeddings_metadata("words.tsv");
    /// ```
    pub fn embeddings_metadata(mut self, path: impl Into<String>) -> Self {
        self.labels = Labels::One(path.into());
        self
    }

    /// The same for a model with several embeddings, by the names of their layers. That the model
    /// has no such layer is an error of the first hook that gets the model.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// let board = TensorBoard::builder(dir.path())
    ///     .embeddings_freq(1)
    ///     .embeddings_metadata_of([("words", "words.tsv"), ("users", "users.tsv")])
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn embeddings_metadata_of<L: Into<String>, P: Into<String>>(
        mut self,
        paths: impl IntoIterator<Item = (L, P)>,
    ) -> Self {
        let paths = paths.into_iter().map(|(layer, path)| (layer.into(), path.into()));
        self.labels = Labels::ByLayer(paths.collect());
        self
    }

    /// Takes a trace of these train steps, for TensorBoard's Profile dashboard: one, or from one to
    /// another, both included, counted from 1 over all epochs of a training. Default: 0, none.
    ///
    /// The trace is `train/plugins/profile/<YYYY_MM_DD_HH_MM_SS>/<host>.xplane.pb`. It shows
    /// epochs, steps, tests, the hooks of callbacks, the writer's writes, and what the
    /// [profiler](Self::profiler) records besides. It is labeled with the step at which it
    /// stopped, such as `batch_20`. If the training ends before, also by an error or a panic, what
    /// there is of it is written.
    ///
    /// The first of the steps waits for the disk to make the directory. The trace is encoded and
    /// written on a thread of its own, which the end of the training waits for, a minute at most.
    /// That it cannot be begun or written is an error of that hook.
    ///
    /// ```
    /// use tfevents::Profiler;
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// let profiler = Profiler::new();
    /// let board = TensorBoard::builder(logdir).profile_batch(10..=20).profiler(&profiler).build()?;
    /// // in the loop
    /// let _span = profiler.span("forward");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn profile_batch(mut self, steps: impl Into<ProfileBatch>) -> Self {
        self.profile = steps.into();
        self
    }

    /// The profiler that takes the trace. Its traces show the training, also those that are
    /// started by hand. Default: one of its own, which knows no spans of yours.
    ///
    /// ```
    /// use tfevents::Profiler;
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let profiler = Profiler::new();
    /// let builder = TensorBoard::builder("logs/fit").profile_batch(10..=20).profiler(&profiler);
    /// // in the loop
    /// let _span = profiler.span("augment");
    /// ```
    pub fn profiler(mut self, profiler: &Profiler) -> Self {
        self.profiler = Some(profiler.clone());
        self
    }

    /// A second training with this callback goes on counting where the first one ended, batches
    /// and epochs, instead of beginning anew over its points. Default: no, as in Keras.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// // For one callback in several trainings, one after the other.
    /// let builder = TensorBoard::builder("logs/fit").continue_counting(true);
    /// ```
    pub fn continue_counting(mut self, go_on: bool) -> Self {
        self.settings.continue_counting = go_on;
        self
    }

    /// Writes histograms of gradients too: `net/layer/weight/gradient/histogram`. Default: no.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").histogram_freq(5).write_gradients(true);
    /// ```
    pub fn write_gradients(mut self, write: bool) -> Self {
        self.settings.write_gradients = write;
        self
    }

    /// Writes histograms of activations too: `net/layer/activation/histogram`. Default: no.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").histogram_freq(5).write_activations(true);
    /// ```
    pub fn write_activations(mut self, write: bool) -> Self {
        self.settings.write_activations = write;
        self
    }

    /// Writes the norms of weights and gradients after each epoch: `net/layer/weight/norm` and
    /// `net/layer/weight/gradient/norm`. Default: no.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").write_norms(true);
    /// ```
    pub fn write_norms(mut self, write: bool) -> Self {
        self.settings.write_norms = write;
        self
    }

    /// Writes how many weights of each layer are not finite, after each epoch:
    /// `net/layer/non_finite`. Default: no.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").write_non_finite(true);
    /// ```
    pub fn write_non_finite(mut self, write: bool) -> Self {
        self.settings.write_non_finite = write;
        self
    }

    /// Makes the runs.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// use tfevents::callbacks::{CallbackList, TensorBoard};
    ///
    /// let board = TensorBoard::builder(logdir).histogram_freq(1).build()?;
    /// let callbacks = CallbackList::new().with_callback(board);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the directory cannot be written to, or settings do not go together.
    pub fn build(self) -> Result<TensorBoard, TensorBoardError> {
        let settings = self.settings;
        settings.update_freq.check()?;
        for (setting, set) in [
            ("write_gradients", settings.write_gradients),
            ("write_activations", settings.write_activations),
        ] {
            if set && settings.histogram_freq == 0 {
                return Err(TensorBoardError::NeedsHistograms { setting });
            }
        }
        // As in Keras these do nothing by themselves: no error, but hardly what was meant.
        for (setting, set, freq, epochs) in [
            ("write_images", settings.write_images, "histogram_freq", settings.histogram_freq),
            (
                "embeddings_metadata",
                !matches!(self.labels, Labels::None),
                "embeddings_freq",
                settings.embeddings_freq,
            ),
        ] {
            if set && epochs == 0 {
                log::warn!("{setting} is set, but {freq} is 0: nothing will come of it");
            }
        }
        let profile = Profile::new(self.profile.check()?, self.profiler);
        // As Keras does. Child runs take it over.
        let writer = self.target.writer()?.default_scalar_encoding(ScalarEncoding::Tensor);
        if let Some(profiler) = profile.profiler() {
            writer.show_in(profiler);
        }
        Ok(TensorBoard {
            train: writer.child_run("train")?,
            validation: writer.child_run("validation")?,
            batch_scalars: BatchScalars::default(),
            embeddings: Embeddings::new(writer, settings.embeddings_freq, self.labels),
            profile,
            graph_written: false,
            earlier: Earlier::default(),
            epoch_begun: None,
            told: Told::default(),
            failed: None,
            settings,
        })
    }
}
