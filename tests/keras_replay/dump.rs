//! The files of a recording.

use serde_json::Value;
use std::path::Path;

/// The lines of a file.
pub fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
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

    /// What the user's own code wrote, not the callback.
    pub fn is_users(&self) -> bool {
        let ours = ["batch_", "epoch_", "evaluation_"];
        self.plugin() == "scalars" && !ours.iter().any(|start| self.tag().starts_with(start))
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
    pub fn read(path: &Path) -> Self {
        let mut dump = Self { meta: Value::Null, files: Vec::new(), events: Vec::new() };
        for line in lines(path) {
            match line["kind"].as_str() {
                Some("meta") => dump.meta = line,
                Some("file") if line["events"].is_null() => dump.files.push(line),
                Some("file") => {}
                Some("event") if line["what"] == "file_version" => {}
                Some("event") => dump.events.push(Recorded(line)),
                kind => panic!("a line of another kind: {kind:?}"),
            }
        }
        assert!(dump.meta.is_object(), "{path:?} has no line of kind meta");
        dump
    }
}
