use tensorboard_tests::show;
use tfevents::Graph;

use crate::writer;

#[test]
fn nodes() {
    let nodes: [(&str, &str, &[&str]); 4] = [
        ("input", "Placeholder", &[]),
        ("dense/kernel", "Variable", &[]),
        ("dense/MatMul", "MatMul", &["input", "dense/kernel"]),
        ("output", "Softmax", &["dense/MatMul"]),
    ];
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut graph = Graph::builder();
    for (name, op, inputs) in nodes {
        graph.node(name, op).inputs(inputs.iter().copied());
    }
    writer.run("model").unwrap().add_graph(&graph.build().unwrap());
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let graph = board.graph("model");
        let served: Vec<_> = graph
            .all("node")
            .map(|node| {
                (node.plain("name"), node.plain("op"), node.plains("input").collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(served, nodes.map(|(name, op, inputs)| (name, op, inputs.to_vec())));
        assert!(board.active_dashboards().contains("graphs"));
    });
}
