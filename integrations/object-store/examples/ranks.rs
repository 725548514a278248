//! Logs from one of many processes, each into a directory of its own below a prefix of an object store.
//! The rank comes from `RANK`, or what Slurm or MPI sets.
//!
//! ```sh
//! for rank in 0 1 2 3; do
//!   RANK=$rank cargo run -p tfevents-object-store --features aws --example ranks -- s3://bucket/experiments &
//! done; wait
//! tfevents reduce s3://bucket/experiments --ops mean,min,max
//! ```

use tfevents_object_store::{
    ObjectStorage,
    tfevents::{Rank, RankDirs},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("expected a URL such as s3://bucket/experiments")?;
    let rank = Rank::from_env();
    let seed = rank.index() as u64 + 1;
    let storage = ObjectStorage::from_url(&url)?;
    let writer = storage.writer("mlp").rank(rank, RankDirs::Each).build()?;
    for step in 0..100u64 {
        // A time that differs from rank to rank.
        let random = (step * 31 + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let time = 0.1 + random as f32 / 1e8;
        writer.add_scalar("time/step", time, step);
        println!("{time}");
    }
    writer.close()?;
    Ok(())
}
