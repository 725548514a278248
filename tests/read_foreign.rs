//! Files by TensorFlow, torch and tensorboardX, beside what TensorBoard's reader finds in them:
//! see tests/data/foreign/README.md. Long content is compared by its length.

use serde_json::Value as Json;
use std::path::Path;
use tfevents::read::{EventReader, Payload, Run, TensorElement, TensorValue, Value, ValueData};
use tfevents::summary::DataClass;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn f64_hex(number: f64) -> String {
    format!("{:016x}", number.to_bits())
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_else(|| panic!("{key} in {json}"))
}

fn number(json: &Json, key: &str) -> i64 {
    json[key].as_i64().unwrap_or_else(|| panic!("{key} in {json}"))
}

/// Compares every event of one run; returns how many tensors had elements to compare.
fn compare(run: &str) -> usize {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/foreign").join(run);
    let expected = std::fs::read_to_string(dir.join("expected.jsonl")).unwrap();
    let mut events = Run::open(&dir).unwrap().events();
    let first = events.next().unwrap().unwrap();
    let mut reader = EventReader::open(events.path().unwrap()).unwrap();
    let mut tensors = 0;
    let mut end = 0;
    for line in expected.lines() {
        let expected: Json = serde_json::from_str(line).unwrap();
        assert_eq!(reader.offset() as i64, number(&expected, "offset"), "{line}");
        end = number(&expected, "offset") + number(&expected, "length") + 16;
        let event = reader.next().unwrap().unwrap();
        if end == number(&expected, "length") + 16 {
            assert_eq!(event, first);
        }
        assert_eq!(event.step(), number(&expected, "step"), "{line}");
        assert_eq!(event.wall_time(), text(&expected, "wall_time").parse::<f64>().unwrap());
        assert_eq!(event.writer(), expected["writer"].as_str());
        let what = expected["what"].as_str().unwrap_or("");
        let content = &expected[what];
        match event.payload() {
            Payload::FileVersion(version) => assert_eq!(version, content.as_str().unwrap()),
            Payload::Graph(graph) => {
                assert_eq!(("graph_def", graph.len() as i64), (what, number(content, "bytes")));
            }
            Payload::MetaGraph(graph) => {
                assert_eq!(
                    ("meta_graph_def", graph.len() as i64),
                    (what, number(content, "bytes"))
                );
            }
            Payload::RunMetadata(run) => {
                assert_eq!(run.tag, text(content, "tag"));
                assert_eq!(run.content.len() as i64, number(content, "bytes"));
            }
            Payload::SessionLog(log) => {
                let status = log.status.map(|status| format!("{status:?}").to_uppercase());
                assert_eq!(status.as_deref(), content["status"].as_str());
                assert_eq!(log.checkpoint_path, text(content, "checkpoint_path"));
                assert_eq!(log.message, text(content, "msg"));
            }
            Payload::Log(log) => {
                assert_eq!(log.level as i64 * 10, number(content, "level"));
                assert_eq!(log.message, text(content, "message"));
            }
            Payload::Summary(values) => {
                let expected = expected["values"].as_array().unwrap();
                assert_eq!(values.len(), expected.len());
                for (value, expected) in values.iter().zip(expected) {
                    tensors += usize::from(compare_value(value, expected));
                }
            }
            other => panic!("{other:?} for {line}"),
        }
    }
    assert!(reader.next().is_none() && !reader.is_truncated());
    assert_eq!(reader.offset() as i64, end);
    assert_eq!(events.count() + 1, expected.lines().count());
    tensors
}

fn compare_value(value: &Value<'_>, expected: &Json) -> bool {
    assert_eq!(value.tag(), text(expected, "tag"));
    let kind = expected["kind"].as_str().unwrap_or("");
    let content = &expected[kind];
    let metadata = &expected["metadata"];
    let said = |key| metadata[key].as_str().unwrap_or("");
    assert_eq!(
        (value.plugin(), &*hex(value.metadata().content)),
        (said("plugin_name"), said("content"))
    );
    assert_eq!(
        (value.metadata().display_name, value.metadata().description),
        (said("display_name"), said("description"))
    );
    let class = match said("data_class") {
        "DATA_CLASS_SCALAR" => Some(DataClass::Scalar),
        "DATA_CLASS_TENSOR" => Some(DataClass::Tensor),
        "DATA_CLASS_BLOB_SEQUENCE" => Some(DataClass::BlobSequence),
        _ => None,
    };
    assert_eq!(value.metadata().data_class, class);
    let data = value.data();
    match kind {
        "simple_value" => {
            let Ok(ValueData::Scalar(number)) = data else { panic!("{data:?}") };
            assert_eq!(format!("{:08x}", number.to_bits()), text(expected, "f32"));
            assert_eq!(value.scalar().map(f32::to_bits), Some(number.to_bits()));
        }
        "tensor" => return compare_tensor(value, &value.tensor().unwrap(), content),
        "image" => {
            let Ok(ValueData::Images(images)) = data else { panic!("{data:?}") };
            let sizes = [images.height, images.width].map(i64::from);
            assert_eq!(sizes, ["height", "width"].map(|key| number(content, key)));
            assert_eq!(images.encoded.len(), 1);
            assert_eq!(images.encoded[0].len() as i64, number(content, "bytes"));
        }
        "audio" => {
            let Ok(ValueData::Audio(audio)) = data else { panic!("{data:?}") };
            assert_eq!(audio.content_type, text(content, "content_type"));
            assert_eq!(audio.encoded[0].len() as i64, number(content, "bytes"));
        }
        "histo" => {
            let Ok(ValueData::Histogram(found)) = data else { panic!("{data:?}") };
            let (sum, squares) = found.sums.unwrap();
            let keys = ["sum", "sum_squares"];
            assert_eq!([sum, squares].map(f64_hex), keys.map(|key| text(content, key)));
            assert_eq!(f64_hex(found.count()), text(content, "num"));
            if let [first, .., last] = &found.buckets[..] {
                let edges = [first.lower, last.upper].map(f64_hex);
                assert_eq!(edges, ["min", "max"].map(|key| text(content, key)));
            }
        }
        _ => assert_eq!(kind, ""),
    }
    false
}

/// The elements, each printed.
fn printed<T: TensorElement>(tensor: &TensorValue<'_>, print: fn(T) -> String) -> Vec<String> {
    tensor.values::<T>().unwrap().into_iter().map(print).collect()
}

fn compare_tensor(value: &Value<'_>, tensor: &TensorValue<'_>, expected: &Json) -> bool {
    let shape: Vec<_> = tensor.shape().iter().copied().map(Json::from).collect();
    assert_eq!(shape, *expected["shape"].as_array().unwrap());
    let dtype = text(expected, "dtype");
    let is_scalar = dtype == "DT_FLOAT" && shape.is_empty();
    assert_eq!(value.scalar().is_some(), is_scalar, "{expected}");
    if expected["unreadable"].is_string() {
        assert_eq!(tensor.to_f64(), None);
        return false;
    }
    let Some(values) = expected["values"].as_array() else { return false };
    if dtype == "DT_STRING" {
        assert_eq!(tensor.strings().len(), values.len());
        for (found, expected) in tensor.strings().iter().zip(values) {
            match expected.as_str() {
                Some(expected) => assert_eq!(hex(found), expected),
                None => assert_eq!(found.len() as i64, number(expected, "bytes")),
            }
        }
        return true;
    }
    let found = match dtype {
        "DT_FLOAT" => printed(tensor, |value: f32| format!("{:08x}", value.to_bits())),
        "DT_DOUBLE" => printed(tensor, f64_hex),
        "DT_INT8" => printed(tensor, |value: i8| value.to_string()),
        "DT_INT16" => printed(tensor, |value: i16| value.to_string()),
        "DT_INT32" => printed(tensor, |value: i32| value.to_string()),
        "DT_INT64" => printed(tensor, |value: i64| value.to_string()),
        "DT_UINT8" => printed(tensor, |value: u8| value.to_string()),
        "DT_UINT16" => printed(tensor, |value: u16| value.to_string()),
        "DT_UINT32" => printed(tensor, |value: u32| value.to_string()),
        "DT_UINT64" => printed(tensor, |value: u64| value.to_string()),
        "DT_BOOL" => printed(tensor, |value: bool| value.to_string()),
        // Of the rest only half floats have a value to read; their bits are not public.
        _ => {
            let understood = ["DT_HALF", "DT_BFLOAT16"].contains(&dtype);
            assert_eq!(tensor.to_f64().is_some(), understood, "{dtype}");
            return false;
        }
    };
    let expected: Vec<_> = values
        .iter()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    assert_eq!(found, expected);
    true
}

#[test]
fn tensorflow() {
    assert!(compare("tensorflow") > 50);
    compare("tensorflow/legacy");
}

#[test]
fn torch() {
    assert!(compare("torch") > 5);
    compare("torch/hparams");
}

#[test]
fn tensorboardx() {
    assert!(compare("tensorboardx") > 3);
    compare("tensorboardx/hparams");
}
