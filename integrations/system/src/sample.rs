//! The values of one sample, and the trait of their sources.

use std::borrow::Cow;
use std::time::Duration;

/// A series that the monitor logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) tag: Cow<'static, str>,
    /// The description of the tag, with its unit.
    pub(crate) description: &'static str,
}

macro_rules! series {
    ($($name:ident: $tag:literal, $description:literal;)*) => {
        $(pub(crate) const $name: Series =
            Series { tag: Cow::Borrowed($tag), description: $description };)*
    };
}

series! {
    SYSTEM_CPU: "system/cpu", "CPU time used, in % of the CPUs available to the process";
    SYSTEM_MEMORY: "system/memory", "Memory used, in % of that available to the process";
    SYSTEM_MEMORY_MIB: "system/memory_mib", "Memory used, in MiB";
    PROCESS_CPU: "process/cpu", "CPU time of the process, in % of one core";
    PROCESS_RSS: "process/rss_mib", "Resident memory of the process, in MiB";
    DISK_READ: "disk/read_mib_per_s", "Data read from all disks, in MiB/s";
    DISK_WRITE: "disk/write_mib_per_s", "Data written to all disks, in MiB/s";
    NETWORK_RECEIVED: "network/received_mib_per_s", "Data received, in MiB/s";
    NETWORK_SENT: "network/sent_mib_per_s", "Data sent, in MiB/s";
}

#[cfg(any(target_os = "linux", test))]
series! {
    PROCESS_THREADS: "process/threads", "Threads of the process";
}

pub(crate) const MIB: f64 = (1 << 20) as f64;

/// A source that cannot be read, or has unexpected content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The name of the source: a warning is logged once for each.
    pub(crate) name: String,
    pub(crate) reason: String,
}

impl Problem {
    pub(crate) fn new(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), reason: reason.into() }
    }
}

/// The values and problems of one sample.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) values: Vec<(Series, f64)>,
    pub(crate) problems: Vec<Problem>,
}

impl Sample {
    /// Adds a value; one that is not finite is skipped.
    pub(crate) fn add(&mut self, series: Series, value: f64) {
        if value.is_finite() {
            self.values.push((series, value));
        }
    }
}

/// A source of values.
pub(crate) trait Source: Send {
    /// Adds the current values. `now` is the time since the start; rates are those since the last
    /// sample, so the first one has none.
    fn sample(&mut self, now: Duration, sample: &mut Sample);
}
