//! A model's variables as a graph.

use crate::variables;
use candle_nn::VarMap;
use std::collections::BTreeMap;
use tfevents::Graph;
use tfevents::summary::GraphError;

/// The layers of a model with their variables, shapes and types, for the Graphs dashboard. Each
/// layer is a node `fc/layer` that its variables lead to.
///
/// What flows between layers is not in it: candle keeps that to itself.
///
/// ```
/// use candle_core::{DType, Device};
/// use candle_nn::{VarBuilder, VarMap, linear};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let varmap = VarMap::new();
/// let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
/// let fc = linear(2, 1, builder.pp("fc"))?;
/// writer.add_graph(&tfevents_candle::graph(&varmap)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the names make no graph: a variable has the name of a layer, say.
pub fn graph(varmap: &VarMap) -> Result<Graph, GraphError> {
    let mut graph = Graph::builder();
    let mut layers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, var) in variables::sorted(varmap) {
        let sizes: Vec<_> = var.dims().iter().map(|&size| Some(size)).collect();
        graph.node(&name, "Variable").shape(&sizes).attribute("dtype", var.dtype().as_str());
        if let Some((layer, _)) = name.rsplit_once('/') {
            layers.entry(format!("{layer}/layer")).or_default().push(name);
        }
    }
    for (layer, variables) in layers {
        graph.node(&layer, "Layer").inputs(variables);
    }
    graph.build()
}
