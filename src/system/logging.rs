//! Messages through the `log` facade from threads that must not end.

use log::Level;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Logs a message, and survives a logger that panics: nothing would be written without the thread.
pub(crate) fn log_guarded(level: Level, text: fmt::Arguments<'_>) {
    let logged = catch_unwind(AssertUnwindSafe(|| log::log!(level, "{text}")));
    // Whatever it panicked with, dropping that could panic again.
    logged.unwrap_or_else(std::mem::forget);
}
