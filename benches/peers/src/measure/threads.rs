//! The same number of calls from four threads on one writer.

use super::{Setup, in_turn, nanos, times_since, unix_time};
use crate::peers::Shared;
use crate::peers::ours::Ours;
use crate::peers::tensorboard_rs::TensorboardRs;
use crate::peers::tfrecord::Tfrecord;
use crate::report::Report;
use crate::{Result, read_back, work};
use std::sync::{Barrier, Mutex};
use std::time::Instant;

pub const THREADS: usize = 4;
pub const CALL: &str = "add_scalar, 4 threads on one writer";

type Measure = fn(&Setup, &mut Report) -> Result<()>;

/// The peers are made for one thread: they are shared behind a lock, as their users must.
const PEERS: &[Measure] =
    &[measure::<Ours>, measure::<Mutex<Tfrecord<false>>>, measure::<Mutex<TensorboardRs>>];

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    in_turn(PEERS, round).try_for_each(|measure| measure(setup, report))
}

fn measure<P: Shared>(setup: &Setup, report: &mut Report) -> Result<()> {
    let dir = setup.place.fresh()?;
    let peer = P::create(dir.path());
    let share = setup.calls / THREADS as u64;
    let wall_time = unix_time();
    let barrier = Barrier::new(THREADS);
    let worker = |thread| {
        let tags = work::tags(thread);
        barrier.wait();
        let begun = Instant::now();
        work::for_each(&tags, share, |tag, value, step| peer.add_scalar(tag, value, step));
        (begun, Instant::now())
    };
    let spans: Vec<_> = std::thread::scope(|scope| {
        let worker = &worker;
        let workers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || worker(thread))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).collect()
    });
    peer.finish();
    let begun = spans.iter().map(|span| span.0).min().expect("threads");
    let ended = spans.iter().map(|span| span.1).max().expect("threads");
    read_back::scalars(dir.path(), THREADS, share, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", P::NAME))?;
    let calls = (share * THREADS as u64) as f64;
    report.add(CALL, P::NAME, "ns per call", nanos(ended - begun) / calls);
    Ok(())
}
