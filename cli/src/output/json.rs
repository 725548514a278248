//! JSON, written as it comes.

use super::numbers;

/// JSON text under construction. Commas are put between what is added.
#[derive(Debug, Default)]
pub(crate) struct Json {
    text: Vec<u8>,
    /// The next element is not the first of its array or object.
    comma: bool,
}

impl Json {
    /// Opens an array or object: `[` or `{`.
    pub(crate) fn open(&mut self, bracket: char) -> &mut Self {
        self.separate();
        self.text.push(bracket as u8);
        self.comma = false;
        self
    }

    /// Closes an array or object: `]` or `}`.
    pub(crate) fn close(&mut self, bracket: char) -> &mut Self {
        self.text.push(bracket as u8);
        self.comma = true;
        self
    }

    /// Adds the key of what is added next.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        self.string(key);
        self.text.push(b':');
        self.comma = false;
        self
    }

    /// Adds a string.
    pub(crate) fn string(&mut self, text: &str) -> &mut Self {
        self.separate();
        push_string(&mut self.text, text);
        self
    }

    /// Adds an integer.
    pub(crate) fn int(&mut self, number: impl itoa::Integer) -> &mut Self {
        self.separate();
        numbers::push_int(&mut self.text, number);
        self
    }

    /// Adds an `f32`; one that is not finite as a string.
    pub(crate) fn f32(&mut self, number: f32) -> &mut Self {
        if !number.is_finite() {
            return self.string(numbers::not_finite(number.into()));
        }
        self.separate();
        numbers::push_f32(&mut self.text, number);
        self
    }

    /// Adds an `f64`; one that is not finite as a string.
    pub(crate) fn f64(&mut self, number: f64) -> &mut Self {
        if !number.is_finite() {
            return self.string(numbers::not_finite(number));
        }
        self.separate();
        numbers::push_f64(&mut self.text, number);
        self
    }

    /// Adds a boolean.
    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.separate();
        self.text.extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    /// Adds `null`.
    pub(crate) fn null(&mut self) -> &mut Self {
        self.separate();
        self.text.extend_from_slice(b"null");
        self
    }

    /// Adds a value with a function, or `null`.
    pub(crate) fn optional<T>(
        &mut self,
        value: Option<T>,
        add: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => add(self, value),
            None => self.null(),
        }
    }

    /// Ends a line, after which another value may follow.
    pub(crate) fn end_line(&mut self) {
        self.text.push(b'\n');
        self.comma = false;
    }

    /// Takes the text so far.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }

    fn separate(&mut self) {
        if self.comma {
            self.text.push(b',');
        }
        self.comma = true;
    }
}

/// Appends a string with its quotes. All control characters are escaped, as are DEL and C1, which
/// a terminal obeys too.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for char in text.chars() {
        match char {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            char if super::escape::is_unsafe(char) => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(char)).as_bytes());
            }
            char => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_commas_escapes_and_strings_for_what_is_not_finite() {
        let mut json = Json::default();
        json.open('{').key("a\"\\\n\x1b\u{9b}").open('[');
        json.f32(0.1).f32(f32::NAN).f64(f64::NEG_INFINITY).int(-3).null().bool(true);
        json.close(']').key("b").open('{').close('}').close('}').end_line();
        let expected = r#"{"a\"\\\n\u001b\u009b":[0.1,"NaN","-inf",-3,null,true],"b":{}}"#;
        assert_eq!(String::from_utf8(json.take()).unwrap(), format!("{expected}\n"));
    }
}
