//! Allocations per call, after a first pass has allocated what is kept.

use super::{Setup, times_since, unix_time};
use crate::allocations;
use crate::peers::Peer;
use crate::peers::ours::{Handles, Ours};
use crate::peers::tensorboard_rs::TensorboardRs;
use crate::peers::tfrecord::Tfrecord;
use crate::report::Report;
use crate::{Result, read_back, work};

pub const CALLER: &str = "allocations per add_scalar, on the calling thread";
pub const ALL: &str = "allocations per add_scalar, on all threads";

pub fn measure_all(setup: &Setup, report: &mut Report) -> Result<()> {
    measure::<Ours>(setup, report)?;
    measure::<Handles>(setup, report)?;
    measure::<Tfrecord<false>>(setup, report)?;
    measure::<TensorboardRs>(setup, report)
}

fn measure<P: Peer>(setup: &Setup, report: &mut Report) -> Result<()> {
    let (dir, tags) = (setup.place.fresh()?, work::tags(0));
    let mut peer = P::create(dir.path(), &tags);
    let wall_time = unix_time();
    let first = setup.calls / 2;
    let mut done = 0;
    // One sequence of calls in two halves; only the second is counted.
    let mut calls = Vec::with_capacity(setup.calls as usize);
    work::for_each(&tags, setup.calls, |tag, value, step| calls.push((tag.index, value, step)));
    let mut add = |calls: &[(usize, f32, i64)]| {
        for &(index, value, step) in calls {
            peer.add_scalar(work::Tag { index, name: &tags[index] }, value, step);
            done += 1;
        }
    };
    add(&calls[..first as usize]);
    let count = allocations::during(|| add(&calls[first as usize..]));
    peer.finish();
    read_back::scalars(dir.path(), 1, done, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", P::NAME))?;
    let counted = (setup.calls - first) as f64;
    report.add(CALLER, P::NAME, "per call", count.caller as f64 / counted);
    report.add(ALL, P::NAME, "per call", count.all as f64 / counted);
    Ok(())
}
