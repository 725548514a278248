//! Instructions per call, of all threads, which do not depend on noise. Counted by valgrind where it
//! is installed.

use super::Setup;
use crate::peers::Peer;
use crate::peers::ours::Ours;
use crate::peers::tfrecord::Tfrecord;
use crate::report::Report;
use crate::{Result, process};
use std::process::Command;

pub const WORK: &str = "instructions per add_scalar, file included";

pub fn measure_all(setup: &Setup, report: &mut Report) -> Result<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        report.note("instructions: valgrind is not installed");
        return Ok(());
    }
    for peer in [Ours::NAME, <Tfrecord<false>>::NAME] {
        // Work before and after the calls is the same for both, and cancels out.
        let (few, many) = (20_000, 120_000);
        let difference = count(setup, peer, many)? - count(setup, peer, few)?;
        report.add(WORK, peer, "instructions", difference / (many - few) as f64);
    }
    Ok(())
}

fn count(setup: &Setup, peer: &str, calls: u64) -> Result<f64> {
    let dir = setup.place.fresh()?;
    let child = process::child(peer, calls, dir.path())?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(child.get_program()).args(child.get_args());
    let (_, printed) = process::output(&mut command)?;
    let count = printed.lines().find_map(|line| line.split_once("Collected : "));
    Ok(count.ok_or("callgrind printed no count")?.1.trim().parse()?)
}
