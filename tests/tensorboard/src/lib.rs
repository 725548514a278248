//! Runs the real TensorBoard on logs that `tfevents` has just written.
//!
//! A test writes a log directory, keeps what it expects by itself, and compares that with what TensorBoard serves,
//! once with each of TensorBoard's two readers:
//!
//! ```no_run
//! let logdir = tempfile::tempdir().unwrap();
//! // … write scalar `loss` at steps 0 to 9 into the run `train` …
//! tensorboard_tests::show(logdir.path(), |board| {
//!     let points = board.scalars("train", "loss", 9);
//!     assert_eq!(points.len(), 10);
//! });
//! ```
//!
//! [`show`] starts both servers, runs the closure against each, fails on a warning in TensorBoard's log, and ends the
//! servers. [`python_events`] decodes one event file with TensorBoard's own Python reader, [`xprof_trace`] a trace with
//! the reader of its Profile dashboard. [`tools`] says what other Python tools see of a run.
//!
//! TensorBoard is installed from PyPI on first use, into a virtual environment below the target directory.
//!
//! | variable | effect |
//! |---|---|
//! | `TFEVENTS_PYTHON` | the interpreter to make the environment with, in place of `python3` |
//! | `TFEVENTS_SKIP_TENSORBOARD=1` | leaves out the tests that need TensorBoard; each of them prints that |

#![warn(missing_docs)]

mod api;
mod events;
mod install;
mod pbtxt;
mod server;
mod tools;
mod xprof;

pub use api::{Blob, Point};
pub use events::{Event, Metadata, Payload, Tensor, Value, python_events, python_scalars};
pub use pbtxt::Message;
pub use server::{Board, Reader, show, show_fast_with, show_with};
pub use tools::{PythonTables, python_tables, run_python};
pub use tools::{Tools, tools};
pub use xprof::{Span, Trace, xprof_trace};

use std::io::Write;

/// The name of the test that runs on this thread.
fn test_name() -> String {
    std::thread::current().name().unwrap_or("a test").to_owned()
}

/// Prints a line for the person at the terminal, also when the test passes and its captured output is discarded.
fn announce(line: &str) {
    // Only the print macros are captured. Nothing can be done about a closed stderr.
    let _ = writeln!(std::io::stderr(), "{}: {line}", test_name());
}
