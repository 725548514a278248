//! Hyperparameters of a training, for the HParams dashboard.
//!
//! `value`: what they can be; `flatten`: from a config by serde; `experiment`: what a directory
//! full of trainings varies and measures.

mod experiment;
#[cfg(feature = "serde")]
mod flatten;
mod value;

pub use experiment::{Dataset, Experiment, HParamInfo, MetricInfo};
pub use value::HParamValue;

use super::{DataClass, Metadata, SummaryEncoder, Tensor};
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
pub struct HParams {
    /// In the order of their names.
    values: Vec<(String, HParamValue)>,
    group: String,
    model_uri: String,
    monitor_url: String,
}

/// Values for [`HParams`]; made by [`HParams::builder`].
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

/// Why these are no hyperparameters, or no description of them.
///
/// ```
/// let error = tfevents::summary::HParams::builder().set("", 1).build().unwrap_err();
/// assert_eq!(error.to_string(), "hyperparameter 0 has an empty name; at least 1 character is needed");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HParamsError {
    /// There is none.
    #[error("0 hyperparameters; at least 1 is needed")]
    Empty,
    /// A name without characters.
    #[error("{what} {index} has an empty name; at least 1 character is needed")]
    #[non_exhaustive]
    EmptyName {
        /// `hyperparameter` or `metric`.
        what: &'static str,
        /// Its place.
        index: usize,
    },
    /// A name that was given twice.
    #[error("{what} {name:?} is given twice")]
    #[non_exhaustive]
    Duplicate {
        /// `hyperparameter` or `metric`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A range that nothing can lie in.
    #[error(
        "hyperparameter {name:?} has the range {least} to {greatest}; allowed are finite numbers, the least first"
    )]
    #[non_exhaustive]
    Range {
        /// The hyperparameter.
        name: String,
        /// What was given as the least.
        least: f64,
        /// What was given as the greatest.
        greatest: f64,
    },
    /// Values to choose from that are none, or not all numbers, all truth values or all texts.
    #[error(
        "hyperparameter {name:?} has {given} values of {kinds} kinds to choose from; at least 1 of 1 kind is needed"
    )]
    #[non_exhaustive]
    Choice {
        /// The hyperparameter.
        name: String,
        /// How many were given.
        given: usize,
        /// Of how many kinds they are.
        kinds: usize,
    },
    /// A config that cannot be flattened.
    #[error("the config cannot be flattened: {reason}")]
    #[non_exhaustive]
    Config {
        /// Why.
        reason: String,
    },
}

/// How a training ended, for [`SummaryWriter::finish_hparams`].
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
pub enum TrialStatus {
    /// As it was meant to.
    Success,
    /// Otherwise.
    Failure,
}

impl HParams {
    /// Values by name.
    ///
    /// ```
    /// let hparams = tfevents::summary::HParams::builder().set("batch", 32).build()?;
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    pub fn builder() -> HParamsBuilder {
        HParamsBuilder::default()
    }

    /// The values of a config, which is a struct or a map.
    ///
    /// | of the config | becomes |
    /// |---|---|
    /// | numbers, truth values, texts | themselves; see [`HParamValue`] |
    /// | a struct or a map in it | its fields, as `name/field` |
    /// | a sequence of those in the first row | one text, such as `[64, 32]` |
    /// | a sequence of anything else | its elements, as `name/0`, `name/1` … |
    /// | a variant of an enum | its name; its fields as `name/field`, what it holds without fields as `name/Variant` |
    /// | `None` and `()` | nothing |
    ///
    /// ```
    /// # #[cfg(feature = "serde")] {
    /// use tfevents::summary::HParams;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Config {
    ///     layers: Vec<usize>,
    ///     optimizer: Optimizer,
    /// }
    ///
    /// #[derive(serde::Serialize)]
    /// enum Optimizer {
    ///     Adam { rate: f32 },
    /// }
    ///
    /// let config = Config { layers: vec![64, 32], optimizer: Optimizer::Adam { rate: 0.1 } };
    /// let same = HParams::builder()
    ///     .set("layers", "[64, 32]")
    ///     .set("optimizer", "Adam")
    ///     .set("optimizer/rate", 0.1);
    /// assert_eq!(HParams::from_config(&config)?, same.build()?);
    /// # }
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    ///
    /// # Errors
    /// If it is neither a struct nor a map, two values get one name, a key is empty or no single
    /// value, it is nested more than 128 deep, or it does not let itself be serialized.
    #[cfg(feature = "serde")]
    pub fn from_config(config: &(impl serde::Serialize + ?Sized)) -> Result<Self, HParamsError> {
        HParamsBuilder { values: flatten::flatten(config)? }.build()
    }

    /// The name of the trial. Trainings of one name share a row of the table, which shows the
    /// mean of their metrics: those that differ in the random seed alone, say. Default: the run.
    ///
    /// ```
    /// # use tfevents::summary::HParams;
    /// let hparams = HParams::builder().set("batch", 32).build()?.group("batch 32");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.group = name.into();
        self
    }

    /// Where the model is kept.
    ///
    /// ```
    /// # use tfevents::summary::HParams;
    /// let hparams = HParams::builder().set("batch", 32).build()?.model_uri("s3://models/7");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn model_uri(mut self, uri: impl Into<String>) -> Self {
        self.model_uri = uri.into();
        self
    }

    /// A page that shows how the training is doing.
    ///
    /// ```
    /// # use tfevents::summary::HParams;
    /// let hparams = HParams::builder().set("batch", 32).build()?.monitor_url("https://example.org/7");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn monitor_url(mut self, url: impl Into<String>) -> Self {
        self.monitor_url = url.into();
        self
    }

    /// The start of a session at this time, in seconds since 1970.
    pub(crate) fn encode_start(&self, time: f64, values: &mut SummaryEncoder<'_>) {
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
        push("_hparams_/session_start_info", Data::SessionStartInfo(start), values);
    }
}

impl HParamsBuilder {
    /// Adds a value: a number, a truth value or a text.
    ///
    /// ```
    /// # use tfevents::summary::HParams;
    /// let hparams = HParams::builder().set("optimizer/name", "adam").set("optimizer/rate", 1e-3);
    /// ```
    pub fn set(mut self, name: impl Into<String>, value: impl Into<HParamValue>) -> Self {
        self.values.push((name.into(), value.into()));
        self
    }

    /// The hyperparameters.
    ///
    /// ```
    /// # use tfevents::summary::HParams;
    /// assert!(HParams::builder().set("batch", 32).set("batch", 64).build().is_err());
    /// ```
    ///
    /// # Errors
    /// If there is none, or a name is empty or given twice.
    pub fn build(mut self) -> Result<HParams, HParamsError> {
        if self.values.is_empty() {
            return Err(HParamsError::Empty);
        }
        check_names("hyperparameter", self.values.iter().map(|(name, _)| name.as_str()))?;
        self.values.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(HParams {
            values: self.values,
            group: String::new(),
            model_uri: String::new(),
            monitor_url: String::new(),
        })
    }
}

impl TrialStatus {
    /// The end of a session at this time, in seconds since 1970.
    pub(crate) fn encode_end(self, time: f64, values: &mut SummaryEncoder<'_>) {
        let status = match self {
            Self::Success => SessionEndStatus::StatusSuccess,
            Self::Failure => SessionEndStatus::StatusFailure,
        };
        let end = SessionEndInfo { status: status as i32, end_time_secs: time };
        push("_hparams_/session_end_info", Data::SessionEndInfo(end), values);
    }
}

/// All there is lies in the metadata; TensorFlow writes no numbers beside it either.
fn push(tag: &str, data: Data, values: &mut SummaryEncoder<'_>) {
    let content = HParamsPluginData { version: 0, data: Some(data) };
    let metadata =
        Metadata::new("hparams").content(content.encode_to_vec()).data_class(DataClass::Tensor);
    values.push(tag, &metadata, &Tensor::numbers::<f32>(&[0], &[]));
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
    fn names_are_given_once() {
        assert_eq!(HParams::builder().build(), Err(HParamsError::Empty));
        let empty = HParams::builder().set("a", 1).set("", 2).build();
        assert_eq!(empty, Err(HParamsError::EmptyName { what: "hyperparameter", index: 1 }));
        let twice = HParams::builder().set("a", 1).set("a", 1).build().unwrap_err();
        assert_eq!(twice.to_string(), "hyperparameter \"a\" is given twice");
    }
}
