use std::time::Duration;

use tensorboard_tests::{Board, Message, show};
use tfevents::summary::{GraphCosts, KerasModel};
use tfevents::{Graph, WallTime};

use crate::writer;

/// Name, operation and inputs of each node.
type Nodes = Vec<(String, String, Vec<String>)>;

fn nodes(graph: &Message, field: &str) -> Nodes {
    let texts = |node: &Message, name| node.plains(name).map(str::to_owned).collect();
    graph
        .all(field)
        .map(|node| {
            (node.plain("name").to_owned(), node.plain("op").to_owned(), texts(node, "input"))
        })
        .collect()
}

fn expected(nodes: &[(&str, &str, &[&str])]) -> Nodes {
    nodes
        .iter()
        .map(|(name, op, inputs)| {
            let inputs = inputs.iter().map(|input| (*input).to_owned()).collect();
            ((*name).to_owned(), (*op).to_owned(), inputs)
        })
        .collect()
}

/// The attribute of a node: the value's message.
fn attribute(graph: &Message, node: &str, key: &str) -> Message {
    let node = graph.all("node").find(|served| served.plain("name") == node).expect("a node");
    node.all("attr").find(|attr| attr.plain("key") == key).expect("an attribute").one("value")
}

/// The sizes of a node's outputs.
fn shapes(graph: &Message, node: &str) -> Vec<Vec<i64>> {
    let list = attribute(graph, node, "_output_shapes").one("list");
    list.all("shape")
        .map(|shape| {
            shape.all("dim").map(|dim| dim.plain("size").parse().expect("a size")).collect()
        })
        .collect()
}

/// Returns what the page offers for a run.
fn offered(board: &Board, run: &str) -> serde_json::Value {
    board.json("plugin/graphs/info", &[])[run].clone()
}

#[test]
fn run_graph() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut graph = Graph::builder();
    graph.node("input", "Placeholder").shape(&[None, Some(64)]).dtype::<f32>();
    graph.scope("dense", |graph| {
        graph.node("kernel", "Variable").shape(&[Some(64), Some(10)]).device("/gpu:0");
        graph.node("MatMul", "MatMul").inputs(["input", "dense/kernel"]).attribute("fused", true);
    });
    graph.node("init", "NoOp");
    graph
        .node("output", "Softmax")
        .control_input("init")
        .inputs(["dense/MatMul"])
        .attribute("axis", -1)
        .attribute("rate", 0.5)
        .attribute("text", "é \"quoted\"")
        .attribute("long", "x".repeat(2000));
    writer.child_run("model").unwrap().add_graph(&graph.build().unwrap());
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let graph = board.graph("model");
        assert_eq!(
            nodes(&graph, "node"),
            expected(&[
                ("input", "Placeholder", &[]),
                ("dense/kernel", "Variable", &[]),
                ("dense/MatMul", "MatMul", &["input", "dense/kernel"]),
                ("init", "NoOp", &[]),
                ("output", "Softmax", &["dense/MatMul", "^init"]),
            ])
        );
        assert_eq!(shapes(&graph, "input"), [[-1, 64]]);
        assert_eq!(shapes(&graph, "dense/kernel"), [[64, 10]]);
        assert_eq!(attribute(&graph, "input", "dtype").plain("type"), "DT_FLOAT");
        assert_eq!(attribute(&graph, "dense/MatMul", "fused").plain("b"), "true");
        assert_eq!(attribute(&graph, "output", "axis").plain("i"), "-1");
        assert_eq!(attribute(&graph, "output", "rate").plain("f"), "0.5");
        assert_eq!(attribute(&graph, "output", "text").plain("s"), "é \"quoted\"");
        let kernel = graph.all("node").nth(1).unwrap();
        assert_eq!(kernel.plain("device"), "/gpu:0");
        assert_eq!(offered(board, "model")["run_graph"], true);
        assert!(board.active_dashboards().contains("graphs"));

        // As the page asks: what is too long is left out.
        let query =
            [("run", "model"), ("limit_attr_size", "1024"), ("large_attrs_key", "_too_large")];
        let limited = board.graph_by(&query);
        let left_out = attribute(&limited, "output", "_too_large").one("list");
        assert_eq!(left_out.plains("s").collect::<Vec<_>>(), ["long"]);
    });
}

#[test]
fn functions() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut graph = Graph::builder();
    graph.function("Residual", |function| {
        function.input("x");
        function.node("relu", "Relu").inputs(["x"]);
        function.node("add", "Add").inputs(["x", "relu"]);
        function.output("y", "add");
    });
    graph.node("image", "Placeholder");
    graph.node("block1", "Residual").inputs(["image"]);
    graph.node("block2", "Residual").inputs(["block1"]);
    writer.add_graph(&graph.build().unwrap());
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let graph = board.graph(".");
        let calls = nodes(&graph, "node");
        assert_eq!(calls[1..].iter().filter(|call| call.1 == "Residual").count(), 2);
        let function = graph.one("library").one("function");
        let signature = function.one("signature");
        assert_eq!(signature.plain("name"), "Residual");
        assert_eq!(signature.one("input_arg").plain("name"), "x");
        assert_eq!(signature.one("output_arg").plain("name"), "y");
        assert_eq!(
            nodes(&function, "node_def"),
            expected(&[
                ("relu", "Relu", &["x"]),
                ("add", "Add", &["x", "relu"]),
                ("y", "Output", &["add"]),
            ])
        );
    });
}

#[test]
fn costs() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut graph = Graph::builder();
    graph.node("input", "Placeholder");
    graph.node("dense/relu", "Relu").inputs(["input"]);
    let graph = graph.build().unwrap();

    let mut costs = GraphCosts::at(WallTime::try_from_secs_f64(1.75e9).unwrap());
    costs.node("input", Duration::ZERO, Duration::from_micros(3));
    costs
        .node("dense/relu", Duration::from_micros(10), Duration::from_nanos(40_500))
        .memory(4096)
        .device("/gpu:0");
    writer.add_graph(&graph);
    writer.add_graph_costs("step 10", &costs, 10);
    writer.add("traced", &graph.with_costs(&costs).unwrap(), 10);
    writer.add("drawn", &graph, 10);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        for tag in ["step 10", "traced"] {
            let query = [("run", "."), ("tag", tag)];
            let answer = board
                .wait_until("the costs", || board.try_get("plugin/graphs/run_metadata", &query));
            let costs = Message::parse(&String::from_utf8(answer.1).unwrap());
            let devices: Vec<_> = costs.one("step_stats").all("dev_stats").cloned().collect();
            let [cpu, gpu] = &devices[..] else { panic!("{devices:?}") };
            assert_eq!(
                (cpu.plain("device"), gpu.plain("device")),
                ("/device:CPU:0", "/device:gpu:0")
            );
            let input = cpu.one("node_stats");
            assert_eq!(input.plain("node_name"), "input");
            assert_eq!(input.plain("all_start_micros"), "1750000000000000");
            assert_eq!(input.plain("all_end_rel_micros"), "3");
            assert_eq!(input.all("memory").count(), 0);
            let relu = gpu.one("node_stats");
            assert_eq!(relu.plain("node_name"), "dense/relu");
            assert_eq!(relu.plain("all_start_micros"), "1750000000000010");
            assert_eq!(relu.plain("all_end_rel_micros"), "41");
            assert_eq!(relu.plain("all_end_rel_nanos"), "40500");
            assert_eq!(relu.one("memory").plain("total_bytes"), "4096");
        }
        for tag in ["traced", "drawn"] {
            let tagged = board.graph_by(&[("run", "."), ("tag", tag)]);
            assert_eq!(nodes(&tagged, "node"), nodes(&board.graph("."), "node"));
        }
        let tags = offered(board, ".")["tags"].clone();
        let of = |tag: &str| {
            ["op_graph", "profile", "conceptual_graph"].map(|what| tags[tag][what] == true)
        };
        assert_eq!(of("step 10"), [false, true, false]);
        assert_eq!(of("traced"), [true, true, false]);
        assert_eq!(of("drawn"), [true, false, false]);
    });
}

#[test]
fn conceptual_graphs() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut mlp = KerasModel::sequential("mlp");
    mlp.layer("hidden", "Dense").dtype::<f32>();
    mlp.layer("relu", "ReLU");
    mlp.layer("out \"é\"", "Dense");
    let mut net = KerasModel::functional("net");
    net.layer("left", "InputLayer").dtype::<u8>();
    net.layer("right", "InputLayer");
    net.layer("tower/dense", "Dense").inputs(["right"]);
    net.layer("sum", "Add").inputs(["left", "tower/dense"]);
    writer.add("mlp", &mlp.build().unwrap(), 0);
    writer.add("net", &net.build().unwrap(), 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let conceptual =
            |tag| board.graph_by(&[("run", "."), ("tag", tag), ("conceptual", "true")]);
        let mlp = conceptual("mlp");
        assert_eq!(
            nodes(&mlp, "node"),
            expected(&[
                ("mlp/hidden", "", &[]),
                ("mlp/relu", "", &["mlp/hidden"]),
                ("mlp/out \"é\"", "", &["mlp/relu"]),
            ])
        );
        assert_eq!(attribute(&mlp, "mlp/relu", "keras_class").plain("s"), "ReLU");
        assert_eq!(attribute(&mlp, "mlp/hidden", "dtype").plain("type"), "DT_FLOAT");
        let net = conceptual("net");
        assert_eq!(
            nodes(&net, "node"),
            expected(&[
                ("net/left", "", &[]),
                ("net/right", "", &[]),
                ("net/tower/dense", "", &["net/right"]),
                ("net/sum", "", &["net/left", "net/tower/dense"]),
            ])
        );
        assert_eq!(attribute(&net, "net/left", "dtype").plain("type"), "DT_UINT8");
        assert_eq!(offered(board, ".")["tags"]["net"]["conceptual_graph"], true);
    });
}

/// Each committed model is a run; what the crate itself makes of them has its own tests.
#[test]
fn onnx_models() {
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/onnx");
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut written = Vec::new();
    for entry in std::fs::read_dir(models).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "onnx") {
            let graph = Graph::from_onnx_file(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            writer.child_run(&name).unwrap().add_graph(&graph);
            written.push((name, graph.node_count()));
        }
    }
    writer.close().unwrap();
    assert_eq!(written.len(), 7);

    show(logdir.path(), |board| {
        for (run, count) in &written {
            assert_eq!(board.graph(run).all("node").count(), *count, "{run}");
        }
        let torch = board.graph("torch_script");
        assert_eq!(shapes(&torch, "image"), [[-1, 1, 8, 8]]);
        assert_eq!(attribute(&torch, "image", "dtype").plain("type"), "DT_FLOAT");
        assert_eq!(attribute(&torch, "conv.weight", "dtype").plain("type"), "DT_FLOAT");
        assert_eq!(shapes(&torch, "conv.weight"), [[2, 1, 3, 3]]);
        let convolution: Nodes =
            nodes(&torch, "node").into_iter().filter(|node| node.1 == "Conv").collect();
        assert_eq!(
            convolution,
            expected(&[("conv/Conv", "Conv", &["image", "conv.weight", "conv.bias"])])
        );
        let pads = attribute(&torch, "conv/Conv", "pads").one("list");
        assert_eq!(pads.plains("i").collect::<Vec<_>>(), ["1", "1", "1", "1"]);

        let flow = nodes(&board.graph("helper_control_flow"), "node");
        let found = |name: &str| flow.iter().find(|node| node.0 == name).cloned().unwrap();
        assert_eq!(
            found("repeat/loop").2,
            ["count", "x", "^repeat/loop/body/keep_out", "^repeat/loop/body/state_out"]
        );
        assert_eq!(found("repeat/loop/body/choose/then_branch/add").2, ["x", "offset"]);
        assert_eq!(found("repeat").2, ["repeat/loop"]);
        assert_eq!(found("Relu").2, ["repeat"]);

        let library = board.graph("onnxscript_functions").one("library");
        let names: Vec<_> = library
            .all("function")
            .map(|function| function.one("signature").plain("name").to_owned())
            .collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&"Swish".to_owned()) && names.contains(&"Gate".to_owned()));
    });
}
