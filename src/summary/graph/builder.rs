//! Graphs node by node.

use super::check;
use super::{FunctionBuilder, Graph, GraphError, Node};
use crate::wire::messages::{FunctionDef, FunctionDefLibrary, GraphDef, NodeDef, VersionDef};

/// A graph in the making: see [`Graph::builder`].
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// graph.node("input", "Placeholder");
/// assert!(graph.build().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct GraphBuilder {
    pub(super) nodes: Vec<NodeDef>,
    pub(super) functions: Vec<FunctionDef>,
    scope: String,
}

impl GraphBuilder {
    /// Adds a node: an operation with a name of its own. The operation may be the name of a
    /// [function](Self::function) of this graph.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder");
    /// graph.node("loss", "Mean").inputs(["input"]).device("/cpu:0");
    /// ```
    pub fn node(&mut self, name: &str, op: &str) -> Node<'_> {
        self.nodes.push(NodeDef {
            name: format!("{}{name}", self.scope),
            op: op.to_owned(),
            ..Default::default()
        });
        let last = self.nodes.len() - 1;
        Node { message: &mut self.nodes[last] }
    }

    /// Adds nodes below a name: inside, `node` puts `name/` before what it is given. Inputs are
    /// always full names.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.scope("dense", |graph| {
    ///     graph.node("kernel", "Variable");
    ///     graph.node("relu", "Relu").inputs(["dense/kernel"]);
    /// });
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn scope(&mut self, name: &str, add: impl FnOnce(&mut Self)) -> &mut Self {
        let outer = self.scope.len();
        self.scope.push_str(name);
        self.scope.push('/');
        add(self);
        self.scope.truncate(outer);
        self
    }

    /// Adds a function: nodes under a name that a node can have as its operation, any number of
    /// times. TensorBoard draws it once, and each call as a group that unfolds into it.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.function("Residual", |function| {
    ///     function.input("x");
    ///     function.node("relu", "Relu").inputs(["x"]);
    ///     function.node("add", "Add").inputs(["x", "relu"]);
    ///     function.output("y", "add");
    /// });
    /// graph.node("image", "Placeholder");
    /// graph.node("block1", "Residual").inputs(["image"]);
    /// graph.node("block2", "Residual").inputs(["block1"]);
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn function(&mut self, name: &str, add: impl FnOnce(&mut FunctionBuilder)) -> &mut Self {
        let mut function = FunctionBuilder::default();
        add(&mut function);
        self.functions.push(function.finish(name));
        self
    }

    /// Checks the graph and ends it.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("loss", "Mean").inputs(["input"]);
    /// assert!(graph.build().is_err()); // there is no node "input"
    /// ```
    ///
    /// # Errors
    /// If a name is empty, ambiguous or used twice, an input is no node's name, or a function
    /// calls itself. Nodes may be added in any order, and cycles among them are allowed.
    pub fn build(mut self) -> Result<Graph, GraphError> {
        check::nodes(&self.nodes, &[])?;
        check::functions(&self.functions)?;
        let bodies = self.functions.iter_mut().flat_map(|function| &mut function.node_def);
        for node in self.nodes.iter_mut().chain(bodies) {
            // A GraphDef has them last; the sort is stable.
            node.input.sort_by_key(|input| input.starts_with('^'));
        }
        let library =
            (!self.functions.is_empty()).then_some(FunctionDefLibrary { function: self.functions });
        let message =
            GraphDef { node: self.nodes, library, versions: Some(VersionDef { producer: 22 }) };
        Ok(Graph { message })
    }
}
