//! The callbacks of `tfevents` in a burn training.

mod common;

use burn::train::logger::MetricLogger;
use burn::train::metric::{MetricAttributes, MetricDefinition, MetricId};
use burn::train::{Interrupter, SupervisedTraining};
use common::{Net, learner, training};
use std::sync::{Arc, Mutex};
use tfevents::callbacks::{
    CallbackList, Context, CsvLogger, EarlyStopping, LambdaCallback, TensorBoard, UpdateFreq,
};
use tfevents_burn::BurnCallbacks;

type Calls = Arc<Mutex<Vec<String>>>;

/// Returns a callback that records each hook with the names in its logs.
fn spy(calls: &Calls) -> LambdaCallback {
    let note = |hook: &'static str| {
        let calls = calls.clone();
        move |context: &mut Context<'_>| {
            let names: Vec<_> = context.logs().iter().map(|(name, _)| name.to_owned()).collect();
            let (epoch, batch) = (context.epoch(), context.batch());
            let at = match hook {
                "train" | "test" => format!(" {epoch}.{batch}"),
                "epoch" | "epoch end" => format!(" {epoch}"),
                _ => String::new(),
            };
            calls.lock().unwrap().push(format!("{hook}{at} {}", names.join(" ")).trim().to_owned());
            Ok(())
        }
    };
    LambdaCallback::new("spy")
        .on_train_begin(note("begin"))
        .on_epoch_begin(note("epoch"))
        .on_train_batch_end(note("train"))
        .on_test_begin(note("test begin"))
        .on_test_batch_end(note("test"))
        .on_test_end(note("test end"))
        .on_epoch_end(note("epoch end"))
        .on_train_end(note("end"))
}

fn run(callbacks: CallbackList, epochs: usize, rate: f64) -> Option<String> {
    let artifacts = tempfile::tempdir().unwrap();
    let interrupter = Interrupter::new();
    let logger = BurnCallbacks::new(callbacks, &interrupter);
    let training: SupervisedTraining<Net> = training(artifacts.path(), 8);
    let training = training
        .num_epochs(epochs)
        .with_default_checkpointers() // burn then waits for the metrics of an epoch
        .with_interrupter(interrupter)
        .with_metric_logger(logger);
    let result = training.launch(learner(Net::new(), rate));
    result.interrupted.map(|interruption| interruption.reason.unwrap_or_default())
}

#[test]
fn the_hooks_are_called_in_order() {
    let calls = Calls::default();
    assert_eq!(run(CallbackList::new().with_callback(spy(&calls)), 2, 0.1), None);
    let epoch = |epoch: usize| {
        let mut calls = vec![format!("epoch {epoch}")];
        calls.extend((0..3).map(|batch| format!("train {epoch}.{batch} accuracy loss")));
        calls.push("test begin".into());
        calls.extend((0..2).map(|batch| format!("test {epoch}.{batch} accuracy loss")));
        calls.push("test end accuracy loss".into());
        calls.push(format!("epoch end {epoch} accuracy loss val_accuracy val_loss"));
        calls
    };
    let mut expected = vec!["begin".to_owned()];
    expected.extend(epoch(0));
    expected.extend(epoch(1));
    expected.push("end accuracy loss val_accuracy val_loss".into());
    assert_eq!(*calls.lock().unwrap(), expected);
}

#[test]
fn early_stopping_stops_and_the_csv_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("history.csv");
    let board = TensorBoard::builder(dir.path()).update_freq(UpdateFreq::Batch).build().unwrap();
    let callbacks = CallbackList::new()
        .with_callback(EarlyStopping::new("val_loss").patience(2))
        .with_callback(board)
        .with_callback(CsvLogger::create(&csv).unwrap());
    // With such a rate the loss grows soon.
    let reason = run(callbacks, 25, 30.0);
    assert_eq!(reason.as_deref(), Some("a callback requested a stop"));
    let lines = std::fs::read_to_string(csv).unwrap();
    assert_eq!(lines.lines().next(), Some("epoch,accuracy,loss,val_accuracy,val_loss"));
    let epochs = lines.lines().count() - 1;
    assert!((3..25).contains(&epochs), "{lines}");
    let losses: Vec<f64> = lines
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses.iter().position(|loss| *loss == best), Some(epochs - 3), "{losses:?}");
    let found = common::scalars(dir.path().join("validation"));
    assert_eq!(found["epoch_loss"].len(), epochs);
}

#[test]
fn a_callback_that_fails_stops_the_training() {
    let fails = LambdaCallback::new("fails").on_train_batch_end(|_| Err("no".into()));
    let calls = Calls::default();
    let reason =
        run(CallbackList::new().with_callback(fails).with_callback(spy(&calls)), 9, 0.1).unwrap();
    assert!(reason.contains("fails") && reason.contains("no"), "{reason}");
    assert!(calls.lock().unwrap().last().unwrap().starts_with("end"));
}

/// The logger may be dropped during unwinding, where a panic would abort the process.
#[test]
fn a_callback_that_panics_at_the_end_does_not_panic_in_drop() {
    let panics = LambdaCallback::new("panics").on_train_end(|_| panic!("on purpose"));
    assert_eq!(run(CallbackList::new().with_callback(panics), 1, 0.1), None);
    let interrupter = Interrupter::new();
    let panics = LambdaCallback::new("panics").on_train_end(|_| panic!("on purpose"));
    let mut logger = BurnCallbacks::new(CallbackList::new().with_callback(panics), &interrupter);
    logger.log_metric_definition(MetricDefinition {
        metric_id: MetricId::new(Arc::new("loss".into())),
        name: Arc::new("loss".into()),
        description: None,
        attributes: MetricAttributes::None,
    });
    drop(logger);
}
