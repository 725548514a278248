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
    /// Metadata with a display name or a description, if one was given.
    labels: Option<Metadata>,
    template: ScalarTemplate,
}

impl ScalarHandle {
    pub(super) fn new(writer: SummaryWriter, tag: &str) -> Self {
        let template = ScalarTemplate::new(tag, writer.scalar_form(), &[]);
        Self { writer, tag: tag.to_owned(), labels: None, template }.prepared()
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
        let labels = self.labels.clone().unwrap_or_else(Scalar::metadata);
        Self { labels: Some(labels.display_name(name)), ..self }.prepared()
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
        let labels = self.labels.clone().unwrap_or_else(Scalar::metadata);
        Self { labels: Some(labels.description(description)), ..self }.prepared()
    }

    fn prepared(self) -> Self {
        let form = self.writer.scalar_form();
        let metadata = match (&self.labels, form) {
            (Some(labels), _) => labels.to_field(),
            (None, ScalarForm::Tensor) => Scalar::metadata().to_field(),
            (None, ScalarForm::Simple) => Vec::new(),
        };
        let template = ScalarTemplate::new(&self.tag, form, &metadata);
        Self { template, ..self }
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
        let Some(run) = &self.writer.run else { return };
        run.shared.buffer.push_small(run.handle, step, self.template.size(), |out, stamp| {
            self.template.write(out, stamp, value)
        });
    }
}
