//! Vectors with labels, for the Projector.
//!
//! ```text
//! cargo run --example embedding
//! tensorboard --logdir logs/embedding
//! ```

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::summary::Embedding;

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/embedding".into()); // --logdir DIR
    let writer = SummaryWriter::new(&logdir)?;

    // 300 points on three circles in five dimensions, one vector after the other.
    let points = 300;
    let circle = |point: usize| point % 3;
    let vectors: Vec<f32> = (0..points)
        .flat_map(|point| {
            let (sin, cos) = (point as f32 / 20.0).sin_cos();
            let mut vector = [0.0; 5];
            vector[circle(point)] = cos;
            vector[circle(point) + 1] = sin;
            vector[4] = circle(point) as f32;
            vector
        })
        .collect();
    let names = (0..points).map(|point| format!("point {point}"));
    let circles = (0..points).map(|point| ["red", "green", "blue"][circle(point)].to_owned());
    let columns: [(_, Vec<_>); 2] = [("name", names.collect()), ("circle", circles.collect())];
    let embedding = Embedding::builder([points, 5], vectors).columns(columns).build()?;

    writer.add_embedding("circles", &embedding, 0);
    writer.close()?;
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
