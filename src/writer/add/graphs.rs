//! Graphs.

use crate::SummaryWriter;
use crate::summary::Graph;
use crate::wire::event::Payload;

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
        self.run.core.queue.push(self.run.id, None, 0, Payload::Graph, &bytes);
    }
}
