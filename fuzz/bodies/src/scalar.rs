//! The encoding of scalars by hand, against prost.

use crate::wire::event::{
    MAX_HEAD, SCALAR_METADATA, ScalarForm, ScalarTemplate, Stamp, scalar_size, write_scalar,
};
use crate::wire::messages::{self, summary, summary_metadata};
use arbitrary::{Arbitrary, Unstructured};
use prost::Message;

#[derive(Arbitrary, Debug)]
struct Call<'a> {
    wall_time: f64,
    step: i64,
    tag: &'a str,
    value: f32,
    simple: bool,
}

/// Any scalar is, by tag and by template, byte for byte what prost writes.
pub fn scalar(bytes: &[u8]) {
    let Ok(call) = Call::arbitrary(&mut Unstructured::new(bytes)) else { return };
    // Prost leaves an empty tag out; ours writes it with its length of 0, which reads the same.
    if call.tag.is_empty() {
        return;
    }
    let form = if call.simple { ScalarForm::Simple } else { ScalarForm::Tensor };
    let stamp = Stamp { wall_time: call.wall_time, step: call.step };
    let expected = by_prost(&call);

    // Not zeros, so that a byte which is left out is noticed.
    let mut out = vec![0xff; MAX_HEAD + scalar_size(call.tag.len(), SCALAR_METADATA.len())];
    let len = write_scalar(&mut out, stamp, call.tag, call.value, form, SCALAR_METADATA);
    assert_eq!(out[..len], expected, "{call:?}");

    out.fill(0xff);
    let template = ScalarTemplate::new(call.tag, form, SCALAR_METADATA);
    let len = template.write(&mut out, stamp, call.value);
    assert_eq!(out[..len], expected, "{call:?}");
}

fn by_prost(call: &Call<'_>) -> Vec<u8> {
    let value = if call.simple {
        summary::value::Value::SimpleValue(call.value)
    } else {
        summary::value::Value::Tensor(messages::TensorProto {
            dtype: messages::DataType::DtFloat as i32,
            tensor_shape: Some(messages::TensorShapeProto::default()),
            tensor_content: call.value.to_le_bytes().to_vec(),
            ..Default::default()
        })
    };
    let metadata = messages::SummaryMetadata {
        plugin_data: Some(summary_metadata::PluginData {
            plugin_name: "scalars".to_owned(),
            content: Vec::new(),
        }),
        data_class: messages::DataClass::Scalar as i32,
        ..Default::default()
    };
    messages::Event {
        wall_time: call.wall_time,
        step: call.step,
        what: Some(messages::event::What::Summary(messages::Summary {
            value: vec![summary::Value {
                tag: call.tag.to_owned(),
                metadata: Some(metadata),
                value: Some(value),
                ..Default::default()
            }],
        })),
        ..Default::default()
    }
    .encode_to_vec()
}
