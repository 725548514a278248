//! A logger that logs through `tracing` while this crate reports to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use tfevents::SummaryWriter;
use tfevents::read::{Points, Run};
use tracing::info;
use tracing_subscriber::prelude::*;

static RECORDS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

impl log::Log for Counting {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &log::Record<'_>) {
        let number = RECORDS.fetch_add(1, Ordering::Relaxed);
        info!(step = 1, monotonic_counter.records = 1, histogram.numbers = number);
        info!(step = number, number);
    }

    fn flush(&self) {}
}

#[test]
fn a_logger_may_count_its_records_by_events() {
    log::set_logger(&Counting).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    // `init` would set a logger as well, where another crate turns on the feature for it.
    let subscriber = tracing_subscriber::registry().with(writer.events());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    // Each warns.
    info!(step = 1, nan = f32::NAN);
    info!(step = -1, loss = 0.5);
    info!(step = 1, monotonic_counter.back = -1);
    info!(loss = 0.5);
    assert_eq!(RECORDS.load(Ordering::Relaxed), 4);
    info!(step = 2, monotonic_counter.records = 0);
    writer.close().unwrap();
    let run = Run::open(dir.path()).unwrap().with_points(Points::Raw);
    assert_eq!(run.scalars("records").unwrap().values(), [4.0, 4.0]);
    // The end of a step reports that the writer is closed, which counts in the series that ends.
    for step in 3..6 {
        info!(step, monotonic_counter.records = 1, histogram.numbers = 1);
    }
    assert_eq!(RECORDS.load(Ordering::Relaxed), 5);
}
