//! Logs of the crate, as both of TensorBoard's readers serve them, one file per topic.
//!
//! A test writes a log directory and keeps what it expects beside it, then compares that with what
//! TensorBoard serves. A new topic is a new file, and a line here.

mod arrays;
mod audio;
mod custom_scalars;
mod drawings;
mod graphs;
mod histograms;
mod hparams;
mod images;
mod keras;
mod meshes;
mod pr_curves;
mod projector;
mod scalars;
mod text;
mod video;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tfevents::{SummaryWriter, WallTime};

/// A clock that stands still until the test advances it.
#[derive(Clone)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    /// Advances by a random part of a second, and returns the new time in seconds since 1970.
    fn tick(&self, rng: &mut fastrand::Rng) -> f64 {
        let now = self.now() + rng.f64();
        self.0.store(now.to_bits(), Relaxed);
        now
    }

    fn now(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

/// Returns a writer whose wall times the test sets.
fn writer(logdir: &Path) -> (SummaryWriter, Clock) {
    let clock = Clock(Arc::new(AtomicU64::new(1.75e9_f64.to_bits())));
    let asked = clock.clone();
    let writer = SummaryWriter::builder(logdir)
        .clock(move || WallTime::try_from_secs_f64(asked.now()).expect("it is finite"))
        .build()
        .expect("the log directory can be written to");
    (writer, clock)
}
