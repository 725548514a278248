//! How long single calls take: a pass of its own, because reading the clock twice around each
//! call costs as much as a call.

use super::{Setup, in_turn, times_since, unix_time};
use crate::peers::ours::{Handles, Ours};
#[cfg(feature = "tboard")]
use crate::peers::tboard::Tboard;
use crate::peers::tensorboard_rs::TensorboardRs;
use crate::peers::tfrecord::Tfrecord;
use crate::peers::{Peer, Shared};
use crate::report::Report;
use crate::work::Tag;
use crate::{Result, read_back, work};
use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::time::Instant;

/// Names of the figures, and the share of calls that are as quick or quicker.
type Names = [(&'static str, f64); 3];

const ONE: Names = [("one call, p50", 0.5), ("one call, p99", 0.99), (P999, 0.999)];
const FOUR: Names = [
    ("one call of 4 threads, p50", 0.5),
    ("one call of 4 threads, p99", 0.99),
    (P999_THREADS, 0.999),
];
pub const P999: &str = "one call, p99.9";
pub const P999_THREADS: &str = "one call of 4 threads, p99.9";
/// The time that the clock adds to the figures above.
const CLOCK: &str = "nothing but the clock of the percentiles, p50";

type Measure = fn(&Setup, &mut Report) -> Result<()>;

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let peers: &[Measure] = &[
        clock,
        one_thread::<Ours>,
        one_thread::<Handles>,
        one_thread::<Tfrecord<false>>,
        one_thread::<Tfrecord<true>>,
        one_thread::<TensorboardRs>,
        #[cfg(feature = "tboard")]
        one_thread::<Tboard>,
        threads::<Ours>,
        threads::<Mutex<Tfrecord<false>>>,
        threads::<Mutex<TensorboardRs>>,
    ];
    in_turn(peers, round).try_for_each(|measure| measure(setup, report))
}

fn clock(setup: &Setup, report: &mut Report) -> Result<()> {
    let mut times = timed(&work::tags(0), setup.calls, |_, _, _| ());
    report.add(CLOCK, "no writer", "ns", percentile(&mut times, 0.5));
    Ok(())
}

fn one_thread<P: Peer>(setup: &Setup, report: &mut Report) -> Result<()> {
    let (dir, tags) = (setup.place.fresh()?, work::tags(0));
    let mut peer = P::create(dir.path(), &tags);
    let wall_time = unix_time();
    let times = timed(&tags, setup.calls, |tag, value, step| peer.add_scalar(tag, value, step));
    peer.finish();
    check(dir.path(), P::NAME, 1, setup.calls, wall_time)?;
    add(report, ONE, P::NAME, times);
    Ok(())
}

fn threads<P: Shared>(setup: &Setup, report: &mut Report) -> Result<()> {
    const THREADS: usize = super::threads::THREADS;
    let dir = setup.place.fresh()?;
    let peer = P::create(dir.path());
    let wall_time = unix_time();
    let share = setup.calls / THREADS as u64;
    let barrier = Barrier::new(THREADS);
    let worker = |thread| {
        let tags = work::tags(thread);
        barrier.wait();
        timed(&tags, share, |tag, value, step| peer.add_scalar(tag, value, step))
    };
    let times = std::thread::scope(|scope| {
        let worker = &worker;
        let workers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || worker(thread))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    peer.finish();
    check(dir.path(), P::NAME, THREADS, share, wall_time)?;
    add(report, FOUR, P::NAME, times);
    Ok(())
}

fn check(dir: &Path, who: &str, threads: usize, calls: u64, begun: f64) -> Result<()> {
    read_back::scalars(dir, threads, calls, times_since(begun))
        .map_err(|error| format!("{who}: {error}").into())
}

fn timed(tags: &[String], calls: u64, mut call: impl FnMut(Tag<'_>, f32, i64)) -> Vec<u32> {
    // Filled once before, so that no page of it is first touched between calls.
    let mut times = vec![u32::MAX; calls as usize];
    let mut slots = times.iter_mut();
    work::for_each(tags, calls, |tag, value, step| {
        let begun = Instant::now();
        call(tag, value, step);
        let nanos = begun.elapsed().as_nanos();
        if let Some(slot) = slots.next() {
            *slot = u32::try_from(nanos).unwrap_or(u32::MAX);
        }
    });
    times
}

fn add(report: &mut Report, names: Names, who: &'static str, mut times: Vec<u32>) {
    for (name, share) in names {
        report.add(name, who, "ns", percentile(&mut times, share));
    }
}

fn percentile(times: &mut [u32], share: f64) -> f64 {
    let at = ((times.len() - 1) as f64 * share) as usize;
    f64::from(*times.select_nth_unstable(at).1)
}
