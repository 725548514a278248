//! Old forms, damaged files, storages other than the local one.

use super::*;
use crate::storage::InMemory;
use crate::wire::event::{self, Stamp};
use crate::wire::messages::{self, event::What, session_log, summary};
use crate::wire::record;
use prost::Message;
use std::collections::HashMap;
use std::path::Path;

pub(super) fn file(events: &[messages::Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for event in events {
        let start = record::open(&mut bytes);
        event.encode(&mut bytes).unwrap();
        record::close(&mut bytes, start);
    }
    record::seal(&mut bytes);
    bytes
}

pub(super) fn summary_at(step: i64, value: summary::Value) -> messages::Event {
    let what = Some(What::Summary(messages::Summary { value: vec![value] }));
    messages::Event { wall_time: 1.5, step, what, ..Default::default() }
}

fn value(tag: &str, value: summary::value::Value) -> summary::Value {
    summary::Value { tag: tag.to_owned(), value: Some(value), ..Default::default() }
}

#[test]
fn a_log_directory_need_not_be_local() {
    let scalar = |step| summary_at(step, value("loss", summary::value::Value::SimpleValue(0.5)));
    let memory = InMemory::new();
    memory.write("logs/a/tfevents.1", file(&[scalar(0), scalar(1)]));
    memory.write("logs/a/tfevents.2", file(&[scalar(2)]));
    memory.write("logs/b/x/tfevents.1", file(&[scalar(5)]));
    memory.write("logs/b/notes.txt", Vec::new());
    let mut logdir = LogDir::open_on(memory.clone(), "logs").unwrap();
    let names: Vec<_> = logdir.runs().iter().map(Run::name).collect();
    assert_eq!(names, ["a", "b/x"]);
    assert_eq!(logdir.run("a").unwrap().scalars("loss").unwrap().steps(), [0, 1, 2]);
    assert_eq!(logdir.run("a").unwrap().status().unwrap().files, 2);
    memory.write("logs/a/tfevents.2", file(&[scalar(2), scalar(3)]));
    assert_eq!(logdir.refresh().unwrap().changed, ["a"]);
    assert_eq!(logdir.run("a").unwrap().index().unwrap().last_step(), Some(3));
}

/// The values of one record, by their data.
#[test]
fn what_is_good_counts_in_a_damaged_run() {
    let scalar = |step| summary_at(step, value("loss", summary::value::Value::SimpleValue(0.5)));
    // Steps 0, 1, [damaged], 3, then a restart at 1.
    let mut bytes = file(&[scalar(0), scalar(1), scalar(2)]);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    bytes.extend(file(&[scalar(3), scalar(1), scalar(2)]));
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("events.out.tfevents.1"), bytes).unwrap();
    let run = Run::open(dir.path()).unwrap();
    assert!(run.index().is_err() && run.scan_points().is_err());

    let mut errors = Vec::new();
    let index = run.index_lossy(|error| errors.push(error.to_string()));
    let loss = index.tag("loss").unwrap();
    assert_eq!((loss.points, loss.superseded, loss.last_step), (3, 2, 2));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("invalid checksum"), "{errors:?}");

    let mut steps = Vec::new();
    let mut scan = run.scan_points_lossy(|error| errors.push(error.to_string()));
    let mut visit = |_: &Tags, entry: Entry<'_>| match entry {
        Entry::Scalar { point, .. } => steps.push(point.step),
        other => panic!("{other:?}"),
    };
    let found = [scan.for_each(&mut visit), scan.for_each(&mut visit)];
    assert!(found[0].is_err() && found[1].is_ok());
    assert_eq!(steps, [0, 1, 2]);
    assert_eq!((errors.len(), &errors[0]), (2, &errors[1]));
}

fn data(value: summary::Value) -> Result<String, ValueError> {
    let bytes = file(&[summary_at(0, value)]);
    let event = EventReader::new(&bytes[..]).next().unwrap().unwrap();
    event.values()[0].data().map(|data| format!("{data:?}"))
}

#[test]
fn old_forms_are_read() {
    let image = summary::Image {
        height: 2,
        width: 3,
        colorspace: 4,
        encoded_image_string: b"png".to_vec(),
    };
    let found = data(value("tag", summary::value::Value::Image(image))).unwrap();
    assert_eq!(found, "Images(Images { width: 3, height: 2, encoded: [[112, 110, 103]] })");
    let audio = summary::Audio {
        sample_rate: 8000.0,
        num_channels: 2,
        length_frames: 99,
        encoded_audio_string: b"wav".to_vec(),
        content_type: "audio/wav".into(),
    };
    let found = data(value("tag", summary::value::Value::Audio(audio))).unwrap();
    assert!(found.contains("\"audio/wav\", encoded: [[119, 97, 118]]"), "{found}");
    // TensorFlow's first and last buckets reach to infinity, and the empty ones are not shown.
    let mut histogram = messages::HistogramProto {
        min: 1.0,
        max: 2.5,
        num: 3.0,
        sum: 4.0,
        sum_squares: 5.0,
        bucket_limit: vec![0.5, 1.5, 2.0, 3.0, f64::MAX],
        bucket: vec![0.0, 1.0, 0.0, 2.0, 0.0],
    };
    let bytes = histogram.encode_to_vec();
    let found = HistogramValue::decode_old(&bytes).unwrap();
    let buckets: Vec<_> = found.buckets.iter().map(|b| (b.lower, b.upper, b.count)).collect();
    assert_eq!(buckets, [(1.0, 1.5, 1.0), (1.5, 2.0, 0.0), (2.0, 2.5, 2.0)]);
    assert_eq!((found.count(), found.sums), (3.0, Some((4.0, 5.0))));
    histogram.bucket.pop();
    let error = data(value("tag", summary::value::Value::Histo(histogram))).unwrap_err();
    assert_eq!(error, ValueError::Buckets { edges: 5, counts: 4 });
}

#[test]
fn wrong_data_are_errors_with_their_place() {
    let with_plugin = |plugin: &str, tensor: messages::TensorProto| summary::Value {
        metadata: Some(messages::SummaryMetadata {
            plugin_data: Some(messages::summary_metadata::PluginData {
                plugin_name: plugin.into(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..value("tag", summary::value::Value::Tensor(tensor))
    };
    let text = messages::TensorProto {
        dtype: messages::DataType::DtString as i32,
        string_val: vec![b"\xff".to_vec()],
        ..Default::default()
    };
    for plugin in ["scalars", "histograms", "images", "audio", "pr_curves", "mesh", "hparams"] {
        let error = data(with_plugin(plugin, text.clone())).unwrap_err();
        assert!(matches!(error, ValueError::Tensor { .. } | ValueError::Decode { .. }), "{error}");
    }
    let error = data(with_plugin("text", text.clone())).unwrap_err();
    assert_eq!(error.to_string(), "invalid text: string 0 of the tensor (expected UTF-8)");

    let memory = InMemory::new();
    let first = summary_at(0, value("loss", summary::value::Value::SimpleValue(0.5)));
    let offset = file(std::slice::from_ref(&first)).len() as u64;
    let events = [first, summary_at(1, with_plugin("text", text))];
    memory.write("run/tfevents.1", file(&events));
    let logdir = LogDir::open_on(memory, "run").unwrap();
    let error = logdir.runs()[0].texts("tag").unwrap_err();
    assert_eq!((error.offset(), error.path()), (offset, Some(Path::new("run/tfevents.1"))));
    assert!(std::error::Error::source(&error).unwrap().is::<ValueError>());
}

#[test]
fn forged_shapes_are_not_filled() {
    let with_plugin = |plugin: &str, tensor: messages::TensorProto| summary::Value {
        metadata: Some(messages::SummaryMetadata {
            plugin_data: Some(messages::summary_metadata::PluginData {
                plugin_name: plugin.into(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..value("tag", summary::value::Value::Tensor(tensor))
    };
    let tensor = |sizes: [i64; 2], double_val: Vec<f64>| messages::TensorProto {
        dtype: messages::DataType::DtDouble as i32,
        tensor_shape: Some(messages::TensorShapeProto {
            dim: sizes
                .map(|size| messages::tensor_shape_proto::Dim { size, ..Default::default() })
                .into(),
            ..Default::default()
        }),
        double_val,
        ..Default::default()
    };
    for (plugin, forged, limit) in
        [("histograms", [5_592_405, 3], [21_845, 3]), ("pr_curves", [6, 2_796_202], [6, 10_922])]
    {
        let value = with_plugin(plugin, tensor(forged, vec![0.5]));
        let error = data(value.clone()).unwrap_err();
        assert!(
            error.to_string().ends_with("1 number (expected all for more than 65536)"),
            "{error}"
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tfevents.1");
        std::fs::write(&path, file(&[summary_at(0, value)])).unwrap();
        let run = Run::open(dir.path()).unwrap();
        let found = [run.histograms("tag").err(), run.pr_curves("tag").err()];
        let error = found.into_iter().flatten().next().unwrap();
        assert_eq!((error.offset(), error.path()), (0, Some(&*path)));
        let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
        assert!(matches!(source, Some(ValueError::Unfilled { listed: 1, .. })), "{source:?}");
        assert!(data(with_plugin(plugin, tensor(limit, vec![0.5]))).is_ok());
        // What the record really has is read.
        let listed = (limit[0] * limit[1] + limit[0].max(3) * 6) as usize;
        let sizes =
            if plugin == "histograms" { [listed as i64 / 3, 3] } else { [6, listed as i64 / 6] };
        let listed = (sizes[0] * sizes[1]) as usize;
        assert!(listed > 65_536);
        assert!(data(with_plugin(plugin, tensor(sizes, vec![0.5; listed]))).is_ok());
        assert!(data(with_plugin(plugin, tensor(sizes, vec![0.5; listed - 1]))).is_err());
    }
}

#[test]
fn strings_that_are_not_listed_are_no_images_graphs_or_layouts() {
    for plugin in ["images", "graph_keras_model", "custom_scalars"] {
        let tensor = messages::TensorProto {
            dtype: messages::DataType::DtString as i32,
            tensor_shape: Some(messages::TensorShapeProto {
                dim: vec![messages::tensor_shape_proto::Dim { size: 3, ..Default::default() }],
                ..Default::default()
            }),
            string_val: vec![b"5".to_vec()],
            ..Default::default()
        };
        let metadata = Some(messages::SummaryMetadata {
            plugin_data: Some(messages::summary_metadata::PluginData {
                plugin_name: plugin.into(),
                ..Default::default()
            }),
            ..Default::default()
        });
        let value = value("tag", summary::value::Value::Tensor(tensor));
        let error = data(summary::Value { metadata, ..value }).unwrap_err();
        assert!(matches!(error, ValueError::Tensor { .. }), "{plugin}: {error}");
    }
}

#[test]
fn values_without_metadata_have_that_of_their_tag() {
    let text = |text: &str| messages::TensorProto {
        dtype: messages::DataType::DtString as i32,
        string_val: vec![text.into()],
        ..Default::default()
    };
    let mut first = value("note", summary::value::Value::Tensor(text("a")));
    first.metadata = Some(messages::SummaryMetadata {
        plugin_data: Some(messages::summary_metadata::PluginData {
            plugin_name: "text".into(),
            ..Default::default()
        }),
        ..Default::default()
    });
    let second = value("note", summary::value::Value::Tensor(text("b")));
    let memory = InMemory::new();
    memory.write("run/tfevents", file(&[summary_at(0, first), summary_at(1, second)]));
    let logdir = LogDir::open_on(memory, "run").unwrap();
    let notes = logdir.runs()[0].texts("note").unwrap();
    assert_eq!(notes.iter().map(|note| note.value.text()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(logdir.runs()[0].events().all(|event| event.unwrap().values()[0].plugin() == "text"));
}

#[test]
fn other_payloads_are_read() {
    let read = |what| {
        let event = messages::Event { what: Some(what), ..Default::default() };
        EventReader::new(&file(&[event])[..]).next().unwrap().unwrap().into_payload()
    };
    let log = messages::SessionLog {
        status: session_log::SessionStatus::Checkpoint as i32,
        checkpoint_path: "a".into(),
        msg: "b".into(),
    };
    let Payload::SessionLog(log) = read(What::SessionLog(log)) else { panic!() };
    assert_eq!(log.status, Some(SessionEvent::Checkpoint));
    assert_eq!((&*log.checkpoint_path, &*log.message), ("a", "b"));
    let log = messages::LogMessage { level: 30, message: "c".into() };
    let Payload::Log(log) = read(What::LogMessage(log)) else { panic!() };
    assert_eq!((log.level, &*log.message), (LogLevel::Warning, "c"));
    let run = messages::TaggedRunMetadata { tag: "d".into(), run_metadata: b"e".to_vec() };
    let Payload::RunMetadata(run) = read(What::TaggedRunMetadata(run)) else { panic!() };
    assert_eq!((&*run.tag, &*run.content), ("d", &b"e"[..]));
    assert_eq!(read(What::GraphDef(vec![1])), Payload::Graph(vec![1]));
    assert_eq!(read(What::MetaGraphDef(vec![2])), Payload::MetaGraph(vec![2]));
}

/// The points in the order of the file up to the first damage, its offset, and whether the file ends
/// in the middle of a record.
type Verdict = (Vec<(String, i64, u32)>, Option<u64>, bool);

/// The verdict of a reader without a buffer, templates or decoding in place.
fn slowly(bytes: &[u8]) -> Verdict {
    let mut found = Vec::new();
    // By tag: the first metadata.
    let mut metadata = HashMap::new();
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + record::HEADER) {
        let length = u64::from_le_bytes(header[..8].try_into().unwrap());
        let crc = |data: &[u8]| crate::wire::crc::mask(crc32c::crc32c(data)).to_le_bytes();
        if crc(&header[..8]) != header[8..] || length > frame::MAX_LENGTH {
            return (found, Some(at as u64), false);
        }
        let start = at + record::HEADER;
        let Some(data) = bytes.get(start..start + length as usize) else { break };
        let end = start + length as usize;
        let Some(footer) = bytes.get(end..end + record::FOOTER) else { break };
        let event = messages::Event::decode(data);
        let Ok(event) = event.as_ref().map_err(drop) else {
            return (found, Some(at as u64), false);
        };
        if crc(data) != *footer {
            return (found, Some(at as u64), false);
        }
        if let Some(What::Summary(summary)) = &event.what {
            for value in &summary.value {
                if let Some(own) = value.metadata.clone().filter(|own| *own != Default::default()) {
                    metadata.entry(value.tag.clone()).or_insert(own);
                }
                let plugin = metadata.get(&value.tag).and_then(|found| found.plugin_data.as_ref());
                let plugin = plugin.map_or("", |data| &data.plugin_name);
                if let Some(number) = number(value, plugin) {
                    found.push((value.tag.clone(), event.step, number.to_bits()));
                }
            }
        }
        at = end + record::FOOTER;
    }
    (found, None, at < bytes.len())
}

/// Returns the number of a scalar of either form.
fn number(value: &summary::Value, plugin: &str) -> Option<f32> {
    let tensor = match value.value.as_ref()? {
        summary::value::Value::SimpleValue(number) => return Some(*number),
        summary::value::Value::Tensor(tensor) if ["", "scalars"].contains(&plugin) => tensor,
        _ => return None,
    };
    let has_rank_0 = tensor.tensor_shape.as_ref().is_none_or(|shape| shape.dim.is_empty());
    if tensor.dtype != messages::DataType::DtFloat as i32 || !has_rank_0 {
        return None;
    }
    match tensor.float_val[..] {
        [] => Some(f32::from_le_bytes(tensor.tensor_content[..].try_into().ok()?)),
        [number] => Some(number),
        _ => None,
    }
}

fn quickly(bytes: &[u8]) -> Verdict {
    let memory = InMemory::new();
    memory.write("tfevents", bytes.to_vec());
    let location =
        records::Location::new(std::sync::Arc::new(memory), Path::new("tfevents")).unwrap();
    let run = Run::new(".".to_owned(), location, Points::Raw);
    let mut found = Vec::new();
    let mut scan = run.scan();
    let result = scan.for_each(|tags, entry| {
        if let Entry::Scalar { tag, point } = entry {
            found.push((tags.name(tag).to_owned(), point.step, point.value.to_bits()));
        }
    });
    match result {
        Ok(()) => (found, None, !scan.truncated().is_empty()),
        Err(error) => (found, Some(error.offset()), false),
    }
}

/// Scalars of three tags, and graphs between them.
fn written() -> Vec<u8> {
    let mut original = Vec::new();
    event::put_file_version(&mut original, 1.5, "test");
    for step in 0..40i64 {
        let tag = ["loss", "accuracy", "rate/中"][step as usize % 3];
        let start = record::open(&mut original);
        let mut scalar = vec![0; 300];
        let stamp = Stamp { wall_time: 1.0 + step as f64, step: step * step - 3 };
        let form = event::ScalarForm::Simple;
        let len = event::write_scalar(&mut scalar, stamp, tag, step as f32, form, b"");
        original.extend(&scalar[..len]);
        record::close(&mut original, start);
        if step % 7 == 0 {
            let start = record::open(&mut original);
            event::put_event(&mut original, stamp, event::Payload::Graph, &[7; 90]);
            record::close(&mut original, start);
        }
    }
    record::seal(&mut original);
    original
}

/// The files of other writers in the repository, which the package on crates.io does not have.
fn foreign() -> Vec<Vec<u8>> {
    fn find(dir: &Path, found: &mut Vec<Vec<u8>>) {
        let mut paths: Vec<_> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                find(&path, found);
            } else if records::is_event_file(&path.file_name().unwrap().to_string_lossy()) {
                found.push(std::fs::read(path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    for dir in ["foreign", "keras"] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(dir);
        if dir.is_dir() {
            find(&dir, &mut found);
        }
    }
    found
}

/// `TFEVENTS_MUTATIONS=1000000` tries as many.
#[test]
fn damaged_files_have_the_same_good_records_as_to_a_simple_reader() {
    let count = std::env::var("TFEVENTS_MUTATIONS").map_or(3000, |n| n.parse().unwrap());
    let mut originals = foreign();
    originals.push(written());
    for original in &originals {
        let (points, error, is_truncated) = slowly(original);
        assert_eq!((error, is_truncated), (None, false));
        assert_eq!(quickly(original), (points, error, is_truncated));
    }
    assert_eq!(slowly(&written()).0.len(), 40);
    // Longer than the buffer of the reader.
    let long = originals.concat().repeat(2 * frame::CHUNK / originals.concat().len() + 1);
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for mutation in 0..count {
        let mut bytes = match random(200) {
            0 => long.clone(),
            number => originals[number % originals.len()].clone(),
        };
        for _ in 0..=random(3) {
            if bytes.is_empty() {
                break;
            }
            let at = random(bytes.len());
            match random(5) {
                0 => bytes[at] ^= 1 << random(8),
                1 => bytes.truncate(at),
                2 => drop(bytes.splice(at..at, [random(256) as u8])),
                3 => drop(bytes.splice(at..bytes.len().min(at + random(60)), [])),
                _ => {
                    let from = random(bytes.len());
                    let len = random(60).min(bytes.len() - at.max(from));
                    bytes.copy_within(from..from + len, at);
                }
            }
        }
        assert!(quickly(&bytes) == slowly(&bytes), "mutation {mutation}");
    }
}

proptest::proptest! {
    /// Changed in a few places, an event is decoded as prost decodes it.
    #[test]
    fn events_are_decoded_as_prost_does(
        step: i64,
        tag in "[a-z/]{0,20}",
        number: f32,
        changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), 0u8..), 0..4),
    ) {
        let event = summary_at(step, value(&tag, summary::value::Value::SimpleValue(number)));
        let mut data = event.encode_to_vec();
        for (at, byte) in changes {
            let at = at.index(data.len());
            data[at] = byte;
        }
        let ours = Event::decode(&data, &mut Vec::new());
        let theirs = messages::Event::decode(&data[..]);
        proptest::prop_assert!(ours.is_ok() || theirs.is_err());
        let (Ok(ours), Ok(theirs)) = (ours, theirs) else { return Ok(()) };
        proptest::prop_assert_eq!(ours.step(), theirs.step);
        proptest::prop_assert_eq!(ours.wall_time().to_bits(), theirs.wall_time.to_bits());
        let Some(What::Summary(summary)) = theirs.what else { return Ok(()) };
        proptest::prop_assert_eq!(ours.values().len(), summary.value.len());
        for (ours, theirs) in ours.values().iter().zip(summary.value) {
            proptest::prop_assert_eq!(ours.tag(), theirs.tag);
            if let Some(summary::value::Value::SimpleValue(value)) = theirs.value {
                proptest::prop_assert_eq!(ours.scalar().map(f32::to_bits), Some(value.to_bits()));
            }
        }
    }
}
