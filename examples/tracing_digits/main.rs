//! A training that was instrumented with `tracing` for its console, and gets curves by one line in
//! `main`:
//!
//! ```text
//! cargo run --release --features tracing --example tracing_digits
//! ```
//!
//! Nothing but this file names tfevents: `fit` trains, and logs events. The data, the network and the
//! optimizer are those of the `digits` example.

// In a program, `pub` is read as "for the other modules".
#![allow(unreachable_pub)]

#[path = "../digits/data.rs"]
#[allow(dead_code, reason = "the digits example uses more of it")]
mod data;
mod fit;
#[path = "../digits/network.rs"]
#[allow(dead_code, reason = "the digits example uses more of it")]
mod network;
#[path = "../digits/optimizer.rs"]
mod optimizer;
#[path = "../digits/random.rs"]
mod random;

use std::error::Error;
use std::path::PathBuf;
use tfevents::{Provenance, SummaryWriter, TagPrefix};
use tracing::Level;
use tracing_subscriber::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = match &std::env::args().collect::<Vec<_>>()[..] {
        [_] => PathBuf::from("logs/tracing_digits"),
        [_, flag, logdir] if flag == "--logdir" => PathBuf::from(logdir),
        _ => return Err("usage: tracing_digits [--logdir DIR]".into()),
    };
    let writer = SummaryWriter::new(&logdir)?;
    writer.describe("Handwritten digits, logged by the events of `tracing`.");
    writer.add_provenance(&Provenance::collect().build(tfevents::build_info!()));

    let events = writer.events().prefix(TagPrefix::Target).text(Level::WARN);
    // A layer that formats events for the console can stand beside it.
    tracing_subscriber::registry().with(events).init();

    let accuracy = fit::fit(15)?;
    writer.close()?;
    println!("accuracy on images it never trained on: {:.2} %", 100.0 * accuracy);
    println!("\ntensorboard --logdir {}", logdir.display());
    Ok(())
}
