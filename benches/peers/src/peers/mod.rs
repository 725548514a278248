//! The writers that are measured, one a file, behind one trait.
//!
//! They are called as their own examples call them. A writer that fails ends the measurement:
//! its figures would mean nothing.

pub mod bare;
pub mod ours;
#[cfg(feature = "tboard")]
pub mod tboard;
pub mod tensorboard_rs;
pub mod tfrecord;

use crate::work::Tag;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A writer of scalars. Calls are resolved at compile time: no peer pays for the trait.
pub trait Peer: Sized {
    const NAME: &'static str;

    /// Creates a writer for a run in `dir`, set up for these tags where it can be.
    fn create(dir: &Path, tags: &[String]) -> Self;

    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64);

    /// Returns once everything is in the file.
    fn finish(self);
}

/// A writer that threads share.
pub trait Shared: Sized + Sync {
    const NAME: &'static str;

    fn create(dir: &Path) -> Self;

    fn add_scalar(&self, tag: Tag<'_>, value: f32, step: i64);

    fn finish(self);
}

/// Shares a writer that is made for one thread, as its users have to.
impl<P: Peer + Send> Shared for Mutex<P> {
    const NAME: &'static str = P::NAME;

    fn create(dir: &Path) -> Self {
        Mutex::new(P::create(dir, &[]))
    }

    fn add_scalar(&self, tag: Tag<'_>, value: f32, step: i64) {
        self.lock().unwrap_or_else(PoisonError::into_inner).add_scalar(tag, value, step);
    }

    fn finish(self) {
        self.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    }
}
