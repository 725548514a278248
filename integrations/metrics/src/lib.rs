//! A recorder for the [`metrics`] facade that logs for TensorBoard.
//!
//! ```
//! use tfevents::SummaryWriter;
//! use tfevents_metrics::MetricsRecorder;
//!
//! # let dir = tempfile::tempdir()?;
//! # let logdir = dir.path();
//! let writer = SummaryWriter::new(logdir)?;
//! let recorder = MetricsRecorder::new(&writer);
//! # metrics::with_local_recorder(&recorder, || {
//! // metrics::set_global_recorder(recorder.clone())?;
//!
//! for step in 0..100 {
//!     metrics::counter!("samples").increment(32);
//!     metrics::gauge!("queue", "worker" => "0").set(3.0);
//!     metrics::histogram!("batch_seconds").record(0.02);
//!     recorder.log(step);
//! }
//! # });
//! writer.close()?;
//! # use tfevents::read::Run;
//! # assert_eq!(Run::open(dir.path())?.scalars("samples")?.values().last(), Some(&3200.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is logged
//!
//! [`MetricsRecorder::log`] logs all metrics at a step, and [`MetricsRecorder::log_every`] does so on
//! a thread:
//!
//! | metric | tag | value |
//! |---|---|---|
//! | counter | `name` | the total since the program began |
//! | | `name/rate` | the rate per second since the metrics were logged before |
//! | gauge | `name` | the value, once it was set |
//! | histogram | `name` | a histogram of what was recorded since the metrics were logged before, if anything was |
//!
//! Labels are a part of the tag, sorted by their keys: `requests/method=GET,status=200`. In labels,
//! `/`, `,`, `=` and `%` are written as in URLs, such as `path=%2Fapi`. Descriptions and units of
//! `describe_counter!` and the like are shown by TensorBoard beside the tag.
//!
//! A histogram counts in fixed buckets, each at most an eighth as wide as its numbers are large
//! ([`AtomicHistogram`](tfevents::summary::AtomicHistogram)): it takes 11 KiB, however much is
//! recorded.
//!
//! # What is skipped
//!
//! The first of each is reported through the [`log`](https://docs.rs/log) facade, by its tag: a gauge
//! that is NaN or infinite; a metric whose tag another kind of metric has; and metrics beyond the
//! first 10 000. What is recorded in a histogram and not finite is left out of it.
//!
//! # Other recorders
//!
//! Nothing global is installed: pass a clone to `metrics::set_global_recorder`, or to the `Fanout` of
//! `metrics-util` together with an exporter. A recorder keeps its writer open, like a clone of it: if
//! it is installed globally, [close](tfevents::SummaryWriter::close) the writer at the end of `main`.
//!
//! # Compatibility
//!
//! | tfevents-metrics | metrics | tfevents | Rust |
//! |---|---|---|---|
//! | 0.1 | 0.24 | 0.1 | 1.85 |

mod interval;
mod registry;
mod series;

pub use interval::IntervalLog;
pub use tfevents;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use registry::Registry;
use series::{Kind, Series};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tfevents::summary::Step;
use tfevents::{StepSource, SummaryWriter};

/// A recorder for the [`metrics`] facade that logs through a [`SummaryWriter`]; see the [crate's
/// documentation](crate).
///
/// Clones share the metrics.
#[derive(Clone)]
pub struct MetricsRecorder {
    inner: Arc<Inner>,
}

struct Inner {
    writer: SummaryWriter,
    steps: StepSource,
    registry: Registry,
    /// When the metrics were logged before. Locked while they are logged.
    logged: Mutex<Instant>,
}

impl MetricsRecorder {
    /// Creates a recorder that logs into a run.
    ///
    /// With a [disabled](SummaryWriter::disabled) writer it keeps nothing.
    ///
    /// ```
    /// use tfevents_metrics::MetricsRecorder;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let recorder = MetricsRecorder::new(&writer);
    /// metrics::with_local_recorder(&recorder, || metrics::counter!("samples").increment(1));
    /// recorder.log(0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(writer: &SummaryWriter) -> Self {
        Self::with_step_source(writer, &writer.step_source())
    }

    /// Creates a recorder whose [`log_every`](Self::log_every) reads the step from another source
    /// than the writer's own.
    ///
    /// ```
    /// use tfevents::StepSource;
    /// use tfevents_metrics::MetricsRecorder;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let steps = StepSource::new();
    /// let recorder = MetricsRecorder::with_step_source(&writer, &steps);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_step_source(writer: &SummaryWriter, steps: &StepSource) -> Self {
        let inner = Inner {
            writer: writer.clone(),
            steps: steps.clone(),
            registry: Registry::default(),
            logged: Mutex::new(Instant::now()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Logs all metrics at a step. It takes some microseconds for each histogram, and less for others.
    ///
    /// ```
    /// use tfevents_metrics::MetricsRecorder;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let recorder = MetricsRecorder::new(&writer);
    /// for step in 0..1000 {
    ///     // train on a batch
    ///     if step % 100 == 0 {
    ///         recorder.log(step);
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn log(&self, step: impl Step) {
        self.log_at(step.to_step(), Instant::now());
    }

    fn log_at(&self, step: i64, now: Instant) {
        let inner = &*self.inner;
        let mut logged = inner.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = now.saturating_duration_since(*logged);
        *logged = now;
        for (series, label) in inner.registry.all() {
            series.log(&inner.writer, label.as_deref(), step, elapsed);
        }
    }

    /// Starts a thread that logs all metrics after each interval, at the step of the
    /// [`StepSource`]. Without a step, or while it stays the same, nothing is logged.
    ///
    /// The thread ends when the returned value is dropped, which logs once more, or when the writer
    /// is closed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tfevents_metrics::MetricsRecorder;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let recorder = MetricsRecorder::new(&writer);
    /// let _log = recorder.log_every(Duration::from_secs(10))?; // until the end of the block
    /// let steps = writer.step_source();
    /// for step in 0..1000 {
    ///     steps.set(step);
    ///     // train on a batch
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the thread cannot be spawned.
    pub fn log_every(&self, interval: Duration) -> io::Result<IntervalLog> {
        IntervalLog::start(self, interval)
    }

    fn series(&self, key: &Key, kind: Kind) -> Option<Arc<Series>> {
        if self.inner.writer.is_disabled() {
            return None;
        }
        self.inner.registry.get_or_insert(key, kind)
    }
}

impl Recorder for MetricsRecorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        self.inner.registry.describe(name, unit, description);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        self.inner.registry.describe(name, unit, description);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        self.inner.registry.describe(name, unit, description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.series(key, Kind::Counter).map_or_else(Counter::noop, Counter::from_arc)
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.series(key, Kind::Gauge).map_or_else(Gauge::noop, Gauge::from_arc)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.series(key, Kind::Histogram).map_or_else(Histogram::noop, Histogram::from_arc)
    }
}

impl fmt::Debug for MetricsRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsRecorder")
            .field("writer", &self.inner.writer)
            .finish_non_exhaustive()
    }
}

/// Compiles the example in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
