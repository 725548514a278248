//! Graphs: what a model computes, operation by operation.

use crate::wire::messages::{
    AttrValue, DataType, GraphDef, NodeDef, TensorShapeProto, VersionDef, attr_value,
    tensor_shape_proto,
};
use prost::Message;
use std::collections::{BTreeMap, HashSet};

/// The graph of a model, shown by the Graphs dashboard.
///
/// Nodes whose names share a beginning up to a `/` are drawn as one group.
///
/// ```
/// use tfevents::Graph;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let mut graph = Graph::builder();
/// graph.node("input", "Placeholder").shape(&[None, Some(64)]);
/// graph.node("dense/kernel", "Variable").shape(&[Some(64), Some(10)]);
/// graph.node("dense/matmul", "MatMul").inputs(["input", "dense/kernel"]);
/// writer.add_graph(&graph.build()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    message: GraphDef,
}

/// A graph in the making: see [`Graph::builder`].
#[derive(Clone, Debug, Default)]
pub struct GraphBuilder {
    nodes: Vec<NodeDef>,
    scope: String,
}

/// A node in the making: see [`GraphBuilder::node`].
#[derive(Debug)]
pub struct Node<'a> {
    message: &'a mut NodeDef,
}

/// A graph that does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A node without a name.
    #[error("node {index} of operation {op:?} has no name; every node needs one of its own")]
    #[non_exhaustive]
    EmptyName {
        /// Which node.
        index: usize,
        /// Its operation.
        op: String,
    },
    /// Two nodes with one name.
    #[error("two nodes are named {name:?}; every node needs a name of its own")]
    #[non_exhaustive]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An input that no node has as its name.
    #[error("node {node:?} takes {input:?}, but no node has that name")]
    #[non_exhaustive]
    UnknownInput {
        /// The node.
        node: String,
        /// The input that was given.
        input: String,
    },
}

impl Graph {
    /// Begins a graph.
    pub fn builder() -> GraphBuilder {
        GraphBuilder::default()
    }

    /// The graph as TensorFlow's `GraphDef` message.
    ///
    /// ```
    /// let empty = tfevents::Graph::builder().build()?;
    /// assert!(!empty.to_bytes().is_empty());
    /// # Ok::<(), tfevents::summary::GraphError>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        self.message.encode_to_vec()
    }
}

impl GraphBuilder {
    /// Adds a node: an operation with a name of its own.
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

    /// Checks the graph and ends it.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("loss", "Mean").inputs(["input"]);
    /// assert!(graph.build().is_err()); // there is no node "input"
    /// ```
    ///
    /// # Errors
    /// If a name is empty or used twice, or an input is no node's name.
    pub fn build(self) -> Result<Graph, GraphError> {
        let mut names = HashSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            if node.name.is_empty() || node.name.ends_with('/') {
                return Err(GraphError::EmptyName { index, op: node.op.clone() });
            }
            if !names.insert(node.name.as_str()) {
                return Err(GraphError::DuplicateName { name: node.name.clone() });
            }
        }
        for node in &self.nodes {
            let unknown = node.input.iter().find(|input| !names.contains(source(input)));
            if let Some(input) = unknown {
                return Err(GraphError::UnknownInput {
                    node: node.name.clone(),
                    input: input.clone(),
                });
            }
        }
        let message = GraphDef {
            node: self.nodes,
            versions: Some(VersionDef { producer: 22, ..Default::default() }),
            ..Default::default()
        };
        Ok(Graph { message })
    }
}

/// The node that an input comes from: `^name` is a control input, `name:1` its second output.
fn source(input: &str) -> &str {
    let input = input.strip_prefix('^').unwrap_or(input);
    match input.rsplit_once(':') {
        Some((name, output)) if output.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => input,
    }
}

impl Node<'_> {
    /// The nodes whose outputs it takes: `name`, or `name:1` for the second output.
    pub fn inputs<I: IntoIterator<Item: Into<String>>>(self, names: I) -> Self {
        self.message.input.extend(names.into_iter().map(Into::into));
        self
    }

    /// A node that has to run before it without giving it anything.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("init", "NoOp");
    /// graph.node("step", "AssignAdd").control_input("init");
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn control_input(self, name: &str) -> Self {
        self.message.input.push(format!("^{name}"));
        self
    }

    /// The shape of its output, drawn at the edges; `None` is a size that is not fixed. Called
    /// again it is the next output's.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder").shape(&[None, Some(64)]);
    /// ```
    pub fn shape(self, sizes: &[Option<usize>]) -> Self {
        let dim = |size: &Option<usize>| tensor_shape_proto::Dim {
            size: size.map_or(-1, |size| i64::try_from(size).unwrap_or(i64::MAX)),
            ..Default::default()
        };
        let shape = TensorShapeProto { dim: sizes.iter().map(dim).collect(), ..Default::default() };
        let attribute = self.message.attr.entry("_output_shapes".to_owned()).or_default();
        match &mut attribute.value {
            Some(attr_value::Value::List(list)) => list.shape.push(shape),
            other => {
                let list = attr_value::ListValue { shape: vec![shape], ..Default::default() };
                *other = Some(attr_value::Value::List(list));
            }
        }
        self
    }

    /// The device that it runs on, such as `/gpu:0`: TensorBoard can colour by it.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("matmul", "MatMul").device("/gpu:0");
    /// ```
    pub fn device(self, device: &str) -> Self {
        device.clone_into(&mut self.message.device);
        self
    }

    /// A named attribute, shown when the node is selected. TensorBoard hides values longer than
    /// 1024 bytes.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("dropout", "Dropout").attribute("rate", "0.5").attribute("seeded", "yes");
    /// ```
    pub fn attribute(self, name: &str, value: &str) -> Self {
        let value = attr_value::Value::S(value.as_bytes().to_vec());
        self.message.attr.insert(name.to_owned(), AttrValue { value: Some(value) });
        self
    }

    /// Marks its output as 32-bit floats.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder").float();
    /// ```
    pub fn float(self) -> Self {
        let value = attr_value::Value::Type(DataType::DtFloat as i32);
        let attributes: &mut BTreeMap<_, _> = &mut self.message.attr;
        attributes.insert("dtype".to_owned(), AttrValue { value: Some(value) });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn becomes_a_graph_def() {
        let mut graph = Graph::builder();
        graph.node("x", "Placeholder").shape(&[None, Some(3)]).shape(&[]);
        graph.scope("dense", |graph| {
            graph.node("relu", "Relu").inputs(["x:1"]).control_input("x").device("/cpu:0");
        });
        let bytes = graph.build().unwrap().to_bytes();
        let message = GraphDef::decode(&bytes[..]).unwrap();
        let [x, relu] = &message.node[..] else { panic!("{message:?}") };
        assert_eq!((relu.name.as_str(), relu.op.as_str()), ("dense/relu", "Relu"));
        assert_eq!(
            (&relu.input[..], relu.device.as_str()),
            (&["x:1".to_owned(), "^x".into()][..], "/cpu:0")
        );
        let Some(attr_value::Value::List(list)) = &x.attr["_output_shapes"].value else {
            panic!("{x:?}")
        };
        let sizes = |at: usize| list.shape[at].dim.iter().map(|dim| dim.size).collect::<Vec<_>>();
        assert_eq!((sizes(0), sizes(1)), (vec![-1, 3], vec![]));
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        let error = |nodes: &[(&str, &[&str])]| {
            let mut graph = Graph::builder();
            for (name, inputs) in nodes {
                graph.node(name, "Op").inputs(inputs.iter().copied());
            }
            graph.build().unwrap_err()
        };
        assert!(matches!(error(&[("", &[])]), GraphError::EmptyName { index: 0, .. }));
        assert!(matches!(error(&[("a", &[]), ("a", &[])]), GraphError::DuplicateName { .. }));
        assert_eq!(
            error(&[("a", &["b:0"])]).to_string(),
            "node \"a\" takes \"b:0\", but no node has that name"
        );
    }
}
