//! The machine's name.

/// The host's name, with nothing in it that would not do in a file name.
pub(crate) fn host() -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String =
        hostname::get().unwrap_or_default().to_string_lossy().chars().map(plain).collect();
    if name.is_empty() { "localhost".to_owned() } else { name }
}
