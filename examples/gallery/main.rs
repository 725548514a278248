//! Every dashboard of TensorBoard, filled:
//!
//! ```text
//! cargo run --release --all-features --example gallery
//! ```
//!
//! A file per topic; `fill` has their list. The digits, and the network that learns them, are those
//! of the `digits` example.

// In a program, `pub` is read as "for the other modules".
#![allow(unreachable_pub)]

mod architecture;
mod classifier;
mod curves;
mod distributions;
mod fill;
mod knot;
mod notes;
mod pictures;
mod sound;
mod sweep;

#[path = "../digits/data.rs"]
mod data;
#[path = "../digits/network.rs"]
mod network;
#[path = "../digits/optimizer.rs"]
mod optimizer;
#[path = "../digits/random.rs"]
mod random;
#[path = "../digits/training.rs"]
#[allow(dead_code)]
mod training;

use lexopt::prelude::*;
use std::error::Error;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// As many as there are.
const TRAINING_IMAGES: usize = 1437;

const USAGE: &str = "\
Fills every dashboard of TensorBoard.

Usage: cargo run --release --all-features --example gallery -- [OPTIONS]

Options:
  --logdir DIR  where to log; nothing may be there yet [default: a new folder in logs/]
  --help        print this";

fn main() -> Result<(), Box<dyn Error>> {
    let mut logdir = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("logdir") => logdir = Some(PathBuf::from(arguments.value()?)),
            Long("help") => {
                println!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let logdir = match logdir {
        Some(logdir) => logdir,
        None => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
            PathBuf::from(format!("logs/gallery-{}", now.as_secs()))
        }
    };
    // Two galleries in one directory would be shown as one.
    if logdir.exists() && logdir.read_dir()?.next().is_some() {
        return Err(format!("{} is not empty", logdir.display()).into());
    }
    let start = Instant::now();
    let filled = fill::fill(&logdir, TRAINING_IMAGES, |topic| {
        println!("{:6.2} s  {topic}", start.elapsed().as_secs_f32());
    })?;
    println!("{:6.2} s  done", start.elapsed().as_secs_f32());
    if let Some((_, accuracy)) = filled.classifier.history.last() {
        println!("\nthe classifier's accuracy: {:.1} %", 100.0 * accuracy);
    }
    if let Some(best) = filled.trials.iter().max_by(|a, b| a.accuracy.total_cmp(&b.accuracy)) {
        println!(
            "the best of the sweep, with rate {} and batches of {}: {:.1} % in {:?}",
            best.learning_rate,
            best.batch_size,
            100.0 * best.accuracy,
            best.name
        );
    }
    println!("\ntensorboard --logdir {}", logdir.display());
    Ok(())
}
