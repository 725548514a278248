//! A training whose disk is full before its end.

#![cfg(unix)]

mod common;

use burn::train::SupervisedTraining;
use burn::train::logger::MetricLogger;
use burn::train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn::train::metric::{MetricDefinition, NumericEntry};
use common::{Net, fill_the_disk, learner, run_with_full_disk, scalars, training};
use std::path::Path;
use tfevents::SummaryWriter;
use tfevents_burn::{BurnLogger, Watch, Watched};

/// Says where the child logs.
const DIRECTORY: &str = "TFEVENTS_BURN_FULL_DISK";

/// From the end of the second epoch on, no file of this process grows.
struct Fill;

impl MetricLogger for Fill {
    fn log(&mut self, _: MetricsUpdate, _: usize, _: &Split) {}

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        Err("ask the others".into())
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if summary.epoch_number == 2 && summary.split == Split::Valid {
            fill_the_disk();
        }
    }
}

#[test]
fn a_training_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let said = run_with_full_disk("the_training", (DIRECTORY, dir.path()));
    assert!(said.contains("all 5 epochs are done"), "{said}");

    let run = dir.path().join("train");
    let found = scalars(&run);
    let steps = common::steps(&found["Loss"]);
    assert!(steps.starts_with(&[1, 2, 3, 4, 5, 6]) && steps.len() < 15, "{steps:?}");
}

#[test]
#[ignore = "the other test runs it, with a signal ignored"]
fn the_training() {
    let directory = std::env::var_os(DIRECTORY).expect("the other test says where");
    let directory = Path::new(&directory);
    let writer = SummaryWriter::new(directory).unwrap();
    let model = Watch::new(&writer).weights().gradients().model(Net::new());
    let training: SupervisedTraining<Watched<Net>> = training(directory, 8);
    let training = training
        .num_epochs(5)
        .with_metric_logger(BurnLogger::new(&writer).keep_files(directory))
        .with_metric_logger(Fill);
    let result = training.launch(learner(model, 0.1));
    assert!(result.error.is_none() && result.interrupted.is_none());
    println!("all 5 epochs are done");
    // It says that the disk is full, and waits for nothing.
    assert!(writer.close().is_err());
}
