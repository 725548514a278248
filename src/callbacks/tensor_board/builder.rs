//! The builder with the settings of the callback.

use super::embeddings::{Embeddings, Labels};
use super::profile::Profile;
use super::scalars::{BatchScalars, BestScalars};
use super::settings::{
    KernelLayout, ProfileBatch, Settings, Target, TensorBoardError, UpdateFreq, WeightImages,
};
use super::{Earlier, TensorBoard};
use crate::callbacks::error::ConfigError;
use crate::profile::Profiler;
use crate::summary::{Mode, ScalarEncoding};
use crate::system::WarnOnce;

/// Settings for a [`TensorBoard`] callback; made by [`TensorBoard::builder`].
///
/// The defaults are Keras's.
///
/// ```no_run
/// use tfevents::callbacks::{KernelLayout, TensorBoard, UpdateFreq, WeightImages};
///
/// let board = TensorBoard::builder("logs/fit")
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
    scalar_encoding: Option<ScalarEncoding>,
    best: Vec<(String, Mode)>,
}

impl TensorBoardBuilder {
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            settings: Settings::default(),
            labels: Labels::None,
            profile: ProfileBatch::default(),
            profiler: None,
            scalar_encoding: None,
            best: Vec::new(),
        }
    }

    /// Sets after how many epochs each histograms of all weights are written, beginning with the
    /// first; 0 for never. Default: 0.
    ///
    /// The loop has to [pass its model](crate::callbacks::CallbackList::with_model) to the hooks.
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

    /// Sets whether the model's graph and its JSON are written, once, if it has them. Default:
    /// true.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").write_graph(false);
    /// ```
    pub fn write_graph(mut self, write: bool) -> Self {
        self.settings.write_graph = write;
        self
    }

    /// Sets whether weights are written as images too, where histograms are written. Default:
    /// false.
    ///
    /// Without [`histogram_freq`](Self::histogram_freq) there are none, which is logged as a
    /// warning when the callback is built.
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

    /// Sets how weights are drawn as images. Default: [`WeightImages::Keras`].
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

    /// Sets the order of the dimensions of convolutions' kernels, for their images. Default:
    /// [`KernelLayout::Hwio`], as in Keras.
    ///
    /// ```
    /// use tfevents::callbacks::{KernelLayout, TensorBoard};
    ///
    /// // For a model of burn or candle.
    /// let builder = TensorBoard::builder("logs/fit")
    ///     .histogram_freq(5)
    ///     .write_images(true)
    ///     .kernel_layout(KernelLayout::Oihw);
    /// ```
    pub fn kernel_layout(mut self, layout: KernelLayout) -> Self {
        self.settings.kernel_layout = layout;
        self
    }

    /// Sets whether the number of steps per second is written, for epochs and for the batches that
    /// are written. Default: false.
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

    /// Sets how often the values of batches are written. Default: [`UpdateFreq::Epoch`], never.
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

    /// Sets after how many epochs each embeddings are written for the Projector, beginning with
    /// the first; 0 for never. Default: 0.
    ///
    /// The vectors are text files in the run `train`. `projector_config.pbtxt` in the directory
    /// above names them, which TensorBoard finds if it is started on that very directory. The
    /// model says [which weights are embeddings](crate::callbacks::Model::is_embedding).
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

    /// Sets the file with the labels of the embeddings' rows, relative to the directory. Default:
    /// none.
    ///
    /// Without [`embeddings_freq`](Self::embeddings_freq) it has no effect, which is logged as a
    /// warning when the callback is built.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// // The file is logs/fit/words.tsv.
    /// let builder =
    ///     TensorBoard::builder("logs/fit").embeddings_freq(10).embeddings_metadata("words.tsv");
    /// ```
    pub fn embeddings_metadata(mut self, path: impl AsRef<str>) -> Self {
        self.labels = Labels::One(path.as_ref().to_owned());
        self
    }

    /// Sets the files with the labels for a model with several embeddings, by the names of their
    /// layers.
    ///
    /// A layer that the model does not have is an error of the first hook that gets the model.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit")
    ///     .embeddings_freq(1)
    ///     .embeddings_metadata_of([("words", "words.tsv"), ("users", "users.tsv")]);
    /// ```
    pub fn embeddings_metadata_of<L: AsRef<str>, P: AsRef<str>>(
        mut self,
        paths: impl IntoIterator<Item = (L, P)>,
    ) -> Self {
        let paths = paths.into_iter();
        let paths =
            paths.map(|(layer, path)| (layer.as_ref().to_owned(), path.as_ref().to_owned()));
        self.labels = Labels::ByLayer(paths.collect());
        self
    }

    /// Sets the train steps of a trace for TensorBoard's Profile dashboard: one step, or an
    /// inclusive range, counted from 1 over all epochs of a training; 0 for none. Default: 0.
    ///
    /// The trace is `train/plugins/profile/<YYYY_MM_DD_HH_MM_SS>/<host>.xplane.pb`. It shows
    /// epochs, steps, tests, the hooks of callbacks, the writer's writes, and the spans of the
    /// [profiler](Self::profiler). It is labeled with its last step, such as `batch_20`. If the
    /// training ends before that, also by an error or a panic, the trace ends with it.
    ///
    /// The first of the steps waits until the directory is created. The trace is encoded and
    /// written on a thread of its own, for which the end of the training waits at most a minute. A
    /// trace that cannot be started or written is an error of that hook.
    ///
    /// ```no_run
    /// use tfevents::Profiler;
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let profiler = Profiler::new();
    /// let board = TensorBoard::builder("logs/fit").profile_batch(10..=20).profiler(&profiler).build()?;
    /// // in the loop
    /// let _span = profiler.span("forward");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn profile_batch(mut self, steps: impl Into<ProfileBatch>) -> Self {
        self.profile = steps.into();
        self
    }

    /// Sets the profiler that records the trace. Its traces show the training, also those that are
    /// started by hand. Default: one of the callback's own, without spans of yours.
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

    /// Sets whether a second training with this callback continues the steps of batches and epochs
    /// of the first one, instead of starting again over its points. Default: false, as in Keras.
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// // For one callback in several trainings, one after the other.
    /// let builder = TensorBoard::builder("logs/fit").continue_counting(true);
    /// ```
    pub fn continue_counting(mut self, continue_counting: bool) -> Self {
        self.settings.continue_counting = continue_counting;
        self
    }

    /// Sets whether histograms of gradients are written too, as
    /// `net/layer/weight/gradient/histogram`. Default: false.
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

    /// Sets whether histograms of activations are written too, as
    /// `net/layer/activation/histogram`. Default: false.
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

    /// Sets whether the norms of weights and gradients are written after each epoch, as
    /// `net/layer/weight/norm` and `net/layer/weight/gradient/norm`. Default: false.
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

    /// Sets whether the number of weights that are not finite is written for each layer after each
    /// epoch, as `net/layer/non_finite`. Default: false.
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

    /// Sets how scalars are stored. Default: the encoding that was set on the
    /// [writer's builder](crate::SummaryWriterBuilder::scalar_encoding), or else
    /// [`ScalarEncoding::Tensor`], as in Keras.
    ///
    /// TensorBoard shows both. Several Python tools, such as tbparse and `EventAccumulator.Scalars`,
    /// read only [`ScalarEncoding::Simple`].
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    /// use tfevents::summary::ScalarEncoding;
    ///
    /// let builder = TensorBoard::builder("logs/fit").scalar_encoding(ScalarEncoding::Simple);
    /// ```
    pub fn scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.scalar_encoding = Some(encoding);
        self
    }

    /// Writes the best value of an epoch's log so far, such as `best/val_loss`, into the run `train`
    /// when it improves. The HParams dashboard, which shows the last values, then shows the best.
    /// Can be called for several logs. Default: none.
    ///
    /// The name has to say which values are better: see [`Mode::Auto`]. For others there is
    /// [`best_by`](Self::best_by).
    ///
    /// ```
    /// use tfevents::callbacks::TensorBoard;
    ///
    /// let builder = TensorBoard::builder("logs/fit").best("val_loss").best("val_accuracy");
    /// ```
    pub fn best(self, name: impl Into<String>) -> Self {
        self.best_by(name, Mode::Auto)
    }

    /// Writes the best value of an epoch's log so far, as [`best`](Self::best) does, in a direction.
    ///
    /// ```
    /// use tfevents::callbacks::{Mode, TensorBoard};
    ///
    /// let builder = TensorBoard::builder("logs/fit").best_by("val_reward", Mode::Max);
    /// ```
    pub fn best_by(mut self, name: impl Into<String>, mode: Mode) -> Self {
        self.best.push((name.into(), mode));
        self
    }

    /// Creates the runs and the callback.
    ///
    /// ```no_run
    /// use tfevents::callbacks::{CallbackList, TensorBoard};
    ///
    /// let board = TensorBoard::builder("logs/fit").histogram_freq(1).build()?;
    /// let callbacks = CallbackList::new().with_callback(board);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if a setting is invalid or needs another one, or if the directory cannot be
    /// written to.
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
        for (name, mode) in &self.best {
            if mode.higher_is_better(name).is_none() {
                let expected = "Mode::Min or Mode::Max, as the name does not say which is better";
                return Err(ConfigError::new(
                    "best",
                    format!("Mode::Auto for {name:?}"),
                    expected,
                ))?;
            }
        }
        // As in Keras these have no effect alone, which is no error but hardly intended.
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
                log::warn!("{setting} has no effect, because {freq} is 0");
            }
        }
        let profile = Profile::new(self.profile.check()?, self.profiler);
        // As Keras does. Child runs take it over.
        let writer = self.target.writer()?;
        let writer = match self.scalar_encoding {
            Some(encoding) => writer.scalar_encoding(encoding),
            // As Keras does.
            None => writer.default_scalar_encoding(ScalarEncoding::Tensor),
        };
        if let Some(profiler) = profile.profiler() {
            writer.show_in(profiler);
        }
        Ok(TensorBoard {
            train: writer.child_run("train")?,
            validation: writer.child_run("validation")?,
            steps: writer.step_source(),
            batch_scalars: BatchScalars::default(),
            best_scalars: BestScalars::new(self.best),
            embeddings: Embeddings::new(writer, settings.embeddings_freq, self.labels),
            profile,
            graph_written: false,
            earlier: Earlier::default(),
            epoch_begun: None,
            warned: WarnOnce::default(),
            flush_error: None,
            settings,
        })
    }
}
