//! Text that fits: shortened or wrapped to a number of cells.

use crate::output::escape::escape;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns the number of cells that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Shortens a text to a number of cells: the end stays, where tags and runs differ.
pub(crate) fn shorten(text: &str, cells: usize, is_ascii: bool) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let dots = if is_ascii { "~" } else { "…" };
    let mut kept = Vec::new();
    let mut used = 1;
    for glyph in text.chars().rev() {
        let width = glyph.width().unwrap_or(0);
        if used + width > cells {
            break;
        }
        used += width;
        kept.push(glyph);
    }
    if cells == 0 {
        return String::new();
    }
    dots.chars().chain(kept.into_iter().rev()).collect()
}

/// Shortens a text in its middle: tags differ at either end.
pub(crate) fn shorten_middle(text: &str, cells: usize, is_ascii: bool) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let start = shorten_end(text, cells / 2);
    let rest = cells - start.width();
    start + &shorten(text, rest, is_ascii)
}

/// Shortens a text at its end.
pub(crate) fn shorten_end(text: &str, cells: usize) -> String {
    let mut used = 0;
    let fits = |glyph: &char| {
        used += glyph.width().unwrap_or(0);
        used <= cells
    };
    text.chars().take_while(fits).collect()
}

/// Joins as many notes, from the first on, as fit into a number of cells.
pub(crate) fn join_fitting(notes: &[String], cells: usize) -> String {
    let joined = (0..=notes.len()).rev().map(|count| notes[..count].join(", "));
    joined.into_iter().find(|joined| joined.width() <= cells).unwrap_or_default()
}

/// Breaks text into lines of at most so many cells, at spaces where there are some.
pub(crate) fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = line.replace('\t', "    ");
        let line = escape(&line);
        let (mut current, mut used) = (String::new(), 0);
        for word in line.split_inclusive(' ') {
            let width = word.trim_end().width();
            if used > 0 && used + width > cells {
                lines.push(std::mem::take(&mut current).trim_end().to_owned());
                used = 0;
            }
            for glyph in word.chars() {
                let width = glyph.width().unwrap_or(0);
                if used + width > cells {
                    lines.push(std::mem::take(&mut current));
                    used = 0;
                }
                current.push(glyph);
                used += width;
            }
        }
        lines.push(current.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn notes_are_left_out_from_the_end() {
        let notes = ["step 7", "first of 3", "8x8"].map(str::to_owned);
        assert_eq!(join_fitting(&notes, 23), "step 7, first of 3, 8x8");
        assert_eq!(join_fitting(&notes, 22), "step 7, first of 3");
        assert_eq!(join_fitting(&notes, 5), "");
    }

    #[test]
    fn the_end_of_a_name_stays() {
        assert_eq!(shorten("train/loss", 20, false), "train/loss");
        assert_eq!(shorten("train/loss", 5, false), "…loss");
        assert_eq!(shorten("train/loss", 5, true), "~loss");
        assert_eq!(shorten("学習率", 5, false), "…習率");
        assert_eq!(shorten("学習率", 4, false), "…率");
        assert_eq!(shorten_middle("dense_1/bias/histogram", 12, false), "dense_…ogram");
        assert_eq!(shorten_middle("学習率", 5, false), "学…率");
        assert_eq!(shorten_middle("loss", 4, false), "loss");
    }

    proptest! {
        #[test]
        fn text_fits(text in "\\PC{0,80}", cells in 0usize..40) {
            prop_assert!(width(&shorten(&text, cells, false)) <= cells);
            prop_assert!(width(&shorten_middle(&text, cells, false)) <= cells);
            for line in wrap(&text, cells) {
                prop_assert!(width(&line) <= cells.max(2), "{line:?}");
            }
        }
    }
}
