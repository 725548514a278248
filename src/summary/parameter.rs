//! Parameters of a model, and their gradients: how they are spread and how large they are.

use super::{Histogram, IntoHistogram, Scalar, Summary, SummaryEncoder, told};

/// The values of a weight, or of its gradient: a histogram under the tag itself, and their norm,
/// the root of the sum of their squares, as a scalar under `tag/norm`.
///
/// Values that are not finite are left out of both, and told once for each tag through the `log`
/// facade; where none is left, the norm alone is written, as NaN. Without values nothing is
/// written, which is told once as well.
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
pub struct Parameter {
    histogram: Histogram,
}

impl Parameter {
    /// Counts the values, or takes a histogram of them.
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
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let left_out = self.histogram.non_finite();
        if left_out > 0 {
            told::once(tag, "non-finite", || {
                log::warn!("{tag:?}: {left_out} values are not finite and left out; told once");
            });
        }
        if self.histogram.count() > 0 {
            self.histogram.encode(tag, values);
        } else if left_out == 0 {
            return told::once(tag, "empty", || {
                log::warn!("{tag:?} has no values and is skipped; told once");
            });
        }
        let norm = self.histogram.sum_squares().map_or(f64::NAN, f64::sqrt);
        Scalar::new(norm).encode(&format!("{tag}/norm"), values);
    }

    fn encoded_len_hint(&self) -> usize {
        self.histogram.encoded_len_hint() + 128
    }
}
