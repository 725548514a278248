//! Names from files that nobody has checked, made safe for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Escapes control characters, and those that change the direction of text, as Rust does:
/// `\n`, `\u{1b}`. A name could otherwise move the cursor, or look like another one.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            char if !is_unsafe(char) => escaped.push(char),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            // Writing to a string does not fail.
            char => drop(write!(escaped, "\\u{{{:x}}}", u32::from(char))),
        }
    }
    Cow::Owned(escaped)
}

/// Returns whether a terminal may do something else than show a character.
pub(crate) fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(escape("train/loss é 漢"), "train/loss é 漢");
        assert_eq!(escape("a\x1b[2Jb\u{9b}c"), "a\\u{1b}[2Jb\\u{9b}c");
        assert_eq!(escape("a\nb\rc\td\0"), "a\\nb\\rc\\td\\u{0}");
        assert_eq!(escape("\u{202e}gnp.exe"), "\\u{202e}gnp.exe");
    }
}
