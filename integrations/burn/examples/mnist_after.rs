//! The training of `mnist_before`, with logging for TensorBoard: one line and its import.

#![allow(unreachable_pub, dead_code)]

#[path = "burn_digits/data.rs"]
mod data;
#[path = "mnist/model.rs"]
mod model;

use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::Device;
use burn::train::metric::store::{Aggregate, Direction, Split};
use burn::train::metric::{AccuracyMetric, LearningRateMetric, LossMetric};
use burn::train::{Learner, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining};
use model::Model;
use std::path::PathBuf;
use tfevents_burn::BurnLogger;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let artifacts = match &arguments[1..] {
        [] => PathBuf::from("logs/mnist"),
        [flag, directory] if flag == "--logdir" => PathBuf::from(directory),
        _ => panic!("the only option is --logdir DIRECTORY"),
    };
    let device = Device::flex().autodiff();
    let (train, valid) = data::load();

    let training = SupervisedTraining::new(&artifacts, data::loader(train), data::loader(valid))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .metric_train_numeric(LearningRateMetric::new())
        .with_metric_logger(BurnLogger::in_artifacts(&artifacts))
        .with_default_checkpointers()
        .early_stopping(MetricEarlyStoppingStrategy::new(
            &LossMetric::new(),
            Aggregate::Mean,
            Direction::Lowest,
            Split::Valid,
            StoppingCondition::NoImprovementSince { n_epochs: 2 },
        ))
        .num_epochs(10)
        .summary();
    let learner = Learner::new(Model::new(&device), AdamConfig::new().init(), 1e-3);
    let result = training.launch(learner);

    result.model.save_file(artifacts.join("model")).expect("the trained model can be saved");
}
