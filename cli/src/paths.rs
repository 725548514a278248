//! Names from files as paths that stay inside a directory.

use std::path::{Path, PathBuf};

/// The longest name of a directory or file, in bytes. Most file systems allow 255.
const MAX_NAME: usize = 120;

/// Returns a path below a directory for a name with slashes, such as a run's or a tag's. Whatever
/// the name is, the path is inside, and every file system can have it.
pub(crate) fn inside(dir: &Path, name: &str) -> PathBuf {
    let mut path = dir.to_owned();
    if name != "." {
        path.extend(name.split(['/', '\\']).filter(|part| !part.is_empty()).map(safe));
    }
    path
}

/// Returns a name of a file for any text. Names that differ may become the same.
fn safe(part: &str) -> String {
    let forbidden = |char: char| {
        crate::output::escape::is_unsafe(char)
            || matches!(char, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\')
    };
    let mut name: String =
        part.chars().map(|char| if forbidden(char) { '_' } else { char }).collect();
    // Windows drops dots and spaces at the end; `.` and `..` are no names at all.
    let end = name.trim_end_matches(['.', ' ']).len();
    if end < name.len() {
        name.replace_range(end.., &"_".repeat(name.len() - end));
    }
    if name.len() > MAX_NAME {
        let end = (0..=MAX_NAME).rev().find(|&at| name.is_char_boundary(at)).unwrap_or(0);
        name.truncate(end);
    }
    if is_device(&name) {
        name.insert(0, '_');
    }
    name
}

/// Returns whether Windows takes a name for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        let number = stem.strip_prefix(prefix).map(str::as_bytes);
        matches!(number, Some([b'0'..=b'9']))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        let path = |name| inside(Path::new("out"), name).to_string_lossy().replace('\\', "/");
        assert_eq!(path("train/loss"), "out/train/loss");
        assert_eq!(path("."), "out");
        assert_eq!(path("../../etc/passwd"), "out/__/__/etc/passwd");
        assert_eq!(path("/etc/passwd"), "out/etc/passwd");
        assert_eq!(path("C:\\x\\..\\y"), "out/C_/x/__/y");
        assert_eq!(path("a//b/./c"), "out/a/b/_/c");
        assert_eq!(path("evil\x1b[2J\n"), "out/evil_[2J_");
        assert_eq!(path("nul.txt"), "out/_nul.txt");
        assert_eq!(path("end. . "), "out/end____");
        assert_eq!(path(&"é".repeat(200)).len(), 4 + 120);
    }
}
