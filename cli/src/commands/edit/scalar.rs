//! Scalars in their two forms.

use super::message::{Field, METADATA, Message, SIMPLE_VALUE, TENSOR};

/// Makes a scalar a simple value; returns whether that is a change.
pub(super) fn to_simple(value: &mut Message, number: f32) -> bool {
    if !value.has(TENSOR) {
        return false;
    }
    value.remove(TENSOR);
    value.set(Field::float(SIMPLE_VALUE, number));
    true
}

/// Makes a scalar a tensor of rank 0 for the plugin `scalars`; returns whether that is a change.
/// TensorBoard takes the metadata of a tag's first value.
pub(super) fn to_tensor(value: &mut Message, number: f32, is_first: bool) -> anyhow::Result<bool> {
    if !value.has(SIMPLE_VALUE) {
        return Ok(false);
    }
    value.remove(SIMPLE_VALUE);
    let mut tensor = Message::default();
    // DT_FLOAT, a shape without dimensions, and the list of floats, which is packed.
    tensor.set(Field::varint(1, 1));
    tensor.set(Field::bytes(2, Vec::new()));
    tensor.set(Field::bytes(5, number.to_le_bytes().into()));
    value.set(Field::bytes(TENSOR, tensor.encode()));
    if is_first {
        // Plugin and data class; the names that there are stay.
        let mut metadata = Message::parse(value.bytes(METADATA).unwrap_or_default())?;
        let mut plugin = Message::default();
        plugin.set(Field::bytes(1, b"scalars".into()));
        metadata.set(Field::bytes(1, plugin.encode()));
        metadata.set(Field::varint(4, 1));
        value.set(Field::bytes(METADATA, metadata.encode()));
    }
    Ok(true)
}
