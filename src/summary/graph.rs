//! Graphs: what a model computes, operation by operation.

use super::{Element, Step};
use crate::wire::messages::{
    AttrValue, GraphDef, NodeDef, TensorShapeProto, VersionDef, attr_value, tensor_shape_proto,
};
use prost::Message;
use std::collections::HashSet;

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
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// graph.node("input", "Placeholder");
/// assert!(graph.build().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct GraphBuilder {
    nodes: Vec<NodeDef>,
    scope: String,
}

/// A node in the making: see [`GraphBuilder::node`].
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// let node = graph.node("input", "Placeholder");
/// node.shape(&[None, Some(64)]).dtype::<f32>();
/// ```
#[derive(Debug)]
pub struct Node<'a> {
    message: &'a mut NodeDef,
}

/// A graph that does not hold together.
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// graph.node("loss", "Mean").inputs(["outputs"]);
/// let error = graph.build().unwrap_err();
/// assert!(error.to_string().contains("no node has that name"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A name, or a part of one between slashes, that is empty.
    #[error(
        "node {index} of operation {op:?} is named {name:?}; a name, and each part of it \
        between slashes, needs a character at least"
    )]
    #[non_exhaustive]
    EmptyName {
        /// Which node, counted from 0.
        index: usize,
        /// Its operation.
        op: String,
        /// Its name with the scopes it lies in.
        name: String,
    },
    /// A name that reads as another node's input: it begins with `^` or ends in `:` and digits.
    #[error(
        "a node is named {name:?}; a name must not begin with ^ nor end in : and digits, \
        which inputs use for control edges and outputs"
    )]
    #[non_exhaustive]
    AmbiguousName {
        /// The name.
        name: String,
    },
    /// Two nodes with one name.
    #[error("two nodes are named {name:?}; every node needs a name of its own")]
    #[non_exhaustive]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An input that no node has as its name.
    #[error(
        "node {node:?} takes {input:?}, but no node has that name; inputs are full names, \
        with their scopes"
    )]
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
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder");
    /// ```
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
    /// If a name is empty, ambiguous or used twice, or an input is no node's name. Nodes may be
    /// added in any order, and cycles are allowed.
    pub fn build(mut self) -> Result<Graph, GraphError> {
        let mut names = HashSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let (name, op) = (node.name.clone(), node.op.clone());
            if name.split('/').any(str::is_empty) {
                return Err(GraphError::EmptyName { index, op, name });
            }
            if source(&name) != name {
                return Err(GraphError::AmbiguousName { name });
            }
            if !names.insert(node.name.as_str()) {
                return Err(GraphError::DuplicateName { name });
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
        for node in &mut self.nodes {
            // A GraphDef has them last; the sort is stable.
            node.input.sort_by_key(|input| input.starts_with('^'));
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
        Some((name, output))
            if !output.is_empty() && output.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => input,
    }
}

impl Node<'_> {
    /// The nodes whose outputs it takes: `name`, or `name:1` for the second output. Called again
    /// it adds more.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("x", "Placeholder");
    /// graph.node("split", "Split").inputs(["x"]);
    /// graph.node("sum", "Add").inputs(["split", "split:1"]);
    /// assert!(graph.build().is_ok());
    /// ```
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

    /// A named attribute, shown when the node is selected: a text, a number or a truth value.
    /// TensorBoard hides values longer than 1024 bytes.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("dropout", "Dropout").attribute("rate", 0.5).attribute("seeded", true);
    /// graph.node("conv", "Conv2D").attribute("padding", "same").attribute("stride", 2);
    /// ```
    pub fn attribute(self, name: &str, value: impl Attribute) -> Self {
        self.attribute_value(name, value.to_value())
    }

    /// The type of its values, as the attribute `dtype`.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder").dtype::<f32>();
    /// graph.node("labels", "Placeholder").dtype::<i64>();
    /// ```
    pub fn dtype<T: Element>(self) -> Self {
        self.attribute_value("dtype", attr_value::Value::Type(T::TYPE as i32))
    }

    fn attribute_value(self, name: &str, value: attr_value::Value) -> Self {
        self.message.attr.insert(name.to_owned(), AttrValue { value: Some(value) });
        self
    }
}

/// What a node's attribute can hold: see [`Node::attribute`].
///
/// Texts, integers up to 64 bits, floats (stored as `f32`), and `bool`. A `u64` or `usize` beyond
/// `i64::MAX` saturates.
///
/// ```
/// let units: usize = 64;
/// let activation = String::from("relu");
/// let mut graph = tfevents::Graph::builder();
/// graph.node("dense", "Dense").attribute("units", units).attribute("activation", &activation);
/// ```
pub trait Attribute: sealed::Attribute {}

mod sealed {
    pub trait Attribute {
        fn to_value(self) -> super::attr_value::Value;
    }
}

macro_rules! attributes {
    ($($given:ty => |$value:ident| $kind:ident($made:expr)),* $(,)?) => {$(
        impl Attribute for $given {}
        impl sealed::Attribute for $given {
            fn to_value(self) -> attr_value::Value {
                let $value = self;
                attr_value::Value::$kind($made)
            }
        }
    )*};
}

attributes! {
    &str => |text| S(text.as_bytes().to_vec()),
    &String => |text| S(text.as_bytes().to_vec()),
    String => |text| S(text.into_bytes()),
    bool => |value| B(value),
    f32 => |number| F(number),
    f64 => |number| F(number as f32),
    i8 => |number| I(number.to_step()),
    i16 => |number| I(number.to_step()),
    i32 => |number| I(number.to_step()),
    i64 => |number| I(number),
    isize => |number| I(number.to_step()),
    u8 => |number| I(number.to_step()),
    u16 => |number| I(number.to_step()),
    u32 => |number| I(number.to_step()),
    u64 => |number| I(number.to_step()),
    usize => |number| I(number.to_step()),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn becomes_a_graph_def() {
        let mut graph = Graph::builder();
        graph.node("x", "Placeholder").shape(&[None, Some(3)]).shape(&[]);
        graph.scope("dense", |graph| {
            // In this order, to see the control input come last.
            graph.node("relu", "Relu").control_input("x").inputs(["x:1"]).device("/cpu:0");
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
        for name in ["", "/a", "a/", "a//b"] {
            assert!(matches!(error(&[(name, &[])]), GraphError::EmptyName { index: 0, .. }));
        }
        for name in ["^a", "a:0"] {
            assert!(matches!(error(&[("a", &[]), (name, &[])]), GraphError::AmbiguousName { .. }));
        }
        assert!(matches!(error(&[("a", &[]), ("a", &[])]), GraphError::DuplicateName { .. }));
        assert_eq!(
            error(&[("a", &["b:0"])]).to_string(),
            "node \"a\" takes \"b:0\", but no node has that name; inputs are full names, with their \
             scopes"
        );
        assert!(matches!(error(&[("a:x", &["^b"])]), GraphError::UnknownInput { .. }));
    }

    #[test]
    fn attributes_keep_their_types() {
        use attr_value::Value;
        let mut graph = Graph::builder();
        graph
            .node("a", "Op")
            .attribute("text", "é")
            .attribute("rate", 0.5)
            .attribute("count", u64::MAX)
            .attribute("on", true)
            .dtype::<i64>();
        let bytes = graph.build().unwrap().to_bytes();
        let message = GraphDef::decode(&bytes[..]).unwrap();
        let value = |name: &str| message.node[0].attr[name].value.clone().unwrap();
        assert_eq!(value("text"), Value::S("é".as_bytes().to_vec()));
        assert_eq!(value("rate"), Value::F(0.5));
        assert_eq!(value("count"), Value::I(i64::MAX));
        assert_eq!(value("on"), Value::B(true));
        assert_eq!(value("dtype"), Value::Type(9)); // DT_INT64
    }

    #[test]
    fn scopes_nest_and_end() {
        let mut graph = Graph::builder();
        graph.scope("a", |graph| {
            graph.scope("b", |graph| {
                graph.node("x", "Op");
            });
            graph.node("x", "Op").inputs(["a/b/x"]);
        });
        graph.node("x", "Op").inputs(["a/x"]);
        let names: Vec<_> =
            graph.build().unwrap().message.node.into_iter().map(|node| node.name).collect();
        assert_eq!(names, ["a/b/x", "a/x", "x"]);
    }
}
