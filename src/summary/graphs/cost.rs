//! The costs of a graph's nodes: time and memory.

use super::{Graph, GraphError, check};
use crate::summary::{Step, Summary, SummaryEncoder, WallTime};
use crate::wire::messages::{
    AllocatorMemoryUsed, DeviceStepStats, NodeExecStats, RunMetadata, StepStats,
};
use prost::Message;
use std::collections::HashSet;
use std::time::Duration;

/// The time and memory of one step, node by node: the Graphs dashboard can color by them.
///
/// Logged under a tag by [`add_graph_costs`](crate::SummaryWriter::add_graph_costs) they are those
/// of the run's graph:
///
/// ```
/// use std::time::Duration;
/// use tfevents::{Graph, GraphCosts};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let mut graph = Graph::builder();
/// graph.node("input", "Placeholder");
/// graph.node("dense", "Dense").inputs(["input"]);
/// writer.add_graph(&graph.build()?);
///
/// let mut costs = GraphCosts::new();
/// let (start, took) = (Duration::from_micros(5), Duration::from_micros(120));
/// costs.node("dense", start, took).memory(4096).device("/gpu:0");
/// writer.add_graph_costs("step 10", &costs, 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Graph::with_costs`] combines them with another graph, under one tag.
///
/// In the page, choose the tag and *Profile*, then *Compute time* or *Memory* as color. The time of
/// a group is from the first start of its nodes to their last end, its memory their sum. The time
/// of a node that is added several times is from its first start to its last end, its memory the
/// maximum. The page shows no cost for nodes that call a
/// [function](super::GraphBuilder::function).
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("RunMetadata", "StepStats"))]
pub struct GraphCosts {
    began: WallTime,
    nodes: Vec<(String, NodeExecStats)>,
}

/// The cost of a node that was just added: see [`GraphCosts::node`].
///
/// ```
/// use std::time::Duration;
///
/// let mut costs = tfevents::summary::GraphCosts::new();
/// costs.node("dense", Duration::ZERO, Duration::from_millis(2)).memory(1 << 20);
/// ```
#[derive(Debug)]
pub struct NodeCost<'a> {
    device: &'a mut String,
    stats: &'a mut NodeExecStats,
}

/// A graph with its costs, under one tag: see [`Graph::with_costs`].
///
/// ```
/// use std::time::Duration;
/// use tfevents::Graph;
/// use tfevents::summary::GraphCosts;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let mut graph = Graph::builder();
/// graph.node("x", "Placeholder");
/// let mut costs = GraphCosts::new();
/// costs.node("x", Duration::ZERO, Duration::from_millis(2));
/// writer.add("step 7", &graph.build()?.with_costs(&costs)?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProfiledGraph {
    message: RunMetadata,
}

/// The default device.
const DEVICE: &str = "/device:CPU:0";

impl GraphCosts {
    /// Creates the costs of a step that begins now.
    ///
    /// ```
    /// let costs = tfevents::summary::GraphCosts::new();
    /// ```
    pub fn new() -> Self {
        Self::at(WallTime::now())
    }

    /// Creates the costs of a step that began at another time.
    ///
    /// ```
    /// use tfevents::{WallTime, summary::GraphCosts};
    ///
    /// let costs = GraphCosts::at(WallTime::try_from_secs_f64(1_700_000_000.0)?);
    /// # Ok::<(), tfevents::summary::WallTimeError>(())
    /// ```
    pub fn at(began: WallTime) -> Self {
        Self { began, nodes: Vec::new() }
    }

    /// Adds the cost of a node: its start, from the beginning of the step, and its duration.
    /// TensorBoard counts in microseconds: shorter durations count as one.
    ///
    /// The name is that of a node of the run's graph, with its scopes. TensorBoard ignores names
    /// that the graph does not have.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let mut costs = tfevents::summary::GraphCosts::new();
    /// let step = Instant::now();
    /// let start = step.elapsed();
    /// let sum: f32 = (0..1000).map(|i| i as f32).sum(); // the work
    /// costs.node("sum", start, step.elapsed() - start);
    /// assert!(sum > 0.0);
    /// ```
    pub fn node(&mut self, name: &str, start: Duration, duration: Duration) -> NodeCost<'_> {
        // The page leaves out a node that starts at 0 or takes no time.
        let began = (self.began.as_secs_f64().max(0.0) * 1e6) as i64;
        let all_start_micros = began.saturating_add(start.as_micros().to_step()).max(1);
        let micros = duration.as_nanos().div_ceil(1000).max(1).to_step();
        let nanos = duration.as_nanos().max(1).to_step();
        let stats = NodeExecStats {
            node_name: check::harmless(name).into_owned(),
            all_start_micros,
            all_start_nanos: all_start_micros.saturating_mul(1000),
            op_end_rel_micros: micros,
            all_end_rel_micros: micros,
            op_end_rel_nanos: nanos,
            all_end_rel_nanos: nanos,
            ..Default::default()
        };
        self.nodes.push((DEVICE.to_owned(), stats));
        let last = self.nodes.len() - 1;
        let (device, stats) = &mut self.nodes[last];
        NodeCost { device, stats }
    }

    fn to_step_stats(&self) -> StepStats {
        let mut devices: Vec<DeviceStepStats> = Vec::new();
        for (device, stats) in &self.nodes {
            let at = devices.iter().position(|known| known.device == *device);
            let at = at.unwrap_or_else(|| {
                devices.push(DeviceStepStats { device: device.clone(), ..Default::default() });
                devices.len() - 1
            });
            devices[at].node_stats.push(stats.clone());
        }
        StepStats { dev_stats: devices }
    }

    /// Encodes the costs as TensorFlow's `RunMetadata` message.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let step_stats = Some(self.to_step_stats());
        RunMetadata { step_stats, ..Default::default() }.encode_to_vec()
    }
}

impl Default for GraphCosts {
    fn default() -> Self {
        Self::new()
    }
}

impl NodeCost<'_> {
    /// Sets the memory of the node, in bytes.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mut costs = tfevents::GraphCosts::new();
    /// costs.node("dense", Duration::ZERO, Duration::from_millis(2)).memory(64 * 10 * 4);
    /// ```
    pub fn memory(self, bytes: u64) -> Self {
        let bytes = bytes.to_step();
        self.stats.memory = vec![AllocatorMemoryUsed {
            allocator_name: "memory".to_owned(),
            total_bytes: bytes,
            peak_bytes: bytes,
        }];
        self
    }

    /// Sets the device that the node ran on. Default: `/device:CPU:0`.
    ///
    /// TensorBoard shows the costs of devices of that form alone. Other names are converted to it:
    /// `/gpu:1` becomes `/device:gpu:1`, and `metal` becomes `/device:metal:0`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mut costs = tfevents::GraphCosts::new();
    /// costs.node("dense", Duration::ZERO, Duration::from_millis(2)).device("/gpu:0");
    /// ```
    pub fn device(self, device: &str) -> Self {
        *self.device = shown(device);
        self
    }
}

/// Returns a name for the device that ends in `device:KIND:NUMBER`, as the page expects it.
fn shown(device: &str) -> String {
    let (kind, number) = match device.rsplit_once(':') {
        Some((kind, number))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (kind, number)
        }
        _ => (device, "0"),
    };
    let named = kind.rsplit_once("device:").map_or("", |(_, kind)| kind);
    if !named.is_empty() && !named.contains(':') {
        return format!("{kind}:{number}");
    }
    match kind.trim_start_matches('/') {
        "" => DEVICE.to_owned(),
        kind => format!("/device:{}:{number}", kind.replace(':', "_")),
    }
}

impl Graph {
    /// Returns the graph with the costs of a step, to be logged under one tag.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tfevents::{Graph, summary::GraphCosts};
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let mut graph = Graph::builder();
    /// graph.node("dense", "Dense");
    /// let mut costs = GraphCosts::new();
    /// costs.node("dense", Duration::ZERO, Duration::from_micros(120));
    /// writer.add("step 10", &graph.build()?.with_costs(&costs)?, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is a cost of a node that this graph does not have.
    pub fn with_costs(&self, costs: &GraphCosts) -> Result<ProfiledGraph, GraphError> {
        let names: HashSet<&str> = self.message.node.iter().map(|node| &node.name[..]).collect();
        let unknown = costs.nodes.iter().find(|(_, cost)| !names.contains(&cost.node_name[..]));
        if let Some((_, cost)) = unknown {
            return Err(GraphError::UnknownNode { node: cost.node_name.clone() });
        }
        let mut message = self.to_run_metadata();
        message.step_stats = Some(costs.to_step_stats());
        Ok(ProfiledGraph { message })
    }
}

impl Summary for ProfiledGraph {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        super::push("graph_run_metadata", tag, &self.message.encode_to_vec(), encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        self.message.encoded_len() + 128
    }
}
