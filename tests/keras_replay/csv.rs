//! Rows, and the bytes that CSVLogger made of them.

use crate::dump::number;
use serde_json::Value;
use tfevents::callbacks::{CallbackList, CsvLogger, LogValue};

pub fn compare(cases: &[Value]) -> usize {
    for case in cases {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("history.csv");
        if let Some(text) = case["preexisting"].as_str() {
            std::fs::write(&file, text).unwrap();
        }
        let mut builder = CsvLogger::builder(&file);
        for (name, value) in case["args"].as_object().unwrap() {
            builder = match name.as_str() {
                "append" => builder.append(value.as_bool().unwrap()),
                "separator" => {
                    let mut separator = value.as_str().unwrap().chars();
                    builder.separator(separator.next().unwrap())
                }
                _ => panic!("another argument: {name}={value}"),
            };
        }
        assert!(case["error"].is_null(), "no rule for {case}");
        let mut callbacks = CallbackList::new().with_callback(builder.open().unwrap());
        callbacks.on_train_begin().unwrap();
        for (epoch, row) in case["rows"].as_array().unwrap().iter().enumerate() {
            let row = row.as_object().unwrap();
            let logs = row.iter().map(|(name, value)| (name.as_str(), log_value(value)));
            callbacks.on_epoch_end(epoch, logs).unwrap();
            // A row is in the file when its epoch is over.
            let written = std::fs::read_to_string(&file).unwrap();
            assert!(case["bytes"].as_str().unwrap().starts_with(&written), "{case}: {written:?}");
            assert!(written.ends_with("\r\n"), "{written:?}");
        }
        callbacks.on_train_end().unwrap();
        let written = std::fs::read_to_string(&file).unwrap();
        assert_eq!(written, case["bytes"].as_str().unwrap(), "{case}");
    }
    cases.len()
}

fn log_value(value: &Value) -> LogValue {
    match value {
        Value::Array(values) => {
            values.iter().map(|value| number(value).unwrap()).collect::<Vec<f64>>().into()
        }
        Value::Number(whole) if whole.is_i64() => whole.as_i64().unwrap().into(),
        value => match number(value) {
            Some(number) => number.into(),
            None => value.as_str().unwrap().into(),
        },
    }
}
