//! Time of each level of durability: a scalar and a flush, and a million scalars without one.
//!
//! `cargo bench -p benches --bench durability [-- DIRECTORY]`. The directory should be on the disk to be
//! measured: a file system in memory syncs at no cost.

use std::path::PathBuf;
use std::time::{Duration, Instant};
use tfevents::{Durability, SummaryWriter};

const ROUNDS: usize = 5;
const FLUSHES: u32 = 100;
const SCALARS: i64 = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo passes further arguments.
    let given =
        std::env::args_os().skip(1).find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
    let parent = given.map_or_else(std::env::temp_dir, PathBuf::from);
    println!("below {}; medians of {ROUNDS} rounds", parent.display());
    println!("{:16} {:>16} {:>16} {:>16}", "", "scalar + flush", "no slower than", "1M scalars");
    for level in [Durability::Os, Durability::SyncOnFlush, Durability::SyncOnInterval] {
        let mut flushes = Vec::new();
        let mut millions = Vec::new();
        for _ in 0..ROUNDS {
            let dir = tempfile::tempdir_in(&parent)?;
            let builder = SummaryWriter::builder(dir.path()).durability(level);
            let writer = builder.flush_interval(Duration::from_millis(100)).build()?;
            writer.add_scalar("loss", 0.5, 0);
            writer.flush()?;
            for step in 1..=FLUSHES {
                let begun = Instant::now();
                writer.add_scalar("loss", 0.5, step);
                writer.flush()?;
                flushes.push(begun.elapsed());
            }
            let begun = Instant::now();
            for step in 0..SCALARS {
                writer.add_scalar("loss", 0.5, step);
            }
            writer.close()?;
            millions.push(begun.elapsed());
        }
        flushes.sort();
        millions.sort();
        let (median, most) = (flushes[flushes.len() / 2], flushes[flushes.len() * 99 / 100]);
        let name = format!("{level:?}");
        println!("{name:16} {median:16.1?} {most:>13.1?} (99 %) {:12.0?}", millions[ROUNDS / 2]);
    }
    Ok(())
}
