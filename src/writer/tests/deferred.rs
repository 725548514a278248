//! Deferred summaries that wait until the test opens a gate: order, bounds and failures.

use crate::storage::faulty::{Fault, Faulty};
use crate::summary::{
    Deferred, Histogram, Image, MediaEncoding, Scalar, ScalarEncoding, Summary, SummaryEncoder,
};
use crate::wire::messages::{event::What, summary::value::Value};
use crate::writer::tests::{events, steps};
use crate::writer::{Error, Overflow, SummaryWriter};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A scalar that is encoded once the test opens its gate.
struct Gated {
    started: Sender<ThreadId>,
    gate: Arc<Mutex<Receiver<()>>>,
    memory_usage: usize,
}

/// The test's end of a gate. Dropping it opens the gate forever.
struct Gate {
    open: Sender<()>,
    started: Receiver<ThreadId>,
    summary: Box<dyn Fn(usize) -> Gated>,
}

impl Gate {
    fn new() -> Self {
        let (open, gate) = mpsc::channel();
        let (report, started) = mpsc::channel();
        let gate = Arc::new(Mutex::new(gate));
        let summary = move |memory_usage| {
            let (started, gate) = (report.clone(), gate.clone());
            Gated { started, gate, memory_usage }
        };
        Self { open, started, summary: Box::new(summary) }
    }

    fn scalar(&self) -> Gated {
        (self.summary)(0)
    }

    fn holding(&self, bytes: usize) -> Gated {
        (self.summary)(bytes)
    }

    fn open(self) {
        drop(self.open);
    }
}

impl Summary for Gated {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        // The test may have ended.
        let _ = self.started.send(thread::current().id());
        let _ = self.gate.lock().unwrap().recv();
        Scalar::new(0).encode(tag, encoder);
    }

    fn memory_usage(&self) -> usize {
        self.memory_usage
    }
}

/// Waits until a condition is true. The timeout only ends a test that fails.
fn until(condition: &str, is_true: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not reached: {condition}");
        thread::yield_now();
    }
}

fn assert_adds_up(writer: &SummaryWriter) {
    let stats = writer.stats();
    assert_eq!(stats.logged, stats.written + stats.dropped + stats.pending, "{stats:?}");
}

#[test]
fn deferred_summaries_keep_their_order_among_threads() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .flush_interval(Duration::from_micros(100))
        .build()
        .unwrap();
    let gate = Gate::new();
    let next = Mutex::new(0i64);
    writer.add_scalar("sequence", 0, -2);
    writer.add_deferred("sequence", gate.scalar(), -1);
    thread::scope(|scope| {
        for thread in 0..4 {
            let (writer, next) = (writer.clone(), &next);
            scope.spawn(move || {
                for _ in 0..500 {
                    // One call after the other, by the threads in any order.
                    let mut step = next.lock().unwrap();
                    if (*step + thread) % 3 == 0 {
                        writer.add_deferred("sequence", Scalar::new(1), *step);
                    } else {
                        writer.add_scalar("sequence", 1, *step);
                    }
                    *step += 1;
                }
            });
        }
    });
    gate.started.recv().unwrap();
    until("the event before is written", || writer.stats().written == 1);
    assert_eq!(writer.stats().pending, 2001);
    assert_eq!(steps(dir.path()), [-2]);
    gate.open();
    writer.close().unwrap();
    assert_eq!(steps(dir.path()), (-2..2000).collect::<Vec<_>>());
    let times: Vec<_> = crate::read::Run::open(dir.path())
        .unwrap()
        .events()
        .map(|event| event.unwrap().wall_time())
        .collect();
    // The wall times are those of the calls.
    assert!(times[1..].windows(2).all(|pair| pair[0] <= pair[1]));
}

#[test]
fn a_stuck_summary_delays_its_own_run_alone() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .flush_interval(Duration::from_millis(200))
        .build()
        .unwrap();
    let stuck = writer.child_run("stuck").unwrap();
    let gate = Gate::new();
    stuck.add_scalar("loss", 0, 0);
    for step in 1..=10 {
        stuck.add_deferred("slow", gate.scalar(), step);
    }
    stuck.add_scalar("loss", 0, 11);
    let worker = gate.started.recv().unwrap();
    assert_ne!(worker, thread::current().id());
    writer.add_scalar("loss", 0, 0);
    writer.add_deferred("quick", Scalar::new(0), 1);
    writer.child_run("third").unwrap().add_deferred("quick", Scalar::new(0), 2);
    // No call flushes: events are written after the interval.
    until("other runs are written", || writer.stats().written == 4);
    assert_eq!(steps(&dir.path().join("stuck")), [0]);
    assert_eq!((steps(dir.path()), steps(&dir.path().join("third"))), (vec![0, 1], vec![2]));
    assert_adds_up(&writer);
    gate.open();
    writer.flush().unwrap();
    assert_eq!(steps(&dir.path().join("stuck")), (0..12).collect::<Vec<_>>());
}

/// Waits of the standard library may end spuriously.
#[test]
fn a_wait_that_ends_without_cause_leaves_no_run_without_a_thread() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_deferred("loss", Scalar::new(0), 0);
    writer.flush().unwrap();
    // There is one thread, which is idle.
    for _ in 0..1000 {
        writer.run.as_ref().unwrap().shared.workers.wake();
        thread::yield_now();
    }
    let gate = Gate::new();
    for run in ["a", "b", "c"] {
        writer.child_run(run).unwrap().add_deferred("stuck", gate.scalar(), 0);
    }
    for _ in 0..3 {
        gate.started.recv_timeout(Duration::from_secs(30)).expect("each run has a thread");
    }
    gate.open();
    writer.close().unwrap();
}

#[test]
fn deferred_summaries_count_against_the_buffer() {
    let dir = tempfile::tempdir().unwrap();
    let builder = SummaryWriter::builder(dir.path()).buffer_bytes(64 << 10);
    let writer = builder.overflow(Overflow::Drop).build().unwrap();
    let gate = Gate::new();
    // 32 KiB are for large events.
    for step in 0..4 {
        writer.add_deferred("three fit", gate.holding(10_000), step);
    }
    gate.started.recv().unwrap();
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.dropped, stats.pending), (4, 1, 3));
    gate.open();
    assert!(matches!(writer.flush(), Err(Error::Dropped { events: 1, .. })));
    assert_eq!(steps(dir.path()), [0, 1, 2]);
    // The capacity is released.
    writer.add_text("large", &"x".repeat(30_000), 3);
    // A summary larger than the buffer is encoded by its call; its event fits.
    let gate = Gate::new();
    gate.open.send(()).unwrap();
    writer.add_deferred("at once", gate.holding(40_000), 4);
    assert_eq!(gate.started.recv().unwrap(), thread::current().id());
    // An event that is larger than the capacity is dropped.
    writer.flush().unwrap();
    let many = || Histogram::uniform(&[0, 1], 2000);
    writer.add_deferred("grows", Deferred::new(0, many), 5);
    assert!(matches!(writer.close(), Err(Error::Dropped { events: 1, .. })));
    assert_eq!(steps(dir.path()), [0, 1, 2, 4]);
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.written, stats.dropped), (7, 5, 2));
}

#[test]
fn only_a_limited_number_of_summaries_waits() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path()).overflow(Overflow::Drop).build().unwrap();
    let gate = Gate::new();
    for step in 0..1025 {
        writer.add_deferred("loss", gate.scalar(), step);
    }
    assert_eq!((writer.stats().pending, writer.stats().dropped), (1024, 1));
    gate.open();
    assert!(matches!(writer.close(), Err(Error::Dropped { events: 1, .. })));
    assert_eq!(steps(dir.path()), (0..1024).collect::<Vec<_>>());
}

#[test]
fn a_deferred_scalar_is_encoded_as_any_other() {
    for (encoding, simple) in [(ScalarEncoding::Simple, true), (ScalarEncoding::Tensor, false)] {
        let dir = tempfile::tempdir().unwrap();
        let builder = SummaryWriter::builder(dir.path()).scalar_encoding(encoding);
        let writer = builder.build().unwrap();
        writer.add("loss", &Scalar::new(0.5), 0);
        writer.add_deferred("loss", Scalar::new(0.5), 1);
        writer.close().unwrap();
        let mut encodings = Vec::new();
        for event in events(dir.path()) {
            if let Some(What::Summary(summary)) = event.what {
                encodings.push(matches!(summary.value[0].value, Some(Value::SimpleValue(_))));
            }
        }
        assert_eq!(encodings, [simple, simple]);
    }
}

#[test]
fn images_are_encoded_as_set_in_every_run() {
    for (encoding, simple) in [(MediaEncoding::Simple, true), (MediaEncoding::Tensor, false)] {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::builder(dir.path()).media_encoding(encoding).build().unwrap();
        let image = Image::gray8(1, 1, &[7]).unwrap();
        writer.add_image("image", &image, 0);
        writer.add_deferred("image", image.clone(), 1);
        writer.child_run("child").unwrap().add_image("image", &image, 0);
        writer.close().unwrap();
        let mut encodings = Vec::new();
        for event in events(dir.path()).into_iter().chain(events(&dir.path().join("child"))) {
            if let Some(What::Summary(summary)) = event.what {
                encodings.push(matches!(summary.value[0].value, Some(Value::Image(_))));
            }
        }
        assert_eq!(encodings, [simple; 3]);
    }
}

#[test]
fn a_call_waits_for_capacity() {
    let dir = tempfile::tempdir().unwrap();
    let builder = SummaryWriter::builder(dir.path()).buffer_bytes(64 << 10);
    let limit = Duration::from_secs(3600);
    let writer = builder.overflow(Overflow::Block(limit)).flush_timeout(limit).build().unwrap();
    let gate = Gate::new();
    let calls = {
        let (writer, gated): (_, Vec<_>) =
            (writer.clone(), (0..20).map(|_| gate.holding(15_000)).collect());
        thread::spawn(move || {
            for (gated, step) in gated.into_iter().zip(0..) {
                writer.add_deferred("two fit", gated, step);
            }
        })
    };
    gate.started.recv().unwrap();
    until("the third waits", || writer.stats().pending == 2);
    gate.open();
    calls.join().unwrap();
    writer.close().unwrap();
    assert_eq!(steps(dir.path()), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_summary_that_cannot_be_encoded_is_dropped_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let alive = Arc::new(());
    for step in 0..3 {
        let owned = alive.clone();
        writer.add_scalar("loss", 0, 4 * step);
        writer.add_deferred(
            "panics",
            Deferred::new(0, || -> Scalar { panic!("on purpose") }),
            4 * step,
        );
        writer.add_deferred("nothing", None::<Scalar>, 4 * step);
        let last = move || {
            let _owned = &owned;
            Scalar::new(0)
        };
        writer.add_deferred("loss", Deferred::new(0, last), 4 * step + 1);
        assert!(matches!(writer.flush(), Err(Error::Dropped { events: 2, .. })));
        assert_eq!(Arc::strong_count(&alive), 1);
    }
    writer.close().unwrap();
    assert_eq!(steps(dir.path()), [0, 1, 4, 5, 8, 9]);
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.written, stats.dropped), (12, 6, 6));
    writer.add_deferred("late", Scalar::new(0), 13);
    assert_eq!(writer.stats().dropped, 7);
}

#[test]
fn a_summary_that_fails_is_dropped_and_counted_also_in_its_call() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let fails = || Deferred::try_new(0, || "x".parse::<u8>().map(Scalar::new));
    let succeeds = || Deferred::try_new(0, || "1".parse::<u8>().map(Scalar::new));
    writer.add("loss", &fails(), 0);
    writer.add("loss", &succeeds(), 1);
    writer.add("nothing", &None::<Scalar>, 2);
    assert!(matches!(writer.flush(), Err(Error::Dropped { events: 1, .. })));
    writer.add_deferred("loss", fails(), 3);
    writer.add_deferred("loss", succeeds(), 4);
    assert!(matches!(writer.close(), Err(Error::Dropped { events: 1, .. })));
    assert_eq!(steps(dir.path()), [1, 4]);
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.dropped, stats.drops.encode_failed), (4, 2, 2));
}

#[test]
fn closing_does_not_wait_for_a_stuck_summary_longer_than_its_timeout() {
    let dir = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(20);
    let writer = SummaryWriter::builder(dir.path()).flush_timeout(limit).build().unwrap();
    let gate = Gate::new();
    writer.add_scalar("loss", 0, 0);
    writer.add_deferred("slow", gate.scalar(), 1);
    writer.add_scalar("loss", 0, 2);
    writer.child_run("other").unwrap().add_scalar("loss", 0, 0);
    gate.started.recv().unwrap();
    assert!(matches!(writer.flush(), Err(Error::Timeout { .. })));
    assert!(matches!(writer.close(), Err(Error::Timeout { .. })));
    until("the rest is written", || writer.stats().pending == 2);
    assert_eq!((steps(dir.path()), steps(&dir.path().join("other"))), (vec![0], vec![0]));
    assert_adds_up(&writer);
    gate.open();
    until("it is written late", || writer.stats().pending == 0);
    drop(writer);
    assert_eq!(steps(dir.path()), [0, 1, 2]);
}

#[test]
fn a_run_that_is_released_keeps_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .flush_interval(Duration::from_micros(100))
        .build()
        .unwrap();
    let gate = Gate::new();
    writer.child_run("val").unwrap().add_deferred("slow", gate.scalar(), 0);
    gate.started.recv().unwrap();
    for step in 1..100 {
        writer.child_run("val").unwrap().add_scalar("loss", 0, step);
        // Makes the thread that writes take a batch.
        writer.add_scalar("loss", 0, step);
        until("other runs are written", || writer.stats().written == step as u64);
    }
    gate.open();
    writer.close().unwrap();
    assert_eq!(steps(&dir.path().join("val")), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_disk_that_fails_for_good_ends_the_wait_for_a_stuck_summary() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let writer = SummaryWriter::builder(dir.path())
        .flush_timeout(Duration::from_millis(100))
        .storage(storage.clone())
        .build()
        .unwrap();
    storage.set(Fault::Full, 0);
    let gate = Gate::new();
    writer.add_scalar("loss", 0, 0);
    writer.add_deferred("slow", gate.scalar(), 1);
    gate.started.recv().unwrap();
    assert!(matches!(writer.close(), Err(Error::Storage { .. })));
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.dropped, stats.pending), (2, 2, 0));
    gate.open();
}

/// If dropping the last clone waited here, the thread that encodes would wait for itself.
#[test]
fn a_deferred_summary_may_own_the_last_clone() {
    let dir = tempfile::tempdir().unwrap();
    let limit = Duration::from_secs(3600);
    let writer = SummaryWriter::builder(dir.path()).flush_timeout(limit).build().unwrap();
    let (clone, gate) = (writer.clone(), Gate::new());
    let gated = gate.scalar();
    let last = move || {
        gated.encode("", &mut SummaryEncoder::new(&mut Vec::new()));
        clone.add_scalar("loss", 0, 1);
        Scalar::new(0)
    };
    writer.add_deferred("loss", Deferred::new(0, last), 0);
    gate.started.recv().unwrap();
    drop(writer);
    gate.open();
    until("both are written", || steps(dir.path()) == [0, 1]);
}
