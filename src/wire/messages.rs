// @generated from proto/*.proto by `cargo run -p protogen`. Do not edit.

/// A tensor. The elements are in tensor_content or in the list of their type.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct TensorProto {
    #[prost(enumeration = "DataType", tag = "1")]
    pub dtype: i32,
    #[prost(message, optional, tag = "2")]
    pub tensor_shape: ::core::option::Option<TensorShapeProto>,
    /// Always 0.
    #[prost(int32, tag = "3")]
    pub version_number: i32,
    /// All elements, little endian and in row-major order. Not for strings.
    #[prost(bytes = "vec", tag = "4")]
    pub tensor_content: ::prost::alloc::vec::Vec<u8>,
    #[prost(float, repeated, tag = "5")]
    pub float_val: ::prost::alloc::vec::Vec<f32>,
    #[prost(double, repeated, tag = "6")]
    pub double_val: ::prost::alloc::vec::Vec<f64>,
    /// INT32, INT16, UINT16, INT8 and UINT8.
    #[prost(int32, repeated, tag = "7")]
    pub int_val: ::prost::alloc::vec::Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub string_val: ::prost::alloc::vec::Vec<::prost::alloc::vec::Vec<u8>>,
    /// COMPLEX64 as pairs, real part first.
    #[prost(float, repeated, tag = "9")]
    pub scomplex_val: ::prost::alloc::vec::Vec<f32>,
    #[prost(int64, repeated, tag = "10")]
    pub int64_val: ::prost::alloc::vec::Vec<i64>,
    #[prost(bool, repeated, tag = "11")]
    pub bool_val: ::prost::alloc::vec::Vec<bool>,
    /// COMPLEX128 as pairs, real part first.
    #[prost(double, repeated, tag = "12")]
    pub dcomplex_val: ::prost::alloc::vec::Vec<f64>,
    /// The bits of HALF and BFLOAT16 in the lower 16 bits.
    #[prost(int32, repeated, tag = "13")]
    pub half_val: ::prost::alloc::vec::Vec<i32>,
    #[prost(uint32, repeated, tag = "16")]
    pub uint32_val: ::prost::alloc::vec::Vec<u32>,
    #[prost(uint64, repeated, tag = "17")]
    pub uint64_val: ::prost::alloc::vec::Vec<u64>,
}
/// The lengths of a tensor's dimensions; none of them for a scalar.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct TensorShapeProto {
    #[prost(message, repeated, tag = "2")]
    pub dim: ::prost::alloc::vec::Vec<tensor_shape_proto::Dim>,
    /// True if not even the number of dimensions is known.
    #[prost(bool, tag = "3")]
    pub unknown_rank: bool,
}
/// Nested message and enum types in `TensorShapeProto`.
pub mod tensor_shape_proto {
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct Dim {
        /// -1 where the length is unknown.
        #[prost(int64, tag = "1")]
        pub size: i64,
        #[prost(string, tag = "2")]
        pub name: ::prost::alloc::string::String,
    }
}
/// Element types. Files may hold numbers beyond these: narrow floats, narrow
/// integers, and references, which are 100 above the type they refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Enumeration)]
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
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub value: ::prost::alloc::vec::Vec<summary::Value>,
}
/// Nested message and enum types in `Summary`.
pub mod summary {
    /// One value under its tag.
    #[derive(Clone, PartialEq, ::prost::Message)]
    pub struct Value {
        #[prost(string, tag = "1")]
        pub tag: ::prost::alloc::string::String,
        /// The graph node of the value. Only old programs write it.
        #[prost(string, tag = "7")]
        pub node_name: ::prost::alloc::string::String,
        /// Readers use that of the first value of a tag in a run.
        #[prost(message, optional, tag = "9")]
        pub metadata: ::core::option::Option<super::SummaryMetadata>,
        #[prost(oneof = "value::Value", tags = "2, 3, 4, 5, 6, 8")]
        pub value: ::core::option::Option<value::Value>,
    }
    /// Nested message and enum types in `Value`.
    pub mod value {
        #[derive(Clone, PartialEq, ::prost::Oneof)]
        pub enum Value {
            /// A scalar in its short form.
            #[prost(float, tag = "2")]
            SimpleValue(f32),
            /// A histogram in an obsolete form that no program writes any more.
            #[prost(bytes, tag = "3")]
            ObsoleteOldStyleHistogram(::prost::alloc::vec::Vec<u8>),
            #[prost(message, tag = "4")]
            Image(super::Image),
            #[prost(message, tag = "5")]
            Histo(super::super::HistogramProto),
            #[prost(message, tag = "6")]
            Audio(super::Audio),
            /// The meaning depends on the metadata.
            #[prost(message, tag = "8")]
            Tensor(super::super::TensorProto),
        }
    }
    /// One encoded image, in the older form.
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct Image {
        #[prost(int32, tag = "1")]
        pub height: i32,
        #[prost(int32, tag = "2")]
        pub width: i32,
        /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
        #[prost(int32, tag = "3")]
        pub colorspace: i32,
        /// A PNG, JPEG or GIF file.
        #[prost(bytes = "vec", tag = "4")]
        pub encoded_image_string: ::prost::alloc::vec::Vec<u8>,
    }
    /// One encoded sound, in the older form.
    #[derive(Clone, PartialEq, ::prost::Message)]
    pub struct Audio {
        /// Frames in one second.
        #[prost(float, tag = "1")]
        pub sample_rate: f32,
        #[prost(int64, tag = "2")]
        pub num_channels: i64,
        #[prost(int64, tag = "3")]
        pub length_frames: i64,
        /// A whole audio file.
        #[prost(bytes = "vec", tag = "4")]
        pub encoded_audio_string: ::prost::alloc::vec::Vec<u8>,
        /// MIME type of that file.
        #[prost(string, tag = "5")]
        pub content_type: ::prost::alloc::string::String,
    }
}
/// The metadata of a tag, for the dashboards.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct SummaryMetadata {
    #[prost(message, optional, tag = "1")]
    pub plugin_data: ::core::option::Option<summary_metadata::PluginData>,
    /// Shown in place of the tag.
    #[prost(string, tag = "2")]
    pub display_name: ::prost::alloc::string::String,
    /// Markdown shown beside the value.
    #[prost(string, tag = "3")]
    pub summary_description: ::prost::alloc::string::String,
    #[prost(enumeration = "DataClass", tag = "4")]
    pub data_class: i32,
}
/// Nested message and enum types in `SummaryMetadata`.
pub mod summary_metadata {
    /// The dashboard that shows the tag.
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct PluginData {
        #[prost(string, tag = "1")]
        pub plugin_name: ::prost::alloc::string::String,
        /// A serialized message of that plugin, or nothing.
        #[prost(bytes = "vec", tag = "2")]
        pub content: ::prost::alloc::vec::Vec<u8>,
    }
}
/// A histogram in the older form.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct HistogramProto {
    #[prost(double, tag = "1")]
    pub min: f64,
    #[prost(double, tag = "2")]
    pub max: f64,
    #[prost(double, tag = "3")]
    pub num: f64,
    #[prost(double, tag = "4")]
    pub sum: f64,
    #[prost(double, tag = "5")]
    pub sum_squares: f64,
    /// Upper edge of each bucket, ascending.
    #[prost(double, repeated, tag = "6")]
    pub bucket_limit: ::prost::alloc::vec::Vec<f64>,
    /// Count of each bucket; as many as there are edges.
    #[prost(double, repeated, tag = "7")]
    pub bucket: ::prost::alloc::vec::Vec<f64>,
}
/// The way in which a reader stores the values of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Enumeration)]
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
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Event {
    /// Seconds since 1970, with a fraction. Readers expect a finite number.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    /// Training step. Negative values are legal.
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// The writer of the file, in its first event only.
    #[prost(message, optional, tag = "10")]
    pub source_metadata: ::core::option::Option<SourceMetadata>,
    #[prost(oneof = "event::What", tags = "3, 4, 5, 6, 7, 8, 9")]
    pub what: ::core::option::Option<event::What>,
}
/// Nested message and enum types in `Event`.
pub mod event {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum What {
        /// Format of the file, in its first event only: "brain.Event:2".
        #[prost(string, tag = "3")]
        FileVersion(::prost::alloc::string::String),
        /// A serialized GraphDef. Bytes here, so that a large graph is encoded only once.
        #[prost(bytes, tag = "4")]
        GraphDef(::prost::alloc::vec::Vec<u8>),
        /// Values logged under tags.
        #[prost(message, tag = "5")]
        Summary(super::Summary),
        /// A log line. Current readers do not show it.
        #[prost(message, tag = "6")]
        LogMessage(super::LogMessage),
        /// Start, stop or checkpoint of a training session.
        #[prost(message, tag = "7")]
        SessionLog(super::SessionLog),
        /// Timing and memory of one traced step.
        #[prost(message, tag = "8")]
        TaggedRunMetadata(super::TaggedRunMetadata),
        /// A serialized MetaGraphDef, which only TensorFlow makes.
        #[prost(bytes, tag = "9")]
        MetaGraphDef(::prost::alloc::vec::Vec<u8>),
    }
}
/// The program that wrote an event file.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct SourceMetadata {
    /// Free text of at most 128 characters.
    #[prost(string, tag = "1")]
    pub writer: ::prost::alloc::string::String,
}
/// A log line.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct LogMessage {
    #[prost(enumeration = "log_message::Level", tag = "1")]
    pub level: i32,
    #[prost(string, tag = "2")]
    pub message: ::prost::alloc::string::String,
}
/// Nested message and enum types in `LogMessage`.
pub mod log_message {
    #[derive(
        Clone,
        Copy,
        Debug,
        PartialEq,
        Eq,
        Hash,
        PartialOrd,
        Ord,
        ::prost::Enumeration
    )]
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
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct SessionLog {
    #[prost(enumeration = "session_log::SessionStatus", tag = "1")]
    pub status: i32,
    /// The path of the checkpoint, with CHECKPOINT.
    #[prost(string, tag = "2")]
    pub checkpoint_path: ::prost::alloc::string::String,
    #[prost(string, tag = "3")]
    pub msg: ::prost::alloc::string::String,
}
/// Nested message and enum types in `SessionLog`.
pub mod session_log {
    #[derive(
        Clone,
        Copy,
        Debug,
        PartialEq,
        Eq,
        Hash,
        PartialOrd,
        Ord,
        ::prost::Enumeration
    )]
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
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct TaggedRunMetadata {
    #[prost(string, tag = "1")]
    pub tag: ::prost::alloc::string::String,
    /// A serialized RunMetadata.
    #[prost(bytes = "vec", tag = "2")]
    pub run_metadata: ::prost::alloc::vec::Vec<u8>,
}
/// A graph of named nodes.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct GraphDef {
    #[prost(message, repeated, tag = "1")]
    pub node: ::prost::alloc::vec::Vec<NodeDef>,
    /// Functions that nodes call by name.
    #[prost(message, optional, tag = "2")]
    pub library: ::core::option::Option<FunctionDefLibrary>,
    #[prost(message, optional, tag = "4")]
    pub versions: ::core::option::Option<VersionDef>,
}
/// One operation of a graph.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct NodeDef {
    /// Unique in its graph. A slash opens a name scope.
    #[prost(string, tag = "1")]
    pub name: ::prost::alloc::string::String,
    /// Type of the operation.
    #[prost(string, tag = "2")]
    pub op: ::prost::alloc::string::String,
    /// "node", "node:output" or "^node" for a control edge, which come last.
    #[prost(string, repeated, tag = "3")]
    pub input: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    #[prost(string, tag = "4")]
    pub device: ::prost::alloc::string::String,
    #[prost(message, repeated, tag = "5")]
    pub attr: ::prost::alloc::vec::Vec<node_def::AttrEntry>,
}
/// Nested message and enum types in `NodeDef`.
pub mod node_def {
    #[derive(Clone, PartialEq, ::prost::Message)]
    pub struct AttrEntry {
        #[prost(string, tag = "1")]
        pub key: ::prost::alloc::string::String,
        #[prost(message, optional, tag = "2")]
        pub value: ::core::option::Option<super::AttrValue>,
    }
}
/// The value of one attribute.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct AttrValue {
    #[prost(oneof = "attr_value::Value", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9")]
    pub value: ::core::option::Option<attr_value::Value>,
}
/// Nested message and enum types in `AttrValue`.
pub mod attr_value {
    /// A list of values of one kind.
    #[derive(Clone, PartialEq, ::prost::Message)]
    pub struct ListValue {
        #[prost(bytes = "vec", repeated, tag = "2")]
        pub s: ::prost::alloc::vec::Vec<::prost::alloc::vec::Vec<u8>>,
        #[prost(int64, repeated, tag = "3")]
        pub i: ::prost::alloc::vec::Vec<i64>,
        #[prost(float, repeated, tag = "4")]
        pub f: ::prost::alloc::vec::Vec<f32>,
        #[prost(bool, repeated, tag = "5")]
        pub b: ::prost::alloc::vec::Vec<bool>,
        #[prost(enumeration = "super::DataType", repeated, tag = "6")]
        pub r#type: ::prost::alloc::vec::Vec<i32>,
        #[prost(message, repeated, tag = "7")]
        pub shape: ::prost::alloc::vec::Vec<super::TensorShapeProto>,
    }
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Value {
        #[prost(message, tag = "1")]
        List(ListValue),
        #[prost(bytes, tag = "2")]
        S(::prost::alloc::vec::Vec<u8>),
        #[prost(int64, tag = "3")]
        I(i64),
        #[prost(float, tag = "4")]
        F(f32),
        #[prost(bool, tag = "5")]
        B(bool),
        #[prost(enumeration = "super::DataType", tag = "6")]
        Type(i32),
        #[prost(message, tag = "7")]
        Shape(super::TensorShapeProto),
        #[prost(message, tag = "8")]
        Tensor(super::TensorProto),
        /// Inside a function: the name of the attribute to take the value from.
        #[prost(string, tag = "9")]
        Placeholder(::prost::alloc::string::String),
    }
}
/// The functions of a graph.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct FunctionDefLibrary {
    #[prost(message, repeated, tag = "1")]
    pub function: ::prost::alloc::vec::Vec<FunctionDef>,
}
/// A function: a graph with arguments and results.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct FunctionDef {
    /// Name, arguments and results.
    #[prost(message, optional, tag = "1")]
    pub signature: ::core::option::Option<OpDef>,
    #[prost(message, repeated, tag = "3")]
    pub node_def: ::prost::alloc::vec::Vec<NodeDef>,
    /// For each result the output of a node.
    #[prost(message, repeated, tag = "4")]
    pub ret: ::prost::alloc::vec::Vec<function_def::RetEntry>,
}
/// Nested message and enum types in `FunctionDef`.
pub mod function_def {
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct RetEntry {
        #[prost(string, tag = "1")]
        pub key: ::prost::alloc::string::String,
        #[prost(string, tag = "2")]
        pub value: ::prost::alloc::string::String,
    }
}
/// The signature of a function.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct OpDef {
    #[prost(string, tag = "1")]
    pub name: ::prost::alloc::string::String,
    #[prost(message, repeated, tag = "2")]
    pub input_arg: ::prost::alloc::vec::Vec<op_def::ArgDef>,
    #[prost(message, repeated, tag = "3")]
    pub output_arg: ::prost::alloc::vec::Vec<op_def::ArgDef>,
}
/// Nested message and enum types in `OpDef`.
pub mod op_def {
    /// One argument or result.
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct ArgDef {
        #[prost(string, tag = "1")]
        pub name: ::prost::alloc::string::String,
        #[prost(enumeration = "super::DataType", tag = "3")]
        pub r#type: i32,
    }
}
/// Versions of the graph format.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ::prost::Message)]
pub struct VersionDef {
    /// Version that the writer made.
    #[prost(int32, tag = "1")]
    pub producer: i32,
}
/// A number, a string or a bool.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Value {
    #[prost(oneof = "value::Kind", tags = "2, 3, 4")]
    pub kind: ::core::option::Option<value::Kind>,
}
/// Nested message and enum types in `Value`.
pub mod value {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Kind {
        #[prost(double, tag = "2")]
        NumberValue(f64),
        #[prost(string, tag = "3")]
        StringValue(::prost::alloc::string::String),
        #[prost(bool, tag = "4")]
        BoolValue(bool),
    }
}
/// Values in order.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ListValue {
    #[prost(message, repeated, tag = "1")]
    pub values: ::prost::alloc::vec::Vec<Value>,
}
/// Content for "pr_curves".
#[derive(Clone, Copy, PartialEq, Eq, Hash, ::prost::Message)]
pub struct PrCurvePluginData {
    /// 0, as in every message of this file that has a version.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// Columns of the tensor.
    #[prost(uint32, tag = "2")]
    pub num_thresholds: u32,
}
/// Content for "mesh".
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct MeshPluginData {
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// Groups the tags that make one mesh.
    #[prost(string, tag = "2")]
    pub name: ::prost::alloc::string::String,
    #[prost(enumeration = "mesh_plugin_data::ContentType", tag = "3")]
    pub content_type: i32,
    /// Camera, lights and material, as JSON.
    #[prost(string, tag = "5")]
    pub json_config: ::prost::alloc::string::String,
    /// The shape of the tensor: three dimensions.
    #[prost(int32, repeated, tag = "6")]
    pub shape: ::prost::alloc::vec::Vec<i32>,
    /// A bit for each part of the mesh: 1 << content_type.
    #[prost(uint32, tag = "7")]
    pub components: u32,
}
/// Nested message and enum types in `MeshPluginData`.
pub mod mesh_plugin_data {
    #[derive(
        Clone,
        Copy,
        Debug,
        PartialEq,
        Eq,
        Hash,
        PartialOrd,
        Ord,
        ::prost::Enumeration
    )]
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
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct HParamsPluginData {
    #[prost(int32, tag = "1")]
    pub version: i32,
    #[prost(oneof = "h_params_plugin_data::Data", tags = "2, 3, 4")]
    pub data: ::core::option::Option<h_params_plugin_data::Data>,
}
/// Nested message and enum types in `HParamsPluginData`.
pub mod h_params_plugin_data {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Data {
        #[prost(message, tag = "2")]
        Experiment(super::Experiment),
        #[prost(message, tag = "3")]
        SessionStartInfo(super::SessionStartInfo),
        #[prost(message, tag = "4")]
        SessionEndInfo(super::SessionEndInfo),
    }
}
/// The hyperparameters and metrics of a set of sessions.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Experiment {
    /// Markdown.
    #[prost(string, tag = "1")]
    pub description: ::prost::alloc::string::String,
    #[prost(string, tag = "2")]
    pub user: ::prost::alloc::string::String,
    #[prost(double, tag = "3")]
    pub time_created_secs: f64,
    #[prost(message, repeated, tag = "4")]
    pub hparam_infos: ::prost::alloc::vec::Vec<HParamInfo>,
    #[prost(message, repeated, tag = "5")]
    pub metric_infos: ::prost::alloc::vec::Vec<MetricInfo>,
}
/// One hyperparameter.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct HParamInfo {
    #[prost(string, tag = "1")]
    pub name: ::prost::alloc::string::String,
    #[prost(string, tag = "2")]
    pub display_name: ::prost::alloc::string::String,
    /// Markdown.
    #[prost(string, tag = "3")]
    pub description: ::prost::alloc::string::String,
    #[prost(enumeration = "HParamType", tag = "4")]
    pub r#type: i32,
    #[prost(oneof = "h_param_info::Domain", tags = "5, 6")]
    pub domain: ::core::option::Option<h_param_info::Domain>,
}
/// Nested message and enum types in `HParamInfo`.
pub mod h_param_info {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Domain {
        /// The values that it may take.
        #[prost(message, tag = "5")]
        DomainDiscrete(super::ListValue),
        /// The range of its values.
        #[prost(message, tag = "6")]
        DomainInterval(super::Interval),
    }
}
/// A closed interval.
#[derive(Clone, Copy, PartialEq, ::prost::Message)]
pub struct Interval {
    #[prost(double, tag = "1")]
    pub min_value: f64,
    #[prost(double, tag = "2")]
    pub max_value: f64,
}
/// One metric.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct MetricInfo {
    #[prost(message, optional, tag = "1")]
    pub name: ::core::option::Option<MetricName>,
    #[prost(string, tag = "3")]
    pub display_name: ::prost::alloc::string::String,
    /// Markdown.
    #[prost(string, tag = "4")]
    pub description: ::prost::alloc::string::String,
    #[prost(enumeration = "DatasetType", tag = "5")]
    pub dataset_type: i32,
}
/// The scalar that is a metric.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct MetricName {
    /// Run below the run of the session; empty if it is that run.
    #[prost(string, tag = "1")]
    pub group: ::prost::alloc::string::String,
    #[prost(string, tag = "2")]
    pub tag: ::prost::alloc::string::String,
}
/// Start of a session, which is one training run.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct SessionStartInfo {
    #[prost(message, repeated, tag = "1")]
    pub hparams: ::prost::alloc::vec::Vec<session_start_info::HparamsEntry>,
    #[prost(string, tag = "2")]
    pub model_uri: ::prost::alloc::string::String,
    #[prost(string, tag = "3")]
    pub monitor_url: ::prost::alloc::string::String,
    /// Sessions of one group share a row of the table.
    #[prost(string, tag = "4")]
    pub group_name: ::prost::alloc::string::String,
    #[prost(double, tag = "5")]
    pub start_time_secs: f64,
}
/// Nested message and enum types in `SessionStartInfo`.
pub mod session_start_info {
    #[derive(Clone, PartialEq, ::prost::Message)]
    pub struct HparamsEntry {
        #[prost(string, tag = "1")]
        pub key: ::prost::alloc::string::String,
        #[prost(message, optional, tag = "2")]
        pub value: ::core::option::Option<super::Value>,
    }
}
/// End of a session.
#[derive(Clone, Copy, PartialEq, ::prost::Message)]
pub struct SessionEndInfo {
    #[prost(enumeration = "SessionEndStatus", tag = "1")]
    pub status: i32,
    #[prost(double, tag = "2")]
    pub end_time_secs: f64,
}
/// Layout of the custom scalars dashboard.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Layout {
    #[prost(int32, tag = "1")]
    pub version: i32,
    #[prost(message, repeated, tag = "2")]
    pub category: ::prost::alloc::vec::Vec<Category>,
}
/// A group of charts that can be folded.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Category {
    #[prost(string, tag = "1")]
    pub title: ::prost::alloc::string::String,
    #[prost(message, repeated, tag = "2")]
    pub chart: ::prost::alloc::vec::Vec<Chart>,
    #[prost(bool, tag = "3")]
    pub closed: bool,
}
/// One chart.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Chart {
    #[prost(string, tag = "1")]
    pub title: ::prost::alloc::string::String,
    #[prost(oneof = "chart::Content", tags = "2, 3")]
    pub content: ::core::option::Option<chart::Content>,
}
/// Nested message and enum types in `Chart`.
pub mod chart {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Content {
        #[prost(message, tag = "2")]
        Multiline(super::MultilineChartContent),
        #[prost(message, tag = "3")]
        Margin(super::MarginChartContent),
    }
}
/// Several tags in one chart.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct MultilineChartContent {
    /// Regular expressions, anchored at the start of a tag only.
    #[prost(string, repeated, tag = "1")]
    pub tag: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
}
/// Lines with a band around each.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct MarginChartContent {
    #[prost(message, repeated, tag = "1")]
    pub series: ::prost::alloc::vec::Vec<margin_chart_content::Series>,
}
/// Nested message and enum types in `MarginChartContent`.
pub mod margin_chart_content {
    /// Three tags, as they are: the line and the edges of its band.
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct Series {
        #[prost(string, tag = "1")]
        pub value: ::prost::alloc::string::String,
        #[prost(string, tag = "2")]
        pub lower: ::prost::alloc::string::String,
        #[prost(string, tag = "3")]
        pub upper: ::prost::alloc::string::String,
    }
}
/// Types of a hyperparameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Enumeration)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Enumeration)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Enumeration)]
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
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct RunMetadata {
    #[prost(message, optional, tag = "1")]
    pub step_stats: ::core::option::Option<StepStats>,
    #[prost(message, repeated, tag = "4")]
    pub function_graphs: ::prost::alloc::vec::Vec<run_metadata::FunctionGraphs>,
}
/// Nested message and enum types in `RunMetadata`.
pub mod run_metadata {
    /// The graphs behind one function.
    #[derive(Clone, PartialEq, ::prost::Message)]
    pub struct FunctionGraphs {
        #[prost(message, optional, tag = "2")]
        pub pre_optimization_graph: ::core::option::Option<super::GraphDef>,
    }
}
/// Statistics of a step.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct StepStats {
    #[prost(message, repeated, tag = "1")]
    pub dev_stats: ::prost::alloc::vec::Vec<DeviceStepStats>,
}
/// The executions of nodes on one device in a step.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct DeviceStepStats {
    #[prost(string, tag = "1")]
    pub device: ::prost::alloc::string::String,
    #[prost(message, repeated, tag = "2")]
    pub node_stats: ::prost::alloc::vec::Vec<NodeExecStats>,
}
/// One execution of a node.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct NodeExecStats {
    #[prost(string, tag = "1")]
    pub node_name: ::prost::alloc::string::String,
    /// Start since 1970; the fields with "rel" count from here.
    #[prost(int64, tag = "2")]
    pub all_start_micros: i64,
    #[prost(int64, tag = "4")]
    pub op_end_rel_micros: i64,
    #[prost(int64, tag = "5")]
    pub all_end_rel_micros: i64,
    #[prost(message, repeated, tag = "6")]
    pub memory: ::prost::alloc::vec::Vec<AllocatorMemoryUsed>,
    /// The same times in nanoseconds.
    #[prost(int64, tag = "13")]
    pub all_start_nanos: i64,
    #[prost(int64, tag = "15")]
    pub op_end_rel_nanos: i64,
    #[prost(int64, tag = "16")]
    pub all_end_rel_nanos: i64,
}
/// Memory that a node took from one allocator.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct AllocatorMemoryUsed {
    #[prost(string, tag = "1")]
    pub allocator_name: ::prost::alloc::string::String,
    #[prost(int64, tag = "2")]
    pub total_bytes: i64,
    #[prost(int64, tag = "3")]
    pub peak_bytes: i64,
}
/// A whole trace.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct XSpace {
    /// One for each device; the host is one of them.
    #[prost(message, repeated, tag = "1")]
    pub planes: ::prost::alloc::vec::Vec<XPlane>,
    #[prost(string, repeated, tag = "3")]
    pub warnings: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    /// The hosts that recorded it.
    #[prost(string, repeated, tag = "4")]
    pub hostnames: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
}
/// The events of one device.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct XPlane {
    #[prost(int64, tag = "1")]
    pub id: i64,
    /// "/host:CPU" for the host.
    #[prost(string, tag = "2")]
    pub name: ::prost::alloc::string::String,
    #[prost(message, repeated, tag = "3")]
    pub lines: ::prost::alloc::vec::Vec<XLine>,
    /// By the id in the value.
    #[prost(message, repeated, tag = "4")]
    pub event_metadata: ::prost::alloc::vec::Vec<x_plane::EventMetadataEntry>,
    /// By the id in the value.
    #[prost(message, repeated, tag = "5")]
    pub stat_metadata: ::prost::alloc::vec::Vec<x_plane::StatMetadataEntry>,
}
/// Nested message and enum types in `XPlane`.
pub mod x_plane {
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct EventMetadataEntry {
        #[prost(int64, tag = "1")]
        pub key: i64,
        #[prost(message, optional, tag = "2")]
        pub value: ::core::option::Option<super::XEventMetadata>,
    }
    #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
    pub struct StatMetadataEntry {
        #[prost(int64, tag = "1")]
        pub key: i64,
        #[prost(message, optional, tag = "2")]
        pub value: ::core::option::Option<super::XStatMetadata>,
    }
}
/// The events of one thread, or of another sequence of events.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct XLine {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(string, tag = "2")]
    pub name: ::prost::alloc::string::String,
    /// The time from which offsets count. Readers convert it to picoseconds, which overflow for times
    /// since 1970.
    #[prost(int64, tag = "3")]
    pub timestamp_ns: i64,
    #[prost(message, repeated, tag = "4")]
    pub events: ::prost::alloc::vec::Vec<XEvent>,
}
/// A span or an instant. Nesting follows from the times.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct XEvent {
    /// The id of the XEventMetadata with its name.
    #[prost(int64, tag = "1")]
    pub metadata_id: i64,
    #[prost(int64, tag = "3")]
    pub duration_ps: i64,
    #[prost(message, repeated, tag = "4")]
    pub stats: ::prost::alloc::vec::Vec<XStat>,
    #[prost(oneof = "x_event::Data", tags = "2")]
    pub data: ::core::option::Option<x_event::Data>,
}
/// Nested message and enum types in `XEvent`.
pub mod x_event {
    #[derive(Clone, Copy, PartialEq, Eq, Hash, ::prost::Oneof)]
    pub enum Data {
        /// Start since the line's timestamp.
        #[prost(int64, tag = "2")]
        OffsetPs(i64),
    }
}
/// A named value.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct XStat {
    /// The id of the XStatMetadata with its name.
    #[prost(int64, tag = "1")]
    pub metadata_id: i64,
    #[prost(oneof = "x_stat::Value", tags = "2, 3, 4, 5")]
    pub value: ::core::option::Option<x_stat::Value>,
}
/// Nested message and enum types in `XStat`.
pub mod x_stat {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Value {
        #[prost(double, tag = "2")]
        DoubleValue(f64),
        #[prost(uint64, tag = "3")]
        Uint64Value(u64),
        #[prost(int64, tag = "4")]
        Int64Value(i64),
        #[prost(string, tag = "5")]
        StrValue(::prost::alloc::string::String),
    }
}
/// The name of events.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct XEventMetadata {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(string, tag = "2")]
    pub name: ::prost::alloc::string::String,
}
/// The name of values.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct XStatMetadata {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(string, tag = "2")]
    pub name: ::prost::alloc::string::String,
}
