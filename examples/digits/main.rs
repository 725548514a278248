//! A whole training, from the data to TensorBoard:
//!
//! ```text
//! cargo run --release --example digits
//! ```
//!
//! trains a small network on real handwritten digits in a few seconds. A [`TrainingLoop`] runs it, and
//! callbacks log: those of the crate, and one in `log`. `training` implements the model that callbacks see;
//! `profiling` is for `--profile`. The rest does not use this crate: the `data`, the `network` with its gradients,
//! the `optimizer`, and the `plots` drawn on a `canvas`.

// In a program, `pub` is read as "for the other modules".
#![allow(unreachable_pub)]

mod canvas;
mod data;
mod log;
mod network;
mod optimizer;
mod options;
mod plots;
mod profiling;
mod progress;
mod random;
mod training;

use data::Digits;
use log::Pictures;
use optimizer::WEIGHT_DECAY;
use options::{Options, USAGE};
use progress::Progress;
use random::Random;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use tfevents::SummaryWriter;
use tfevents::callbacks::{CallbackList, EarlyStopping, TensorBoard, TrainingLoop};
use tfevents::summary::ScalarEncoding;
use tracing::info_span;
use training::Training;

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
            eprintln!("error: {error}\n--help lists the options");
            return ExitCode::from(2);
        }
    };
    match train(&options) {
        Ok(result) => {
            let percent = 100.0 * result.accuracy;
            if let Some(epoch) = result.stopped_epoch {
                println!("stopped after epoch {}", epoch + 1);
            }
            println!("accuracy on {} images it never trained on: {percent:.2} %", result.unseen);
            println!("\ntensorboard --logdir {}", result.logdir.display());
            println!("tfevents watch {}", result.logdir.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Trained {
    /// The accuracy on images that it never trained on.
    accuracy: f32,
    /// The number of those images.
    unseen: usize,
    /// The epoch, from 0, after which early stopping ended the training.
    stopped_epoch: Option<usize>,
    logdir: PathBuf,
}

fn train(options: &Options) -> Result<Trained, Box<dyn Error>> {
    let mut random = Random::new(options.seed);
    let (train, validation) = Digits::load()?.split(&mut random);
    let batches = train.len().div_ceil(BATCH);
    let mut training = Training::new(&mut random, LEARNING_RATE, options.epochs * batches);

    let writer = match &options.logdir {
        Some(logdir) => SummaryWriter::new(logdir)?,
        None => SummaryWriter::timestamped("logs")?,
    };
    log::settings(
        &writer.child_run("train")?,
        &[
            ("seed", options.seed.to_string()),
            ("epochs", options.epochs.to_string()),
            ("batch size", BATCH.to_string()),
            ("learning rate", format!("{LEARNING_RATE}, falling to 0 along a cosine")),
            ("optimizer", format!("AdamW, weight decay {WEIGHT_DECAY}")),
            ("training images", train.len().to_string()),
            ("validation images", validation.len().to_string()),
        ],
    );
    // Keras's encoding is the default; more tools read simple values.
    let mut board = TensorBoard::builder(&writer)
        .scalar_encoding(ScalarEncoding::Simple)
        .update_freq(options.update_freq)
        .histogram_freq(options.histogram_freq)
        .write_gradients(options.histogram_freq > 0);
    if let Some(steps) = &options.profile {
        board = board.profile_batch(steps.clone()).profiler(&profiling::profiler()?);
    }
    let board = board.build()?;
    let pictures = Pictures::new(board.validation_writer(), &validation);
    let mut callbacks = CallbackList::new()
        .with_callback(board)
        .with_callback(pictures)
        .with_callback(Progress::default());
    if let Some(patience) = options.early_stopping {
        let stopping = EarlyStopping::new("val_loss").patience(patience);
        callbacks.push(stopping.restore_best_weights(true));
    }

    let mut order: Vec<usize> = (0..train.len()).collect();
    TrainingLoop::new(&mut training)
        .epochs(options.epochs)
        .train(
            |_| {
                random.shuffle(&mut order);
                order.chunks(BATCH).map(<[usize]>::to_vec).collect::<Vec<_>>()
            },
            |training, indices, step| {
                let batch = info_span!("load").in_scope(|| train.select(&indices));
                let result = training.step(&batch);
                step.samples(batch.len());
                step.log("loss", result.loss);
                step.log("accuracy", result.accuracy);
                Ok(())
            },
        )
        .validate(
            |_| [&validation],
            |training, digits, step| {
                let result = training.validate(digits);
                step.samples(digits.len());
                step.log("loss", result.loss);
                step.log("accuracy", result.accuracy);
                Ok(())
            },
        )
        .run(&mut callbacks)?;

    let accuracy = training.network.evaluate(&validation).accuracy;
    let stopped_epoch = callbacks.get::<EarlyStopping>().and_then(EarlyStopping::stopped_epoch);
    let logdir = writer.path().to_owned();
    writer.close()?;
    Ok(Trained { accuracy, unseen: validation.len(), stopped_epoch, logdir })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfevents::read::Run;

    #[test]
    fn unseen_digits_are_recognized_with_every_seed() {
        for seed in 0..3 {
            let logdir = tempfile::tempdir().unwrap();
            let options = Options {
                logdir: Some(logdir.path().into()),
                epochs: 5,
                seed,
                ..Options::default()
            };
            let Trained { accuracy, unseen, .. } = train(&options).unwrap();
            assert_eq!(unseen, 360);
            let run = Run::open(logdir.path().join("train")).unwrap();
            let mut values = run.events().flat_map(|event| event.unwrap().values().to_vec());
            let loss = values.find(|value| value.tag() == "epoch_loss").unwrap();
            assert!(loss.scalar().is_some() && loss.tensor().is_none(), "{loss:?}");
            assert!(accuracy >= 0.95, "seed {seed}: {accuracy}");
        }
    }
    #[test]
    fn a_training_that_gets_no_better_stops() {
        let logdir = tempfile::tempdir().unwrap();
        let options = Options {
            logdir: Some(logdir.path().into()),
            epochs: 40,
            early_stopping: Some(1),
            histogram_freq: 0,
            ..Options::default()
        };
        let trained = train(&options).unwrap();
        assert!(trained.stopped_epoch.is_some_and(|epoch| epoch < 39));
        assert!(trained.accuracy >= 0.95, "{}", trained.accuracy);
    }
}
