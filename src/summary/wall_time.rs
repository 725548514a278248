//! Wall times: when something was logged.

use crate::system::unix_seconds;
use std::time::SystemTime;

/// A point in time: seconds since 1970, always finite.
///
/// A wall time that is not finite would make TensorBoard's data server skip the rest of the file,
/// so none can be created.
///
/// ```
/// use tfevents::WallTime;
///
/// let time = WallTime::try_from_secs_f64(1_700_000_000.5)?;
/// assert_eq!(time.as_secs_f64(), 1_700_000_000.5);
/// assert!(WallTime::try_from_secs_f64(f64::NAN).is_err());
/// # Ok::<(), tfevents::summary::WallTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[doc(alias("walltime", "timestamp"))]
pub struct WallTime(f64);

/// An error creating a [`WallTime`].
///
/// ```
/// let error = tfevents::WallTime::try_from_secs_f64(f64::INFINITY).unwrap_err();
/// assert_eq!(error.to_string(), "invalid wall time: inf (expected a finite number of seconds since 1970)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("invalid wall time: {given} (expected a finite number of seconds since 1970)")]
pub struct WallTimeError {
    /// The seconds that were given.
    pub given: f64,
}

impl WallTime {
    /// Creates a wall time from seconds since 1970, negative ones before.
    ///
    /// ```
    /// assert!(tfevents::WallTime::try_from_secs_f64(1_700_000_000.5).is_ok());
    /// assert!(tfevents::WallTime::try_from_secs_f64(f64::NAN).is_err());
    /// ```
    ///
    /// # Errors
    /// If `secs` is NaN or infinite.
    pub fn try_from_secs_f64(secs: f64) -> Result<Self, WallTimeError> {
        if secs.is_finite() { Ok(Self(secs)) } else { Err(WallTimeError { given: secs }) }
    }

    /// Returns the time on the system's clock.
    ///
    /// ```
    /// assert!(tfevents::WallTime::now().as_secs_f64() > 1.7e9);
    /// ```
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Returns the seconds since 1970.
    ///
    /// ```
    /// let then = tfevents::WallTime::from(std::time::UNIX_EPOCH);
    /// assert_eq!(then.as_secs_f64(), 0.0);
    /// ```
    pub fn as_secs_f64(self) -> f64 {
        self.0
    }
}

impl From<SystemTime> for WallTime {
    fn from(time: SystemTime) -> Self {
        Self(unix_seconds(time))
    }
}
