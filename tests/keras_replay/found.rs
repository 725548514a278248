//! The events that our reader finds, compared with the recorded ones.

use crate::dump::{Recorded, numbers};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use tfevents::read::{DataType, Event, Payload, Run, SessionEvent, Value};
use tfevents::summary::DataClass;

/// The events of each directory below a log directory that has any, without the first of a file
/// and the mark at the end of a run, which Keras does not write.
pub fn read(logdir: &Path) -> BTreeMap<String, Vec<Event>> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![logdir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            }
        }
        let events: Vec<Event> = Run::open(&dir)
            .unwrap()
            .events()
            .map(Result::unwrap)
            .filter(|event| !matches!(event.payload(), Payload::FileVersion(_)))
            .filter(|event| !is_end(event))
            .collect();
        if !events.is_empty() {
            let name = dir.strip_prefix(logdir).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, events);
        }
    }
    found
}

fn is_end(event: &Event) -> bool {
    match event.payload() {
        Payload::SessionLog(log) => log.status == Some(SessionEvent::Stop),
        _ => false,
    }
}

/// The value of a summary that has one.
pub fn value(event: &Event) -> &Value<'_> {
    let [value] = event.values() else { panic!("not one value: {event:?}") };
    value
}

/// Where the value and the metadata of two events differ; `same_values` is false where only tag,
/// step, type and shape can be compared.
pub fn differs(event: &Event, recorded: &Recorded, same_values: bool) -> Option<String> {
    if recorded.is_graph() {
        let same = matches!(event.payload(), Payload::Graph(_)) && event.step() == recorded.step();
        return (!same).then(|| format!("{event:?} is no graph"));
    }
    let value = value(event);
    let tensor = value.tensor()?;
    let data_type = match recorded.text("dtype") {
        "DT_FLOAT" => DataType::F32,
        "DT_DOUBLE" => DataType::F64,
        "DT_STRING" => DataType::String,
        other => panic!("another type: {other}"),
    };
    let hex: String = value.metadata().content.iter().map(|byte| format!("{byte:02x}")).collect();
    let shape: Vec<usize> = tensor.shape().iter().map(|&size| size as usize).collect();
    let class_is_set = matches!(
        value.metadata().data_class,
        Some(DataClass::Scalar | DataClass::Tensor | DataClass::BlobSequence)
    );
    for (what, same) in [
        ("step", event.step() == recorded.step()),
        ("tag", value.tag() == recorded.tag()),
        ("plugin", value.plugin() == recorded.plugin()),
        ("plugin's content", hex == recorded.text("plugin_content_hex")),
        ("display name", value.metadata().display_name == recorded.text("display_name")),
        ("description", value.metadata().description == recorded.text("description")),
        // Keras never sets it (fix 13). Nor do we for the model: TensorBoard's Python reader cannot
        // serve one of rank 0 that has it.
        ("data class", class_is_set != (value.plugin() == "graph_keras_model")),
        ("type", tensor.data_type() == data_type),
        ("shape", shape == recorded.shape()),
    ] {
        if !same {
            return Some(format!("another {what}: {event:?} beside {:?}", recorded.0));
        }
    }
    if !same_values {
        return None;
    }
    let same = match data_type {
        DataType::F32 => {
            let ours = tensor.values::<f32>().unwrap();
            let theirs: Vec<f32> =
                numbers(&recorded.0["value"]).iter().map(|&value| value as f32).collect();
            // Text records neither which NaN it was, nor the sign of 0.
            ours.len() == theirs.len()
                && ours.iter().zip(&theirs).all(|(a, b)| a == b || a.is_nan() && b.is_nan())
        }
        DataType::F64 => {
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            bits(tensor.values::<f64>().unwrap()) == bits(numbers(&recorded.0["values"]))
        }
        _ => {
            let theirs = recorded.0["strings"].as_array().unwrap();
            let ours = tensor.strings();
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| match theirs.as_str() {
                    Some(text) => text.as_bytes() == &ours[..],
                    None => pixels(ours) == numbers(&theirs["pixels"]),
                })
        }
    };
    (!same).then(|| format!("another value: {event:?} beside {:?}", recorded.0))
}

/// The channels of all pixels of a PNG.
fn pixels(file: &[u8]) -> Vec<f64> {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    pixels[..info.buffer_size()].iter().copied().map(f64::from).collect()
}
