//! One method for each kind of thing that is logged. Most end in [`SummaryWriter::add`].

use super::{ScalarHandle, SummaryWriter};
use crate::summary::{
    Graph, Image, IntoHistogram, Number, Parameter, Step, Summary, Text, Values, WallTime,
};
use crate::wire::event::{self, Payload, SCALAR_METADATA};

impl SummaryWriter {
    /// Logs a number: the Scalars and Time Series dashboards draw it over the steps.
    ///
    /// The value is stored as `f32`, because TensorBoard's data server drops doubles. NaN and
    /// infinities are written as they are, counted in [`stats`](Self::stats) and told once
    /// through the `log` facade.
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
        let size = event::scalar_size(tag.len(), SCALAR_METADATA.len());
        let run = &self.run;
        run.core.queue.push_small(run.id, step, size, |out, stamp| {
            event::put_scalar(out, stamp, tag, value, run.core.form, SCALAR_METADATA);
        });
    }

    /// A handle for a scalar that is logged often, or that has a description.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let loss = writer.scalar("train/loss");
    /// loss.add(0.3, 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scalar(&self, tag: &str) -> ScalarHandle {
        ScalarHandle::new(self.clone(), tag, self.run.core.form)
    }

    /// Logs the distribution of many numbers: the Histograms and Distributions dashboards.
    ///
    /// Slices and vectors of any number are sorted into 30 buckets of equal width between the
    /// least and the greatest, as TensorFlow 2 does. A [`Histogram`](crate::Histogram) made
    /// before may have other buckets. Values that are not finite are left out.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let weights = vec![0.1f32, -0.4, 0.2];
    /// writer.add_histogram("dense/kernel", &weights, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_histogram(&self, tag: &str, values: impl IntoHistogram, step: impl Step) {
        self.add(tag, &*values.into_histogram(), step);
    }

    /// Logs the weights of a model, or their gradients: for each a histogram under its name, and
    /// its norm as a scalar under `name/norm`. See [`Parameter`] for what is left out.
    ///
    /// Any iterator of names and values will do, of whatever framework. Names are paths:
    /// TensorBoard groups by what stands before the first `/`.
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
    pub fn add_parameters<N: AsRef<str>, V: IntoHistogram>(
        &self,
        parameters: impl IntoIterator<Item = (N, V)>,
        step: impl Step,
    ) {
        for (name, values) in parameters {
            self.add(name.as_ref(), &Parameter::new(values), step);
        }
    }

    /// Logs an image: the Images dashboard.
    ///
    /// Pixels are encoded as PNG in this call.
    ///
    /// ```
    /// use tfevents::Image;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let pixels = [255, 0, 0, 0, 0, 255]; // a red and a blue one
    /// writer.add_image("input", &Image::rgb8(2, 1, &pixels)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_image(&self, tag: &str, image: &Image, step: impl Step) {
        self.add(tag, image, step);
    }

    /// Logs markdown: the Text dashboard.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_text("config", "| key | value |\n|---|---|\n| epochs | 10 |", 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_text(&self, tag: &str, markdown: &str, step: impl Step) {
        self.add(tag, &Text::new(markdown), step);
    }

    /// Logs a graph: the Graphs dashboard. A run has one; the last counts.
    ///
    /// ```
    /// use tfevents::Graph;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// # fn graph() -> Result<Graph, Box<dyn std::error::Error>> {
    /// let mut graph = Graph::builder();
    /// graph.node("input", "Placeholder");
    /// # Ok(graph.build()?) }
    /// # let graph = graph()?;
    /// writer.add_graph(&graph);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_graph(&self, graph: &Graph) {
        let bytes = graph.to_bytes();
        self.run.core.queue.push(self.run.id, None, 0, Payload::Graph, &bytes);
    }

    /// Logs a summary of any kind, also one of your own: see [`Summary`].
    ///
    /// Within a run a tag holds summaries of one kind: TensorBoard goes by the first.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, Summary};
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let loss = Scalar::new(0.25).described().description("Cross *entropy*");
    /// writer.add("train/loss", &loss, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add(&self, tag: &str, summary: &(impl Summary + ?Sized), step: impl Step) {
        self.push_summary(tag, summary, step, None);
    }

    /// The same, at a time other than now.
    ///
    /// ```
    /// use tfevents::WallTime;
    /// use tfevents::summary::Scalar;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let then = WallTime::from_secs(1_700_000_000.0)?;
    /// writer.add_at("train/loss", &Scalar::new(0.25), 7, then);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        let mut body = Vec::with_capacity(summary.size_hint() + tag.len());
        summary.encode(tag, &mut Values::new(&mut body));
        if body.is_empty() {
            return; // it has told why
        }
        let run = &self.run;
        run.core.queue.push(run.id, wall_time, step.to_step(), Payload::Summary, &body);
    }

    #[cold]
    pub(super) fn note_non_finite(&self, tag: &str, value: f32) {
        if self.run.core.queue.count_non_finite() == 1 {
            log::warn!("scalar {tag:?} is {value}; further ones are counted, not told");
        }
    }
}
