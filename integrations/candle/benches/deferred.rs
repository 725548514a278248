//! The time of the calling thread for logging the weights of a model, compared with a loop that reads
//! them itself, and one that lets candle compute the norms and reads those:
//!
//! ```text
//! cargo bench -p tfevents-candle --bench deferred
//! ```

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarMap;
use std::time::{Duration, Instant};
use tfevents::SummaryWriter;
use tfevents::summary::Parameter;
use tfevents_candle::CandleWriter;

const ROUNDS: usize = 20;
const LAYERS: usize = 4;

/// Returns the minimum in milliseconds: other load only adds to the times.
fn min_millis(times: Vec<Duration>) -> f64 {
    1e3 * times.into_iter().min().unwrap_or_default().as_secs_f64()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{LAYERS} weights, the minimum of {ROUNDS} rounds, ms of the calling thread");
    for side in [32, 256, 1024] {
        let varmap = VarMap::new();
        for layer in 0..LAYERS {
            let values = Tensor::randn(0f32, 1f32, (side, side), &Device::Cpu)?;
            let var = Var::from_tensor(&values.to_dtype(DType::F32)?)?;
            varmap.data().lock().unwrap().insert(format!("layer{layer}.weight"), var);
        }
        let dir = tempfile::tempdir()?;
        let writer = SummaryWriter::new(dir.path())?;
        let (mut in_place, mut norms, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for step in 0..ROUNDS {
            let begun = Instant::now();
            let variables = varmap.data().lock().unwrap().clone();
            for (name, var) in &variables {
                let histogram = tfevents_candle::histogram(var.as_tensor())?;
                writer.add(name, &Parameter::new(histogram), step);
            }
            in_place.push(begun.elapsed());
            writer.flush()?;

            let begun = Instant::now();
            for (name, var) in &variables {
                let norm = var.sqr()?.sum_all()?.sqrt()?.to_scalar::<f32>()?;
                writer.add_scalar(name, norm, step);
            }
            norms.push(begun.elapsed());
            writer.flush()?;

            let begun = Instant::now();
            writer.add_weights(&varmap, step);
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
