//! Time to read scalars back, in either encoding.
//! `cargo bench -p benches --bench reading`

use divan::Bencher;
use divan::counter::ItemsCount;
use tfevents::SummaryWriter;
use tfevents::read::{Entry, Run, Tags};
use tfevents::summary::ScalarEncoding;

const SCALARS: usize = 100_000;

fn main() {
    divan::main();
}

fn read(bencher: Bencher<'_, '_>, encoding: ScalarEncoding) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path()).scalar_encoding(encoding).build().unwrap();
    for step in 0..SCALARS {
        writer.add_scalar("train/loss", step as f32, step);
    }
    writer.close().unwrap();
    let run = Run::open(dir.path()).unwrap();
    bencher.counter(ItemsCount::new(SCALARS)).bench_local(|| {
        let mut count = 0;
        let visit = |_: &Tags, entry: Entry<'_>| {
            count += usize::from(matches!(entry, Entry::Scalar { .. }))
        };
        run.scan().for_each(visit).unwrap();
        assert_eq!(count, SCALARS);
    });
}

#[divan::bench]
fn tensors(bencher: Bencher<'_, '_>) {
    read(bencher, ScalarEncoding::Tensor);
}

#[divan::bench]
fn simple_values(bencher: Bencher<'_, '_>) {
    read(bencher, ScalarEncoding::Simple);
}
