//! Summaries that are computed on a background thread, while the training continues.
//!
//! ```text
//! cargo run --release --example deferred
//! tensorboard --logdir logs/deferred
//! ```

use std::error::Error;
use std::time::Instant;
use tfevents::{Deferred, Image, SummaryWriter};

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/deferred".into()); // --logdir DIR
    let writer = SummaryWriter::new(&logdir)?;
    for step in 0..10u8 {
        let pixels = vec![step * 25; 256 * 256 * 3];
        let weights = vec![f32::from(step); 1_000_000];

        let start = Instant::now();
        // The call takes the data by value, so that it can be encoded later.
        writer.add_deferred("image", Image::rgb8(256, 256, pixels)?, step);
        writer.add_deferred("weights", Deferred::histogram(weights), step);
        // Any closure, which may fail: its bytes count against the writer's buffer until it ran.
        let parse = move || format!("{step}.5").parse::<f32>().map(tfevents::summary::Scalar::new);
        writer.add_deferred("parsed", Deferred::try_new(8, parse), step);
        println!("step {step}: logged in {:?}", start.elapsed());
    }
    writer.close()?; // waits until everything is written
    println!("{} failed\ntensorboard --logdir {logdir}", writer.stats().drops.encode_failed);
    Ok(())
}
