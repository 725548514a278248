//! What holds a graph together: names, and inputs that are among them.

use super::GraphError;
use crate::wire::messages::{FunctionDef, NodeDef};
use std::collections::{HashMap, HashSet};

/// Checks the nodes of a graph, or of a function with these arguments.
pub(super) fn nodes<'a>(
    nodes: &'a [NodeDef],
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<(), GraphError> {
    let mut names = HashSet::new();
    let named = nodes.iter().map(|node| (node.name.as_str(), node.op.as_str()));
    let arguments = arguments.into_iter().map(|name| (name, "input"));
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
    for function in functions {
        let name = name(function);
        if name.is_empty() || name.contains('/') || source(name) != name {
            return Err(GraphError::FunctionName { name: name.to_owned() });
        }
        if by_name.insert(name, function).is_some() {
            return Err(GraphError::DuplicateFunction { name: name.to_owned() });
        }
        let arguments = function.signature.iter().flat_map(|signature| &signature.input_arg);
        nodes(&function.node_def, arguments.map(|argument| argument.name.as_str())).map_err(
            |error| GraphError::InFunction { function: name.to_owned(), error: Box::new(error) },
        )?;
    }
    no_recursion(&by_name)
}

fn name(function: &FunctionDef) -> &str {
    function.signature.as_ref().map_or("", |signature| &signature.name)
}

/// Takes away functions that call no other, again and again: what remains are circles, and
/// functions that lead into one.
fn no_recursion(by_name: &HashMap<&str, &FunctionDef>) -> Result<(), GraphError> {
    let mut callers: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut open_calls: HashMap<&str, usize> = HashMap::new();
    for (&caller, function) in by_name {
        let called: HashSet<&str> = (function.node_def.iter())
            .map(|node| node.op.as_str())
            .filter(|op| by_name.contains_key(op))
            .collect();
        open_calls.insert(caller, called.len());
        for callee in called {
            callers.entry(callee).or_default().push(caller);
        }
    }
    let mut ends: Vec<&str> =
        open_calls.iter().filter(|(_, calls)| **calls == 0).map(|(name, _)| *name).collect();
    while let Some(end) = ends.pop() {
        open_calls.remove(end);
        for caller in callers.get(end).into_iter().flatten() {
            if let Some(calls) = open_calls.get_mut(caller) {
                *calls -= 1;
                if *calls == 0 {
                    ends.push(caller);
                }
            }
        }
    }
    // The least name, so that the message is the same each time.
    match open_calls.keys().min() {
        Some(name) => Err(GraphError::RecursiveFunction { name: (*name).to_owned() }),
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
