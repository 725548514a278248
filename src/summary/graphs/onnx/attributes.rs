//! The types of values, and the attributes of a node but for subgraphs.

use crate::wire::messages::{
    self, AttrValue, DataType, NodeDef, TensorShapeProto, attr_value, tensor_shape_proto,
};
use crate::wire::onnx::{
    AttributeProto, GraphProto, TypeProto, attribute_proto::Type, tensor_shape_proto::dimension,
};

/// TensorBoard hides attributes that are longer than this.
const MAX_SHOWN: usize = 1024;

/// Returns the subgraphs of an attribute, each with the name of its group.
pub(super) fn subgraphs(attribute: &AttributeProto) -> impl Iterator<Item = (String, &GraphProto)> {
    let many = attribute.graphs.iter().enumerate();
    let named = many.map(|(index, graph)| (format!("{}_{index}", attribute.name), graph));
    attribute.g.iter().map(|graph| (attribute.name.clone(), graph)).chain(named)
}

/// Returns the value of any other attribute. A value that the page would hide is replaced by its
/// size.
pub(super) fn value(attribute: &AttributeProto) -> Option<AttrValue> {
    use attr_value::{ListValue, Value};
    let list = |list: ListValue| Some(Value::List(list));
    let long = |count: usize, what: &str| Some(Value::S(format!("({count} {what})").into()));
    if !attribute.ref_attr_name.is_empty() {
        return wrap(Some(Value::Placeholder(attribute.ref_attr_name.clone())));
    }
    wrap(match kind(attribute) {
        Type::Float => Some(Value::F(attribute.f)),
        Type::Int => Some(Value::I(attribute.i)),
        Type::String if attribute.s.len() > MAX_SHOWN => long(attribute.s.len(), "bytes"),
        Type::String => Some(Value::S(attribute.s.clone())),
        Type::Tensor => attribute.t.first().map(|tensor| {
            let elements = ValueType::of_tensor(tensor.data_type, &tensor.dims);
            Value::Tensor(messages::TensorProto {
                dtype: data_type(tensor.data_type) as i32,
                tensor_shape: elements.shape,
                ..Default::default()
            })
        }),
        Type::Floats if attribute.floats.len() * 4 > MAX_SHOWN => {
            long(attribute.floats.len(), "floats")
        }
        Type::Floats => list(ListValue { f: attribute.floats.clone(), ..Default::default() }),
        Type::Ints if attribute.ints.len() * 4 > MAX_SHOWN => long(attribute.ints.len(), "ints"),
        Type::Ints => list(ListValue { i: attribute.ints.clone(), ..Default::default() }),
        Type::Strings => {
            let bytes: usize = attribute.strings.iter().map(|text| text.len() + 2).sum();
            if bytes > MAX_SHOWN {
                long(attribute.strings.len(), "strings")
            } else {
                list(ListValue { s: attribute.strings.clone(), ..Default::default() })
            }
        }
        Type::Tensors => long(attribute.tensors.len(), "tensors"),
        Type::SparseTensor => attribute.sparse_tensor.first().map(|tensor| {
            let data_type = tensor.values.as_ref().map_or(0, |values| values.data_type);
            let elements = ValueType::of_tensor(data_type, &tensor.dims);
            Value::Tensor(messages::TensorProto {
                dtype: elements.data_type as i32,
                tensor_shape: elements.shape,
                ..Default::default()
            })
        }),
        _ => None,
    })
}

fn wrap(value: Option<attr_value::Value>) -> Option<AttrValue> {
    value.map(|value| AttrValue { value: Some(value) })
}

/// Returns the type of an attribute, which the first versions of the format did not store.
fn kind(attribute: &AttributeProto) -> Type {
    match Type::try_from(attribute.r#type).unwrap_or_default() {
        Type::Undefined if !attribute.t.is_empty() => Type::Tensor,
        Type::Undefined if !attribute.floats.is_empty() => Type::Floats,
        Type::Undefined if !attribute.ints.is_empty() => Type::Ints,
        Type::Undefined if !attribute.strings.is_empty() => Type::Strings,
        Type::Undefined if !attribute.s.is_empty() => Type::String,
        Type::Undefined if attribute.f != 0.0 => Type::Float,
        Type::Undefined if attribute.i != 0 => Type::Int,
        kind => kind,
    }
}

/// The type of a value, as far as the model defines it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ValueType {
    /// `DtInvalid` if it is not defined.
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

/// Sets the types of a node's outputs as its attributes.
pub(super) fn put_types(outputs: &[ValueType], node: &mut NodeDef) {
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

/// Returns TensorFlow's type for one of ONNX's element types, if both have it.
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
