//! Time of a scalar on the thread that logs it: by tag, by handle, and as a summary of any kind.
//! `cargo bench -p benches --bench scalars`

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use tfevents::SummaryWriter;
use tfevents::summary::Scalar;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// Few enough to fit the buffer: no call waits for the file.
const CALLS: usize = 20_000;

fn main() {
    divan::main();
}

/// Calls in a row, all of them in the file before the next row begins.
fn calls(bencher: Bencher<'_, '_>, writer: &SummaryWriter, call: impl Fn(usize) + Sync) {
    bencher
        .counter(ItemsCount::new(CALLS))
        .with_inputs(|| writer.flush().unwrap())
        .bench_local_values(|()| (0..CALLS).for_each(&call));
}

#[divan::bench]
fn by_tag(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    calls(bencher, &writer, |step| writer.add_scalar("train/loss", step as f32, step));
}

#[divan::bench]
fn by_handle(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let loss = writer.scalar("train/loss");
    calls(bencher, &writer, |step| loss.add(step as f32, step));
}

#[divan::bench]
fn as_a_summary(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    calls(bencher, &writer, |step| writer.add("train/loss", &Scalar::new(step as f32), step));
}
