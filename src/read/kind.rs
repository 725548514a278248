//! Kinds of data.

use super::decode::Content;
use super::{Metadata, TensorValue};

/// The kind of data that a tag has, whatever form it is written in.
///
/// ```
/// use tfevents::read::{Kind, Run};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_text("note", "hello", 0);
/// writer.close()?;
/// let index = Run::open(dir.path())?.index()?;
/// assert_eq!(index.tag("note").unwrap().kind(), Kind::Text);
/// assert_eq!(Kind::Text.to_string(), "text");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A number: a `simple_value`, or a tensor for the plugin `scalars`.
    Scalar,
    /// A histogram.
    Histogram,
    /// A batch of images.
    Image,
    /// A batch of sounds.
    Audio,
    /// Markdown text.
    Text,
    /// A tensor for no plugin that is known here.
    Tensor,
    /// A precision-recall curve.
    PrCurve,
    /// A part of a mesh: its vertices, faces or colors.
    Mesh,
    /// Hyperparameters: an experiment, or the start or end of a session.
    HParams,
    /// A graph under a tag, or what a step of one cost.
    Graph,
    /// A layout of the custom scalars dashboard.
    Layout,
    /// Something else, such as metadata alone.
    Other,
}

impl Kind {
    pub(super) fn new(metadata: Metadata<'_>, content: Content<'_>) -> Self {
        match content {
            Content::Scalar(_) => Self::Scalar,
            Content::Image(_) => Self::Image,
            Content::Audio(_) => Self::Audio,
            Content::Histogram(_) => Self::Histogram,
            Content::ObsoleteHistogram(_) => Self::Other,
            Content::Tensor(_) | Content::Nothing => match metadata.plugin {
                "scalars" => Self::Scalar,
                "histograms" => Self::Histogram,
                "images" => Self::Image,
                "audio" => Self::Audio,
                "text" => Self::Text,
                "pr_curves" => Self::PrCurve,
                "mesh" => Self::Mesh,
                "hparams" => Self::HParams,
                "custom_scalars" => Self::Layout,
                "graph_keras_model" | "graph_run_metadata" | "graph_run_metadata_graph" => {
                    Self::Graph
                }
                "" if is_scalar(content) => Self::Scalar,
                _ if content == Content::Nothing => Self::Other,
                _ => Self::Tensor,
            },
        }
    }

    /// Returns the name: `scalar`, `histogram`, `image`, `audio`, `text`, `tensor`, `pr_curve`,
    /// `mesh`, `hparams`, `graph`, `layout` or `other`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Histogram => "histogram",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Text => "text",
            Self::Tensor => "tensor",
            Self::PrCurve => "pr_curve",
            Self::Mesh => "mesh",
            Self::HParams => "hparams",
            Self::Graph => "graph",
            Self::Layout => "layout",
            Self::Other => "other",
        }
    }
}

/// Returns whether it is a rank-0 tensor of `f32`, none of which is long.
fn is_scalar(content: Content<'_>) -> bool {
    let Content::Tensor(bytes) = content else { return false };
    bytes.len() < 64 && TensorValue::decode(bytes).is_ok_and(|tensor| tensor.scalar().is_some())
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
