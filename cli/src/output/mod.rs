//! What is written: tables, JSON, numbers, escaped names, files.

pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod numbers;
pub(crate) mod table;
pub(crate) mod terminal;

use std::io::{self, BufWriter, Write};

/// An error writing to the standard output.
#[derive(Debug)]
struct StdoutError(io::Error);

impl std::fmt::Display for StdoutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed to write to the standard output")
    }
}

impl std::error::Error for StdoutError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Writes to the standard output with a function, and reports what fails.
pub(crate) fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let result = write(&mut out).and_then(|()| out.flush());
    // What is still buffered after an error is not written again when the buffer is dropped.
    let _ = out.into_parts();
    result.map_err(|error| StdoutError(error).into())
}

/// Returns whether the reader of the standard output has closed it.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let stdout = error.downcast_ref::<StdoutError>();
    stdout.is_some_and(|error| error.0.kind() == io::ErrorKind::BrokenPipe)
}
