//! The error of precision-recall curves, and the checks that return it.

/// Up to this number of thresholds, each one's index is an exact `f32`.
pub(super) const MAX_THRESHOLDS: usize = 1 << 24;

/// An error creating a [`PrCurve`](super::PrCurve), or the curves of several classes.
///
/// ```
/// use tfevents::summary::PrCurve;
///
/// let error = PrCurve::new(&[true, false], &[0.5, 1.5]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid prediction 1 of a PR curve: 1.5 (expected a probability, 0 to 1)");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrCurveError {
    /// There are no labels, or no classes.
    #[error("invalid number of {what} of a PR curve: 0 (expected at least 1)")]
    #[non_exhaustive]
    Empty {
        /// The missing values: `labels` or `classes`.
        what: &'static str,
    },
    /// The number of values does not match that of the labels or thresholds.
    #[error("invalid number of {what} of a PR curve: {given} (expected {expected}, for {of})")]
    #[non_exhaustive]
    Length {
        /// The values whose number is wrong, such as `predictions`.
        what: &'static str,
        /// The values that determine the number, such as `4 labels`.
        of: String,
        /// The number of values that were given.
        given: usize,
        /// The expected number.
        expected: usize,
    },
    /// A label is neither 0 nor 1.
    #[error("invalid label {index} of a PR curve: {given} (expected 0 or 1, or a bool)")]
    #[non_exhaustive]
    Label {
        /// The index of the label.
        index: usize,
        /// The label.
        given: f64,
    },
    /// A label is not the number of a class.
    #[error(
        "invalid label {index} of PR curves: {given} (expected a class, 0 to {})", classes - 1
    )]
    #[non_exhaustive]
    Class {
        /// The index of the label.
        index: usize,
        /// The label.
        given: usize,
        /// The number of classes.
        classes: usize,
    },
    /// A prediction is no probability.
    #[error("invalid prediction {index} of a PR curve: {given} (expected a probability, 0 to 1)")]
    #[non_exhaustive]
    Prediction {
        /// The index of the prediction.
        index: usize,
        /// The prediction.
        given: f64,
    },
    /// A weight or a count is negative or not finite.
    #[error("invalid {what} {index} of a PR curve: {given} (expected a finite number from 0)")]
    #[non_exhaustive]
    Amount {
        /// The kind of value, such as `weight`.
        what: &'static str,
        /// The index of the value.
        index: usize,
        /// The value.
        given: f64,
    },
    /// There are too few thresholds to span 0 to 1, or more than an `f32` can count.
    #[error("invalid number of thresholds of a PR curve: {given} (expected 2 to {MAX_THRESHOLDS})")]
    #[non_exhaustive]
    Thresholds {
        /// The number of thresholds that was given.
        given: usize,
    },
}

pub(super) fn check_amount(
    what: &'static str,
    index: usize,
    given: f64,
) -> Result<f64, PrCurveError> {
    // Finite as f32, so that sums are finite as f64.
    if given >= 0.0 && given <= f64::from(f32::MAX) {
        Ok(given)
    } else {
        Err(PrCurveError::Amount { what, index, given })
    }
}

pub(super) fn check_thresholds(given: usize) -> Result<(), PrCurveError> {
    if (2..=MAX_THRESHOLDS).contains(&given) {
        Ok(())
    } else {
        Err(PrCurveError::Thresholds { given })
    }
}

pub(super) fn check_length(
    what: &'static str,
    given: usize,
    of: impl FnOnce() -> String,
    expected: usize,
) -> Result<(), PrCurveError> {
    if given == expected {
        Ok(())
    } else {
        Err(PrCurveError::Length { what, of: of(), given, expected })
    }
}
