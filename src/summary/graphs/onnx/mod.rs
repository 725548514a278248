//! Graphs of models in the ONNX format.
//!
//! The model is decoded without the values of its weights ([`source`]), and its values and nodes
//! become nodes with inputs ([`convert`]), under names that TensorBoard can group ([`names`]).

mod attributes;
mod convert;
mod names;
mod source;

use super::GraphError;
use source::MAX_PIECES;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// The maximum size of a graph in bytes. The page has to load all of it.
const MAX_GRAPH: usize = 64 << 20;

/// An error creating a graph from an ONNX model. Needs the feature `onnx`.
///
/// ```
/// use tfevents::Graph;
/// use tfevents::summary::OnnxError;
///
/// let error = Graph::from_onnx(b"something else").unwrap_err();
/// assert!(matches!(error, OnnxError::Decode { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The file cannot be read.
    #[error("cannot read ONNX model {}", path.display())]
    #[non_exhaustive]
    Read {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file can be read, but is no ONNX model or has no valid graph.
    #[error("cannot create a graph from {}", path.display())]
    #[non_exhaustive]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of [`Graph::from_onnx`](crate::Graph::from_onnx) with its bytes.
        source: Box<Self>,
    },
    /// The bytes are no ONNX model, or only a part of one.
    #[error("invalid ONNX model (expected the binary format of protobuf)")]
    #[non_exhaustive]
    Decode {
        /// The error of the decoder.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The model has no graph.
    #[error("invalid ONNX model: no graph (expected one)")]
    #[non_exhaustive]
    NoGraph,
    /// The model has too many parts, without the values of its weights.
    #[error(
        "graph of the ONNX model is too large (expected up to {MAX_PIECES} field numbers, lengths \
         and values, and up to {MAX_GRAPH} bytes)"
    )]
    #[non_exhaustive]
    TooLarge,
    /// A node or an output takes a value that does not exist.
    #[error(
        "unknown value of {node:?} in the ONNX model: {value:?} (expected an input, an initializer \
         or the output of a node)"
    )]
    #[non_exhaustive]
    UnknownValue {
        /// The name of the node or output.
        node: String,
        /// The name of the value.
        value: String,
    },
    /// Two inputs, initializers or outputs of nodes have one name.
    #[error("duplicate value in the ONNX model: {value:?} (expected unique names)")]
    #[non_exhaustive]
    DuplicateValue {
        /// The name of the value.
        value: String,
    },
    /// The model is invalid as a graph: a function calls itself, for example.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

#[cfg(test)]
mod tests;
