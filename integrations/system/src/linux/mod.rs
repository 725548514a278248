//! Metrics from Linux's `/proc` and `/sys`, within the limits of cgroup v2.

mod cgroup;
mod files;
#[cfg(test)]
mod tests;

use crate::sample::{
    DISK_READ, DISK_WRITE, MIB, NETWORK_RECEIVED, NETWORK_SENT, PROCESS_CPU, PROCESS_RSS,
    PROCESS_THREADS, Problem, SYSTEM_CPU, SYSTEM_MEMORY, SYSTEM_MEMORY_MIB, Sample, Source,
};
use files::{Files, Rates, number_after};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// The ticks in a second of `/proc/self/stat`, a constant of Linux's interface.
const TICKS_PER_SEC: f64 = 100.0;
/// The bytes of a sector in `/proc/diskstats`, whatever the device.
const SECTOR: f64 = 512.0;
/// The bytes of a kB in `/proc`.
const KIB: f64 = 1024.0;
/// CPUs with a higher number do not exist.
const MAX_CPUS: usize = 1 << 16;

const STAT: &str = "proc/stat";
const MEMINFO: &str = "proc/meminfo";
const DISKSTATS: &str = "proc/diskstats";
const NET_DEV: &str = "proc/net/dev";
const SELF_STAT: &str = "proc/self/stat";
const SELF_STATUS: &str = "proc/self/status";

/// The source of this platform.
#[derive(Debug)]
pub(crate) struct Linux {
    files: Files,
    cpu: Option<CpuTicks>,
    group: Rates<1>,
    process: Rates<1>,
    disk: Rates<2>,
    network: Rates<2>,
}

/// The ticks of all CPUs that the process may use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct CpuTicks {
    idle: u64,
    total: u64,
    cpus: usize,
}

impl Linux {
    /// Creates the source. `root` is `/` except in tests.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            files: Files::new(root.into()),
            cpu: None,
            group: Rates::default(),
            process: Rates::default(),
            disk: Rates::default(),
            network: Rates::default(),
        }
    }

    fn cpu(&mut self, now: Duration, sample: &mut Sample) -> Result<(), Problem> {
        let status = self.files.read(SELF_STATUS).unwrap_or_default();
        let stat = self.files.read(STAT)?;
        let ticks = cpu_ticks(&stat, allowed_cpus(&status).as_ref());
        let ticks = ticks.ok_or_else(|| self.files.invalid(STAT))?;
        let before = self.cpu.replace(ticks);

        let limit = cgroup::cpu_limit(&self.files, sample);
        if let Some(limit) = limit.filter(|limit| limit.cpus < ticks.cpus as f64) {
            if let Some([used]) = self.group.update(now, &limit.group, [limit.used_secs]) {
                sample.add(SYSTEM_CPU, 100.0 * used / limit.cpus);
            }
            return Ok(());
        }
        let Some(before) = before.filter(|before| before.cpus == ticks.cpus) else { return Ok(()) };
        // Linux may count the idle time down by a tick or two.
        let idle = ticks.idle.saturating_sub(before.idle) as f64;
        let total = ticks.total.saturating_sub(before.total) as f64;
        if total > 0.0 && idle <= total {
            sample.add(SYSTEM_CPU, 100.0 * (total - idle) / total);
        }
        Ok(())
    }

    fn memory(&self, sample: &mut Sample) -> Result<(), Problem> {
        let info = self.files.read(MEMINFO)?;
        let bytes = |key| number_after(&info, key).map(|kib| kib * KIB);
        let (Some(total), Some(available)) = (bytes("MemTotal:"), bytes("MemAvailable:")) else {
            return Err(self.files.invalid(MEMINFO));
        };
        let limit = cgroup::memory_limit(&self.files, sample);
        let (used, total) = match limit.filter(|limit| limit.bytes < total) {
            Some(limit) => (limit.used, limit.bytes),
            None => (total - available, total),
        };
        if total > 0.0 && used >= 0.0 {
            sample.add(SYSTEM_MEMORY, 100.0 * used / total);
            sample.add(SYSTEM_MEMORY_MIB, used / MIB);
        }
        Ok(())
    }

    fn process_cpu(&mut self, now: Duration, sample: &mut Sample) -> Result<(), Problem> {
        let stat = self.files.read(SELF_STAT)?;
        // The name of the program, in parentheses, may contain anything.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = |at| fields.split_whitespace().nth(at)?.parse::<u64>().ok();
        let (Some(user), Some(system)) = (ticks(11), ticks(12)) else {
            return Err(self.files.invalid(SELF_STAT));
        };
        let seconds = (user as f64 + system as f64) / TICKS_PER_SEC;
        if let Some([used]) = self.process.update(now, "", [seconds]) {
            sample.add(PROCESS_CPU, 100.0 * used);
        }
        Ok(())
    }

    fn process_memory(&self, sample: &mut Sample) -> Result<(), Problem> {
        let status = self.files.read(SELF_STATUS)?;
        let (rss, threads) = (number_after(&status, "VmRSS:"), number_after(&status, "Threads:"));
        rss.into_iter().for_each(|kib| sample.add(PROCESS_RSS, kib * KIB / MIB));
        threads.into_iter().for_each(|threads| sample.add(PROCESS_THREADS, threads));
        match (rss, threads) {
            (Some(_), Some(_)) => Ok(()),
            _ => Err(self.files.invalid(SELF_STATUS)),
        }
    }

    fn disk(&mut self, now: Duration, sample: &mut Sample) -> Result<(), Problem> {
        let devices = self.files.with_device("sys/block")?;
        let stats = self.files.read(DISKSTATS)?;
        let (mut names, mut bytes) = (String::new(), [0.0; 2]);
        for line in stats.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let sectors = |at: usize| fields.get(at)?.parse::<u64>().ok();
            let (Some(name), Some(read), Some(written)) = (fields.get(2), sectors(5), sectors(9))
            else {
                return Err(self.files.invalid(DISKSTATS));
            };
            if devices.contains(*name) {
                names.extend([name, "/"]);
                bytes = [bytes[0] + read as f64 * SECTOR, bytes[1] + written as f64 * SECTOR];
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        if let Some([read, written]) = self.disk.update(now, &names, bytes) {
            sample.add(DISK_READ, read / MIB);
            sample.add(DISK_WRITE, written / MIB);
        }
        Ok(())
    }

    fn network(&mut self, now: Duration, sample: &mut Sample) -> Result<(), Problem> {
        let text = self.files.read(NET_DEV)?;
        let mut interfaces = Vec::new();
        // Two lines are the heads of the columns.
        for line in text.lines().skip(2) {
            let parse = |line: &str| {
                let (name, counters) = line.split_once(':')?;
                let bytes = |at| counters.split_whitespace().nth(at)?.parse::<u64>().ok();
                Some((name.trim().to_owned(), [bytes(0)? as f64, bytes(8)? as f64]))
            };
            interfaces.push(parse(line).ok_or_else(|| self.files.invalid(NET_DEV))?);
        }
        // Traffic of containers passes virtual interfaces before the device: it counts once.
        let devices = self.files.with_device("sys/class/net").unwrap_or_default();
        interfaces.retain(|(name, _)| name != "lo");
        if interfaces.iter().any(|(name, _)| devices.contains(name)) {
            interfaces.retain(|(name, _)| devices.contains(name));
        }
        if interfaces.is_empty() {
            return Ok(());
        }
        let names: String = interfaces.iter().flat_map(|(name, _)| [&**name, "/"]).collect();
        let sum = |at: usize| interfaces.iter().map(|(_, bytes)| bytes[at]).sum();
        if let Some([received, sent]) = self.network.update(now, &names, [sum(0), sum(1)]) {
            sample.add(NETWORK_RECEIVED, received / MIB);
            sample.add(NETWORK_SENT, sent / MIB);
        }
        Ok(())
    }
}

impl Source for Linux {
    fn sample(&mut self, now: Duration, sample: &mut Sample) {
        let results = [
            self.cpu(now, sample),
            self.memory(sample),
            self.process_cpu(now, sample),
            self.process_memory(sample),
            self.disk(now, sample),
            self.network(now, sample),
        ];
        sample.problems.extend(results.into_iter().filter_map(Result::err));
    }
}

/// Returns the CPUs on which the process may run, from `/proc/self/status`: `0-2,8` are four.
fn allowed_cpus(status: &str) -> Option<BTreeSet<usize>> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
    let mut cpus = BTreeSet::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
        if last >= MAX_CPUS {
            return None;
        }
        cpus.extend(first..=last);
    }
    Some(cpus)
}

/// Sums the ticks of the allowed CPUs, or of all if these are not known.
fn cpu_ticks(stat: &str, allowed: Option<&BTreeSet<usize>>) -> Option<CpuTicks> {
    let mut sum = CpuTicks::default();
    for line in stat.lines() {
        let mut fields = line.split_whitespace();
        let Some(cpu) = fields.next().and_then(|name| name.strip_prefix("cpu")) else { continue };
        // The first line is the sum of all.
        if cpu.is_empty() {
            continue;
        }
        let cpu: usize = cpu.parse().ok()?;
        if allowed.is_some_and(|allowed| !allowed.contains(&cpu)) {
            continue;
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of user.
        let ticks: Option<Vec<u64>> = fields.take(8).map(|field| field.parse().ok()).collect();
        let ticks = ticks?;
        sum.idle = sum.idle.checked_add(*ticks.get(3)?)?;
        sum.idle = sum.idle.checked_add(ticks.get(4).copied().unwrap_or(0))?;
        sum.total = ticks.iter().try_fold(sum.total, |sum, ticks| sum.checked_add(*ticks))?;
        sum.cpus += 1;
    }
    (sum.cpus > 0).then_some(sum)
}
