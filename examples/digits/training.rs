//! The network with the state of its training, as the model that callbacks see.

use crate::data::{Digits, PIXELS};
use crate::network::{Evaluation, Network};
use crate::optimizer::{AdamW, CosineDecay};
use crate::random::Random;
use tfevents::Graph;
use tfevents::callbacks::{BoxError, Model, Snapshot, Visit};
use tfevents::summary::GraphError;
use tracing::info_span;

pub struct Training {
    pub network: Network,
    /// The predictions for the validation images in the last epoch.
    pub predictions: Vec<u8>,
    optimizer: AdamW,
    schedule: CosineDecay,
    steps: usize,
}

impl Training {
    pub fn new(random: &mut Random, rate: f32, steps: usize) -> Self {
        let network = Network::new(random);
        Self {
            optimizer: AdamW::new(&network),
            schedule: CosineDecay { initial: rate, steps },
            network,
            predictions: Vec::new(),
            steps: 0,
        }
    }

    /// Learns from a batch; returns the evaluation before that.
    pub fn step(&mut self, batch: &Digits) -> Evaluation {
        let activations = info_span!("forward").in_scope(|| self.network.forward(&batch.images));
        info_span!("backward").in_scope(|| self.network.backward(&activations, &batch.labels));
        let rate = self.schedule.rate(self.steps);
        info_span!("update", rate).in_scope(|| self.optimizer.update(&mut self.network, rate));
        self.steps += 1;
        activations.evaluate(&batch.labels)
    }

    pub fn validate(&mut self, digits: &Digits) -> Evaluation {
        let result = self.network.evaluate(digits);
        self.predictions.clone_from(&result.predictions);
        result
    }
}

impl Model for Training {
    fn weights(&self, visit: &mut Visit<'_>) {
        for parameter in self.network.parameters() {
            visit(&format!("digits/{}", parameter.name), &parameter.shape, &parameter.values);
        }
    }

    fn gradients(&self, visit: &mut Visit<'_>) {
        for parameter in self.network.parameters() {
            visit(&format!("digits/{}", parameter.name), &parameter.shape, &parameter.gradient);
        }
    }

    fn graph(&self) -> Option<Graph> {
        graph(&self.network).ok()
    }

    fn learning_rate(&self) -> Option<f64> {
        Some(self.schedule.rate(self.steps).into())
    }

    fn iterations(&self) -> Option<u64> {
        Some(self.steps as u64)
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let values: Vec<Vec<f32>> = self.network.parameters().map(|p| p.values.clone()).collect();
        Some(Snapshot::new(values))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        let values: &Vec<Vec<f32>> = snapshot.get().ok_or("a snapshot of another model")?;
        for (parameter, values) in self.network.parameters_mut().zip(values) {
            parameter.values.clone_from(values);
        }
        Ok(())
    }
}

/// The network's operations, a box for each layer.
fn graph(network: &Network) -> Result<Graph, GraphError> {
    let mut graph = Graph::builder();
    graph.node("images", "Placeholder").shape(&[None, Some(PIXELS)]);
    graph.node("labels", "Placeholder").shape(&[None]);
    let mut input = "images".to_owned();
    for (index, layer) in network.layers.iter().enumerate() {
        let name = &layer.name;
        let (inputs, outputs) = (Some(layer.inputs()), Some(layer.outputs()));
        let last = index + 1 == network.layers.len();
        let activation = if last { "Softmax" } else { "Relu" };
        graph.scope(name, |graph| {
            let at = |node: &str| format!("{name}/{node}");
            let batch = [None, outputs];
            graph.node("kernel", "VariableV2").shape(&[inputs, outputs]);
            graph.node("bias", "VariableV2").shape(&[outputs]);
            graph.node("MatMul", "MatMul").inputs([input.clone(), at("kernel")]).shape(&batch);
            graph.node("BiasAdd", "BiasAdd").inputs([at("MatMul"), at("bias")]).shape(&batch);
            graph.node(activation, activation).inputs([at("BiasAdd")]).shape(&batch);
            input = at(activation);
        });
    }
    graph
        .node("loss/CrossEntropy", "CrossEntropy")
        .inputs([input.as_str(), "labels"])
        .shape(&[None]);
    graph.node("loss/Mean", "Mean").inputs(["loss/CrossEntropy"]).shape(&[]);
    graph.node("predictions", "ArgMax").inputs([input]).shape(&[None]);
    graph.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_graph_holds_together() {
        graph(&Network::new(&mut Random::new(0))).unwrap();
    }
}
