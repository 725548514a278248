//! Scalars: one number per step.

use super::{DataClass, Metadata, Number, Summary, SummaryEncoder, Tensor};

/// How a scalar is laid out in the file. TensorBoard shows both alike.
///
/// ```
/// use tfevents::summary::ScalarEncoding;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = tfevents::SummaryWriter::builder(path).scalar_encoding(ScalarEncoding::Tensor).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScalarEncoding {
    /// The `simple_value` field, as torch writes it: without metadata unless a display name or a
    /// description is given. Every tool that reads event files sees it. The default.
    #[default]
    Simple,
    /// A rank-0 float tensor with metadata, as TensorFlow 2 and Keras write it: 22 bytes more per
    /// event. TensorBoard shows it alike; tools that only know simple values do not see it.
    Tensor,
}

/// One number, shown by the Scalars and Time Series dashboards.
///
/// [`add_scalar`](crate::SummaryWriter::add_scalar) is the short way. This type is for scalars
/// with a description, or with a wall time of their own.
///
/// ```
/// use tfevents::summary::{Scalar, Summary};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let loss = Scalar::new(0.25).with_metadata().description("Cross entropy of a batch");
/// writer.add("train/loss", &loss, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalar {
    value: f32,
    /// `None`: as the writer does.
    encoding: Option<ScalarEncoding>,
}

impl Scalar {
    /// A scalar of any number; it is stored as `f32`. NaN and infinities are legal.
    ///
    /// ```
    /// use tfevents::summary::Scalar;
    ///
    /// assert_eq!(Scalar::new(1), Scalar::new(true));
    /// ```
    pub fn new(value: impl Number) -> Self {
        Self { value: value.to_f32(), encoding: None }
    }

    /// Chooses the layout in the file. Default: the writer's.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, ScalarEncoding};
    ///
    /// let scalar = Scalar::new(0.25).encoding(ScalarEncoding::Tensor);
    /// ```
    #[must_use]
    pub fn encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    pub(crate) fn metadata() -> Metadata {
        Metadata::new("scalars").data_class(DataClass::Scalar)
    }
}

impl Summary for Scalar {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        match self.encoding.unwrap_or(values.scalars) {
            ScalarEncoding::Tensor => {
                values.push(tag, &Self::metadata(), &Tensor::scalar(self.value));
            }
            ScalarEncoding::Simple => values.push_simple(tag, &Self::metadata(), self.value),
        }
    }
}
