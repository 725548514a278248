//! Types of values: what they hold, and in which shape.

use crate::wire::messages::{
    AttrValue, DataType, NodeDef, TensorShapeProto, attr_value, tensor_shape_proto,
};
use crate::wire::onnx::{TypeProto, tensor_shape_proto::dimension};

/// As far as a model says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ValueType {
    /// `DtInvalid` where nothing is said.
    pub(super) data_type: DataType,
    pub(super) shape: Option<TensorShapeProto>,
}

impl ValueType {
    pub(super) fn of(types: &[TypeProto]) -> Self {
        let tensor =
            types.iter().flat_map(|t| t.tensor_type.iter().chain(&t.sparse_tensor_type)).next();
        let Some(tensor) = tensor else { return Self::default() };
        let shape = tensor.shape.first().map(|shape| {
            shape_of(shape.dim.iter().map(|dim| match dim.value {
                Some(dimension::Value::DimValue(size)) if size >= 0 => size,
                _ => -1,
            }))
        });
        Self { data_type: data_type(tensor.elem_type), shape }
    }

    pub(super) fn of_tensor(elements: i32, dims: &[i64]) -> Self {
        let shape = shape_of(dims.iter().map(|&size| size.max(-1)));
        Self { data_type: data_type(elements), shape: Some(shape) }
    }
}

fn shape_of(sizes: impl Iterator<Item = i64>) -> TensorShapeProto {
    let dim = |size| tensor_shape_proto::Dim { size, ..Default::default() };
    TensorShapeProto { dim: sizes.map(dim).collect(), ..Default::default() }
}

/// The types of a node's outputs, as attributes of it.
pub(super) fn put(outputs: &[ValueType], node: &mut NodeDef) {
    if outputs.iter().any(|output| output.shape.is_some()) {
        let unknown = || TensorShapeProto { unknown_rank: true, ..Default::default() };
        let shape = outputs.iter().map(|output| output.shape.clone().unwrap_or_else(unknown));
        let list = attr_value::ListValue { shape: shape.collect(), ..Default::default() };
        *node.attribute("_output_shapes") = list.into_value();
    }
    let data_types: Vec<i32> = outputs.iter().map(|output| output.data_type as i32).collect();
    if data_types.iter().all(|&data_type| data_type == DataType::DtInvalid as i32) {
        return;
    }
    let value = match data_types[..] {
        [data_type] => AttrValue { value: Some(attr_value::Value::Type(data_type)) },
        _ => attr_value::ListValue { r#type: data_types, ..Default::default() }.into_value(),
    };
    *node.attribute("dtype") = value;
}

impl attr_value::ListValue {
    pub(super) fn into_value(self) -> AttrValue {
        AttrValue { value: Some(attr_value::Value::List(self)) }
    }
}

/// TensorFlow's number for one of ONNX's element types, as far as both have it.
pub(super) fn data_type(onnx: i32) -> DataType {
    match onnx {
        1 => DataType::DtFloat,
        2 => DataType::DtUint8,
        3 => DataType::DtInt8,
        4 => DataType::DtUint16,
        5 => DataType::DtInt16,
        6 => DataType::DtInt32,
        7 => DataType::DtInt64,
        8 => DataType::DtString,
        9 => DataType::DtBool,
        10 => DataType::DtHalf,
        11 => DataType::DtDouble,
        12 => DataType::DtUint32,
        13 => DataType::DtUint64,
        14 => DataType::DtComplex64,
        15 => DataType::DtComplex128,
        16 => DataType::DtBfloat16,
        _ => DataType::DtInvalid,
    }
}
