//! A handle for a tag that is logged often.

use super::SummaryWriter;
use crate::summary::{Metadata, Number, Scalar, Step};
use crate::wire::event::{ScalarForm, ScalarTemplate};

/// A handle for logging the values of one tag, created by [`SummaryWriter::scalar`].
///
/// It is cheaper than [`SummaryWriter::add_scalar`], because the tag is encoded once. A handle can
/// be cloned and sent to other threads.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let loss = writer.scalar("train/loss").description("Mean of the batch");
/// for step in 0..10 {
///     loss.add(1.0 / (step + 1) as f32, step);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScalarHandle {
    writer: SummaryWriter,
    tag: String,
    form: ScalarForm,
    metadata: Metadata,
    template: ScalarTemplate,
}

impl ScalarHandle {
    pub(super) fn new(writer: SummaryWriter, tag: &str, form: ScalarForm) -> Self {
        let metadata = Scalar::metadata();
        let template = ScalarTemplate::new(tag, form, &metadata.to_field());
        Self { writer, tag: tag.to_owned(), form, metadata, template }
    }

    /// Sets the name that TensorBoard shows instead of the tag. It is written with every value.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.scalar("train/loss").display_name("Loss").add(0.5, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn display_name(self, name: impl Into<String>) -> Self {
        let metadata = self.metadata.clone().display_name(name);
        self.with(metadata)
    }

    /// Sets a description in Markdown, which TensorBoard shows on request. It is written with every
    /// value.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.scalar("train/loss").description("Cross *entropy*").add(0.5, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        let metadata = self.metadata.clone().description(description);
        self.with(metadata)
    }

    fn with(self, metadata: Metadata) -> Self {
        let template = ScalarTemplate::new(&self.tag, self.form, &metadata.to_field());
        Self { metadata, template, ..self }
    }

    /// Logs a value, as [`SummaryWriter::add_scalar`] does.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.scalar("train/loss").add(0.3, 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn add(&self, value: impl Number, step: impl Step) {
        self.push(value.to_f32(), step.to_step());
    }

    /// Compiled once, in this crate.
    fn push(&self, value: f32, step: i64) {
        if !value.is_finite() {
            self.writer.note_non_finite(&self.tag, value);
        }
        let run = &self.writer.run;
        run.shared.buffer.push_small(run.handle, step, self.template.size(), |out, stamp| {
            self.template.write(out, stamp, value)
        });
    }
}
