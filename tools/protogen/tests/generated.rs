//! The checked-in messages are those generated from the .proto files, and have TensorFlow's encoding.

#[macro_use]
#[path = "../../../src/wire/codec.rs"]
mod codec;

#[allow(dead_code, missing_docs, clippy::all)]
#[rustfmt::skip]
#[path = "../../../src/wire/messages.rs"]
mod messages;

use messages::{DataType, event, summary, summary_metadata};
use messages::{Event, Summary, SummaryMetadata, TensorProto, TensorShapeProto};
use prost::Message;

#[test]
fn checked_in_files_are_up_to_date() {
    let files = protogen::generate().unwrap();
    assert_eq!(files.len(), 2);
    for (path, generated) in files {
        // A checkout on Windows may have other line endings.
        let checked_in = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let line = checked_in
            .lines()
            .zip(generated.lines())
            .position(|(a, b)| a != b)
            .unwrap_or(checked_in.lines().count().min(generated.lines().count()));
        assert!(
            checked_in == generated,
            "{} differs from proto/ from line {} on: run `cargo run -p protogen`",
            path.display(),
            line + 1,
        );
    }
}

/// A scalar that Keras logged, without its wall time.
#[test]
fn a_scalar_equals_that_of_keras() {
    let golden = b"\x10\x03\x2a\x21\x0a\x1f\x0a\x04s/pi\x42\x0a\x08\x01\x12\x00\x22\x04\xdb\x0f\x49\x40\x4a\x0b\x0a\x09\x0a\x07scalars";
    let event = Event {
        step: 3,
        what: Some(event::What::Summary(Summary {
            value: vec![summary::Value {
                tag: "s/pi".into(),
                metadata: Some(SummaryMetadata {
                    plugin_data: Some(summary_metadata::PluginData {
                        plugin_name: "scalars".into(),
                        ..Default::default()
                    }),
                    ..Default::default()
                }),
                value: Some(summary::value::Value::Tensor(TensorProto {
                    dtype: DataType::DtFloat.into(),
                    tensor_shape: Some(TensorShapeProto::default()),
                    tensor_content: std::f32::consts::PI.to_le_bytes().to_vec(),
                    ..Default::default()
                })),
                ..Default::default()
            }],
        })),
        ..Default::default()
    };
    assert_eq!(event.encode_to_vec(), golden);
    assert_eq!(Event::decode(&golden[..]).unwrap(), event);
}
