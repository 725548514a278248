//! Single calls of tf.summary, and the events that they made.

use crate::dump::{Recorded, number, numbers};
use crate::found;
use base64::Engine;
use serde_json::Value;
use tfevents::summary::{ImageLayout, PixelValue, Scalar, Summary};
use tfevents::{Audio, Histogram, Image, SummaryWriter, Text};

/// The outcome of a call.
enum Ours {
    Same(Box<dyn Summary>),
    /// The same except for the values, which are checked in another way.
    Other(Box<dyn Summary>, &'static str),
    /// There is no such call.
    None(&'static str),
}

use Ours::{None as NoCall, Other, Same};

pub fn compare(cases: &[Value]) -> usize {
    for case in cases {
        let recorded = Recorded(case["event"].clone());
        if recorded.0.is_null() {
            // TensorFlow refused it; what ours cannot be asked for, it refuses too.
            assert!(case["error"].is_string(), "{case}");
            continue;
        }
        let ours = match case["op"].as_str().unwrap() {
            "histogram" => histogram(case),
            "scalar" => scalar(case, &recorded),
            "image" => image(case, &recorded),
            "text" => text(case, &recorded),
            "audio" => {
                audio(case, recorded);
                continue;
            }
            other => panic!("another call: {other}"),
        };
        let (summary, other) = match ours {
            Same(summary) => (summary, None),
            Other(summary, why) => (summary, Some(why)),
            NoCall(why) => {
                println!("ops: {}: {why}", case["name"]);
                continue;
            }
        };
        let described = (&*summary).with_metadata().description(recorded.text("description"));
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        writer.add(recorded.tag(), &described, recorded.step());
        writer.close().unwrap();
        let found = found::read(dir.path());
        let event = &found[""][0];
        if let Some(why) = found::differs(event, &recorded, other.is_none()) {
            panic!("{}: {why}", case["name"]);
        }
        if let Some(why) = other {
            println!("ops: {}: {why}", case["name"]);
            assert!(found::differs(event, &recorded, true).is_some(), "it is the same: {case}");
        }
    }
    cases.len()
}

fn histogram(case: &Value) -> Ours {
    let values = numbers(&case["input"]["data"]);
    let buckets = case["buckets"].as_i64().unwrap_or(30);
    let Ok(buckets) = usize::try_from(buckets) else {
        return NoCall("a number of buckets is not negative");
    };
    let made = Box::new(match case["input"]["dtype"].as_str() {
        Some("float32" | "float16") => {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            Histogram::uniform(&values, buckets)
        }
        _ => Histogram::uniform(&values, buckets),
    });
    let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (v.min(a), v.max(b)));
    let is_denormal = |value: &f64| value.abs() < f64::MIN_POSITIVE;
    if values.iter().any(|value| !value.is_finite()) {
        let finite = values.iter().filter(|value| value.is_finite()).count() as u64;
        assert_eq!(made.count(), finite);
        Other(made, "fix 7: values that are not finite are left out")
    } else if (max - min).is_infinite() && !values.is_empty() {
        Other(made, "the width overflows in TensorFlow, whose edges are then infinite")
    } else if !values.is_empty() && max != min && values.iter().all(is_denormal) {
        Other(made, "TensorFlow takes denormal numbers for zero")
    } else {
        Same(made)
    }
}

/// The number that is logged, from how Python shows it.
fn scalar(case: &Value, recorded: &Recorded) -> Ours {
    let input = case["input"].as_str().unwrap();
    let shown = input.split(" at step").next().unwrap();
    let (type_name, shown) = match shown.strip_prefix("np.").and_then(|rest| rest.split_once('(')) {
        Some((name, rest)) => (name, rest.trim_end_matches(')')),
        None => ("", shown),
    };
    if shown.ends_with('j') {
        return NoCall("there are no complex numbers");
    }
    let value = match shown {
        "True" => 1.0,
        "False" => 0.0,
        // Words about the call: the number is 1, whatever is said of it.
        _ => shown.parse().unwrap_or(1.0),
    };
    let value = match type_name {
        "float16" => half(value),
        _ => value,
    };
    if let Some(recorded) = number(&recorded.0["value"]) {
        assert!(recorded == f64::from(value as f32) || recorded.is_nan(), "{case}: {value}");
    }
    Same(Box::new(Scalar::new(value)))
}

/// The nearest number of half precision that is not denormal.
fn half(value: f64) -> f64 {
    let unit = 2f64.powi(value.abs().log2().floor() as i32 - 10);
    if value == 0.0 { value } else { (value / unit).round_ties_even() * unit }
}

fn text(case: &Value, recorded: &Recorded) -> Ours {
    fn cells(value: &Value) -> Vec<&str> {
        match value {
            Value::Array(rows) => rows.iter().flat_map(cells).collect(),
            value => vec![value.as_str().unwrap()],
        }
    }
    let Some(rows) = case["input"].as_array() else {
        let Some(shown) = recorded.0["strings"][0].as_str() else {
            return NoCall("text is UTF-8");
        };
        let input = case["input"].as_str().unwrap();
        if input.contains("not utf8") {
            return NoCall("text is UTF-8");
        }
        // A case with a description has more text than its input says.
        assert!(shown.starts_with(input), "{case}");
        return Same(Box::new(Text::new(shown.to_owned().leak())));
    };
    let given = cells(&case["input"]).into_iter().map(str::to_owned).collect::<Vec<_>>().leak();
    match rows.first().and_then(Value::as_array) {
        Some(row) => Same(Box::new(Text::table(row.len(), given).unwrap())),
        None => Same(Box::new(Text::list(given))),
    }
}

/// Compares the WAV files of clips. TensorFlow writes an empty label after each, ours does not.
fn audio(case: &Value, mut recorded: Recorded) {
    let input = &case["input"];
    let shape: Vec<usize> =
        numbers(&input["shape"]).into_iter().map(|size| size as usize).collect();
    let [count, frames, channels] = shape[..] else { panic!("{case}") };
    let max = case["max_outputs"].as_u64().unwrap_or(3) as usize;
    if count == 0 || max == 0 {
        println!("ops: {}: a batch has at least one clip", case["name"]);
        return;
    }
    let samples: Vec<f32> = match &input["data"] {
        Value::Null => vec![0.0; count * frames * channels],
        data => numbers(data).into_iter().map(|value| value as f32).collect(),
    };
    let rate = input["rate"].as_u64().unwrap() as u32;
    let clips: Vec<Audio> = samples
        .chunks(frames * channels)
        .take(max)
        .map(|samples| Audio::new(rate, channels, samples).unwrap())
        .collect();
    let files = recorded.0["strings_b64"].as_array().unwrap().iter().step_by(2);
    let decode = |file: &Value| {
        base64::engine::general_purpose::STANDARD.decode(file.as_str().unwrap()).unwrap()
    };
    let files: Vec<Vec<u8>> = files.map(decode).collect();
    recorded.0["shape"] = vec![files.len()].into();

    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let batch = Audio::batch(&clips).unwrap();
    writer.add(recorded.tag(), &batch, recorded.step());
    writer.close().unwrap();
    let found = found::read(dir.path());
    let event = &found[""][0];
    assert_eq!(found::differs(event, &recorded, false), None, "{}", case["name"]);
    let tensor = found::value(event).tensor().unwrap();
    let ours: Vec<Vec<u8>> = tensor.strings().iter().map(|file| file.to_vec()).collect();
    assert_eq!(ours, files, "{}", case["name"]);
}

fn image(case: &Value, recorded: &Recorded) -> Ours {
    let (name, input) = (case["name"].as_str().unwrap(), &case["input"]);
    let strings = recorded.0["strings"].as_array().unwrap();
    let shape = match &input["shape"] {
        Value::Null => {
            let size = |at: usize| strings[at].as_str().unwrap().parse().unwrap();
            vec![1, size(1), size(0), 1]
        }
        shape => numbers(shape).into_iter().map(|size| size as usize).collect(),
    };
    let [count, height, width, channels] = shape[..] else { panic!("{case}") };
    let max = case["max_outputs"].as_u64().unwrap_or(3) as usize;
    if max == 0 || count == 0 {
        return NoCall("a batch has at least one image");
    }
    let one = height * width * channels;
    let values = match &input["data"] {
        Value::Null => vec![0.0; one * count],
        data => numbers(data),
    };
    let layout = (ImageLayout::Hwc, [height, width, channels]);
    fn draw<T: PixelValue>(
        (layout, size): (ImageLayout, [usize; 3]),
        values: &[f64],
        convert: impl Fn(f64) -> T,
    ) -> Image {
        let values: Vec<T> = values.iter().map(|&value| convert(value)).collect();
        Image::from_array(layout, size, &values).unwrap()
    }
    // Signed integers are no pixels here: TensorFlow scales them to bytes first, and clamps.
    let scaled = |bits: u32| move |value: f64| (value as i64 >> (bits - 9)).clamp(0, 255) as u8;
    let types = ["f16", "f32", "f64", "u16", "i8", "i16", "i32", "i64"];
    let dtype = types.into_iter().find(|dtype| name.contains(dtype)).unwrap_or("u8");
    let images = values.chunks(one).take(max).map(|values| match dtype {
        "f64" => draw(layout, values, |value| value),
        "f32" => draw(layout, values, |value| value as f32),
        #[cfg(feature = "half")]
        "f16" => draw(layout, values, half::f16::from_f64),
        // These values have no more digits than half precision.
        #[cfg(not(feature = "half"))]
        "f16" => draw(layout, values, |value| value as f32),
        "u16" => draw(layout, values, |value| value as u16),
        "i8" => draw(layout, values, |value| value.max(0.0) as u8 * 2),
        "i16" => draw(layout, values, scaled(16)),
        "i32" => draw(layout, values, scaled(32)),
        "i64" => draw(layout, values, scaled(64)),
        _ => draw(layout, values, |value| value as u8),
    });
    let images: Vec<Image> = images.collect();
    Same(Box::new(Image::batch(&images).unwrap()))
}
