//! Settings that do nothing by themselves are told: a test of its own, for it needs the logger.

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

/// The first words of what is told when it is built.
fn told(set: impl FnOnce(TensorBoardBuilder) -> TensorBoardBuilder) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    set(TensorBoard::builder(dir.path())).build().unwrap();
    let told = std::mem::take(&mut *NOTES.0.lock().unwrap());
    told.iter().map(|text| text.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn settings_that_do_nothing_by_themselves_are_told() {
    log::set_logger(&NOTES).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    assert_eq!(told(|board| board.write_images(true)), ["write_images"]);
    assert_eq!(told(|board| board.embeddings_metadata("labels.tsv")), ["embeddings_metadata"]);
    assert!(told(|board| board).is_empty());
    let all = |board: TensorBoardBuilder| {
        let board = board.write_images(true).histogram_freq(1);
        board.embeddings_metadata_of([("a", "labels.tsv")]).embeddings_freq(1)
    };
    assert!(told(all).is_empty());
}
