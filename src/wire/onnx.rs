// @generated from proto/*.proto by `cargo run -p protogen`. Do not edit.

#[derive(Clone, PartialEq, Debug, Default)]
pub struct ModelProto {
    pub producer_name: ::prost::alloc::string::String,
    pub graph: ::core::option::Option<GraphProto>,
    /// Functions that nodes call by domain, name and overload.
    pub functions: ::prost::alloc::vec::Vec<FunctionProto>,
}
/// A graph: the model's own, or one inside an attribute.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GraphProto {
    pub node: ::prost::alloc::vec::Vec<NodeProto>,
    /// Weights and other constants.
    pub initializer: ::prost::alloc::vec::Vec<TensorProto>,
    pub sparse_initializer: ::prost::alloc::vec::Vec<SparseTensorProto>,
    pub input: ::prost::alloc::vec::Vec<ValueInfoProto>,
    pub output: ::prost::alloc::vec::Vec<ValueInfoProto>,
    /// Types of values in between.
    pub value_info: ::prost::alloc::vec::Vec<ValueInfoProto>,
}
/// One operation.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeProto {
    /// Names of values. An empty one stands for an omitted argument.
    pub input: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    pub output: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    /// May be empty, and need not be unique.
    pub name: ::prost::alloc::string::String,
    pub op_type: ::prost::alloc::string::String,
    pub attribute: ::prost::alloc::vec::Vec<AttributeProto>,
    /// The domain of the operation; empty for ONNX's own.
    pub domain: ::prost::alloc::string::String,
    pub overload: ::prost::alloc::string::String,
}
/// A named constant of a node. `type` says in which field it is.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AttributeProto {
    pub name: ::prost::alloc::string::String,
    pub f: f32,
    pub i: i64,
    pub s: ::prost::alloc::vec::Vec<u8>,
    pub t: ::prost::alloc::vec::Vec<TensorProto>,
    pub g: ::prost::alloc::vec::Vec<GraphProto>,
    pub floats: ::prost::alloc::vec::Vec<f32>,
    pub ints: ::prost::alloc::vec::Vec<i64>,
    pub strings: ::prost::alloc::vec::Vec<::prost::alloc::vec::Vec<u8>>,
    pub tensors: ::prost::alloc::vec::Vec<TensorProto>,
    pub graphs: ::prost::alloc::vec::Vec<GraphProto>,
    pub r#type: i32,
    /// Inside a function: the attribute of the call to take the value from.
    pub ref_attr_name: ::prost::alloc::string::String,
    pub sparse_tensor: ::prost::alloc::vec::Vec<SparseTensorProto>,
}
/// Nested message and enum types in `AttributeProto`.
pub mod attribute_proto {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[repr(i32)]
    pub enum Type {
        Undefined = 0,
        Float = 1,
        Int = 2,
        String = 3,
        Tensor = 4,
        Graph = 5,
        Floats = 6,
        Ints = 7,
        Strings = 8,
        Tensors = 9,
        Graphs = 10,
        SparseTensor = 11,
        SparseTensors = 12,
        Proto = 13,
        Protos = 14,
    }
    impl Type {
        /// String value of the enum field names used in the ProtoBuf definition.
        ///
        /// The values are not transformed in any way and thus are considered stable
        /// (if the ProtoBuf definition does not change) and safe for programmatic use.
        pub fn as_str_name(&self) -> &'static str {
            match self {
                Self::Undefined => "UNDEFINED",
                Self::Float => "FLOAT",
                Self::Int => "INT",
                Self::String => "STRING",
                Self::Tensor => "TENSOR",
                Self::Graph => "GRAPH",
                Self::Floats => "FLOATS",
                Self::Ints => "INTS",
                Self::Strings => "STRINGS",
                Self::Tensors => "TENSORS",
                Self::Graphs => "GRAPHS",
                Self::SparseTensor => "SPARSE_TENSOR",
                Self::SparseTensors => "SPARSE_TENSORS",
                Self::Proto => "TYPE_PROTO",
                Self::Protos => "TYPE_PROTOS",
            }
        }
        /// Creates an enum from field names used in the ProtoBuf definition.
        pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
            match value {
                "UNDEFINED" => Some(Self::Undefined),
                "FLOAT" => Some(Self::Float),
                "INT" => Some(Self::Int),
                "STRING" => Some(Self::String),
                "TENSOR" => Some(Self::Tensor),
                "GRAPH" => Some(Self::Graph),
                "FLOATS" => Some(Self::Floats),
                "INTS" => Some(Self::Ints),
                "STRINGS" => Some(Self::Strings),
                "TENSORS" => Some(Self::Tensors),
                "GRAPHS" => Some(Self::Graphs),
                "SPARSE_TENSOR" => Some(Self::SparseTensor),
                "SPARSE_TENSORS" => Some(Self::SparseTensors),
                "TYPE_PROTO" => Some(Self::Proto),
                "TYPE_PROTOS" => Some(Self::Protos),
                _ => None,
            }
        }
    }
}
/// The name of a value and its type.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ValueInfoProto {
    pub name: ::prost::alloc::string::String,
    pub r#type: ::prost::alloc::vec::Vec<TypeProto>,
}
/// The type of a value; others than tensors are left out.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TypeProto {
    pub tensor_type: ::prost::alloc::vec::Vec<type_proto::Tensor>,
    pub sparse_tensor_type: ::prost::alloc::vec::Vec<type_proto::Tensor>,
}
/// Nested message and enum types in `TypeProto`.
pub mod type_proto {
    /// A tensor, dense or sparse.
    #[derive(Clone, PartialEq, Debug, Default)]
    pub struct Tensor {
        pub elem_type: i32,
        /// Absent if not even the number of dimensions is known.
        pub shape: ::prost::alloc::vec::Vec<super::TensorShapeProto>,
    }
}
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TensorShapeProto {
    pub dim: ::prost::alloc::vec::Vec<tensor_shape_proto::Dimension>,
}
/// Nested message and enum types in `TensorShapeProto`.
pub mod tensor_shape_proto {
    #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Dimension {
        pub value: ::core::option::Option<dimension::Value>,
    }
    /// Nested message and enum types in `Dimension`.
    pub mod dimension {
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Value {
            DimValue(i64),
            /// A name for a length that is not fixed.
            DimParam(::prost::alloc::string::String),
        }
    }
}
/// A tensor without its elements.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TensorProto {
    pub dims: ::prost::alloc::vec::Vec<i64>,
    pub data_type: i32,
    pub name: ::prost::alloc::string::String,
}
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SparseTensorProto {
    /// The name is that of the sparse tensor.
    pub values: ::core::option::Option<TensorProto>,
    pub dims: ::prost::alloc::vec::Vec<i64>,
}
/// A function of the model itself.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FunctionProto {
    pub name: ::prost::alloc::string::String,
    pub input: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    pub output: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    pub node: ::prost::alloc::vec::Vec<NodeProto>,
    pub domain: ::prost::alloc::string::String,
    pub value_info: ::prost::alloc::vec::Vec<ValueInfoProto>,
    pub overload: ::prost::alloc::string::String,
}
message!(ModelProto {
    producer_name: (string) = 2,
    graph: (optional message) = 7,
    functions: (repeated message) = 25,
});
message!(GraphProto {
    node: (repeated message) = 1,
    initializer: (repeated message) = 5,
    input: (repeated message) = 11,
    output: (repeated message) = 12,
    value_info: (repeated message) = 13,
    sparse_initializer: (repeated message) = 15,
});
message!(NodeProto {
    input: (repeated string) = 1,
    output: (repeated string) = 2,
    name: (string) = 3,
    op_type: (string) = 4,
    attribute: (repeated message) = 5,
    domain: (string) = 7,
    overload: (string) = 8,
});
message!(AttributeProto {
    name: (string) = 1,
    f: (float) = 2,
    i: (int64) = 3,
    s: (bytes) = 4,
    t: (repeated message) = 5,
    g: (repeated message) = 6,
    floats: (packed float) = 7,
    ints: (packed int64) = 8,
    strings: (repeated bytes) = 9,
    tensors: (repeated message) = 10,
    graphs: (repeated message) = 11,
    r#type: (int32) = 20,
    ref_attr_name: (string) = 21,
    sparse_tensor: (repeated message) = 22,
});
enumeration!(attribute_proto::Type {
    Undefined,
    Float,
    Int,
    String,
    Tensor,
    Graph,
    Floats,
    Ints,
    Strings,
    Tensors,
    Graphs,
    SparseTensor,
    SparseTensors,
    Proto,
    Protos,
});
message!(ValueInfoProto {
    name: (string) = 1,
    r#type: (repeated message) = 2,
});
message!(TypeProto {
    tensor_type: (repeated message) = 1,
    sparse_tensor_type: (repeated message) = 8,
});
message!(type_proto::Tensor {
    elem_type: (int32) = 1,
    shape: (repeated message) = 2,
});
message!(TensorShapeProto {
    dim: (repeated message) = 1,
});
message!(tensor_shape_proto::Dimension {
    value: (oneof tensor_shape_proto::dimension::Value) = 1 | 2,
});
oneof!(tensor_shape_proto::dimension::Value {
    DimValue: int64 = 1,
    DimParam: string = 2,
});
message!(TensorProto {
    dims: (packed int64) = 1,
    data_type: (int32) = 2,
    name: (string) = 8,
});
message!(SparseTensorProto {
    values: (optional message) = 1,
    dims: (packed int64) = 3,
});
message!(FunctionProto {
    name: (string) = 1,
    input: (repeated string) = 4,
    output: (repeated string) = 5,
    node: (repeated message) = 7,
    domain: (string) = 10,
    value_info: (repeated message) = 12,
    overload: (string) = 13,
});
