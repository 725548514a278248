//! From values with names to nodes with inputs.

use super::names::Names;
use super::types::{self, ValueType};
use super::{MAX_GRAPH, OnnxError, attributes};
use crate::summary::graph::function::argument;
use crate::summary::{Graph, GraphBuilder};
use crate::wire::messages::{FunctionDef, NodeDef, OpDef, attr_value};
use crate::wire::onnx::{FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto};
use prost::Message;
use std::collections::{HashMap, HashSet};

pub(super) fn model(model: &ModelProto) -> Result<Graph, OnnxError> {
    let Some(graph) = &model.graph else { return Err(OnnxError::NoGraph) };
    let mut converter = Converter { functions: function_names(model), room: MAX_GRAPH };
    let mut body = Body::default();
    converter.graph(graph, "", None, &mut body)?;
    let mut functions = Vec::new();
    for function in &model.functions {
        functions.push(converter.function(function)?);
    }
    let mut builder = GraphBuilder::default();
    builder.nodes = body.nodes;
    builder.functions = functions;
    Ok(builder.build()?)
}

/// Domain, name and overload.
type FunctionKey<'m> = (&'m str, &'m str, &'m str);

/// TensorBoard knows a function by one name, and takes every operation of that name for it.
fn function_names(model: &ModelProto) -> HashMap<FunctionKey<'_>, String> {
    let keys: HashSet<FunctionKey<'_>> =
        model.functions.iter().map(|f| (&f.domain[..], &f.name[..], &f.overload[..])).collect();
    let mut names = Names::default();
    if keys.is_empty() {
        return HashMap::new();
    }
    let mut bodies: Vec<&[NodeProto]> = model.functions.iter().map(|f| &f.node[..]).collect();
    bodies.extend(model.graph.iter().map(|graph| &graph.node[..]));
    while let Some(nodes) = bodies.pop() {
        for node in nodes {
            if !keys.contains(&key(node)) {
                names.reserve(&node.op_type);
            }
            let graphs = node.attribute.iter().flat_map(attributes::subgraphs);
            bodies.extend(graphs.map(|(_, graph)| &graph.node[..]));
        }
    }
    let mut unique = HashMap::new();
    for function in &model.functions {
        let key = (&function.domain[..], &function.name[..], &function.overload[..]);
        // A slash would open a group.
        let wanted = function.name.replace('/', "_");
        unique.entry(key).or_insert_with(|| names.unique("", &wanted, "function"));
    }
    unique
}

fn key(node: &NodeProto) -> FunctionKey<'_> {
    (&node.domain, &node.op_type, &node.overload)
}

struct Converter<'m> {
    functions: HashMap<FunctionKey<'m>, String>,
    /// Bytes that the graph may still take.
    room: usize,
}

/// Nodes under names of their own: the graph, or a function.
#[derive(Default)]
struct Body {
    nodes: Vec<NodeDef>,
    names: Names,
}

/// Where a value comes from.
#[derive(Clone)]
struct Origin {
    node: String,
    output: usize,
}

impl Origin {
    fn input(&self) -> String {
        match self.output {
            0 => self.node.clone(),
            output => format!("{}:{output}", self.node),
        }
    }
}

/// The values that a graph's nodes can take: its own, and those of the graph around it.
struct Scope<'a, 'm> {
    outer: Option<&'a Scope<'a, 'm>>,
    values: HashMap<&'m str, Origin>,
}

impl<'m> Scope<'_, 'm> {
    fn find(&self, value: &str) -> Option<&Origin> {
        self.values.get(value).or_else(|| self.outer.and_then(|outer| outer.find(value)))
    }

    fn give(&mut self, value: &'m str, node: &str, output: usize) -> Result<(), OnnxError> {
        // An output that is left out.
        if value.is_empty() {
            return Ok(());
        }
        let origin = Origin { node: node.to_owned(), output };
        match self.values.insert(value, origin) {
            None => Ok(()),
            Some(_) => Err(OnnxError::DuplicateValue { value: value.to_owned() }),
        }
    }

    fn take(&self, value: &str, node: &str) -> Result<String, OnnxError> {
        self.find(value).map(Origin::input).ok_or_else(|| OnnxError::UnknownValue {
            node: node.to_owned(),
            value: value.to_owned(),
        })
    }
}

type Types<'m> = HashMap<&'m str, ValueType>;

fn types<'m>(values: impl Iterator<Item = &'m ValueInfoProto>) -> Types<'m> {
    values.map(|value| (&value.name[..], ValueType::of(&value.r#type))).collect()
}

impl<'m> Converter<'m> {
    /// Adds a graph's nodes below a group; gives the names of its output nodes.
    fn graph(
        &mut self,
        graph: &'m GraphProto,
        group: &str,
        outer: Option<&Scope<'_, 'm>>,
        body: &mut Body,
    ) -> Result<Vec<String>, OnnxError> {
        let mut scope = Scope { outer, values: HashMap::new() };
        let constants = constants(graph);
        let constant_names: HashSet<&str> = constants.iter().map(|(name, _)| *name).collect();
        for input in &graph.input {
            // Old models list their initializers among the inputs.
            if !constant_names.contains(&input.name[..]) {
                let name = body.names.unique(group, &input.name, "input");
                scope.give(&input.name, &name, 0)?;
                self.push(body, value_node(name, "Input", ValueType::of(&input.r#type)))?;
            }
        }
        // Nodes keep their names where an initializer has the same.
        let names = self.name_nodes(&graph.node, group, &mut scope, body)?;
        for (value, value_type) in constants {
            let name = body.names.unique(group, value, "constant");
            scope.give(value, &name, 0)?;
            // The operation by which TensorBoard knows constants, to draw them small.
            self.push(body, value_node(name, "Const", value_type))?;
        }
        let types = types(graph.value_info.iter().chain(&graph.output));
        self.nodes(&graph.node, names, &scope, &types, body)?;
        let mut outputs = Vec::new();
        for output in &graph.output {
            let name = body.names.unique(group, &output.name, "output");
            let mut node = value_node(name.clone(), "Output", ValueType::of(&output.r#type));
            node.input.push(scope.take(&output.name, &name)?);
            self.push(body, node)?;
            outputs.push(name);
        }
        Ok(outputs)
    }

    fn function(&mut self, function: &'m FunctionProto) -> Result<FunctionDef, OnnxError> {
        let mut body = Body::default();
        let mut scope = Scope { outer: None, values: HashMap::new() };
        let mut input_arg = Vec::new();
        for input in &function.input {
            let name = body.names.unique("", input, "input");
            scope.give(input, &name, 0)?;
            self.charge(name.len())?;
            input_arg.push(argument(name));
        }
        let names = self.name_nodes(&function.node, "", &mut scope, &mut body)?;
        let types = types(function.value_info.iter());
        self.nodes(&function.node, names, &scope, &types, &mut body)?;
        let mut output_arg = Vec::new();
        for output in &function.output {
            // TensorBoard takes the node of an output's name for that output.
            let name = body.names.unique("", output, "output");
            let value_type = types.get(&output[..]).cloned().unwrap_or_default();
            let mut node = value_node(name.clone(), "Output", value_type);
            node.input.push(scope.take(output, &name)?);
            self.push(&mut body, node)?;
            output_arg.push(argument(name));
        }
        let key = (&function.domain[..], &function.name[..], &function.overload[..]);
        // There is one for each function; two of one key have one name, which is refused later.
        let name = self.functions.get(&key).cloned().unwrap_or_default();
        let signature = OpDef { name, input_arg, output_arg };
        Ok(FunctionDef { signature: Some(signature), node_def: body.nodes, ..Default::default() })
    }

    /// Names the nodes, and gives their outputs to the scope.
    fn name_nodes(
        &mut self,
        nodes: &'m [NodeProto],
        group: &str,
        scope: &mut Scope<'_, 'm>,
        body: &mut Body,
    ) -> Result<Vec<String>, OnnxError> {
        let mut names = Vec::with_capacity(nodes.len());
        for node in nodes {
            let name = body.names.unique(group, &node.name, &node.op_type);
            for (index, output) in node.output.iter().enumerate() {
                scope.give(output, &name, index)?;
                self.charge(name.len())?;
            }
            names.push(name);
        }
        Ok(names)
    }

    /// Adds nodes that have names, and what lies inside them.
    fn nodes(
        &mut self,
        nodes: &'m [NodeProto],
        names: Vec<String>,
        scope: &Scope<'_, 'm>,
        types: &Types<'m>,
        body: &mut Body,
    ) -> Result<(), OnnxError> {
        for (node, name) in nodes.iter().zip(names) {
            let op = self.functions.get(&key(node)).unwrap_or(&node.op_type).clone();
            let mut message = NodeDef { op, ..Default::default() };
            // An empty name is an argument left out.
            for value in node.input.iter().filter(|value| !value.is_empty()) {
                let input = scope.take(value, &name)?;
                self.charge(input.len())?;
                message.input.push(input);
            }
            put_attributes(node, types, &mut message);
            for attribute in &node.attribute {
                for (group, graph) in attributes::subgraphs(attribute) {
                    let group = body.names.unique(&name, &group, "graph");
                    let outputs = self.graph(graph, &group, Some(scope), body)?;
                    message.input.extend(outputs.iter().map(|output| format!("^{output}")));
                }
            }
            message.name = name;
            self.push(body, message)?;
        }
        Ok(())
    }

    fn push(&mut self, body: &mut Body, node: NodeDef) -> Result<(), OnnxError> {
        self.charge(node.encoded_len())?;
        body.nodes.push(node);
        Ok(())
    }

    fn charge(&mut self, bytes: usize) -> Result<(), OnnxError> {
        self.room = self.room.checked_sub(bytes).ok_or(OnnxError::TooLarge)?;
        Ok(())
    }
}

/// Dense initializers, and sparse ones.
fn constants(graph: &GraphProto) -> Vec<(&str, ValueType)> {
    let dense = graph
        .initializer
        .iter()
        .map(|tensor| (&tensor.name[..], ValueType::of_tensor(tensor.data_type, &tensor.dims)));
    let sparse = graph.sparse_initializer.iter().filter_map(|tensor| {
        let values = tensor.values.as_ref()?;
        Some((&values.name[..], ValueType::of_tensor(values.data_type, &tensor.dims)))
    });
    dense.chain(sparse).collect()
}

fn value_node(name: String, op: &str, value_type: ValueType) -> NodeDef {
    let mut node = NodeDef { name, op: op.to_owned(), ..Default::default() };
    types::put(&[value_type], &mut node);
    node
}

fn put_attributes(node: &NodeProto, types: &Types<'_>, message: &mut NodeDef) {
    for attribute in &node.attribute {
        if let Some(value) = attributes::value(attribute) {
            *message.attribute(&attribute.name) = value;
        }
    }
    if !matches!(&node.domain[..], "" | "ai.onnx") {
        let domain = node.domain.as_bytes().to_vec();
        message.attribute("domain").value = Some(attr_value::Value::S(domain));
    }
    let outputs: Vec<_> = (node.output.iter())
        .map(|output| types.get(&output[..]).cloned().unwrap_or_default())
        .collect();
    types::put(&outputs, message);
}
