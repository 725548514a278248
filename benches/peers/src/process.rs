//! Children of this very program, for what has to be measured in a process of its own.

use crate::Result;
use std::path::Path;
use std::process::Command;

/// The argument that makes this program such a child: peer, calls and directory follow.
pub const CHILD: &str = "--child";

/// This program as a child in which `peer` logs `calls` scalars into `dir`.
pub fn child(peer: &str, calls: u64, dir: &Path) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(CHILD).arg(peer).arg(calls.to_string()).arg(dir);
    Ok(command)
}

/// Returns the peak of resident memory in bytes, which Linux calls VmHWM. `None` where the system
/// does not report it.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Runs a command to its end and returns its output.
pub fn output(command: &mut Command) -> Result<(String, String)> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{err}", output.status).into());
    }
    Ok((out.into_owned(), err.into_owned()))
}

/// Processor time used so far, in nanoseconds: the time that other programs take from this one is
/// not in it.
#[derive(Clone, Copy, Debug)]
pub struct CpuTime {
    /// Of the calling thread.
    pub caller: f64,
    /// Of all threads.
    pub all: f64,
}

impl CpuTime {
    /// Returns the times so far; `None` where the system does not report them.
    pub fn now() -> Option<Self> {
        #[cfg(unix)]
        {
            use rustix::time::{ClockId, clock_gettime};
            let nanos = |clock| {
                let time = clock_gettime(clock);
                time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
            };
            let caller = nanos(ClockId::ThreadCPUTime);
            Some(Self { caller, all: nanos(ClockId::ProcessCPUTime) })
        }
        #[cfg(not(unix))]
        None
    }
}
