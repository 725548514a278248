//! The process, other processes by their numbers, and the name of the host.

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

/// Returns the host's name, with `_` for every character that file names had better not contain.
pub(crate) fn host() -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = name().trim_end().chars().map(plain).collect();
    if name.is_empty() { "localhost".to_owned() } else { name }
}

/// Linux has the name in a file, so no crate is needed; where `/proc` is hidden, most distributions
/// have it in another file.
#[cfg(target_os = "linux")]
fn name() -> String {
    let name = std::fs::read("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read("/etc/hostname"))
        .unwrap_or_default();
    String::from_utf8_lossy(&name).into_owned()
}

/// WebAssembly has no host.
#[cfg(target_family = "wasm")]
fn name() -> String {
    String::new()
}

#[cfg(not(any(target_os = "linux", target_family = "wasm")))]
fn name() -> String {
    hostname::get().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn host_is_that_of_uname() {
        let name = std::process::Command::new("uname").arg("-n").output().unwrap();
        let name = String::from_utf8(name.stdout).unwrap();
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        assert_eq!(super::host(), name.trim_end().chars().map(plain).collect::<String>());
    }
}
