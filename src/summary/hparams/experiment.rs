//! The description of all trainings of a directory: hyperparameters and metrics.

use super::{HParamValue, HParamsError, check_names, push};
use crate::summary::{Summary, SummaryEncoder};
use crate::wire::messages::h_param_info::Domain;
use crate::wire::messages::h_params_plugin_data::Data;
use crate::wire::messages::value::Kind;
use crate::wire::messages::{self, DatasetType, HParamType, Interval, ListValue, MetricName};

/// A description of all trainings below a directory, for [`SummaryWriter::write_experiment`]:
/// their hyperparameters with the possible values, and their metrics.
///
/// It is optional. Without one TensorBoard shows all hyperparameters that it finds, and all scalars
/// as metrics. With one it shows those that are described, and nothing else.
///
/// ```
/// use tfevents::summary::{Dataset, Experiment, HParamInfo, MetricInfo};
///
/// let experiment = Experiment::new(
///     [
///         HParamInfo::range("learning_rate", 1e-5, 1e-1)?.display_name("Learning rate"),
///         HParamInfo::choice("optimizer", ["adam", "sgd"])?,
///     ],
///     [MetricInfo::new("epoch_accuracy").group("validation").dataset(Dataset::Validation)],
/// )?
/// .description("Which optimizer learns the digits?");
/// # Ok::<(), tfevents::summary::HParamsError>(())
/// ```
///
/// [`SummaryWriter::write_experiment`]: crate::SummaryWriter::write_experiment
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("hparams_config"))]
pub struct Experiment {
    message: messages::Experiment,
}

/// A hyperparameter of an [`Experiment`].
///
/// ```
/// let info = tfevents::summary::HParamInfo::range("dropout", 0.0, 0.5)?.description("Of *each* layer");
/// # Ok::<(), tfevents::summary::HParamsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct HParamInfo {
    message: messages::HParamInfo,
}

/// A metric of an [`Experiment`]: a scalar of the trainings.
///
/// ```
/// let info = tfevents::summary::MetricInfo::new("loss").display_name("Loss");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct MetricInfo {
    message: messages::MetricInfo,
}

/// The data that a metric is measured on.
///
/// ```
/// use tfevents::summary::{Dataset, MetricInfo};
///
/// let info = MetricInfo::new("loss").dataset(Dataset::Training);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dataset {
    /// The data that the model is trained on.
    Training,
    /// The data that it is evaluated on.
    Validation,
}

impl Experiment {
    /// Creates an experiment with these hyperparameters and metrics.
    ///
    /// ```
    /// use tfevents::summary::{Experiment, HParamInfo, MetricInfo};
    ///
    /// let rate = HParamInfo::range("learning_rate", 1e-5, 1e-1)?;
    /// let experiment = Experiment::new([rate], [MetricInfo::new("loss")])?;
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    ///
    /// # Errors
    /// If a name is empty or used twice, or there is no hyperparameter.
    pub fn new(
        hparams: impl IntoIterator<Item = HParamInfo>,
        metrics: impl IntoIterator<Item = MetricInfo>,
    ) -> Result<Self, HParamsError> {
        let hparams: Vec<_> = hparams.into_iter().map(|info| info.message).collect();
        let metrics: Vec<_> = metrics.into_iter().map(|info| info.message).collect();
        if hparams.is_empty() {
            return Err(HParamsError::Empty);
        }
        check_names("hyperparameter", hparams.iter().map(|info| info.name.as_str()))?;
        let metric = |info: &messages::MetricInfo| match &info.name {
            Some(name) if name.group.is_empty() || name.tag.is_empty() => name.tag.clone(),
            Some(name) => format!("{}/{}", name.group, name.tag),
            None => String::new(),
        };
        let names: Vec<_> = metrics.iter().map(metric).collect();
        check_names("metric", names.iter().map(String::as_str))?;
        let message = messages::Experiment {
            hparam_infos: hparams,
            metric_infos: metrics,
            ..Default::default()
        };
        Ok(Self { message })
    }

    /// Sets the description, in Markdown.
    ///
    /// ```
    /// use tfevents::summary::{Experiment, HParamInfo};
    ///
    /// let rate = HParamInfo::range("learning_rate", 1e-5, 1e-1)?;
    /// let experiment = Experiment::new([rate], [])?.description("How *fast* can it learn?");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.message.description = markdown.into();
        self
    }

    /// Sets the name of the user.
    ///
    /// ```
    /// use tfevents::summary::{Experiment, HParamInfo};
    ///
    /// let rate = HParamInfo::range("learning_rate", 1e-5, 1e-1)?;
    /// let experiment = Experiment::new([rate], [])?.user("ada");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.message.user = user.into();
        self
    }

    /// Sets the time of creation, in seconds since 1970.
    pub(crate) fn created(mut self, time: f64) -> Self {
        self.message.time_created_secs = time;
        self
    }
}

/// Written under the tag at which TensorBoard looks for it, whatever the tag is.
impl Summary for Experiment {
    fn encode(&self, _: &str, encoder: &mut SummaryEncoder<'_>) {
        push("_hparams_/experiment", Data::Experiment(self.message.clone()), encoder);
    }
}

impl HParamInfo {
    /// Creates a hyperparameter that is a number from `min` to `max`.
    ///
    /// ```
    /// use tfevents::summary::HParamInfo;
    ///
    /// let rate = HParamInfo::range("learning_rate", 1e-5, 1e-1)?;
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    ///
    /// # Errors
    /// If they are not finite, or `min` is greater than `max`.
    pub fn range(name: impl AsRef<str>, min: f64, max: f64) -> Result<Self, HParamsError> {
        let name = name.as_ref().to_owned();
        if !(min <= max && min.is_finite() && max.is_finite()) {
            return Err(HParamsError::Range { name, min, max });
        }
        let interval = Interval { min_value: min, max_value: max };
        Ok(Self::of(name, HParamType::DataTypeFloat64, Domain::DomainInterval(interval)))
    }

    /// Creates a hyperparameter that is one of these values: numbers, bools or texts.
    ///
    /// ```
    /// use tfevents::summary::HParamInfo;
    ///
    /// let layers = HParamInfo::choice("layers", [1, 2, 4])?;
    /// let optimizer = HParamInfo::choice("optimizer", ["adam", "sgd"])?;
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    ///
    /// # Errors
    /// If there are no values, or they are not all of one kind.
    pub fn choice(
        name: impl AsRef<str>,
        values: impl IntoIterator<Item = impl Into<HParamValue>>,
    ) -> Result<Self, HParamsError> {
        let name = name.as_ref().to_owned();
        let values = values.into_iter().map(Into::into).filter(HParamValue::is_some);
        let values: Vec<_> = values.map(|value| value.to_message()).collect();
        let kind = |value: &messages::Value| match &value.kind {
            Some(Kind::NumberValue(_)) => HParamType::DataTypeFloat64,
            Some(Kind::BoolValue(_)) => HParamType::DataTypeBool,
            _ => HParamType::DataTypeString,
        };
        let mut kinds = Vec::new();
        for kind in values.iter().map(kind) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        let [kind] = kinds[..] else {
            return Err(HParamsError::Choice { name, given: values.len(), kinds: kinds.len() });
        };
        Ok(Self::of(name, kind, Domain::DomainDiscrete(ListValue { values })))
    }

    fn of(name: String, kind: HParamType, domain: Domain) -> Self {
        let (r#type, domain) = (kind as i32, Some(domain));
        Self { message: messages::HParamInfo { name, r#type, domain, ..Default::default() } }
    }

    /// Sets the name that is shown instead of the hyperparameter's.
    ///
    /// ```
    /// use tfevents::summary::HParamInfo;
    ///
    /// let rate = HParamInfo::range("lr", 1e-5, 1e-1)?.display_name("Learning rate");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.message.display_name = name.into();
        self
    }

    /// Sets the description, in Markdown.
    ///
    /// ```
    /// use tfevents::summary::HParamInfo;
    ///
    /// let rate = HParamInfo::range("lr", 1e-5, 1e-1)?.description("Of the *optimizer*.");
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.message.description = markdown.into();
        self
    }
}

impl MetricInfo {
    /// Creates a metric from the last value of the scalar of this tag.
    ///
    /// ```
    /// use tfevents::summary::MetricInfo;
    ///
    /// let loss = MetricInfo::new("epoch_loss");
    /// ```
    pub fn new(tag: impl Into<String>) -> Self {
        let name = MetricName { group: String::new(), tag: tag.into() };
        Self { message: messages::MetricInfo { name: Some(name), ..Default::default() } }
    }

    /// Sets the child run of the scalar, such as `validation`. Default: the run of the
    /// hyperparameters itself.
    ///
    /// ```
    /// use tfevents::summary::MetricInfo;
    ///
    /// let loss = MetricInfo::new("epoch_loss").group("validation");
    /// ```
    pub fn group(mut self, run: impl Into<String>) -> Self {
        self.message.name.get_or_insert_default().group = run.into();
        self
    }

    /// Sets the name that is shown instead of the tag.
    ///
    /// ```
    /// use tfevents::summary::MetricInfo;
    ///
    /// let loss = MetricInfo::new("epoch_loss").display_name("Loss");
    /// ```
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.message.display_name = name.into();
        self
    }

    /// Sets the description, in Markdown.
    ///
    /// ```
    /// use tfevents::summary::MetricInfo;
    ///
    /// let loss = MetricInfo::new("epoch_loss").description("Cross *entropy*.");
    /// ```
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.message.description = markdown.into();
        self
    }

    /// Sets the data that the metric is measured on.
    ///
    /// ```
    /// use tfevents::summary::{Dataset, MetricInfo};
    ///
    /// let loss = MetricInfo::new("epoch_loss").dataset(Dataset::Validation);
    /// ```
    pub fn dataset(mut self, dataset: Dataset) -> Self {
        let dataset = match dataset {
            Dataset::Training => DatasetType::DatasetTraining,
            Dataset::Validation => DatasetType::DatasetValidation,
        };
        self.message.dataset_type = dataset as i32;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_descriptions_are_refused() {
        for (min, max) in [(1.0, 0.0), (0.0, f64::NAN), (f64::NEG_INFINITY, 0.0)] {
            let error = HParamInfo::range("a", min, max).unwrap_err();
            assert!(matches!(error, HParamsError::Range { .. }), "{error}");
        }
        let choice =
            |values: Vec<HParamValue>| HParamInfo::choice("a", values).unwrap_err().to_string();
        assert_eq!(
            choice(vec![]),
            "invalid choice of hyperparameter \"a\": 0 values of 0 kinds (expected at least 1, of \
             1 kind)"
        );
        assert!(choice(vec![1.into(), "b".into()]).contains("2 values of 2 kinds"));
        let hparam = || HParamInfo::range("a", 0.0, 1.0).unwrap();
        let metric = || MetricInfo::new("m");
        assert_eq!(Experiment::new([], [metric()]), Err(HParamsError::Empty));
        let twice = Experiment::new([hparam(), hparam()], []).unwrap_err();
        assert!(matches!(twice, HParamsError::Duplicate { what: "hyperparameter", .. }));
        let nameless = Experiment::new([hparam()], [MetricInfo::new("").group("g")]);
        assert_eq!(nameless, Err(HParamsError::EmptyName { what: "metric", index: 0 }));
        assert!(Experiment::new([hparam()], [metric(), metric().group("g")]).is_ok());
    }
}
