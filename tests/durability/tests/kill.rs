//! Processes that are killed at random moments: flushed events are in the file, and all three
//! readers read every image of a killed writer.
//!
//! `TFEVENTS_KILLS=10000` kills ten thousand processes instead of 300.

use durability_tests::{Found, Victim, announce, examine};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tensorboard_tests::show;

/// The flush interval of the victims that do not flush.
const INTERVAL: Duration = Duration::from_millis(100);
/// The delay that a busy machine may add to it.
const WHIMS: Duration = Duration::from_secs(2);
/// How many images are shown to TensorBoard.
const SHOWN: usize = 100;

fn start(mode: &str, dir: &Path) -> Victim {
    Victim::start(env!("CARGO_BIN_EXE_victim"), mode, dir)
}

fn whole(dir: &Path) -> Found {
    let found = examine(dir);
    assert!(found.truncated <= 1, "{found:?}");
    found
}

/// Returns a random duration up to `max`.
fn random(max: Duration) -> Duration {
    max.mul_f64(fastrand::f64())
}

/// Kills a victim that flushes all the time: flushed events are there.
fn kill_busy(dir: &Path) {
    let victim = start("busy", dir);
    let mut lines = vec![victim.line()];
    lines.extend(victim.lines_for(random(Duration::from_millis(8))));
    lines.extend(victim.kill().1);
    let acknowledged = lines.iter().filter_map(|line| line.number("flushed ")).max();
    let count = whole(dir).without_gap();
    assert!(acknowledged < Some(count), "{acknowledged:?} was acknowledged, {count} are there");
}

/// Kills a victim that never flushes: missing events are at most one interval old.
fn kill_unflushed(dir: &Path) {
    let victim = start("unflushed", dir);
    let mut lines = vec![victim.line()];
    // Some die at once, some live long enough for the interval to count.
    let patient = fastrand::u8(0..4) == 0;
    let pause = if patient { INTERVAL + WHIMS } else { INTERVAL * 3 };
    lines.extend(victim.lines_for(if patient {
        pause + random(INTERVAL * 2)
    } else {
        random(pause)
    }));
    let (killed, rest) = victim.kill();
    lines.extend(rest);
    let old = |at: Instant| killed.saturating_duration_since(at) > INTERVAL + WHIMS;
    let due = lines.iter().filter(|line| old(line.at)).filter_map(|line| line.number("logged "));
    let count = whole(dir).without_gap();
    assert!(due.max().is_none_or(|due| due < count), "{count} are there");
}

/// Kills a victim that logged one event: it is there an interval later, without a further call.
fn kill_lone(dir: &Path) {
    let victim = start("lone", dir);
    victim.line();
    let patient = fastrand::bool();
    victim.lines_for(if patient { INTERVAL + WHIMS } else { random(INTERVAL * 2) });
    victim.kill();
    let count = whole(dir).without_gap();
    assert!(count == 1 || (count == 0 && !patient));
}

#[test]
fn flushed_events_survive_sigkill() {
    let kills = std::env::var("TFEVENTS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let scratch = tempfile::tempdir().unwrap();
    let (shown, gone) = (scratch.path().join("shown"), scratch.path().join("gone"));
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= kills {
                        return;
                    }
                    let keep = number < SHOWN;
                    let dir = if keep { &shown } else { &gone }.join(format!("{number:05}"));
                    match number % 5 {
                        0..3 => kill_busy(&dir),
                        3 => kill_unflushed(&dir),
                        _ => kill_lone(&dir),
                    }
                    if !keep {
                        std::fs::remove_dir_all(&dir).unwrap();
                    }
                }
            });
        }
    });
    announce(&format!(
        "{kills} victims killed in {:?}, nothing acknowledged is missing",
        begun.elapsed()
    ));

    let images: Vec<(String, Vec<i64>)> = shown
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), examine(&entry.path()).steps))
        .filter(|(_, steps)| !steps.is_empty())
        .collect();
    assert!(images.len() >= SHOWN.min(kills) / 2);
    show(&shown, |board| {
        for (run, steps) in &images {
            let last = steps[steps.len() - 1];
            let points = board.scalars(run, "loss", last);
            assert_eq!(points[points.len() - 1].step, last, "{run}");
            // More are sampled.
            if steps.len() <= 1000 {
                let served: Vec<i64> = points.iter().map(|point| point.step).collect();
                assert_eq!(served, *steps, "{run}");
            }
        }
    });
}
