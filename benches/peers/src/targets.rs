//! The targets of tfevents, and whether it reaches them.

use crate::measure::{
    allocations, build, callbacks, following, histograms, images, instructions, memory, passes,
    percentiles, reading, scalars, sustained, threads,
};
use crate::report::Report;
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            AtLeast(bound) => value >= bound,
            AtMost(bound) => value <= bound,
        }
    }

    /// The same comparison with another figure.
    fn with(self, bound: f64) -> Self {
        match self {
            AtLeast(_) => AtLeast(bound),
            AtMost(_) => AtMost(bound),
        }
    }

    fn describe(self, unit: &str) -> String {
        match self {
            AtLeast(bound) => format!("≥ {bound}{unit}"),
            AtMost(bound) => format!("≤ {bound}{unit}"),
        }
    }
}

use Bound::{AtLeast, AtMost};

/// When a target can be measured.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// Independent of noise: in the short form too.
    Always,
    /// In the long form.
    Long,
    /// In the long form, on a processor with AVX2.
    LongWithAvx2,
    /// Only where further programs are installed, or on request.
    Optional,
}

use When::{Always, Long, LongWithAvx2, Optional};

#[derive(Debug)]
struct Target {
    name: &'static str,
    must: Bound,
    /// The figure to aim at.
    aim: Option<f64>,
    unit: &'static str,
    when: When,
    value: fn(&Report) -> Option<f64>,
}

const OURS: &str = "tfevents";
const OFF: &str = "tfrecord, auto_flush off";

static TARGETS: &[Target] = &[
    Target {
        name: "add_scalar against tfrecord, auto_flush off: times as fast",
        must: AtLeast(5.0),
        aim: Some(10.0),
        unit: "×",
        when: Long,
        value: |r| r.ratio((scalars::CALL, OFF), (scalars::CALL, OURS)),
    },
    Target {
        name: "add_scalar against the bare loop: times its time",
        must: AtMost(2.5),
        aim: Some(1.5),
        unit: "×",
        when: Long,
        value: |r| r.ratio((scalars::CALL, OURS), (scalars::CALL, "bare loop")),
    },
    Target {
        // The difference is smaller than the noise of wall times.
        name: "a handle against add_scalar by tag: times its processor time",
        must: AtMost(1.0),
        aim: None,
        unit: "×",
        when: Long,
        value: |r| r.ratio((scalars::CPU_CALL, "tfevents, handle"), (scalars::CPU_CALL, OURS)),
    },
    Target {
        name: "4 threads against 1: times its time for as many calls",
        must: AtMost(1.3),
        aim: Some(1.0),
        unit: "×",
        when: Long,
        value: |r| r.ratio((threads::CALL, OURS), (threads::ALONE, OURS)),
    },
    Target {
        name: "add_scalar without a pause beside busy loops, against tfrecord, auto_flush off: times as fast",
        must: AtLeast(6.0),
        aim: Some(8.0),
        unit: "×",
        when: Long,
        value: |r| r.ratio((sustained::BUSY, OFF), (sustained::BUSY, OURS)),
    },
    Target {
        name: "one call of 1 thread, p99.9",
        must: AtMost(500.0),
        aim: Some(200.0),
        unit: " ns",
        when: Long,
        value: |r| r.median(percentiles::P999, OURS),
    },
    Target {
        name: "one call of 4 threads, p99.9",
        must: AtMost(5000.0),
        aim: Some(1000.0),
        unit: " ns",
        when: Long,
        value: |r| r.median(percentiles::P999_THREADS, OURS),
    },
    Target {
        name: "scalars until all are in the file, against the fastest peer: times as fast",
        must: AtLeast(5.0),
        aim: Some(8.0),
        unit: "×",
        when: Long,
        value: |r| {
            let peers = [OFF, "tfrecord, auto_flush on", "tensorboard-rs", "tboard"];
            let ratio = |peer| r.ratio((scalars::ALL, peer), (scalars::ALL, OURS));
            peers.into_iter().filter_map(ratio).reduce(f64::min)
        },
    },
    Target {
        name: "peak memory above the empty program, 1M scalars",
        must: AtMost(16.0),
        aim: None,
        unit: " MiB",
        when: Always,
        value: |r| r.median(memory::PEAK, OURS),
    },
    Target {
        name: "allocations per add_scalar, on the calling thread",
        must: AtMost(ALMOST_NONE),
        aim: Some(0.0),
        unit: "",
        when: Always,
        value: |r| r.median(allocations::CALLER, OURS),
    },
    Target {
        name: "allocations per add_scalar, on all threads",
        must: AtMost(PER_TURN),
        aim: Some(0.0),
        unit: "",
        when: Always,
        value: |r| r.median(allocations::ALL, OURS),
    },
    Target {
        name: "allocations per add by handle, on the calling thread",
        must: AtMost(ALMOST_NONE),
        aim: Some(0.0),
        unit: "",
        when: Always,
        value: |r| r.median(allocations::CALLER, "tfevents, handle"),
    },
    Target {
        name: "bytes per scalar, against the bare loop's",
        must: AtMost(1.01),
        aim: None,
        unit: "×",
        when: Always,
        value: |r| r.ratio((scalars::SIZE, OURS), (scalars::SIZE, "bare loop")),
    },
    Target {
        name: "instructions per add_scalar, file included, against tfrecord: times as few",
        // To notice longer calls: a count says less than a time.
        must: AtLeast(3.0),
        aim: None,
        unit: "×",
        when: Optional,
        value: |r| r.ratio((instructions::WORK, OFF), (instructions::WORK, OURS)),
    },
    Target {
        name: "add_histogram of 1M f32, uniform buckets, against tfrecord: times as fast",
        must: AtLeast(10.0),
        aim: Some(18.0),
        unit: "×",
        when: Long,
        value: |r| against_tfrecord(r, histograms::UNIFORM),
    },
    Target {
        name: "add_histogram of 1M f32, exponential buckets, against tfrecord: times as fast",
        must: AtLeast(10.0),
        aim: Some(18.0),
        unit: "×",
        when: Long,
        value: |r| against_tfrecord(r, histograms::EXPONENTIAL),
    },
    Target {
        name: "10M f32, uniform buckets, against a streaming sum: times its time",
        must: AtMost(8.0),
        aim: Some(6.0),
        unit: "×",
        when: LongWithAvx2,
        value: |r| against_sum(r, histograms::UNIFORM),
    },
    Target {
        name: "10M f32, exponential buckets, against a streaming sum: times its time",
        must: AtMost(8.0),
        aim: Some(6.0),
        unit: "×",
        when: LongWithAvx2,
        value: |r| against_sum(r, histograms::EXPONENTIAL),
    },
    Target {
        name: "add_image at the caller, encoded at once",
        must: AtMost(0.4),
        aim: None,
        unit: " ms",
        when: Long,
        value: |r| r.median(images::WORK, images::ENCODED),
    },
    Target {
        name: "add_image at the caller, deferred",
        must: AtMost(0.05),
        aim: None,
        unit: " ms",
        when: Long,
        value: |r| r.median(images::WORK, images::DEFERRED),
    },
    Target {
        name: "a pass over scalars, against the method alone: times its time",
        must: AtMost(1.3),
        aim: Some(1.1),
        unit: "×",
        when: Long,
        value: |r| r.ratio((passes::PASS, OURS), (passes::PASS, passes::METHOD)),
    },
    Target {
        name: "scalars read into columns",
        must: AtMost(45.0),
        aim: Some(40.0),
        unit: " ns",
        when: Long,
        value: |r| r.median(passes::COLUMNS, OURS),
    },
    Target {
        name: "scalars read into columns, against TensorBoard's data server: times as fast",
        must: AtLeast(8.0),
        aim: Some(12.0),
        unit: "×",
        when: Optional,
        value: |r| r.ratio((passes::COLUMNS, passes::DATA_SERVER), (passes::COLUMNS, OURS)),
    },
    Target {
        name: "two runs on two threads against one: times its time",
        must: AtMost(0.6),
        aim: None,
        unit: "×",
        when: Long,
        value: |r| {
            r.ratio((passes::TWO_RUNS, passes::TWO_THREADS), (passes::TWO_RUNS, passes::ONE_THREAD))
        },
    },
    Target {
        name: "two files of a run on two threads against one: times its time",
        must: AtMost(0.6),
        aim: None,
        unit: "×",
        when: Long,
        value: |r| {
            r.ratio(
                (passes::TWO_FILES, passes::TWO_THREADS),
                (passes::TWO_FILES, passes::ONE_THREAD),
            )
        },
    },
    Target {
        name: "peak memory of a pass above the empty program",
        must: AtMost(4.0),
        aim: None,
        unit: " MiB",
        when: Long,
        value: |r| r.median(passes::MEMORY, OURS),
    },
    Target {
        name: "1000 images of 100 KB, against a plain read with CRC-32C: times its time",
        must: AtMost(1.2),
        aim: None,
        unit: "×",
        when: Long,
        value: |r| r.ratio((passes::IMAGES, OURS), (passes::IMAGES, passes::PLAIN)),
    },
    Target {
        name: "following 1000 idle runs, four times a second",
        must: AtMost(1.0),
        aim: None,
        unit: " % of a core",
        when: Long,
        value: |r| r.median(following::WORK, OURS),
    },
    Target {
        name: "reading back, against tfrecord's reader: times as fast",
        must: AtLeast(2.0),
        aim: None,
        unit: "×",
        when: Long,
        value: |r| r.ratio((reading::WORK, reading::BY_TFRECORD), (reading::WORK, OURS)),
    },
    Target {
        name: "reading back, against TensorBoard's Python reader: times as fast",
        must: AtLeast(20.0),
        aim: None,
        unit: "×",
        when: Optional,
        value: |r| {
            // It is timed once, so there are no rounds to pair.
            let python = r.median(reading::WORK, reading::BY_PYTHON)?;
            Some(python / r.median(reading::WORK, OURS)?)
        },
    },
    Target {
        name: "callbacks in epoch mode, per batch",
        must: AtMost(1000.0),
        aim: Some(100.0),
        unit: " ns",
        when: Long,
        value: |r| r.median(callbacks::WORK, OURS),
    },
    Target {
        name: "allocations per batch by callbacks in epoch mode",
        must: AtMost(0.0),
        aim: None,
        unit: "",
        when: Always,
        value: |r| r.median(callbacks::ALLOCATIONS, OURS),
    },
    Target {
        name: "clean release build, against six dependencies alone: times its time",
        must: AtMost(2.0),
        aim: Some(1.5),
        unit: "×",
        when: Optional,
        value: |r| r.ratio((build::WORK, OURS), (build::WORK, build::BASELINE)),
    },
];

/// A new block for many hundred events is not an allocation per call.
const ALMOST_NONE: f64 = 0.002;
/// The background thread keeps lists for each turn, in which it writes hundreds of events.
const PER_TURN: f64 = 0.01;

fn against_tfrecord(report: &Report, ours: &str) -> Option<f64> {
    let work = histograms::MILLION;
    report.ratio((work, histograms::TFRECORD), (work, ours))
}

fn against_sum(report: &Report, ours: &str) -> Option<f64> {
    let work = histograms::TEN_MILLION;
    report.ratio((work, ours), (work, histograms::SUM))
}

fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// A target, and how far it is reached.
#[derive(Debug)]
pub struct Verdict {
    target: &'static Target,
    value: Option<f64>,
}

/// Returns the targets that a run in the short or the long form measures.
pub fn verdicts(report: &Report, quick: bool) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for target in TARGETS {
        let value = (target.value)(report);
        let measured = match target.when {
            Always => true,
            Long => !quick,
            LongWithAvx2 => !quick && has_avx2(),
            Optional => value.is_some(),
        };
        if measured {
            verdicts.push(Verdict { target, value });
        }
    }
    verdicts
}

impl Verdict {
    /// A required target that was not measured falls short too: nothing shows that it is reached.
    pub fn holds(&self) -> bool {
        self.value.is_some_and(|value| self.target.must.holds(value))
    }

    fn word(&self) -> &'static str {
        match (self.value, self.target.aim, self.holds()) {
            (None, ..) => "not measured",
            (Some(_), _, false) => "falls short",
            (Some(value), Some(aim), true) if !self.target.must.with(aim).holds(value) => "holds",
            (Some(_), _, true) => "aim reached",
        }
    }

    fn measured(&self) -> String {
        self.value.map_or("–".into(), |value| format!("{value:.3}{}", self.target.unit))
    }

    /// Returns a message for a target that was missed.
    pub fn complaint(&self) -> String {
        let must = self.target.must.describe(self.target.unit);
        format!("{} ({}): {}, must be {must}", self.word(), self.target.name, self.measured())
    }

    pub fn json(&self) -> Value {
        let (comparison, must) = match self.target.must {
            AtLeast(bound) => ("at least", bound),
            AtMost(bound) => ("at most", bound),
        };
        json!({
            "target": self.target.name,
            "measured": self.value,
            "comparison": comparison,
            "must": must,
            "aim": self.target.aim,
            "unit": self.target.unit.trim(),
            "holds": self.holds(),
        })
    }
}

/// As a Markdown table.
pub fn table(verdicts: &[Verdict]) -> String {
    let mut out = String::from("| target | must | aim | measured | |\n|---|---|---|---:|---|\n");
    for verdict in verdicts {
        let target = verdict.target;
        let aim =
            target.aim.map_or(String::new(), |aim| target.must.with(aim).describe(target.unit));
        let must = target.must.describe(target.unit);
        let (measured, word) = (verdict.measured(), verdict.word());
        let _ = writeln!(out, "| {} | {must} | {aim} | {measured} | {word} |", target.name);
    }
    out
}
