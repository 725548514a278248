//! Logs system metrics for twenty seconds, and prints what TensorBoard would show.
//! `cargo run -p tfevents-system --features nvml --example print_metrics -- runs/system`

use std::error::Error;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;
use tfevents::read::Run;
use tfevents::{Provenance, SummaryWriter};
use tfevents_system::SystemMonitor;

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args_os().nth(1).map_or("runs/system".into(), PathBuf::from);
    let writer = SummaryWriter::new(&logdir)?;
    writer.add_provenance(&Provenance::collect());
    let builder = SystemMonitor::builder().interval(Duration::from_secs(2));
    let monitor = builder.sample_interval(Duration::from_millis(250)).start(&writer)?;
    sleep(Duration::from_secs(20));
    drop(monitor);
    writer.close()?;

    println!("{}", Provenance::collect().to_markdown());
    for (tag, points) in Run::open(logdir.join("system"))?.all_scalars()?.iter() {
        let values = points.iter().map(|point| format!("{:.1}", point.value));
        println!("{tag}: {}", values.collect::<Vec<_>>().join(" "));
    }
    Ok(())
}
