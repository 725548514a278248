//! tensorboard-rs 0.5: encodes at the caller and sends to a thread, without a bound.

use super::Peer;
use crate::work::Tag;
use std::path::Path;
use tensorboard_rs::summary_writer::SummaryWriter;

pub struct TensorboardRs(SummaryWriter);

impl Peer for TensorboardRs {
    const NAME: &'static str = "tensorboard-rs";

    fn create(dir: &Path, _: &[String]) -> Self {
        Self(SummaryWriter::new(dir))
    }

    #[inline]
    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64) {
        self.0.add_scalar(tag.name, value, step as usize);
    }

    /// Its flush only asks for one; dropping it waits for its thread.
    fn finish(self) {
        drop(self);
    }
}
