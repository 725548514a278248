//! Hyperparameters of trainings, for the HParams dashboard.

// `flatten` reads them from a config by serde; `experiment` describes all trainings of a directory.
mod experiment;
#[cfg(feature = "serde")]
mod flatten;
mod value;

pub use experiment::{Dataset, Experiment, HParamInfo, MetricInfo};
pub use value::HParamValue;

use crate::summary::{DataClass, Metadata, Provenance, SummaryEncoder, Tensor};
use crate::wire::messages::h_params_plugin_data::Data;
use crate::wire::messages::{
    HParamsPluginData, SessionEndInfo, SessionEndStatus, SessionStartInfo,
    session_start_info::HparamsEntry,
};
use prost::Message;

/// The hyperparameters of one training, for [`SummaryWriter::add_hparams`].
///
/// ```
/// use tfevents::summary::HParams;
///
/// let hparams = HParams::builder()
///     .set("learning_rate", 1e-3)
///     .set("optimizer", "adam")
///     .set("layers", 3)
///     .set("bias", true)
///     .build()?;
/// # Ok::<(), tfevents::summary::HParamsError>(())
/// ```
///
/// With the feature `serde`, `HParams::from_config` takes any config that can be serialized.
///
/// [`SummaryWriter::add_hparams`]: crate::SummaryWriter::add_hparams
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("hyperparameters", "add_hparams"))]
pub struct HParams {
    /// In the order of their names.
    values: Vec<(String, HParamValue)>,
    group: String,
    model_uri: String,
    monitor_url: String,
}

/// A builder of [`HParams`]: see [`HParams::builder`].
///
/// ```
/// let hparams = tfevents::summary::HParams::builder().set("batch", 32).build()?;
/// # Ok::<(), tfevents::summary::HParamsError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct HParamsBuilder {
    values: Vec<(String, HParamValue)>,
}

/// An error creating [`HParams`] or an [`Experiment`].
///
/// ```
/// let error = tfevents::HParams::builder().set("", 1).build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid name of hyperparameter 0: \"\" (expected at least 1 character)");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HParamsError {
    /// There are no hyperparameters.
    #[error("invalid number of hyperparameters: 0 (expected at least 1)")]
    Empty,
    /// A name is empty.
    #[error("invalid name of {what} {index}: \"\" (expected at least 1 character)")]
    #[non_exhaustive]
    EmptyName {
        /// `hyperparameter` or `metric`.
        what: &'static str,
        /// The index of the name.
        index: usize,
    },
    /// Two hyperparameters or metrics have one name.
    #[error("duplicate name of a {what}: {name:?} (expected unique names)")]
    #[non_exhaustive]
    Duplicate {
        /// `hyperparameter` or `metric`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The ends of a range are not finite, or in the wrong order.
    #[error(
        "invalid range of hyperparameter {name:?}: {min} to {max} (expected finite numbers, the \
         minimum first)"
    )]
    #[non_exhaustive]
    Range {
        /// The name of the hyperparameter.
        name: String,
        /// The minimum that was given.
        min: f64,
        /// The maximum that was given.
        max: f64,
    },
    /// There are no values to choose from, or they are not all numbers, all bools or all texts.
    #[error(
        "invalid choice of hyperparameter {name:?}: {given} values of {kinds} kinds (expected at \
         least 1, of 1 kind)"
    )]
    #[non_exhaustive]
    Choice {
        /// The name of the hyperparameter.
        name: String,
        /// The number of values that were given.
        given: usize,
        /// The number of kinds among them.
        kinds: usize,
    },
    /// The hyperparameters cannot be read from a config.
    #[error("cannot read hyperparameters from a config: {reason}")]
    #[non_exhaustive]
    Config {
        /// The reason.
        reason: String,
    },
}

/// The status in which a training ended, for [`SummaryWriter::finish_hparams`].
///
/// [`SummaryWriter::finish_hparams`]: crate::SummaryWriter::finish_hparams
///
/// ```
/// use tfevents::summary::TrialStatus;
///
/// let result: Result<(), std::fmt::Error> = Ok(());
/// let outcome = if result.is_ok() { TrialStatus::Success } else { TrialStatus::Failure };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias("SessionOutcome", "SessionStatus"))]
pub enum TrialStatus {
    /// The training ended as intended.
    Success,
    /// The training failed.
    Failure,
}

impl HParams {
    /// Returns a builder for hyperparameters.
    ///
    /// ```
    /// let hparams = tfevents::summary::HParams::builder().set("batch", 32).build()?;
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[doc(alias = "new")]
    pub fn builder() -> HParamsBuilder {
        HParamsBuilder::default()
    }

    /// Sets the name of the trial. Trainings of one name share a row of the table, which shows the
    /// mean of their metrics: for those that differ in the random seed alone. Default: the run.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    ///
    /// let hparams = HParams::builder().set("batch", 32).build()?.group("batch 32");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.group = name.into();
        self
    }

    /// Sets where the model is stored.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    ///
    /// let hparams = HParams::builder().set("batch", 32).build()?.model_uri("s3://models/7");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn model_uri(mut self, uri: impl Into<String>) -> Self {
        self.model_uri = uri.into();
        self
    }

    /// Sets a page that shows the progress of the training.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    ///
    /// let hparams = HParams::builder().set("batch", 32).build()?.monitor_url("https://example.org/7");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn monitor_url(mut self, url: impl Into<String>) -> Self {
        self.monitor_url = url.into();
        self
    }

    /// Encodes the start of a session at this time, in seconds since 1970.
    pub(crate) fn encode_start(&self, time: f64, encoder: &mut SummaryEncoder<'_>) {
        let hparams = self.values.iter().map(|(name, value)| HparamsEntry {
            key: name.clone(),
            value: Some(value.to_message()),
        });
        let start = SessionStartInfo {
            hparams: hparams.collect(),
            model_uri: self.model_uri.clone(),
            monitor_url: self.monitor_url.clone(),
            group_name: self.group.clone(),
            start_time_secs: time,
        };
        push("_hparams_/session_start_info", Data::SessionStartInfo(start), encoder);
    }
}

impl HParamsBuilder {
    /// Adds a hyperparameter: a number, a bool or a text. `None` adds nothing, and a sequence is added
    /// as a text.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    ///
    /// let hparams = HParams::builder().set("optimizer/name", "adam").set("optimizer/rate", 1e-3);
    ///
    /// let layers = HParams::builder().set("layers", vec![64, 32]).set("dropout", None::<f32>);
    /// assert_eq!(layers.build()?, HParams::builder().set("layers", "[64, 32]").build()?);
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    pub fn set(mut self, name: impl AsRef<str>, value: impl Into<HParamValue>) -> Self {
        let value = value.into();
        if value.is_some() {
            self.values.push((name.as_ref().to_owned(), value));
        }
        self
    }

    /// Adds where the run came from, with `env/` before each name, so that trainings can be compared
    /// by their commit or machine.
    ///
    /// ```
    /// use tfevents::Provenance;
    /// use tfevents::summary::HParams;
    ///
    /// let provenance = Provenance::collect();
    /// let hparams = HParams::builder().set("batch", 32).provenance(&provenance).build()?;
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    pub fn provenance(mut self, provenance: &Provenance) -> Self {
        let values = provenance.iter().map(|(name, value)| (format!("env/{name}"), value.into()));
        self.values.extend(values);
        self
    }

    /// Checks and builds the hyperparameters.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    ///
    /// assert!(HParams::builder().set("batch", 32).set("batch", 64).build().is_err());
    /// ```
    ///
    /// # Errors
    /// If there are none, or a name is empty or used twice.
    pub fn build(mut self) -> Result<HParams, HParamsError> {
        if self.values.is_empty() {
            return Err(HParamsError::Empty);
        }
        check_names("hyperparameter", self.values.iter().map(|(name, _)| name.as_str()))?;
        self.values.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        self.values.iter().for_each(|(name, value)| value.warn_if_rounded(name));
        Ok(HParams {
            values: self.values,
            group: String::new(),
            model_uri: String::new(),
            monitor_url: String::new(),
        })
    }
}

impl TrialStatus {
    /// Encodes the end of a session at this time, in seconds since 1970.
    pub(crate) fn encode_end(self, time: f64, encoder: &mut SummaryEncoder<'_>) {
        let status = match self {
            Self::Success => SessionEndStatus::StatusSuccess,
            Self::Failure => SessionEndStatus::StatusFailure,
        };
        let end = SessionEndInfo { status: status as i32, end_time_secs: time };
        push("_hparams_/session_end_info", Data::SessionEndInfo(end), encoder);
    }
}

/// Pushes data, all of which is in the metadata: TensorFlow writes no numbers either.
fn push(tag: &str, data: Data, encoder: &mut SummaryEncoder<'_>) {
    let content = HParamsPluginData { version: 0, data: Some(data) };
    let metadata =
        Metadata::new("hparams").content(content.encode_to_vec()).data_class(DataClass::Tensor);
    encoder.push(tag, &metadata, &Tensor::numbers::<f32>(&[0], &[]));
}

fn check_names<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), HParamsError> {
    let mut known = std::collections::HashSet::new();
    for (index, name) in names.enumerate() {
        if name.is_empty() {
            return Err(HParamsError::EmptyName { what, index });
        }
        if !known.insert(name) {
            return Err(HParamsError::Duplicate { what, name: name.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        assert_eq!(HParams::builder().build(), Err(HParamsError::Empty));
        let empty = HParams::builder().set("a", 1).set("", 2).build();
        assert_eq!(empty, Err(HParamsError::EmptyName { what: "hyperparameter", index: 1 }));
        let twice = HParams::builder().set("a", 1).set("a", 1).build().unwrap_err();
        assert_eq!(
            twice.to_string(),
            "duplicate name of a hyperparameter: \"a\" (expected unique names)"
        );
    }
}
