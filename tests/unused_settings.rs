//! Warnings of callbacks, such as those about settings without an effect: a test of its own,
//! because it needs the logger.

use std::sync::Mutex;
use tfevents::callbacks::{
    Callback, CallbackList, CsvLogger, EarlyStopping, Model, ModelCheckpoint, TensorBoard,
    TensorBoardBuilder, Visit,
};

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

/// Returns what is logged in two epochs with these callbacks and this model.
fn logged_in_training(callback: impl Callback, model: Option<&mut dyn Model>) -> Vec<String> {
    let mut callbacks = CallbackList::new().with_callback(callback);
    NOTES.0.lock().unwrap().clear();
    let mut none = ();
    let has_model = model.is_some();
    let model = model.unwrap_or(&mut none);
    callbacks.on_train_begin().unwrap();
    for epoch in 0..2 {
        let logs = [("val_loss", 0.5)];
        if has_model {
            callbacks.with_model(&mut *model).on_epoch_end(epoch, logs).unwrap();
        } else {
            callbacks.on_epoch_end(epoch, logs).unwrap();
        }
    }
    callbacks.on_train_end().unwrap();
    std::mem::take(&mut *NOTES.0.lock().unwrap())
}

struct Weights;

impl Model for Weights {
    fn weights(&self, visit: &mut Visit<'_>) {
        visit("net/words/embeddings", &[1, 2], &[0.5, 1.0]);
    }
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

    // Settings that need a model are logged once, in the first epoch without one.
    let dir = tempfile::tempdir().unwrap();
    // A directory each: a second session in one is logged too.
    let mut number = 0;
    let mut new_dir = || {
        number += 1;
        dir.path().join(number.to_string())
    };
    let mut board = || TensorBoard::builder(new_dir()).histogram_freq(1).write_images(true);
    let mut all = || board().write_gradients(true).write_activations(true).embeddings_freq(1);
    let model = "on_epoch_end got no model (use CallbackList::with_model)";
    let names = "histogram_freq, write_images, write_gradients, write_activations, embeddings_freq";
    let expected = [format!("no effect of {names}: {model} (logged once)")];
    assert_eq!(logged_in_training(all().build().unwrap(), None), expected);
    let expected = [
        "embeddings_freq has no effect, because the model has no embeddings".to_owned(),
        "no effect of histogram_freq, write_images: the model has no weights (implement \
         Model::weights) (logged once)"
            .to_owned(),
        "no effect of write_gradients: the model has no gradients (implement Model::gradients) \
         (logged once)"
            .to_owned(),
        "no effect of write_activations: the model has no activations (implement \
         Model::activations) (logged once)"
            .to_owned(),
    ];
    let mut found = logged_in_training(all().build().unwrap(), Some(&mut ()));
    found.sort_by_key(|text| expected.iter().position(|expected| expected == text));
    assert_eq!(found, expected);
    assert!(logged_in_training(board().build().unwrap(), Some(&mut Weights)).is_empty());
    let plain = TensorBoard::new(new_dir()).unwrap();
    assert!(logged_in_training(plain, None).is_empty());

    let stopping = || EarlyStopping::new("val_loss").restore_best_weights(true).patience(5);
    let expected = [format!("no effect of restore_best_weights: {model} (logged once)")];
    assert_eq!(logged_in_training(stopping(), None), expected);
    let expected = ["no effect of restore_best_weights: the model returns no snapshot (implement \
                     Model::snapshot) (logged once)"];
    assert_eq!(logged_in_training(stopping(), Some(&mut Weights)), expected);

    // An epoch without the metric of a checkpoint's name.
    let name = dir.path().join("{accuracy}.bin");
    let checkpoint = ModelCheckpoint::new(name, |_, _| panic!("saved")).unwrap();
    let expected = ["ModelCheckpoint skips epoch 0: the file name needs \"accuracy\", which the \
                     epoch did not log (logged once)"];
    assert_eq!(logged_in_training(checkpoint, None), expected);
    let checkpoint = ModelCheckpoint::new(dir.path().join("net"), |_, _| panic!("saved")).unwrap();
    let checkpoint = checkpoint.save_best_only(true).monitor("val_accuracy");
    let expected = ["ModelCheckpoint skips epoch 0: it monitors \"val_accuracy\", but the epoch \
                     logged [\"val_loss\"] (logged once)"];
    assert_eq!(logged_in_training(checkpoint, None), expected);

    // A column that a CSV file does not have.
    let path = dir.path().join("history.csv");
    std::fs::write(&path, "epoch,loss\r\n").unwrap();
    let logger = CsvLogger::builder(&path).append(true).open().unwrap();
    let expected = format!(
        "\"val_loss\" is left out of {}, which has no such column (logged once)",
        path.display()
    );
    assert_eq!(logged_in_training(logger, None), [expected]);

    // Embeddings that the Projector does not show.
    struct Narrow;
    impl Model for Narrow {
        fn weights(&self, visit: &mut Visit<'_>) {
            visit("net/one/embeddings", &[2, 1], &[0.5, 1.0]);
            visit("net/none/embeddings", &[0, 3], &[]);
            visit("net/words/embeddings", &[1, 2], &[0.5, 1.0]);
        }
    }
    let board = TensorBoard::builder(dir.path()).embeddings_freq(1).build().unwrap();
    let left_out = |name: &str, shape: &str| {
        format!(
            "the embedding \"net/{name}/embeddings\" is left out of the Projector: its shape is \
             {shape} (expected at least 1 row and 2 columns) (logged once)"
        )
    };
    let expected = [left_out("one", "[2, 1]"), left_out("none", "[0, 3]")];
    assert_eq!(logged_in_training(board, Some(&mut Narrow)), expected);
    let config = std::fs::read_to_string(dir.path().join("projector_config.pbtxt")).unwrap();
    let names: Vec<&str> = config.lines().filter(|line| line.contains("tensor_name")).collect();
    assert_eq!(names, ["  tensor_name: \"words\""]);
}
