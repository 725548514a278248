//! tfevents, with its default settings.

use super::{Peer, Shared};
use crate::work::Tag;
use std::path::Path;
use tfevents::{ScalarHandle, SummaryWriter};

pub fn writer(dir: &Path) -> SummaryWriter {
    SummaryWriter::new(dir).expect("a writer")
}

/// By tag.
pub struct Ours(SummaryWriter);

impl Peer for Ours {
    const NAME: &'static str = "tfevents";

    fn create(dir: &Path, _: &[String]) -> Self {
        Self(writer(dir))
    }

    #[inline]
    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64) {
        self.0.add_scalar(tag.name, value, step);
    }

    fn finish(self) {
        self.0.close().expect("nothing dropped");
    }
}

/// By a handle for each tag.
pub struct Handles {
    writer: SummaryWriter,
    handles: Vec<ScalarHandle>,
}

impl Peer for Handles {
    const NAME: &'static str = "tfevents, handle";

    fn create(dir: &Path, tags: &[String]) -> Self {
        let writer = writer(dir);
        let handles = tags.iter().map(|tag| writer.scalar(tag)).collect();
        Self { writer, handles }
    }

    #[inline]
    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64) {
        self.handles[tag.index].add(value, step);
    }

    fn finish(self) {
        self.writer.close().expect("nothing dropped");
    }
}

/// One writer that all threads use, without a lock of the user's.
impl Shared for Ours {
    const NAME: &'static str = <Self as Peer>::NAME;

    fn create(dir: &Path) -> Self {
        Self(writer(dir))
    }

    #[inline]
    fn add_scalar(&self, tag: Tag<'_>, value: f32, step: i64) {
        self.0.add_scalar(tag.name, value, step);
    }

    fn finish(self) {
        <Self as Peer>::finish(self);
    }
}
