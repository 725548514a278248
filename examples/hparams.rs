//! A sweep: each trial is a run with its hyperparameters, for the HParams dashboard.
//!
//! ```text
//! cargo run --example hparams
//! tensorboard --logdir logs/hparams
//! ```

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::summary::{HParams, Mode};

fn train(writer: &SummaryWriter, rate: f32, batch: u32) -> Result<(), Box<dyn Error>> {
    let best = writer.best_scalar("accuracy", Mode::Max); // logs `best/accuracy`
    for epoch in 0..10u8 {
        let accuracy = 1.0 - (-rate * f32::from(epoch) / batch as f32).exp();
        writer.add_scalar("accuracy", accuracy, epoch); // a metric of the trial
        best.add(accuracy, epoch);
    }
    if rate > 5.0 {
        return Err("the training diverged".into());
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/hparams".into()); // --logdir DIR
    for (rate, batch) in [(0.1, 1), (1.0, 1), (1.0, 4), (10.0, 4)] {
        // A directory for each trial.
        let writer = SummaryWriter::new(format!("{logdir}/rate{rate}-batch{batch}"))?;
        let hparams = HParams::builder().set("rate", rate).set("batch", batch).build()?;
        // A success if the closure returns `Ok`; a failure after an error or a panic.
        if let Err(error) = writer.trial(&hparams, |writer| train(writer, rate, batch)) {
            println!("rate {rate}, batch {batch}: {error}");
        }
        writer.close()?;
    }
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
