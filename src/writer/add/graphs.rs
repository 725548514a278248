//! Graphs.

use crate::summary::{Graph, GraphCosts, Step};
use crate::wire::event::Payload;
use crate::wire::protobuf::put_bytes;
use crate::writer::SummaryWriter;

impl SummaryWriter {
    /// Logs a graph: the Graphs dashboard. A run has one; the last counts.
    ///
    /// ```
    /// use tfevents::Graph;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// # fn graph() -> Result<Graph, Box<dyn std::error::Error>> {
    /// let mut graph = Graph::builder();
    /// graph.node("input", "Placeholder");
    /// # Ok(graph.build()?) }
    /// # let graph = graph()?;
    /// writer.add_graph(&graph);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_graph(&self, graph: &Graph) {
        let bytes = graph.to_bytes();
        self.run.shared.buffer.push(self.run.handle, None, 0, Payload::Graph, &bytes);
    }

    /// Logs what the nodes of the run's graph cost in one step: the Graphs dashboard colors by it.
    ///
    /// Each call has a tag of its own; of several with one tag the last counts.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tfevents::summary::GraphCosts;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let mut costs = GraphCosts::new();
    /// costs.node("dense", Duration::ZERO, Duration::from_micros(120)).memory(4096);
    /// writer.add_graph_costs("step 10", &costs, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_graph_costs(&self, tag: &str, costs: &GraphCosts, step: impl Step) {
        let costs = costs.to_bytes();
        let mut body = Vec::with_capacity(costs.len() + tag.len() + 16);
        put_bytes(&mut body, 1, tag.as_bytes());
        put_bytes(&mut body, 2, &costs);
        let run = &self.run;
        run.shared.buffer.push(run.handle, None, step.to_step(), Payload::RunMetadata, &body);
    }
}
