use super::OnnxError;
use crate::summary::{Graph, GraphError};
use crate::wire::messages::{DataType, GraphDef, NodeDef, attr_value};
use crate::wire::onnx::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto,
    attribute_proto::Type,
};
use proptest::prelude::*;
use prost::Message;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

/// A model of tests/data/onnx.
fn committed(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/onnx/{name}.onnx", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn expected() -> serde_json::Map<String, Value> {
    let path = format!("{}/tests/data/onnx/models.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn list(attribute: Option<attr_value::Value>) -> attr_value::ListValue {
    match attribute {
        Some(attr_value::Value::List(list)) => list,
        Some(attr_value::Value::Type(data_type)) => {
            attr_value::ListValue { r#type: vec![data_type], ..Default::default() }
        }
        _ => attr_value::ListValue::default(),
    }
}

/// Describes a graph as make.py describes the model.
fn describe(nodes: &[NodeDef], inputs: &[&str]) -> Value {
    let op_of: HashMap<&str, &str> = (nodes.iter().map(|node| (&node.name[..], &node.op[..])))
        .chain(inputs.iter().map(|input| (*input, "input")))
        .collect();
    let (mut ops, mut edges, mut types) = (Vec::new(), Vec::new(), Vec::new());
    for node in nodes {
        ops.push(node.op.clone());
        for input in node.input.iter().filter(|input| !input.starts_with('^')) {
            let (from, output) = match op_of.contains_key(&input[..]) {
                true => (&input[..], "0"),
                false => input.rsplit_once(':').unwrap(),
            };
            edges.push(format!("{}:{output} -> {}", op_of[from], node.op));
        }
        let data_types = list(node.value_of("dtype")).r#type;
        let shapes = list(node.value_of("_output_shapes")).shape;
        for (data_type, shape) in data_types.iter().zip(shapes) {
            if !shape.unknown_rank {
                let data_type = DataType::try_from(*data_type).unwrap().as_str_name();
                let sizes: Vec<_> = shape.dim.iter().map(|dim| dim.size).collect();
                types.push(format!("{} {} {sizes:?}", node.op, &data_type[3..]));
            }
        }
    }
    for found in [&mut ops, &mut edges, &mut types] {
        found.sort();
    }
    json!({"ops": ops, "edges": edges, "types": types})
}

fn message(graph: &Graph) -> GraphDef {
    GraphDef::decode(&graph.to_bytes()[..]).unwrap()
}

#[test]
fn models_of_several_producers_are_what_the_onnx_package_finds_in_them() {
    let expected = expected();
    assert_eq!(expected.len(), 7);
    for (name, expected) in &expected {
        let graph = message(&Graph::from_onnx(&committed(name)).unwrap());
        let mut found = describe(&graph.node, &[]);
        let mut functions = serde_json::Map::new();
        for function in graph.library.iter().flat_map(|library| &library.function) {
            let signature = function.signature.as_ref().unwrap();
            let inputs: Vec<_> = signature.input_arg.iter().map(|arg| &arg.name[..]).collect();
            functions.insert(signature.name.clone(), describe(&function.node_def, &inputs));
        }
        found["functions"] = functions.into();
        assert_eq!(&found, expected, "{name}");
    }
}

#[test]
fn long_attributes_are_replaced_by_their_size() {
    let graph = Graph::from_onnx(&model_of(vec![
        node(&["x"], &["y"], "Op").with(AttributeProto {
            name: "ints".into(),
            r#type: Type::Ints as i32,
            ints: vec![7; 300],
            ..Default::default()
        }),
        node(&["y"], &["z"], "Op").with(AttributeProto {
            name: "text".into(),
            r#type: Type::String as i32,
            s: vec![b'x'; 2000],
            ..Default::default()
        }),
    ]))
    .unwrap();
    let said = |node: usize, name: &str| message(&graph).node[node].value_of(name);
    assert_eq!(said(1, "ints"), Some(attr_value::Value::S(b"(300 ints)".to_vec())));
    assert_eq!(said(2, "text"), Some(attr_value::Value::S(b"(2000 bytes)".to_vec())));
}

/// Weights of 256 MiB, in a sparse file.
#[test]
fn weights_are_not_read() {
    let mut head = b"\x3a".to_vec(); // ModelProto.graph
    let weights = 256 << 20;
    let mut tensor = b"\x08\x02\x10\x01\x42\x01w\x4a".to_vec(); // dims, type, name, raw_data
    prost::encoding::encode_varint(weights, &mut tensor);
    let mut initializer = b"\x2a".to_vec();
    prost::encoding::encode_varint(tensor.len() as u64 + weights, &mut initializer);
    let node = graph_of(vec![node(&["x", "w"], &["y"], "MatMul")]).encode_to_vec();
    let len = (initializer.len() + tensor.len() + node.len()) as u64 + weights;
    prost::encoding::encode_varint(len, &mut head);
    head.extend([initializer, tensor].concat());

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.onnx");
    let mut file = File::create(&path).unwrap();
    file.write_all(&head).unwrap();
    file.seek(SeekFrom::Current(weights as i64)).unwrap();
    file.write_all(&node).unwrap();
    drop(file);

    let graph = Graph::from_onnx_file(&path).unwrap();
    let names: Vec<_> = message(&graph).node.into_iter().map(|node| node.name).collect();
    assert_eq!(names, ["x", "w", "MatMul", "y"]);

    // The same file, cut in the weights.
    File::options().write(true).open(&path).unwrap().set_len(weights / 2).unwrap();
    let error = Graph::from_onnx_file(&path).unwrap_err();
    let expected = format!("cannot create a graph from {}", path.display());
    assert_eq!(error.to_string(), expected);
    let OnnxError::File { source, .. } = error else { panic!("{error:?}") };
    assert!(matches!(*source, OnnxError::Decode { .. }), "{source:?}");
    let missing = dir.path().join("missing.onnx");
    let error = Graph::from_onnx_file(&missing).unwrap_err();
    assert!(matches!(error, OnnxError::Read { .. }) && error.to_string().contains("missing.onnx"));
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn invalid_models_are_refused() {
    let error = |nodes| Graph::from_onnx(&model_of(nodes)).unwrap_err().to_string();
    assert_eq!(
        error(vec![node(&["nothing"], &["y"], "Relu")]),
        "unknown value of \"Relu\" in the ONNX model: \"nothing\" (expected an input, an \
         initializer or the output of a node)"
    );
    assert_eq!(
        error(vec![node(&["x"], &["y"], "Relu"), node(&["x"], &["y"], "Relu")]),
        "duplicate value in the ONNX model: \"y\" (expected unique names)"
    );
    for empty in [&b""[..], b"\x08\x07"] {
        assert!(matches!(Graph::from_onnx(empty), Err(OnnxError::NoGraph)));
    }
    for other in [&b"not a model at all"[..], b"\x89PNG\r\n\x1a\n", b"\x3a\xff\xff\xff\xff\x0f"] {
        assert!(matches!(Graph::from_onnx(other), Err(OnnxError::Decode { .. })));
    }
    let mut recursive = ModelProto::decode(&committed("onnxscript_functions")[..]).unwrap();
    let call = recursive.functions[0].clone();
    recursive.functions[1].node.push(NodeProto {
        op_type: call.name,
        domain: call.domain,
        ..Default::default()
    });
    let first = &mut recursive.functions[0];
    let itself = NodeProto {
        op_type: first.name.clone(),
        domain: first.domain.clone(),
        ..Default::default()
    };
    first.node.push(itself);
    let error = Graph::from_onnx(&recursive.encode_to_vec()).unwrap_err();
    assert!(matches!(error, OnnxError::Graph(GraphError::RecursiveFunction { .. })), "{error}");
}

/// A function has the name of an operation of ONNX's own, and of a function of another domain.
#[test]
fn functions_and_operations_of_one_name_are_distinct() {
    let function = |domain: &str, op: &str| FunctionProto {
        name: "Relu".into(),
        domain: domain.into(),
        input: vec!["a".into()],
        output: vec!["b".into()],
        node: vec![node(&["a"], &["b"], op)],
        ..Default::default()
    };
    let call = |domain: &str, from: &str, to: &str| NodeProto {
        domain: domain.into(),
        ..node(&[from], &[to], "Relu")
    };
    let graph = graph_of(vec![call("", "x", "p"), call("one", "p", "q"), call("two", "q", "y")]);
    let model = ModelProto {
        graph: Some(graph),
        functions: vec![function("one", "Relu"), function("two", "Abs")],
        ..Default::default()
    };
    let graph = message(&Graph::from_onnx(&model.encode_to_vec()).unwrap());
    let ops: Vec<_> = graph.node[1..4].iter().map(|node| &node.op[..]).collect();
    assert_eq!(ops, ["Relu", "Relu_1", "Relu_2"]);
    let library = graph.library.unwrap().function;
    let inside =
        library.iter().map(|f| (&f.signature.as_ref().unwrap().name[..], &f.node_def[0].op[..]));
    assert_eq!(inside.collect::<Vec<_>>(), [("Relu_1", "Relu"), ("Relu_2", "Abs")]);
}

/// Every prefix, and every byte changed, of real models: an error or a graph, never a panic.
#[test]
fn broken_models_cause_no_panic() {
    for name in expected().keys() {
        let model = committed(name);
        let mut cut = 0;
        for len in 0..model.len() {
            cut += usize::from(Graph::from_onnx(&model[..len]).is_err());
        }
        // Only where a field ends is the cut no error.
        assert!(cut > model.len() - 20, "{name}: {cut} of {}", model.len());
        let mut rng = 1u32;
        let mut changed = model.clone();
        for at in 0..model.len() {
            rng = rng.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            changed[at] ^= (rng >> 24) as u8;
            let _ = Graph::from_onnx(&changed);
            changed[at] = model[at];
        }
    }
}

#[test]
fn hostile_models_are_bounded() {
    // Subgraphs in subgraphs, deeper than prost goes.
    let mut inner = graph_of(vec![]);
    for _ in 0..200 {
        let with_graph = AttributeProto {
            name: "body".into(),
            r#type: Type::Graph as i32,
            g: vec![inner],
            ..Default::default()
        };
        inner = graph_of(vec![node(&[], &[], "Loop").with(with_graph)]);
    }
    let deep = ModelProto { graph: Some(inner), ..Default::default() }.encode_to_vec();
    assert!(matches!(Graph::from_onnx(&deep), Err(OnnxError::Decode { .. })));

    // Very many empty nodes, two bytes each.
    let nodes = b"\x0a\x00".repeat(3 << 20);
    let mut many = b"\x3a".to_vec();
    prost::encoding::encode_varint(nodes.len() as u64, &mut many);
    many.extend(nodes);
    assert!(matches!(Graph::from_onnx(&many), Err(OnnxError::TooLarge)));

    // A long name that each of many nodes takes.
    let long = "x".repeat(500);
    let mut taking = vec![node(&[], &[&long], &long)];
    taking.extend((0..100_000).map(|_| node(&[&long, &long], &[], "Op")));
    assert!(matches!(Graph::from_onnx(&model_of(taking)), Err(OnnxError::TooLarge)));
}

proptest! {
    #[test]
    fn any_bytes_cause_no_panic(bytes: Vec<u8>, field in 0u8..32) {
        let _ = Graph::from_onnx(&bytes);
        // As a graph, and as functions.
        for key in [vec![0x3a], vec![0xca, 0x01]] {
            let mut model = key;
            prost::encoding::encode_varint(bytes.len() as u64 + 2, &mut model);
            model.extend([field << 3 | 2, bytes.len() as u8]);
            model.extend(&bytes);
            let _ = Graph::from_onnx(&model);
        }
    }

    /// Whatever the names are, what comes out is a graph: `build` has checked it.
    #[test]
    fn any_names_are_converted(names in proptest::collection::vec("[/^:0-1ab]{0,5}", 1..8)) {
        let mut values = std::collections::HashSet::from(["x".to_owned(), "y".to_owned()]);
        let mut nodes: Vec<_> = (names.iter())
            .map(|name| {
                let output = if values.insert(name.clone()) { &name[..] } else { "" };
                NodeProto { name: name.clone(), ..node(&["x"], &[output], name) }
            })
            .collect();
        nodes.push(node(&["x"], &["y"], "Op"));
        let graph = Graph::from_onnx(&model_of(nodes)).unwrap();
        prop_assert_eq!(graph.node_count(), names.len() + 3);
    }
}

/// Returns a graph from `x` to `y`, if there are nodes.
fn graph_of(nodes: Vec<NodeProto>) -> GraphProto {
    let value = |name: &str| ValueInfoProto { name: name.to_owned(), ..Default::default() };
    let gives = nodes.iter().any(|node| node.output.iter().any(|output| output == "y"));
    GraphProto {
        node: nodes,
        input: vec![value("x")],
        output: if gives { vec![value("y")] } else { vec![] },
        ..Default::default()
    }
}

fn model_of(nodes: Vec<NodeProto>) -> Vec<u8> {
    ModelProto { graph: Some(graph_of(nodes)), ..Default::default() }.encode_to_vec()
}

fn node(inputs: &[&str], outputs: &[&str], op: &str) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: outputs.iter().map(|&name| name.to_owned()).collect(),
        op_type: op.to_owned(),
        ..Default::default()
    }
}

impl NodeProto {
    fn with(mut self, attribute: AttributeProto) -> Self {
        self.attribute.push(attribute);
        self
    }
}
