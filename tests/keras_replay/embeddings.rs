//! The embeddings of a recorded model.

use crate::dump::Dump;
use crate::settings::{Metadata, Settings};
use crate::weights::{Weight, is_embedding};
use std::path::Path;

const CONFIG: &str = "projector_config.pbtxt";

/// As many tables as were recorded; a recording does not hold their vectors.
pub fn of(dump: &Dump, settings: &Settings) -> Vec<Weight> {
    if settings.embeddings_freq == 0 {
        return Vec::new();
    }
    let mut layers = match &settings.embeddings_metadata {
        Metadata::ByLayer(paths) => paths.iter().map(|(layer, _)| layer.clone()).collect(),
        _ => Vec::new(),
    };
    let recorded = config(dump).map_or(0, |config| fields(config, "tensor_name").len());
    while layers.len() < recorded {
        layers.push(format!("embedding_{}", layers.len()));
    }
    let table = |layer: String| Weight {
        name: format!("net/{layer}/embeddings"),
        shape: vec![2, 2],
        values: Some(vec![0.5, 1.0, 1.5, 2.0]),
        drawn: false,
    };
    layers.into_iter().map(table).collect()
}

fn config(dump: &Dump) -> Option<&str> {
    dump.files.iter().find(|file| file["file"] == CONFIG)?["text"].as_str()
}

/// The values of a field, sorted.
fn fields(config: &str, field: &str) -> Vec<String> {
    let lines = config.lines().filter_map(|line| line.trim().strip_prefix(field));
    let value = |line: &str| line.trim_start_matches(':').trim().trim_matches('"').to_owned();
    let mut values: Vec<String> = lines.map(value).collect();
    values.sort();
    values
}

/// Fix 9: the projector can load what is written. Keras names a tensor in a checkpoint, which the
/// projector cannot read; ours writes the vectors as text. The rest is where Keras has it.
pub fn compare(name: &str, dump: &Dump, logdir: &Path, weights: &[Weight]) {
    let ours = std::fs::read_to_string(logdir.join(CONFIG));
    let Some(theirs) = config(dump) else {
        assert!(ours.is_err(), "{name}: {ours:?}");
        return;
    };
    let epochs = epochs_of(dump);
    if epochs.is_empty() {
        // Keras names the tensors before any is there.
        return;
    }
    let ours = ours.unwrap_or_else(|error| panic!("{name}: {CONFIG}: {error}"));
    assert_eq!(fields(&ours, "metadata_path"), fields(theirs, "metadata_path"), "{name}");
    let tables = fields(&ours, "tensor_path");
    assert_eq!(tables.len(), fields(theirs, "tensor_name").len(), "{name}");
    let mut shapes: Vec<_> = tables
        .iter()
        .map(|table| {
            let vectors = std::fs::read_to_string(logdir.join(table)).unwrap();
            let columns = vectors.lines().next().unwrap().split('\t').count();
            vec![vectors.lines().count(), columns]
        })
        .collect();
    let tables = weights.iter().filter(|weight| is_embedding(&weight.name));
    let mut expected: Vec<_> = tables.map(|weight| weight.shape.clone()).collect();
    shapes.sort();
    expected.sort();
    assert_eq!(shapes, expected, "{name}");
    let written = std::fs::read_dir(logdir.join("train")).unwrap();
    let written = written.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let written = written.filter(|file| file.ends_with(".tsv"));
    assert_eq!(sorted(written.map(|file| epoch(&file))), epochs, "{name}");
}

/// Those that Keras wrote a file for: `train/keras_embedding.ckpt-EPOCH.…`.
fn epochs_of(dump: &Dump) -> Vec<String> {
    let files = dump.files.iter().filter_map(|file| file["file"].as_str());
    sorted(files.filter(|file| file.contains("keras_embedding.ckpt-")).map(epoch))
}

fn epoch(file: &str) -> String {
    file.split_once("ckpt-").unwrap().1.split('.').next().unwrap().to_owned()
}

fn sorted(epochs: impl Iterator<Item = String>) -> Vec<String> {
    let mut epochs: Vec<String> = epochs.collect();
    epochs.sort();
    epochs.dedup();
    epochs
}
