//! Embeddings on storage that fails, and next to files of other programs.

use super::*;
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::embedding::Embedding;

fn embedding() -> Embedding {
    Embedding::builder([2, 2], [0.5, 1.0, -1.0, 2.0]).labels(["a", "b"]).build().unwrap()
}

fn config(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("projector_config.pbtxt")).unwrap()
}

#[test]
fn any_operation_of_an_embedding_may_fail() {
    let mut faults = 0;
    for at in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let storage = Faulty::default();
        let builder = SummaryWriter::builder(dir.path());
        let writer = builder.storage(storage.clone()).build().unwrap();
        writer.add_embedding("first", &embedding(), 0);
        writer.flush().unwrap();
        storage.set(Fault::Fails, at);
        writer.add_embedding("second", &embedding(), 0);
        let result = writer.flush();
        if !storage.mend() {
            result.unwrap();
            break;
        }
        faults += 1;
        // Removing leftovers of a crash may fail without an error; the event itself is tried again.
        if let Err(error) = result {
            assert!(matches!(error, Error::Storage { .. }), "{error}");
        }
        // The config lists complete files only, and still the earlier embedding.
        let named = config(dir.path());
        assert!(named.contains("\"first:00000\""), "{named}");
        for path in named.split('"').filter(|part| part.ends_with(".tsv")) {
            assert!(!std::fs::read(dir.path().join(path)).unwrap().is_empty());
        }
        writer.add_embedding("second", &embedding(), 0);
        writer.close().unwrap();
        assert_eq!(config(dir.path()).matches("\"second:00000\"").count(), 1);
        assert_eq!(writer.stats().pending, 0);
    }
    assert!(faults > 10, "{faults}");
}

#[test]
fn a_config_that_cannot_be_read_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("projector_config.pbtxt");
    std::fs::write(&path, "embeddings {").unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_embedding("words", &embedding(), 0);
    let error = writer.close().unwrap_err();
    assert!(error.to_string().ends_with("projector_config.pbtxt"), "{error}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with("it is no text proto"), "{source}");
    assert_eq!(config(dir.path()), "embeddings {");
    assert_eq!(writer.stats().dropped, 1);
}

#[test]
fn an_embedding_larger_than_the_buffer_is_written_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path()).buffer_bytes(1 << 16).build().unwrap();
    let large = Embedding::new([10_000, 2], vec![0.25; 20_000]).unwrap();
    writer.add_embedding("large", &large, 0);
    assert!(dir.path().join("00000/large/tensors.tsv").exists());
    writer.close().unwrap();
    assert_eq!(writer.stats().dropped, 0);
}
