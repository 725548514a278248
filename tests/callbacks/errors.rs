//! Errors and panics, of callbacks and of the loop.

use crate::steps;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tfevents::callbacks::{
    BoxError, Callback, CallbackList, CallbackResult, ConfigError, Context, EarlyStopping, History,
    LambdaCallback, ModelCheckpoint, OnError, ReduceLrOnPlateau, TensorBoard, TrainingLoop,
    UpdateFreq,
};

/// Records each end, and whether it was an interruption.
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
        let mut callbacks = CallbackList::new().with_callback(board).with_callback(ends);
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
    fn looped(logdir: &Path, ends: Ends, panics: bool) -> Result<(), BoxError> {
        let board = TensorBoard::builder(logdir).update_freq(UpdateFreq::Batch).build()?;
        let mut callbacks = CallbackList::new().with_callback(board).with_callback(ends);
        let mut training = TrainingLoop::new(()).train(
            |_| 0..10,
            |(), batch, step| {
                step.log("loss", 0.5);
                assert!(!panics || batch < 5, "on purpose");
                if batch == 5 { Err("the data is broken".into()) } else { Ok(()) }
            },
        );
        let error = training.run(&mut callbacks).unwrap_err();
        assert_eq!(error.to_string(), "training failed in batch 5 of epoch 0");
        assert_eq!((error.epoch(), error.batch()), (Some(0), Some(5)));
        assert!(error.callback_error().is_none());
        Err(error.source().unwrap().to_string().into())
    }
    type Loop = fn(&Path, Ends, bool) -> Result<(), BoxError>;
    for run in [plain as Loop, looped] {
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

#[test]
fn a_callback_that_fails_is_named_and_the_user_chooses() {
    let failing = || LambdaCallback::new("mine").on_epoch_end(|_| Err("no space left".into()));
    let mut callbacks = CallbackList::new().with_callback(failing()).with_callback(History::new());
    let error = callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap_err();
    assert_eq!(error.to_string(), "callback mine failed in on_epoch_end");
    assert_eq!(error.source().unwrap().to_string(), "no space left");
    // The others are called all the same.
    assert_eq!(callbacks.get::<History>().unwrap().epochs(), [0]);

    let mut callbacks = CallbackList::new().on_error(OnError::Continue).with_callback(failing());
    for epoch in 0..3 {
        callbacks.on_epoch_end(epoch, [("loss", 0.5)]).unwrap();
    }
    assert_eq!(callbacks.errors().len(), 3);
    assert_eq!(callbacks.errors()[0].callback(), "mine");

    let mut callbacks = CallbackList::new().with_callback(failing()).with_callback(Ends::default());
    let mut training = TrainingLoop::new(()).epochs(3).train(|_| 0..2, |(), _, _| Ok(()));
    let error = training.run(&mut callbacks).unwrap_err();
    assert_eq!(error.to_string(), "training failed at the end of epoch 0");
    assert_eq!(error.callback_error().unwrap().callback(), "mine");
    assert!(error.history().epochs().is_empty());
    assert_eq!(*callbacks.get::<Ends>().unwrap().0.lock().unwrap(), [true]);
}

/// Whether a full disk ends the training is up to the user.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_the_hook() {
    use tfevents::callbacks::CsvLogger;
    let mut callbacks = CallbackList::new().with_callback(CsvLogger::create("/dev/full").unwrap());
    let error = callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap_err();
    assert_eq!(error.callback(), "CsvLogger");
    let error = error.source().unwrap();
    assert_eq!(error.to_string(), "cannot write to the CSV file /dev/full");
    assert!(error.source().unwrap().is::<std::io::Error>());
    let mut callbacks = CallbackList::new()
        .on_error(OnError::Continue)
        .with_callback(CsvLogger::create("/dev/full").unwrap());
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
        let mut callbacks = CallbackList::new().with_callback(Clumsy).with_callback(given);
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

#[test]
fn the_end_of_a_test_alone_returns_what_was_lost() {
    let dir = tempfile::tempdir().unwrap();
    let writer = tfevents::SummaryWriter::new(dir.path()).unwrap();
    let mut callbacks =
        CallbackList::new().with_callback(TensorBoard::builder(&writer).build().unwrap());
    writer.close().unwrap();
    callbacks.on_test_begin().unwrap();
    let error = callbacks.on_test_end([("loss", 0.5)]).unwrap_err();
    assert_eq!((error.callback(), error.hook()), ("TensorBoard", "on_test_end"));
}

/// An invalid setting is returned before the first epoch, whatever happens with other errors, and
/// no hook of that callback runs.
#[test]
fn an_invalid_setting_is_an_error_before_the_first_epoch() {
    let nan = f64::NAN;
    let checkpoint = || ModelCheckpoint::new("net", |_, _| panic!("a hook has run")).unwrap();
    type Push = Box<dyn Fn(&mut CallbackList)>;
    let early = |set: fn(EarlyStopping) -> EarlyStopping| -> Push {
        Box::new(move |list| list.push(set(EarlyStopping::new("loss"))))
    };
    let reduce = |set: fn(ReduceLrOnPlateau) -> ReduceLrOnPlateau| -> Push {
        Box::new(move |list| list.push(set(ReduceLrOnPlateau::new("loss"))))
    };
    let cases: Vec<(&str, Push)> = vec![
        ("min_delta", early(|stopping| stopping.min_delta(f64::INFINITY))),
        ("baseline", early(|stopping| stopping.baseline(f64::NAN))),
        ("factor", reduce(|reduce| reduce.factor(1.0))),
        ("mode", Box::new(|list| list.push(EarlyStopping::new("val_reward")))),
        ("mode", Box::new(|list| list.push(ReduceLrOnPlateau::new("val_hits_at_10")))),
        ("mode", Box::new(move |list| list.push(checkpoint().monitor("reward").save_top_k(1)))),
        ("min_lr", reduce(|reduce| reduce.min_lr(-1.0))),
        ("min_delta", reduce(|reduce| reduce.min_delta(f64::NAN))),
        ("every_epochs", Box::new(move |list| list.push(checkpoint().every_epochs(0)))),
        ("save_top_k", Box::new(move |list| list.push(checkpoint().save_top_k(0)))),
        (
            "initial_value_threshold",
            Box::new(move |list| list.push(checkpoint().initial_value_threshold(nan))),
        ),
    ];
    for policy in [OnError::Stop, OnError::Continue] {
        for (name, push) in &cases {
            let mut callbacks = CallbackList::new().on_error(policy);
            push(&mut callbacks);
            callbacks.push(History::new());
            let error = callbacks.on_train_begin().unwrap_err();
            assert_eq!(error.hook(), "on_train_begin");
            let source = error.source().unwrap().downcast_ref::<ConfigError>().unwrap();
            assert_eq!(source.name(), *name);
            // A loop that goes on all the same runs the other callbacks alone.
            callbacks.on_epoch_end(0, [("loss", 0.5), ("val_loss", 0.5)]).unwrap();
            callbacks.on_train_end().unwrap();
            assert_eq!(callbacks.get::<History>().unwrap().epochs(), [0]);

            let mut callbacks = CallbackList::new().on_error(policy);
            push(&mut callbacks);
            // A loop that never says that the training begins.
            callbacks.on_epoch_end(0, [("loss", 0.5), ("val_loss", 0.5)]).unwrap_err();
            let mut training = TrainingLoop::new(()).train(|_| 0..2, |(), _, _| panic!("trained"));
            let error = training.run(&mut callbacks).unwrap_err();
            assert_eq!(error.to_string(), "training failed before the first epoch");
        }
    }
}

/// Each error says one thing, and its source the next.
#[test]
fn errors_do_not_repeat_their_sources() {
    let failing = LambdaCallback::new("mine").on_epoch_end(|_| Err("no space left".into()));
    let mut callbacks = CallbackList::new().with_callback(failing);
    let error = TrainingLoop::new(()).run(&mut callbacks).unwrap_err();
    let mut chain = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        chain.push(error.to_string());
        source = error.source();
    }
    let expected = [
        "training failed at the end of epoch 0",
        "callback mine failed in on_epoch_end",
        "no space left",
    ];
    assert_eq!(chain, expected);
}
