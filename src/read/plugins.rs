//! Values of plugins that have messages of their own: hyperparameters, meshes, graphs, layouts.

use super::{DataType, Kind, TensorValue, ValueError};
use crate::wire::messages::{
    self, HParamsPluginData, MeshPluginData, chart::Content, h_params_plugin_data::Data,
    mesh_plugin_data::ContentType,
};
use prost::Message;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The hyperparameter data of a run: an experiment, or the start or end of a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HParamsValue {
    /// The hyperparameters and metrics of all sessions of a log directory.
    Experiment(ExperimentValue),
    /// The start of a session, with its hyperparameters.
    SessionStart(SessionStart),
    /// The end of a session.
    SessionEnd(SessionEnd),
}

/// The hyperparameters and metrics that an experiment declares.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ExperimentValue {
    /// The names of the hyperparameters, in the order of the table's columns.
    pub hparams: Vec<String>,
    /// The metrics.
    pub metrics: Vec<MetricValue>,
}

/// A metric of an experiment: a scalar tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricValue {
    /// The run below the session's run; empty for that run itself.
    pub group: String,
    /// The tag.
    pub tag: String,
    /// The name shown instead of the tag; empty if there is none.
    pub display_name: String,
}

/// The start of a session.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SessionStart {
    /// The hyperparameters by name.
    pub hparams: BTreeMap<String, HParam>,
    /// The name of the group, whose sessions share a row of the table; may be empty.
    pub group: String,
    /// The start in seconds since 1970.
    pub start_time: f64,
}

/// A hyperparameter's value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HParam {
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// Nothing, or something that is not known here.
    Unset,
}

impl std::fmt::Display for HParam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Unset => f.pad(""),
        }
    }
}

/// The end of a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SessionEnd {
    /// The status; `None` if it is missing or unknown.
    pub status: Option<TrialStatus>,
    /// The end in seconds since 1970.
    pub end_time: f64,
}

/// The status in which a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrialStatus {
    /// It reached its end.
    Success,
    /// It failed.
    Failure,
    /// It is still running.
    Running,
}

impl HParamsValue {
    pub(super) fn decode(content: &[u8]) -> Result<Self, ValueError> {
        let message = HParamsPluginData::decode(content).map_err(ValueError::decode)?;
        match message.data {
            Some(Data::Experiment(experiment)) => {
                let metric = |info: messages::MetricInfo| {
                    let name = info.name.unwrap_or_default();
                    let display_name = info.display_name;
                    MetricValue { group: name.group, tag: name.tag, display_name }
                };
                Ok(Self::Experiment(ExperimentValue {
                    hparams: experiment.hparam_infos.into_iter().map(|info| info.name).collect(),
                    metrics: experiment.metric_infos.into_iter().map(metric).collect(),
                }))
            }
            Some(Data::SessionStartInfo(start)) => {
                let mut hparams = BTreeMap::new();
                for entry in start.hparams {
                    hparams.insert(entry.key, hparam(entry.value));
                }
                Ok(Self::SessionStart(SessionStart {
                    hparams,
                    group: start.group_name,
                    start_time: start.start_time_secs,
                }))
            }
            Some(Data::SessionEndInfo(end)) => {
                let status = match end.status {
                    1 => Some(TrialStatus::Success),
                    2 => Some(TrialStatus::Failure),
                    3 => Some(TrialStatus::Running),
                    _ => None,
                };
                Ok(Self::SessionEnd(SessionEnd { status, end_time: end.end_time_secs }))
            }
            None => Err(ValueError::Decode { reason: "no experiment and no session".to_owned() }),
        }
    }
}

fn hparam(value: Option<messages::Value>) -> HParam {
    use messages::value::Kind;
    match value.and_then(|value| value.kind) {
        Some(Kind::NumberValue(number)) => HParam::Number(number),
        Some(Kind::StringValue(text)) => HParam::Text(text),
        Some(Kind::BoolValue(value)) => HParam::Bool(value),
        _ => HParam::Unset,
    }
}

/// A part of a mesh: TensorBoard keeps each under a tag of its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MeshPart<'a> {
    /// The name that the parts of a mesh share.
    pub name: String,
    /// Which part it is.
    pub content: MeshContent,
    /// The numbers, with the shape `[batch, n, 3]`.
    pub tensor: TensorValue<'a>,
    /// Camera, lights and material as JSON; may be empty.
    pub config: String,
}

/// The kind of data in a [`MeshPart`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MeshContent {
    /// Points: x, y, z.
    Vertices,
    /// Triangles: three numbers of vertices.
    Faces,
    /// Colors of the vertices: red, green, blue from 0 to 255.
    Colors,
}

impl<'a> MeshPart<'a> {
    pub(super) fn new(tensor: TensorValue<'a>, content: &[u8]) -> Result<Self, ValueError> {
        let message = MeshPluginData::decode(content).map_err(ValueError::decode)?;
        let content = match ContentType::try_from(message.content_type).unwrap_or_default() {
            ContentType::Vertex => MeshContent::Vertices,
            ContentType::Face => MeshContent::Faces,
            ContentType::Color => MeshContent::Colors,
            ContentType::Undefined => {
                let reason = format!("unknown part of a mesh: {}", message.content_type);
                return Err(ValueError::Decode { reason });
            }
        };
        if !matches!(tensor.shape(), [_, _, 3]) || tensor.data_type() == DataType::String {
            return Err(ValueError::shape(Kind::Mesh, &tensor, "numbers, shape [batch, n, 3]"));
        }
        Ok(Self { name: message.name, content, tensor, config: message.json_config })
    }

    /// Returns the value with all borrowed data copied.
    pub fn into_owned(self) -> MeshPart<'static> {
        MeshPart { tensor: self.tensor.into_owned(), ..self }
    }
}

/// A graph under a tag, or the time and memory that its nodes took in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphValue<'a> {
    /// The kind of the bytes.
    pub format: GraphFormat,
    /// An encoded message, or JSON.
    pub bytes: Cow<'a, [u8]>,
}

/// The format of a [`GraphValue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GraphFormat {
    /// A model of Keras as JSON.
    KerasJson,
    /// A `RunMetadata` message with graphs.
    RunMetadataWithGraph,
    /// A `RunMetadata` message: time and memory of a traced step.
    RunMetadata,
}

impl<'a> GraphValue<'a> {
    pub(super) fn new(tensor: TensorValue<'a>, plugin: &str) -> Result<Self, ValueError> {
        let format = match plugin {
            "graph_keras_model" => GraphFormat::KerasJson,
            "graph_run_metadata_graph" => GraphFormat::RunMetadataWithGraph,
            _ => GraphFormat::RunMetadata,
        };
        if tensor.only_string().is_none() {
            return Err(ValueError::shape(Kind::Graph, &tensor, "a single string"));
        }
        let bytes = tensor.into_strings().pop().unwrap_or_default();
        Ok(Self { format, bytes })
    }

    /// Returns the value with all borrowed data copied.
    pub fn into_owned(self) -> GraphValue<'static> {
        GraphValue { format: self.format, bytes: Cow::Owned(self.bytes.into_owned()) }
    }
}

/// A layout of the custom scalars dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayoutValue {
    /// The groups of charts.
    pub categories: Vec<LayoutCategory>,
}

/// A group of charts in a [`LayoutValue`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayoutCategory {
    /// The title.
    pub title: String,
    /// Whether the group is folded at first.
    pub closed: bool,
    /// The charts.
    pub charts: Vec<LayoutChart>,
}

/// A chart in a [`LayoutCategory`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayoutChart {
    /// The title.
    pub title: String,
    /// Regular expressions of the tags to draw, anchored at the start of a tag.
    pub lines: Vec<String>,
    /// Lines with a band around each: regular expressions of value, lower and upper edge.
    pub bands: Vec<[String; 3]>,
}

impl LayoutValue {
    pub(super) fn new(tensor: &TensorValue<'_>) -> Result<Self, ValueError> {
        let Some(layout) = tensor.only_string() else {
            return Err(ValueError::shape(Kind::Layout, tensor, "a single string"));
        };
        let message = messages::Layout::decode(layout).map_err(ValueError::decode)?;
        let chart = |chart: messages::Chart| {
            let mut out = LayoutChart { title: chart.title, ..Default::default() };
            match chart.content {
                Some(Content::Multiline(lines)) => out.lines = lines.tag,
                Some(Content::Margin(margin)) => {
                    let bands = margin.series.into_iter();
                    out.bands = bands.map(|band| [band.value, band.lower, band.upper]).collect();
                }
                None => {}
            }
            out
        };
        let category = |category: messages::Category| LayoutCategory {
            title: category.title,
            closed: category.closed,
            charts: category.chart.into_iter().map(chart).collect(),
        };
        Ok(Self { categories: message.category.into_iter().map(category).collect() })
    }
}
