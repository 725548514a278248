//! Where the callback writes.

use crate::{Error, SummaryWriter};
use std::path::{Path, PathBuf};

/// Where a [`TensorBoard`](super::TensorBoard) callback writes: a directory, or what a writer writes into.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents::callbacks::TensorBoard;
///
/// # let dir = tempfile::tempdir()?;
/// # std::env::set_current_dir(dir.path())?;
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
    /// The writer that there is, or one for the directory.
    pub(super) fn writer(self) -> Result<SummaryWriter, Error> {
        match self.0 {
            Kind::Path(path) => SummaryWriter::new(path),
            Kind::Writer(writer) => Ok(writer),
        }
    }
}
