//! A store that is away for an hour, on a clock that runs 500 times faster: a test program of its own,
//! because it counts all memory.

mod common;

use common::{Fault, alone, messages, quick, steps, storage, wait_until};
use log::Level;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tfevents::Error;
use tfevents::summary::WallTime;

/// The system's memory, counted.
struct Counted;

static USED: AtomicUsize = AtomicUsize::new(0);
static MAX_USED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Relaxed) + layout.size();
        MAX_USED.fetch_max(used, Relaxed);
        // SAFETY: the caller's guarantees are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's guarantees are the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTED: Counted = Counted;

const MIB: usize = 1 << 20;
/// The documented bounds: of unwritten events, of objects that may be put again, and of the bodies of
/// uploads under way.
const BUFFER: usize = 128 * MIB;
const TAILS: usize = 16 * MIB;
const BODIES: usize = 80 * MIB;

/// Logs at a rate while a store is away for an hour. Returns the number of events that were logged and
/// that were dropped.
fn away(bytes_per_second: usize) -> (u64, u64) {
    let _alone = alone();
    let (faulty, storage) =
        storage(quick().attempts(Duration::from_secs(1), 3, Duration::from_secs(10)));
    let seconds = Arc::new(AtomicU64::new(1_800_000_000));
    let now = seconds.clone();
    let clock = move || WallTime::try_from_secs_f64(now.load(Relaxed) as f64).unwrap();
    let writer = storage.writer("mlp").clock(clock).build().unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();

    faulty.set(Fault::Busy, 0, usize::MAX);
    let before = USED.load(Relaxed);
    MAX_USED.store(before, Relaxed);
    let text = "x".repeat(bytes_per_second.min(10_000) - 100);
    let events_per_minute = 60 * bytes_per_second / (text.len() + 100);
    let (mut step, mut waited, mut longest) = (0, Duration::ZERO, Duration::ZERO);
    for minute in 0..60 {
        for _ in 0..events_per_minute {
            step += 1;
            let begun = Instant::now();
            writer.add_text("note", &text, step);
            writer.add_scalar("loss", 0.5, step);
            waited += begun.elapsed();
            longest = longest.max(begun.elapsed());
        }
        seconds.fetch_add(60, Relaxed);
        // A training goes on, and the upload is attempted again at least once a minute.
        let requests = faulty.requests();
        wait_until(|| faulty.requests() > requests);
        let stats = writer.stats();
        assert_eq!(stats.logged, stats.written + stats.dropped + stats.pending, "{stats:?}");
        assert!(stats.bytes_pending as usize <= BUFFER, "minute {minute}: {stats:?}");
    }
    let used = MAX_USED.load(Relaxed) - before;
    println!(
        "{bytes_per_second} B/s: {} MiB, calls waited {waited:?}, at most {longest:?}",
        used / MIB
    );
    assert!(used <= BUFFER + TAILS + BODIES, "{} MiB", used / MIB);
    // A call waits for capacity for a second, and after that no other one does.
    assert!(longest < Duration::from_secs(10) && waited < Duration::from_secs(60), "{waited:?}");

    faulty.mend();
    wait_until(|| writer.stats().pending == 0);
    let stats = writer.stats();
    let dropped = stats.dropped;
    let reports: Vec<_> = (0..3).filter_map(|_| writer.flush().err()).collect();
    match &reports[..] {
        [] => assert_eq!(dropped, 0),
        [Error::Dropped { events, .. }] => assert_eq!(*events, dropped),
        other => panic!("{other:?}"),
    }
    writer.close().unwrap();
    assert_eq!((stats.logged, stats.written), (2 * step as u64 + 1, stats.logged - dropped));
    assert_eq!(stats.drops.buffer_full, dropped);

    // The store has the first events without a gap, and a note of how many are missing.
    let found = steps(&storage, "mlp");
    assert!(found.iter().copied().eq(0..found.len() as i64), "{} steps", found.len());
    let run = storage.run("mlp").unwrap();
    let notes = run.texts("note").unwrap();
    assert_eq!((found.len() + notes.len()) as u64, stats.written);
    let logged = messages();
    let levels: Vec<_> = logged.iter().map(|(level, _)| *level).collect();
    if dropped == 0 {
        assert_eq!(levels, [Level::Error, Level::Info], "{logged:#?}");
    } else {
        assert_eq!(levels, [Level::Error, Level::Error, Level::Info], "{logged:#?}");
        let full = "dropping events of faulty://bucket/experiments/mlp: the buffer is full";
        assert_eq!(logged[1].1, full);
    }
    assert!(logged[0].1.contains("PUT faulty://bucket/experiments/mlp/"), "{logged:#?}");
    (stats.logged, dropped)
}

#[test]
fn an_hour_at_1_kb_a_second_is_kept() {
    let (_, dropped) = away(1_000);
    assert_eq!(dropped, 0);
}

#[test]
fn of_an_hour_at_200_kb_a_second_what_fits_is_kept_and_the_rest_is_counted() {
    let (logged, dropped) = away(200_000);
    // 80 MiB of 720 MB.
    let kept = (logged - dropped) as f64 / logged as f64;
    assert!((0.1..0.13).contains(&kept), "{kept}");
}
