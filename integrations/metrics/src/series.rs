//! A metric with its labels, and how it is logged.

use metrics::{CounterFn, GaugeFn, HistogramFn};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tfevents::SummaryWriter;
use tfevents::summary::{AtomicHistogram, Scalar, Summary};

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// The description of a metric in Markdown, and its unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Label {
    pub(crate) description: String,
    pub(crate) unit: Option<&'static str>,
}

/// A metric with its labels.
pub(crate) struct Series {
    pub(crate) kind: Kind,
    tag: String,
    rate_tag: String,
    /// The total of a counter, or the bits of a gauge.
    value: AtomicU64,
    /// Whether a gauge was set.
    set: AtomicBool,
    /// The total of a counter when it was logged before.
    logged: AtomicU64,
    /// `None` but for a histogram.
    samples: Option<AtomicHistogram>,
    warned: AtomicBool,
}

impl Series {
    pub(crate) fn new(kind: Kind, tag: String) -> Self {
        Self {
            kind,
            rate_tag: format!("{tag}/rate"),
            tag,
            value: AtomicU64::new(0),
            set: AtomicBool::new(false),
            logged: AtomicU64::new(0),
            samples: (kind == Kind::Histogram).then(AtomicHistogram::new),
            warned: AtomicBool::new(false),
        }
    }

    /// Logs the metric at a step. `elapsed` is the time since it was logged before.
    pub(crate) fn log(
        &self,
        writer: &SummaryWriter,
        label: Option<&Label>,
        step: i64,
        elapsed: Duration,
    ) {
        match (self.kind, &self.samples) {
            (Kind::Counter, _) => {
                let total = self.value.load(Ordering::Relaxed);
                // Below it after `absolute` with an earlier value.
                let added = total.saturating_sub(self.logged.swap(total, Ordering::Relaxed));
                self.push(writer, &self.tag, &Scalar::new(total), label, "", step);
                let rate = added as f64 / elapsed.as_secs_f64();
                if rate.is_finite() {
                    self.push(
                        writer,
                        &self.rate_tag,
                        &Scalar::new(rate),
                        label,
                        " per second",
                        step,
                    );
                }
            }
            (Kind::Gauge, _) if self.set.load(Ordering::Acquire) => {
                let value = f64::from_bits(self.value.load(Ordering::Relaxed));
                if (value as f32).is_finite() {
                    self.push(writer, &self.tag, &Scalar::new(value), label, "", step);
                } else if !self.warned.swap(true, Ordering::Relaxed) {
                    let tag = &self.tag;
                    log::warn!(
                        "metric {tag:?} is not logged: {value} (expected a finite f32) (logged once)"
                    );
                }
            }
            (Kind::Histogram, Some(samples)) => {
                let histogram = samples.take();
                if histogram.count() > 0 {
                    self.push(writer, &self.tag, &histogram, label, "", step);
                }
            }
            _ => {}
        }
    }

    fn push<S: Summary>(
        &self,
        writer: &SummaryWriter,
        tag: &str,
        summary: &S,
        label: Option<&Label>,
        per: &str,
        step: i64,
    ) {
        let Some(Label { description, unit }) = label else {
            return writer.add(tag, summary, step);
        };
        let text = match unit {
            Some(unit) if description.is_empty() => format!("In {unit}{per}"),
            Some(unit) => format!("{description} (in {unit}{per})"),
            None => description.clone(),
        };
        writer.add(tag, &summary.with_metadata().description(text), step);
    }
}

impl CounterFn for Series {
    #[inline]
    fn increment(&self, value: u64) {
        self.value.fetch_add(value, Ordering::Relaxed);
    }

    fn absolute(&self, value: u64) {
        self.value.fetch_max(value, Ordering::Relaxed);
    }
}

impl Series {
    fn update(&self, change: impl Fn(f64) -> f64) {
        let new = |bits| Some(change(f64::from_bits(bits)).to_bits());
        let _ = self.value.fetch_update(Ordering::Relaxed, Ordering::Relaxed, new);
        self.set.store(true, Ordering::Release);
    }
}

impl GaugeFn for Series {
    fn increment(&self, value: f64) {
        self.update(|old| old + value);
    }

    fn decrement(&self, value: f64) {
        self.update(|old| old - value);
    }

    #[inline]
    fn set(&self, value: f64) {
        self.value.store(value.to_bits(), Ordering::Relaxed);
        self.set.store(true, Ordering::Release);
    }
}

impl HistogramFn for Series {
    #[inline]
    fn record(&self, value: f64) {
        if let Some(samples) = &self.samples {
            samples.record(value);
        }
    }

    fn record_many(&self, value: f64, count: usize) {
        if let Some(samples) = &self.samples {
            samples.record_many(value, count);
        }
    }
}
