//! Builders of graphs and of functions in them.

use super::check;
use super::{Graph, GraphError, Node};
use crate::wire::messages::{
    DataType, FunctionDef, FunctionDefLibrary, GraphDef, NodeDef, OpDef, VersionDef,
    function_def::RetEntry, op_def::ArgDef,
};
use std::borrow::Cow;

/// A builder of [`Graph`]s: see [`Graph::builder`].
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

impl Graph {
    /// Returns a builder for a graph.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder");
    /// ```
    #[doc(alias = "new")]
    pub fn builder() -> GraphBuilder {
        GraphBuilder::default()
    }
}

impl GraphBuilder {
    /// Adds a node: an operation with a unique name. The operation may be the name of a
    /// [function](Self::function) of this graph.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder");
    /// graph.node("loss", "Mean").inputs(["input"]).device("/cpu:0");
    /// ```
    #[doc(alias = "add_node")]
    pub fn node(&mut self, name: &str, op: &str) -> Node<'_> {
        self.nodes.push(NodeDef {
            name: format!("{}{name}", self.scope),
            op: op.to_owned(),
            ..Default::default()
        });
        let last = self.nodes.len() - 1;
        Node { message: &mut self.nodes[last] }
    }

    /// Adds nodes in a group: inside, `node` puts `name/` before the names of nodes. Inputs are
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

    /// Adds a function: nodes under a name that any number of nodes can have as their operation.
    /// TensorBoard draws it once, and each call as a group that expands into it.
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

    /// Checks and builds the graph.
    ///
    /// Names and operations that TensorBoard's page cannot show, because every object of JavaScript
    /// has such a property (`constructor`, `toString`, `__proto__` …), get a `_` at the end.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("loss", "Mean").inputs(["input"]);
    /// assert!(graph.build().is_err()); // there is no node "input"
    /// ```
    ///
    /// # Errors
    /// If a name is empty, ambiguous or used twice, an input is not the name of a node, or a
    /// function calls itself. Nodes may be added in any order, and cycles among them are allowed.
    pub fn build(mut self) -> Result<Graph, GraphError> {
        check::nodes(&self.nodes, &[])?;
        check::functions(&self.functions)?;
        self.functions.iter_mut().for_each(rename_harmful);
        let bodies = self.functions.iter_mut().flat_map(|function| &mut function.node_def);
        for node in self.nodes.iter_mut().chain(bodies) {
            // A GraphDef has control inputs last.
            let (control, mut input): (Vec<_>, Vec<_>) =
                std::mem::take(&mut node.input).into_iter().partition(|it| it.starts_with('^'));
            input.extend(control);
            node.input = input;
            rename(&mut node.name);
            rename(&mut node.op);
            for input in &mut node.input {
                *input = check::harmless_input(input);
            }
        }
        let library =
            (!self.functions.is_empty()).then_some(FunctionDefLibrary { function: self.functions });
        let message =
            GraphDef { node: self.nodes, library, versions: Some(VersionDef { producer: 22 }) };
        Ok(Graph { message })
    }
}

/// A builder of a function of a graph: see [`GraphBuilder::function`].
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// graph.function("Twice", |function| {
///     function.input("x");
///     function.node("sum", "Add").inputs(["x", "x"]);
///     function.output("y", "sum");
/// });
/// assert!(graph.build().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct FunctionBuilder {
    body: GraphBuilder,
    inputs: Vec<String>,
    outputs: Vec<(String, String)>,
}

impl FunctionBuilder {
    /// Adds an input of the function, whose name its nodes can take as input.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.function("Add3", |function| {
    ///     function.input("a").input("b").input("c");
    ///     function.node("sum", "Sum").inputs(["a", "b", "c"]);
    ///     function.output("y", "sum");
    /// });
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn input(&mut self, name: &str) -> &mut Self {
        self.inputs.push(name.to_owned());
        self
    }

    /// Adds a node, as [`GraphBuilder::node`] does. Its inputs are names inside this function.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.function("Noise", |function| {
    ///     function.node("noise", "RandomNormal").attribute("scale", 0.1);
    ///     function.output("y", "noise");
    /// });
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn node(&mut self, name: &str, op: &str) -> Node<'_> {
        self.body.node(name, op)
    }

    /// Adds nodes in a group, as [`GraphBuilder::scope`] does.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.function("Block", |function| {
    ///     function.input("x").scope("dense", |graph| {
    ///         graph.node("relu", "Relu").inputs(["x"]);
    ///     });
    ///     function.output("y", "dense/relu");
    /// });
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn scope(&mut self, name: &str, add: impl FnOnce(&mut GraphBuilder)) -> &mut Self {
        self.body.scope(name, add);
        self
    }

    /// Adds an output: a name that no node of the function has, and its source, `node` or
    /// `node:1`. It is drawn as a node of operation `Output`.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.function("Halves", |function| {
    ///     function.input("x");
    ///     function.node("split", "Split").inputs(["x"]);
    ///     function.output("left", "split").output("right", "split:1");
    /// });
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn output(&mut self, name: &str, source: &str) -> &mut Self {
        self.outputs.push((name.to_owned(), source.to_owned()));
        self
    }

    pub(super) fn finish(mut self, name: &str) -> FunctionDef {
        for (name, source) in &self.outputs {
            // TensorBoard draws the node of an output's name as that output.
            self.body.node(name, "Output").inputs([source]);
        }
        let ret =
            (self.outputs.iter().cloned()).map(|(key, value)| RetEntry { key, value }).collect();
        FunctionDef {
            signature: Some(OpDef {
                name: name.to_owned(),
                input_arg: self.inputs.into_iter().map(argument).collect(),
                output_arg: self.outputs.into_iter().map(|(name, _)| argument(name)).collect(),
            }),
            node_def: self.body.nodes,
            ret,
        }
    }
}

/// Gives the signature of a function harmless names; see [`check::harmless`].
fn rename_harmful(function: &mut FunctionDef) {
    if let Some(signature) = &mut function.signature {
        rename(&mut signature.name);
        let arguments = signature.input_arg.iter_mut().chain(&mut signature.output_arg);
        arguments.for_each(|argument| rename(&mut argument.name));
    }
    for output in &mut function.ret {
        rename(&mut output.key);
        output.value = check::harmless_input(&output.value);
    }
}

fn rename(name: &mut String) {
    if let Cow::Owned(harmless) = check::harmless(name) {
        *name = harmless;
    }
}

/// Returns an argument or a result of this name.
pub(super) fn argument(name: String) -> ArgDef {
    // TensorBoard's page expects a type.
    ArgDef { name, r#type: DataType::DtFloat as i32 }
}
