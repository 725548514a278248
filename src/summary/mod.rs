//! What can be logged: one file per kind of summary, behind one trait.
//!
//! A kind is a small type that implements [`Summary`]: it says how it is written as a tensor with
//! metadata, and knows nothing of files and threads. Its constructor checks what can be wrong, so
//! that logging it cannot fail. Kinds of your own work the same way:
//!
//! ```
//! use tfevents::summary::{DataClass, Metadata, Summary, Tensor, SummaryEncoder};
//!
//! /// A greeting, shown by the Text dashboard.
//! struct Greeting(String);
//!
//! impl Summary for Greeting {
//!     fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
//!         let text = format!("**Hello**, {}!", self.0);
//!         let metadata = Metadata::new("text").data_class(DataClass::Tensor);
//!         values.push(tag, &metadata, &Tensor::string(text.as_bytes()));
//!     }
//! }
//!
//! # let dir = tempfile::tempdir()?;
//! let writer = tfevents::SummaryWriter::new(dir.path())?;
//! writer.add("greeting", &Greeting("world".into()), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audio;
mod custom_scalars;
mod deferred;
pub(crate) mod embedding;
mod encoder;
mod graph;
#[cfg(feature = "half")]
mod half;
mod histogram;
mod hparams;
mod image;
mod mesh;
mod metadata;
#[cfg(feature = "ndarray")]
mod ndarray;
mod number;
mod parameter;
mod pr_curve;
mod scalar;
mod tensor;
mod text;
#[cfg(test)]
mod tf_ops;
mod told;
#[cfg(feature = "video")]
mod video;
mod wall_time;

pub use audio::{Audio, AudioError, Sample};
pub(crate) use custom_scalars::LAYOUT_TAG;
pub use custom_scalars::{Chart, ChartError, ChartLayout};
pub use deferred::Deferred;
pub use embedding::{Embedding, EmbeddingError};
pub use encoder::SummaryEncoder;
#[cfg(feature = "onnx")]
pub use graph::OnnxError;
pub use graph::{
    Attribute, FunctionBuilder, Graph, GraphBuilder, GraphCosts, GraphError, KerasLayer,
    KerasModel, KerasModelBuilder, KerasModelError, Node, NodeCost, ProfiledGraph,
};
pub use histogram::{Histogram, HistogramError, IntoHistogram};
pub use hparams::{
    Dataset, Experiment, HParamInfo, HParamValue, HParams, HParamsBuilder, HParamsError,
    MetricInfo, TrialStatus,
};
#[cfg(feature = "plotters")]
pub use image::FigureError;
pub use image::class_color;
pub use image::{BoundingBox, ColorMap, Grid, HeatMap, Image, ImageError, ImageLayout, PixelValue};
pub use mesh::{Camera, Light, Material, Mesh, MeshBuilder, MeshError, Scene, SceneValue};
pub use metadata::{DataClass, Metadata, WithMetadata};
#[cfg(feature = "ndarray")]
pub use ndarray::{TriplesError, triples};
pub use number::{Number, Step};
pub use parameter::Parameter;
pub use pr_curve::{PrCurve, PrCurveBuilder, PrCurveError, PrCurves};
pub use scalar::{Scalar, ScalarEncoding};
pub use tensor::{Element, Tensor, TensorError};
pub use text::{Text, markdown};
#[cfg(feature = "video")]
pub use video::{Video, VideoError};
pub use wall_time::{WallTime, WallTimeError};

use std::fmt;

/// Something that TensorBoard can show.
///
/// See the [module's documentation](self) for a kind made by hand.
pub trait Summary {
    /// Writes the value, or the values, that this summary consists of.
    ///
    /// `tag` is the name it is logged under. Most kinds push one value with just that tag; a mesh
    /// pushes several with tags derived from it.
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>);

    /// Roughly how many bytes [`encode`](Self::encode) will write. Sizes a buffer, and what is kept
    /// in the writer's while it is [handed over](crate::SummaryWriter::add_deferred): there, rather too
    /// many than too few.
    fn encoded_len_hint(&self) -> usize {
        256
    }

    /// Roughly how many bytes of memory it holds. They count against the writer's buffer while it
    /// is [handed over](crate::SummaryWriter::add_deferred).
    fn memory_usage(&self) -> usize {
        self.encoded_len_hint()
    }

    /// This summary with a display name or a description for TensorBoard's page.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, Summary};
    ///
    /// let loss = Scalar::new(0.25).with_metadata().display_name("Loss").description("Cross *entropy*");
    /// ```
    fn with_metadata(self) -> WithMetadata<Self>
    where
        Self: Sized,
    {
        WithMetadata::new(self)
    }
}

impl<S: Summary + ?Sized> Summary for &S {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        (**self).encode(tag, values);
    }

    fn encoded_len_hint(&self) -> usize {
        (**self).encoded_len_hint()
    }

    fn memory_usage(&self) -> usize {
        (**self).memory_usage()
    }
}

impl<S: Summary + ?Sized> Summary for Box<S> {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        (**self).encode(tag, values);
    }

    fn encoded_len_hint(&self) -> usize {
        (**self).encoded_len_hint()
    }

    fn memory_usage(&self) -> usize {
        (**self).memory_usage()
    }
}

/// `None` writes nothing.
impl<S: Summary> Summary for Option<S> {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        if let Some(summary) = self {
            summary.encode(tag, values);
        }
    }

    fn encoded_len_hint(&self) -> usize {
        self.as_ref().map_or(0, S::encoded_len_hint)
    }

    fn memory_usage(&self) -> usize {
        self.as_ref().map_or(0, S::memory_usage)
    }
}

/// An error writes nothing, and is told once for each tag through the `log` facade: what could not
/// be made, where something else is logged all the same.
impl<S: Summary, E: fmt::Display> Summary for Result<S, E> {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        match self {
            Ok(summary) => summary.encode(tag, values),
            Err(error) => told::once(tag, "error", || {
                log::warn!("{tag:?} is skipped: {error}; told once");
            }),
        }
    }

    fn encoded_len_hint(&self) -> usize {
        self.as_ref().map_or(0, S::encoded_len_hint)
    }

    fn memory_usage(&self) -> usize {
        self.as_ref().map_or(0, S::memory_usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed over counts with what it holds, whatever it is in.
    #[test]
    fn wrappers_hold_what_they_wrap() {
        let later = || Deferred::new(1000, || Scalar::new(0.5));
        let wrapped: [Box<dyn Summary>; 4] = [
            Box::new(Some(later())),
            Box::new(Ok::<_, String>(later())),
            Box::new(Box::new(later())),
            Box::new(later().with_metadata()),
        ];
        assert!(wrapped.iter().all(|summary| summary.memory_usage() == 1000));
    }
}
