//! A small training with burn: points above and below a line.

#![allow(dead_code, unreachable_pub)] // no test uses all of it

#[path = "../../../candle/tests/common/mod.rs"]
mod files;

pub use files::*;

use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::module::{Module, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor};
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ClassificationOutput, InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub type Point = ([f32; 2], i32);

#[derive(Clone, Debug)]
pub struct Batch {
    pub points: Tensor<2>,
    pub classes: Tensor<1, Int>,
}

#[derive(Clone)]
struct Points;

impl Batcher<Point, Batch> for Points {
    fn batch(&self, items: Vec<Point>, device: &Device) -> Batch {
        let points = items.iter().map(|(point, _)| Tensor::<1>::from_floats(*point, device));
        let classes: Vec<i32> = items.iter().map(|(_, class)| *class).collect();
        Batch {
            points: Tensor::stack(points.collect(), 0),
            classes: Tensor::from_ints(classes.as_slice(), device),
        }
    }
}

/// Returns points in batches of four.
pub fn loader(points: usize) -> Arc<dyn DataLoader<Batch>> {
    let item = |at: usize| {
        let (x, y) = ((at as f32 * 0.7).sin(), (at as f32 * 1.3).cos());
        ([x, y], i32::from(x + y > 0.2))
    };
    let dataset = InMemDataset::new((0..points).map(item).collect());
    DataLoaderBuilder::new(Points).batch_size(4).build(dataset)
}

#[derive(Module, Debug)]
pub struct Net {
    pub layers: Vec<Linear>,
    /// The number of batches after which the training step panics.
    #[module(skip)]
    pub batches_left: Option<Arc<AtomicUsize>>,
}

impl Net {
    /// Creates a net with fixed weights.
    pub fn new() -> Self {
        let device = Device::flex().autodiff();
        let mut first = LinearConfig::new(2, 3).init(&device);
        let mut second = LinearConfig::new(3, 2).with_bias(false).init(&device);
        let weight = Tensor::from_floats([[0.5, -0.25, 0.75], [0.1, 0.9, -0.6]], &device);
        first.weight = Param::from_tensor(weight);
        first.bias = Some(Param::from_tensor(Tensor::from_floats([0.1, 0.0, -0.1], &device)));
        let weight = Tensor::from_floats([[0.3, -0.2], [0.7, 0.4], [-0.5, 0.6]], &device);
        second.weight = Param::from_tensor(weight);
        Self { layers: vec![first, second], batches_left: None }
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layers.iter().fold(x, |x, layer| layer.forward(x))
    }

    fn classify(&self, batch: Batch) -> ClassificationOutput {
        let output = self.forward(batch.points);
        let loss = CrossEntropyLossConfig::new().init(&output.device());
        let loss = loss.forward(output.clone(), batch.classes.clone());
        ClassificationOutput::new(loss, output, batch.classes)
    }
}

impl TrainStep for Net {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> TrainOutput<ClassificationOutput> {
        if let Some(left) = &self.batches_left {
            let left = left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
            assert!(left.is_ok(), "in the training step");
        }
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Net {
    type Input = Batch;
    type Output = ClassificationOutput;

    fn step(&self, batch: Batch) -> ClassificationOutput {
        self.classify(batch)
    }
}

pub fn optimizer() -> ModuleOptimizer {
    SgdConfig::new().init()
}

/// Returns a training on 12 points in 3 batches, with `validation` further points.
pub fn training<M>(artifacts: &Path, validation: usize) -> SupervisedTraining<M>
where
    M: burn::train::LearnerModel
        + TrainStep<Input = Batch, Output = ClassificationOutput>
        + InferenceStep<Input = Batch, Output = ClassificationOutput>,
{
    SupervisedTraining::new(artifacts, loader(12), loader(validation))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .num_epochs(2)
}

pub fn learner<M: burn::train::LearnerModel>(model: M, rate: f64) -> Learner<M> {
    Learner::new(model, optimizer(), rate)
}
