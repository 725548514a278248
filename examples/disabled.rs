//! A function that logs, called with a writer and without one.
//!
//! ```text
//! cargo run --example disabled
//! tensorboard --logdir logs/disabled
//! ```

use std::error::Error;
use tfevents::{Rank, RankDirs, SummaryWriter};

/// Libraries take a writer from their caller, and create none.
fn fit(writer: &SummaryWriter) -> f32 {
    let mut loss = 1.0;
    for step in 0..100 {
        loss *= 0.95;
        writer.add_scalar("loss", loss, step);
    }
    loss
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/disabled".into()); // --logdir DIR
    // Logs nothing, and makes no directory and no thread.
    let silent = fit(&SummaryWriter::disabled());

    // In a training of many ranks this writer is disabled in all but the first one.
    let rank = Rank::from_env(); // RANK, SLURM_PROCID, OMPI_COMM_WORLD_RANK or PMI_RANK
    let writer = SummaryWriter::builder(&logdir).rank(rank, RankDirs::First).build()?;
    assert_eq!(fit(&writer), silent);
    writer.close()?;
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
