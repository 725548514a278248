//! What can be wrong with a graph.

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
    /// A name that no function can have.
    #[error(
        "a function is named {name:?}; its name needs a character at least, holds no slash, and \
        must not begin with ^ nor end in : and digits"
    )]
    #[non_exhaustive]
    FunctionName {
        /// The name.
        name: String,
    },
    /// Two functions with one name.
    #[error("two functions are named {name:?}; every function needs a name of its own")]
    #[non_exhaustive]
    DuplicateFunction {
        /// The name.
        name: String,
    },
    /// A function that calls itself, or one that calls it.
    #[error("function {name:?} calls itself, directly or through others, and so has no end")]
    #[non_exhaustive]
    RecursiveFunction {
        /// The name.
        name: String,
    },
    /// Something inside a function.
    #[error("in function {function:?}: {error}")]
    #[non_exhaustive]
    InFunction {
        /// The function.
        function: String,
        /// What is wrong there.
        error: Box<GraphError>,
    },
    /// A cost of a node that the graph does not have.
    #[error("a cost is given for {node:?}, but no node of the graph has that name")]
    #[non_exhaustive]
    UnknownNode {
        /// The name.
        node: String,
    },
}
