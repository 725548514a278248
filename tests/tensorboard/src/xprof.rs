//! Traces as xprof, TensorBoard's Profile dashboard, reads them.

use std::path::Path;

use serde::Deserialize;

use crate::install;

/// A trace as xprof reads it.
#[derive(Clone, Debug, Deserialize)]
pub struct Trace {
    /// Every span and instant, line by line.
    pub spans: Vec<Span>,
    /// The events that its trace viewer draws, in the format of Chrome's tracing.
    pub drawn: Vec<serde_json::Value>,
}

/// A span, or an instant.
#[derive(Clone, Debug, Deserialize)]
pub struct Span {
    /// The device.
    pub plane: String,
    /// The thread.
    pub line: String,
    /// The name.
    pub name: String,
    /// When it began.
    pub start_ns: f64,
    /// How long it took.
    pub duration_ns: f64,
    /// Its values.
    pub stats: Vec<(String, String)>,
}

/// Decodes a trace; `None` if the tests that need TensorBoard are left out.
///
/// # Panics
///
/// If xprof cannot read it.
pub fn xprof_trace(path: &Path) -> Option<Trace> {
    let python = install::xprof_python()?;
    let script = include_str!("decode_trace.py");
    let args = ["-I".as_ref(), "-c".as_ref(), script.as_ref(), path.as_os_str()];
    let out = install::run(python.as_os_str(), &args)
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let line = out.lines().last().unwrap_or_default();
    Some(serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}")))
}
