//! Time of a histogram, against a sum of the same values.
//! `cargo bench -p benches --bench histograms`

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tfevents::summary::{Deferred, Number};
use tfevents::{Histogram, SummaryWriter};

const VALUES: usize = 1_000_000;

fn main() {
    divan::main();
}

/// Values that rise and fall over many sizes, of either sign.
fn values<T>(convert: impl Fn(f64) -> T) -> Vec<T> {
    let value = |n: usize| (n as f64 * 0.618).sin() * ((n as f64 * 0.0137).cos() * 9.0).exp();
    (0..VALUES).map(|n| convert(value(n))).collect()
}

fn singles() -> Vec<f32> {
    values(|value| value as f32)
}

fn count<T: Number>(bencher: Bencher<'_, '_>, values: &[T], count: impl Fn(&[T]) -> Histogram) {
    let bencher = bencher.counter(ItemsCount::new(VALUES));
    bencher.bench_local(|| count(black_box(values)));
}

#[divan::bench]
fn sum_of_f32(bencher: Bencher<'_, '_>) {
    let values = singles();
    bencher.counter(ItemsCount::new(VALUES)).bench_local(|| {
        // Side by side, so that none waits for another.
        let mut sums = [0.0; 64];
        for chunk in black_box(&values).chunks_exact(sums.len()) {
            sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value);
        }
        sums.iter().sum::<f32>()
    });
}

#[divan::bench]
fn uniform_f32(bencher: Bencher<'_, '_>) {
    count(bencher, &singles(), Histogram::new);
}

#[divan::bench]
fn uniform_f64(bencher: Bencher<'_, '_>) {
    count(bencher, &values(f64::from), Histogram::new);
}

#[divan::bench(args = [2, 4])]
fn uniform_f32_on_threads(bencher: Bencher<'_, '_>, threads: usize) {
    count(bencher, &singles(), |values| Histogram::uniform_parallel(values, 30, threads));
}

#[divan::bench]
fn exponential_f32(bencher: Bencher<'_, '_>) {
    count(bencher, &singles(), Histogram::exponential);
}

#[divan::bench]
fn exponential_f64(bencher: Bencher<'_, '_>) {
    count(bencher, &values(f64::from), Histogram::exponential);
}

#[divan::bench]
fn deferred(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    bencher
        .with_inputs(|| {
            writer.flush().unwrap();
            singles()
        })
        .bench_local_values(|values| {
            writer.add_deferred("weights", Deferred::histogram(values), 0)
        });
}
