//! Everything that goes to TensorBoard.
//!
//! Training and validation are two runs with the same tags, so that TensorBoard draws the one
//! over the other. No call that logs something can fail; [`Log::close`] tells if a disk did.

use crate::canvas::Canvas;
use crate::data::{Digits, PIXELS};
use crate::network::{Evaluation, Network};
use crate::plots;
use std::error::Error;
use std::path::Path;
use tfevents::{Graph, Image, SummaryWriter};

pub struct Log {
    writer: SummaryWriter,
    train: SummaryWriter,
    validation: SummaryWriter,
}

impl Log {
    /// Logs into `logdir`, or else into a new folder below `logs`.
    pub fn create(logdir: Option<&Path>) -> Result<Self, tfevents::Error> {
        let writer = match logdir {
            Some(logdir) => SummaryWriter::new(logdir)?,
            None => SummaryWriter::timestamped("logs")?,
        };
        let train = writer.run("train")?;
        let validation = writer.run("validation")?;
        Ok(Self { writer, train, validation })
    }

    pub fn logdir(&self) -> &Path {
        self.writer.path()
    }

    /// Text: what the training is about, as a table.
    pub fn settings(&self, settings: &[(&str, String)]) {
        let mut table = String::from("| setting | value |\n|---|---|\n");
        for (name, value) in settings {
            table += &format!("| {name} | {value} |\n");
        }
        self.train.add_text("settings", &table, 0);
    }

    /// Graph: the network's operations, a box for each layer.
    pub fn graph(&self, network: &Network) -> Result<(), Box<dyn Error>> {
        self.train.add_graph(&graph(network)?);
        Ok(())
    }

    /// After each batch: a scalar.
    pub fn batch(&self, step: usize, loss: f32) {
        self.train.add_scalar("batch_loss", loss, step);
    }

    /// After each epoch: scalars for both runs.
    pub fn epoch(&self, epoch: usize, rate: f32, train: &Evaluation, validation: &Evaluation) {
        self.train.add_scalar("epoch_learning_rate", rate, epoch);
        for (run, evaluation) in [(&self.train, train), (&self.validation, validation)] {
            run.add_scalar("epoch_loss", evaluation.loss, epoch);
            run.add_scalar("epoch_accuracy", evaluation.accuracy, epoch);
        }
    }

    /// Histograms: how the weights are spread, and the gradients of the last batch.
    pub fn weights(&self, epoch: usize, network: &Network) {
        for parameter in network.parameters() {
            let name = &parameter.name;
            self.train.add_histogram(name, &parameter.values, epoch);
            self.train.add_histogram(&format!("{name}/gradient"), &parameter.gradient, epoch);
        }
    }

    /// Images: the digits it gets wrong, and which it takes for which.
    pub fn pictures(
        &self,
        epoch: usize,
        digits: &Digits,
        predictions: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        let mistakes = plots::mistakes(digits, predictions);
        let matrix = plots::confusion_matrix(&digits.labels, predictions);
        self.validation.add_image("mistakes", &image(&mistakes)?, epoch);
        self.validation.add_image("confusion_matrix", &image(&matrix)?, epoch);
        Ok(())
    }

    /// Writes what is left.
    pub fn close(self) -> Result<(), tfevents::Error> {
        self.writer.close()
    }
}

fn image(canvas: &Canvas) -> Result<Image, Box<dyn Error>> {
    Ok(Image::rgb8(canvas.width, canvas.height, &canvas.pixels)?)
}

fn graph(network: &Network) -> Result<Graph, Box<dyn Error>> {
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
    Ok(graph.build()?)
}
