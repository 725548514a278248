//! Precision-recall curves and meshes.

use crate::summary::{Mesh, PrCurve, Step};
use crate::writer::SummaryWriter;

impl SummaryWriter {
    /// Logs a precision-recall curve for the PR Curves dashboard.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let labels = [true, false, true, false];
    /// let predictions = [0.9f32, 0.6, 0.5, 0.1];
    /// writer.add_pr_curve("validation", &PrCurve::new(&labels, &predictions)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// To log the curves of several classes, pass the result of
    /// [`PrCurveBuilder::build_per_class`](crate::summary::PrCurveBuilder::build_per_class) to
    /// [`add`](Self::add).
    #[doc(alias = "add_pr_curve_raw")]
    pub fn add_pr_curve(&self, tag: &str, curve: &PrCurve, step: impl Step) {
        self.add(tag, curve, step);
    }

    /// Logs points in space, with faces and colors if it has them, for the Mesh dashboard.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let corners = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    /// writer.add_mesh("triangle", &Mesh::builder(&corners).faces(&[[0, 1, 2]]).build()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_mesh(&self, tag: &str, mesh: &Mesh, step: impl Step) {
        self.add(tag, mesh, step);
    }
}
