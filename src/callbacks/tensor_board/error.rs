//! What can be wrong with the settings.

use crate::callbacks::ConfigError;

/// Why a [`TensorBoard`](super::TensorBoard) callback cannot be made, or not with this model.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// use tfevents::callbacks::{TensorBoard, TensorBoardError};
///
/// let error = TensorBoard::builder(logdir).write_gradients(true).build().unwrap_err();
/// assert!(matches!(error, TensorBoardError::NeedsHistograms { .. }));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TensorBoardError {
    /// The directory cannot be written to.
    #[error(transparent)]
    Writer(#[from] crate::writer::Error),
    /// A setting that cannot work.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// A setting that only works where histograms are written.
    #[error("{setting} is set, but histogram_freq is 0; allowed are numbers from 1")]
    #[non_exhaustive]
    NeedsHistograms {
        /// The setting.
        setting: &'static str,
    },
    /// Labels for layers that the model has no embeddings in.
    #[error(
        "embeddings_metadata names the layers {unknown:?}; the model has embeddings in {layers:?}"
    )]
    #[non_exhaustive]
    UnknownLayer {
        /// Those that were given.
        unknown: Vec<String>,
        /// Those of the model.
        layers: Vec<String>,
    },
}
