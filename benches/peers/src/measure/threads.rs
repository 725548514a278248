//! The same number of calls from four threads on one writer.

use super::{Setup, in_turn, nanos, times_since, unix_time};
use crate::peers::Shared;
use crate::peers::ours::Ours;
use crate::peers::tensorboard_rs::TensorboardRs;
use crate::peers::tfrecord::Tfrecord;
use crate::report::{Report, median};
use crate::{Result, read_back, work};
use std::sync::{Barrier, Mutex};
use std::time::Instant;

pub const THREADS: usize = 4;
pub const CALL: &str = "add_scalar, 4 threads on one writer";

/// The same calls from one thread, in between: for the ratio.
pub const ALONE: &str = "add_scalar, 1 thread, by turns with 4";

/// A run of ours is as short as a twentieth of a second, in which the system may have something
/// else to do: each of its figures is the median of so many.
const REPEATS: usize = 3;

/// How long a call takes on so many threads, on average.
type Measure = fn(&Setup, usize) -> Result<f64>;

/// The peers are made for one thread: they are shared behind a lock, as their users must.
const PEERS: &[(&str, Measure)] = &[
    (<Ours as Shared>::NAME, measure::<Ours>),
    (<Mutex<Tfrecord<false>> as Shared>::NAME, measure::<Mutex<Tfrecord<false>>>),
    (<Mutex<TensorboardRs> as Shared>::NAME, measure::<Mutex<TensorboardRs>>),
];

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    for &(name, measure) in in_turn(PEERS, round) {
        if name == <Ours as Shared>::NAME {
            let (mut alone, mut shared) = (Vec::new(), Vec::new());
            for _ in 0..REPEATS {
                alone.push(measure(setup, 1)?);
                shared.push(measure(setup, THREADS)?);
            }
            report.add(ALONE, name, "ns per call", median(alone));
            report.add(CALL, name, "ns per call", median(shared));
        } else {
            report.add(CALL, name, "ns per call", measure(setup, THREADS)?);
        }
    }
    Ok(())
}

fn measure<P: Shared>(setup: &Setup, threads: usize) -> Result<f64> {
    let dir = setup.place.fresh()?;
    let peer = P::create(dir.path());
    let share = setup.calls / threads as u64;
    let wall_time = unix_time();
    let barrier = Barrier::new(threads);
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
            (0..threads).map(|thread| scope.spawn(move || worker(thread))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).collect()
    });
    peer.finish();
    let begun = spans.iter().map(|span| span.0).min().expect("threads");
    let ended = spans.iter().map(|span| span.1).max().expect("threads");
    read_back::scalars(dir.path(), threads, share, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", P::NAME))?;
    Ok(nanos(ended - begun) / (share * threads as u64) as f64)
}
