//! Files that TensorFlow, torch and tensorboardX wrote, beside what TensorBoard's reader finds in
//! them.

use serde_json::Value;
use std::path::{Path, PathBuf};
use tfevents::read::EventReader;

/// The event file in a folder.
fn event_file(dir: &Path) -> PathBuf {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.to_str().unwrap().contains("events.out.tfevents"));
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

/// Reads a file record by record; says how many scalars it holds.
fn compare(folder: &str) -> usize {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/foreign").join(folder);
    let expected = std::fs::read_to_string(dir.join("expected.jsonl")).unwrap();
    let mut reader = EventReader::open(event_file(&dir)).unwrap();
    let mut scalars = 0;
    for line in expected.lines() {
        let expected: Value = serde_json::from_str(line).unwrap();
        assert_eq!(reader.offset(), expected["offset"].as_u64().unwrap());
        let event = reader.next().unwrap().unwrap();
        assert_eq!(event.step(), expected["step"].as_i64().unwrap(), "{line}");
        let wall_time: f64 = expected["wall_time"].as_str().unwrap().parse().unwrap();
        assert_eq!(event.wall_time(), wall_time, "{line}");
        let values = expected["values"].as_array().cloned().unwrap_or_default();
        assert_eq!(event.values().len(), values.len(), "{line}");
        for (value, expected) in event.values().iter().zip(&values) {
            assert_eq!(value.tag(), expected["tag"].as_str().unwrap(), "{line}");
            assert_eq!(
                value.plugin(),
                expected["metadata"]["plugin_name"].as_str().unwrap_or(""),
                "{line}"
            );
            assert_eq!(
                value.display_name(),
                expected["metadata"]["display_name"].as_str().unwrap_or("")
            );
            assert_eq!(
                value.description(),
                expected["metadata"]["description"].as_str().unwrap_or("")
            );
            if expected["kind"] == "simple_value" {
                let bits = u32::from_str_radix(expected["f32"].as_str().unwrap(), 16).unwrap();
                assert_eq!(value.scalar().map(f32::to_bits), Some(bits), "{line}");
                scalars += 1;
            }
        }
    }
    assert!(reader.next().is_none() && !reader.is_torn());
    scalars
}

#[test]
fn tensorflow() {
    assert_eq!(compare("tensorflow"), 0);
    assert!(compare("tensorflow/legacy") > 0);
}

#[test]
fn torch() {
    assert!(compare("torch") > 0);
    compare("torch/hparams");
}

#[test]
fn tensorboardx() {
    assert!(compare("tensorboardx") > 0);
    compare("tensorboardx/hparams");
}
