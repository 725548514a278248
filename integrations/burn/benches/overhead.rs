//! What logging every batch costs a training with burn: the digits, with burn's own file logger
//! alone and with ours beside it, in turn.
//!
//! ```text
//! cargo bench -p tfevents-burn --bench overhead
//! ```

#![allow(unreachable_pub, dead_code)]

#[path = "../examples/burn_digits/data.rs"]
mod data;
#[path = "../examples/mnist/model.rs"]
mod model;

use burn::optim::AdamConfig;
use burn::tensor::Device;
use burn::train::logger::{FileMetricLogger, MetricLogger};
use burn::train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn::train::metric::{AccuracyMetric, LossMetric, MetricDefinition, NumericEntry};
use burn::train::{Learner, SupervisedTraining};
use model::Model;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tfevents_burn::BurnLogger;

const ROUNDS: usize = 5;
const EPOCHS: usize = 5;

/// Adds up the time that a logger takes.
struct Timed<L>(L, Arc<AtomicU64>);

impl<L> Timed<L> {
    fn time<T>(&mut self, call: impl FnOnce(&mut L) -> T) -> T {
        let begun = Instant::now();
        let result = call(&mut self.0);
        let taken = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.1.fetch_add(taken, Ordering::Relaxed);
        result
    }
}

impl<L: MetricLogger> MetricLogger for Timed<L> {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        self.time(|logger| logger.log(update, epoch, split));
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        self.time(|logger| logger.read_numeric(name, epoch, split))
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.time(|logger| logger.log_metric_definition(definition));
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.time(|logger| logger.log_epoch_summary(summary));
    }
}

/// How long a training takes, and how much of it the logger.
fn train(ours: bool) -> (Duration, Duration) {
    let artifacts = tempfile::tempdir().expect("a temporary directory");
    let taken = Arc::new(AtomicU64::new(0));
    let (train, valid) = data::load();
    let training = SupervisedTraining::new(&artifacts, data::loader(train), data::loader(valid))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_metric_logger(FileMetricLogger::new(&artifacts))
        .num_epochs(EPOCHS);
    let training = if ours {
        let writer = tfevents::SummaryWriter::new(artifacts.path()).expect("a writable directory");
        training.with_metric_logger(Timed(BurnLogger::new(&writer), taken.clone()))
    } else {
        training
    };
    let model = Model::new(&Device::flex().autodiff());
    let begun = Instant::now();
    training.launch(Learner::new(model, AdamConfig::new().init(), 1e-3));
    (begun.elapsed(), Duration::from_nanos(taken.load(Ordering::Relaxed)))
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn main() {
    let (mut without, mut with, mut logger) = (Vec::new(), Vec::new(), Vec::new());
    train(true);
    for _ in 0..ROUNDS {
        without.push(train(false).0);
        let (whole, taken) = train(true);
        with.push(whole);
        logger.push(taken);
    }
    let (without, with, logger) = (median(without), median(with), median(logger));
    println!("{EPOCHS} epochs, medians of {ROUNDS} rounds");
    println!(
        "without: {without:.3} s, with: {with:.3} s: {:+.2} %",
        100.0 * (with / without - 1.0)
    );
    println!(
        "in the logger, on burn's own thread: {:.3} ms, {:.3} %",
        1e3 * logger,
        100.0 * logger / with
    );
}
