//! The kinds of data that can be logged, behind one trait.
//!
//! A kind is a small type that implements [`Summary`]: it knows how it is written as a tensor with
//! metadata, and nothing of files and threads. Its constructor checks its input, so that logging it
//! cannot fail. The modules below hold the larger kinds; all their types can be imported from here,
//! and those that a method of [`SummaryWriter`](crate::SummaryWriter) takes from the crate root.
//!
//! Kinds of your own work the same way:
//!
//! ```
//! use tfevents::summary::{DataClass, Metadata, Summary, SummaryEncoder, Tensor};
//!
//! /// A greeting, shown by the Text dashboard.
//! struct Greeting(String);
//!
//! impl Summary for Greeting {
//!     fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
//!         let text = format!("**Hello**, {}!", self.0);
//!         let metadata = Metadata::new("text").data_class(DataClass::Tensor);
//!         encoder.push(tag, &metadata, &Tensor::string(text.as_bytes()));
//!     }
//! }
//!
//! # let dir = tempfile::tempdir()?;
//! let writer = tfevents::SummaryWriter::new(dir.path())?;
//! writer.add("greeting", &Greeting("world".into()), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "ndarray")]
mod arrays;
mod audio;
pub mod charts;
mod deferred;
pub mod embedding;
mod encode;
pub mod graphs;
#[cfg(feature = "half")]
mod half_floats;
pub mod histograms;
pub mod hparams;
pub mod images;
pub mod markdown;
pub mod meshes;
mod metadata;
mod mode;
mod number;
mod provenance;
mod scalar;
mod tensor;
mod text;
#[cfg(test)]
mod tf_ops;
#[cfg(feature = "video")]
mod video;
mod wall_time;

#[cfg(feature = "ndarray")]
pub use arrays::{TriplesError, triples};
pub use audio::{Audio, AudioError, Sample};
pub use charts::{Chart, ChartError, ChartLayout, PrCurve, PrCurveBuilder, PrCurveError, PrCurves};
pub use deferred::Deferred;
pub use embedding::{Embedding, EmbeddingBuilder, EmbeddingError, IntoVectors};
pub(crate) use encode::Encodings;
pub use encode::{MediaEncoding, ScalarEncoding, Summary, SummaryEncoder, WithMetadata};
#[cfg(feature = "onnx")]
pub use graphs::OnnxError;
pub use graphs::{
    Attribute, FunctionBuilder, Graph, GraphBuilder, GraphCosts, GraphError, KerasLayer,
    KerasModel, KerasModelBuilder, KerasModelError, Node, NodeCost, ProfiledGraph,
};
pub use histograms::{
    AtomicHistogram, Bucket, Histogram, HistogramError, IntoHistogram, Parameter,
};
pub use hparams::{
    Dataset, Experiment, HParamInfo, HParamValue, HParams, HParamsBuilder, HParamsError,
    MetricInfo, TrialStatus,
};
#[cfg(feature = "plotters")]
pub use images::FigureError;
pub use images::{
    BoundingBox, ColorMap, Grid, HeatMap, Image, ImageError, ImageLayout, PixelBytes, PixelValue,
    class_color,
};
pub use meshes::{Camera, Light, Material, Mesh, MeshBuilder, MeshError, Scene, SceneValue};
pub use metadata::{DataClass, Metadata};
pub use mode::Mode;
pub use number::{Number, Step};
pub use provenance::{BuildInfo, Provenance};
pub use scalar::Scalar;
pub use tensor::{Element, Tensor, TensorError};
pub use text::Text;
#[cfg(feature = "video")]
pub use video::{Video, VideoError};
pub use wall_time::{WallTime, WallTimeError};
