//! Logs a curve into an object store, to be followed by TensorBoard while it grows.
//!
//! ```sh
//! cargo run -p tfevents-object-store --features aws --example live -- s3://bucket/experiments 60
//! tensorboard --logdir s3://bucket/experiments
//! ```

use std::time::{Duration, Instant};
use tfevents_object_store::{ObjectStorage, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "expected a URL such as s3://bucket/experiments, and a number of seconds";
    let (url, seconds) = arguments.next().zip(arguments.next()).ok_or(usage)?;
    let end = Instant::now() + Duration::from_secs_f64(seconds.parse()?);

    // Shorter intervals than a training needs, for those who watch.
    let settings =
        Settings::default().interval(Duration::from_secs(2), Duration::from_secs(2)).seal_after(4);
    let storage = ObjectStorage::from_url(&url)?.with_settings(settings);
    let writer = storage.writer("live").build()?;
    let (mut step, mut longest) = (0i64, Duration::ZERO);
    while Instant::now() < end {
        let before = Instant::now();
        writer.add_scalar("loss", step, step);
        longest = longest.max(before.elapsed());
        step += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    writer.close()?;
    let stats = writer.stats();
    println!("{step} steps, {} written, the longest call took {longest:?}", stats.written);
    Ok(())
}
