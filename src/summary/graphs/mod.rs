//! Graphs: the operations of a model, their costs, and its layers.

mod builder;
mod check;
mod cost;
mod keras;
mod node;
#[cfg(feature = "onnx")]
mod onnx;

pub use builder::{FunctionBuilder, GraphBuilder};
pub use check::GraphError;
pub use cost::{GraphCosts, NodeCost, ProfiledGraph};
pub use keras::{KerasLayer, KerasModel, KerasModelBuilder, KerasModelError};
pub use node::{Attribute, Node};
#[cfg(feature = "onnx")]
pub use onnx::OnnxError;

use crate::summary::{Metadata, Summary, SummaryEncoder, Tensor};
use crate::wire::messages::{GraphDef, RunMetadata, run_metadata::FunctionGraphs};
use prost::Message;

/// The graph of a model, shown by the Graphs dashboard.
///
/// Nodes whose names have the same part before a `/` are drawn as one group.
///
/// ```
/// use tfevents::Graph;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let mut graph = Graph::builder();
/// graph.node("input", "Placeholder").shape(&[None, Some(64)]);
/// graph.node("dense/kernel", "Variable").shape(&[Some(64), Some(10)]);
/// graph.node("dense/matmul", "MatMul").inputs(["input", "dense/kernel"]);
/// writer.add_graph(&graph.build()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`add_graph`](crate::SummaryWriter::add_graph) logs it as the graph of the run, of which there
/// is one. Logged as a summary it is a graph under a tag, beside any number of others:
///
/// ```
/// use tfevents::Graph;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// # let (encoder, decoder) = (Graph::builder().build()?, Graph::builder().build()?);
/// writer.add("encoder", &encoder, 0);
/// writer.add("decoder", &decoder, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("GraphDef", "add_graph"))]
pub struct Graph {
    message: GraphDef,
}

impl Graph {
    /// Encodes the graph as TensorFlow's `GraphDef` message.
    ///
    /// ```
    /// let empty = tfevents::Graph::builder().build()?;
    /// assert!(!empty.to_bytes().is_empty());
    /// # Ok::<(), tfevents::summary::GraphError>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        self.message.encode_to_vec()
    }

    /// Returns the number of nodes, without those inside functions.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder");
    /// assert_eq!(graph.build()?.node_count(), 1);
    /// # Ok::<(), tfevents::summary::GraphError>(())
    /// ```
    pub fn node_count(&self) -> usize {
        self.message.node.len()
    }

    /// Returns the graph in the form that is written under a tag.
    fn to_run_metadata(&self) -> RunMetadata {
        let graphs = FunctionGraphs { pre_optimization_graph: Some(self.message.clone()) };
        RunMetadata { function_graphs: vec![graphs], ..Default::default() }
    }
}

/// Pushes data for the Graphs dashboard.
fn push(plugin: &'static str, tag: &str, content: &[u8], encoder: &mut SummaryEncoder<'_>) {
    // The dashboard skips any other version. No data class, as in TensorFlow: with one,
    // TensorBoard's Python reader fails on a tensor of rank 0.
    let metadata = Metadata::new(plugin).content(&b"1"[..]);
    encoder.push(tag, &metadata, &Tensor::string(content));
}

impl Summary for Graph {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let content = self.to_run_metadata().encode_to_vec();
        push("graph_run_metadata_graph", tag, &content, encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        self.message.encoded_len() + 128
    }
}

#[cfg(test)]
mod tests;
