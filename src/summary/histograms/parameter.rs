//! Parameters of a model, and their gradients: their distribution and their norm.

use super::{Histogram, IntoHistogram};
use crate::summary::{Scalar, Summary, SummaryEncoder};
use crate::system::warn_once;

/// The values of a weight, or of its gradient: a histogram under the tag itself, and their norm,
/// the root of the sum of their squares, as a scalar under `tag/norm`.
///
/// Values that are not finite are left out of both, which is logged once for each tag; if no other
/// value is left, the norm alone is written, as NaN. Without values nothing is written, which is
/// logged once as well.
///
/// [`SummaryWriter::add_parameters`](crate::SummaryWriter::add_parameters) logs those of a whole
/// model.
///
/// ```
/// use tfevents::summary::Parameter;
///
/// # let dir = tempfile::tempdir()?;
/// let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add("dense/kernel", &Parameter::new(&[3.0f32, -4.0]), 7); // dense/kernel/norm is 5
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("weight", "gradient"))]
pub struct Parameter {
    histogram: Histogram,
}

impl Parameter {
    /// Creates a parameter from its values, or from a histogram of them.
    ///
    /// ```
    /// use tfevents::Histogram;
    /// use tfevents::summary::Parameter;
    ///
    /// let kernel = vec![0.5f32; 100];
    /// assert_eq!(Parameter::new(&kernel), Parameter::new(Histogram::new(&kernel)));
    /// ```
    pub fn new(values: impl IntoHistogram) -> Self {
        Self { histogram: values.into_histogram().into_owned() }
    }
}

impl Summary for Parameter {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let left_out = self.histogram.non_finite();
        if left_out > 0 {
            warn_once((tag, "non-finite"), || {
                format!("{tag:?}: {left_out} values are not finite and left out")
            });
        }
        if self.histogram.count() > 0 {
            self.histogram.encode(tag, encoder);
        } else if left_out == 0 {
            return encoder.skip(tag, "it has no values");
        }
        let norm = self.histogram.sum_squares().map_or(f64::NAN, f64::sqrt);
        Scalar::new(norm).encode(&format!("{tag}/norm"), encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        self.histogram.encoded_len_hint() + 128
    }
}
