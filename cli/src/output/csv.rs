//! Fields of CSV and TSV.

use super::escape::escape;

/// How fields are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The byte between fields.
    pub(crate) delimiter: u8,
    /// Control characters are escaped, because a terminal shows the fields.
    pub(crate) escaped: bool,
    /// A field that a spreadsheet would take for a formula gets an apostrophe before it.
    pub(crate) guarded: bool,
}

impl Dialect {
    /// Appends a field of text, quoted where that is needed (RFC 4180).
    pub(crate) fn push_text(self, out: &mut Vec<u8>, text: &str) {
        let escaped = if self.escaped { escape(text) } else { text.into() };
        let is_formula = escaped.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guard = if self.guarded && is_formula { "'" } else { "" };
        let special = |byte: &u8| *byte == self.delimiter || matches!(byte, b'"' | b'\n' | b'\r');
        if !escaped.bytes().any(|byte| special(&byte)) {
            out.extend_from_slice(guard.as_bytes());
            out.extend_from_slice(escaped.as_bytes());
            return;
        }
        out.push(b'"');
        out.extend_from_slice(guard.as_bytes());
        for byte in escaped.bytes() {
            if byte == b'"' {
                out.push(b'"');
            }
            out.push(byte);
        }
        out.push(b'"');
    }

    /// Appends a line of text fields.
    pub(crate) fn push_line<S: AsRef<str>>(
        self,
        out: &mut Vec<u8>,
        fields: impl IntoIterator<Item = S>,
    ) {
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                out.push(self.delimiter);
            }
            self.push_text(out, field.as_ref());
        }
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_needed() {
        let plain = Dialect { delimiter: b',', escaped: false, guarded: false };
        let line = |dialect: Dialect, field: &str| {
            let mut out = Vec::new();
            dialect.push_line(&mut out, [field, "b"]);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(line(plain, "a b"), "a b,b\n");
        assert_eq!(line(plain, "a,\"b\""), "\"a,\"\"b\"\"\",b\n");
        assert_eq!(line(plain, "a\nb\r"), "\"a\nb\r\",b\n");
        assert_eq!(line(plain, "=1+2"), "=1+2,b\n");
        assert_eq!(line(Dialect { guarded: true, ..plain }, "=1,2"), "\"'=1,2\",b\n");
        assert_eq!(line(Dialect { escaped: true, ..plain }, "a\n\x1b"), "a\\n\\u{1b},b\n");
        assert_eq!(line(Dialect { delimiter: b'\t', ..plain }, "a,\tb"), "\"a,\tb\"\tb\n");
    }
}
