//! Summaries that are encoded behind the caller.

use super::SummaryWriter;
use crate::engine::{Encode, Job};
use crate::summary::{Step, Summary, SummaryEncoder};

impl SummaryWriter {
    /// Logs a summary that is encoded after this call has returned, on a thread that is neither
    /// the caller's nor the one that writes: for what takes long to encode, such as images, or to
    /// be had at all, such as values that are still on a device.
    ///
    /// The event gets its place in the run and its wall time in this call. What is logged into
    /// the run afterwards comes behind it, and reaches the file once it is encoded; other runs do
    /// not wait for it. [`flush`](Self::flush) and [`close`](Self::close) do.
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
    /// A few microseconds. The first calls start threads, four at most. Each run has one of its
    /// summaries encoded at a time, so up to three that are stuck delay their own runs alone; with
    /// four, all deferred summaries wait for one of them.
    ///
    /// Until it is encoded, a summary counts against the buffer with its
    /// [memory](Summary::memory_usage) and the bytes that it [will write](Summary::encoded_len_hint),
    /// and at most 1024 wait at a time; beyond that, [`Overflow`](crate::Overflow) says whether the
    /// call waits. What is larger than the whole buffer is encoded in this call. An event that comes
    /// out larger than its summary said is dropped if the buffer has no capacity for the rest.
    ///
    /// A summary that panics while it is encoded, or writes nothing, is dropped, counted and,
    /// the first time, logged through the `log` facade.
    pub fn add_deferred(&self, tag: &str, summary: impl Summary + Send + 'static, step: impl Step) {
        let (handle, shared) = (self.run.handle, &self.run.shared);
        let usage = summary.memory_usage().saturating_add(summary.encoded_len_hint());
        if !shared.buffer.can_reserve(usage) {
            return self.add(tag, &summary, step);
        }
        if let Some(reservation) = shared.buffer.reserve(handle, step.to_step(), usage) {
            let (name, scalars) = (tag.to_owned(), self.scalars);
            let encode: Encode = Box::new(move || {
                let mut body = Vec::with_capacity(summary.encoded_len_hint() + name.len());
                summary.encode(&name, &mut SummaryEncoder::with_scalars(&mut body, scalars));
                Ok(body)
            });
            shared.workers.submit(Job::new(reservation, tag, encode));
        }
    }
}
