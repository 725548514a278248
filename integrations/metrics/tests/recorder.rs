//! Programs that record through the `metrics` facade.

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tfevents::read::{Points, Run};
use tfevents::{StepSource, SummaryWriter};
use tfevents_metrics::MetricsRecorder;

struct Logged {
    dir: tempfile::TempDir,
    writer: SummaryWriter,
    recorder: MetricsRecorder,
}

impl Logged {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        let recorder = MetricsRecorder::new(&writer);
        Self { dir, writer, recorder }
    }

    fn run(&self) -> Run {
        self.writer.flush().unwrap();
        Run::open(self.dir.path()).unwrap().with_points(Points::Raw)
    }

    fn points(&self, tag: &str) -> Vec<(i64, f32)> {
        let all = self.run().all_scalars().unwrap();
        let Some(scalars) = all.get(tag) else { return Vec::new() };
        scalars.steps().iter().copied().zip(scalars.values().iter().copied()).collect()
    }

    fn counts(&self, tag: &str) -> Vec<(i64, f64)> {
        let histograms = self.run().histograms(tag).unwrap();
        let count = |buckets: &[tfevents::read::HistogramBucket]| -> f64 {
            buckets.iter().map(|bucket| bucket.count).sum()
        };
        histograms.iter().map(|point| (point.step, count(&point.value.buckets))).collect()
    }
}

#[test]
fn counters_gauges_and_histograms() {
    let logged = Logged::new();
    with_local_recorder(&logged.recorder, || {
        let _unset = gauge!("unset");
        for step in 0..3 {
            counter!("samples").increment(32);
            counter!("requests", "status" => "200", "method" => "GET").increment(1);
            counter!("requests", "path" => "/a/b").increment(2);
            gauge!("queue").set(f64::from(step));
            gauge!("open").increment(2.0);
            gauge!("open").decrement(0.5);
            (0..10 * (step + 1)).for_each(|value| histogram!("latency").record(value));
            histogram!("batches").record_many(0.5, 7);
            logged.recorder.log(10 * step);
        }
        counter!("late").absolute(5);
        counter!("late").absolute(3);
        logged.recorder.log(30);
    });
    assert_eq!(logged.points("samples"), [(0, 32.0), (10, 64.0), (20, 96.0), (30, 96.0)]);
    assert_eq!(logged.points("requests/method=GET,status=200")[2], (20, 3.0));
    assert_eq!(logged.points("requests/path=%2Fa%2Fb")[2], (20, 6.0));
    assert_eq!(logged.points("queue"), [(0, 0.0), (10, 1.0), (20, 2.0), (30, 2.0)]);
    assert_eq!(logged.points("open"), [(0, 1.5), (10, 3.0), (20, 4.5), (30, 4.5)]);
    assert_eq!(logged.points("late"), [(30, 5.0)]);
    assert_eq!(logged.points("unset"), []);
    // Nothing was recorded before the last step.
    assert_eq!(logged.counts("latency"), [(0, 10.0), (10, 20.0), (20, 30.0)]);
    assert_eq!(logged.counts("batches"), [(0, 7.0), (10, 7.0), (20, 7.0)]);
}

#[test]
fn rates_are_per_second_between_two_logs() {
    let logged = Logged::new();
    let bounds = with_local_recorder(&logged.recorder, || {
        let mut bounds = Vec::new();
        let mut before = (Instant::now(), Instant::now());
        for step in 0..3u64 {
            counter!("samples").increment(1000 * step);
            std::thread::sleep(Duration::from_millis(20));
            let called = Instant::now();
            logged.recorder.log(step);
            let returned = Instant::now();
            // The recorder reads the clock within each call.
            bounds.push((called - before.1, returned - before.0));
            before = (called, returned);
        }
        bounds
    });
    let points = logged.points("samples/rate");
    assert_eq!(points.len(), 3);
    assert_eq!(points[0].1, 0.0);
    for (step, (shortest, longest)) in bounds.into_iter().enumerate().skip(1) {
        let added = 1000.0 * step as f64;
        let (min, max) = (added / longest.as_secs_f64(), added / shortest.as_secs_f64());
        let rate = f64::from(points[step].1);
        assert!(rate >= min * 0.999 && rate <= max * 1.001, "{min} <= {rate} <= {max}");
    }
}

#[test]
fn sixteen_threads_lose_nothing() {
    const THREADS: u64 = 16;
    const TIMES: u64 = 20_000;
    let logged = Logged::new();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let recorder = &logged.recorder;
            scope.spawn(move || {
                with_local_recorder(recorder, || {
                    let labels = [("thread", thread.to_string())];
                    for at in 0..TIMES {
                        counter!("total").increment(3);
                        counter!("own", &labels).increment(1);
                        histogram!("samples").record(at as f64);
                        gauge!("level").increment(1.0);
                    }
                });
            });
        }
        // Meanwhile everything is taken and logged.
        for step in 0..20 {
            logged.recorder.log(step);
            std::thread::yield_now();
        }
    });
    logged.recorder.log(1000);
    let total = (THREADS * TIMES) as f32;
    assert_eq!(logged.points("total").last(), Some(&(1000, 3.0 * total)));
    assert_eq!(logged.points("level").last(), Some(&(1000, total)));
    for thread in 0..THREADS {
        let own = logged.points(&format!("own/thread={thread}"));
        assert_eq!(own.last(), Some(&(1000, TIMES as f32)));
    }
    let samples: f64 = logged.counts("samples").iter().map(|(_, count)| count).sum();
    assert_eq!(samples, f64::from(total));
}

#[test]
fn descriptions_and_units_are_logged() {
    let logged = Logged::new();
    with_local_recorder(&logged.recorder, || {
        describe_counter!("bytes", Unit::Bytes, "What was read");
        describe_gauge!("level", "Of the tank");
        describe_histogram!("wait", Unit::Seconds, "");
        counter!("bytes", "disk" => "a").increment(1);
        gauge!("level").set(1.0);
        histogram!("wait").record(1.0);
        counter!("plain").increment(1);
        std::thread::sleep(Duration::from_millis(1));
        logged.recorder.log(0);
    });
    logged.writer.flush().unwrap();
    let mut found = std::collections::BTreeMap::new();
    for event in logged.run().events() {
        for value in event.unwrap().values() {
            found.insert(value.tag().to_owned(), value.metadata().description.to_owned());
        }
    }
    let of = |tag: &str| found[tag].as_str();
    assert_eq!(of("bytes/disk=a"), "What was read (in bytes)");
    assert_eq!(of("bytes/disk=a/rate"), "What was read (in bytes per second)");
    assert_eq!((of("level"), of("wait"), of("plain")), ("Of the tank", "In seconds", ""));
}

static RECORDS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// How many metrics a message is counted in.
const METRICS: usize = 100;

struct Keeper;

impl log::Log for Keeper {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    /// Records metrics of its own for each message, as programs do that count their warnings: as
    /// many as it takes to meet each lock of a recorder.
    fn log(&self, record: &log::Record<'_>) {
        let text = record.args().to_string();
        for at in 0..METRICS {
            counter!("records", "text" => text.clone(), "at" => at.to_string()).increment(1);
        }
        RECORDS.lock().unwrap().push(text);
    }
    fn flush(&self) {}
}

#[test]
fn what_cannot_be_logged_is_skipped_and_named_once() {
    log::set_logger(&Keeper).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let logged = Logged::new();
    with_local_recorder(&logged.recorder, || {
        for step in 0..3 {
            gauge!("bad").set(if step == 1 { f64::NAN } else { f64::INFINITY });
            histogram!("half").record(f64::NAN);
            histogram!("half").record(1.0);
            counter!("twice").increment(1);
            gauge!("twice").set(7.0);
            gauge!("twice/rate").set(7.0);
            logged.recorder.log(step);
        }
    });
    assert_eq!(logged.points("bad"), []);
    assert_eq!(logged.counts("half"), [(0, 1.0), (1, 1.0), (2, 1.0)]);
    assert_eq!(logged.points("twice"), [(0, 1.0), (1, 2.0), (2, 3.0)]);
    let records = RECORDS.lock().unwrap().clone();
    let all = logged.run().all_scalars().unwrap();
    let counted = all.iter().filter(|(tag, _)| {
        tag.starts_with("records/") && tag.contains(",text=metric \"") && !tag.ends_with("/rate")
    });
    assert_eq!(counted.count(), 3 * METRICS);
    for (name, message) in [
        ("\"bad\"", "metric \"bad\" is not logged: inf (expected a finite f32) (logged once)"),
        (
            "\"twice\"",
            "metric \"twice\" is not logged: a tag of a Gauge (expected one that no Counter has) \
             (logged once)",
        ),
        (
            "\"twice/rate\"",
            "metric \"twice/rate\" is not logged: a tag of a Gauge (expected one that no Counter has) \
             (logged once)",
        ),
    ] {
        let found: Vec<_> = records.iter().filter(|record| record.contains(name)).collect();
        assert_eq!(found, [message]);
    }
}

#[test]
fn an_interval_logs_at_new_steps_of_the_source() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let steps = StepSource::new();
    let recorder = MetricsRecorder::with_step_source(&writer, &steps);
    let logged = Logged { dir, writer, recorder };
    let log = logged.recorder.log_every(Duration::from_millis(10)).unwrap();
    with_local_recorder(&logged.recorder, || {
        counter!("samples").increment(1);
        steps.set(3);
        let begun = Instant::now();
        while logged.points("samples").is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing was logged");
            std::thread::yield_now();
        }
        counter!("samples").increment(1);
        steps.set(4);
    });
    drop(log);
    let last = logged.points("samples");
    assert_eq!(last.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(last[1], (4, 2.0));
    // Without one, the thread has ended.
    steps.set(5);
    assert_eq!(logged.points("samples"), last);
}

#[test]
fn a_closed_writer_ends_the_thread_and_a_disabled_one_starts_none() {
    let logged = Logged::new();
    let log = logged.recorder.log_every(Duration::from_secs(3600)).unwrap();
    logged.writer.close().unwrap();
    logged.recorder.log(0);
    drop(log);
    let disabled = MetricsRecorder::new(&SummaryWriter::disabled());
    with_local_recorder(&disabled, || counter!("x").increment(1));
    drop(disabled.log_every(Duration::ZERO).unwrap());
    disabled.log(0);
}
