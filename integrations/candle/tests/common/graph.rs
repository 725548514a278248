//! Graphs as text.

#![allow(unreachable_pub)]

use prost::Message;
use std::collections::HashMap;
use tfevents::Graph;

/// The part of TensorBoard's messages that the tests read.
#[derive(Clone, PartialEq, Message)]
struct GraphDef {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeDef>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeDef {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    op: String,
    #[prost(string, repeated, tag = "3")]
    input: Vec<String>,
    #[prost(map = "string, message", tag = "5")]
    attr: HashMap<String, Attribute>,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(message, optional, tag = "1")]
    list: Option<List>,
    #[prost(bytes = "vec", tag = "2")]
    text: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct List {
    #[prost(message, repeated, tag = "7")]
    shape: Vec<Shape>,
}

#[derive(Clone, PartialEq, Message)]
struct Shape {
    #[prost(message, repeated, tag = "2")]
    dim: Vec<Dim>,
}

#[derive(Clone, PartialEq, Message)]
struct Dim {
    #[prost(int64, tag = "1")]
    size: i64,
}

/// Returns a line for each node: name, kind, inputs, type and shapes.
pub fn lines(graph: &Graph) -> Vec<String> {
    let graph = GraphDef::decode(&*graph.to_bytes()).unwrap();
    let line = |node: NodeDef| {
        let dtype = node.attr.get("dtype").map_or(&[][..], |dtype| &dtype.text);
        let shapes = node.attr.get("_output_shapes").and_then(|shapes| shapes.list.clone());
        let sizes = |shape: &Shape| shape.dim.iter().map(|dim| dim.size).collect::<Vec<_>>();
        let shapes: Vec<_> = shapes
            .unwrap_or_default()
            .shape
            .iter()
            .map(|shape| format!("{:?}", sizes(shape)))
            .collect();
        let (from, dtype) = (node.input.join(" "), String::from_utf8_lossy(dtype));
        format!("{} = {}({from}) {dtype} {}", node.name, node.op, shapes.join(" "))
            .trim_end()
            .to_owned()
    };
    graph.node.into_iter().map(line).collect()
}
