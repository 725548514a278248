//! The machine's name.

/// The host's name, with nothing in it that would not do in a file name.
pub(crate) fn host() -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = name().trim_end().chars().map(plain).collect();
    if name.is_empty() { "localhost".to_owned() } else { name }
}

/// Linux tells it in a file, for which nothing has to be linked or compiled; where that is hidden,
/// most systems have it in another.
#[cfg(target_os = "linux")]
fn name() -> String {
    let name = std::fs::read("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read("/etc/hostname"))
        .unwrap_or_default();
    String::from_utf8_lossy(&name).into_owned()
}

#[cfg(not(target_os = "linux"))]
fn name() -> String {
    hostname::get().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn it_is_what_the_system_says() {
        let said = std::process::Command::new("uname").arg("-n").output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        assert_eq!(super::host(), said.trim_end().chars().map(plain).collect::<String>());
    }
}
