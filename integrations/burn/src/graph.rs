//! The tree of a model's modules as a graph.

use burn_core::module::{Module, ModuleVisitor, Param};
use burn_core::tensor::{Bool, DType, Int, Tensor};
use std::collections::BTreeMap;
use tfevents::Graph;
use tfevents::summary::{GraphBuilder, GraphError};

/// Returns the modules of a model with their parameters, shapes and types, for the Graphs dashboard.
///
/// Each module that has parameters is a node such as `fc/Linear`, whose inputs they are. The graph
/// does not contain the operations between modules: `trace_graph` does, with the feature `capture`.
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::tensor::Device;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let model: Linear = LinearConfig::new(2, 1).init(&Device::flex());
/// writer.add_graph(&tfevents_burn::graph(&model)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns an error if the names are not those of a graph, for example if a field has the name of the
/// type beside it.
#[doc(alias = "add_graph")]
pub fn graph<M: Module>(module: &M) -> Result<Graph, GraphError> {
    let mut tree = Tree::default();
    module.visit(&mut tree);
    for (name, (kind, parameters)) in tree.modules {
        tree.graph.node(&name, &kind).inputs(parameters);
    }
    tree.graph.build()
}

#[derive(Default)]
struct Tree {
    graph: GraphBuilder,
    path: Vec<String>,
    /// The types of the modules on the path.
    kinds: Vec<String>,
    /// Type and parameters of each module that has parameters, by the name of its node.
    modules: BTreeMap<String, (String, Vec<String>)>,
}

impl Tree {
    fn parameter(&mut self, shape: &[usize], dtype: DType) {
        let name = if self.path.is_empty() { "parameter".into() } else { self.path.join("/") };
        let sizes: Vec<_> = shape.iter().map(|&size| Some(size)).collect();
        let node = self.graph.node(&name, "Parameter").shape(&sizes);
        node.attribute("dtype", dtype.name());
        if let Some(kind) = self.kinds.last() {
            let module = self.path[..self.path.len() - 1].join("/");
            let node = if module.is_empty() { kind.clone() } else { format!("{module}/{kind}") };
            self.modules.entry(node).or_insert_with(|| (kind.clone(), Vec::new())).1.push(name);
        }
    }
}

impl ModuleVisitor for Tree {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push(name.to_owned());
        // "Struct:Linear"
        self.kinds.push(container.rsplit(':').next().unwrap_or(container).to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
        self.kinds.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.parameter(&param.lazy_shape(), param.val().dtype());
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        self.parameter(&param.lazy_shape(), param.val().dtype());
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.parameter(&param.lazy_shape(), param.val().dtype());
    }
}
