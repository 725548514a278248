//! What makes no curve, and how that is found out.

/// Up to here every threshold's number is an exact `f32`.
pub(super) const MOST_THRESHOLDS: usize = 1 << 24;

/// Numbers that make no precision-recall curve.
///
/// ```
/// use tfevents::summary::PrCurve;
///
/// let error = PrCurve::new(&[true, false], &[0.5, 1.5]).unwrap_err();
/// assert_eq!(error.to_string(), "prediction 1 is 1.5; allowed are probabilities, 0 to 1");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrCurveError {
    /// There is nothing to count.
    #[error("0 {what}; at least 1 is needed")]
    #[non_exhaustive]
    Empty {
        /// What there is none of: `labels` or `classes`.
        what: &'static str,
    },
    /// There are not as many of something as of something else.
    #[error("{given} {what} for {of}; {needed} are needed")]
    #[non_exhaustive]
    Length {
        /// What there is a wrong number of, such as `predictions`.
        what: &'static str,
        /// What sets the number, such as `4 labels`.
        of: String,
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A label that is neither 0 nor 1.
    #[error("label {index} is {given}; allowed are 0 and 1, or false and true")]
    #[non_exhaustive]
    Label {
        /// Its place.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// The number of a class that there is not.
    #[error("label {index} is {given}; allowed are the classes 0 to {}", classes - 1)]
    #[non_exhaustive]
    Class {
        /// Its place.
        index: usize,
        /// What was given.
        given: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A prediction that is no probability.
    #[error("prediction {index} is {given}; allowed are probabilities, 0 to 1")]
    #[non_exhaustive]
    Prediction {
        /// Its place.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// A weight or a count that nothing can be counted with.
    #[error("{what} {index} is {given}; allowed are finite numbers from 0")]
    #[non_exhaustive]
    Amount {
        /// What it is, such as `weight`.
        what: &'static str,
        /// Its place.
        index: usize,
        /// What was given.
        given: f64,
    },
    /// Too few thresholds to span 0 to 1, or more than can be told apart.
    #[error("{given} thresholds; allowed are 2 to {MOST_THRESHOLDS}")]
    #[non_exhaustive]
    Thresholds {
        /// How many were given.
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
    if (2..=MOST_THRESHOLDS).contains(&given) {
        Ok(())
    } else {
        Err(PrCurveError::Thresholds { given })
    }
}

pub(super) fn check_length(
    what: &'static str,
    given: usize,
    of: impl FnOnce() -> String,
    needed: usize,
) -> Result<(), PrCurveError> {
    if given == needed {
        Ok(())
    } else {
        Err(PrCurveError::Length { what, of: of(), given, needed })
    }
}
