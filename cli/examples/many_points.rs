//! Writes scalars for measurements: `many_points DIR RUNS POINTS`, with ten tags per run in turn.

use std::time::Duration;
use tfevents::{Overflow, SummaryWriter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, runs, points] = args.as_slice() else {
        return Err("expected a directory, a number of runs and a number of points per run".into());
    };
    let (runs, points): (u64, u64) = (runs.parse()?, points.parse()?);
    for run in 0..runs {
        let path = std::path::Path::new(dir).join(format!("run{run:05}"));
        let writer = SummaryWriter::builder(path)
            .overflow(Overflow::Block(Duration::from_secs(60)))
            .build()?;
        let tags: Vec<_> =
            (0..10).map(|tag| writer.scalar(&format!("train/metric{tag}"))).collect();
        let mut value = 1.0f32;
        for point in 0..points {
            // As noisy as a loss, so that numbers have all their digits.
            value = (value * 1.000_37 + 0.000_913).fract() + 1e-3;
            tags[(point % 10) as usize].add(value, point / 10);
        }
        writer.close()?;
        let dropped = writer.stats().dropped;
        if dropped > 0 {
            return Err(format!("{dropped} points were dropped").into());
        }
    }
    Ok(())
}
