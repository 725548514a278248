//! Scalars in bursts, without a pause, and without a pause beside other work on every core.

use super::{Setup, in_turn, nanos, times_since, unix_time};
use crate::peers::Peer;
use crate::peers::ours::Ours;
use crate::peers::tfrecord::Tfrecord;
use crate::report::Report;
use crate::{Result, read_back, work};
use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub const BURST: &str = "add_scalar, bursts of 10,000 calls";
pub const SUSTAINED: &str = "add_scalar, without a pause";
pub const BUSY: &str = "add_scalar, without a pause, beside a busy loop on each core";

/// The calls of a burst: they fit into every writer's buffer.
const CALLS_IN_BURST: u64 = 10_000;
const BURSTS: u64 = 20;
/// Between two bursts, the time in which a writer may write.
const PAUSE: Duration = Duration::from_millis(5);

type Measure = fn(&Setup, &mut Report) -> Result<()>;

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let peers: &[Measure] = &[measure::<Ours>, measure::<Tfrecord<false>>];
    in_turn(peers, round).try_for_each(|measure| measure(setup, report))
}

fn measure<P: Peer>(setup: &Setup, report: &mut Report) -> Result<()> {
    report.add(BURST, P::NAME, "ns per call", bursts::<P>(setup)?);
    report.add(SUSTAINED, P::NAME, "ns per call", sustained::<P>(setup, setup.calls)?);
    // Long enough for the scheduler to move the threads between the cores many times.
    let busy = beside_busy_loops(|| sustained::<P>(setup, 5 * setup.calls))?;
    report.add(BUSY, P::NAME, "ns per call", busy);
    Ok(())
}

fn bursts<P: Peer>(setup: &Setup) -> Result<f64> {
    let (dir, tags) = (setup.place.fresh()?, work::tags(0));
    let mut peer = P::create(dir.path(), &tags);
    let wall_time = unix_time();
    let mut took = Duration::ZERO;
    for burst in 0..BURSTS {
        std::thread::sleep(PAUSE);
        let begun = Instant::now();
        for count in burst * CALLS_IN_BURST..(burst + 1) * CALLS_IN_BURST {
            let index = count as usize % work::TAGS;
            let tag = work::Tag { index, name: &tags[index] };
            peer.add_scalar(tag, count as f32, (count / work::TAGS as u64) as i64);
        }
        took += begun.elapsed();
    }
    peer.finish();
    let calls = BURSTS * CALLS_IN_BURST;
    read_back::scalars(dir.path(), 1, calls, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", P::NAME))?;
    Ok(nanos(took) / calls as f64)
}

fn sustained<P: Peer>(setup: &Setup, calls: u64) -> Result<f64> {
    let (dir, tags) = (setup.place.fresh()?, work::tags(0));
    let mut peer = P::create(dir.path(), &tags);
    let wall_time = unix_time();
    let begun = Instant::now();
    work::for_each(&tags, calls, |tag, value, step| peer.add_scalar(tag, value, step));
    let took = begun.elapsed();
    peer.finish();
    read_back::scalars(dir.path(), 1, calls, times_since(wall_time))
        .map_err(|error| format!("{}: {error}", P::NAME))?;
    Ok(nanos(took) / calls as f64)
}

/// Runs `work` while a thread for each core computes without a pause, as a training does.
fn beside_busy_loops<T>(work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            scope.spawn(|| {
                let mut value = 1u64;
                while !done.load(Ordering::Relaxed) {
                    for _ in 0..1000 {
                        value = black_box(value.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                    }
                    spin_loop();
                }
            });
        }
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}
