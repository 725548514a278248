//! Summaries that are encoded on other threads.

use super::SummaryWriter;
use crate::engine::{Encode, Job, Reported};
use crate::summary::{Step, Summary, SummaryEncoder};

impl SummaryWriter {
    /// Logs a summary that is encoded after this call has returned, on a background thread.
    ///
    /// Use it for summaries that take long to encode, such as images, or whose values take long to
    /// get, such as those on a device (see [`Deferred`](crate::summary::Deferred)).
    ///
    /// The event gets its position in the run and its wall time in this call. Later events of the
    /// run follow it in the file, and are written once it is encoded; other runs do not wait for
    /// it. [`flush`](Self::flush) and [`close`](Self::close) wait for it.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::Deferred;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let pixels = vec![0; 256 * 256 * 3];
    /// writer.add_deferred("input", Image::rgb8(256, 256, &pixels)?, 7);
    /// let weights = vec![0.5f32; 1_000_000];
    /// writer.add_deferred("kernel", Deferred::histogram(weights), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Cost
    /// The call takes a few microseconds. The first calls start threads, at most four. One summary
    /// of each run is encoded at a time, so up to three summaries that take very long delay only
    /// their own runs; four delay all deferred summaries.
    ///
    /// Until it is encoded, a summary reserves bytes of the buffer: its
    /// [memory usage](Summary::memory_usage) and the
    /// [size that it will have](Summary::encoded_len_hint). At most 1024 summaries can be reserved
    /// at a time. Beyond these bounds the call follows the [`Overflow`](crate::Overflow) policy. A
    /// summary that is larger than the whole buffer is encoded in this call. An event that turns out
    /// larger than its reservation is dropped if the buffer has no capacity for the rest.
    ///
    /// A summary that reports an error, panics while it is encoded, or writes nothing, is dropped
    /// and counted in [`DropCounts::encode_failed`](crate::DropCounts::encode_failed). The reason is
    /// logged through the `log` facade: once for each tag if the summary reports it, and otherwise
    /// the first time.
    pub fn add_deferred(&self, tag: &str, summary: impl Summary + Send + 'static, step: impl Step) {
        let Some(run) = &self.run else { return };
        let handle = run.handle;
        let shared = &run.shared;
        let usage = summary.memory_usage().saturating_add(summary.encoded_len_hint());
        if !shared.buffer.can_reserve(usage) {
            return self.add(tag, &summary, step);
        }
        if let Some(reservation) = shared.buffer.reserve(handle, step.to_step(), usage) {
            let name = tag.to_owned();
            let encodings = self.encodings();
            let encode: Encode = Box::new(move || {
                let mut body = Vec::with_capacity(summary.encoded_len_hint() + name.len());
                let mut encoder = SummaryEncoder::with_encodings(&mut body, encodings);
                summary.encode(&name, &mut encoder);
                let reported = encoder.has_reported();
                if body.is_empty() && reported { Err(Reported) } else { Ok(body) }
            });
            shared.workers.submit(Job::new(reservation, tag, encode));
        }
    }
}
