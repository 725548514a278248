//! Strings in JSON.

use std::fmt::Write;

/// Appends a string with its quotes.
pub(crate) fn put_str(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing to a string does not fail.
            '\0'..='\x1f' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Returns a string with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    put_str(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_back() {
        let all: String = (0..0x300).filter_map(char::from_u32).chain(['\u{2028}', '🦀']).collect();
        assert_eq!(serde_json::from_str::<String>(&quoted(&all)).unwrap(), all);
        assert_eq!(quoted("a\"b\\c\n\u{1f}"), r#""a\"b\\c\u000a\u001f""#);
    }
}
