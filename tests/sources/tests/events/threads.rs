//! Programs with many threads and tasks.

use crate::Logged;
use std::sync::Arc;
use tfevents::TagPrefix;
use tracing::{Instrument, info, info_span};
use tracing_subscriber::prelude::*;

const TASKS: i64 = 16;
const STEPS: i64 = 500;

#[tracing::instrument(skip_all, fields(step))]
async fn batch(task: i64, step: i64) {
    tokio::task::yield_now().await;
    tracing::Span::current().record("step", step);
    forward(task, step).await;
}

#[tracing::instrument(skip_all, name = "forward")]
async fn forward(task: i64, step: i64) {
    info!(loss = step as f32 / TASKS as f32, task);
    tokio::task::yield_now().await;
    info!(monotonic_counter.batches = 1, "batch is over");
}

/// A server with tasks that move between threads, each with spans of its own.
#[test]
fn tasks_of_tokio_log_with_the_steps_of_their_spans() {
    let logged = Logged::new();
    let layer = logged.writer.events().prefix(TagPrefix::SpanPath);
    // Tasks run on threads without a default subscriber of their own.
    let subscriber: tracing::Dispatch = tracing_subscriber::registry().with(layer).into();
    let runtime = {
        let subscriber = subscriber.clone();
        let guard = std::sync::Mutex::new(Vec::new());
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .on_thread_start(move || {
                // Kept for the life of the thread.
                std::mem::forget(tracing::dispatcher::set_default(&subscriber));
                guard.lock().unwrap().push(std::thread::current().id());
            })
            .build()
            .unwrap()
    };
    runtime.block_on(async {
        let barrier = Arc::new(tokio::sync::Barrier::new(TASKS as usize));
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let barrier = barrier.clone();
                let name = async move {
                    barrier.wait().await;
                    for step in 0..STEPS {
                        batch(task, step).await;
                    }
                };
                let span = tracing::dispatcher::with_default(&subscriber, || {
                    if task % 2 == 0 { info_span!("even") } else { info_span!("odd") }
                });
                tokio::spawn(name.instrument(span))
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    drop(runtime);
    assert_eq!(logged.writer.stats().without_step, 0);
    for half in ["even", "odd"] {
        let losses = logged.points(&format!("{half}/batch/forward/loss"));
        assert_eq!(losses.len() as i64, TASKS / 2 * STEPS);
        assert!(losses.iter().all(|(step, loss)| *loss == *step as f32 / TASKS as f32));
        // Totals are logged in their order, whichever thread added to them.
        let batches = logged.points(&format!("{half}/batch/forward/batches"));
        let totals: Vec<_> = batches.iter().map(|(_, total)| *total as i64).collect();
        assert!(totals.is_sorted(), "{totals:?}");
        assert_eq!(totals.last(), Some(&(TASKS / 2 * STEPS)));
    }
    assert_eq!(logged.tags().len(), 6);
}

/// One event happened before the other, on another thread.
#[test]
fn events_of_several_threads_keep_their_order() {
    let logged = Logged::new();
    let subscriber: tracing::Dispatch =
        tracing_subscriber::registry().with(logged.writer.events()).into();
    let turn = std::sync::atomic::AtomicI64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (subscriber, turn) = (&subscriber, &turn);
            scope.spawn(move || {
                tracing::dispatcher::with_default(subscriber, || {
                    for step in (thread..2000).step_by(4) {
                        while turn.load(std::sync::atomic::Ordering::Acquire) != step {
                            std::thread::yield_now();
                        }
                        info!(step, value = step);
                        turn.store(step + 1, std::sync::atomic::Ordering::Release);
                    }
                });
            });
        }
    });
    let steps: Vec<_> = logged.points("value").iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, (0..2000).collect::<Vec<_>>());
}
