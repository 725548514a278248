//! File names of checkpoints, with placeholders for the epoch and its values.

use crate::callbacks::logs::Logs;
use std::path::{Path, PathBuf};

/// A file name with placeholders such as `{epoch:03}` and `{val_loss:.2}`.
#[derive(Debug)]
pub(super) struct CheckpointName(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Value { name: String, width: usize, digits: Option<usize> },
}

impl CheckpointName {
    /// Returns the directory of the checkpoints, as far as its name has no placeholders.
    pub(super) fn fixed_dir(&self) -> PathBuf {
        let fixed = match self.0.first() {
            Some(Piece::Text(text)) => text.as_str(),
            _ => "",
        };
        // What follows the last separator is a part of the name of a file or a directory.
        let end = fixed.rfind(std::path::is_separator).map_or(0, |at| at + 1);
        // Without the separator at its end, as messages show other directories.
        Path::new(&fixed[..end]).components().collect()
    }

    /// Returns the path if it has no placeholders.
    pub(super) fn fixed_path(&self) -> Option<PathBuf> {
        match self.0.as_slice() {
            [Piece::Text(text)] => Some(text.into()),
            _ => None,
        }
    }

    /// Returns the path for `save_last`.
    pub(super) fn last_path(&self) -> PathBuf {
        let path = self.fixed_dir().join("last");
        let extension = match self.0.last() {
            Some(Piece::Text(text)) => text.rsplit_once('.').map(|(_, extension)| extension),
            _ => None,
        };
        match extension.filter(|extension| !extension.contains(std::path::is_separator)) {
            Some(extension) => path.with_extension(extension),
            None => path,
        }
    }

    /// Parses a name with placeholders, or returns what is wrong with them.
    pub(super) fn parse(name: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut rest = name;
        while let Some(open) = rest.find(['{', '}']) {
            if rest.as_bytes()[open] == b'}' {
                return Err("a placeholder is closed that was not opened");
            }
            pieces.push(Piece::Text(rest[..open].to_owned()));
            let (inner, after) =
                rest[open + 1..].split_once('}').ok_or("a placeholder is not closed")?;
            rest = after;
            let (name, format) = inner.split_once(':').unwrap_or((inner, ""));
            if name.is_empty() || name.contains('{') {
                return Err("a placeholder has no name");
            }
            let format = format.strip_suffix(['d', 'f']).unwrap_or(format);
            let (width, digits) = match format.split_once('.') {
                Some((width, digits)) => (width, Some(digits)),
                None => (format, None),
            };
            let number = |text: &str| text.parse().ok().filter(|&number: &usize| number <= 100);
            let unknown = "a placeholder has an unknown format";
            pieces.push(Piece::Value {
                name: name.to_owned(),
                width: if width.is_empty() { 0 } else { number(width).ok_or(unknown)? },
                digits: digits.map(|digits| number(digits).ok_or(unknown)).transpose()?,
            });
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Returns the path for an epoch, counted from 1, or the name of a value that its logs lack.
    pub(super) fn fill(&self, epoch: usize, logs: &Logs) -> Result<PathBuf, String> {
        let mut path = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => path += text,
                Piece::Value { name, width, .. } if name == "epoch" => {
                    path += &format!("{epoch:0width$}");
                }
                Piece::Value { name, width, digits } => {
                    let value = logs.get_f64(name).ok_or_else(|| name.clone())?;
                    path += &match digits {
                        Some(digits) => format!("{value:0width$.digits$}"),
                        None => format!("{value:0width$}"),
                    };
                }
            }
        }
        Ok(path.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in() {
        let logs = Logs::from_iter([("val_loss", 0.125)]);
        let filled = |name: &str| CheckpointName::parse(name).unwrap().fill(7, &logs);
        let named = |name: &str| filled(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(named("a/{epoch:03d}-{val_loss:.2f}.bin"), "a/007-0.12.bin");
        assert_eq!(named("{epoch}{val_loss}"), "70.125");
        assert_eq!(named("{val_loss:06.2}"), "000.12");
        assert_eq!(filled("{loss}"), Err("loss".to_owned()));
        for bad in ["{epoch", "epoch}", "{}", "{:03}", "{epoch:x}", "{a{b}}", "{epoch:9999}"] {
            assert!(CheckpointName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_checkpoint_has_the_directory_and_extension_of_the_others() {
        for (name, last) in [
            ("a/b/{epoch}.bin", "a/b/last.bin"),
            ("net-{epoch}", "last"),
            ("a/{epoch}/net.tar.gz", "a/last.gz"),
            ("a.b/{epoch}", "a.b/last"),
            ("a/{val_loss:.2}", "a/last"),
        ] {
            assert_eq!(CheckpointName::parse(name).unwrap().last_path(), Path::new(last), "{name}");
        }
    }

    #[test]
    fn directories_have_no_separator_at_the_end() {
        let shown = |name| CheckpointName::parse(name).unwrap().fixed_dir().display().to_string();
        assert_eq!(shown("a/{epoch}"), "a");
        assert_eq!(shown("{epoch}"), "");
    }
}
