//! Protobuf's text format, as far as TensorBoard serves graphs in it.

use std::iter::Peekable;
use std::str::Chars;

/// A message: its fields in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message(Vec<(String, Field)>);

#[derive(Clone, Debug, PartialEq)]
enum Field {
    Message(Message),
    /// A number, a name or the content of a string.
    Plain(String),
}

impl Message {
    /// Parses a whole text.
    ///
    /// # Panics
    ///
    /// If it is not what protobuf prints.
    pub fn parse(text: &str) -> Self {
        let mut chars = text.chars().peekable();
        let message = parse_fields(&mut chars);
        assert!(chars.next().is_none(), "a `}}` too many in {text}");
        message
    }

    /// The messages in field `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Message> {
        self.fields(name).filter_map(|field| match field {
            Field::Message(message) => Some(message),
            Field::Plain(_) => None,
        })
    }

    /// The first message in field `name`, or an empty one.
    pub fn one(&self, name: &str) -> Message {
        self.all(name).next().cloned().unwrap_or_default()
    }

    /// The plain values in field `name`.
    pub fn plains<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields(name).filter_map(|field| match field {
            Field::Plain(text) => Some(&text[..]),
            Field::Message(_) => None,
        })
    }

    /// The first plain value in field `name`, or an empty one.
    pub fn plain<'a>(&'a self, name: &'a str) -> &'a str {
        self.plains(name).next().unwrap_or_default()
    }

    fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, field)| field)
    }
}

fn parse_fields(chars: &mut Peekable<Chars>) -> Message {
    let mut message = Message::default();
    loop {
        skip_space(chars);
        match chars.peek() {
            None | Some('}') => return message,
            Some(_) => {}
        }
        let name = word(chars);
        assert!(!name.is_empty(), "no field name before {:?}", chars.peek());
        let colon = chars.next_if_eq(&':').is_some();
        skip_space(chars);
        let field = match chars.peek() {
            Some('{') => {
                chars.next();
                let inner = parse_fields(chars);
                assert_eq!(chars.next(), Some('}'), "`{name}` is not closed");
                Field::Message(inner)
            }
            Some('"') => Field::Plain(string(chars)),
            _ => Field::Plain(word(chars)),
        };
        assert!(colon || matches!(field, Field::Message(_)), "`{name}` has no value");
        message.0.push((name, field));
    }
}

fn skip_space(chars: &mut Peekable<Chars>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

fn word(chars: &mut Peekable<Chars>) -> String {
    std::iter::from_fn(|| chars.next_if(|c| !c.is_whitespace() && !":{}\"".contains(*c))).collect()
}

/// A quoted string. Escaped bytes are put back and read as UTF-8.
fn string(chars: &mut Peekable<Chars>) -> String {
    chars.next();
    let mut bytes = Vec::new();
    loop {
        match chars.next().expect("a string that ends") {
            '"' => return String::from_utf8_lossy(&bytes).into_owned(),
            '\\' => match chars.next().expect("an escape that ends") {
                'n' => bytes.push(b'\n'),
                'r' => bytes.push(b'\r'),
                't' => bytes.push(b'\t'),
                digit @ '0'..='7' => {
                    let mut value = digit.to_digit(8).expect("an octal digit");
                    while let Some(next) = chars.next_if(|c| c.is_digit(8)) {
                        value = value * 8 + next.to_digit(8).expect("an octal digit");
                    }
                    bytes.push(u8::try_from(value).expect("three octal digits of a byte"));
                }
                plain => bytes.extend(plain.to_string().bytes()),
            },
            plain => bytes.extend(plain.to_string().bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn a_graph() {
        let graph = Message::parse(
            "node {\n  name: \"a/\\303\\251\\\"\"\n  op: \"Add\"\n  input: \"x:0\"\n  input: \"^y\"\n  attr {\n    key: \"n\"\n    \
             value {\n      i: -3\n    }\n  }\n}\nnode {\n  name: \"b\"\n}\nversions {\n}\n",
        );
        let node = graph.one("node");
        assert_eq!((node.plain("name"), node.plain("op")), ("a/é\"", "Add"));
        assert_eq!(node.plains("input").collect::<Vec<_>>(), ["x:0", "^y"]);
        assert_eq!(node.one("attr").one("value").plain("i"), "-3");
        let names: Vec<_> = graph.all("node").map(|node| node.plain("name").to_owned()).collect();
        assert_eq!(names, ["a/é\"", "b"]);
        assert_eq!(graph.one("versions"), Message::default());
    }
}
