//! Graphs: the digits network's operations with their costs, the same from ONNX, a network
//! drawn as Keras would draw it, and one with a function that is called twice.

use crate::network::Network;
use crate::random::Random;
use crate::training::Training;
use std::error::Error;
use std::time::Duration;
use tfevents::callbacks::Model;
use tfevents::summary::{GraphCosts, GraphError, KerasModel, KerasModelError};
use tfevents::{Graph, SummaryWriter};

const ONNX: &[u8] = include_bytes!("../data/digits.onnx");
const BATCH: usize = 32;

/// Returns the costs of a step on a machine with a billion multiplications a second: a nanosecond for
/// each product, and four bytes for each output.
fn costs(network: &Network) -> GraphCosts {
    let mut costs = GraphCosts::new();
    let mut start = Duration::ZERO;
    for layer in &network.layers {
        let results = BATCH * layer.outputs();
        let took = Duration::from_nanos((results * layer.inputs()) as u64);
        let name = format!("{}/MatMul", layer.name);
        costs.node(&name, start, took).memory(4 * results as u64);
        start += took;
    }
    costs
}

/// A block of a residual network; its names make groups.
fn residual() -> Result<KerasModel, KerasModelError> {
    let mut model = KerasModel::functional("residual");
    model.layer("image", "InputLayer").dtype::<f32>();
    model.layer("stem", "Conv2D").inputs(["image"]);
    let mut input = "stem".to_owned();
    for block in ["block_1", "block_2", "block_3"] {
        let name = |layer: &str| format!("{block}/{layer}");
        model.layer(&name("conv_1"), "Conv2D").inputs([input.as_str()]);
        model.layer(&name("norm"), "BatchNormalization").inputs([name("conv_1")]);
        model.layer(&name("relu"), "ReLU").inputs([name("norm")]);
        model.layer(&name("conv_2"), "Conv2D").inputs([name("relu")]);
        model.layer(&name("sum"), "Add").inputs([input, name("conv_2")]);
        input = name("sum");
    }
    model.layer("pool", "GlobalAveragePooling2D").inputs([input]);
    model.layer("classes", "Dense").inputs(["pool"]);
    model.build()
}

/// An encoder that two inputs share.
fn siamese() -> Result<Graph, GraphError> {
    let mut graph = Graph::builder();
    graph.function("encoder", |encoder| {
        encoder.input("image");
        encoder.node("conv", "Conv2D").inputs(["image"]).shape(&[None, Some(32)]);
        encoder.node("relu", "Relu").inputs(["conv"]).shape(&[None, Some(32)]);
        encoder.output("code", "relu");
    });
    for side in ["left", "right"] {
        graph.node(side, "Placeholder").shape(&[None, Some(64)]).device("/cpu:0");
        let call = graph.node(&format!("encode_{side}"), "encoder").inputs([side]);
        call.shape(&[None, Some(32)]).device("/gpu:0");
    }
    graph.node("distance", "SquaredDifference").inputs(["encode_left", "encode_right"]);
    graph.build()
}

pub fn log(writer: &SummaryWriter) -> Result<(), Box<dyn Error>> {
    let training = Training::new(&mut Random::new(0), 1e-3, 1);
    let digits = writer.child_run("digits")?;
    digits.add_graph(&training.graph().ok_or("the network has no graph")?);
    digits.add_graph_costs("a step", &costs(&training.network), 0);
    writer.child_run("onnx")?.add_graph(&Graph::from_onnx(ONNX)?);
    writer.child_run("keras")?.add("keras", &residual()?, 0);
    writer.child_run("functions")?.add_graph(&siamese()?);
    Ok(())
}
