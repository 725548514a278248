//! Distributions of many numbers, and the weights of a model.
//!
//! ```text
//! cargo run --example histograms
//! tensorboard --logdir logs/histograms
//! ```

use std::error::Error;
use tfevents::{Deferred, Histogram, SummaryWriter};

/// Evenly spaced quantiles of a bell-shaped distribution.
fn bell(mean: f32, scale: f32) -> Vec<f32> {
    let below = (0..10_000).map(|i| (i as f32 + 0.5) / 10_000.0);
    below.map(|p| mean + scale * (p / (1.0 - p)).ln()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/histograms".into()); // --logdir DIR
    let writer = SummaryWriter::new(&logdir)?;
    for step in 0..20u8 {
        let values = bell(f32::from(step) / 5.0, 1.0 - f32::from(step) / 25.0);
        writer.add_histogram("moving", &values, step); // 30 buckets of equal width
        writer.add("fine", &Histogram::uniform(&values, 200), step);
        writer.add("signs", &Histogram::with_edges(&values, &[-10.0, 0.0, 10.0])?, step);

        // For each name a histogram, and the norm as the scalar `name/norm`.
        let model = [("dense/kernel", bell(0.0, 0.1)), ("dense/bias", vec![0.0; 10])];
        writer.add_parameters(model.iter().map(|(name, values)| (name, values)), step);

        // Counted on a background thread.
        writer.add_deferred("deferred", Deferred::histogram(values), step);
    }
    writer.close()?;
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
