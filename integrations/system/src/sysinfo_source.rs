//! Metrics of macOS and Windows, by sysinfo. On Linux the tests compare them with those of `/proc`.

use crate::sample::{
    DISK_READ, DISK_WRITE, MIB, NETWORK_RECEIVED, NETWORK_SENT, PROCESS_CPU, PROCESS_RSS, Problem,
    SYSTEM_CPU, SYSTEM_MEMORY, SYSTEM_MEMORY_MIB, Sample, Source,
};
use std::time::Duration;
use sysinfo::{
    DiskRefreshKind, Disks, MemoryRefreshKind, Networks, Pid, ProcessRefreshKind,
    ProcessesToUpdate, System, get_current_pid,
};

/// The source of other platforms than Linux.
pub(crate) struct Sysinfo {
    system: System,
    disks: Disks,
    networks: Networks,
    pid: Option<Pid>,
    last: Option<Duration>,
}

impl Sysinfo {
    pub(crate) fn new() -> Self {
        Self {
            system: System::new(),
            disks: Disks::new(),
            networks: Networks::new(),
            pid: get_current_pid().ok(),
            last: None,
        }
    }

    fn process(&mut self, is_first: bool, sample: &mut Sample) {
        let Some(pid) = self.pid else {
            return sample.problems.push(Problem::new("the process", "its number is not known"));
        };
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
        let Some(process) = self.system.process(pid) else {
            return sample
                .problems
                .push(Problem::new("the process", "the system does not list it"));
        };
        sample.add(PROCESS_RSS, process.memory() as f64 / MIB);
        if !is_first {
            sample.add(PROCESS_CPU, process.cpu_usage().into());
        }
    }
}

impl Source for Sysinfo {
    fn sample(&mut self, now: Duration, sample: &mut Sample) {
        let elapsed = self.last.replace(now).and_then(|last| now.checked_sub(last));
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let (used, total) = (self.system.used_memory() as f64, self.system.total_memory() as f64);
        if total > 0.0 {
            sample.add(SYSTEM_MEMORY, 100.0 * used / total);
            sample.add(SYSTEM_MEMORY_MIB, used / MIB);
        } else {
            sample.problems.push(Problem::new("the memory", "its size is not known"));
        }
        self.process(elapsed.is_none(), sample);

        // Rates are those since the last refresh.
        self.disks.refresh_specifics(true, DiskRefreshKind::nothing().with_io_usage());
        self.networks.refresh(true);
        let Some(seconds) = elapsed.map(|elapsed| elapsed.as_secs_f64()) else { return };
        if seconds <= 0.0 {
            return;
        }
        sample.add(SYSTEM_CPU, self.system.global_cpu_usage().into());
        if !self.disks.is_empty() {
            let usages = self.disks.iter().map(|disk| disk.usage());
            let (read, written) = usages.fold((0.0, 0.0), |(read, written), usage| {
                (read + usage.read_bytes as f64, written + usage.written_bytes as f64)
            });
            sample.add(DISK_READ, read / seconds / MIB);
            sample.add(DISK_WRITE, written / seconds / MIB);
        }
        let interfaces = self.networks.iter().filter(|(name, _)| !is_loopback(name));
        let rates: Vec<_> =
            interfaces.map(|(_, data)| (data.received(), data.transmitted())).collect();
        if !rates.is_empty() {
            let sum = |bytes: u64| bytes as f64 / seconds / MIB;
            sample.add(NETWORK_RECEIVED, sum(rates.iter().map(|(received, _)| received).sum()));
            sample.add(NETWORK_SENT, sum(rates.iter().map(|(_, sent)| sent).sum()));
        }
    }
}

/// The name is `lo` on Linux, `lo0` on macOS, and contains `Loopback` on Windows.
fn is_loopback(name: &str) -> bool {
    name == "lo" || name == "lo0" || name.contains("Loopback")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Series;
    use crate::tests::busy_for;
    use std::time::Instant;

    fn value(sample: &Sample, series: &Series) -> f64 {
        let found = sample.values.iter().find(|(found, _)| found == series);
        found.unwrap_or_else(|| panic!("{series:?} is missing")).1
    }

    /// Both sources measure the same seconds of a busy thread.
    #[test]
    #[cfg(target_os = "linux")]
    fn values_agree_with_those_of_proc() {
        let mut sources: [Box<dyn Source>; 2] =
            [Box::new(Sysinfo::new()), Box::new(crate::linux::Linux::new("/"))];
        let started = Instant::now();
        let mut samples = [Sample::default(), Sample::default()];
        for _ in 0..2 {
            for (source, sample) in sources.iter_mut().zip(&mut samples) {
                *sample = Sample::default();
                source.sample(started.elapsed(), sample);
            }
            busy_for(Duration::from_secs(1));
        }
        let [sysinfo, proc] = &samples;
        for (series, slack) in
            [(PROCESS_CPU, 25.0), (SYSTEM_CPU, 25.0), (SYSTEM_MEMORY, 10.0), (PROCESS_RSS, 20.0)]
        {
            let (found, expected) = (value(sysinfo, &series), value(proc, &series));
            assert!((found - expected).abs() < slack, "{series:?}: {found} and {expected}");
        }
        assert!(value(sysinfo, &PROCESS_CPU) > 10.0);
        assert!(sysinfo.problems.is_empty(), "{:?}", sysinfo.problems);
    }
}
