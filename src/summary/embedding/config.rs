//! `projector_config.pbtxt`: the list of a run's embeddings. It is a text proto that other programs
//! may write too: their entries are kept.

use std::fmt::Write;

/// The name of the file, in the directory of a run.
pub(crate) const FILE: &str = "projector_config.pbtxt";

/// One embedding. Paths are relative to the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) tensor_name: String,
    /// Rows and columns.
    pub(crate) shape: [usize; 2],
    pub(crate) tensor_path: String,
    pub(crate) metadata_path: Option<String>,
    pub(crate) sprite: Option<Sprite>,
}

/// An image of images, one for each row.
#[derive(Clone, Debug)]
pub(crate) struct Sprite {
    pub(crate) path: String,
    /// Width and height of one.
    pub(crate) size: [u32; 2],
}

/// Returns the config with these entries, which replace those of the same name; `None` if the
/// config is no text proto.
pub(crate) fn merge(config: &str, entries: &[Entry]) -> Option<String> {
    let mut text = String::new();
    let new: Vec<String> = entries.iter().map(|entry| canonical(&entry.tensor_name)).collect();
    for field in fields(config)? {
        if field.name == "embeddings" {
            let name = fields(field.value)?.into_iter().find(|field| field.name == "tensor_name");
            let name = name.map(|field| unquoted(field.value)).unwrap_or_default();
            if new.contains(&canonical(&name)) {
                continue;
            }
        }
        text += field.text;
        text += "\n";
    }
    entries.iter().for_each(|entry| put(&mut text, entry));
    Some(text)
}

/// Returns the same text for names that mean the same to the projector.
fn canonical(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("{name}:0") }
}

fn put(text: &mut String, entry: &Entry) {
    let Entry { tensor_name, shape: [rows, columns], tensor_path, metadata_path, sprite } = entry;
    // Writing to a string does not fail.
    let _ = writeln!(text, "embeddings {{\n  tensor_name: {}", quoted(tensor_name));
    let _ = writeln!(text, "  tensor_shape: {rows}\n  tensor_shape: {columns}");
    let _ = writeln!(text, "  tensor_path: {}", quoted(tensor_path));
    if let Some(path) = metadata_path {
        let _ = writeln!(text, "  metadata_path: {}", quoted(path));
    }
    if let Some(Sprite { path, size: [width, height] }) = sprite {
        let _ = writeln!(text, "  sprite {{\n    image_path: {}", quoted(path));
        let _ =
            writeln!(text, "    single_image_dim: {width}\n    single_image_dim: {height}\n  }}");
    }
    *text += "}\n";
}

/// Returns a text as a string of a text proto.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => drop(write!(quoted, "\\{:03o}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Returns the text of a string of a text proto, or of several side by side.
fn unquoted(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    let mut quote = None;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (quote, *byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, _) => {}
            (Some(end), byte) if byte == end => quote = None,
            (Some(_), b'\\') => {
                let (byte, after) = escaped(rest);
                bytes.push(byte);
                rest = after;
            }
            (Some(_), byte) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the byte of an escape sequence, behind its backslash, and the rest.
fn escaped(rest: &[u8]) -> (u8, &[u8]) {
    match rest {
        [b'0'..=b'7', ..] => number(rest, 8, 3),
        [b'x' | b'X', digits @ ..] => number(digits, 16, 2),
        [b'n', after @ ..] => (b'\n', after),
        [b't', after @ ..] => (b'\t', after),
        [b'r', after @ ..] => (b'\r', after),
        [other, after @ ..] => (*other, after),
        [] => (b'\\', rest),
    }
}

/// Returns the number that `rest` begins with, of up to `max` digits, and what follows.
fn number(rest: &[u8], radix: u32, max: usize) -> (u8, &[u8]) {
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let digits: Vec<u32> = rest.iter().take(max).map_while(digit).collect();
    let number = digits.iter().fold(0, |number, digit| number * radix + digit);
    (number as u8, &rest[digits.len()..])
}

/// A field of a text proto.
struct Field<'a> {
    name: &'a str,
    /// The value; of a message, the text between its braces.
    value: &'a str,
    /// The whole field.
    text: &'a str,
}

/// Returns the fields of a text proto; `None` if it is none.
fn fields(text: &str) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut at = skip(text, 0);
    while at < text.len() {
        let start = at;
        let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name =
            text[start..].split(|c| !part_of_name(c)).next().filter(|name| !name.is_empty())?;
        at = skip(text, start + name.len());
        if text[at..].starts_with(':') {
            at = skip(text, at + 1);
        }
        let value = &text[at..end_of_value(text, at)?];
        at += value.len();
        let is_message = value.starts_with(['{', '<']);
        let inner = if is_message { &value[1..value.len() - 1] } else { value };
        fields.push(Field { name, value: inner, text: &text[start..at] });
        at = skip(text, at);
    }
    Some(fields)
}

/// Returns the end of the separators that begin at `at`: blanks, comments and the like.
fn skip(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let separates = |c: char| matches!(c, ' ' | '\t'..='\r' | ',' | ';');
        let blank = rest.len() - rest.trim_start_matches(separates).len();
        let comment = if rest[blank..].starts_with('#') {
            rest[blank..].find('\n').unwrap_or(rest.len() - blank)
        } else {
            0
        };
        if blank + comment == 0 {
            return at;
        }
        at += blank + comment;
    }
}

/// Returns the end of the value that begins at `start`.
fn end_of_value(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = start;
    loop {
        match *bytes.get(at)? {
            b'"' | b'\'' => at = end_of_string(bytes, at)?,
            b'{' | b'<' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b'>' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b'#' => at = skip(text, at),
            _ if depth > 0 => at += 1,
            // A plain word.
            _ => {
                let ends = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"_.+-".contains(byte);
                let len = bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
                return (len > 0).then_some(at + len);
            }
        }
        if depth == 0 {
            // Strings side by side are one.
            let next = skip(text, at);
            let quote = |byte: Option<&u8>| matches!(byte, Some(b'"' | b'\''));
            if quote(bytes.get(at - 1)) && quote(bytes.get(next)) {
                at = next;
                continue;
            }
            return Some(at);
        }
    }
}

/// Returns the end of the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while bytes.get(at)? != &bytes[start] {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    Some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(name: &str) -> Entry {
        Entry {
            tensor_name: name.to_owned(),
            shape: [2, 3],
            tensor_path: "a/tensors.tsv".to_owned(),
            ..Entry::default()
        }
    }

    /// Returns the names of the embeddings in a config.
    fn names(config: &str) -> Vec<String> {
        let of = |field: &Field<'_>| {
            let fields = fields(field.value).unwrap();
            unquoted(fields.iter().find(|field| field.name == "tensor_name").unwrap().value)
        };
        fields(config).unwrap().iter().filter(|field| field.name == "embeddings").map(of).collect()
    }

    #[test]
    fn is_a_text_proto() {
        let mut entry = entry("words \"é\"\n");
        entry.metadata_path = Some("a\\b".to_owned());
        entry.sprite = Some(Sprite { path: "s.png".to_owned(), size: [8, 9] });
        let expected = "embeddings {\n  tensor_name: \"words \\\"é\\\"\\012\"\n  tensor_shape: 2\n  \
            tensor_shape: 3\n  tensor_path: \"a/tensors.tsv\"\n  metadata_path: \"a\\\\b\"\n  \
            sprite {\n    image_path: \"s.png\"\n    single_image_dim: 8\n    \
            single_image_dim: 9\n  }\n}\n";
        assert_eq!(merge("", &[entry.clone()]).unwrap(), expected);
        assert_eq!(names(expected), [entry.tensor_name]);
    }

    #[test]
    fn other_entries_are_kept() {
        let others = "# by hand }\nmodel_checkpoint_path: 'a\\'b}' \"c\" 'd';\u{b}\u{c}embeddings: < tensor_name: \"old\" # {\n \
            sprite { single_image_dim: [1, 2] } >, embeddings {\n  tensor_name: \"new\"\n}\n\
            embeddings { tensor_path: \"x\" tensor_name: 'caf\\303\\xa9:1' }";
        let merged = merge(others, &[entry("new:0"), entry("more")]).unwrap();
        assert_eq!(names(&merged), ["old", "café:1", "new:0", "more"]);
        assert!(
            merged.starts_with("model_checkpoint_path: 'a\\'b}' \"c\" 'd'\nembeddings: < tensor")
        );
        // Again, nothing is doubled.
        assert_eq!(merge(&merged, &[entry("new"), entry("more")]).unwrap().len() + 2, merged.len());
    }

    proptest! {
        #[test]
        fn nothing_in_a_config_makes_it_panic(text in r#"[-{}<>\[\]"'\\#:;,.\n a-bxé07]{0,40}"#) {
            for config in [format!("embeddings {{ {text} }}"), text] {
                if let Some(merged) = merge(&config, &[entry("a")]) {
                    prop_assert_eq!(merge(&merged, &[entry("a")]), Some(merged));
                }
            }
        }
    }

    #[test]
    fn other_texts_are_not_touched() {
        for bad in
            ["embeddings {", "embeddings { tensor_name: \"a }", "}", "= 1", "a:", "a: \"\\\""]
        {
            assert_eq!(merge(bad, &[entry("a")]), None, "{bad}");
        }
    }
}
