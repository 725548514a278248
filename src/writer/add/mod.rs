//! The `add_*` methods, one per kind of summary. Most call [`SummaryWriter::add`].

pub(super) mod about;
mod custom_scalars;
mod graphs;
mod hparams;
mod media;
mod numbers;

use super::SummaryWriter;
use crate::summary::{Step, Summary, SummaryEncoder, WallTime};
use crate::wire::event::Payload;

impl SummaryWriter {
    /// Logs a summary of any type that implements [`Summary`], including types of your own.
    ///
    /// Within a run, log only one kind of summary with a tag: TensorBoard takes the kind of the
    /// first one.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, Summary};
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let loss = Scalar::new(0.25).with_metadata().description("Cross *entropy*");
    /// writer.add("train/loss", &loss, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("add_tensor", "add_summary"))]
    pub fn add(&self, tag: &str, summary: &(impl Summary + ?Sized), step: impl Step) {
        self.push_summary(tag, summary, step, None);
    }

    /// Logs a summary with an explicit wall time.
    ///
    /// ```
    /// use tfevents::WallTime;
    /// use tfevents::summary::Scalar;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let then = WallTime::try_from_secs_f64(1_700_000_000.0)?;
    /// writer.add_at("train/loss", &Scalar::new(0.25), 7, then);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("walltime", "wall_time"))]
    pub fn add_at(
        &self,
        tag: &str,
        summary: &(impl Summary + ?Sized),
        step: impl Step,
        wall_time: WallTime,
    ) {
        self.push_summary(tag, summary, step, Some(wall_time));
    }

    fn push_summary(
        &self,
        tag: &str,
        summary: &(impl Summary + ?Sized),
        step: impl Step,
        wall_time: Option<WallTime>,
    ) {
        let Some(run) = &self.run else { return };
        let mut body = Vec::with_capacity(summary.encoded_len_hint() + tag.len());
        let mut encoder = SummaryEncoder::with_encodings(&mut body, self.encodings());
        summary.encode(tag, &mut encoder);
        if encoder.has_failed() {
            return run.shared.buffer.count_encode_failed(run.handle);
        }
        if body.is_empty() {
            return; // a summary that writes nothing
        }
        run.shared.buffer.push(
            run.handle,
            wall_time.map(WallTime::as_secs_f64),
            step.to_step(),
            Payload::Summary,
            &body,
        );
    }
}
