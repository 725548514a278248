//! A file that Keras 3.15.1 on TensorFlow 2.21 wrote, beside what TensorFlow reads in it.

use serde_json::Value;
use tfevents::read::{Payload, Run};

#[test]
fn a_file_of_keras_is_read() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keras");
    let events: Vec<_> = Run::open(dir).unwrap().events().map(Result::unwrap).collect();
    let expected: Vec<Value> = include_str!("data/keras/expected.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), expected.len());
    let mut scalars = 0;
    for (event, expected) in events.iter().zip(&expected) {
        assert_eq!(event.step(), expected["step"].as_i64().unwrap());
        assert!((event.wall_time() - expected["wall_time"].as_f64().unwrap()).abs() < 1e-5);
        if let Some(version) = expected["file_version"].as_str() {
            assert_eq!(event.payload(), &Payload::FileVersion(version.to_owned()));
            continue;
        }
        let [value] = event.values() else { panic!("{event:?}") };
        assert_eq!(value.tag(), expected["tag"].as_str().unwrap());
        assert_eq!(value.plugin(), expected["plugin_name"].as_str().unwrap());
        if let Some(number) = expected["value"].as_f64() {
            assert_eq!(value.scalar(), Some(number as f32), "{}", value.tag());
            scalars += 1;
        }
    }
    assert!(scalars > 0);
}
