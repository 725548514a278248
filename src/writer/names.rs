//! Names of child runs, which are valid directory names on every system.

use super::Error;
use crate::storage::Storage;
use crate::wire::crc;
use std::path::{Path, PathBuf};

/// Names of devices on Windows, with any extension.
const RESERVED: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

const RESERVED_NAME: &str = "has a part that is reserved on Windows";

/// Returns whether `name` is the name of one directory, on every system.
pub(super) fn is_plain(name: &str) -> bool {
    fault(name).is_none()
}

/// Returns the directory of a child run, whose name is plain names joined by `/`.
pub(super) fn child(storage: &dyn Storage, parent: &Path, name: &str) -> Result<PathBuf, Error> {
    let mut path = parent.to_owned();
    for part in name.split('/') {
        if let Some(reason) = fault(part) {
            return Err(Error::RunName { name: name.to_owned(), reason });
        }
        path.push(part);
        // A link could lead anywhere.
        if storage.is_link(&path) {
            return Err(Error::RunName { name: name.to_owned(), reason: "is a link" });
        }
    }
    Ok(path)
}

/// Returns the name with `_` for each character that is not allowed in directory names, and around
/// names that Windows reserves.
pub(super) fn plain(name: &str) -> String {
    let name = allowed(name);
    let end = name.trim_end_matches(['.', ' ']).len();
    let name = format!("{}{}", &name[..end], "_".repeat(name.len() - end));
    if fault(&name) == Some(RESERVED_NAME) { format!("_{name}_") } else { name }
}

/// Returns the name with `_` for each character that is not allowed in directory names.
fn allowed(name: &str) -> String {
    name.replace(is_forbidden, "_")
}

/// Returns plain directory names for a tag, joined by `/`, with `_` for each character that is not
/// allowed in them. A changed name gets a checksum, so that two tags do not share a directory. So
/// does a tag that is not all lower case, because some file systems ignore case.
pub(super) fn folder(tag: &str) -> String {
    let name = |part: &str| {
        let part: String = allowed(part).chars().take(50).collect();
        if fault(&part).is_none() { part } else { format!("_{part}_") }
    };
    let folder = tag.split('/').map(name).collect::<Vec<_>>().join("/");
    let distinct = folder == tag && tag.to_uppercase().to_lowercase() == tag;
    if distinct { folder } else { format!("{folder}-{:08x}", crc::masked(tag.as_bytes())) }
}

fn is_forbidden(c: char) -> bool {
    c.is_control() || "\\:*?\"<>|/".contains(c)
}

/// Returns the reason why `part` is not the name of one directory or file on every system.
pub(super) fn fault(part: &str) -> Option<&'static str> {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    let port = ["COM", "LPT"].iter().any(|port| {
        stem.strip_prefix(port).is_some_and(|number| number.chars().count() == 1 && number != "0")
    });
    if part.is_empty() {
        Some("has an empty part")
    } else if part == "." || part == ".." {
        Some("has a part that is not a name")
    } else if part.contains(is_forbidden) {
        Some("has a character that is not allowed in file names")
    } else if part.ends_with(['.', ' ']) {
        Some("has a part that ends in a dot or a space")
    } else if port || RESERVED.contains(&stem.as_str()) {
        Some(RESERVED_NAME)
    } else if part.len() > 200 {
        Some("has a part longer than 200 bytes")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Local;

    #[test]
    fn every_tag_has_a_folder_of_its_own() {
        assert_eq!(folder("words"), "words");
        assert_eq!(folder("net/words 2.1"), "net/words 2.1");
        let odd = ["a:b", "a?b", "../a", "/etc/x", "CON.txt", "a.", "", "é\0", &"x".repeat(300)];
        // A file system that ignores case takes many of these for the same name.
        let same =
            ["net/words", "Net/words", "NET/WORDS", "É", "é", "ß", "ss", "ſs", "k", "\u{212a}"];
        let parent = Path::new("logs");
        let tags: Vec<_> = odd.iter().chain(&same).collect();
        let folders: std::collections::BTreeSet<_> = tags
            .iter()
            .map(|tag| {
                let path = child(&Local, parent, &folder(tag)).unwrap();
                assert!(path.starts_with(parent));
                path.to_str().unwrap().to_uppercase()
            })
            .collect();
        assert_eq!(folders.len(), tags.len());
    }

    #[test]
    fn plain_names_are_valid_everywhere() {
        for (name, expected) in [
            ("loss_a/b", "loss_a_b"),
            ("loss_x.", "loss_x_"),
            ("a. .", "a___"),
            ("x.y", "x.y"),
            ("con._NUL", "_con._NUL_"),
            ("é:", "é_"),
        ] {
            assert_eq!(plain(name), expected);
            assert!(is_plain(expected), "{expected}");
        }
    }

    #[test]
    fn only_names_below_the_parent_are_taken() {
        let parent = Path::new("logs");
        for bad in [
            "", "..", "a/..", "/etc", "a//b", "a/", "a\\b", "c:", "a\0b", "nul", "COM1.txt", "a.",
            "Aux ", "x\n",
        ] {
            assert!(child(&Local, parent, bad).is_err(), "{bad:?}");
        }
        for (good, path) in [
            ("validation", "logs/validation"),
            ("a/b c", "logs/a/b c"),
            ("é.1", "logs/é.1"),
            ("common", "logs/common"),
        ] {
            assert_eq!(child(&Local, parent, good).unwrap(), Path::new(path));
        }
    }
}
