//! Functions: graphs that nodes call by name.

use super::{GraphBuilder, Node};
use crate::wire::messages::{DataType, FunctionDef, OpDef, function_def::RetEntry, op_def::ArgDef};

/// A function in the making: see [`GraphBuilder::function`].
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
    /// Adds an input, whose name nodes of the function can take.
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

    /// Adds nodes below a name, as [`GraphBuilder::scope`] does.
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

    /// Adds an output: a name, which no node of the function has, and where it comes from, `node`
    /// or `node:1`. It is drawn as a node of operation `Output`.
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
            // TensorBoard takes the node of an output's name for that output.
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

/// An argument or a result of this name.
pub(super) fn argument(name: String) -> ArgDef {
    // TensorBoard's page expects a type.
    ArgDef { name, r#type: DataType::DtFloat as i32 }
}
