//! Scalars, histograms, and the weights of models.

use crate::summary::{IntoHistogram, Number, Parameter, Step};
use crate::wire::event::{self, SCALAR_METADATA, ScalarForm};
use crate::writer::{ScalarHandle, SummaryWriter};

impl SummaryWriter {
    /// Logs a number for the Scalars and Time Series dashboards, which draw it over the steps.
    ///
    /// The value is stored as `f32`, because TensorBoard's data server drops doubles. NaN and
    /// infinities are written unchanged, counted in [`Stats::non_finite`](crate::Stats::non_finite)
    /// and logged once through the `log` facade.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("train/loss", 0.25, 7);
    /// writer.add_scalar("train/correct", 31usize, 7u64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn add_scalar(&self, tag: &str, value: impl Number, step: impl Step) {
        self.push_scalar(tag, value.to_f32(), step.to_step());
    }

    /// Compiled once, in this crate.
    fn push_scalar(&self, tag: &str, value: f32, step: i64) {
        if !value.is_finite() {
            self.note_non_finite(tag, value);
        }
        let Some(run) = &self.run else { return };
        let form = self.scalar_form();
        let metadata = match form {
            ScalarForm::Simple => &[],
            ScalarForm::Tensor => SCALAR_METADATA,
        };
        let size = event::scalar_size(tag.len(), metadata.len());
        run.shared.buffer.push_small(run.handle, step, size, |out, stamp| {
            event::write_scalar(out, stamp, tag, value, form, metadata)
        });
    }

    /// Returns a handle for logging one scalar often, or with a description.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let loss = writer.scalar("train/loss");
    /// loss.add(0.3, 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scalar(&self, tag: &str) -> ScalarHandle {
        ScalarHandle::new(self.clone(), tag)
    }

    /// Logs the distribution of many numbers for the Histograms and Distributions dashboards.
    ///
    /// Slices and vectors of any number type are counted in 30 buckets of equal width between the
    /// minimum and the maximum, as in TensorFlow 2. Pass a [`Histogram`](crate::Histogram) for other
    /// buckets. Values that are not finite are not counted.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let weights = vec![0.1f32, -0.4, 0.2];
    /// writer.add_histogram("dense/kernel", &weights, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "add_histogram_raw")]
    pub fn add_histogram(&self, tag: &str, values: impl IntoHistogram, step: impl Step) {
        if self.run.is_some() {
            self.add(tag, &*values.into_histogram(), step);
        }
    }

    /// Logs the weights of a model, or their gradients: for each a histogram with the tag `name`, and
    /// its norm as a scalar with the tag `name/norm`. See [`Parameter`] for the values that are left
    /// out.
    ///
    /// It takes any iterator of names and values, from any framework. Names are paths: TensorBoard
    /// groups tags by the part before the first `/`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let model = [("dense/kernel", vec![0.1f32, -0.4]), ("dense/bias", vec![0.0])];
    /// writer.add_parameters(model.iter().map(|(name, values)| (name, values)), 7);
    ///
    /// let gradients = [vec![0.01f32, 0.02], vec![0.5]];
    /// let names = model.iter().map(|(name, _)| format!("{name}/gradient"));
    /// writer.add_parameters(names.zip(&gradients), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("named_parameters", "add_gradients"))]
    pub fn add_parameters<N: AsRef<str>, V: IntoHistogram>(
        &self,
        parameters: impl IntoIterator<Item = (N, V)>,
        step: impl Step,
    ) {
        if self.run.is_none() {
            return;
        }
        for (name, values) in parameters {
            self.add(name.as_ref(), &Parameter::new(values), step);
        }
    }

    #[cold]
    pub(in crate::writer) fn note_non_finite(&self, tag: &str, value: f32) {
        let Some(run) = &self.run else { return };
        if run.shared.buffer.count_non_finite() == 1 {
            log::warn!(
                "scalar {tag:?} is {value}; it is written, and so are further ones without another \
                 warning (Stats::non_finite counts them)"
            );
        }
    }
}
