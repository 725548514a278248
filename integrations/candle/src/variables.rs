//! The variables of a model by their paths, and as a graph.

use candle_core::Var;
use candle_nn::VarMap;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use tfevents::Graph;
use tfevents::summary::GraphError;

/// Returns the variables sorted by path, so that every run has them in the same order. Dots become
/// slashes, by which TensorBoard groups tags.
pub(crate) fn sorted(varmap: &VarMap) -> Vec<(String, Var)> {
    let variables = varmap.data().lock().unwrap_or_else(PoisonError::into_inner);
    let paths = variables.iter().map(|(name, var)| (name.replace('.', "/"), var.clone()));
    let mut variables: Vec<_> = paths.collect();
    variables.sort_by(|(a, _), (b, _)| a.cmp(b));
    variables
}

/// Returns the layers of a model with their variables, shapes and types, for the Graphs dashboard.
///
/// Each layer is a node `fc/layer`, whose inputs are its variables. The graph does not contain the
/// operations between layers: candle does not expose them.
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
/// Returns an error if the names are not those of a graph, for example if a variable has the name
/// of a layer.
#[doc(alias = "add_graph")]
pub fn graph(varmap: &VarMap) -> Result<Graph, GraphError> {
    let mut graph = Graph::builder();
    let mut layers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, var) in sorted(varmap) {
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
