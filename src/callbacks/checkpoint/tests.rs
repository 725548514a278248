use super::*;
use crate::callbacks::CallbackList;
use std::error::Error;
use std::sync::{Arc, Mutex};

/// Writes the names of what it saves into a list, and empty files.
fn recorder() -> (Arc<Mutex<Vec<String>>>, Save) {
    let saved = Arc::new(Mutex::new(Vec::new()));
    let names = saved.clone();
    let save = move |path: &Path, _: &mut dyn Model| {
        names.lock().unwrap().push(path.file_name().unwrap().to_str().unwrap().to_owned());
        Ok(std::fs::write(path, "")?)
    };
    (saved, Box::new(save))
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn run(checkpoint: ModelCheckpoint, values: &[f64]) -> CallbackList {
    let mut callbacks = CallbackList::new().with_callback(checkpoint);
    callbacks.on_train_begin().unwrap();
    for (epoch, &value) in values.iter().enumerate() {
        callbacks.on_epoch_end(epoch, [("val_accuracy", value)]).unwrap();
    }
    callbacks.on_train_end().unwrap();
    callbacks
}

#[test]
fn only_better_epochs_are_saved() {
    let dir = tempfile::tempdir().unwrap();
    let (saved, save) = recorder();
    let checkpoint = ModelCheckpoint::new(dir.path().join("{epoch}"), save).unwrap();
    let checkpoint = checkpoint.monitor("val_accuracy").save_best_only(true);
    let values = [f64::NAN, 0.5, 0.25, 0.75];
    let callbacks = run(checkpoint, &values);
    assert_eq!(*saved.lock().unwrap(), ["2", "4"]);
    assert_eq!(callbacks.get::<ModelCheckpoint>().unwrap().best(), Some(0.75));
    let (saved, save) = recorder();
    let checkpoint = ModelCheckpoint::new(dir.path().join("{epoch}"), save).unwrap();
    let checkpoint = checkpoint.monitor("val_accuracy").save_best_only(true);
    run(checkpoint.initial_value_threshold(0.5), &values);
    assert_eq!(*saved.lock().unwrap(), ["4"]);
}

#[test]
fn the_best_k_and_the_last_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("new/checkpoints");
    let (saved, save) = recorder();
    let checkpoint = ModelCheckpoint::new(dir.join("{epoch}.bin"), save).unwrap();
    let checkpoint = checkpoint.monitor("val_accuracy").save_top_k(2).save_last(true);
    let callbacks = run(checkpoint, &[0.5, 0.7, f64::NAN, 0.6, 0.4, 0.9]);
    assert_eq!(files(&dir), ["2.bin", "6.bin", "last.bin"]);
    let of_epochs = ["1.bin", "2.bin", "4.bin", "6.bin"];
    let saved: Vec<String> = saved.lock().unwrap().clone();
    assert_eq!(saved.iter().filter(|name| *name == "last.bin").count(), 6);
    let ranked: Vec<&String> = saved.iter().filter(|name| *name != "last.bin").collect();
    assert_eq!(ranked, of_epochs.iter().collect::<Vec<_>>());
    assert_eq!(callbacks.get::<ModelCheckpoint>().unwrap().best(), Some(0.9));
}

#[test]
fn one_name_for_all_epochs_is_not_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (_, save) = recorder();
    let checkpoint = ModelCheckpoint::new(dir.path().join("net.bin"), save).unwrap();
    run(checkpoint.monitor("val_accuracy").save_top_k(1), &[0.5, 0.6, 0.7]);
    assert_eq!(files(dir.path()), ["net.bin"]);
}

#[test]
fn the_directory_is_created_when_it_is_built() {
    let dir = tempfile::tempdir().unwrap();
    let (_, save) = recorder();
    let name = dir.path().join("a/b/epoch-{epoch}/net.bin");
    let checkpoint = ModelCheckpoint::new(name, save).unwrap();
    assert!(dir.path().join("a/b").is_dir());
    run(checkpoint, &[0.5, 0.6]);
    assert!(dir.path().join("a/b/epoch-2/net.bin").is_file());
    let (_, save) = recorder();
    let file = dir.path().join("a/b/epoch-2/net.bin");
    let error = ModelCheckpoint::new(file.join("{epoch}"), save).unwrap_err();
    assert!(matches!(error, CheckpointError::CreateDirectory { .. }), "{error}");
    assert!(error.source().is_some());
}

#[test]
fn an_epoch_without_the_value_of_the_name_is_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let (saved, save) = recorder();
    let checkpoint = ModelCheckpoint::new(dir.path().join("{val_loss}.bin"), save).unwrap();
    let mut callbacks = CallbackList::new().with_callback(checkpoint);
    callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap();
    callbacks.on_epoch_end(1, [("val_loss", 0.25)]).unwrap();
    assert_eq!(*saved.lock().unwrap(), ["0.25.bin"]);
}

#[test]
fn an_epoch_that_could_not_be_saved_is_not_the_best() {
    let mut fails = true;
    let save = move |_: &Path, _: &mut dyn Model| match std::mem::take(&mut fails) {
        true => Err("no space left".into()),
        false => Ok(()),
    };
    let checkpoint = ModelCheckpoint::new("net", save).unwrap().save_best_only(true);
    let mut callbacks = CallbackList::new().with_callback(checkpoint);
    let error = callbacks.on_epoch_end(0, [("val_loss", 1.0)]).unwrap_err();
    assert_eq!(error.callback(), "ModelCheckpoint");
    let error = error.source().unwrap();
    assert_eq!(error.to_string(), "cannot save the checkpoint net");
    assert_eq!(error.source().unwrap().to_string(), "no space left");
    callbacks.on_epoch_end(1, [("val_loss", 1.0)]).unwrap();
    assert_eq!(callbacks.get::<ModelCheckpoint>().unwrap().best(), Some(1.0));
}

struct Epoch(usize);

impl Model for Epoch {}

#[test]
fn a_worse_epoch_does_not_overwrite_a_better_one_of_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let save = |path: &Path, model: &mut dyn Model| {
        let epoch: &Epoch = model.downcast_ref().ok_or("another model")?;
        Ok(std::fs::write(path, epoch.0.to_string())?)
    };
    let name = dir.path().join("{val_loss:.1}.bin");
    let checkpoint = ModelCheckpoint::new(name, save).unwrap().save_top_k(2);
    let mut callbacks = CallbackList::new().with_callback(checkpoint);
    let mut saved = Vec::new();
    for (epoch, value) in [0.12, 0.14, 0.12, 0.11, 0.5].into_iter().enumerate() {
        let mut model = Epoch(epoch);
        callbacks.with_model(&mut model).on_epoch_end(epoch, [("val_loss", value)]).unwrap();
        saved.push(std::fs::read_to_string(dir.path().join("0.1.bin")).unwrap());
    }
    assert_eq!(saved, ["0", "0", "0", "3", "3"]);
    assert_eq!(files(dir.path()), ["0.1.bin", "0.5.bin"]);
    assert_eq!(callbacks.get::<ModelCheckpoint>().unwrap().best(), Some(0.11));
}

#[test]
fn a_name_that_cannot_tell_checkpoints_apart_is_an_error() {
    let message = |name: &str, k, last| {
        let checkpoint = ModelCheckpoint::new(name, |_, _| Ok(())).unwrap().save_last(last);
        let checkpoint = if k > 0 { checkpoint.save_top_k(k) } else { checkpoint };
        let error = CallbackList::new().with_callback(checkpoint).on_train_begin().err()?;
        let error: &ConfigError = error.source()?.downcast_ref()?;
        Some(error.to_string())
    };
    assert_eq!(message("best.bin", 1, true), None);
    assert_eq!(message("{epoch}.bin", 2, true), None);
    assert_eq!(
        message("best.bin", 2, false).unwrap(),
        "invalid save_top_k: 2 (expected 1, or a name with a placeholder)"
    );
    assert_eq!(
        message("last.bin", 0, true).unwrap(),
        "invalid save_last: true (expected false, or a name of checkpoints that is not that of the \
         last epoch)"
    );
    assert_eq!(message("last.bin", 0, false), None);
}
