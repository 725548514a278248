//! Scalars: one number per step.

use super::{DataClass, Metadata, Number, ScalarEncoding, Summary, SummaryEncoder, Tensor};

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
#[doc(alias("add_scalar"))]
pub struct Scalar {
    value: f32,
    /// `None` for the writer's encoding.
    encoding: Option<ScalarEncoding>,
}

impl Scalar {
    /// Creates a scalar from any number; it is stored as `f32`. NaN and infinities are legal.
    ///
    /// ```
    /// use tfevents::summary::Scalar;
    ///
    /// assert_eq!(Scalar::new(1), Scalar::new(true));
    /// ```
    pub fn new(value: impl Number) -> Self {
        Self { value: value.to_f32(), encoding: None }
    }

    /// Sets how the scalar is written to the file. Default: the writer's encoding.
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
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        match self.encoding.unwrap_or(encoder.encodings().scalars) {
            ScalarEncoding::Tensor => {
                encoder.push(tag, &Self::metadata(), &Tensor::scalar(self.value));
            }
            ScalarEncoding::Simple => encoder.push_simple(tag, &Self::metadata(), self.value),
        }
    }
}
