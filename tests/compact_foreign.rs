//! Runs of torch, tensorboardX and TensorFlow, made into one file.

use std::path::Path;
use tfevents::read::{Payload, Run, SessionEvent, Value};

/// Returns the valid points of a run, by the rules in their simplest form; as text, so that NaN
/// equals NaN.
fn counts(dir: &Path) -> Vec<String> {
    let mut kept: Vec<(i64, Value)> = Vec::new();
    for event in Run::open(dir).unwrap().events() {
        let event = event.unwrap();
        match event.payload() {
            Payload::SessionLog(log) if log.status == Some(SessionEvent::Start) => {
                kept.retain(|(step, _)| *step < event.step());
            }
            Payload::Summary(values) => {
                for value in values {
                    kept.retain(|(step, old)| old.tag() != value.tag() || *step < event.step());
                    kept.push((event.step(), value.clone()));
                }
            }
            _ => {}
        }
    }
    kept.iter().map(|kept| format!("{kept:?}")).collect()
}

/// Events that are no summaries: none may be lost but what begins a file or a session.
fn others(dir: &Path) -> Vec<Payload> {
    let payloads = Run::open(dir).unwrap().events().map(|event| event.unwrap().into_payload());
    let is_other = |payload: &Payload| {
        !matches!(payload, Payload::Summary(_) | Payload::FileVersion(_))
            && !matches!(payload, Payload::SessionLog(log) if log.status == Some(SessionEvent::Start))
    };
    payloads.filter(is_other).collect()
}

#[test]
fn sessions_that_were_run_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/foreign");
    for name in ["torch", "torch/hparams", "tensorboardx", "tensorflow", "tensorflow/legacy"] {
        let dir = tempfile::tempdir().unwrap();
        for entry in root.join(name).read_dir().unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap();
            if file.contains("tfevents") {
                for copy in ["", ".again"] {
                    std::fs::copy(&path, dir.path().join(format!("{file}{copy}"))).unwrap();
                }
            }
        }
        let expected = counts(dir.path());
        let last = |others: Vec<Payload>| others.into_iter().next_back();
        let expected_other = last(others(dir.path()));
        let done = tfevents::compact(dir.path()).unwrap();
        assert_eq!((done.files, done.values), (2, expected.len() as u64), "{name}");
        assert!(done.dropped >= done.values, "{name}: {done:?}");
        assert!(counts(dir.path()) == expected, "{name}");
        assert_eq!(last(others(dir.path())), expected_other, "{name}");
    }
}
