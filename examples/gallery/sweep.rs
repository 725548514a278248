//! Hyperparameters: nine trainings of the digits, three learning rates with three batch sizes.

use crate::data::Digits;
use crate::fill::STEPS;
use crate::random::Random;
use crate::training::Training;
use std::error::Error;
use std::path::Path;
use tfevents::SummaryWriter;
use tfevents::summary::{Dataset, Experiment, HParamInfo, HParams, MetricInfo};

const RATES: [f64; 3] = [1e-4, 1e-3, 1e-2];
const BATCHES: [usize; 3] = [16, 64, 256];

/// Its fields are the columns of the dashboard.
#[derive(serde::Serialize)]
struct Config {
    learning_rate: f64,
    batch_size: usize,
}

/// A training of the sweep.
pub struct Trial {
    /// Its directory in that of the sweep.
    pub name: String,
    pub learning_rate: f64,
    pub batch_size: usize,
    /// On digits that it has not trained on, after the last epoch.
    pub accuracy: f32,
}

pub fn log(logdir: &Path, images: usize) -> Result<Vec<Trial>, Box<dyn Error>> {
    let experiment = Experiment::new(
        [
            HParamInfo::choice("learning_rate", RATES)?.display_name("Learning rate"),
            HParamInfo::choice("batch_size", BATCHES.map(|batch| batch as f64))?
                .display_name("Batch size"),
        ],
        [
            MetricInfo::new("validation/accuracy")
                .display_name("Accuracy")
                .dataset(Dataset::Validation),
            MetricInfo::new("validation/loss").display_name("Loss").dataset(Dataset::Validation),
        ],
    )?;
    SummaryWriter::write_experiment(logdir, &experiment.description("Which step is too large?"))?;

    let (train, validation) = Digits::load()?.split(&mut Random::new(0));
    let mut trials = Vec::new();
    for learning_rate in RATES {
        for batch_size in BATCHES {
            let name = format!("rate {learning_rate}, batch {batch_size}");
            let writer = SummaryWriter::new(logdir.join(&name))?;
            let config = Config { learning_rate, batch_size };
            writer.add_hparams(&HParams::from_config(&config)?);

            let mut random = Random::new(0);
            let mut order: Vec<usize> = (0..images.min(train.len())).collect();
            let steps = STEPS as usize * order.len().div_ceil(batch_size);
            let mut training = Training::new(&mut random, learning_rate as f32, steps);
            let mut accuracy = 0.0;
            for epoch in 0..STEPS {
                random.shuffle(&mut order);
                for batch in order.chunks(batch_size) {
                    training.step(&train.select(batch));
                }
                let result = training.network.evaluate(&validation);
                writer.add_scalar("validation/loss", result.loss, epoch);
                writer.add_scalar("validation/accuracy", result.accuracy, epoch);
                accuracy = result.accuracy;
            }
            writer.close()?; // which says that the training succeeded
            trials.push(Trial { name, learning_rate, batch_size, accuracy });
        }
    }
    Ok(trials)
}
