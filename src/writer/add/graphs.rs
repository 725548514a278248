//! Graphs.

use crate::summary::{Graph, GraphCosts, Step};
use crate::wire::event::Payload;
use crate::wire::protobuf::put_bytes;
use crate::writer::SummaryWriter;

impl SummaryWriter {
    /// Logs a graph for the Graphs dashboard. It shows one graph per run, the last.
    ///
    /// ```
    /// use tfevents::Graph;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let mut graph = Graph::builder();
    /// graph.node("input", "Placeholder");
    /// graph.node("relu", "Relu").inputs(["input"]);
    /// writer.add_graph(&graph.build()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("add_onnx_graph", "add_openvino_graph"))]
    pub fn add_graph(&self, graph: &Graph) {
        let Some(run) = &self.run else { return };
        let bytes = graph.to_bytes();
        run.shared.buffer.push(run.handle, None, 0, Payload::Graph, &bytes);
    }

    /// Logs the time and memory that the nodes of the run's graph take in one step. The Graphs
    /// dashboard colors the nodes by them.
    ///
    /// Use a different tag for each call: of several calls with one tag, the dashboard shows the
    /// last.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tfevents::GraphCosts;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let mut costs = GraphCosts::new();
    /// costs.node("dense", Duration::ZERO, Duration::from_micros(120)).memory(4096);
    /// writer.add_graph_costs("step 10", &costs, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "run_metadata")]
    pub fn add_graph_costs(&self, tag: &str, costs: &GraphCosts, step: impl Step) {
        let Some(run) = &self.run else { return };
        let costs = costs.to_bytes();
        let mut body = Vec::with_capacity(costs.len() + tag.len() + 16);
        put_bytes(&mut body, 1, tag.as_bytes());
        put_bytes(&mut body, 2, &costs);
        run.shared.buffer.push(run.handle, None, step.to_step(), Payload::RunMetadata, &body);
    }
}
