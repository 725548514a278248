//! What holds a graph together: names, and inputs that are among them.

use super::GraphError;
use crate::wire::messages::{FunctionDef, NodeDef, op_def::ArgDef};
use std::collections::{HashMap, HashSet};

/// Checks the nodes of a graph, or of a function with these arguments.
pub(super) fn nodes(nodes: &[NodeDef], arguments: &[ArgDef]) -> Result<(), GraphError> {
    let mut names = HashSet::new();
    let named = nodes.iter().map(|node| (node.name.as_str(), node.op.as_str()));
    let arguments = arguments.iter().map(|argument| (argument.name.as_str(), "input"));
    for (index, (name, op)) in arguments.chain(named).enumerate() {
        if name.split('/').any(str::is_empty) {
            let (name, op) = (name.to_owned(), op.to_owned());
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
            error: Box::new(error),
        })?;
    }
    no_recursion(functions, &by_name)
}

fn name(function: &FunctionDef) -> &str {
    function.signature.as_ref().map_or("", |signature| &signature.name)
}

/// Takes away functions that call no other, again and again: what remains are circles, and
/// functions that lead into one.
fn no_recursion(
    functions: &[FunctionDef],
    by_name: &HashMap<&str, usize>,
) -> Result<(), GraphError> {
    // By function: who calls it, once for each call, and its own calls of what is still there.
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
    // The least name, so that the message is the same each time.
    match left.map(|(function, _)| name(function)).min() {
        Some(name) => Err(GraphError::RecursiveFunction { name: name.to_owned() }),
        None => Ok(()),
    }
}

/// The node that an input comes from: `^name` is a control input, `name:1` its second output.
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
