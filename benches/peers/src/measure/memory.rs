//! Resident memory while logging at full speed: each peer in a process of its own, against one
//! that logs nothing.

use super::{Setup, passes, scalars, times_since, unix_time};
use crate::peers::Peer;
use crate::peers::ours::Ours;
#[cfg(feature = "tboard")]
use crate::peers::tboard::Tboard;
use crate::peers::tensorboard_rs::TensorboardRs;
use crate::peers::tfrecord::Tfrecord;
use crate::report::Report;
use crate::{Result, process, read_back};
use std::path::Path;

pub const PEAK: &str = "peak memory above the empty program, 1M scalars";
/// The calls of the target, in the short form too.
const CALLS: u64 = 1_000_000;
/// The child that logs nothing.
const EMPTY: &str = "nothing";

type Log = fn(&Path, u64);

const PEERS: &[(&str, Log)] = &[
    (Ours::NAME, scalars::log::<Ours>),
    (<Tfrecord<false>>::NAME, scalars::log::<Tfrecord<false>>),
    (TensorboardRs::NAME, scalars::log::<TensorboardRs>),
    #[cfg(feature = "tboard")]
    (Tboard::NAME, scalars::log::<Tboard>),
];

pub fn measure_all(setup: &Setup, report: &mut Report) -> Result<()> {
    let dir = setup.place.fresh()?;
    let Some(empty) = peak(EMPTY, dir.path())? else {
        report.note("memory: this system has no /proc/self/status");
        return Ok(());
    };
    for (name, _) in PEERS {
        let dir = setup.place.fresh()?;
        let wall_time = unix_time();
        let peak = peak(name, dir.path())?.unwrap_or(0);
        read_back::scalars(dir.path(), 1, CALLS, times_since(wall_time))
            .map_err(|error| format!("{name}: {error}"))?;
        report.add(PEAK, name, "MiB", (peak.saturating_sub(empty)) as f64 / f64::from(1 << 20));
    }
    Ok(())
}

fn peak(peer: &str, dir: &Path) -> Result<Option<u64>> {
    let (out, _) = process::output(&mut process::child(peer, CALLS, dir)?)?;
    Ok(out.trim().parse().ok())
}

/// Logs in a child process.
pub fn child(peer: &str, calls: u64, dir: &Path) -> Result<()> {
    if peer == passes::CHILD {
        passes::child(dir)?;
    } else if peer != EMPTY {
        let log = PEERS.iter().find(|(name, _)| *name == peer).ok_or("an unknown peer")?.1;
        log(dir, calls);
    }
    if let Some(bytes) = process::peak_memory() {
        println!("{bytes}");
    }
    Ok(())
}
