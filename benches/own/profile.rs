//! Time of a span: with `tracing` and a layer that does nothing, and with a profiler, off and
//! on. `cargo bench -p benches --bench profile`
//!
//! Each item is one span, entered and left. A trace is begun and dropped around each thousand, so
//! that its memory does not run out; that and its file are not timed.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use tfevents::Profiler;
use tracing::Subscriber;
use tracing_subscriber::prelude::*;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const SPANS: usize = 1000;

fn main() {
    divan::main();
}

/// A layer that does nothing.
struct Empty;

impl<S: Subscriber> tracing_subscriber::Layer<S> for Empty {}

fn spans() {
    for _ in 0..SPANS {
        let _span = tracing::info_span!("span").entered();
    }
}

fn fields() {
    for number in 0..SPANS {
        let _span = tracing::info_span!("span", number, rate = 0.5, name = "text").entered();
    }
}

fn own(profiler: &Profiler) {
    for _ in 0..SPANS {
        let _span = profiler.span("span");
    }
}

fn off(bencher: Bencher<'_, '_>, subscriber: impl Subscriber + Send + Sync, work: fn()) {
    let _default = tracing::subscriber::set_default(subscriber);
    work();
    bencher.counter(ItemsCount::new(SPANS)).bench_local(work);
}

/// With a trace around each round.
fn on(bencher: Bencher<'_, '_>, profiler: &Profiler, work: impl Fn()) {
    let dir = tempfile::tempdir().unwrap();
    bencher
        .counter(ItemsCount::new(SPANS))
        .with_inputs(|| profiler.start(dir.path()).unwrap())
        // Returned values are dropped after the clock has stopped.
        .bench_local_values(|trace| {
            work();
            trace
        });
}

#[divan::bench]
fn tracing_with_an_empty_layer(bencher: Bencher<'_, '_>) {
    off(bencher, tracing_subscriber::registry().with(Empty), spans);
}

#[divan::bench]
fn tracing_with_the_profiler_off(bencher: Bencher<'_, '_>) {
    off(bencher, tracing_subscriber::registry().with(Profiler::new().layer()), spans);
}

#[divan::bench]
fn tracing_with_the_profiler_on(bencher: Bencher<'_, '_>) {
    let profiler = Profiler::new();
    let subscriber = tracing_subscriber::registry().with(profiler.layer());
    let _default = tracing::subscriber::set_default(subscriber);
    on(bencher, &profiler, spans);
}

#[divan::bench]
fn three_fields_with_an_empty_layer(bencher: Bencher<'_, '_>) {
    off(bencher, tracing_subscriber::registry().with(Empty), fields);
}

#[divan::bench]
fn three_fields_with_the_profiler_on(bencher: Bencher<'_, '_>) {
    let profiler = Profiler::new();
    let subscriber = tracing_subscriber::registry().with(profiler.layer());
    let _default = tracing::subscriber::set_default(subscriber);
    on(bencher, &profiler, fields);
}

#[divan::bench]
fn own_span_off(bencher: Bencher<'_, '_>) {
    let profiler = Profiler::new();
    own(&profiler);
    bencher.counter(ItemsCount::new(SPANS)).bench_local(|| own(&profiler));
}

#[divan::bench]
fn own_span_on(bencher: Bencher<'_, '_>) {
    let profiler = Profiler::new();
    on(bencher, &profiler, || own(&profiler));
}
