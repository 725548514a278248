//! Callbacks by their public face: what ours does otherwise than Keras, errors, and loops that end
//! badly. What it does alike is compared in `keras_replay`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tfevents::callbacks::{
    BoxError, Callback, CallbackList, CallbackResult, Context, CsvLogger, Driver, DriverError,
    EarlyStopping, History, KernelLayout, LambdaCallback, Model, OnError, Snapshot, TensorBoard,
    TensorBoardBuilder, TerminateOnNan, UpdateFreq, Visit, WeightImages,
};
use tfevents::read::{Event, Payload, Point, RunReader};
use tfevents::{Graph, SummaryWriter};

/// A model of two weights, a gradient and an activation.
struct Net {
    kernel: Vec<f32>,
    shape: Vec<usize>,
}

impl Net {
    fn new() -> Self {
        Self { kernel: vec![3.0, -4.0], shape: vec![2, 1] }
    }
}

impl Model for Net {
    fn weights(&self, visit: &mut Visit<'_>) {
        visit("net/dense/kernel", &self.shape, &self.kernel);
        visit("net/dense/bias", &[1], &[0.0]);
    }
    fn gradients(&self, visit: &mut Visit<'_>) {
        visit("net/dense/kernel", &[2, 1], &[0.0, 2.0]);
    }
    fn activations(&mut self, visit: &mut Visit<'_>) {
        visit("net/dense", &[1, 1], &[0.5]);
    }
    fn graph(&self) -> Option<Graph> {
        let mut graph = Graph::builder();
        graph.node("input", "Placeholder");
        graph.build().ok()
    }
    fn snapshot(&self) -> Option<Snapshot> {
        Some(Snapshot::new(self.kernel.clone()))
    }
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        self.kernel.clone_from(snapshot.get().ok_or("another model")?);
        Ok(())
    }
}

fn board(dir: &Path, set: impl FnOnce(TensorBoardBuilder) -> TensorBoardBuilder) -> CallbackList {
    CallbackList::new().with(set(TensorBoard::builder(dir)).build().unwrap())
}

/// Trains for so many epochs of three batches, with a validation.
fn fit(callbacks: &mut CallbackList, epochs: usize, model: &mut dyn Model) {
    callbacks.with_model(model).on_train_begin().unwrap();
    for epoch in 0..epochs {
        callbacks.with_model(model).on_epoch_begin(epoch).unwrap();
        for batch in 0..3 {
            callbacks.with_model(model).on_train_batch_begin(batch).unwrap();
            callbacks.with_model(model).on_train_batch_end(batch, [("loss", 0.5)]).unwrap();
        }
        callbacks.with_model(model).on_test_begin().unwrap();
        callbacks.with_model(model).on_test_end([("loss", 0.75)]).unwrap();
        let logs = [("loss", 0.5), ("val_loss", 0.75)];
        callbacks.with_model(model).on_epoch_end(epoch, logs).unwrap();
    }
    callbacks.with_model(model).on_train_end().unwrap();
}

fn scalars(dir: &Path) -> BTreeMap<String, Vec<Point>> {
    RunReader::open(dir).unwrap().scalars().unwrap()
}

fn steps(dir: &Path, tag: &str) -> Vec<i64> {
    scalars(dir).get(tag).into_iter().flatten().map(|point| point.step).collect()
}

fn events(dir: &Path) -> Vec<Event> {
    RunReader::open(dir).unwrap().map(Result::unwrap).collect()
}

fn event_files(dir: &Path) -> usize {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains("tfevents")).count()
}

/// Fix 1: with every third batch, all epochs are there.
#[test]
fn update_freq_is_about_batches_only() {
    let dir = tempfile::tempdir().unwrap();
    let every = UpdateFreq::batches(2).unwrap();
    let mut callbacks = board(dir.path(), |board| board.update_freq(every).histogram_freq(1));
    fit(&mut callbacks, 3, &mut Net::new());
    let train = dir.path().join("train");
    assert_eq!(steps(&train, "batch_loss"), [2, 4, 6, 8]);
    assert_eq!(steps(&train, "epoch_loss"), [0, 1, 2]);
    assert_eq!(steps(&dir.path().join("validation"), "epoch_loss"), [0, 1, 2]);
    let histograms = events(&train).into_iter().filter(|event| {
        event.values().iter().any(|value| value.tag() == "net/dense/kernel/histogram")
    });
    assert_eq!(histograms.count(), 3);
}

/// Fixes 2 and 3: a graph is written, and only once, however often the callback begins.
#[test]
fn the_graph_is_written_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board);
    let mut net = Net::new();
    for _ in 0..2 {
        callbacks.with_model(&mut net).on_test_begin().unwrap();
        callbacks.with_model(&mut net).on_test_end([("loss", 0.5)]).unwrap();
        callbacks.with_model(&mut net).on_predict_begin().unwrap();
        callbacks.with_model(&mut net).on_predict_end().unwrap();
        fit(&mut callbacks, 1, &mut net);
    }
    let graphs = events(&dir.path().join("train"));
    let graphs = graphs.iter().filter(|event| matches!(event.payload(), Payload::Graph(_)));
    assert_eq!(graphs.count(), 1);
}

/// Fix 4: a second training can go on counting, batches and epochs.
#[test]
fn a_second_training_can_go_on_counting() {
    for (go_on, batches, epochs) in [
        (false, vec![1, 2, 3, 4, 5, 6, 1, 2, 3], vec![0, 1, 0]),
        (true, (1..=9).collect(), vec![0, 1, 2]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut callbacks = board(dir.path(), |board| {
            board.update_freq(UpdateFreq::Batch).continue_counting(go_on)
        });
        fit(&mut callbacks, 2, &mut ());
        fit(&mut callbacks, 1, &mut ());
        let train = dir.path().join("train");
        assert_eq!(steps(&train, "batch_loss"), batches);
        assert_eq!(steps(&train, "epoch_loss"), epochs);
        // Keras begins new files; one run is one file here.
        assert_eq!(event_files(&train), 1);
        let tests = steps(&dir.path().join("validation"), "evaluation_loss_vs_iterations");
        assert_eq!(tests, [3, 6, 9]);
    }
}

/// Counts what ends, and how.
#[derive(Default)]
struct Ends(Arc<Mutex<Vec<bool>>>);

impl Callback for Ends {
    fn on_train_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        self.0.lock().unwrap().push(context.is_interrupted());
        Ok(())
    }
}

/// Fix 5: an error or a panic in the loop ends every callback, and nothing that was logged is lost.
#[test]
fn a_loop_that_ends_badly_loses_nothing() {
    fn plain(logdir: &Path, ends: Ends, panics: bool) -> Result<(), BoxError> {
        let board = TensorBoard::builder(logdir).update_freq(UpdateFreq::Batch).build()?;
        let mut callbacks = CallbackList::new().with(board).with(ends);
        callbacks.on_train_begin()?;
        for batch in 0..10 {
            callbacks.on_train_batch_begin(batch)?;
            callbacks.on_train_batch_end(batch, [("loss", 0.5)])?;
            assert!(!panics || batch < 4, "on purpose");
            if batch == 4 {
                return Err("the data is broken".into());
            }
        }
        Ok(())
    }
    fn driven(logdir: &Path, ends: Ends, panics: bool) -> Result<(), BoxError> {
        let board = TensorBoard::builder(logdir).update_freq(UpdateFreq::Batch).build()?;
        let mut callbacks = CallbackList::new().with(board).with(ends);
        let driver = Driver::new(()).train(
            |_| 0..10,
            |(), batch, step| {
                step.log("loss", 0.5);
                assert!(!panics || batch < 5, "on purpose");
                if batch == 5 { Err("the data is broken".into()) } else { Ok(()) }
            },
        );
        let result = driver.run(&mut callbacks);
        assert!(matches!(result, Err(DriverError::Loop(_))));
        result.map(drop).map_err(Into::into)
    }
    type Loop = fn(&Path, Ends, bool) -> Result<(), BoxError>;
    for run in [plain as Loop, driven] {
        for panics in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let ends = Arc::default();
            let given = Ends(Arc::clone(&ends));
            match catch_unwind(AssertUnwindSafe(|| run(dir.path(), given, panics))) {
                Ok(result) => assert_eq!(result.unwrap_err().to_string(), "the data is broken"),
                Err(_) => assert!(panics),
            }
            assert_eq!(*ends.lock().unwrap(), [true]);
            assert_eq!(steps(&dir.path().join("train"), "batch_loss"), [1, 2, 3, 4, 5]);
        }
    }
}

/// Fix 6: what cannot work is refused when built. Keras fails in mid-run.
#[test]
fn wrong_settings_are_refused_when_built() {
    let dir = tempfile::tempdir().unwrap();
    assert!(UpdateFreq::batches(0).is_err());
    for setting in [TensorBoardBuilder::write_gradients, TensorBoardBuilder::write_activations] {
        let error = setting(TensorBoard::builder(dir.path()), true).build().unwrap_err();
        assert!(error.to_string().contains("histogram_freq is 0"), "{error}");
    }
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = TensorBoard::builder(&file).build().unwrap_err().to_string();
    assert!(error.contains("cannot log into"), "{error}");
}

/// What only the model can tell is refused by the first hook that gets it, by name.
#[test]
fn labels_of_an_unknown_layer_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| {
        board.embeddings_freq(1).embeddings_metadata_of([("words", "words.tsv")])
    });
    let error = callbacks.with_model(&mut Net::new()).on_train_begin().unwrap_err();
    assert_eq!(error.callback(), "TensorBoard");
    assert!(error.to_string().contains("words"), "{error}");
}

/// Fix 7: values that are not finite are left out and counted; Keras wipes the histogram.
#[test]
fn non_finite_weights_do_not_wipe_a_histogram() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board.histogram_freq(1).write_non_finite(true));
    let mut net = Net { kernel: vec![1.0, f32::NAN, 2.0, f32::INFINITY], shape: vec![4, 1] };
    fit(&mut callbacks, 1, &mut net);
    let train = dir.path().join("train");
    let found = events(&train);
    let mut histogram = found.iter().flat_map(Event::values);
    let histogram = histogram.rfind(|value| value.tag() == "net/dense/kernel/histogram");
    let rows = histogram.unwrap().tensor().unwrap().values::<f64>().unwrap();
    assert_eq!((rows[0], rows[88]), (1.0, 2.0));
    assert_eq!(rows.chunks(3).map(|row| row[2]).sum::<f64>(), 2.0);
    assert_eq!(scalars(&train)["net/dense/non_finite"][0].value, 2.0);
}

/// The pixels of the only image.
fn image(dir: &Path) -> (u32, u32, Vec<u8>) {
    let found = events(&dir.join("train"));
    let value = found
        .iter()
        .flat_map(Event::values)
        .find(|value| value.tag() == "net/dense/kernel/image")
        .unwrap();
    let file = value.tensor().unwrap().strings()[2].to_vec();
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    pixels.truncate(info.buffer_size());
    (info.width, info.height, pixels)
}

/// Fix 8: images of weights can show their signs, and all filters of a convolution.
#[test]
fn images_of_weights_can_show_signs_and_filters() {
    let write = |how, layout, net: &mut Net| {
        let dir = tempfile::tempdir().unwrap();
        let mut callbacks = board(dir.path(), |board| {
            board.histogram_freq(1).write_images(true).weight_images(how).kernel_layout(layout)
        });
        fit(&mut callbacks, 1, net);
        image(dir.path())
    };
    let mut net = Net { kernel: vec![0.0, 2.0, -1.0], shape: vec![3] };
    let keras = write(WeightImages::Keras, KernelLayout::Hwio, &mut net);
    assert_eq!(keras, (1, 3, vec![0, 255, 0]));
    let signed = write(WeightImages::Signed, KernelLayout::Hwio, &mut net);
    assert_eq!(signed, (1, 3, vec![255, 255, 255, 255, 0, 0, 127, 127, 255]));

    // Two filters of 1 by 2 pixels over two channels: channel by row, filter by column.
    let mut net = Net { kernel: (1..=8).map(|i| i as f32).collect(), shape: vec![1, 2, 2, 2] };
    let hwio = write(WeightImages::Signed, KernelLayout::Hwio, &mut net);
    let ink = |pixels: &[u8]| pixels.chunks(3).map(|pixel| pixel[1]).collect::<Vec<u8>>();
    let of = |value: f32| ((1.0 - value / 8.0) * 255.0) as u8;
    assert_eq!((hwio.0, hwio.1), (5, 3));
    let rows = [[1, 5, 0, 2, 6], [0; 5], [3, 7, 0, 4, 8]].concat();
    let expected: Vec<u8> = rows.iter().map(|&v| if v == 0 { 128 } else { of(v as f32) }).collect();
    assert_eq!(ink(&hwio.2), expected);
    // The same kernel as PyTorch lays it out.
    let oihw = [1.0, 5.0, 3.0, 7.0, 2.0, 6.0, 4.0, 8.0];
    let mut net = Net { kernel: oihw.to_vec(), shape: vec![2, 2, 1, 2] };
    assert_eq!(write(WeightImages::Signed, KernelLayout::Oihw, &mut net), hwio);
}

/// Fix 9: vectors as text, which the projector reads, named by a file it finds.
#[test]
fn embeddings_are_written_for_the_projector() {
    struct Words;
    impl Model for Words {
        fn weights(&self, visit: &mut Visit<'_>) {
            visit("net/words/embeddings", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, -0.5]);
            visit("net/dense/kernel", &[1, 1], &[1.0]);
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks =
        board(dir.path(), |board| board.embeddings_freq(2).embeddings_metadata("words.tsv"));
    fit(&mut callbacks, 4, &mut Words);
    let path = "train/keras_embedding.ckpt-2.words.tsv";
    let expected = format!(
        "embeddings {{\n  tensor_name: \"words\"\n  tensor_shape: 2\n  tensor_shape: 3\n  \
        tensor_path: \"{path}\"\n  metadata_path: \"words.tsv\"\n}}\n"
    );
    let config = std::fs::read_to_string(dir.path().join("projector_config.pbtxt")).unwrap();
    assert_eq!(config, expected);
    let vectors = std::fs::read_to_string(dir.path().join(path)).unwrap();
    assert_eq!(vectors, "1\t2\t3\n4\t5\t-0.5\n");
    assert!(!dir.path().join("train/keras_embedding.ckpt-3.words.tsv").exists());
}

/// Fix 12: what an epoch reported is in the file when its hook returns, what a batch reported at
/// most one flush interval later.
#[test]
fn an_epochs_end_is_in_the_file_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let slow = SummaryWriter::builder(dir.path())
        .flush_interval(std::time::Duration::from_secs(3600))
        .build()
        .unwrap();
    let board = TensorBoard::builder(&slow).update_freq(UpdateFreq::Batch).build().unwrap();
    let mut callbacks = CallbackList::new().with(board);
    callbacks.on_train_batch_begin(0).unwrap();
    callbacks.on_train_batch_end(0, [("loss", 0.5)]).unwrap();
    assert_eq!(slow.stats().written, 0);
    callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap();
    let train = dir.path().join("train");
    assert_eq!((steps(&train, "batch_loss"), steps(&train, "epoch_loss")), (vec![1], vec![0]));
}

/// Fix 14: the callback and the user's calls share one writer, and one file per run.
#[test]
fn the_user_and_the_callback_share_a_writer() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let board = TensorBoard::builder(&writer).build().unwrap();
    let train = writer.run("train").unwrap();
    let mut callbacks = CallbackList::new().with(board);
    train.add_scalar("mine", 1.0, 0);
    fit(&mut callbacks, 1, &mut ());
    train.add_scalar("mine", 2.0, 1);
    writer.close().unwrap();
    assert_eq!(event_files(&dir.path().join("train")), 1);
    let found = scalars(&dir.path().join("train"));
    assert_eq!((found["mine"].len(), found["epoch_loss"].len()), (2, 1));
}

/// Beyond Keras, where it is asked for.
#[test]
fn gradients_activations_and_norms_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| {
        board.histogram_freq(2).write_gradients(true).write_activations(true).write_norms(true)
    });
    fit(&mut callbacks, 3, &mut Net::new());
    let train = dir.path().join("train");
    let series = scalars(&train);
    assert_eq!(
        series["net/dense/kernel/norm"].iter().map(|p| p.value).collect::<Vec<_>>(),
        [5.0; 3]
    );
    assert_eq!(series["net/dense/kernel/gradient/norm"][2].value, 2.0);
    let found = events(&train);
    for tag in ["net/dense/kernel/gradient/histogram", "net/dense/activation/histogram"] {
        let steps = found.iter().filter(|event| event.values().iter().any(|v| v.tag() == tag));
        assert_eq!(steps.map(Event::step).collect::<Vec<_>>(), [0, 2], "{tag}");
    }
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board.histogram_freq(1));
    fit(&mut callbacks, 1, &mut Net::new());
    let found = events(&dir.path().join("train"));
    let tags = found.iter().flat_map(Event::values).map(|value| value.tag());
    assert!(tags.filter(|tag| tag.contains("gradient") || tag.contains("norm")).count() == 0);
}

#[test]
fn a_callback_that_fails_is_named_and_the_user_chooses() {
    let failing = || LambdaCallback::new("mine").on_epoch_end(|_| Err("no room".into()));
    let mut callbacks = CallbackList::new().with(failing()).with(History::new());
    let error = callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap_err();
    assert_eq!(error.to_string(), "callback mine failed in on_epoch_end: no room");
    // The others are called all the same.
    assert_eq!(callbacks.get::<History>().unwrap().epochs(), [0]);

    let mut callbacks = CallbackList::new().on_error(OnError::Continue).with(failing());
    for epoch in 0..3 {
        callbacks.on_epoch_end(epoch, [("loss", 0.5)]).unwrap();
    }
    assert_eq!(callbacks.errors().len(), 3);
    assert_eq!(callbacks.errors()[0].callback(), "mine");

    let mut callbacks = CallbackList::new().with(failing()).with(Ends::default());
    let driver = Driver::new(()).epochs(3).train(|_| 0..2, |(), _, _| Ok(()));
    let error = driver.run(&mut callbacks).unwrap_err();
    assert!(matches!(&error, DriverError::Callback(_)), "{error}");
    assert_eq!(*callbacks.get::<Ends>().unwrap().0.lock().unwrap(), [true]);
}

#[test]
fn the_driver_calls_hooks_in_keras_order() {
    let called = Arc::new(Mutex::new(Vec::new()));
    let told = |name: &'static str| {
        let called = Arc::clone(&called);
        move |context: &mut Context<'_>| -> CallbackResult {
            let logs: Vec<String> = context
                .logs()
                .iter()
                .map(|(name, value)| format!(" {name}={}", value.number().unwrap()))
                .collect();
            called.lock().unwrap().push(format!("{name}{}", logs.concat()));
            Ok(())
        }
    };
    let recorder = LambdaCallback::new("recorder")
        .on_train_begin(told("train("))
        .on_epoch_begin(told("epoch("))
        .on_train_batch_begin(told("batch("))
        .on_train_batch_end(told("batch)"))
        .on_test_begin(told("test("))
        .on_test_batch_begin(told("test batch("))
        .on_test_batch_end(told("test batch)"))
        .on_test_end(told("test)"))
        .on_epoch_end(told("epoch)"))
        .on_train_end(told("train)"));
    let mut callbacks = CallbackList::new().with(recorder);
    let history = Driver::new(&mut ())
        .epochs(2)
        .validation_freq(2)
        .train(
            |epoch| [1.0, 4.0].map(|loss| loss + epoch as f64),
            |_, loss, step| {
                step.samples(if step.index() == 0 { 2 } else { 1 });
                step.log("loss", loss);
                Ok(())
            },
        )
        .validate(
            |_| [8.0],
            |_, loss, step| {
                step.log("loss", loss);
                Ok(())
            },
        )
        .run(&mut callbacks)
        .unwrap();
    let expected = [
        "train(",
        "epoch(",
        "batch(",
        "batch) loss=1",
        "batch(",
        "batch) loss=2",
        "epoch) loss=2",
        "epoch(",
        "batch(",
        "batch) loss=2",
        "batch(",
        "batch) loss=3",
        "test(",
        "test batch(",
        "test batch) loss=8",
        "test) loss=8",
        "epoch) loss=3 val_loss=8",
        "train) loss=3 val_loss=8",
    ];
    assert_eq!(*called.lock().unwrap(), expected);
    assert_eq!(history.get("loss"), [(0, 2.0), (1, 3.0)]);
    assert_eq!(history.get("val_loss"), [(1, 8.0)]);
}

/// The training stops after the batch, but the epoch is ended as ever, validation included.
#[test]
fn a_stop_in_an_epoch_ends_the_epoch_first() {
    let mut callbacks = CallbackList::new().with(TerminateOnNan::new());
    let mut seen = Vec::new();
    let history = Driver::new(())
        .epochs(3)
        .train(
            |_| [1.0, f64::NAN, 2.0],
            |(), loss, step| {
                seen.push(step.index());
                step.log("loss", loss);
                Ok(())
            },
        )
        .validate(
            |_| [5.0],
            |(), loss, step| {
                step.log("loss", loss);
                Ok(())
            },
        )
        .run(&mut callbacks)
        .unwrap();
    assert_eq!(seen, [0, 1]);
    assert_eq!((history.epochs(), history.last("val_loss")), (&[0][..], Some(5.0)));
    assert_eq!(callbacks.get::<TerminateOnNan>().unwrap().step(), Some(2));
}

/// A model's weights go back to the best epoch's, through a driver that borrows it.
#[test]
fn the_best_weights_are_restored() {
    let mut net = Net::new();
    let stopping = EarlyStopping::monitor("loss").patience(2).restore_best_weights(true);
    let mut callbacks = CallbackList::new().with(stopping);
    let losses = [3.0, 1.0, 2.0, 2.0, 0.0];
    Driver::new(&mut net)
        .epochs(5)
        .train(
            |epoch| [losses[epoch]],
            |net, loss, step| {
                net.kernel = vec![loss as f32];
                step.log("loss", loss);
                Ok(())
            },
        )
        .run(&mut callbacks)
        .unwrap();
    assert_eq!(net.kernel, [1.0]);
    let stopping = callbacks.get::<EarlyStopping>().unwrap();
    assert_eq!((stopping.best(), stopping.stopped_epoch()), (Some(1.0), Some(3)));
}

/// A disk that fails does not end the training before its end.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_at_the_end() {
    let mut callbacks = CallbackList::new().with(CsvLogger::create("/dev/full").unwrap());
    let error = callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap_err().to_string();
    assert!(error.contains("CsvLogger") && error.contains("/dev/full"), "{error}");
    let mut callbacks = CallbackList::new()
        .on_error(OnError::Continue)
        .with(CsvLogger::create("/dev/full").unwrap());
    callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap();
}

/// Ends with a panic.
struct Clumsy;

impl Callback for Clumsy {
    fn on_train_end(&mut self, _: &mut Context<'_>) -> CallbackResult {
        panic!("clumsy")
    }
}

/// A callback that panics while a panic ends the training does not keep the others from their end.
#[test]
fn a_panic_in_a_callbacks_end_does_not_spread() {
    let ends = Arc::default();
    let given = Ends(Arc::clone(&ends));
    let panics = |in_loop: bool, given: Ends| {
        let mut callbacks = CallbackList::new().with(Clumsy).with(given);
        callbacks.on_train_begin().unwrap();
        assert!(!in_loop, "in the loop");
    };
    let payload = catch_unwind(AssertUnwindSafe(|| panics(true, given))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"in the loop"));
    // Without another panic, this one is not lost.
    let given = Ends(Arc::clone(&ends));
    let payload = catch_unwind(AssertUnwindSafe(|| panics(false, given))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"clumsy"));
    assert_eq!(*ends.lock().unwrap(), [true, true]);
}

/// Iterations that the loop tells are not counted as well.
#[test]
fn iterations_are_told_or_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board);
    let mut test_after = |iterations: Option<u64>| {
        callbacks.on_train_begin().unwrap();
        for batch in 0..4 {
            callbacks.on_train_batch_begin(batch).unwrap();
            if let Some(iterations) = iterations {
                callbacks.set_iterations(iterations);
            }
            callbacks.on_train_batch_end(batch, [("loss", 0.5)]).unwrap();
        }
        callbacks.on_test_begin().unwrap();
        callbacks.on_test_end([("loss", 0.5)]).unwrap();
        callbacks.on_train_end().unwrap();
    };
    test_after(None);
    test_after(Some(50));
    let tests = steps(&dir.path().join("validation"), "evaluation_loss_vs_iterations");
    assert_eq!(tests, [4, 50]);
}

/// Where there is no terminal, an epoch is a plain line on standard error.
#[cfg(feature = "progress")]
#[test]
fn progress_without_a_terminal_is_plain_lines() {
    use tfevents::callbacks::ProgressBar;
    const CHILD: &str = "TFEVENTS_TEST_PROGRESS_CHILD";
    const NAME: &str = "progress_without_a_terminal_is_plain_lines";
    if std::env::var_os(CHILD).is_some() {
        fit(&mut CallbackList::new().with(ProgressBar::new()), 2, &mut ());
        return;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", NAME, "--nocapture"]).env(CHILD, "1").output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        lines,
        "epoch 1  loss 0.5000  val_loss 0.7500\nepoch 2  loss 0.5000  val_loss 0.7500\n"
    );
}
