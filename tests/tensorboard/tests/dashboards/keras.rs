use std::path::Path;

use serde_json::Value;
use tensorboard_tests::{Point, show};
use tfevents::callbacks::{CallbackList, Model, TensorBoard, Visit};

use crate::images::pixels;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/keras");
/// A training of Keras 3.15, three epochs: its log directory, and the arguments of its callbacks.
const RECORDING: &str = "k3_hist1_images";

/// The model of that training, an epoch's weights at a time.
#[derive(Default)]
struct Net {
    weights: Vec<Value>,
    rate: f64,
    iterations: u64,
}

impl Model for Net {
    fn weights(&self, visit: &mut Visit<'_>) {
        for weight in &self.weights {
            let numbers = |key: &str| -> Vec<f64> {
                weight[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
            };
            let shape: Vec<usize> =
                numbers("shape").into_iter().map(|size| size as usize).collect();
            let values: Vec<f32> =
                numbers("values").into_iter().map(|value| value as f32).collect();
            visit(weight["path"].as_str().unwrap(), &shape, &values);
        }
    }
    fn learning_rate(&self) -> Option<f64> {
        Some(self.rate)
    }
    fn iterations(&self) -> Option<u64> {
        Some(self.iterations)
    }
}

/// The same training through our callback, with Keras's settings.
fn train(logdir: &Path) {
    let board = TensorBoard::builder(logdir).histogram_freq(1).write_images(true).build().unwrap();
    let mut callbacks = CallbackList::new().with_callback(board);
    let mut net = Net::default();
    let hooks = std::fs::read_to_string(format!("{DATA}/dumps/{RECORDING}.hooks.jsonl")).unwrap();
    for line in hooks.lines() {
        let hook: Value = serde_json::from_str(line).unwrap();
        let index = hook["index"].as_u64().unwrap_or_default() as usize;
        let logs = hook["logs"].as_object().into_iter().flatten();
        let logs = logs.map(|(name, value)| (name.as_str(), value.as_f64().unwrap()));
        net.rate = hook["lr"].as_f64().unwrap_or(net.rate);
        net.iterations = hook["iterations"].as_u64().unwrap_or(net.iterations);
        if let Some(weights) = hook["weights"].as_array() {
            net.weights.clone_from(weights);
        }
        let mut on = callbacks.with_model(&mut net);
        match hook["hook"].as_str().unwrap() {
            "on_train_begin" => on.on_train_begin(),
            "on_epoch_begin" => on.on_epoch_begin(index),
            "on_train_batch_begin" => on.on_train_batch_begin(index),
            "on_train_batch_end" => on.on_train_batch_end(index, logs),
            "on_test_begin" => on.on_test_begin(),
            "on_test_end" => on.on_test_end(logs),
            "on_epoch_end" => on.on_epoch_end(index, logs),
            "on_train_end" => on.on_train_end(),
            _ => Ok(()),
        }
        .unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

/// Steps and values: the runs were at different times.
fn series<T: Clone>(points: Vec<Point<T>>) -> Vec<(i64, T)> {
    points.into_iter().map(|point| (point.step, point.value)).collect()
}

#[test]
fn a_run_of_keras_and_one_of_ours_overlay() {
    let logdir = tempfile::tempdir().unwrap();
    copy(&Path::new(DATA).join("raw").join(RECORDING), &logdir.path().join("keras"));
    train(&logdir.path().join("rust"));
    show(logdir.path(), |board| {
        let mut runs = board.runs();
        runs.sort();
        assert_eq!(runs, ["keras/train", "keras/validation", "rust/train", "rust/validation"]);
        for (dir, tag, last) in [
            ("train", "epoch_loss", 2),
            ("train", "epoch_accuracy", 2),
            ("train", "epoch_learning_rate", 2),
            ("validation", "epoch_loss", 2),
            ("validation", "epoch_accuracy", 2),
            ("validation", "evaluation_loss_vs_iterations", 15),
            ("validation", "evaluation_accuracy_vs_iterations", 15),
        ] {
            let of = |run: &str| series(board.scalars(&format!("{run}/{dir}"), tag, last));
            let (keras, rust) = (of("keras"), of("rust"));
            assert!(!keras.is_empty() && keras == rust, "{dir} {tag}: {keras:?} {rust:?}");
        }
        let (keras, ours) = ("keras/train", "rust/train");
        let tag = "net/out/kernel";
        let histograms = |run| series(board.histograms(run, &format!("{tag}/histogram"), 2));
        assert_eq!(histograms(keras), histograms(ours));
        let pixels = |run| {
            let images = series(board.images(run, &format!("{tag}/image"), 0, 2)).into_iter();
            images.map(|(step, image)| (step, pixels(&image))).collect::<Vec<_>>()
        };
        assert_eq!(pixels(keras), pixels(ours));
        for plugin in ["scalars", "histograms", "distributions", "images"] {
            let tags = board.tags(plugin);
            assert_eq!(tags.get(keras), tags.get(ours), "{plugin}");
            assert_eq!(tags.get("keras/validation"), tags.get("rust/validation"), "{plugin}");
        }
    });
}
