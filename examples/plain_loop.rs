//! A training loop that calls the hooks of callbacks by hand, one line each:
//!
//! ```text
//! cargo run --release --example plain_loop
//! ```
//!
//! fits a line to points. See the `digits` example for a real training.

use std::error::Error;
use std::path::PathBuf;
use tfevents::callbacks::{
    BoxError, CallbackList, CsvLogger, EarlyStopping, Model, RunningMeans, Snapshot, TensorBoard,
    UpdateFreq, Visit,
};
use tfevents::summary::ScalarEncoding;

/// `y = slope * x + offset`
struct Line {
    weights: [f32; 2],
    rate: f32,
}

impl Line {
    /// Learns from a point; returns the loss before.
    fn step(&mut self, x: f32, y: f32) -> f32 {
        let error = self.weights[0] * x + self.weights[1] - y;
        self.weights[0] -= self.rate * error * x;
        self.weights[1] -= self.rate * error;
        error * error
    }

    fn loss(&self, x: f32, y: f32) -> f32 {
        (self.weights[0] * x + self.weights[1] - y).powi(2)
    }
}

/// For callbacks: weights for histograms, the learning rate, and snapshots for the best weights.
impl Model for Line {
    fn weights(&self, visit: &mut Visit<'_>) {
        visit("line/slope", &[1], &self.weights[..1]);
        visit("line/offset", &[1], &self.weights[1..]);
    }
    fn learning_rate(&self) -> Option<f64> {
        Some(self.rate.into())
    }
    fn snapshot(&self) -> Option<Snapshot> {
        Some(Snapshot::new(self.weights))
    }
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        self.weights = *snapshot.get().ok_or("a snapshot of another model")?;
        Ok(())
    }
}

/// Points near `y = 2x - 1`.
fn points(from: usize, to: usize) -> impl Iterator<Item = (f32, f32)> {
    (from..to).map(|i| {
        let x = (i as f32 * 0.7).sin();
        (x, 2.0 * x - 1.0 + 0.05 * (i as f32 * 3.1).cos())
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = match &std::env::args().collect::<Vec<_>>()[..] {
        [_] => PathBuf::from("logs/plain_loop"),
        [_, flag, logdir] if flag == "--logdir" => PathBuf::from(logdir),
        _ => return Err("usage: plain_loop [--logdir DIR]".into()),
    };
    // Keras's encoding is the default; more tools read simple values.
    let board = TensorBoard::builder(&logdir)
        .scalar_encoding(ScalarEncoding::Simple)
        .histogram_freq(1)
        .update_freq(UpdateFreq::batches(10)?)
        .build()?;
    let mut callbacks = CallbackList::new()
        .with_callback(board)
        .with_callback(EarlyStopping::new("val_loss").patience(3).restore_best_weights(true))
        .with_callback(CsvLogger::create(logdir.join("history.csv"))?);

    let mut model = Line { weights: [0.0, 0.0], rate: 0.02 };
    let (mut train, mut validation) = (RunningMeans::new(), RunningMeans::new());
    callbacks.with_model(&mut model).on_train_begin()?;
    for epoch in 0..50 {
        train.reset();
        callbacks.on_epoch_begin(epoch)?;
        for (batch, (x, y)) in points(0, 100).enumerate() {
            callbacks.on_train_batch_begin(batch)?;
            train.add("loss", model.step(x, y), 1.0);
            callbacks.on_train_batch_end(batch, train.iter())?;
        }
        validation.reset();
        callbacks.on_test_begin()?;
        for (batch, (x, y)) in points(100, 120).enumerate() {
            callbacks.on_test_batch_begin(batch)?;
            validation.add("loss", model.loss(x, y), 1.0);
            callbacks.on_test_batch_end(batch, validation.iter())?;
        }
        callbacks.on_test_end(validation.iter())?;
        let loss = |means: &RunningMeans| means.get("loss").unwrap_or_default();
        let logs = [("loss", loss(&train)), ("val_loss", loss(&validation))];
        callbacks.with_model(&mut model).on_epoch_end(epoch, logs)?;
        if callbacks.should_stop() {
            break;
        }
    }
    callbacks.with_model(&mut model).on_train_end()?;

    if let Some(stopping) = callbacks.get::<EarlyStopping>() {
        let (best, epoch) = (stopping.best(), stopping.stopped_epoch());
        println!("best validation loss {best:?}, stopped at epoch {epoch:?}");
    }
    println!("y = {:.3} x {:+.3}", model.weights[0], model.weights[1]);
    println!("\ntensorboard --logdir {}", logdir.display());
    Ok(())
}
