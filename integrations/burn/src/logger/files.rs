//! burn's file logger, held so that its panics end with it.

use burn_train::logger::FileMetricLogger;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// burn's own logger. It panics where its files cannot be written, which burn's thread would not
/// survive.
pub(super) struct Files(Option<FileMetricLogger>);

impl Files {
    pub(super) fn new(artifacts: impl AsRef<Path>) -> Self {
        Self(Some(FileMetricLogger::new(artifacts)))
    }

    /// Calls it. After a panic it is never called again, and there is no answer.
    pub(super) fn call<T>(&mut self, call: impl FnOnce(&mut FileMetricLogger) -> T) -> Option<T> {
        let files = self.0.as_mut()?;
        // What it leaves behind is not looked at again.
        let result = catch_unwind(AssertUnwindSafe(|| call(files)));
        if result.is_err() {
            log::error!("burn's file logger has panicked and is left out; training goes on");
            // Dropping it may panic again: its threads are gone.
            std::mem::forget(self.0.take());
        }
        result.ok()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let files = self.0.take();
        if catch_unwind(AssertUnwindSafe(|| drop(files))).is_err() {
            log::error!("burn's file logger has panicked at its end");
        }
    }
}
