//! Processes by their numbers.

use std::path::Path;

/// The process that this value was made in.
///
/// After a `fork` the child has a copy of the parent's memory and none of its threads, and files
/// that are open are the parent's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(u32);

impl Process {
    pub(crate) fn current() -> Self {
        Self(std::process::id())
    }

    /// Returns whether the caller runs in another process. Asks the operating system.
    pub(crate) fn is_other(self) -> bool {
        std::process::id() != self.0
    }

    pub(crate) fn id(self) -> u32 {
        self.0
    }
}

/// Returns whether a process of this number runs on this machine; `None` where the system cannot
/// tell without C.
pub(crate) fn is_running(process: u32) -> Option<bool> {
    let processes = Path::new("/proc");
    let known = cfg!(target_os = "linux") && processes.join("self").exists();
    known.then(|| processes.join(process.to_string()).exists())
}
