//! A whole training, from the data to TensorBoard:
//!
//! ```text
//! cargo run --release --example digits
//! ```
//!
//! trains a small network on real handwritten digits in a few seconds. What is logged is in
//! `log`; the rest needs nothing of this crate: the `data`, the `network` with its gradients, the
//! `optimizer`, and the `plots` drawn on a `canvas`.

// In a program, `pub` is read as "for the other modules".
#![allow(unreachable_pub)]

mod canvas;
mod data;
mod log;
mod network;
mod optimizer;
mod options;
mod plots;
mod progress;
mod random;

use data::Digits;
use log::Log;
use network::Network;
use optimizer::{AdamW, CosineDecay, WEIGHT_DECAY};
use options::{Options, USAGE};
use progress::Progress;
use random::Random;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const BATCH: usize = 32;
const LEARNING_RATE: f32 = 2e-3;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n--help tells what there is");
            return ExitCode::from(2);
        }
    };
    match train(&options) {
        Ok(result) => {
            let percent = 100.0 * result.accuracy;
            println!("accuracy on {} images it never trained on: {percent:.2} %", result.unseen);
            println!("\ntensorboard --logdir {}", result.logdir.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Trained {
    /// On images that it never trained on.
    accuracy: f32,
    /// How many those are.
    unseen: usize,
    logdir: PathBuf,
}

fn train(options: &Options) -> Result<Trained, Box<dyn Error>> {
    let mut random = Random::new(options.seed);
    let (train, validation) = Digits::load()?.split(&mut random);
    let mut network = Network::new(&mut random);
    let mut optimizer = AdamW::new(&network);
    let batches = train.len().div_ceil(BATCH);
    let schedule = CosineDecay { initial: LEARNING_RATE, steps: options.epochs * batches };

    let log = Log::create(options.logdir.as_deref())?;
    log.settings(&[
        ("seed", options.seed.to_string()),
        ("epochs", options.epochs.to_string()),
        ("batch size", BATCH.to_string()),
        ("learning rate", format!("{LEARNING_RATE}, falling to 0 along a cosine")),
        ("optimizer", format!("AdamW, weight decay {WEIGHT_DECAY}")),
        ("training images", train.len().to_string()),
        ("validation images", validation.len().to_string()),
    ]);
    log.graph(&network)?;

    let progress = Progress::new(options.epochs, batches);
    let mut order: Vec<usize> = (0..train.len()).collect();
    let mut step = 0;
    let mut accuracy = 0.0;
    for epoch in 0..options.epochs {
        random.shuffle(&mut order);
        let mut rate = 0.0;
        for indices in order.chunks(BATCH) {
            let batch = train.select(indices);
            rate = schedule.rate(step);

            let activations = network.forward(&batch.images);
            network.backward(&activations, &batch.labels);
            optimizer.update(&mut network, rate);

            log.batch(step, activations.loss(&batch.labels));
            progress.batch();
            step += 1;
        }

        let seen = network.evaluate(&train);
        let unseen = network.evaluate(&validation);
        log.epoch(epoch, rate, &seen, &unseen);
        log.weights(epoch, &network);
        log.pictures(epoch, &validation, &unseen.predictions)?;
        progress.epoch(epoch, unseen.loss, unseen.accuracy);
        accuracy = unseen.accuracy;
    }
    progress.finish();

    let logdir = log.logdir().to_owned();
    log.close()?;
    Ok(Trained { accuracy, unseen: validation.len(), logdir })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_digits_are_recognized_with_every_seed() {
        for seed in 0..3 {
            let logdir = tempfile::tempdir().unwrap();
            let options = Options { logdir: Some(logdir.path().into()), epochs: 5, seed };
            let Trained { accuracy, unseen, .. } = train(&options).unwrap();
            assert_eq!(unseen, 360);
            assert!(accuracy >= 0.95, "seed {seed}: {accuracy}");
        }
    }
}
