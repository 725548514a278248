use super::*;
use crate::wire::messages::{NodeDef, attr_value};

impl NodeDef {
    pub(super) fn value_of(&self, attribute: &str) -> Option<attr_value::Value> {
        self.attr.iter().find(|entry| entry.key == attribute)?.value.clone()?.value
    }
}

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
    let Some(attr_value::Value::List(list)) = x.value_of("_output_shapes") else { panic!("{x:?}") };
    let sizes = |at: usize| list.shape[at].dim.iter().map(|dim| dim.size).collect::<Vec<_>>();
    assert_eq!((sizes(0), sizes(1)), (vec![-1, 3], vec![]));
}

#[test]
fn invalid_graphs_are_refused() {
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
        "unknown input of graph node \"a\": \"b:0\" (expected the full name of a node)"
    );
    assert!(matches!(error(&[("a:x", &["^b"])]), GraphError::UnknownInput { .. }));
}

/// The page looks names up in objects of JavaScript, where every object has these.
#[test]
fn names_that_break_the_page_are_changed_wherever_they_are() {
    let mut graph = Graph::builder();
    graph.function("valueOf", |function| {
        function.input("constructor");
        function.node("toString", "Relu").inputs(["constructor"]);
        function.output("__proto__", "toString:1");
    });
    graph.node("constructor", "toString");
    graph.node("constructor_", "valueOf").inputs(["constructor", "constructor:1"]);
    graph.node("constructor/x", "Op").control_input("constructor_");
    graph.node("constructors", "Op");
    let graph = graph.build().unwrap();
    let nodes: Vec<_> = (graph.message.node.iter())
        .map(|node| (&*node.name, &*node.op, node.input.join(" ")))
        .collect();
    let input = "constructor_ constructor_:1".to_owned();
    assert_eq!(
        nodes,
        [
            ("constructor_", "toString_", String::new()),
            ("constructor__", "valueOf_", input),
            ("constructor_/x", "Op", "^constructor__".into()),
            ("constructors", "Op", String::new()),
        ]
    );
    let function = &graph.message.library.as_ref().unwrap().function[0];
    let signature = function.signature.as_ref().unwrap();
    assert_eq!((&*signature.name, &*signature.input_arg[0].name), ("valueOf_", "constructor_"));
    assert_eq!(signature.output_arg[0].name, "__proto___");
    assert_eq!((&*function.ret[0].key, &*function.ret[0].value), ("__proto___", "toString_:1"));
    assert_eq!(function.node_def[0].input, ["constructor_"]);
    assert_eq!(function.node_def[1].name, "__proto___");
    let mut costs = GraphCosts::new();
    costs.node("constructor/x", std::time::Duration::ZERO, std::time::Duration::ZERO);
    assert!(graph.with_costs(&costs).is_ok());
}

#[test]
fn attributes_keep_their_types() {
    use attr_value::Value;
    let mut graph = Graph::builder();
    graph
        .node("a", "Op")
        .attribute("text", "é")
        .attribute("rate", 0.25)
        .attribute("rate", 0.5)
        .attribute("count", u64::MAX)
        .attribute("on", true)
        .dtype::<i64>();
    let bytes = graph.build().unwrap().to_bytes();
    let message = GraphDef::decode(&bytes[..]).unwrap();
    let names: Vec<_> = message.node[0].attr.iter().map(|entry| &entry.key[..]).collect();
    assert_eq!(names, ["count", "dtype", "on", "rate", "text"]);
    let value = |name: &str| message.node[0].value_of(name).unwrap();
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

#[test]
fn functions_become_a_library() {
    let mut graph = Graph::builder();
    graph.function("Twice", |function| {
        function.input("x");
        function.node("sum", "Add").control_input("x").inputs(["x", "x"]);
        function.output("y", "sum");
    });
    graph.node("x", "Placeholder");
    graph.node("four", "Twice").inputs(["x"]);
    let graph = graph.build().unwrap();
    assert_eq!(graph.node_count(), 2);
    let library = graph.message.library.unwrap();
    let [function] = &library.function[..] else { panic!("{library:?}") };
    let signature = function.signature.as_ref().unwrap();
    assert_eq!(signature.name, "Twice");
    assert_eq!((&*signature.input_arg[0].name, &*signature.output_arg[0].name), ("x", "y"));
    assert_eq!((&*function.ret[0].key, &*function.ret[0].value), ("y", "sum"));
    let nodes: Vec<_> = (function.node_def.iter())
        .map(|node| (&*node.name, &*node.op, node.input.join(" ")))
        .collect();
    assert_eq!(nodes, [("sum", "Add", "x x ^x".to_owned()), ("y", "Output", "sum".into())]);
}

#[test]
fn invalid_functions_are_refused() {
    let error = |functions: &[(&str, &str)]| {
        let mut graph = Graph::builder();
        for (name, op) in functions {
            graph.function(name, |function| {
                function.node("call", op);
            });
        }
        graph.build().unwrap_err()
    };
    for name in ["", "a/b", "a:0", "^a"] {
        assert!(matches!(error(&[(name, "Op")]), GraphError::FunctionName { .. }));
    }
    assert!(matches!(error(&[("f", "Op"), ("f", "Op")]), GraphError::DuplicateFunction { .. }));
    assert!(matches!(error(&[("f", "f")]), GraphError::RecursiveFunction { .. }));
    let circle = error(&[("f", "g"), ("g", "h"), ("h", "g"), ("k", "Op")]);
    assert_eq!(circle, GraphError::RecursiveFunction { name: "f".into() });

    let mut graph = Graph::builder();
    graph.function("f", |function| {
        function.input("x").output("y", "z");
    });
    let error = graph.build().unwrap_err();
    assert_eq!(error.to_string(), "invalid graph function \"f\"");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with("unknown input of graph node \"y\": \"z\""), "{source}");
    let mut graph = Graph::builder();
    graph.function("f", |function| {
        function.input("x").output("x", "x");
    });
    let source = match graph.build().unwrap_err() {
        GraphError::InFunction { source, .. } => *source,
        error => panic!("{error}"),
    };
    assert_eq!(source, GraphError::DuplicateName { name: "x".into() });
}

#[test]
fn costs_are_sorted_by_device_and_never_zero() {
    use std::time::Duration;
    let mut costs = GraphCosts::at(crate::summary::WallTime::try_from_secs_f64(1.5).unwrap());
    costs.node("a", Duration::from_micros(7), Duration::from_nanos(1500)).memory(64);
    costs.node("b", Duration::ZERO, Duration::ZERO).device("/gpu:0");
    costs.node("c", Duration::ZERO, Duration::MAX).memory(u64::MAX);
    let message = RunMetadata::decode(&costs.to_bytes()[..]).unwrap();
    let devices = message.step_stats.unwrap().dev_stats;
    let names: Vec<_> = devices.iter().map(|device| &*device.device).collect();
    assert_eq!(names, ["/device:CPU:0", "/device:gpu:0"]);
    let [a, c] = &devices[0].node_stats[..] else { panic!("{devices:?}") };
    assert_eq!((a.all_start_micros, a.all_end_rel_micros), (1_500_007, 2));
    assert_eq!((a.all_end_rel_nanos, a.memory[0].total_bytes), (1500, 64));
    assert_eq!((c.all_end_rel_micros > 0, c.memory[0].total_bytes), (true, i64::MAX));
    assert_eq!(devices[1].node_stats[0].all_end_rel_micros, 1);
}

#[test]
fn costs_of_an_unknown_node_are_refused() {
    use std::time::Duration;
    let mut graph = Graph::builder();
    graph.node("a", "Op");
    let graph = graph.build().unwrap();
    let mut costs = GraphCosts::new();
    costs.node("a", Duration::ZERO, Duration::ZERO);
    assert!(graph.with_costs(&costs).is_ok());
    costs.node("b", Duration::ZERO, Duration::ZERO);
    assert_eq!(graph.with_costs(&costs).unwrap_err(), GraphError::UnknownNode { node: "b".into() });
}

#[test]
fn devices_are_named_as_the_page_wants_them() {
    use std::time::Duration;
    let named = |device: &str| {
        let mut costs = GraphCosts::new();
        costs.node("a", Duration::ZERO, Duration::ZERO).device(device);
        let message = RunMetadata::decode(&costs.to_bytes()[..]).unwrap();
        message.step_stats.unwrap().dev_stats[0].device.clone()
    };
    for kept in ["/device:GPU:12", "/job:worker/replica:0/task:1/device:TPU:0"] {
        assert_eq!(named(kept), kept);
    }
    assert_eq!(named("/gpu:1"), "/device:gpu:1");
    assert_eq!(named("metal"), "/device:metal:0");
    assert_eq!(named("/device:CUDA"), "/device:CUDA:0");
    assert_eq!(named("vulkan:discrete:2"), "/device:vulkan_discrete:2");
    assert_eq!(named(""), "/device:CPU:0");
}
