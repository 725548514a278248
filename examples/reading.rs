//! Reads back what was logged: a list of tags, a curve, histograms.
//!
//! ```text
//! cargo run --example reading                        # reads what it logs itself
//! ```

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::read::LogDir;

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/reading".into()); // --logdir DIR
    for rate in [1.0f32, 2.0] {
        let writer = SummaryWriter::new(format!("{logdir}/rate{rate}"))?;
        for step in 0..100u8 {
            writer.add_scalar("loss", (-rate * f32::from(step) / 50.0).exp(), step);
        }
        writer.add_histogram("weights", [0.5f32, -1.0, 0.25], 99);
        writer.close()?;
    }

    // Runs have the names and the order that TensorBoard shows; files of any writer are read.
    for run in LogDir::open(&logdir)?.runs() {
        for tag in run.index()?.tags() {
            println!("{}: {:?} {:?}", run.name(), tag.kind(), tag.name());
        }
        let loss = run.scalars("loss")?; // columns: steps(), values(), wall_times()
        println!("  last {:?}", loss.last());
        println!("  best {:?}", loss.min());
        for histogram in &run.histograms("weights")? {
            println!("  step {}: {} buckets", histogram.step, histogram.value.buckets.len());
        }
    }
    Ok(())
}
