//! Time of an event of `tracing`: with a layer that does nothing, and with one that logs its numbers.
//! `cargo bench -p benches --bench sources`
//!
//! Each item is one event. What is logged is flushed after each thousand, outside the time.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use tfevents::{SummaryWriter, TagPrefix};
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
        info!(histogram.latency = value);
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

/// What a call of the writer itself costs.
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
