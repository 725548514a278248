//! What is told through the `log` facade on the writer's own threads.

use log::Level;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The program's logger may panic: that must not end a thread without which nothing is written.
pub(super) fn tell(level: Level, text: fmt::Arguments<'_>) {
    let told = catch_unwind(AssertUnwindSafe(|| log::log!(level, "{text}")));
    // Whatever it panicked with, dropping that could panic again.
    told.unwrap_or_else(std::mem::forget);
}
