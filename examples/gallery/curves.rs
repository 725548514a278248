//! Scalars: the same tag in several runs, several tags in one chart, and a curve with its margin.

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::summary::{Chart, ChartLayout, Scalar, Summary};

pub const STEPS: i64 = 100;

/// A swing that dies away, `damping` in steps.
fn swing(step: i64, damping: f32) -> f32 {
    (-(step as f32) / damping).exp() * (step as f32 / 5.0).cos()
}

pub fn log(writer: &SummaryWriter) -> Result<(), Box<dyn Error>> {
    // Runs that have a tag in common are drawn over each other.
    for damping in [10.0, 30.0, 90.0] {
        let run = writer.child_run(&format!("damping {damping}"))?;
        for step in 0..STEPS {
            let height = Scalar::new(swing(step, damping));
            run.add(
                "swing/height",
                &height.with_metadata().description("e^(-step / *damping*) · cos(step / 5)"),
                step,
            );
        }
    }

    let learning = Chart::bands("learning", [("learning/mean", "learning/low", "learning/high")])?;
    let losses = Chart::lines("losses", ["loss/train", "loss/validation"])?;
    writer.add_custom_scalars(
        &ChartLayout::new().category("A margin", [learning]).category("Several lines", [losses]),
    );
    for step in 0..STEPS {
        let x = step as f32 / 10.0;
        // A chart by itself, without a layout.
        writer.add_scalars("waves", [("sin", x.sin()), ("cos", x.cos())], step);
        let (mean, deviation) = (1.0 - (-x / 2.0).exp(), 0.5 / (x + 1.0));
        writer.add_scalar("learning/mean", mean, step);
        writer.add_scalar("learning/low", mean - deviation, step);
        writer.add_scalar("learning/high", mean + deviation, step);
        writer.add_scalar("loss/train", (-x / 2.0).exp(), step);
        // It overfits from the fourth on.
        writer.add_scalar("loss/validation", (-x / 2.0).exp() + 0.01 * x * x, step);
    }
    Ok(())
}
