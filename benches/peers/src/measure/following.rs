//! Following a log directory in which nothing happens.

use super::Setup;
use crate::Result;
use crate::process::CpuTime;
use crate::report::Report;
use std::time::{Duration, Instant, SystemTime};
use tfevents::SummaryWriter;
use tfevents::read::LogDir;

pub const WORK: &str = "following 1000 idle runs, four times a second";
pub const OURS: &str = "tfevents";

const RUNS: usize = 1000;
const INTERVAL: Duration = Duration::from_millis(250);
/// Two listings of all directories are in it.
const TIME: Duration = Duration::from_secs(21);

pub fn measure(setup: &Setup, report: &mut Report) -> Result<()> {
    let dir = setup.place.fresh()?;
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    for run in 0..RUNS {
        let path = dir.path().join(format!("sweep/run{run}"));
        let writer = SummaryWriter::new(&path)?;
        writer.add_scalar("loss", 0.5, 0);
        writer.close()?;
        for file in crate::read_back::files(&path)? {
            std::fs::File::options().append(true).open(file)?.set_modified(hour_ago)?;
        }
    }
    let mut logdir = LogDir::open(dir.path())?;
    let Some(begun) = CpuTime::now() else { return Ok(()) };
    let start = Instant::now();
    while start.elapsed() < TIME {
        std::thread::sleep(INTERVAL);
        if !logdir.refresh()?.is_empty() {
            return Err("a change where nothing has changed".into());
        }
    }
    let used = CpuTime::now().map_or(0.0, |now| now.all - begun.all);
    report.add(WORK, OURS, "% of a core", 100.0 * used / start.elapsed().as_nanos() as f64);
    Ok(())
}
