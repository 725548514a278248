//! tboard 0.1: writes from the calling thread, without a buffer.

use super::Peer;
use crate::work::Tag;
use std::fs::File;
use std::path::Path;
use tboard::EventWriter;

pub struct Tboard(EventWriter<File>);

impl Peer for Tboard {
    const NAME: &'static str = "tboard";

    fn create(dir: &Path, _: &[String]) -> Self {
        Self(EventWriter::create(dir).expect("a writer"))
    }

    #[inline]
    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64) {
        self.0.write_scalar(step, tag.name, value).expect("a scalar");
    }

    fn finish(mut self) {
        self.0.flush().expect("a flush");
    }
}
