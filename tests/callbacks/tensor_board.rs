//! Intended differences of `TensorBoard` from Keras, and what it does beyond Keras.

use crate::{Net, board, event_files, events, fit, scalars, steps};
use std::error::Error;
use std::path::Path;
use tfevents::SummaryWriter;
use tfevents::callbacks::{
    CallbackList, KernelLayout, Mode, Model, ModelCheckpoint, TensorBoard, TensorBoardBuilder,
    TensorBoardError, UpdateFreq, Visit, WeightImages,
};
use tfevents::read::{Event, Payload, Run, RunState};
use tfevents::summary::ScalarEncoding;

/// Fix 1: `update_freq` leaves out batches, but no epochs.
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

/// The writer is dropped with the callback, but the training came to its end.
#[test]
fn a_training_that_came_to_its_end_is_marked() {
    for ends in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let mut callbacks = board(dir.path(), |board| board);
        fit(&mut callbacks, 1, &mut ());
        if !ends {
            callbacks.on_train_begin().unwrap();
        }
        drop(callbacks);
        let expected = if ends { RunState::Ended } else { RunState::Unknown };
        for run in ["train", "validation"] {
            let run = Run::open(dir.path().join(run)).unwrap();
            assert_eq!(run.status().unwrap().state, expected);
        }
    }
}

/// Fix 4: a second training can continue the steps of batches and epochs.
#[test]
fn a_second_training_can_continue_counting() {
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

/// Fix 6: invalid settings are errors of the builder. Keras fails during the training.
#[test]
fn invalid_settings_are_errors_of_the_builder() {
    let dir = tempfile::tempdir().unwrap();
    assert!(UpdateFreq::batches(0).is_err());
    let never = TensorBoard::builder(dir.path()).update_freq(UpdateFreq::Batches(0));
    let TensorBoardError::Config(error) = never.build().unwrap_err() else { panic!("built") };
    assert_eq!(
        error.to_string(),
        "invalid update_freq: UpdateFreq::Batches(0) (expected UpdateFreq::Epoch, \
         UpdateFreq::Batch or UpdateFreq::Batches of at least 1)"
    );
    let error = "often".parse::<UpdateFreq>().unwrap_err();
    let expected = "invalid update_freq: \"often\" (expected \"epoch\", \"batch\" or a whole number of at least 1)";
    assert_eq!(error.to_string(), expected);
    assert_eq!("0".parse::<UpdateFreq>().unwrap_err().name(), "update_freq");
    assert_eq!("3".parse(), UpdateFreq::batches(3));
    for setting in [TensorBoardBuilder::write_gradients, TensorBoardBuilder::write_activations] {
        let error = setting(TensorBoard::builder(dir.path()), true).build().unwrap_err();
        assert!(error.to_string().contains("histogram_freq is 0"), "{error}");
    }
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = TensorBoard::builder(&file).build().unwrap_err();
    assert!(matches!(error, TensorBoardError::Writer(_)), "{error}");
}

/// A setting that does not fit the model is an error of the first hook that gets the model.
#[test]
fn labels_of_an_unknown_layer_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| {
        board.embeddings_freq(1).embeddings_metadata_of([("words", "words.tsv")])
    });
    let error = callbacks.with_model(&mut Net::new()).on_train_begin().unwrap_err();
    assert_eq!(error.callback(), "TensorBoard");
    let error = error.source().unwrap().to_string();
    assert_eq!(error, "invalid layers of embeddings_metadata: [\"words\"] (expected some of [])");
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

/// Fix 9: vectors are text, which the Projector reads, and named by a file that it finds.
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

/// Fix 12: the values of an epoch are in the file when its hook returns, those of a batch at most
/// one flush interval later.
#[test]
fn an_epochs_end_is_in_the_file_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let slow = SummaryWriter::builder(dir.path())
        .flush_interval(std::time::Duration::from_secs(3600))
        .build()
        .unwrap();
    let board = TensorBoard::builder(&slow).update_freq(UpdateFreq::Batch).build().unwrap();
    let mut callbacks = CallbackList::new().with_callback(board);
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
    let train = writer.child_run("train").unwrap();
    let mut callbacks = CallbackList::new().with_callback(board);
    train.add_scalar("mine", 1.0, 0);
    fit(&mut callbacks, 1, &mut ());
    train.add_scalar("mine", 2.0, 1);
    writer.close().unwrap();
    assert_eq!(event_files(&dir.path().join("train")), 1);
    let found = scalars(&dir.path().join("train"));
    assert_eq!((found["mine"].len(), found["epoch_loss"].len()), (2, 1));
}

/// Beyond Keras, where it is set.
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

/// Batches are not counted where the loop sets the iterations.
#[test]
fn iterations_are_set_or_counted() {
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

#[test]
fn embeddings_whose_names_are_cleaned_up_do_not_share_a_file() {
    struct Words;
    impl Model for Words {
        fn weights(&self, visit: &mut Visit<'_>) {
            for (at, layer) in ["用户", "商品", "enc.tok", "enc_tok", "Enc_tok"].iter().enumerate()
            {
                visit(&format!("net/{layer}/embeddings"), &[1, 2], &[at as f32, 0.5]);
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board.embeddings_freq(1));
    fit(&mut callbacks, 1, &mut Words);
    let config = std::fs::read_to_string(dir.path().join("projector_config.pbtxt")).unwrap();
    let paths = config.lines().filter_map(|line| line.trim().strip_prefix("tensor_path: "));
    let first: Vec<char> = paths
        .map(|path| std::fs::read_to_string(dir.path().join(path.trim_matches('"'))).unwrap())
        .map(|vectors| vectors.chars().next().unwrap())
        .collect();
    assert_eq!(first, ['0', '1', '2', '3', '4']);
    // A name that is plain already stays as it is.
    assert!(dir.path().join("train/keras_embedding.ckpt-0.enc_tok.tsv").exists());
}

#[test]
fn embeddings_of_one_layer_name_do_not_share_a_file() {
    struct Words;
    impl Model for Words {
        fn weights(&self, visit: &mut Visit<'_>) {
            visit("net/in/words/embeddings", &[1, 2], &[1.0, 2.0]);
            visit("net/out/words/embeddings", &[1, 2], &[3.0, 4.0]);
            visit("net/places/embeddings", &[1, 2], &[5.0, 6.0]);
            visit("net/broken/embeddings", &[1, 2], &[f32::NAN, 0.0]);
            visit("net/cube/embeddings", &[1, 1, 1], &[1.0]);
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board.embeddings_freq(1));
    fit(&mut callbacks, 1, &mut Words);
    let config = std::fs::read_to_string(dir.path().join("projector_config.pbtxt")).unwrap();
    let names = ["net/in/words/embeddings", "net/out/words/embeddings", "places"];
    let known: Vec<&str> =
        config.lines().filter_map(|line| line.trim().strip_prefix("tensor_name: ")).collect();
    assert_eq!(known, names.map(|name| format!("{name:?}")));
    let paths = config.lines().filter_map(|line| line.trim().strip_prefix("tensor_path: "));
    let vectors: Vec<String> = paths
        .map(|path| std::fs::read_to_string(dir.path().join(path.trim_matches('"'))).unwrap())
        .collect();
    assert_eq!(vectors, ["1\t2\n", "3\t4\n", "5\t6\n"]);
}

#[test]
fn no_epoch_is_too_large() {
    let dir = tempfile::tempdir().unwrap();
    let save = |_: &Path, _: &mut dyn Model| Ok(());
    let checkpoint = ModelCheckpoint::new(dir.path().join("{epoch}"), save).unwrap();
    let mut callbacks =
        board(dir.path(), |board| board.continue_counting(true)).with_callback(checkpoint);
    for _ in 0..2 {
        callbacks.on_train_begin().unwrap();
        for epoch in [usize::MAX - 1, usize::MAX] {
            callbacks.on_epoch_begin(epoch).unwrap();
            callbacks.on_epoch_end(epoch, [("loss", 0.5)]).unwrap();
        }
        callbacks.on_train_end().unwrap();
    }
}

/// Returns whether the first value of a tag is a simple value, not a tensor.
fn is_simple(dir: &Path, tag: &str) -> bool {
    let found = events(dir);
    let mut values = found.iter().flat_map(Event::values);
    let value = values.find(|value| value.tag() == tag).unwrap();
    value.scalar().is_some() && value.tensor().is_none()
}

/// Tensors by default, as in Keras; else what is set on the writer or, above it, on the callback.
#[test]
fn the_encoding_of_scalars_is_keras_unless_it_is_set() {
    use ScalarEncoding::{Simple, Tensor};
    for (of_writer, of_callback, simple) in [
        (None, None, false),
        (Some(Simple), None, true),
        (Some(Tensor), None, false),
        (None, Some(Simple), true),
        (Some(Tensor), Some(Simple), true),
        (Some(Simple), Some(Tensor), false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = SummaryWriter::builder(dir.path());
        if let Some(encoding) = of_writer {
            writer = writer.scalar_encoding(encoding);
        }
        let writer = writer.build().unwrap();
        let mut board = TensorBoard::builder(&writer).update_freq(UpdateFreq::Batch);
        if let Some(encoding) = of_callback {
            board = board.scalar_encoding(encoding);
        }
        let mut callbacks = CallbackList::new().with_callback(board.build().unwrap());
        fit(&mut callbacks, 1, &mut ());
        // The writer of the user keeps its own setting.
        writer.child_run("train").unwrap().add_scalar("mine", 0.5, 0);
        writer.close().unwrap();
        let case = (of_writer, of_callback);
        let [train, validation] = ["train", "validation"].map(|run| dir.path().join(run));
        assert_eq!(is_simple(&train, "batch_loss"), simple, "{case:?}");
        assert_eq!(is_simple(&train, "epoch_loss"), simple, "{case:?}");
        assert_eq!(is_simple(&validation, "epoch_loss"), simple, "{case:?}");
        assert_eq!(is_simple(&train, "mine"), of_writer != Some(Tensor), "{case:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks = board(dir.path(), |board| board);
    fit(&mut callbacks, 1, &mut ());
    assert!(!is_simple(&dir.path().join("train"), "epoch_loss"));
}

#[test]
fn best_values_are_written_when_they_improve() {
    let dir = tempfile::tempdir().unwrap();
    let mut callbacks =
        board(dir.path(), |board| board.best("val_loss").best_by("reward", Mode::Max));
    for losses in [[0.5, 0.3, 0.4], [0.9, 0.8, 0.9]] {
        callbacks.on_train_begin().unwrap();
        for (epoch, loss) in losses.into_iter().enumerate() {
            callbacks.on_epoch_begin(epoch).unwrap();
            callbacks.on_epoch_end(epoch, [("val_loss", loss), ("reward", -loss)]).unwrap();
        }
        callbacks.on_train_end().unwrap();
    }
    let train = Run::open(dir.path().join("train")).unwrap();
    // The points of the second training come after those of the first.
    let raw = train.with_points(tfevents::read::Points::Raw);
    for (tag, sign) in [("best/val_loss", 1.0), ("best/reward", -1.0)] {
        let scalars = raw.scalars(tag).unwrap();
        assert_eq!(scalars.steps(), [0, 1, 0, 1], "{tag}");
        assert_eq!(scalars.values(), [0.5, 0.3, 0.9, 0.8].map(|value: f32| sign * value), "{tag}");
    }
}

#[test]
fn a_best_value_needs_a_direction() {
    let dir = tempfile::tempdir().unwrap();
    let error = TensorBoard::builder(dir.path()).best("reward").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid best: Mode::Auto for \"reward\" (expected Mode::Min or Mode::Max, as the name does \
         not say which is better)"
    );
}
