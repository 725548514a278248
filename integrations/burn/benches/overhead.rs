//! The time that logging every batch adds to a burn training: the digits, with burn's own file logger
//! alone and with this crate's logger in addition, by turns.
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

const ROUNDS: usize = 20;
const EPOCHS: usize = 5;

/// Measures the time that a logger takes for batches, and at the end of epochs, where it waits until
/// everything is written.
struct Timed<L> {
    logger: L,
    times: Arc<[AtomicU64; 2]>,
}

impl<L> Timed<L> {
    fn time<T>(&mut self, which: usize, call: impl FnOnce(&mut L) -> T) -> T {
        let begun = Instant::now();
        let result = call(&mut self.logger);
        let taken = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.times[which].fetch_add(taken, Ordering::Relaxed);
        result
    }
}

impl<L: MetricLogger> MetricLogger for Timed<L> {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        self.time(0, |logger| logger.log(update, epoch, split));
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        self.time(0, |logger| logger.read_numeric(name, epoch, split))
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.time(0, |logger| logger.log_metric_definition(definition));
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.time(1, |logger| logger.log_epoch_summary(summary));
    }
}

/// Returns the time of a training, and the times of the logger for batches and at the end of epochs.
fn train(ours: bool) -> [Duration; 3] {
    let artifacts = tempfile::tempdir().expect("a temporary directory");
    let times: Arc<[AtomicU64; 2]> = Arc::default();
    let (train, valid) = data::load();
    let training = SupervisedTraining::new(&artifacts, data::loader(train), data::loader(valid))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_metric_logger(FileMetricLogger::new(&artifacts))
        .num_epochs(EPOCHS);
    let training = if ours {
        let writer = tfevents::SummaryWriter::new(artifacts.path()).expect("a writable directory");
        let logger = BurnLogger::new(&writer);
        training.with_metric_logger(Timed { logger, times: times.clone() })
    } else {
        training
    };
    let model = Model::new(&Device::flex().autodiff());
    let begun = Instant::now();
    training.launch(Learner::new(model, AdamConfig::new().init(), 1e-3));
    let whole = begun.elapsed();
    let [batches, epochs] =
        [0, 1].map(|which| Duration::from_nanos(times[which].load(Ordering::Relaxed)));
    [whole, batches, epochs]
}

/// Returns the minimum: other load only adds to the times.
fn min_secs(times: Vec<Duration>) -> f64 {
    times.into_iter().min().unwrap_or_default().as_secs_f64()
}

fn main() {
    let (mut without, mut with) = (Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
    train(true);
    for _ in 0..ROUNDS {
        without.push(train(false)[0]);
        for (times, time) in with.iter_mut().zip(train(true)) {
            times.push(time);
        }
    }
    let (without, [with, batches, epochs]) = (min_secs(without), with.map(min_secs));
    println!("{EPOCHS} epochs, the minimum of {ROUNDS} rounds each");
    println!("without {without:.3} s, with {with:.3} s: {:+.2} %", 100.0 * (with / without - 1.0));
    println!("of that, on burn's own thread:");
    println!("batches {:.3} ms, {:.3} %", 1e3 * batches, 100.0 * batches / with);
    println!("ends of epochs {:.3} ms, {:.3} %", 1e3 * epochs, 100.0 * epochs / with);
}
