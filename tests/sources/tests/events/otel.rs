//! Fields with the prefixes of OpenTelemetry.

use crate::{Logged, logged};
use sources_tests::records;
use tfevents::read::Run;
use tracing::{info, info_span};

#[test]
fn counters_are_totals_and_gauges_values() {
    let logged = logged(|| {
        for step in 1..=3 {
            info!(step, monotonic_counter.requests = 1.5, status = 200, method = "GET");
            info!(step, monotonic_counter.requests = 0.5);
            info!(step, counter.open = 5 - 3 * step, gauge.queue = step * 10);
        }
        // The same counter at another callsite.
        info!(step = 4, monotonic_counter.requests = 1.5);
    });
    let requests = [(1, 2.0), (2, 4.0), (3, 6.0), (4, 7.5)];
    assert_eq!(logged.points("requests"), requests);
    assert_eq!(logged.points("open"), [(1, 2.0), (2, 1.0), (3, -3.0)]);
    assert_eq!(logged.points("queue"), [(1, 10.0), (2, 20.0), (3, 30.0)]);
    // The other fields are attributes.
    assert_eq!(logged.tags(), ["open", "queue", "requests"]);
}

#[test]
fn a_monotonic_counter_does_not_fall() {
    let logged = logged(|| {
        for value in [3, -1, -1, 4] {
            info!(step = 1, monotonic_counter.falling = value);
        }
    });
    assert_eq!(logged.points("falling"), [(1, 7.0)]);
    let records = records("\"falling\"");
    assert_eq!(
        records,
        [
            "tracing event: \"falling\" is not logged: -1 (expected a finite number from 0) (logged once)"
        ]
    );
}

#[test]
fn histograms_end_with_their_step() {
    let logged = Logged::new();
    logged.with(logged.writer.events(), || {
        for step in 0..3i64 {
            let batch = info_span!("batch", step).entered();
            for value in 0..10 + step {
                info!(histogram.latency = value as f64 / 8.0);
            }
            drop(batch);
        }
        info!(step = 2, histogram.latency = f64::NAN);
    });
    let counts = |run: &Run| -> Vec<(i64, f64)> {
        let latencies = run.histograms("latency").unwrap();
        let count = |value: &tfevents::read::HistogramValue| -> f64 {
            value.buckets.iter().map(|bucket| bucket.count).sum()
        };
        latencies.iter().map(|point| (point.step, count(&point.value))).collect()
    };
    logged.writer.flush().unwrap();
    let run = Run::open(logged.path()).unwrap();
    assert_eq!(counts(&run), [(0, 10.0), (1, 11.0)]);
    // The last step ends with the run, however it ends.
    let path = logged.path().to_owned();
    let Logged { dir, writer } = logged;
    drop(writer);
    assert_eq!(counts(&Run::open(path).unwrap()), [(0, 10.0), (1, 11.0), (2, 12.0)]);
    drop(dir);
}
