//! A trace of some steps, by `--profile`: which spans are in it.
//!
//! The network and the loop have spans of `tracing`, as other programs have them already. With the
//! feature `tracing` the profiler sees them. Without it, its traces have the spans of the callbacks
//! and the writer.

use std::error::Error;
use tfevents::Profiler;

/// A profiler that sees all spans of this program.
pub fn profiler() -> Result<Profiler, Box<dyn Error>> {
    let profiler = Profiler::new();
    #[cfg(feature = "tracing")]
    {
        use tracing_subscriber::prelude::*;
        let subscriber = tracing_subscriber::registry().with(profiler.layer());
        tracing::subscriber::set_global_default(subscriber)?;
    }
    #[cfg(not(feature = "tracing"))]
    println!("without --features tracing the trace shows no phases within a step");
    Ok(profiler)
}
