//! tfrecord 0.15: writes from the calling thread, and flushes every event by default.

use super::Peer;
use crate::work::Tag;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use tfrecord::{EventWriter, EventWriterConfig};

pub type Writer = EventWriter<BufWriter<File>>;

pub fn writer(dir: &Path, auto_flush: bool) -> Writer {
    let prefix = dir.join("run").into_os_string().into_string().expect("a path in UTF-8");
    EventWriter::from_prefix(prefix, "", EventWriterConfig { auto_flush }).expect("a writer")
}

/// With `AUTO_FLUSH` as the user chooses; on is its default.
pub struct Tfrecord<const AUTO_FLUSH: bool>(Writer);

impl<const AUTO_FLUSH: bool> Peer for Tfrecord<AUTO_FLUSH> {
    const NAME: &'static str =
        if AUTO_FLUSH { "tfrecord, auto_flush on" } else { "tfrecord, auto_flush off" };

    fn create(dir: &Path, _: &[String]) -> Self {
        Self(writer(dir, AUTO_FLUSH))
    }

    #[inline]
    fn add_scalar(&mut self, tag: Tag<'_>, value: f32, step: i64) {
        self.0.write_scalar(tag.name, step, value).expect("a scalar");
    }

    fn finish(mut self) {
        self.0.flush().expect("a flush");
    }
}
