//! What is encoded behind the caller: a call keeps a place for the event in its run, and a worker
//! fills it in later.
//!
//! `slot` is that place, `job` what is to be done for it, `workers` the threads that do it.

mod job;
mod slot;
#[cfg(test)]
mod tests;
mod workers;

pub(super) use job::Unmade;
pub(super) use slot::Slot;
pub(super) use workers::Workers;

use super::SummaryWriter;
use crate::summary::{Step, Summary};
use job::Job;

impl SummaryWriter {
    /// Logs a summary that is encoded after this call has returned, on a thread that is neither
    /// the caller's nor the one that writes: for what takes long to encode, such as images, or to
    /// be had at all, such as values that are still on a device.
    ///
    /// The event gets its place in the run and its wall time in this call. What is logged into
    /// the run afterwards lies behind it, and reaches the file once it is encoded; other runs do
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
    /// A few microseconds. The first calls start threads, four at most; each run has one of its
    /// summaries encoded at a time, so that those that are stuck hold up their own runs alone, as
    /// long as they are three at most. With four, all that is handed over waits for one of them.
    ///
    /// Until it is encoded, a summary counts against the buffer with the bytes that it
    /// [holds](Summary::memory_usage) and those that it [will write](Summary::encoded_len_hint), and at
    /// most 1024 wait at a time; beyond that the [policy](crate::Overflow) says whether the call
    /// waits. What is larger than the whole buffer is encoded in this call. An event that comes out
    /// larger than its summary said is dropped if there is no room for the rest of it just then.
    ///
    /// A summary that panics while it is encoded, or writes nothing, is dropped, counted and,
    /// the first time, told through the `log` facade.
    pub fn add_deferred(&self, tag: &str, summary: impl Summary + Send + 'static, step: impl Step) {
        let (key, core) = (self.run.key, &self.run.core);
        let held = summary.memory_usage().saturating_add(summary.encoded_len_hint());
        if !core.queue.can_reserve(held) {
            return self.add(tag, &summary, step);
        }
        if let Some(slot) = core.queue.reserve(key, step.to_step(), held) {
            core.workers.take_on(Job::new(slot, tag, summary));
        }
    }
}
