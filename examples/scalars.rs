//! Curves of two runs in one chart, and a chart of several scalars.
//!
//! ```text
//! cargo run --example scalars
//! tensorboard --logdir logs/scalars
//! ```

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::summary::{Scalar, Summary};

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/scalars".into()); // --logdir DIR
    let writer = SummaryWriter::new(&logdir)?;
    // Each is a run of its own. Runs with a tag in common share its chart.
    let (train, validation) = (writer.child_run("train")?, writer.child_run("validation")?);
    // A handle keeps the tag, for a scalar that is logged at each step.
    let loss = train.scalar("loss");

    for step in 0..1000u32 {
        let x = step as f32 / 100.0;
        loss.add((-x).exp(), step);
        if step % 100 == 99 {
            let described = Scalar::new((-x).exp() + 0.02 * x).with_metadata();
            validation.add("loss", &described.description("Cross *entropy*"), step);
        }
        // A chart of the Custom Scalars dashboard.
        writer.add_scalars("waves", [("sin", x.sin()), ("cos", x.cos())], step);
    }

    writer.close()?; // returns errors of the disk; dropping the writer closes it too
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
