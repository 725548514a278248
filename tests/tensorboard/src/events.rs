//! Event files as TensorBoard's Python reader decodes them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer};

use crate::install;

/// One record of an event file.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// Seconds since 1970, exactly.
    #[serde(deserialize_with = "exact")]
    pub wall_time: f64,
    /// The step.
    pub step: i64,
    /// Which of its fields is set: `file_version`, `summary`, `graph_def`, `session_log` …
    pub kind: String,
    /// The format's version, in the first event.
    pub file_version: String,
    /// The writer of the file, in the first event.
    pub writer: String,
    /// The summary's values.
    pub values: Vec<Value>,
    /// The graph's nodes: name, op, inputs.
    pub nodes: Vec<(String, String, Vec<String>)>,
}

/// One value of a summary.
#[derive(Clone, Debug, Deserialize)]
pub struct Value {
    /// The tag.
    pub tag: String,
    /// The metadata, if it has any.
    pub metadata: Option<Metadata>,
    /// The data.
    pub payload: Payload,
}

/// The metadata of a value.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Metadata {
    /// Which dashboard it is for.
    pub plugin: String,
    /// The dashboard's own data.
    #[serde(deserialize_with = "hex")]
    pub content: Vec<u8>,
    /// The name to show in place of the tag.
    pub display_name: String,
    /// The description.
    pub description: String,
    /// 1 scalar, 2 tensor, 3 blob sequence.
    pub data_class: i32,
}

/// The data of a value.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A `simple_value`.
    Simple(#[serde(deserialize_with = "exact")] f64),
    /// A tensor.
    Tensor(Tensor),
    /// Another field of the value, by name.
    Other(String),
}

/// A tensor. All numbers up to 53 bits are exact.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Tensor {
    /// The element type, such as `DT_FLOAT`.
    pub dtype: String,
    /// Its size in each dimension.
    pub shape: Vec<i64>,
    /// Its elements in row-major order, if they are numbers.
    #[serde(deserialize_with = "all_exact")]
    pub numbers: Vec<f64>,
    /// Its elements in row-major order, if they are strings.
    #[serde(deserialize_with = "all_hex")]
    pub strings: Vec<Vec<u8>>,
}

/// Decodes a whole event file; `None` if the tests that need TensorBoard are left out.
///
/// # Panics
///
/// If the reader does not get to the file's end.
pub fn python_events(path: &Path) -> Option<Vec<Event>> {
    let python = install::python()?;
    let script = include_str!("decode_events.py");
    let args = ["-I".as_ref(), "-c".as_ref(), script.as_ref(), path.as_os_str()];
    let lines = install::run(python.as_os_str(), &args)
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
    Some(lines.lines().map(event).collect())
}

/// Reads the scalars of a run with TensorBoard's Python reader, without sampling: step and value by tag; `None` if the
/// tests that need TensorBoard are left out.
///
/// # Panics
///
/// If the reader fails.
pub fn python_scalars(run: &Path) -> Option<BTreeMap<String, Vec<(i64, f64)>>> {
    let python = install::python()?;
    let script = include_str!("read_scalars.py");
    let args = ["-I".as_ref(), "-c".as_ref(), script.as_ref(), run.as_os_str()];
    let json = install::run(python.as_os_str(), &args)
        .unwrap_or_else(|why| panic!("{}: {why}", run.display()));
    Some(serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e} in {json}")))
}

/// A number in Python's shortest exact notation, which is one that Rust reads too.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn all_exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

fn hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    bytes(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn all_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| bytes(text).map_err(serde::de::Error::custom)).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>, std::num::ParseIntError> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16)).collect()
}
