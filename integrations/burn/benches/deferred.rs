//! The time of the calling thread for logging the weights of a model, compared with a loop that reads
//! them itself, and one that lets burn compute the norms and reads those:
//!
//! ```text
//! cargo bench -p tfevents-burn --bench deferred
//! ```

use burn::nn::{Linear, LinearConfig};
use burn::tensor::Device;
use std::time::{Duration, Instant};
use tfevents::summary::Parameter;
use tfevents::{Histogram, SummaryWriter};
use tfevents_burn::BurnWriter;

const ROUNDS: usize = 20;
const LAYERS: usize = 4;

/// Returns the minimum in milliseconds: other load only adds to the times.
fn min_millis(times: Vec<Duration>) -> f64 {
    1e3 * times.into_iter().min().unwrap_or_default().as_secs_f64()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{LAYERS} weights, the minimum of {ROUNDS} rounds, ms of the calling thread");
    for side in [32, 256, 1024] {
        let layer = |_| LinearConfig::new(side, side).with_bias(false).init(&Device::flex());
        let model: Vec<Linear> = (0..LAYERS).map(layer).collect();
        let dir = tempfile::tempdir()?;
        let writer = SummaryWriter::new(dir.path())?;
        let (mut in_place, mut norms, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for step in 0..ROUNDS {
            let begun = Instant::now();
            for (at, layer) in model.iter().enumerate() {
                let values = layer.weight.val().into_data();
                let histogram = Histogram::new(values.as_slice::<f32>()?);
                writer.add(&format!("{at}/weight"), &Parameter::new(histogram), step);
            }
            in_place.push(begun.elapsed());
            writer.flush()?;

            let begun = Instant::now();
            for (at, layer) in model.iter().enumerate() {
                let norm: f32 = layer.weight.val().square().sum().sqrt().into_scalar();
                writer.add_scalar(&format!("{at}/weight/norm"), norm, step);
            }
            norms.push(begun.elapsed());
            writer.flush()?;

            let begun = Instant::now();
            writer.add_weights(&model, step);
            behind.push(begun.elapsed());
            writer.flush()?;
        }
        let values = LAYERS * side * side;
        let (in_place, norms, behind) =
            (min_millis(in_place), min_millis(norms), min_millis(behind));
        println!(
            "{values:>9} values: in place {in_place:.3}, norms alone {norms:.3}, behind {behind:.3}"
        );
        writer.close()?;
    }
    Ok(())
}
