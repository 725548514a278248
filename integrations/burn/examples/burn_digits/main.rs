//! A complete training with burn, from the data to TensorBoard:
//!
//! ```text
//! cargo run --release -p tfevents-burn --example burn_digits
//! ```
//!
//! trains a small network on handwritten digits in a few seconds, by burn's own loop. With
//! `--features capture` the graph contains the operations instead of the layers alone. `mnist_after` is
//! the shortest example.

// In a program, `pub` means visible to its other modules.
#![allow(unreachable_pub)]

mod data;

use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::AdamWConfig;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};
use burn::train::metric::store::{Aggregate, Direction, Split};
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ClassificationOutput, InferenceStep, Learner, MetricEarlyStoppingStrategy, StoppingCondition,
    SupervisedTraining, TrainOutput, TrainStep,
};
use data::{CLASSES, DigitBatcher, Digits, PIXELS, SIDE};
use lexopt::prelude::*;
use std::error::Error;
use std::path::PathBuf;
use tfevents::SummaryWriter;
use tfevents_burn::{BurnLogger, BurnWriter, LogAs, Watch, tap};

const EPOCHS: usize = 40;
const HIDDEN: usize = 64;
const LEARNING_RATE: f64 = 2e-3;

/// The accuracy below which the example fails.
const MIN_ACCURACY: f32 = 0.95;

#[derive(Module, Debug)]
struct Net {
    hidden: Linear,
    output: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(PIXELS, HIDDEN).init(device),
            output: LinearConfig::new(HIDDEN, CLASSES).init(device),
        }
    }

    fn forward(&self, images: Tensor<2>) -> Tensor<2> {
        let x = tap("hidden", relu(self.hidden.forward(images)));
        self.output.forward(x)
    }

    fn classify(&self, digits: Digits) -> ClassificationOutput {
        let output = self.forward(digits.images);
        let loss = CrossEntropyLossConfig::new().init(&output.device());
        let loss = loss.forward(output.clone(), digits.labels.clone());
        ClassificationOutput::new(loss, output, digits.labels)
    }

    /// Returns the weights of the first units as images.
    fn filters(&self) -> Tensor<4> {
        let weight = self.hidden.weight.val().transpose().narrow(0, 0, 10);
        let max = weight.clone().abs().max().reshape([1, 1]);
        (weight / (max * 2.0) + 0.5).reshape([10, 1, SIDE, SIDE])
    }
}

impl TrainStep for Net {
    type Input = Digits;
    type Output = ClassificationOutput;

    fn step(&self, digits: Digits) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(digits);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Net {
    type Input = Digits;
    type Output = ClassificationOutput;

    fn step(&self, digits: Digits) -> ClassificationOutput {
        self.classify(digits)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut logdir = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("logdir") => logdir = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let writer = match logdir {
        Some(logdir) => SummaryWriter::new(logdir)?,
        None => SummaryWriter::timestamped("logs")?,
    };
    let artifacts = writer.path().join("artifacts");

    let (train, validation) = data::load();
    let device = Device::flex();
    let unseen = DigitBatcher.batch(validation.clone(), &device);
    let digits = unseen.images.clone().narrow(0, 0, 10).reshape([10, 1, SIDE, SIDE]);
    let run = writer.child_run("train")?;
    run.add_tensor("digits", &digits, LogAs::Image, 0);

    let model = Net::new(&device.autodiff());
    #[cfg(feature = "capture")]
    let graph = tfevents_burn::trace_graph(&model, unseen.images.clone(), Net::forward)?;
    #[cfg(not(feature = "capture"))]
    let graph = tfevents_burn::graph(&model)?;
    run.add_graph(&graph);
    let probe = unseen.images.clone();
    let watch = Watch::new(&writer).weights().gradients().log_every(45); // an epoch's batches
    let model = watch.model(model).probe(move |net| drop(net.forward(probe.clone())));

    let stopping = MetricEarlyStoppingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        Direction::Lowest,
        Split::Valid,
        StoppingCondition::NoImprovementSince { n_epochs: 5 },
    );
    let training =
        SupervisedTraining::new(&artifacts, data::loader(train), data::loader(validation))
            .metrics((AccuracyMetric::new(), LossMetric::new()))
            .with_metric_logger(BurnLogger::new(&writer).keep_files(&artifacts))
            .early_stopping(stopping)
            .num_epochs(EPOCHS)
            .summary();
    let result = training.launch(Learner::new(model, AdamWConfig::new().init(), LEARNING_RATE));

    let model = result.model.into_model();
    run.add_tensor("hidden/filters", &model.filters(), LogAs::Image, 0);
    let right: Tensor<1, Int> =
        model.forward(unseen.images).argmax(1).flatten(0, 1).equal(unseen.labels.clone()).int();
    let accuracy: f32 = right.float().mean().into_scalar();
    let count = unseen.labels.dims()[0];
    println!("accuracy on {count} images it never trained on: {:.2} %", 100.0 * accuracy);
    println!("\ntensorboard --logdir {}", writer.path().display());
    println!("tfevents watch {}", writer.path().display());
    writer.close()?;
    if accuracy < MIN_ACCURACY {
        return Err(format!("less than {:.0} %", 100.0 * MIN_ACCURACY).into());
    }
    Ok(())
}
