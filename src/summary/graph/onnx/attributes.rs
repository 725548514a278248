//! The attributes of a node, but for subgraphs.

use super::types::{ValueType, data_type};
use crate::wire::messages::{self, AttrValue, attr_value};
use crate::wire::onnx::{AttributeProto, GraphProto, attribute_proto::Type};

/// TensorBoard hides attributes that are longer than that.
const SHOWN: usize = 1024;

/// The subgraphs of an attribute, each with what its group is called.
pub(super) fn subgraphs(attribute: &AttributeProto) -> impl Iterator<Item = (String, &GraphProto)> {
    let many = attribute.graphs.iter().enumerate();
    let named = many.map(|(index, graph)| (format!("{}_{index}", attribute.name), graph));
    attribute.g.iter().map(|graph| (attribute.name.clone(), graph)).chain(named)
}

/// The value of any other attribute. What the page would hide is not copied: its size is said
/// instead.
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
        Type::String if attribute.s.len() > SHOWN => long(attribute.s.len(), "bytes"),
        Type::String => Some(Value::S(attribute.s.clone())),
        Type::Tensor => attribute.t.first().map(|tensor| {
            let elements = ValueType::of_tensor(tensor.data_type, &tensor.dims);
            Value::Tensor(messages::TensorProto {
                dtype: data_type(tensor.data_type) as i32,
                tensor_shape: elements.shape,
                ..Default::default()
            })
        }),
        Type::Floats if attribute.floats.len() * 4 > SHOWN => {
            long(attribute.floats.len(), "floats")
        }
        Type::Floats => list(ListValue { f: attribute.floats.clone(), ..Default::default() }),
        Type::Ints if attribute.ints.len() * 4 > SHOWN => long(attribute.ints.len(), "ints"),
        Type::Ints => list(ListValue { i: attribute.ints.clone(), ..Default::default() }),
        Type::Strings => {
            let bytes: usize = attribute.strings.iter().map(|text| text.len() + 2).sum();
            if bytes > SHOWN {
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

/// What an attribute holds. The first models did not say.
fn kind(attribute: &AttributeProto) -> Type {
    match attribute.r#type() {
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
