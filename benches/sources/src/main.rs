//! Time of an event of `tracing` and of a call of `metrics`, beside what else listens to them: a layer
//! that does nothing, the `MetricsLayer` of tracing-opentelemetry, and metrics-exporter-prometheus.
//! `cargo run --release --manifest-path benches/sources/Cargo.toml`
//!
//! Each item is one event or call. What is logged is flushed after each thousand, outside the time.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use metrics::{Recorder, counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tfevents::{SummaryWriter, TagPrefix};
use tfevents_metrics::MetricsRecorder;
use tracing::{Subscriber, info, info_span};
use tracing_subscriber::prelude::*;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const EVENTS: i64 = 1000;

fn main() {
    divan::main();
}

/// A layer that does nothing.
struct Empty;

impl<S: Subscriber> tracing_subscriber::Layer<S> for Empty {}

fn own_step() {
    for step in 0..EVENTS {
        info!(step, loss = 0.5f32);
    }
}

fn three_values() {
    for step in 0..EVENTS {
        info!(step, loss = 0.5f32, accuracy = 0.25, rate = 1e-3, "batch is over");
    }
}

fn step_of_span() {
    info_span!("batch", step = 3).in_scope(|| {
        info_span!("forward").in_scope(|| {
            for _ in 0..EVENTS {
                info!(loss = 0.5f32);
            }
        });
    });
}

fn step_of_source() {
    for _ in 0..EVENTS {
        info!(loss = 0.5f32);
    }
}

fn counter() {
    for _ in 0..EVENTS {
        info!(monotonic_counter.batches = 1);
    }
}

fn histogram() {
    for value in 0..EVENTS {
        info!(histogram.latency = value as f64);
    }
}

fn unlogged() {
    for _ in 0..EVENTS {
        tracing::debug!(bytes = 3, "quiet");
    }
}

const WORKS: [&str; 7] = [
    "own_step",
    "three_values",
    "step_of_span",
    "step_of_source",
    "counter",
    "histogram",
    "unlogged",
];

fn work(name: &str) -> fn() {
    match name {
        "own_step" => own_step,
        "three_values" => three_values,
        "step_of_span" => step_of_span,
        "step_of_source" => step_of_source,
        "counter" => counter,
        "histogram" => histogram,
        _ => unlogged,
    }
}

#[divan::bench(args = WORKS)]
fn empty_layer(bencher: Bencher<'_, '_>, name: &str) {
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(Empty));
    bencher.counter(ItemsCount::new(EVENTS as usize)).bench_local(work(name));
}

#[divan::bench(args = WORKS)]
fn events(bencher: Bencher<'_, '_>, name: &str) {
    logged(bencher, work(name), TagPrefix::None);
}

/// It has counters and histograms, and no steps.
#[divan::bench(args = ["counter", "histogram", "unlogged"])]
fn opentelemetry_layer(bencher: Bencher<'_, '_>, name: &str) {
    let reader = opentelemetry_sdk::metrics::ManualReader::builder().build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    let layer = tracing_opentelemetry::MetricsLayer::new(provider);
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    work(name)();
    bencher.counter(ItemsCount::new(EVENTS as usize)).bench_local(work(name));
}

#[divan::bench(args = ["own_step", "step_of_span"])]
fn events_with_span_path(bencher: Bencher<'_, '_>, name: &str) {
    logged(bencher, work(name), TagPrefix::SpanPath);
}

fn logged(bencher: Bencher<'_, '_>, work: fn(), prefix: TagPrefix) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.step_source().set(3);
    let layer = writer.events().prefix(prefix);
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    work();
    bencher
        .counter(ItemsCount::new(EVENTS as usize))
        .with_inputs(|| writer.flush().unwrap())
        .bench_local_values(|()| work());
}

/// The cost of a call of the writer itself.
#[divan::bench]
fn scalar_handle(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let loss = writer.scalar("loss");
    bencher
        .counter(ItemsCount::new(EVENTS as usize))
        .with_inputs(|| writer.flush().unwrap())
        .bench_local_values(|()| (0..EVENTS).for_each(|step| loss.add(0.5f32, step)));
}

fn counter_macro() {
    for _ in 0..EVENTS {
        counter!("samples").increment(1);
    }
}

fn labels_macro() {
    for _ in 0..EVENTS {
        counter!("requests", "method" => "GET", "status" => "200").increment(1);
    }
}

fn histogram_macro() {
    for value in 0..EVENTS {
        histogram!("latency").record(value as f64);
    }
}

fn counter_handle() {
    let samples = counter!("samples");
    (0..EVENTS).for_each(|_| divan::black_box(&samples).increment(1));
}

fn gauge_handle() {
    let level = gauge!("level");
    (0..EVENTS).for_each(|value| divan::black_box(&level).set(value as f64));
}

fn histogram_handle() {
    let latency = histogram!("latency");
    (0..EVENTS).for_each(|value| divan::black_box(&latency).record(value as f64));
}

const CALLS: [&str; 6] = [
    "counter_handle",
    "gauge_handle",
    "histogram_handle",
    "counter_macro",
    "labels_macro",
    "histogram_macro",
];

fn call(name: &str) -> fn() {
    match name {
        "counter_handle" => counter_handle,
        "gauge_handle" => gauge_handle,
        "histogram_handle" => histogram_handle,
        "counter_macro" => counter_macro,
        "labels_macro" => labels_macro,
        _ => histogram_macro,
    }
}

fn recorded(
    bencher: Bencher<'_, '_>,
    recorder: &dyn Recorder,
    call: fn(),
    mut between: impl FnMut(),
) {
    with_local_recorder(&recorder, || {
        call();
        bencher
            .counter(ItemsCount::new(EVENTS as usize))
            .with_inputs(|| between())
            .bench_local_values(|()| call());
    });
}

#[divan::bench(args = CALLS)]
fn metrics_recorder(bencher: Bencher<'_, '_>, name: &str) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let recorder = MetricsRecorder::new(&writer);
    recorded(bencher, &recorder, call(name), || {});
}

/// The samples that it keeps are drained between the rounds, as its server does.
#[divan::bench(args = CALLS)]
fn prometheus_recorder(bencher: Bencher<'_, '_>, name: &str) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    recorded(bencher, &recorder, call(name), || handle.run_upkeep());
}
