//! The limits of cgroup v2: those of the group of the process and of all groups around it.

use super::files::{Files, number_after};
use crate::sample::{Problem, Sample};
use std::path::{Component, Path};

const MOUNT: &str = "sys/fs/cgroup";

/// The smallest limit of CPU time, and the time used in the group that has it.
#[derive(Debug, PartialEq)]
pub(super) struct CpuLimit {
    pub(super) group: String,
    pub(super) cpus: f64,
    pub(super) used_secs: f64,
}

/// The smallest limit of memory, and the memory used in the group that has it.
#[derive(Debug, PartialEq)]
pub(super) struct MemoryLimit {
    pub(super) bytes: f64,
    pub(super) used: f64,
}

pub(super) fn cpu_limit(files: &Files, sample: &mut Sample) -> Option<CpuLimit> {
    let (group, cpus) = smallest(files, "cpu.max", sample, |text| {
        let mut fields = text.split_whitespace();
        let quota = limit(fields.next()?)?;
        let period = fields.next()?.parse::<u64>().ok().filter(|period| *period > 0)?;
        Some(quota.map(|quota| quota / period as f64))
    })?;
    let name = format!("{group}/cpu.stat");
    let used = files
        .read(&name)
        .and_then(|stat| number_after(&stat, "usage_usec ").ok_or_else(|| files.invalid(&name)));
    let used = recorded(used, sample)?;
    Some(CpuLimit { group, cpus, used_secs: used / 1e6 })
}

pub(super) fn memory_limit(files: &Files, sample: &mut Sample) -> Option<MemoryLimit> {
    let (group, bytes) = smallest(files, "memory.max", sample, |text| limit(text.trim()))?;
    let name = format!("{group}/memory.current");
    let current = files
        .read(&name)
        .and_then(|text| text.trim().parse::<u64>().map_err(|_| files.invalid(&name)));
    let current = recorded(current, sample)? as f64;
    // Cached files that are not in use are given back before the limit is reached.
    let stat = files.read_if_exists(&format!("{group}/memory.stat")).ok().flatten();
    let cached = stat.and_then(|stat| number_after(&stat, "inactive_file ")).unwrap_or(0.0);
    Some(MemoryLimit { bytes, used: (current - cached).max(0.0) })
}

/// Parses a limit; `Some(None)` for `max`, which is no limit.
fn limit(text: &str) -> Option<Option<f64>> {
    match text {
        "max" => Some(None),
        number => number.parse::<u64>().ok().map(|number| Some(number as f64)),
    }
}

/// Returns the smallest limit above 0 in a file of the groups, and the group that has it.
fn smallest(
    files: &Files,
    file: &str,
    sample: &mut Sample,
    parse: impl Fn(&str) -> Option<Option<f64>>,
) -> Option<(String, f64)> {
    let mut found: Option<(String, f64)> = None;
    for group in groups(files) {
        let name = format!("{group}/{file}");
        // The topmost group has no limits.
        let text = recorded(files.read_if_exists(&name), sample).flatten();
        let Some(text) = text else { continue };
        match parse(&text) {
            Some(Some(limit)) if limit > 0.0 => {
                if found.as_ref().is_none_or(|(_, smallest)| limit < *smallest) {
                    found = Some((group, limit));
                }
            }
            Some(_) => {}
            None => sample.problems.push(files.invalid(&name)),
        }
    }
    found
}

/// Returns the directories of the group of the process and of those around it, from inside out;
/// none without cgroup v2.
fn groups(files: &Files) -> Vec<String> {
    if !files.exists(&format!("{MOUNT}/cgroup.controllers")) {
        return Vec::new();
    }
    let text = files.read("proc/self/cgroup").unwrap_or_default();
    let path = text.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let mut names: Vec<&str> = Vec::new();
    for component in Path::new(path).components() {
        // `..` stands for groups outside of the container.
        if let Component::Normal(name) = component {
            names.extend(name.to_str());
        }
    }
    let depths = (0..=names.len()).rev();
    depths.map(|depth| [&[MOUNT], &names[..depth]].concat().join("/")).collect()
}

/// Returns a value, or adds its problem to the sample.
fn recorded<T>(result: Result<T, Problem>, sample: &mut Sample) -> Option<T> {
    result.map_err(|problem| sample.problems.push(problem)).ok()
}
