//! The files of a recording.

use serde_json::Value;
use std::path::Path;

/// The lines of a file.
pub fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| parse(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Parses JSON as Python writes it, which has bare words for numbers that are not finite. They
/// become text, as in the recordings that were written with care.
fn parse(line: &str) -> serde_json::Result<Value> {
    serde_json::from_str(line).or_else(|error| {
        // Parts with an odd index lie between quotation marks.
        let parts = line.replace("\\\\", "\u{0}").replace("\\\"", "\u{1}");
        let parts = parts.split('"').enumerate().map(|(index, part)| {
            if index % 2 == 1 {
                return part.to_owned();
            }
            part.replace("-Infinity", "\u{2}-inf\u{2}")
                .replace("Infinity", "\u{2}inf\u{2}")
                .replace("NaN", "\u{2}nan\u{2}")
        });
        let text = parts.collect::<Vec<_>>().join("\"").replace('\u{2}', "\"");
        let text = text.replace('\u{1}', "\\\"").replace('\u{0}', "\\\\");
        serde_json::from_str(&text).map_err(|_| error)
    })
}

#[test]
fn numbers_that_are_not_finite_are_readable() {
    let line = r#"{"hook": "on_epoch_end", "logs": {"loss": NaN, "a": -Infinity}, "b": [Infinity, "\"NaN"]}"#;
    let hook = parse(line).unwrap();
    assert!(number(&hook["logs"]["loss"]).unwrap().is_nan());
    assert_eq!(number(&hook["logs"]["a"]), Some(f64::NEG_INFINITY));
    assert_eq!(number(&hook["b"][0]), Some(f64::INFINITY));
    assert_eq!(hook["b"][1], "\"NaN");
    parse("{\"loss\": NaNa}").unwrap_err();
}

/// A number, of which those that are not finite were recorded as text.
pub fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("nan") => Some(f64::NAN),
        Some("inf") => Some(f64::INFINITY),
        Some("-inf") => Some(f64::NEG_INFINITY),
        Some(_) => None,
        None => value.as_f64(),
    }
}

/// All numbers of a nested list.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![number(value).unwrap_or_else(|| panic!("{value} is no number"))],
    }
}

/// An event as it was recorded.
#[derive(Clone, Debug)]
pub struct Recorded(pub Value);

impl Recorded {
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    /// The directory that its file lies in, below the log directory.
    pub fn dir(&self) -> &str {
        self.text("file").rsplit_once('/').map_or("", |(dir, _)| dir)
    }

    pub fn tag(&self) -> &str {
        self.text("tag")
    }

    pub fn plugin(&self) -> &str {
        self.text("plugin_name")
    }

    pub fn step(&self) -> i64 {
        self.0["step"].as_i64().unwrap()
    }

    pub fn is_graph(&self) -> bool {
        self.text("what") == "graph_def"
    }

    /// Whether the user's own code wrote it, not the callback.
    pub fn is_users(&self) -> bool {
        let tag = self.tag();
        match self.plugin() {
            "scalars" => {
                !["batch_", "epoch_", "evaluation_"].iter().any(|start| tag.starts_with(start))
            }
            "histograms" => !tag.ends_with("/histogram"),
            "images" => !tag.ends_with("/image"),
            "text" | "audio" => true,
            _ => false,
        }
    }

    pub fn shape(&self) -> Vec<usize> {
        numbers(&self.0["shape"]).into_iter().map(|size| size as usize).collect()
    }
}

/// A recording.
pub struct Dump {
    pub meta: Value,
    /// Files that are no event files.
    pub files: Vec<Value>,
    /// The events in order, without the first of each file.
    pub events: Vec<Recorded>,
}

impl Dump {
    pub fn new(lines: Vec<Value>) -> Self {
        let mut dump = Self { meta: Value::Null, files: Vec::new(), events: Vec::new() };
        for line in lines {
            match line["kind"].as_str() {
                Some("meta") => dump.meta = line,
                Some("file") if line["events"].is_null() => dump.files.push(line),
                Some("file") => {}
                Some("event") if line["what"] == "file_version" => {}
                Some("event") => dump.events.push(Recorded(line)),
                kind => panic!("a line of another kind: {kind:?}"),
            }
        }
        dump.events.sort_by_key(|event| numbers_in(event.text("file")));
        dump
    }

    pub fn keras(&self) -> Keras {
        let version = self.meta["keras"].as_str().unwrap_or_default();
        match numbers_in(version)[..] {
            _ if self.meta["impl"] == "tfkeras" => Keras::Two,
            [major, minor, ..] if major >= 3 => Keras::Three(major, minor),
            _ => panic!("another version of Keras: {}", self.meta),
        }
    }
}

/// Files of one directory were begun in the order of the numbers in their names: time, process and
/// a counter.
fn numbers_in(name: &str) -> Vec<u64> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// The Keras of a recording. The callback here follows 3.15; the methods are the differences of
/// other versions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keras {
    /// tf.keras.
    Two,
    /// Of this version.
    Three(u64, u64),
}

impl Keras {
    pub fn is_3(self) -> bool {
        self != Keras::Two
    }

    /// Returns whether `update_freq` is compared with the number of the batch only once, when the
    /// training begins, so that every batch is written.
    pub fn writes_every_batch(self) -> bool {
        matches!(self, Keras::Three(major, minor) if (major, minor) < (3, 15))
    }

    /// Names a weight in its tag without its layer, so that layers share tags.
    pub fn leaves_layers_out(self) -> bool {
        matches!(self, Keras::Three(major, minor) if (major, minor) < (3, 14))
    }

    /// Writes values in the order in which the training happened to report them.
    pub fn leaves_logs_unsorted(self) -> bool {
        match self {
            Keras::Two => true,
            Keras::Three(major, minor) => (major, minor) < (3, 15),
        }
    }
}
