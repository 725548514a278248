//! The reader on arbitrary files.

use crate::record::frame;
use crate::side_by_side::same_on_several_threads;
use crate::wire::messages;
use prost::Message;
use std::cell::Cell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use tfevents::read::{
    DataType, Entry, Event, EventReader, Points, ReadErrorKind, Run, Tags, ValueData,
};
use tfevents::storage::InMemory;

/// Reads any bytes as a file, and as the data of records with right checksums: otherwise nearly all
/// inputs would fail at the checksums.
pub fn reader(bytes: &[u8]) {
    read(bytes);
    let framed = framed(bytes);
    read(&framed);
    pass(&framed);
    files(bytes);
    for data in parts(bytes) {
        is_what_prost_reads(data);
    }
}

/// Splits bytes into parts: the first byte of each is its length.
fn parts(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((&len, rest)) = bytes.split_first() {
        let (part, rest) = rest.split_at(rest.len().min(usize::from(len) * 8));
        parts.push(part);
        bytes = rest;
    }
    parts
}

/// Reads the parts as the records of three files.
fn files(bytes: &[u8]) {
    let storage = InMemory::new();
    let parts = parts(bytes);
    for (number, parts) in parts.chunks(parts.len().div_ceil(3).max(1)).enumerate() {
        let file: Vec<u8> = parts.iter().flat_map(|part| frame(part)).collect();
        storage.write(format!("run/tfevents.{number}"), file);
    }
    if !parts.is_empty() {
        same_on_several_threads(storage, Path::new("run"));
    }
}

/// Some events are decoded by hand: that gives the same as prost.
fn is_what_prost_reads(data: &[u8]) {
    let file = frame(data);
    let ours = EventReader::new(&file[..]).next().expect("a whole record").ok();
    let theirs = messages::Event::decode(data).ok();
    // The elements of a tensor are decoded on access.
    assert!(ours.is_some() || theirs.is_none());
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return };
    assert_eq!(ours.wall_time().to_bits(), theirs.wall_time.to_bits());
    assert_eq!(ours.step(), theirs.step);
    let Some(messages::event::What::Summary(summary)) = theirs.what else { return };
    assert_eq!(ours.values().len(), summary.value.len());
    for (ours, theirs) in ours.values().iter().zip(summary.value) {
        assert_eq!(ours.tag(), theirs.tag);
        let metadata = theirs.metadata.unwrap_or_default();
        assert_eq!(ours.metadata().display_name, metadata.display_name);
        assert_eq!(ours.metadata().description, metadata.summary_description);
        let plugin = metadata.plugin_data.unwrap_or_default();
        assert_eq!(
            (ours.plugin(), ours.metadata().content),
            (&*plugin.plugin_name, &*plugin.content)
        );
        match theirs.value {
            Some(messages::summary::value::Value::SimpleValue(value)) => {
                assert_eq!(ours.scalar().map(f32::to_bits), Some(value.to_bits()));
            }
            Some(messages::summary::value::Value::Tensor(tensor)) => {
                let ours = ours.tensor().expect("a tensor too");
                let shape = tensor.tensor_shape.unwrap_or_default();
                let sizes: Vec<i64> = shape.dim.iter().map(|dim| dim.size).collect();
                assert_eq!(ours.shape(), sizes);
                let is_float = ours.data_type() == DataType::F32;
                assert_eq!(is_float, tensor.dtype == messages::DataType::DtFloat as i32);
                assert_eq!(ours.bytes(), tensor.tensor_content);
            }
            _ => {}
        }
    }
}

/// Asserts that a pass over a file meets the scalars that its events have, and that what counts is
/// the same in one pass and in two.
fn pass(file: &[u8]) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("tfevents");
    std::fs::write(&path, file).expect("a file");
    let run = Run::open(&path).expect("the file exists");
    let by_event: Vec<_> = EventReader::new(file)
        .flatten()
        .flat_map(|event| {
            let (step, values) = (event.step(), event.values().to_vec());
            values.into_iter().filter_map(move |value| Some((step, value.scalar()?.to_bits())))
        })
        .collect();
    let mut met = Vec::new();
    let mut scan = run.scan();
    let mut visit = |_: &Tags, entry: Entry<'_>| {
        if let Entry::Scalar { point, .. } = entry {
            met.push((point.step, point.value.to_bits()));
        }
    };
    // Each error ends the file, or has passed a record.
    let mut is_whole = true;
    for _ in 0..=file.len() {
        if scan.for_each(&mut visit).is_ok() {
            break;
        }
        is_whole = false;
    }
    // A tensor of another plugin may have the form of a scalar too.
    assert!(met.len() <= by_event.len() && met.iter().all(|point| by_event.contains(point)));
    if !is_whole {
        return;
    }
    for points in [Points::Raw, Points::DataServer, Points::PythonReader] {
        let run = run.clone().with_points(points);
        let columns = run.all_scalars().expect("read before");
        let index = run.index().expect("read before");
        for (tag, points) in columns.iter() {
            let indexed = index.tag(tag).expect("a tag with points");
            // A tag of several kinds has more than its scalars.
            assert!(indexed.points >= points.len() as u64);
        }
    }
}

/// Returns each part as a record with right checksums.
fn framed(bytes: &[u8]) -> Vec<u8> {
    parts(bytes).into_iter().flat_map(frame).collect()
}

fn read(file: &[u8]) {
    let mut whole = EventReader::new(file);
    let all = drain(&mut whole, file.len());
    assert!(whole.offset() <= file.len() as u64);

    // A reader that meets the file while it grows finds the same.
    let cut = file.len() / 2 + file.len() % 7;
    let end = Rc::new(Cell::new(cut.min(file.len())));
    let mut growing = EventReader::new(Growing { file, at: 0, end: end.clone() });
    let mut found = drain(&mut growing, file.len());
    end.set(file.len());
    found.extend(drain(&mut growing, file.len()));
    assert_eq!(found, all);
    assert_eq!((growing.offset(), growing.is_truncated()), (whole.offset(), whole.is_truncated()));
}

/// A file of which no more than `end` bytes are there yet.
struct Growing<'a> {
    file: &'a [u8],
    at: usize,
    end: Rc<Cell<usize>>,
}

impl Read for Growing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = (&self.file[self.at..self.end.get()]).read(out)?;
        self.at += len;
        Ok(len)
    }
}

/// Returns all items of the reader. It ends: each item is a record that was passed, or the last.
fn drain<R: Read>(reader: &mut EventReader<R>, len: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut last = None;
    while let Some(event) = reader.next() {
        found.push(match event {
            Ok(event) => {
                look_at(&event);
                format!("{event:?}")
            }
            Err(error) => {
                assert!(!matches!(error.kind(), ReadErrorKind::Io(_)), "{error}");
                assert!(error.offset() <= len as u64);
                error.to_string()
            }
        });
        let offset = reader.offset();
        assert!(last < Some(offset) || reader.next().is_none(), "no progress at {offset}");
        last = Some(offset);
    }
    found
}

/// Calls all accessors of the values.
fn look_at(event: &Event) {
    for value in event.values() {
        let _ = (value.tag(), value.metadata(), value.kind(), value.scalar());
        let data = value.data();
        let Some(tensor) = value.tensor() else {
            assert!(!matches!(data, Ok(ValueData::Tensor(_))));
            continue;
        };
        let _ = (tensor.shape(), tensor.data_type(), tensor.bytes());
        if tensor.element_count().is_some_and(|count| count > 1 << 16) {
            continue;
        }
        let _ = tensor.strings();
        if let Some(values) = tensor.values::<f32>() {
            assert_eq!(Some(values.len()), tensor.to_f64().map(|values| values.len()));
        }
        let _ = (tensor.values::<i64>(), tensor.values::<bool>());
    }
}
