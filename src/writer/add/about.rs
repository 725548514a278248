//! What a run is and where it came from, as text.

use crate::summary::{Provenance, Text};
use crate::writer::SummaryWriter;

/// The tag of a run's description.
pub(in crate::writer) const DESCRIPTION_TAG: &str = "run/description";
/// The tag of where a run came from.
pub(in crate::writer) const PROVENANCE_TAG: &str = "run/provenance";

impl SummaryWriter {
    /// Logs a description of the run in Markdown, with the tag `run/description`. A later call
    /// replaces it.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.describe("Baseline with **half** the learning rate.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "notes")]
    pub fn describe(&self, markdown: &str) {
        self.add(DESCRIPTION_TAG, &Text::new(markdown), 0);
    }

    /// Logs where the run came from as a table, with the tag `run/provenance`. A session that
    /// continues an earlier one logs it at its first step, so that both tables stay.
    ///
    /// To show it in the HParams dashboard too, pass it to
    /// [`HParamsBuilder::provenance`](crate::summary::HParamsBuilder::provenance).
    ///
    /// ```
    /// use tfevents::summary::Provenance;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// writer.add_provenance(&Provenance::collect());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("git", "environment"))]
    pub fn add_provenance(&self, provenance: &Provenance) {
        let step = self.resumed_at().unwrap_or(0);
        self.add(PROVENANCE_TAG, &Text::new(&provenance.to_markdown()), step);
    }
}
