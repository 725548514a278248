//! How often the values of batches are written.

use crate::callbacks::ConfigError;
use std::str::FromStr;

/// How often the values of batches are written. Those of epochs and tests always are.
///
/// ```
/// use tfevents::callbacks::UpdateFreq;
///
/// let freq: UpdateFreq = "100".parse()?; // as on a command line
/// assert_eq!(freq, UpdateFreq::batches(100)?);
/// assert_eq!("epoch".parse(), Ok(UpdateFreq::Epoch));
/// assert!(UpdateFreq::batches(0).is_err());
/// # Ok::<(), tfevents::callbacks::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateFreq {
    /// Never: the values of epochs are enough.
    #[default]
    Epoch,
    /// At every batch.
    Batch,
    /// At every batch whose number, counted from 1 since the training began, can be divided by
    /// this one. 0 is refused when the callback is built.
    Batches(u64),
}

impl UpdateFreq {
    /// Every so many batches, checked at once.
    ///
    /// ```
    /// use tfevents::callbacks::UpdateFreq;
    ///
    /// assert!(UpdateFreq::batches(100).is_ok());
    /// assert!(UpdateFreq::batches(0).is_err());
    /// ```
    ///
    /// # Errors
    /// If it is 0.
    pub fn batches(batches: u64) -> Result<Self, ConfigError> {
        UpdateFreq::Batches(batches).check()
    }

    pub(super) fn check(self) -> Result<Self, ConfigError> {
        if self == UpdateFreq::Batches(0) { Err(refused("0")) } else { Ok(self) }
    }

    #[inline]
    pub(super) fn is_due(self, step: u64) -> bool {
        match self {
            UpdateFreq::Epoch => false,
            UpdateFreq::Batch => true,
            UpdateFreq::Batches(batches) => step.checked_rem(batches) == Some(0),
        }
    }
}

impl FromStr for UpdateFreq {
    type Err = ConfigError;

    /// `epoch`, `batch` or a number of batches.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text {
            "epoch" => Ok(UpdateFreq::Epoch),
            "batch" => Ok(UpdateFreq::Batch),
            _ => match text.parse() {
                Ok(batches) => Self::batches(batches),
                Err(_) => Err(refused(&format!("{text:?}"))),
            },
        }
    }
}

fn refused(given: &str) -> ConfigError {
    ConfigError::new("update_freq", given, "\"epoch\", \"batch\" and whole numbers from 1")
}
