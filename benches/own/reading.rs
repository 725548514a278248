//! Time to read scalars back, in either encoding.
//! `cargo bench -p benches --bench reading`

use divan::Bencher;
use divan::counter::ItemsCount;
use tfevents::SummaryWriter;
use tfevents::read::EventReader;
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
    let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(file.path()).unwrap();
    bencher.counter(ItemsCount::new(SCALARS)).bench_local(|| {
        let events = EventReader::new(&bytes[..]).map(|event| event.unwrap());
        events.filter(|event| event.values().iter().any(|value| value.scalar().is_some())).count()
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
