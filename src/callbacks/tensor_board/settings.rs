//! Values of the settings, and the errors that are made of them.

use crate::callbacks::error::ConfigError;
use crate::writer::{Error, SummaryWriter};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// An error creating a [`TensorBoard`](super::TensorBoard) callback, or of its settings for a
/// model.
///
/// ```
/// use tfevents::callbacks::{TensorBoard, TensorBoardError};
///
/// let error = TensorBoard::builder("logs").write_gradients(true).build().unwrap_err();
/// assert!(matches!(error, TensorBoardError::NeedsHistograms { .. }));
/// assert_eq!(
///     error.to_string(),
///     "write_gradients needs histograms, but histogram_freq is 0 (expected at least 1)"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TensorBoardError {
    /// The runs cannot be created.
    #[error("cannot create the runs of the TensorBoard callback")]
    Writer(#[from] Error),
    /// A setting is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A setting has an effect only where histograms are written.
    #[error("{setting} needs histograms, but histogram_freq is 0 (expected at least 1)")]
    #[non_exhaustive]
    NeedsHistograms {
        /// The name of the setting.
        setting: &'static str,
    },
    /// The labels are for layers in which the model has no embeddings.
    #[error("invalid layers of embeddings_metadata: {unknown:?} (expected some of {layers:?})")]
    #[non_exhaustive]
    UnknownLayer {
        /// The unknown layers.
        unknown: Vec<String>,
        /// The layers of the model that have embeddings.
        layers: Vec<String>,
    },
}

/// The directory or the writer that a [`TensorBoard`](super::TensorBoard) callback logs to.
///
/// It is made by `From` in [`TensorBoard::builder`](super::TensorBoard::builder).
///
/// ```no_run
/// use tfevents::SummaryWriter;
/// use tfevents::callbacks::TensorBoard;
///
/// let by_path = TensorBoard::builder("logs/fit").build()?;
/// let writer = SummaryWriter::new("logs/shared")?;
/// let by_writer = TensorBoard::builder(&writer).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Target(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Path(PathBuf),
    Writer(SummaryWriter),
}

macro_rules! target_from_path {
    ($($path:ty),*) => {$(
        impl From<$path> for Target {
            fn from(path: $path) -> Self {
                Self(Kind::Path(PathBuf::from(path)))
            }
        }
    )*};
}

target_from_path!(&str, &String, String, &Path, &PathBuf, PathBuf);

impl From<&SummaryWriter> for Target {
    fn from(writer: &SummaryWriter) -> Self {
        Self(Kind::Writer(writer.clone()))
    }
}

impl From<SummaryWriter> for Target {
    fn from(writer: SummaryWriter) -> Self {
        Self(Kind::Writer(writer))
    }
}

impl Target {
    /// Returns the writer, or a new one for the directory.
    pub(super) fn writer(self) -> Result<SummaryWriter, Error> {
        match self.0 {
            Kind::Path(path) => SummaryWriter::new(path),
            Kind::Writer(writer) => Ok(writer),
        }
    }
}

/// The frequency at which the values of batches are written. Those of epochs and tests always are.
///
/// ```
/// use tfevents::callbacks::UpdateFreq;
///
/// let freq: UpdateFreq = "100".parse()?; // as on a command line
/// assert_eq!(freq, UpdateFreq::batches(100)?);
/// assert_eq!("epoch".parse(), Ok(UpdateFreq::Epoch));
/// assert!(UpdateFreq::batches(0).is_err());
/// # Ok::<(), tfevents::callbacks::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateFreq {
    /// Never: only the values of epochs are written.
    #[default]
    Epoch,
    /// At every batch.
    Batch,
    /// At every batch whose number, counted from 1 since the training began, is a multiple of this
    /// number. 0 is an error of [`build`](super::TensorBoardBuilder::build).
    Batches(u64),
}

impl UpdateFreq {
    /// Creates the value for every `batches`th batch.
    ///
    /// # Errors
    /// Returns an error for 0.
    pub fn batches(batches: u64) -> Result<Self, ConfigError> {
        UpdateFreq::Batches(batches).check()
    }

    pub(super) fn check(self) -> Result<Self, ConfigError> {
        if self == UpdateFreq::Batches(0) {
            let expected =
                "UpdateFreq::Epoch, UpdateFreq::Batch or UpdateFreq::Batches of at least 1";
            return Err(ConfigError::new("update_freq", "UpdateFreq::Batches(0)", expected));
        }
        Ok(self)
    }

    #[inline]
    pub(super) fn is_due(self, step: u64) -> bool {
        match self {
            UpdateFreq::Epoch => false,
            UpdateFreq::Batch => true,
            UpdateFreq::Batches(batches) => step.checked_rem(batches) == Some(0),
        }
    }
}

impl FromStr for UpdateFreq {
    type Err = ConfigError;

    /// Parses `epoch`, `batch` or a number of batches.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text {
            "epoch" => Ok(UpdateFreq::Epoch),
            "batch" => Ok(UpdateFreq::Batch),
            _ => match text.parse() {
                Ok(batches @ 1..) => Ok(UpdateFreq::Batches(batches)),
                _ => {
                    let expected = "\"epoch\", \"batch\" or a whole number of at least 1";
                    Err(ConfigError::new("update_freq", format_args!("{text:?}"), expected))
                }
            },
        }
    }
}

/// The train steps of a trace, counted from 1 over all epochs of a training: one step, or an
/// inclusive range.
///
/// ```no_run
/// use tfevents::callbacks::{ProfileBatch, TensorBoard};
///
/// let board = TensorBoard::builder("logs/fit").profile_batch(10..=20).build()?;
/// assert_eq!(ProfileBatch::from(2), ProfileBatch::from(2..=2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProfileBatch {
    pub(super) start: u64,
    pub(super) stop: u64,
}

/// One step; 0 is none, as in Keras.
impl From<u64> for ProfileBatch {
    fn from(step: u64) -> Self {
        Self { start: step, stop: step }
    }
}

impl From<RangeInclusive<u64>> for ProfileBatch {
    fn from(steps: RangeInclusive<u64>) -> Self {
        let (start, stop) = steps.into_inner();
        Self { start, stop }
    }
}

impl ProfileBatch {
    /// Returns the steps if they are valid, `None` for no steps at all.
    pub(super) fn check(self) -> Result<Option<Self>, ConfigError> {
        let Self { start, stop } = self;
        if (start, stop) == (0, 0) {
            return Ok(None);
        }
        if start == 0 || stop < start {
            let given = format!("{start} to {stop}");
            let expected = "steps from 1, the last not before the first, or 0 for none";
            return Err(ConfigError::new("profile_batch", given, expected));
        }
        Ok(Some(self))
    }
}

/// The way weights are drawn as images.
///
/// ```
/// use tfevents::callbacks::{TensorBoard, WeightImages};
///
/// let builder = TensorBoard::builder("logs/fit")
///     .histogram_freq(1)
///     .write_images(true)
///     .weight_images(WeightImages::Signed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightImages {
    /// As in Keras: 0 and less is black, 1 and more is white. A kernel of a convolution is drawn
    /// if it has one input channel or one filter, its first three planes.
    #[default]
    Keras,
    /// Zero is white and the largest magnitude a full color, red above zero and blue below.
    /// Kernels of convolutions are drawn as a grid with a row per input channel and a column per
    /// filter, the first 16 of each.
    Signed,
}

/// The order of the dimensions of a convolution's kernel.
///
/// ```
/// use tfevents::callbacks::{KernelLayout, TensorBoard};
///
/// let builder = TensorBoard::builder("logs/fit").kernel_layout(KernelLayout::Oihw);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KernelLayout {
    /// Height, width, inputs, outputs: Keras and TensorFlow.
    #[default]
    Hwio,
    /// Outputs, inputs, height, width: PyTorch, burn and candle.
    Oihw,
}

/// The settings that the hooks look at.
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

impl Settings {
    /// Returns the names of the settings that are set and need a model. The graph is not one of
    /// them, as it is set by default.
    pub(super) fn of_model(&self) -> Vec<&'static str> {
        let mut names = self.of_weights();
        names.extend(set([
            ("write_gradients", self.write_gradients),
            ("write_activations", self.write_activations),
            ("embeddings_freq", self.embeddings_freq != 0),
        ]));
        names
    }

    /// Returns the names of the settings that are set and need weights.
    pub(super) fn of_weights(&self) -> Vec<&'static str> {
        let histograms = self.histogram_freq != 0;
        let settings = [
            ("histogram_freq", histograms),
            ("write_images", self.write_images && histograms),
            ("write_norms", self.write_norms),
            ("write_non_finite", self.write_non_finite),
        ];
        set(settings).collect()
    }
}

fn set<const N: usize>(settings: [(&'static str, bool); N]) -> impl Iterator<Item = &'static str> {
    settings.into_iter().filter_map(|(name, set)| set.then_some(name))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            histogram_freq: 0,
            write_graph: true,
            write_images: false,
            weight_images: WeightImages::default(),
            kernel_layout: KernelLayout::default(),
            write_steps_per_second: false,
            update_freq: UpdateFreq::default(),
            embeddings_freq: 0,
            continue_counting: false,
            write_gradients: false,
            write_activations: false,
            write_norms: false,
            write_non_finite: false,
        }
    }
}
