//! The conversion of an ONNX model: from named values to nodes with inputs.

use super::attributes::{self, ValueType};
use super::names::Names;
use super::source::{Source, Stop};
use super::{MAX_GRAPH, OnnxError};
use crate::summary::graphs::builder::argument;
use crate::summary::{Graph, GraphBuilder};
use crate::wire::messages::{FunctionDef, NodeDef, OpDef, attr_value};
use crate::wire::onnx::{FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto};
use prost::Message;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

impl Graph {
    /// Creates the graph of an ONNX model. Needs the feature `onnx`.
    ///
    /// Inputs, outputs and operations become nodes, with attributes, and with shapes if the model
    /// has them; sizes that are not fixed are `?` in the page. Initializers become constants, which
    /// the page draws small beside the node that takes them. Subgraphs of `If`, `Loop` and `Scan`
    /// are groups below their node, with a control edge to it from each output; functions of the
    /// model are functions of the graph. Names are kept as far as TensorBoard allows: parts between
    /// slashes are not empty, duplicate names get a number, and a node without a name gets that of
    /// its operation.
    ///
    /// The values of weights are skipped, and files with external data are not read. No ONNX
    /// runtime is needed.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let writer = tfevents::SummaryWriter::new("runs/resnet")?;
    /// let model = std::fs::read("resnet.onnx")?;
    /// writer.add_graph(&tfevents::Graph::from_onnx(&model)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// If the bytes are no whole model, a value does not exist or exists twice, a function calls
    /// itself, or the graph is too large: some hundred thousand fields of nodes and types are
    /// fine, the limit is 64 MiB of graph. Memory stays bounded for any bytes.
    #[doc(alias("add_onnx_graph"))]
    pub fn from_onnx(model: &[u8]) -> Result<Self, OnnxError> {
        let bytes = model.len() as u64;
        // Reading from memory does not fail, so the path is not used.
        decode(io::Cursor::new(model), bytes, Path::new(""))
    }

    /// Creates the graph of an ONNX model from a file. Weights are not read: their size costs
    /// neither memory nor time. Needs the feature `onnx`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let writer = tfevents::SummaryWriter::new("runs/resnet")?;
    /// writer.add_graph(&tfevents::Graph::from_onnx_file("resnet.onnx")?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`OnnxError::Read`] if the file cannot be read, and [`OnnxError::File`] with the path for the errors
    /// of [`from_onnx`](Self::from_onnx).
    #[doc(alias("add_onnx_graph"))]
    pub fn from_onnx_file(path: impl AsRef<Path>) -> Result<Self, OnnxError> {
        let path = path.as_ref();
        let open = || {
            let mut file = File::open(path)?;
            let bytes = file.seek(SeekFrom::End(0))?;
            file.rewind()?;
            Ok((file, bytes))
        };
        let (file, bytes) =
            open().map_err(|source| OnnxError::Read { path: path.to_owned(), source })?;
        decode(file, bytes, path).map_err(|error| match error {
            OnnxError::Read { .. } => error,
            error => OnnxError::File { path: path.to_owned(), source: Box::new(error) },
        })
    }
}

fn decode(reader: impl Read + Seek, bytes: u64, path: &Path) -> Result<Graph, OnnxError> {
    let mut source = Source::new(reader, bytes);
    let model = ModelProto::decode(&mut source);
    match source.stopped() {
        Some(Stop::TooLarge) => return Err(OnnxError::TooLarge),
        Some(Stop::Read(source)) => {
            return Err(OnnxError::Read { path: path.to_owned(), source });
        }
        None => {}
    }
    let model = model.map_err(|error| OnnxError::Decode { source: error.into() })?;
    self::model(&model)
}

fn model(model: &ModelProto) -> Result<Graph, OnnxError> {
    let Some(graph) = &model.graph else { return Err(OnnxError::NoGraph) };
    let mut converter = Converter { functions: function_names(model), bytes_left: MAX_GRAPH };
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

/// Returns unique names: TensorBoard takes every operation of a function's name for a call of it.
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
        // A slash would create a group.
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
    /// How many more bytes the graph may take.
    bytes_left: usize,
}

/// Nodes with unique names: those of the graph, or of a function.
#[derive(Default)]
struct Body {
    nodes: Vec<NodeDef>,
    names: Names,
}

/// The node and the output that a value comes from.
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

/// The values that the nodes of a graph can take: its own, and those of the graph around it.
struct Scope<'a, 'm> {
    outer: Option<&'a Scope<'a, 'm>>,
    values: HashMap<&'m str, Origin>,
}

impl<'m> Scope<'_, 'm> {
    fn find(&self, value: &str) -> Option<&Origin> {
        self.values.get(value).or_else(|| self.outer.and_then(|outer| outer.find(value)))
    }

    fn define(&mut self, value: &'m str, node: &str, output: usize) -> Result<(), OnnxError> {
        // The output is omitted.
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
    /// Adds the nodes of a graph to a group, and returns the names of its output nodes.
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
                scope.define(&input.name, &name, 0)?;
                self.push(body, value_node(name, "Input", ValueType::of(&input.r#type)))?;
            }
        }
        // Named first, nodes keep their names if an initializer has the same.
        let names = self.name_nodes(&graph.node, group, &mut scope, body)?;
        for (value, value_type) in constants {
            let name = body.names.unique(group, value, "constant");
            scope.define(value, &name, 0)?;
            // TensorBoard draws nodes of this operation small.
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
            scope.define(input, &name, 0)?;
            self.charge(name.len())?;
            input_arg.push(argument(name));
        }
        let names = self.name_nodes(&function.node, "", &mut scope, &mut body)?;
        let types = types(function.value_info.iter());
        self.nodes(&function.node, names, &scope, &types, &mut body)?;
        let mut output_arg = Vec::new();
        for output in &function.output {
            // TensorBoard draws the node of an output's name as that output.
            let name = body.names.unique("", output, "output");
            let value_type = types.get(&output[..]).cloned().unwrap_or_default();
            let mut node = value_node(name.clone(), "Output", value_type);
            node.input.push(scope.take(output, &name)?);
            self.push(&mut body, node)?;
            output_arg.push(argument(name));
        }
        let key = (&function.domain[..], &function.name[..], &function.overload[..]);
        // Every function has a name; two of one key have the same, which is refused later.
        let name = self.functions.get(&key).cloned().unwrap_or_default();
        let signature = OpDef { name, input_arg, output_arg };
        Ok(FunctionDef { signature: Some(signature), node_def: body.nodes, ..Default::default() })
    }

    /// Names the nodes, and defines their outputs in the scope.
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
                scope.define(output, &name, index)?;
                self.charge(name.len())?;
            }
            names.push(name);
        }
        Ok(names)
    }

    /// Adds named nodes, and their subgraphs.
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
            // An empty name is an omitted argument.
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
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or(OnnxError::TooLarge)?;
        Ok(())
    }
}

/// Returns the dense and sparse initializers.
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
    attributes::put_types(&[value_type], &mut node);
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
    attributes::put_types(&outputs, message);
}
