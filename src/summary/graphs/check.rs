//! Checks of graphs: names are valid and unique, inputs exist. And the error that they return.

use crate::wire::messages::{FunctionDef, NodeDef, op_def::ArgDef};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// An error creating a [`Graph`](super::Graph).
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// graph.node("loss", "Mean").inputs(["outputs"]);
/// let error = graph.build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown input of graph node \"loss\": \"outputs\" (expected the full name of a node)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A name, or a part of one between slashes, is empty.
    #[error(
        "invalid name of graph node {index} of operation {op:?}: {name:?} (expected a character or \
         more between slashes)"
    )]
    #[non_exhaustive]
    EmptyName {
        /// The index of the node.
        index: usize,
        /// The operation of the node.
        op: String,
        /// The name of the node with its scopes.
        name: String,
    },
    /// A name would be ambiguous as an input: it begins with `^` or ends in `:` and digits.
    #[error(
        "invalid name of a graph node: {name:?} (expected no ^ at the start, which marks control \
         inputs, and no : and digits at the end, which mark outputs)"
    )]
    #[non_exhaustive]
    AmbiguousName {
        /// The name.
        name: String,
    },
    /// Two nodes have one name.
    #[error("duplicate name of a graph node: {name:?} (expected unique names)")]
    #[non_exhaustive]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An input is not the name of a node.
    #[error("unknown input of graph node {node:?}: {input:?} (expected the full name of a node)")]
    #[non_exhaustive]
    UnknownInput {
        /// The name of the node.
        node: String,
        /// The input that was given.
        input: String,
    },
    /// A function has an invalid name.
    #[error(
        "invalid name of a graph function: {name:?} (expected a character or more, no slash, no ^ \
         at the start, and no : and digits at the end)"
    )]
    #[non_exhaustive]
    FunctionName {
        /// The name.
        name: String,
    },
    /// Two functions have one name.
    #[error("duplicate name of a graph function: {name:?} (expected unique names)")]
    #[non_exhaustive]
    DuplicateFunction {
        /// The name.
        name: String,
    },
    /// A function calls itself, directly or through others.
    #[error(
        "recursive graph function: {name:?} (expected no call of itself, also not through others)"
    )]
    #[non_exhaustive]
    RecursiveFunction {
        /// The name.
        name: String,
    },
    /// The nodes of a function are invalid.
    #[error("invalid graph function {function:?}")]
    #[non_exhaustive]
    InFunction {
        /// The name of the function.
        function: String,
        /// The error in its nodes.
        source: Box<GraphError>,
    },
    /// The graph has no node of this name, for which a cost was given.
    #[error("unknown graph node of a cost: {node:?} (expected the full name of a node)")]
    #[non_exhaustive]
    UnknownNode {
        /// The name.
        node: String,
    },
}

/// Checks the nodes of a graph, or of a function with these arguments.
pub(super) fn nodes(nodes: &[NodeDef], arguments: &[ArgDef]) -> Result<(), GraphError> {
    let mut names = HashSet::new();
    let named = nodes.iter().map(|node| (node.name.as_str(), node.op.as_str()));
    let arguments = arguments.iter().map(|argument| (argument.name.as_str(), "input"));
    for (index, (name, op)) in arguments.chain(named).enumerate() {
        if name.split('/').any(str::is_empty) {
            let name = name.to_owned();
            let op = op.to_owned();
            return Err(GraphError::EmptyName { index, op, name });
        }
        if source(name) != name {
            return Err(GraphError::AmbiguousName { name: name.to_owned() });
        }
        if !names.insert(name) {
            return Err(GraphError::DuplicateName { name: name.to_owned() });
        }
    }
    for node in nodes {
        let unknown = node.input.iter().find(|input| !names.contains(source(input)));
        if let Some(input) = unknown {
            return Err(GraphError::UnknownInput { node: node.name.clone(), input: input.clone() });
        }
    }
    Ok(())
}

/// Checks the functions of a graph.
pub(super) fn functions(functions: &[FunctionDef]) -> Result<(), GraphError> {
    let mut by_name = HashMap::new();
    for (index, function) in functions.iter().enumerate() {
        let name = name(function);
        if name.is_empty() || name.contains('/') || source(name) != name {
            return Err(GraphError::FunctionName { name: name.to_owned() });
        }
        if by_name.insert(name, index).is_some() {
            return Err(GraphError::DuplicateFunction { name: name.to_owned() });
        }
        let signature = function.signature.as_ref();
        let arguments = signature.map_or(&[][..], |signature| &signature.input_arg);
        nodes(&function.node_def, arguments).map_err(|error| GraphError::InFunction {
            function: name.to_owned(),
            source: Box::new(error),
        })?;
    }
    no_recursion(functions, &by_name)
}

fn name(function: &FunctionDef) -> &str {
    function.signature.as_ref().map_or("", |signature| &signature.name)
}

/// Removes functions that call no other, again and again: cycles remain, and functions that lead
/// into one.
fn no_recursion(
    functions: &[FunctionDef],
    by_name: &HashMap<&str, usize>,
) -> Result<(), GraphError> {
    // By function: its callers, once for each call, and the number of its calls of functions that
    // are not removed.
    let mut callers = vec![Vec::new(); functions.len()];
    let mut open_calls = vec![0usize; functions.len()];
    for (caller, function) in functions.iter().enumerate() {
        for node in &function.node_def {
            if let Some(&callee) = by_name.get(node.op.as_str()) {
                callers[callee].push(caller);
                open_calls[caller] += 1;
            }
        }
    }
    let mut ends: Vec<usize> = (0..functions.len()).filter(|&at| open_calls[at] == 0).collect();
    while let Some(end) = ends.pop() {
        for &caller in &callers[end] {
            open_calls[caller] -= 1;
            if open_calls[caller] == 0 {
                ends.push(caller);
            }
        }
    }
    let left = functions.iter().zip(open_calls).filter(|(_, calls)| *calls > 0);
    // The first name in order, so that the message is the same each time.
    match left.map(|(function, _)| name(function)).min() {
        Some(name) => Err(GraphError::RecursiveFunction { name: name.to_owned() }),
        None => Ok(()),
    }
}

/// The properties that every object of JavaScript has.
const PROPERTIES: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// Returns a name that does not break TensorBoard's page, which looks names up in plain objects of
/// JavaScript: a part of the name that is one of their properties gets a `_`. One that had a `_`
/// already gets another, so that different names stay different.
pub(super) fn harmless(name: &str) -> Cow<'_, str> {
    let clashes = |part: &str| {
        let rests = PROPERTIES.iter().filter_map(|property| part.strip_prefix(property));
        rests.into_iter().any(|rest| rest.bytes().all(|byte| byte == b'_'))
    };
    if !name.split('/').any(clashes) {
        return Cow::Borrowed(name);
    }
    let parts: Vec<String> = name
        .split('/')
        .map(|part| if clashes(part) { format!("{part}_") } else { part.to_owned() })
        .collect();
    Cow::Owned(parts.join("/"))
}

/// Returns an input by the [harmless] name of its node.
pub(super) fn harmless_input(input: &str) -> String {
    let node = source(input);
    let control = if input.starts_with('^') { "^" } else { "" };
    let output = &input[control.len() + node.len()..];
    format!("{control}{}{output}", harmless(node))
}

/// Returns the node that an input comes from: `^name` is a control input, `name:1` its second
/// output.
pub(super) fn source(input: &str) -> &str {
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
