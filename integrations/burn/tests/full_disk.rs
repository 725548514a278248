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

/// The variable with the log directory of the child process.
const DIRECTORY: &str = "TFEVENTS_BURN_FULL_DISK";

/// A logger that fills the disk at the end of the second epoch.
struct Fill;

impl MetricLogger for Fill {
    fn log(&mut self, _: MetricsUpdate, _: usize, _: &Split) {}

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        Err("no values".into())
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if summary.epoch_number == 2 && summary.split == Split::Valid {
            fill_the_disk();
        }
    }
}

#[test]
fn a_training_survives_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let output = run_with_full_disk("training_with_full_disk", (DIRECTORY, dir.path()));
    assert!(output.contains("all 5 epochs are done"), "{output}");

    let run = dir.path().join("train");
    let found = scalars(&run);
    let steps = common::steps(&found["Loss"]);
    assert!(steps.starts_with(&[1, 2, 3, 4, 5, 6]) && steps.len() < 15, "{steps:?}");
}

#[test]
#[ignore = "run by the test above, with a signal ignored"]
fn training_with_full_disk() {
    let directory = std::env::var_os(DIRECTORY).expect("set by the test above");
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
    // It returns the error of the full disk at once.
    assert!(writer.close().is_err());
}
