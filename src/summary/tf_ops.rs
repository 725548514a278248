//! Single calls of `tf.summary` (TensorFlow 2.21), as recorded, beside what this crate makes of
//! the same input: the same tensor, bit for bit, but for the cases that are named here.

use super::{
    Encodings, Histogram, Image, ImageLayout, Scalar, ScalarEncoding, Summary, SummaryEncoder, Text,
};
use crate::wire::messages::{self, TensorProto, event::What, summary::value};
use base64::Engine;
use prost::Message;
use serde_json::Value;

/// Inputs that the types of this crate rule out, or that it treats otherwise on purpose.
const NOT_THE_SAME: [(&str, &str); 20] = [
    ("s/f64big", "TensorFlow refuses it; a double out of range is logged as infinite"),
    ("s/zero", "recorded as -0.0, which was logged before it and compares equal"),
    ("s/vec1", "TensorFlow refuses it; a vector is no number"),
    ("s/complex", "there are no complex numbers"),
    ("h/nan", "values that are not finite are left out; TensorFlow wipes the histogram"),
    ("h/allnan", "the same"),
    ("h/inf", "the same"),
    ("h/neginf", "the same"),
    ("h/bothinf", "the same"),
    ("h/huge", "the width overflows in TensorFlow, whose edges are then infinite"),
    ("h/tiny2", "TensorFlow takes denormal numbers for zero"),
    ("hb-3/normal100", "a number of buckets is not negative"),
    ("hb-3/same", "the same"),
    ("i/max0", "a batch has at least one image"),
    ("i/rank3", "TensorFlow refuses it; the shape here is that of one image"),
    ("i/i32", "pixels are u8 or f32"),
    ("i/u16", "the same"),
    ("i/f16", "the same"),
    ("t/bytes", "text is UTF-8"),
    ("t/num", "TensorFlow refuses it; text is a string"),
];

/// The first value's tensor and the step of a recorded event.
fn recorded(case: &Value) -> (TensorProto, i64) {
    let bytes = base64::engine::general_purpose::STANDARD.decode(case["event"].as_str().unwrap());
    let event = messages::Event::decode(&bytes.unwrap()[..]).unwrap();
    let Some(What::Summary(summary)) = event.what else { panic!("{case}") };
    (tensor_of(summary), event.step)
}

fn tensor_of(summary: messages::Summary) -> TensorProto {
    match summary.value.into_iter().next().unwrap().value {
        Some(value::Value::Tensor(tensor)) => tensor,
        other => panic!("{other:?}"),
    }
}

fn ours(summary: &dyn Summary) -> TensorProto {
    let mut body = Vec::new();
    let encodings = Encodings { scalars: ScalarEncoding::Tensor, ..Encodings::default() };
    summary.encode("tag", &mut SummaryEncoder::with_encodings(&mut body, encodings));
    tensor_of(messages::Summary::decode(&body[..]).unwrap())
}

/// Numbers, of which those that are not finite were recorded as strings.
fn numbers(values: &Value) -> Vec<f64> {
    let number = |value: &Value| match value.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap(),
    };
    values.as_array().unwrap().iter().map(number).collect()
}

fn histogram(case: &Value) -> TensorProto {
    let values = numbers(&case["input"]["data"]);
    let buckets = case["buckets"].as_u64().unwrap_or(30) as usize;
    let histogram = match case["input"]["dtype"].as_str() {
        Some("float32" | "float16") => {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            Histogram::uniform(&values, buckets)
        }
        Some("bool") => {
            let values: Vec<bool> = values.iter().map(|&value| value != 0.0).collect();
            Histogram::uniform(&values, buckets)
        }
        _ => Histogram::uniform(&values, buckets),
    };
    ours(&histogram)
}

fn scalar(case: &Value) -> TensorProto {
    ours(&match case["name"].as_str().unwrap() {
        "s/pi" => Scalar::new(std::f64::consts::PI),
        "s/i64" => Scalar::new(1_099_511_627_777_i64),
        "s/bool" => Scalar::new(true),
        "s/inf" => Scalar::new(f32::INFINITY),
        // The half-precision number nearest to 0.1.
        "s/f16" => Scalar::new(0.099_975_586_f32),
        "s/neg0" => Scalar::new(-0.0),
        "s/sub" => Scalar::new(1e-42),
        _ => Scalar::new(1),
    })
}

fn text(case: &Value) -> TensorProto {
    let Some(rows) = case["input"].as_array() else {
        // The case with a description has another text than its input says.
        let input = case["input"].as_str().unwrap();
        let (recorded, _) = recorded(case);
        let text = String::from_utf8(recorded.string_val[0].clone()).unwrap();
        assert!(text.starts_with(input));
        return ours(&Text::new(&text));
    };
    let is_table = rows.first().is_some_and(Value::is_array);
    let cells = rows.iter().flat_map(|row| match row.as_array() {
        Some(cells) => cells.iter().map(|cell| cell.as_str().unwrap()).collect(),
        None => vec![row.as_str().unwrap()],
    });
    let cells: Vec<&str> = cells.collect();
    if is_table { ours(&Text::table(2, &cells).unwrap()) } else { ours(&Text::list(&cells)) }
}

fn image(case: &Value) -> TensorProto {
    let shape: Vec<_> = numbers(&case["input"]["shape"]).iter().map(|&n| n as usize).collect();
    let shape = [shape[1], shape[2], shape[3]];
    let one = shape.iter().product::<usize>();
    if case["input"]["data"].is_null() {
        // Five images of zeros, of which so many are kept.
        let most = case["max_outputs"].as_u64().unwrap().min(5) as usize;
        let image = Image::from_array(ImageLayout::Hwc, shape, &vec![0u8; one]).unwrap();
        return ours(&Image::batch(vec![&image; most]).unwrap());
    }
    let values = numbers(&case["input"]["data"]);
    if case["name"].as_str().unwrap().contains("f32") {
        let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
        return ours(&Image::from_array(ImageLayout::Hwc, shape, &values).unwrap());
    }
    let values: Vec<u8> = values.iter().map(|&value| value as u8).collect();
    ours(&Image::from_array(ImageLayout::Hwc, shape, &values).unwrap())
}

/// Color type and pixels of a PNG.
fn decoded(file: &[u8]) -> (png::ColorType, u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.color_type, info.width, info.height, pixels)
}

#[test]
fn summaries_are_those_of_tensorflow() {
    let cases = include_str!("../../tests/data/tf_summary_ops.jsonl");
    let (mut same, mut left_out) = (0, 0);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        if NOT_THE_SAME.iter().any(|(other, _)| *other == name) {
            left_out += 1;
            continue;
        }
        let (theirs, _) = recorded(&case);
        match case["op"].as_str().unwrap() {
            "histogram" => assert_eq!(histogram(&case), theirs, "{name}"),
            "scalar" => assert_eq!(scalar(&case), theirs, "{name}"),
            "text" => assert_eq!(text(&case), theirs, "{name}"),
            // Another encoder packs the same pixels into other bytes.
            _ => {
                let (mut ours, mut theirs) = (image(&case), theirs);
                let files = ours.string_val.split_off(2);
                let expected = theirs.string_val.split_off(2);
                assert_eq!(ours, theirs, "{name}");
                assert_eq!(files.len(), expected.len(), "{name}");
                for (file, expected) in files.iter().zip(&expected) {
                    assert_eq!(decoded(file), decoded(expected), "{name}");
                }
            }
        }
        same += 1;
    }
    assert_eq!((same, left_out), (41, NOT_THE_SAME.len()));
}
