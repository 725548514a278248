//! Keras's callbacks, with a loop that calls their hooks.
//!
//! ```text
//! cargo run --features callbacks --example callbacks
//! tensorboard --logdir logs/callbacks
//! ```

use std::error::Error;
use tfevents::callbacks::{
    CallbackList, CsvLogger, EarlyStopping, Model, TensorBoard, TrainingLoop,
};

/// `y = weight * x`
struct Line {
    weight: f32,
}

/// Its methods have defaults; `plain_loop` has a model with weights for histograms.
impl Model for Line {}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/callbacks".into()); // --logdir DIR
    let mut callbacks = CallbackList::new()
        .with_callback(TensorBoard::new(&logdir)?)
        .with_callback(EarlyStopping::new("val_loss").min_delta(1e-4).patience(3))
        .with_callback(CsvLogger::create(format!("{logdir}/history.csv"))?);

    let error = |line: &Line, (x, y): (f32, f32)| line.weight * x - y;
    let history = TrainingLoop::new(Line { weight: 0.0 })
        .epochs(100)
        .train(
            |_epoch| [(1.0, 2.1), (2.0, 3.9), (3.0, 6.1)], // the batches
            |line, point, batch| {
                batch.log("loss", error(line, point).powi(2)); // `epoch_loss` is the mean
                line.weight -= 0.02 * error(line, point) * point.0;
                Ok(())
            },
        )
        .validate(
            |_epoch| [(1.5, 3.0), (2.5, 5.0)],
            |line, point, batch| {
                batch.log("loss", error(line, point).powi(2)); // `val_loss`
                Ok(())
            },
        )
        .run(&mut callbacks)?;
    println!("{} epochs, then {:?}", history.epochs().len(), history.last("val_loss"));
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
