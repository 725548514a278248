//! Warnings about settings without an effect: a test of its own, because it needs the logger.

use std::sync::Mutex;
use tfevents::callbacks::{TensorBoard, TensorBoardBuilder};

struct Notes(Mutex<Vec<String>>);

static NOTES: Notes = Notes(Mutex::new(Vec::new()));

impl log::Log for Notes {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

/// Returns the first words of what is logged when the callback is built.
fn logged(set: impl FnOnce(TensorBoardBuilder) -> TensorBoardBuilder) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    set(TensorBoard::builder(dir.path())).build().unwrap();
    let logged = std::mem::take(&mut *NOTES.0.lock().unwrap());
    logged.iter().map(|text| text.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn settings_without_an_effect_are_logged() {
    log::set_logger(&NOTES).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    assert_eq!(logged(|board| board.write_images(true)), ["write_images"]);
    assert_eq!(logged(|board| board.embeddings_metadata("labels.tsv")), ["embeddings_metadata"]);
    assert!(logged(|board| board).is_empty());
    let all = |board: TensorBoardBuilder| {
        let board = board.write_images(true).histogram_freq(1);
        board.embeddings_metadata_of([("a", "labels.tsv")]).embeddings_freq(1)
    };
    assert!(logged(all).is_empty());
}
