// @generated from proto/*.proto by `cargo run -p protogen`. Do not edit.

/// A tensor. The elements are in tensor_content or in the list of their type.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TensorProto {
    pub dtype: i32,
    pub tensor_shape: ::core::option::Option<TensorShapeProto>,
    /// Always 0.
    pub version_number: i32,
    /// All elements, little endian and in row-major order. Not for strings.
    pub tensor_content: ::prost::alloc::vec::Vec<u8>,
    pub float_val: ::prost::alloc::vec::Vec<f32>,
    pub double_val: ::prost::alloc::vec::Vec<f64>,
    /// INT32, INT16, UINT16, INT8 and UINT8.
    pub int_val: ::prost::alloc::vec::Vec<i32>,
    pub string_val: ::prost::alloc::vec::Vec<::prost::alloc::vec::Vec<u8>>,
    /// COMPLEX64 as pairs, real part first.
    pub scomplex_val: ::prost::alloc::vec::Vec<f32>,
    pub int64_val: ::prost::alloc::vec::Vec<i64>,
    pub bool_val: ::prost::alloc::vec::Vec<bool>,
    /// COMPLEX128 as pairs, real part first.
    pub dcomplex_val: ::prost::alloc::vec::Vec<f64>,
    /// The bits of HALF and BFLOAT16 in the lower 16 bits.
    pub half_val: ::prost::alloc::vec::Vec<i32>,
    pub uint32_val: ::prost::alloc::vec::Vec<u32>,
    pub uint64_val: ::prost::alloc::vec::Vec<u64>,
}
/// The lengths of a tensor's dimensions; none of them for a scalar.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TensorShapeProto {
    pub dim: ::prost::alloc::vec::Vec<tensor_shape_proto::Dim>,
    /// True if not even the number of dimensions is known.
    pub unknown_rank: bool,
}
/// Nested message and enum types in `TensorShapeProto`.
pub mod tensor_shape_proto {
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Dim {
        /// -1 where the length is unknown.
        pub size: i64,
        pub name: ::prost::alloc::string::String,
    }
}
/// Element types. Files may hold numbers beyond these: narrow floats, narrow
/// integers, and references, which are 100 above the type they refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum DataType {
    DtInvalid = 0,
    DtFloat = 1,
    DtDouble = 2,
    DtInt32 = 3,
    DtUint8 = 4,
    DtInt16 = 5,
    DtInt8 = 6,
    DtString = 7,
    DtComplex64 = 8,
    DtInt64 = 9,
    DtBool = 10,
    DtQint8 = 11,
    DtQuint8 = 12,
    DtQint32 = 13,
    DtBfloat16 = 14,
    DtQint16 = 15,
    DtQuint16 = 16,
    DtUint16 = 17,
    DtComplex128 = 18,
    DtHalf = 19,
    DtResource = 20,
    DtVariant = 21,
    DtUint32 = 22,
    DtUint64 = 23,
}
impl DataType {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::DtInvalid => "DT_INVALID",
            Self::DtFloat => "DT_FLOAT",
            Self::DtDouble => "DT_DOUBLE",
            Self::DtInt32 => "DT_INT32",
            Self::DtUint8 => "DT_UINT8",
            Self::DtInt16 => "DT_INT16",
            Self::DtInt8 => "DT_INT8",
            Self::DtString => "DT_STRING",
            Self::DtComplex64 => "DT_COMPLEX64",
            Self::DtInt64 => "DT_INT64",
            Self::DtBool => "DT_BOOL",
            Self::DtQint8 => "DT_QINT8",
            Self::DtQuint8 => "DT_QUINT8",
            Self::DtQint32 => "DT_QINT32",
            Self::DtBfloat16 => "DT_BFLOAT16",
            Self::DtQint16 => "DT_QINT16",
            Self::DtQuint16 => "DT_QUINT16",
            Self::DtUint16 => "DT_UINT16",
            Self::DtComplex128 => "DT_COMPLEX128",
            Self::DtHalf => "DT_HALF",
            Self::DtResource => "DT_RESOURCE",
            Self::DtVariant => "DT_VARIANT",
            Self::DtUint32 => "DT_UINT32",
            Self::DtUint64 => "DT_UINT64",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "DT_INVALID" => Some(Self::DtInvalid),
            "DT_FLOAT" => Some(Self::DtFloat),
            "DT_DOUBLE" => Some(Self::DtDouble),
            "DT_INT32" => Some(Self::DtInt32),
            "DT_UINT8" => Some(Self::DtUint8),
            "DT_INT16" => Some(Self::DtInt16),
            "DT_INT8" => Some(Self::DtInt8),
            "DT_STRING" => Some(Self::DtString),
            "DT_COMPLEX64" => Some(Self::DtComplex64),
            "DT_INT64" => Some(Self::DtInt64),
            "DT_BOOL" => Some(Self::DtBool),
            "DT_QINT8" => Some(Self::DtQint8),
            "DT_QUINT8" => Some(Self::DtQuint8),
            "DT_QINT32" => Some(Self::DtQint32),
            "DT_BFLOAT16" => Some(Self::DtBfloat16),
            "DT_QINT16" => Some(Self::DtQint16),
            "DT_QUINT16" => Some(Self::DtQuint16),
            "DT_UINT16" => Some(Self::DtUint16),
            "DT_COMPLEX128" => Some(Self::DtComplex128),
            "DT_HALF" => Some(Self::DtHalf),
            "DT_RESOURCE" => Some(Self::DtResource),
            "DT_VARIANT" => Some(Self::DtVariant),
            "DT_UINT32" => Some(Self::DtUint32),
            "DT_UINT64" => Some(Self::DtUint64),
            _ => None,
        }
    }
}
/// The values that one event logs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Summary {
    pub value: ::prost::alloc::vec::Vec<summary::Value>,
}
/// Nested message and enum types in `Summary`.
pub mod summary {
    /// One value under its tag.
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct Value {
        pub tag: ::prost::alloc::string::String,
        /// The graph node of the value. Only old programs write it.
        pub node_name: ::prost::alloc::string::String,
        /// Readers use that of the first value of a tag in a run.
        pub metadata: ::core::option::Option<super::SummaryMetadata>,
        pub value: ::core::option::Option<value::Value>,
    }
    /// Nested message and enum types in `Value`.
    pub mod value {
        #[derive(Clone, PartialEq, Debug)]
        pub enum Value {
            /// A scalar in its short form.
            SimpleValue(f32),
            /// A histogram in an obsolete form that no program writes any more.
            ObsoleteOldStyleHistogram(::prost::alloc::vec::Vec<u8>),
            Image(super::Image),
            Histo(super::super::HistogramProto),
            Audio(super::Audio),
            /// The meaning depends on the metadata.
            Tensor(super::super::TensorProto),
        }
    }
    /// One encoded image, in the older form.
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Image {
        pub height: i32,
        pub width: i32,
        /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
        pub colorspace: i32,
        /// A PNG, JPEG or GIF file.
        pub encoded_image_string: ::prost::alloc::vec::Vec<u8>,
    }
    /// One encoded sound, in the older form.
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct Audio {
        /// Frames in one second.
        pub sample_rate: f32,
        pub num_channels: i64,
        pub length_frames: i64,
        /// A whole audio file.
        pub encoded_audio_string: ::prost::alloc::vec::Vec<u8>,
        /// MIME type of that file.
        pub content_type: ::prost::alloc::string::String,
    }
}
/// The metadata of a tag, for the dashboards.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SummaryMetadata {
    pub plugin_data: ::core::option::Option<summary_metadata::PluginData>,
    /// Shown in place of the tag.
    pub display_name: ::prost::alloc::string::String,
    /// Markdown shown beside the value.
    pub summary_description: ::prost::alloc::string::String,
    pub data_class: i32,
}
/// Nested message and enum types in `SummaryMetadata`.
pub mod summary_metadata {
    /// The dashboard that shows the tag.
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct PluginData {
        pub plugin_name: ::prost::alloc::string::String,
        /// A serialized message of that plugin, or nothing.
        pub content: ::prost::alloc::vec::Vec<u8>,
    }
}
/// A histogram in the older form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HistogramProto {
    pub min: f64,
    pub max: f64,
    pub num: f64,
    pub sum: f64,
    pub sum_squares: f64,
    /// Upper edge of each bucket, ascending.
    pub bucket_limit: ::prost::alloc::vec::Vec<f64>,
    /// Count of each bucket; as many as there are edges.
    pub bucket: ::prost::alloc::vec::Vec<f64>,
}
/// The way in which a reader stores the values of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum DataClass {
    Unknown = 0,
    /// One number for each step.
    Scalar = 1,
    /// One tensor for each step.
    Tensor = 2,
    /// A list of byte strings for each step, fetched one by one.
    BlobSequence = 3,
}
impl DataClass {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::Unknown => "DATA_CLASS_UNKNOWN",
            Self::Scalar => "DATA_CLASS_SCALAR",
            Self::Tensor => "DATA_CLASS_TENSOR",
            Self::BlobSequence => "DATA_CLASS_BLOB_SEQUENCE",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "DATA_CLASS_UNKNOWN" => Some(Self::Unknown),
            "DATA_CLASS_SCALAR" => Some(Self::Scalar),
            "DATA_CLASS_TENSOR" => Some(Self::Tensor),
            "DATA_CLASS_BLOB_SEQUENCE" => Some(Self::BlobSequence),
            _ => None,
        }
    }
}
/// One record of an event file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Event {
    /// Seconds since 1970, with a fraction. Readers expect a finite number.
    pub wall_time: f64,
    /// Training step. Negative values are legal.
    pub step: i64,
    /// The writer of the file, in its first event only.
    pub source_metadata: ::core::option::Option<SourceMetadata>,
    pub what: ::core::option::Option<event::What>,
}
/// Nested message and enum types in `Event`.
pub mod event {
    #[derive(Clone, PartialEq, Debug)]
    pub enum What {
        /// Format of the file, in its first event only: "brain.Event:2".
        FileVersion(::prost::alloc::string::String),
        /// A serialized GraphDef. Bytes here, so that a large graph is encoded only once.
        GraphDef(::prost::alloc::vec::Vec<u8>),
        /// Values logged under tags.
        Summary(super::Summary),
        /// A log line. Current readers do not show it.
        LogMessage(super::LogMessage),
        /// Start, stop or checkpoint of a training session.
        SessionLog(super::SessionLog),
        /// Timing and memory of one traced step.
        TaggedRunMetadata(super::TaggedRunMetadata),
        /// A serialized MetaGraphDef, which only TensorFlow makes.
        MetaGraphDef(::prost::alloc::vec::Vec<u8>),
    }
}
/// The program that wrote an event file.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SourceMetadata {
    /// Free text of at most 128 characters.
    pub writer: ::prost::alloc::string::String,
}
/// A log line.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LogMessage {
    pub level: i32,
    pub message: ::prost::alloc::string::String,
}
/// Nested message and enum types in `LogMessage`.
pub mod log_message {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[repr(i32)]
    pub enum Level {
        Unknown = 0,
        Debugging = 10,
        Info = 20,
        Warn = 30,
        Error = 40,
        Fatal = 50,
    }
    impl Level {
        /// String value of the enum field names used in the ProtoBuf definition.
        ///
        /// The values are not transformed in any way and thus are considered stable
        /// (if the ProtoBuf definition does not change) and safe for programmatic use.
        pub fn as_str_name(&self) -> &'static str {
            match self {
                Self::Unknown => "UNKNOWN",
                Self::Debugging => "DEBUGGING",
                Self::Info => "INFO",
                Self::Warn => "WARN",
                Self::Error => "ERROR",
                Self::Fatal => "FATAL",
            }
        }
        /// Creates an enum from field names used in the ProtoBuf definition.
        pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
            match value {
                "UNKNOWN" => Some(Self::Unknown),
                "DEBUGGING" => Some(Self::Debugging),
                "INFO" => Some(Self::Info),
                "WARN" => Some(Self::Warn),
                "ERROR" => Some(Self::Error),
                "FATAL" => Some(Self::Fatal),
                _ => None,
            }
        }
    }
}
/// A change of the status of a training session.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SessionLog {
    pub status: i32,
    /// The path of the checkpoint, with CHECKPOINT.
    pub checkpoint_path: ::prost::alloc::string::String,
    pub msg: ::prost::alloc::string::String,
}
/// Nested message and enum types in `SessionLog`.
pub mod session_log {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[repr(i32)]
    pub enum SessionStatus {
        StatusUnspecified = 0,
        Start = 1,
        Stop = 2,
        Checkpoint = 3,
    }
    impl SessionStatus {
        /// String value of the enum field names used in the ProtoBuf definition.
        ///
        /// The values are not transformed in any way and thus are considered stable
        /// (if the ProtoBuf definition does not change) and safe for programmatic use.
        pub fn as_str_name(&self) -> &'static str {
            match self {
                Self::StatusUnspecified => "STATUS_UNSPECIFIED",
                Self::Start => "START",
                Self::Stop => "STOP",
                Self::Checkpoint => "CHECKPOINT",
            }
        }
        /// Creates an enum from field names used in the ProtoBuf definition.
        pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
            match value {
                "STATUS_UNSPECIFIED" => Some(Self::StatusUnspecified),
                "START" => Some(Self::Start),
                "STOP" => Some(Self::Stop),
                "CHECKPOINT" => Some(Self::Checkpoint),
                _ => None,
            }
        }
    }
}
/// Timing and memory of one traced step, under a tag of its own.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TaggedRunMetadata {
    pub tag: ::prost::alloc::string::String,
    /// A serialized RunMetadata.
    pub run_metadata: ::prost::alloc::vec::Vec<u8>,
}
/// A graph of named nodes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GraphDef {
    pub node: ::prost::alloc::vec::Vec<NodeDef>,
    /// Functions that nodes call by name.
    pub library: ::core::option::Option<FunctionDefLibrary>,
    pub versions: ::core::option::Option<VersionDef>,
}
/// One operation of a graph.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeDef {
    /// Unique in its graph. A slash opens a name scope.
    pub name: ::prost::alloc::string::String,
    /// Type of the operation.
    pub op: ::prost::alloc::string::String,
    /// "node", "node:output" or "^node" for a control edge, which come last.
    pub input: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    pub device: ::prost::alloc::string::String,
    pub attr: ::prost::alloc::vec::Vec<node_def::AttrEntry>,
}
/// Nested message and enum types in `NodeDef`.
pub mod node_def {
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct AttrEntry {
        pub key: ::prost::alloc::string::String,
        pub value: ::core::option::Option<super::AttrValue>,
    }
}
/// The value of one attribute.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AttrValue {
    pub value: ::core::option::Option<attr_value::Value>,
}
/// Nested message and enum types in `AttrValue`.
pub mod attr_value {
    /// A list of values of one kind.
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct ListValue {
        pub s: ::prost::alloc::vec::Vec<::prost::alloc::vec::Vec<u8>>,
        pub i: ::prost::alloc::vec::Vec<i64>,
        pub f: ::prost::alloc::vec::Vec<f32>,
        pub b: ::prost::alloc::vec::Vec<bool>,
        pub r#type: ::prost::alloc::vec::Vec<i32>,
        pub shape: ::prost::alloc::vec::Vec<super::TensorShapeProto>,
    }
    #[derive(Clone, PartialEq, Debug)]
    pub enum Value {
        List(ListValue),
        S(::prost::alloc::vec::Vec<u8>),
        I(i64),
        F(f32),
        B(bool),
        Type(i32),
        Shape(super::TensorShapeProto),
        Tensor(super::TensorProto),
        /// Inside a function: the name of the attribute to take the value from.
        Placeholder(::prost::alloc::string::String),
    }
}
/// The functions of a graph.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FunctionDefLibrary {
    pub function: ::prost::alloc::vec::Vec<FunctionDef>,
}
/// A function: a graph with arguments and results.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FunctionDef {
    /// Name, arguments and results.
    pub signature: ::core::option::Option<OpDef>,
    pub node_def: ::prost::alloc::vec::Vec<NodeDef>,
    /// For each result the output of a node.
    pub ret: ::prost::alloc::vec::Vec<function_def::RetEntry>,
}
/// Nested message and enum types in `FunctionDef`.
pub mod function_def {
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct RetEntry {
        pub key: ::prost::alloc::string::String,
        pub value: ::prost::alloc::string::String,
    }
}
/// The signature of a function.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OpDef {
    pub name: ::prost::alloc::string::String,
    pub input_arg: ::prost::alloc::vec::Vec<op_def::ArgDef>,
    pub output_arg: ::prost::alloc::vec::Vec<op_def::ArgDef>,
}
/// Nested message and enum types in `OpDef`.
pub mod op_def {
    /// One argument or result.
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct ArgDef {
        pub name: ::prost::alloc::string::String,
        pub r#type: i32,
    }
}
/// Versions of the graph format.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct VersionDef {
    /// Version that the writer made.
    pub producer: i32,
}
/// A number, a string or a bool.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Value {
    pub kind: ::core::option::Option<value::Kind>,
}
/// Nested message and enum types in `Value`.
pub mod value {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Kind {
        NumberValue(f64),
        StringValue(::prost::alloc::string::String),
        BoolValue(bool),
    }
}
/// Values in order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListValue {
    pub values: ::prost::alloc::vec::Vec<Value>,
}
/// Content for "pr_curves".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PrCurvePluginData {
    /// 0, as in every message of this file that has a version.
    pub version: i32,
    /// Columns of the tensor.
    pub num_thresholds: u32,
}
/// Content for "mesh".
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MeshPluginData {
    pub version: i32,
    /// Groups the tags that make one mesh.
    pub name: ::prost::alloc::string::String,
    pub content_type: i32,
    /// Camera, lights and material, as JSON.
    pub json_config: ::prost::alloc::string::String,
    /// The shape of the tensor: three dimensions.
    pub shape: ::prost::alloc::vec::Vec<i32>,
    /// A bit for each part of the mesh: 1 << content_type.
    pub components: u32,
}
/// Nested message and enum types in `MeshPluginData`.
pub mod mesh_plugin_data {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[repr(i32)]
    pub enum ContentType {
        Undefined = 0,
        Vertex = 1,
        Face = 2,
        Color = 3,
    }
    impl ContentType {
        /// String value of the enum field names used in the ProtoBuf definition.
        ///
        /// The values are not transformed in any way and thus are considered stable
        /// (if the ProtoBuf definition does not change) and safe for programmatic use.
        pub fn as_str_name(&self) -> &'static str {
            match self {
                Self::Undefined => "UNDEFINED",
                Self::Vertex => "VERTEX",
                Self::Face => "FACE",
                Self::Color => "COLOR",
            }
        }
        /// Creates an enum from field names used in the ProtoBuf definition.
        pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
            match value {
                "UNDEFINED" => Some(Self::Undefined),
                "VERTEX" => Some(Self::Vertex),
                "FACE" => Some(Self::Face),
                "COLOR" => Some(Self::Color),
                _ => None,
            }
        }
    }
}
/// Content for "hparams".
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HParamsPluginData {
    pub version: i32,
    pub data: ::core::option::Option<h_params_plugin_data::Data>,
}
/// Nested message and enum types in `HParamsPluginData`.
pub mod h_params_plugin_data {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Data {
        Experiment(super::Experiment),
        SessionStartInfo(super::SessionStartInfo),
        SessionEndInfo(super::SessionEndInfo),
    }
}
/// The hyperparameters and metrics of a set of sessions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Experiment {
    /// Markdown.
    pub description: ::prost::alloc::string::String,
    pub user: ::prost::alloc::string::String,
    pub time_created_secs: f64,
    pub hparam_infos: ::prost::alloc::vec::Vec<HParamInfo>,
    pub metric_infos: ::prost::alloc::vec::Vec<MetricInfo>,
}
/// One hyperparameter.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HParamInfo {
    pub name: ::prost::alloc::string::String,
    pub display_name: ::prost::alloc::string::String,
    /// Markdown.
    pub description: ::prost::alloc::string::String,
    pub r#type: i32,
    pub domain: ::core::option::Option<h_param_info::Domain>,
}
/// Nested message and enum types in `HParamInfo`.
pub mod h_param_info {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Domain {
        /// The values that it may take.
        DomainDiscrete(super::ListValue),
        /// The range of its values.
        DomainInterval(super::Interval),
    }
}
/// A closed interval.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Interval {
    pub min_value: f64,
    pub max_value: f64,
}
/// One metric.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MetricInfo {
    pub name: ::core::option::Option<MetricName>,
    pub display_name: ::prost::alloc::string::String,
    /// Markdown.
    pub description: ::prost::alloc::string::String,
    pub dataset_type: i32,
}
/// The scalar that is a metric.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MetricName {
    /// Run below the run of the session; empty if it is that run.
    pub group: ::prost::alloc::string::String,
    pub tag: ::prost::alloc::string::String,
}
/// Start of a session, which is one training run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SessionStartInfo {
    pub hparams: ::prost::alloc::vec::Vec<session_start_info::HparamsEntry>,
    pub model_uri: ::prost::alloc::string::String,
    pub monitor_url: ::prost::alloc::string::String,
    /// Sessions of one group share a row of the table.
    pub group_name: ::prost::alloc::string::String,
    pub start_time_secs: f64,
}
/// Nested message and enum types in `SessionStartInfo`.
pub mod session_start_info {
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct HparamsEntry {
        pub key: ::prost::alloc::string::String,
        pub value: ::core::option::Option<super::Value>,
    }
}
/// End of a session.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SessionEndInfo {
    pub status: i32,
    pub end_time_secs: f64,
}
/// Layout of the custom scalars dashboard.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layout {
    pub version: i32,
    pub category: ::prost::alloc::vec::Vec<Category>,
}
/// A group of charts that can be folded.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Category {
    pub title: ::prost::alloc::string::String,
    pub chart: ::prost::alloc::vec::Vec<Chart>,
    pub closed: bool,
}
/// One chart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Chart {
    pub title: ::prost::alloc::string::String,
    pub content: ::core::option::Option<chart::Content>,
}
/// Nested message and enum types in `Chart`.
pub mod chart {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Content {
        Multiline(super::MultilineChartContent),
        Margin(super::MarginChartContent),
    }
}
/// Several tags in one chart.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MultilineChartContent {
    /// Regular expressions, anchored at the start of a tag only.
    pub tag: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
}
/// Lines with a band around each.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MarginChartContent {
    pub series: ::prost::alloc::vec::Vec<margin_chart_content::Series>,
}
/// Nested message and enum types in `MarginChartContent`.
pub mod margin_chart_content {
    /// Three tags, as they are: the line and the edges of its band.
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Series {
        pub value: ::prost::alloc::string::String,
        pub lower: ::prost::alloc::string::String,
        pub upper: ::prost::alloc::string::String,
    }
}
/// Types of a hyperparameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum HParamType {
    DataTypeUnset = 0,
    DataTypeString = 1,
    DataTypeBool = 2,
    DataTypeFloat64 = 3,
}
impl HParamType {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::DataTypeUnset => "DATA_TYPE_UNSET",
            Self::DataTypeString => "DATA_TYPE_STRING",
            Self::DataTypeBool => "DATA_TYPE_BOOL",
            Self::DataTypeFloat64 => "DATA_TYPE_FLOAT64",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "DATA_TYPE_UNSET" => Some(Self::DataTypeUnset),
            "DATA_TYPE_STRING" => Some(Self::DataTypeString),
            "DATA_TYPE_BOOL" => Some(Self::DataTypeBool),
            "DATA_TYPE_FLOAT64" => Some(Self::DataTypeFloat64),
            _ => None,
        }
    }
}
/// The data that a metric was measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum DatasetType {
    DatasetUnknown = 0,
    DatasetTraining = 1,
    DatasetValidation = 2,
}
impl DatasetType {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::DatasetUnknown => "DATASET_UNKNOWN",
            Self::DatasetTraining => "DATASET_TRAINING",
            Self::DatasetValidation => "DATASET_VALIDATION",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "DATASET_UNKNOWN" => Some(Self::DatasetUnknown),
            "DATASET_TRAINING" => Some(Self::DatasetTraining),
            "DATASET_VALIDATION" => Some(Self::DatasetValidation),
            _ => None,
        }
    }
}
/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum SessionEndStatus {
    StatusUnknown = 0,
    StatusSuccess = 1,
    StatusFailure = 2,
    StatusRunning = 3,
}
impl SessionEndStatus {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::StatusUnknown => "STATUS_UNKNOWN",
            Self::StatusSuccess => "STATUS_SUCCESS",
            Self::StatusFailure => "STATUS_FAILURE",
            Self::StatusRunning => "STATUS_RUNNING",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "STATUS_UNKNOWN" => Some(Self::StatusUnknown),
            "STATUS_SUCCESS" => Some(Self::StatusSuccess),
            "STATUS_FAILURE" => Some(Self::StatusFailure),
            "STATUS_RUNNING" => Some(Self::StatusRunning),
            _ => None,
        }
    }
}
/// A traced step.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RunMetadata {
    pub step_stats: ::core::option::Option<StepStats>,
    pub function_graphs: ::prost::alloc::vec::Vec<run_metadata::FunctionGraphs>,
}
/// Nested message and enum types in `RunMetadata`.
pub mod run_metadata {
    /// The graphs behind one function.
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct FunctionGraphs {
        pub pre_optimization_graph: ::core::option::Option<super::GraphDef>,
    }
}
/// Statistics of a step.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StepStats {
    pub dev_stats: ::prost::alloc::vec::Vec<DeviceStepStats>,
}
/// The executions of nodes on one device in a step.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeviceStepStats {
    pub device: ::prost::alloc::string::String,
    pub node_stats: ::prost::alloc::vec::Vec<NodeExecStats>,
}
/// One execution of a node.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeExecStats {
    pub node_name: ::prost::alloc::string::String,
    /// Start since 1970; the fields with "rel" count from here.
    pub all_start_micros: i64,
    pub op_end_rel_micros: i64,
    pub all_end_rel_micros: i64,
    pub memory: ::prost::alloc::vec::Vec<AllocatorMemoryUsed>,
    /// The same times in nanoseconds.
    pub all_start_nanos: i64,
    pub op_end_rel_nanos: i64,
    pub all_end_rel_nanos: i64,
}
/// Memory that a node took from one allocator.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AllocatorMemoryUsed {
    pub allocator_name: ::prost::alloc::string::String,
    pub total_bytes: i64,
    pub peak_bytes: i64,
}
/// A whole trace.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct XSpace {
    /// One for each device; the host is one of them.
    pub planes: ::prost::alloc::vec::Vec<XPlane>,
    pub warnings: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    /// The hosts that recorded it.
    pub hostnames: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
}
/// The events of one device.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct XPlane {
    pub id: i64,
    /// "/host:CPU" for the host.
    pub name: ::prost::alloc::string::String,
    pub lines: ::prost::alloc::vec::Vec<XLine>,
    /// By the id in the value.
    pub event_metadata: ::prost::alloc::vec::Vec<x_plane::EventMetadataEntry>,
    /// By the id in the value.
    pub stat_metadata: ::prost::alloc::vec::Vec<x_plane::StatMetadataEntry>,
}
/// Nested message and enum types in `XPlane`.
pub mod x_plane {
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct EventMetadataEntry {
        pub key: i64,
        pub value: ::core::option::Option<super::XEventMetadata>,
    }
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct StatMetadataEntry {
        pub key: i64,
        pub value: ::core::option::Option<super::XStatMetadata>,
    }
}
/// The events of one thread, or of another sequence of events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct XLine {
    pub id: i64,
    pub name: ::prost::alloc::string::String,
    /// The time from which offsets count. Readers convert it to picoseconds, which overflow for times
    /// since 1970.
    pub timestamp_ns: i64,
    pub events: ::prost::alloc::vec::Vec<XEvent>,
}
/// A span or an instant. Nesting follows from the times.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct XEvent {
    /// The id of the XEventMetadata with its name.
    pub metadata_id: i64,
    pub duration_ps: i64,
    pub stats: ::prost::alloc::vec::Vec<XStat>,
    pub data: ::core::option::Option<x_event::Data>,
}
/// Nested message and enum types in `XEvent`.
pub mod x_event {
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    pub enum Data {
        /// Start since the line's timestamp.
        OffsetPs(i64),
    }
}
/// A named value.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct XStat {
    /// The id of the XStatMetadata with its name.
    pub metadata_id: i64,
    pub value: ::core::option::Option<x_stat::Value>,
}
/// Nested message and enum types in `XStat`.
pub mod x_stat {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Value {
        DoubleValue(f64),
        Uint64Value(u64),
        Int64Value(i64),
        StrValue(::prost::alloc::string::String),
    }
}
/// The name of events.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct XEventMetadata {
    pub id: i64,
    pub name: ::prost::alloc::string::String,
}
/// The name of values.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct XStatMetadata {
    pub id: i64,
    pub name: ::prost::alloc::string::String,
}
message!(TensorProto {
    dtype: (int32) = 1,
    tensor_shape: (optional message) = 2,
    version_number: (int32) = 3,
    tensor_content: (bytes) = 4,
    float_val: (packed float) = 5,
    double_val: (packed double) = 6,
    int_val: (packed int32) = 7,
    string_val: (repeated bytes) = 8,
    scomplex_val: (packed float) = 9,
    int64_val: (packed int64) = 10,
    bool_val: (packed bool) = 11,
    dcomplex_val: (packed double) = 12,
    half_val: (packed int32) = 13,
    uint32_val: (packed uint32) = 16,
    uint64_val: (packed uint64) = 17,
});
message!(TensorShapeProto {
    dim: (repeated message) = 2,
    unknown_rank: (bool) = 3,
});
message!(tensor_shape_proto::Dim {
    size: (int64) = 1,
    name: (string) = 2,
});
enumeration!(DataType {
    DtInvalid,
    DtFloat,
    DtDouble,
    DtInt32,
    DtUint8,
    DtInt16,
    DtInt8,
    DtString,
    DtComplex64,
    DtInt64,
    DtBool,
    DtQint8,
    DtQuint8,
    DtQint32,
    DtBfloat16,
    DtQint16,
    DtQuint16,
    DtUint16,
    DtComplex128,
    DtHalf,
    DtResource,
    DtVariant,
    DtUint32,
    DtUint64,
});
message!(Summary {
    value: (repeated message) = 1,
});
message!(summary::Value {
    tag: (string) = 1,
    value: (oneof summary::value::Value) = 2 | 3 | 4 | 5 | 6 | 8,
    node_name: (string) = 7,
    metadata: (optional message) = 9,
});
oneof!(summary::value::Value {
    SimpleValue: float = 2,
    ObsoleteOldStyleHistogram: bytes = 3,
    Image: message = 4,
    Histo: message = 5,
    Audio: message = 6,
    Tensor: message = 8,
});
message!(summary::Image {
    height: (int32) = 1,
    width: (int32) = 2,
    colorspace: (int32) = 3,
    encoded_image_string: (bytes) = 4,
});
message!(summary::Audio {
    sample_rate: (float) = 1,
    num_channels: (int64) = 2,
    length_frames: (int64) = 3,
    encoded_audio_string: (bytes) = 4,
    content_type: (string) = 5,
});
message!(SummaryMetadata {
    plugin_data: (optional message) = 1,
    display_name: (string) = 2,
    summary_description: (string) = 3,
    data_class: (int32) = 4,
});
message!(summary_metadata::PluginData {
    plugin_name: (string) = 1,
    content: (bytes) = 2,
});
message!(HistogramProto {
    min: (double) = 1,
    max: (double) = 2,
    num: (double) = 3,
    sum: (double) = 4,
    sum_squares: (double) = 5,
    bucket_limit: (packed double) = 6,
    bucket: (packed double) = 7,
});
enumeration!(DataClass {
    Unknown,
    Scalar,
    Tensor,
    BlobSequence,
});
message!(Event {
    wall_time: (double) = 1,
    step: (int64) = 2,
    what: (oneof event::What) = 3 | 4 | 5 | 6 | 7 | 8 | 9,
    source_metadata: (optional message) = 10,
});
oneof!(event::What {
    FileVersion: string = 3,
    GraphDef: bytes = 4,
    Summary: message = 5,
    LogMessage: message = 6,
    SessionLog: message = 7,
    TaggedRunMetadata: message = 8,
    MetaGraphDef: bytes = 9,
});
message!(SourceMetadata {
    writer: (string) = 1,
});
message!(LogMessage {
    level: (int32) = 1,
    message: (string) = 2,
});
enumeration!(log_message::Level {
    Unknown,
    Debugging,
    Info,
    Warn,
    Error,
    Fatal,
});
message!(SessionLog {
    status: (int32) = 1,
    checkpoint_path: (string) = 2,
    msg: (string) = 3,
});
enumeration!(session_log::SessionStatus {
    StatusUnspecified,
    Start,
    Stop,
    Checkpoint,
});
message!(TaggedRunMetadata {
    tag: (string) = 1,
    run_metadata: (bytes) = 2,
});
message!(GraphDef {
    node: (repeated message) = 1,
    library: (optional message) = 2,
    versions: (optional message) = 4,
});
message!(NodeDef {
    name: (string) = 1,
    op: (string) = 2,
    input: (repeated string) = 3,
    device: (string) = 4,
    attr: (repeated message) = 5,
});
message!(node_def::AttrEntry {
    key: (string) = 1,
    value: (optional message) = 2,
});
message!(AttrValue {
    value: (oneof attr_value::Value) = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9,
});
message!(attr_value::ListValue {
    s: (repeated bytes) = 2,
    i: (packed int64) = 3,
    f: (packed float) = 4,
    b: (packed bool) = 5,
    r#type: (packed int32) = 6,
    shape: (repeated message) = 7,
});
oneof!(attr_value::Value {
    List: message = 1,
    S: bytes = 2,
    I: int64 = 3,
    F: float = 4,
    B: bool = 5,
    Type: int32 = 6,
    Shape: message = 7,
    Tensor: message = 8,
    Placeholder: string = 9,
});
message!(FunctionDefLibrary {
    function: (repeated message) = 1,
});
message!(FunctionDef {
    signature: (optional message) = 1,
    node_def: (repeated message) = 3,
    ret: (repeated message) = 4,
});
message!(function_def::RetEntry {
    key: (string) = 1,
    value: (string) = 2,
});
message!(OpDef {
    name: (string) = 1,
    input_arg: (repeated message) = 2,
    output_arg: (repeated message) = 3,
});
message!(op_def::ArgDef {
    name: (string) = 1,
    r#type: (int32) = 3,
});
message!(VersionDef {
    producer: (int32) = 1,
});
message!(Value {
    kind: (oneof value::Kind) = 2 | 3 | 4,
});
oneof!(value::Kind {
    NumberValue: double = 2,
    StringValue: string = 3,
    BoolValue: bool = 4,
});
message!(ListValue {
    values: (repeated message) = 1,
});
message!(PrCurvePluginData {
    version: (int32) = 1,
    num_thresholds: (uint32) = 2,
});
message!(MeshPluginData {
    version: (int32) = 1,
    name: (string) = 2,
    content_type: (int32) = 3,
    json_config: (string) = 5,
    shape: (packed int32) = 6,
    components: (uint32) = 7,
});
enumeration!(mesh_plugin_data::ContentType {
    Undefined,
    Vertex,
    Face,
    Color,
});
message!(HParamsPluginData {
    version: (int32) = 1,
    data: (oneof h_params_plugin_data::Data) = 2 | 3 | 4,
});
oneof!(h_params_plugin_data::Data {
    Experiment: message = 2,
    SessionStartInfo: message = 3,
    SessionEndInfo: message = 4,
});
message!(Experiment {
    description: (string) = 1,
    user: (string) = 2,
    time_created_secs: (double) = 3,
    hparam_infos: (repeated message) = 4,
    metric_infos: (repeated message) = 5,
});
message!(HParamInfo {
    name: (string) = 1,
    display_name: (string) = 2,
    description: (string) = 3,
    r#type: (int32) = 4,
    domain: (oneof h_param_info::Domain) = 5 | 6,
});
oneof!(h_param_info::Domain {
    DomainDiscrete: message = 5,
    DomainInterval: message = 6,
});
message!(Interval {
    min_value: (double) = 1,
    max_value: (double) = 2,
});
message!(MetricInfo {
    name: (optional message) = 1,
    display_name: (string) = 3,
    description: (string) = 4,
    dataset_type: (int32) = 5,
});
message!(MetricName {
    group: (string) = 1,
    tag: (string) = 2,
});
message!(SessionStartInfo {
    hparams: (repeated message) = 1,
    model_uri: (string) = 2,
    monitor_url: (string) = 3,
    group_name: (string) = 4,
    start_time_secs: (double) = 5,
});
message!(session_start_info::HparamsEntry {
    key: (string) = 1,
    value: (optional message) = 2,
});
message!(SessionEndInfo {
    status: (int32) = 1,
    end_time_secs: (double) = 2,
});
message!(Layout {
    version: (int32) = 1,
    category: (repeated message) = 2,
});
message!(Category {
    title: (string) = 1,
    chart: (repeated message) = 2,
    closed: (bool) = 3,
});
message!(Chart {
    title: (string) = 1,
    content: (oneof chart::Content) = 2 | 3,
});
oneof!(chart::Content {
    Multiline: message = 2,
    Margin: message = 3,
});
message!(MultilineChartContent {
    tag: (repeated string) = 1,
});
message!(MarginChartContent {
    series: (repeated message) = 1,
});
message!(margin_chart_content::Series {
    value: (string) = 1,
    lower: (string) = 2,
    upper: (string) = 3,
});
enumeration!(HParamType {
    DataTypeUnset,
    DataTypeString,
    DataTypeBool,
    DataTypeFloat64,
});
enumeration!(DatasetType {
    DatasetUnknown,
    DatasetTraining,
    DatasetValidation,
});
enumeration!(SessionEndStatus {
    StatusUnknown,
    StatusSuccess,
    StatusFailure,
    StatusRunning,
});
message!(RunMetadata {
    step_stats: (optional message) = 1,
    function_graphs: (repeated message) = 4,
});
message!(run_metadata::FunctionGraphs {
    pre_optimization_graph: (optional message) = 2,
});
message!(StepStats {
    dev_stats: (repeated message) = 1,
});
message!(DeviceStepStats {
    device: (string) = 1,
    node_stats: (repeated message) = 2,
});
message!(NodeExecStats {
    node_name: (string) = 1,
    all_start_micros: (int64) = 2,
    op_end_rel_micros: (int64) = 4,
    all_end_rel_micros: (int64) = 5,
    memory: (repeated message) = 6,
    all_start_nanos: (int64) = 13,
    op_end_rel_nanos: (int64) = 15,
    all_end_rel_nanos: (int64) = 16,
});
message!(AllocatorMemoryUsed {
    allocator_name: (string) = 1,
    total_bytes: (int64) = 2,
    peak_bytes: (int64) = 3,
});
message!(XSpace {
    planes: (repeated message) = 1,
    warnings: (repeated string) = 3,
    hostnames: (repeated string) = 4,
});
message!(XPlane {
    id: (int64) = 1,
    name: (string) = 2,
    lines: (repeated message) = 3,
    event_metadata: (repeated message) = 4,
    stat_metadata: (repeated message) = 5,
});
message!(x_plane::EventMetadataEntry {
    key: (int64) = 1,
    value: (optional message) = 2,
});
message!(x_plane::StatMetadataEntry {
    key: (int64) = 1,
    value: (optional message) = 2,
});
message!(XLine {
    id: (int64) = 1,
    name: (string) = 2,
    timestamp_ns: (int64) = 3,
    events: (repeated message) = 4,
});
message!(XEvent {
    metadata_id: (int64) = 1,
    data: (oneof x_event::Data) = 2,
    duration_ps: (int64) = 3,
    stats: (repeated message) = 4,
});
oneof!(x_event::Data {
    OffsetPs: int64 = 2,
});
message!(XStat {
    metadata_id: (int64) = 1,
    value: (oneof x_stat::Value) = 2 | 3 | 4 | 5,
});
oneof!(x_stat::Value {
    DoubleValue: double = 2,
    Uint64Value: uint64 = 3,
    Int64Value: int64 = 4,
    StrValue: string = 5,
});
message!(XEventMetadata {
    id: (int64) = 1,
    name: (string) = 2,
});
message!(XStatMetadata {
    id: (int64) = 1,
    name: (string) = 2,
});
