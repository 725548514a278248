//! Events of `tracing` as scalars, by the public face of `SummaryWriter::events`.

// Shared between the modules of a test, not with other crates.
#![allow(unreachable_pub)]

mod bad_input;
mod costs;
mod otel;
mod steps;
mod tags;
mod threads;

use sources_tests::keep_records;
use std::path::Path;
use tfevents::read::{Points, Run};
use tfevents::{EventLayer, SummaryWriter};
use tracing::subscriber::with_default;
use tracing_subscriber::prelude::*;

#[global_allocator]
static ALLOCATOR: sources_tests::CountingAllocator = sources_tests::CountingAllocator;

/// A run whose events come through a layer.
pub struct Logged {
    dir: tempfile::TempDir,
    pub writer: SummaryWriter,
}

impl Logged {
    #[expect(clippy::new_without_default, reason = "it creates files")]
    pub fn new() -> Self {
        keep_records();
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        Self { dir, writer }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Runs `work` with a layer of the writer.
    pub fn with<R>(&self, layer: EventLayer, work: impl FnOnce() -> R) -> R {
        with_default(tracing_subscriber::registry().with(layer), work)
    }

    /// Returns the run with all of its points, also where steps go back.
    fn run(&self) -> Run {
        self.writer.close().unwrap();
        Run::open(self.path()).unwrap().with_points(Points::Raw)
    }

    /// Closes the writer, and returns steps and values of a scalar; none if there is no such tag.
    pub fn points(&self, tag: &str) -> Vec<(i64, f32)> {
        let all = self.run().all_scalars().unwrap();
        let Some(scalars) = all.get(tag) else { return Vec::new() };
        scalars.steps().iter().copied().zip(scalars.values().iter().copied()).collect()
    }

    /// Closes the writer, and returns the tags of all scalars in their order.
    pub fn tags(&self) -> Vec<String> {
        let all = self.run().all_scalars().unwrap();
        let mut tags: Vec<_> = all.iter().map(|(tag, _)| tag.to_owned()).collect();
        tags.sort();
        tags
    }
}

/// Runs `work` with the layer of a new writer, and returns what was logged.
pub fn logged(work: impl FnOnce()) -> Logged {
    let logged = Logged::new();
    logged.with(logged.writer.events(), work);
    logged
}
