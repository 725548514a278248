//! Callbacks by their public face: what ours does otherwise than Keras, errors, and loops that end
//! badly. What it does alike is compared in `keras_replay`.

// Shared between the modules of a test, not with other crates.
#![allow(unreachable_pub)]

mod errors;
#[cfg(feature = "progress")]
mod progress;
mod tensor_board;
mod training_loop;

use std::collections::BTreeMap;
use std::path::Path;
use tfevents::Graph;
use tfevents::callbacks::{
    BoxError, CallbackList, Model, Snapshot, TensorBoard, TensorBoardBuilder, Visit,
};
use tfevents::read::{Event, Point, Run};

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
    fn learning_rate(&self) -> Option<f64> {
        Some(0.25)
    }
    fn iterations(&self) -> Option<u64> {
        Some(7)
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
    CallbackList::new().with_callback(set(TensorBoard::builder(dir)).build().unwrap())
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
    let run = Run::open(dir).unwrap().with_points(tfevents::read::Points::Raw);
    let scalars = run.all_scalars().unwrap();
    scalars.iter().map(|(tag, points)| (tag.to_owned(), points.iter().collect())).collect()
}

fn steps(dir: &Path, tag: &str) -> Vec<i64> {
    scalars(dir).get(tag).into_iter().flatten().map(|point| point.step).collect()
}

fn events(dir: &Path) -> Vec<Event> {
    Run::open(dir).unwrap().events().map(Result::unwrap).collect()
}

fn event_files(dir: &Path) -> usize {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains("tfevents")).count()
}
