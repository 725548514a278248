//! Graphs of models in the ONNX format.
//!
//! The model is decoded without the numbers of its weights ([`source`]), and its values and nodes
//! become nodes with inputs ([`convert`]), under names that TensorBoard can group ([`names`]).

mod attributes;
mod convert;
mod names;
mod source;
mod types;

use super::{Graph, GraphError};
use crate::wire::onnx::ModelProto;
use prost::Message;
use source::{Source, Stop};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The most bytes that a graph may take. The page has to load all of it.
const MAX_GRAPH: usize = 64 << 20;

/// An ONNX model that cannot be read.
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
    /// A file that cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Bytes that are no ONNX model, or only a part of one.
    #[error("this is no whole ONNX model in protobuf's binary format: {reason}")]
    #[non_exhaustive]
    Decode {
        /// What does not fit.
        reason: String,
    },
    /// A model without a graph.
    #[error("this holds no graph, as an ONNX model has to")]
    #[non_exhaustive]
    NoGraph,
    /// A model with too many parts, not counting the numbers of its weights.
    #[error(
        "the model's graph is too large: its fields are more than some million, or it would take \
        more than {MAX_GRAPH} bytes"
    )]
    #[non_exhaustive]
    TooLarge,
    /// A value that a node or an output takes, but nothing gives.
    #[error("{node:?} takes the value {value:?}, but no input, initializer or node gives it")]
    #[non_exhaustive]
    UnknownValue {
        /// The node or output.
        node: String,
        /// The value.
        value: String,
    },
    /// A value that is given twice.
    #[error("the value {value:?} is given twice; each is given once, as a node's output say")]
    #[non_exhaustive]
    DuplicateValue {
        /// The value.
        value: String,
    },
    /// What was read does not hold together as a graph: a function that calls itself, say.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl Graph {
    /// The graph of an ONNX model.
    ///
    /// Inputs, outputs and operations become nodes, with attributes, and with shapes where the
    /// model has them; lengths that are not fixed are `?` in the page. Initializers are constants,
    /// which the page draws small beside the node that takes them. Subgraphs of `If`, `Loop` and
    /// `Scan` are groups below their node, with a control edge to it from each output; functions
    /// of the model are functions here. Names are kept as far as TensorBoard allows: each part
    /// between slashes needs a character, names are made unique by a number, and a node without
    /// one is named after its operation.
    ///
    /// The numbers of weights are skipped, and files with external data not looked for. No ONNX
    /// runtime is needed.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let writer = tfevents::SummaryWriter::new("runs/resnet")?;
    /// let model = std::fs::read("resnet.onnx")?;
    /// writer.add_graph(&tfevents::Graph::from_onnx(&model)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// If this is no whole model, values come from nowhere or from two places, a function calls
    /// itself, or the graph is too large: some hundred thousand fields of nodes and types are
    /// fine, 64 MiB of graph are the limit. Memory stays bounded, whatever the bytes are.
    pub fn from_onnx(model: &[u8]) -> Result<Self, OnnxError> {
        let bytes = model.len() as u64;
        // Memory that can always be read.
        decode(io::Cursor::new(model), bytes, Path::new(""))
    }

    /// The same, from a file. What a graph does not need is not read: weights of any size cost
    /// neither memory nor time.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let writer = tfevents::SummaryWriter::new("runs/resnet")?;
    /// writer.add_graph(&tfevents::Graph::from_onnx_file("resnet.onnx")?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`from_onnx`](Self::from_onnx), and if the file cannot be read.
    pub fn from_onnx_file(path: impl AsRef<Path>) -> Result<Self, OnnxError> {
        let path = path.as_ref();
        let open = || {
            let mut file = File::open(path)?;
            let bytes = file.seek(SeekFrom::End(0))?;
            file.rewind()?;
            Ok((file, bytes))
        };
        let (file, bytes) =
            open().map_err(|source| OnnxError::Read { path: path.to_owned(), source })?;
        decode(file, bytes, path)
    }
}

fn decode(reader: impl Read + Seek, bytes: u64, path: &Path) -> Result<Graph, OnnxError> {
    let mut source = Source::new(reader, bytes);
    let model = ModelProto::decode(&mut source);
    match source.stopped() {
        Some(Stop::TooLarge) => return Err(OnnxError::TooLarge),
        Some(Stop::Read(source)) => {
            return Err(OnnxError::Read { path: path.to_owned(), source });
        }
        None => {}
    }
    let model = model.map_err(|error| OnnxError::Decode { reason: error.to_string() })?;
    convert::model(&model)
}

#[cfg(test)]
mod tests;
