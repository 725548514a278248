//! Trainings whose disk is full before their end.

#![cfg(unix)]

mod common;
#[path = "common/line.rs"]
mod line;

use candle_nn::{Optimizer, SGD};
use common::{fill_the_disk, run_with_full_disk, scalars, steps};
use line::{Line, board};
use std::path::Path;
use tfevents::SummaryWriter;
use tfevents::callbacks::{CallbackList, LambdaCallback, TrainingLoop};
use tfevents_candle::{CandleModel, CandleWriter, LogAs};

/// The variable with the log directory of the child process.
const DIRECTORY: &str = "TFEVENTS_CANDLE_FULL_DISK";

#[test]
fn a_loop_survives_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let output = run_with_full_disk("loop_with_full_disk", (DIRECTORY, dir.path()));
    assert!(output.contains("all 9 steps are done"), "{output}");
    let found = scalars(dir.path());
    for tag in ["loss", "line/fc/weight/norm", "line/fc/weight/gradient/norm"] {
        assert_eq!(steps(&found[tag]), [0, 1, 2, 3, 4], "{tag}");
    }
}

#[test]
#[ignore = "run by the test above, with a signal ignored"]
fn loop_with_full_disk() {
    let directory = std::env::var_os(DIRECTORY).expect("set by the test above");
    let writer = SummaryWriter::new(Path::new(&directory)).unwrap();
    let line = Line::new();
    let mut optimizer = SGD::new(line.varmap.all_vars(), 1e-3).unwrap();
    for step in 0..9 {
        let loss = line.loss(step).unwrap();
        let grads = loss.backward().unwrap();
        optimizer.step(&grads).unwrap();
        writer.add_tensor("loss", &loss, LogAs::Scalar, step);
        writer.add_model(&line.varmap, &grads, step);
        if step == 4 {
            writer.flush().unwrap();
            fill_the_disk();
        }
    }
    println!("all 9 steps are done");
    // It returns the error of the full disk at once.
    assert!(writer.close().is_err());
}

#[test]
fn a_training_with_callbacks_survives_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let output = run_with_full_disk("callbacks_with_full_disk", (DIRECTORY, dir.path()));
    assert!(output.contains("all 5 epochs are done"), "{output}");
    let found = steps(&scalars(dir.path().join("train"))["epoch_loss"]);
    assert!(found.starts_with(&[0, 1]) && found.len() < 5, "{found:?}");
}

#[test]
#[ignore = "run by the test above, with a signal ignored"]
fn callbacks_with_full_disk() {
    let directory = std::env::var_os(DIRECTORY).expect("set by the test above");
    let line = Line::new();
    let fill = LambdaCallback::new("fill").on_epoch_begin(|context| {
        if context.epoch() == 3 {
            fill_the_disk();
        }
        Ok(())
    });
    let mut callbacks =
        CallbackList::new().with_callback(board(Path::new(&directory))).with_callback(fill);
    let mut batches = 0;
    let mut training = TrainingLoop::new(line.model(1e-3)).epochs(5).train(
        |_| 0..3,
        |model: &mut CandleModel<SGD>, batch, step| {
            let loss = line.loss(batch)?;
            model.backward_step(&loss)?;
            step.log("loss", loss.to_scalar::<f32>()?);
            batches += 1;
            Ok(())
        },
    );
    // The error is returned at the end of the training.
    let error = training.run(&mut callbacks).unwrap_err();
    assert_eq!(error.callback_error().unwrap().hook(), "on_train_end");
    drop(training);
    assert_eq!(batches, 15);
    println!("all 5 epochs are done");
}
