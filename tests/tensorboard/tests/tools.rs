//! Runs in each encoding, as four Python tools see them: docs/from_python.md has the table.

use std::collections::BTreeMap;
use std::path::Path;
use tensorboard_tests::tools;
use tfevents::callbacks::{CallbackList, TensorBoard};
use tfevents::summary::{MediaEncoding, ScalarEncoding};
use tfevents::{Image, SummaryWriter, SummaryWriterBuilder};

const POINTS: [(i64, f64); 3] = [(0, 0.5), (1, 0.25), (2, 0.125)];

fn log(builder: SummaryWriterBuilder) {
    let writer = builder.build().unwrap();
    for (step, value) in POINTS {
        writer.add_scalar("train/loss", value, step);
    }
    writer.close().unwrap();
}

/// Asserts that all tools see these scalars, or that none does.
fn assert_seen(dir: &Path, wanted: &BTreeMap<String, Vec<(i64, f64)>>) {
    let Some(seen) = tools(dir) else { return };
    assert_eq!(seen.accumulator.scalars, *wanted);
    assert_eq!(seen.tbparse.scalars, *wanted);
    assert_eq!(seen.reducer.scalars, *wanted);
    assert_eq!(seen.query.tags, wanted.keys().cloned().collect::<Vec<_>>());
}

fn wanted(tags: &[&str]) -> BTreeMap<String, Vec<(i64, f64)>> {
    tags.iter().map(|tag| (tag.to_string(), POINTS.to_vec())).collect()
}

#[test]
fn all_tools_see_the_scalars_of_the_default_encoding() {
    let dir = tempfile::tempdir().unwrap();
    log(SummaryWriter::builder(dir.path()));
    assert_seen(dir.path(), &wanted(&["train/loss"]));
}

#[test]
fn no_tool_sees_scalars_stored_as_tensors() {
    let dir = tempfile::tempdir().unwrap();
    log(SummaryWriter::builder(dir.path()).scalar_encoding(ScalarEncoding::Tensor));
    assert_seen(dir.path(), &BTreeMap::new());
}

/// tbparse reads images with TensorFlow alone, so it is not asked.
#[test]
fn the_accumulator_sees_images_as_torch_stores_them() {
    for (encoding, images) in [(MediaEncoding::Simple, 3), (MediaEncoding::Tensor, 0)] {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::builder(dir.path()).media_encoding(encoding).build().unwrap();
        let image = Image::gray8(2, 1, &[0, 255]).unwrap();
        for step in 0..3 {
            writer.add_image("image", &image, step);
        }
        // The older form has one image.
        writer.add_images("batch", [&image, &image], 0);
        writer.close().unwrap();
        let Some(seen) = tools(dir.path()) else { return };
        assert_eq!(seen.accumulator.images, images);
    }
}

/// Trains with the callback on a writer of this encoding.
fn train(dir: &Path, encoding: Option<ScalarEncoding>) {
    let mut builder = SummaryWriter::builder(dir);
    if let Some(encoding) = encoding {
        builder = builder.scalar_encoding(encoding);
    }
    let writer = builder.build().unwrap();
    let board = TensorBoard::builder(&writer).build().unwrap();
    let mut callbacks = CallbackList::new().with_callback(board);
    callbacks.on_train_begin().unwrap();
    for (epoch, (_, value)) in POINTS.into_iter().enumerate() {
        callbacks.on_epoch_begin(epoch).unwrap();
        callbacks.on_epoch_end(epoch, [("loss", value)]).unwrap();
    }
    callbacks.on_train_end().unwrap();
    writer.close().unwrap();
}

#[test]
fn the_callback_stores_tensors_unless_the_writer_says_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    train(dir.path(), None);
    assert_seen(&dir.path().join("train"), &BTreeMap::new());

    let dir = tempfile::tempdir().unwrap();
    train(dir.path(), Some(ScalarEncoding::Simple));
    assert_seen(&dir.path().join("train"), &wanted(&["epoch_loss"]));
}
