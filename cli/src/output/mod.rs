//! Output: tables, CSV, JSON, numbers, escaped names, files.

pub(crate) mod csv;
pub(crate) mod escape;
pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod npy;
pub(crate) mod numbers;
pub(crate) mod table;
pub(crate) mod terminal;

use anyhow::{Context, bail};
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use tfevents::read::EventReader;

/// Writes to a file, or to the standard output without one, with a function.
///
/// A file appears only when all is written; if something fails, there is no part of it. It never replaces
/// an event file, such as one of those that are read.
///
/// # Errors
/// If the path is that of an event file, and those of the function, which are taken for errors of writing.
pub(crate) fn write_to(
    path: Option<&Path>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path else {
        let mut out = BufWriter::with_capacity(64 << 10, io::stdout());
        let result = write(&mut out).and_then(|()| Ok(out.flush()?));
        // Bytes that are still buffered after an error is not written again when the buffer is dropped.
        let _ = out.into_parts();
        return result.context("failed to write to the standard output");
    };
    if is_event_file(path) {
        bail!("invalid output {}: it is an event file (expected another name)", path.display());
    }
    let mut file = file::NewFile::create(path)?;
    write(&mut file)
        .and_then(|()| Ok(file.finish()?))
        .with_context(|| format!("failed to write {}", path.display()))
}

/// Returns whether a file begins with an event.
fn is_event_file(path: &Path) -> bool {
    // Reading a pipe would wait for its writer.
    fs::metadata(path).is_ok_and(|found| found.is_file())
        && File::open(path)
            .is_ok_and(|file| EventReader::new(file).next().is_some_and(|event| event.is_ok()))
}

/// Writes to the standard output with a function.
pub(crate) fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    write_to(None, |out| Ok(write(out)?))
}

/// Returns whether whatever read the standard output has closed it.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Returns whether output without a file goes to a terminal.
pub(crate) fn is_terminal(path: Option<&Path>) -> bool {
    path.is_none() && io::stdout().is_terminal()
}
