//! A training that is interrupted, and continues from its last checkpoint as one curve.
//!
//! ```text
//! cargo run --example resume
//! tensorboard --logdir logs/resume
//! ```

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::read::Run;

fn train(writer: &SummaryWriter, steps: std::ops::Range<u32>) {
    for step in steps {
        writer.add_scalar("loss", 1.0 / (step + 1) as f32, step);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/resume".into()); // --logdir DIR
    // It has saved a checkpoint at step 100, and is interrupted after step 120.
    let first = SummaryWriter::new(&logdir)?;
    train(&first, 0..121);
    first.close()?;

    // It continues at step 100: the steps from there on are replaced.
    let second = SummaryWriter::builder(&logdir).resume_at(100).build()?;
    train(&second, 100..200);
    second.close()?;

    let loss = Run::open(&logdir)?.scalars("loss")?;
    println!("{} points, of which {} were replaced", loss.len(), loss.superseded());
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
