//! The host's name.

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
