//! Scalars from one thread: the time at the caller, until all is in the file, and its size.

use super::{Setup, in_turn, millis, nanos, times_since, unix_time};
use crate::peers::Peer;
use crate::peers::bare::{self, Bare};
use crate::peers::ours::{Handles, Ours};
#[cfg(feature = "tboard")]
use crate::peers::tboard::Tboard;
use crate::peers::tensorboard_rs::TensorboardRs;
use crate::peers::tfrecord::Tfrecord;
use crate::process::CpuTime;
use crate::report::Report;
use crate::{Result, read_back, work};
use std::time::Instant;

pub const CALL: &str = "add_scalar, 1 thread";
pub const ALL: &str = "scalars until all are in the file";
/// Beside the wall time, for a machine that has other work to do as well.
pub const CPU_CALL: &str = "add_scalar, 1 thread, processor time of the caller";
const CPU_ALL: &str = "scalars until all are in the file, processor time of all threads";
pub const SIZE: &str = "file size per scalar";

type Measure = fn(&Setup, &mut Report) -> Result<()>;

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let peers: &[Measure] = &[
        measure::<Ours>,
        measure::<Handles>,
        measure::<Tfrecord<false>>,
        measure::<Tfrecord<true>>,
        measure::<TensorboardRs>,
        #[cfg(feature = "tboard")]
        measure::<Tboard>,
        bare_loop,
    ];
    in_turn(peers, round).try_for_each(|measure| measure(setup, report))
}

/// Logs `calls` scalars into `dir`.
pub fn log<P: Peer>(dir: &std::path::Path, calls: u64) {
    let tags = work::tags(0);
    let mut peer = P::create(dir, &tags);
    work::for_each(&tags, calls, |tag, value, step| peer.add_scalar(tag, value, step));
    peer.finish();
}

fn measure<P: Peer>(setup: &Setup, report: &mut Report) -> Result<()> {
    let (dir, tags) = (setup.place.fresh()?, work::tags(0));
    let mut peer = P::create(dir.path(), &tags);
    let wall_time = unix_time();
    let cpu_begun = CpuTime::now();
    let begun = Instant::now();
    work::for_each(&tags, setup.calls, |tag, value, step| peer.add_scalar(tag, value, step));
    let called = begun.elapsed();
    let cpu_called = CpuTime::now();
    peer.finish();
    let all = begun.elapsed();
    let cpu_all = CpuTime::now();
    read_back::scalars(dir.path(), 1, setup.calls, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", P::NAME))?;
    let calls = setup.calls as f64;
    report.add(CALL, P::NAME, "ns per call", nanos(called) / calls);
    report.add(ALL, P::NAME, "ms", millis(all));
    if let (Some(begun), Some(called), Some(all)) = (cpu_begun, cpu_called, cpu_all) {
        report.add(CPU_CALL, P::NAME, "ns per call", (called.caller - begun.caller) / calls);
        report.add(CPU_ALL, P::NAME, "ns per scalar", (all.all - begun.all) / calls);
    }
    report.add(SIZE, P::NAME, "bytes", read_back::bytes(dir.path())? as f64 / calls);
    Ok(())
}

/// There is no file to read back, so the loop runs once more, keeps what it encodes, and that is
/// read instead.
fn bare_loop(setup: &Setup, report: &mut Report) -> Result<()> {
    type Loop = Bare<bare::Ours>;
    let (dir, tags) = (setup.place.fresh()?, work::tags(0));
    let mut bare = Loop::create(dir.path(), &tags);
    let cpu_begun = CpuTime::now();
    let begun = Instant::now();
    work::for_each(&tags, setup.calls, |tag, value, step| bare.add_scalar(tag, value, step));
    let called = begun.elapsed();
    let cpu_called = CpuTime::now();
    bare.finish();
    let calls = setup.calls as f64;
    if let (Some(begun), Some(called)) = (cpu_begun, cpu_called) {
        report.add(CPU_CALL, Loop::NAME, "ns per call", (called.caller - begun.caller) / calls);
    }
    report.add(CALL, Loop::NAME, "ns per call", nanos(called) / calls);

    let wall_time = unix_time();
    let file = bare::file::<bare::Ours>(&tags, setup.calls);
    std::fs::write(dir.path().join("events.out.tfevents.bare"), &file)?;
    read_back::scalars(dir.path(), 1, setup.calls, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", Loop::NAME))?;
    report.add(SIZE, Loop::NAME, "bytes", file.len() as f64 / calls);
    Ok(())
}
