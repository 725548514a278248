//! When something was logged.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time: seconds since 1970, always finite.
///
/// A wall time that is not finite would make TensorBoard's data server skip the rest of the file,
/// so none can be made.
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
pub struct WallTime(f64);

/// A wall time that is not a finite number of seconds.
///
/// ```
/// let error = tfevents::WallTime::try_from_secs_f64(f64::INFINITY).unwrap_err();
/// assert_eq!(error.given, f64::INFINITY);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("wall time {given} is not finite; seconds since 1970 are allowed")]
pub struct WallTimeError {
    /// What was given.
    pub given: f64,
}

impl WallTime {
    /// A time by its seconds since 1970, negative ones before it.
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

    /// The time on the system's clock.
    ///
    /// ```
    /// assert!(tfevents::WallTime::now().as_secs_f64() > 1.7e9);
    /// ```
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Seconds since 1970.
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
        let secs = |duration: Duration| duration.as_secs_f64();
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => secs(since),
            Err(before) => -secs(before.duration()),
        })
    }
}
