//! Runs as Python tools other than TensorBoard see them.

use crate::install::{run, tools_python};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// A directory with one run, as each tool sees it.
#[derive(Debug, Deserialize)]
pub struct Tools {
    /// TensorBoard's `EventAccumulator`.
    pub accumulator: Seen,
    /// tbparse.
    pub tbparse: Seen,
    /// tensorboard-reducer, by the CSV file of means that it writes.
    pub reducer: Seen,
    /// tb-query.
    pub query: Tags,
}

/// The values that a tool sees.
#[derive(Debug, Default, Deserialize, PartialEq)]
pub struct Seen {
    /// Steps and values of each tag.
    pub scalars: BTreeMap<String, Vec<(i64, f64)>>,
    /// The number of images, where the tool has any without TensorFlow.
    #[serde(default)]
    pub images: usize,
}

/// The tags that a tool sees.
#[derive(Debug, Deserialize)]
pub struct Tags {
    /// Tags of scalars.
    pub tags: Vec<String>,
}

/// A log directory, as tbparse and TensorBoard's `EventAccumulator` read it.
#[derive(Debug, Deserialize)]
pub struct PythonTables {
    /// tbparse's scalars: run, tag, step, value.
    pub scalars: Vec<(String, String, i64, f64)>,
    /// tbparse's histograms: run, tag, step, counts.
    pub histograms: Vec<(String, String, i64, Vec<f64>)>,
    /// The accumulator's images: run, tag, step, the file in hexadecimal.
    pub images: Vec<(String, String, i64, String)>,
}

/// Runs a script with TensorBoard's Python, and returns what it prints; `None` if these tests are left out.
///
/// # Panics
///
/// If TensorBoard cannot be installed, or the script fails.
#[must_use]
pub fn run_python(script: &str, args: &[&OsStr]) -> Option<String> {
    let python = crate::install::python()?;
    let args = [&[OsStr::new("-I"), OsStr::new("-c"), OsStr::new(script)], args].concat();
    Some(run(python.as_os_str(), &args).unwrap_or_else(|why| panic!("{why}")))
}

/// Returns what Python reads in a log directory, or `None` if these tests are left out.
///
/// # Panics
///
/// If the tools cannot be installed, or one of them fails.
#[must_use]
pub fn python_tables(logdir: &Path) -> Option<PythonTables> {
    let script = include_str!("tables.py");
    let python = tools_python()?;
    let args = [OsStr::new("-I"), OsStr::new("-c"), OsStr::new(script), logdir.as_os_str()];
    let out = run(python.as_os_str(), &args).unwrap_or_else(|why| panic!("{why}"));
    Some(serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}")))
}

/// Returns what the tools see of a run, or `None` if these tests are left out.
///
/// # Panics
///
/// If the tools cannot be installed, or one of them fails.
#[must_use]
pub fn tools(dir: &Path) -> Option<Tools> {
    let script = include_str!("tools.py");
    let python = tools_python()?;
    let args = [OsStr::new("-I"), OsStr::new("-c"), OsStr::new(script), dir.as_os_str()];
    let out = run(python.as_os_str(), &args).unwrap_or_else(|why| panic!("{why}"));
    Some(serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}")))
}
