//! Where the time of a training step goes, for the Profile dashboard.
//!
//! ```text
//! cargo run --release --features profile --example profile
//! pip install tensorboard xprof
//! tensorboard --logdir logs/profile        # Profile, then the tool Trace Viewer
//! ```

use std::error::Error;
use tfevents::{Profiler, SummaryWriter};

fn busy(rounds: u32) -> f32 {
    std::hint::black_box((0..rounds).map(|i| (i as f32).sqrt()).sum())
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/profile".into()); // --logdir DIR
    let profiler = Profiler::new();
    let writer = SummaryWriter::new(&logdir)?;
    let mut trace = None;
    for step in 0..20u32 {
        if step == 10 {
            trace = Some(profiler.start(writer.path())?); // the first steps are not typical
        }
        let _step = profiler.span("train_step").with_field("step", step);
        {
            let _span = profiler.span("load");
            busy(20_000);
        }
        let loss = {
            let _span = profiler.span("forward");
            busy(100_000)
        };
        writer.add_scalar("loss", loss, step);
    }
    if let Some(trace) = trace {
        println!("{}", trace.stop()?.display());
    }
    writer.close()?;
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
