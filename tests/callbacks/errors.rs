//! Errors and panics, of callbacks and of the loop.

use crate::steps;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tfevents::callbacks::{
    BoxError, Callback, CallbackList, CallbackResult, Context, CsvLogger, History, LambdaCallback,
    OnError, TensorBoard, TrainingLoop, TrainingLoopError, UpdateFreq,
};

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
    fn driven(logdir: &Path, ends: Ends, panics: bool) -> Result<(), BoxError> {
        let board = TensorBoard::builder(logdir).update_freq(UpdateFreq::Batch).build()?;
        let mut callbacks = CallbackList::new().with_callback(board).with_callback(ends);
        let driver = TrainingLoop::new(()).train(
            |_| 0..10,
            |(), batch, step| {
                step.log("loss", 0.5);
                assert!(!panics || batch < 5, "on purpose");
                if batch == 5 { Err("the data is broken".into()) } else { Ok(()) }
            },
        );
        let result = driver.run(&mut callbacks);
        assert!(matches!(result, Err(TrainingLoopError::Loop(_))));
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

#[test]
fn a_callback_that_fails_is_named_and_the_user_chooses() {
    let failing = || LambdaCallback::new("mine").on_epoch_end(|_| Err("no room".into()));
    let mut callbacks = CallbackList::new().with_callback(failing()).with_callback(History::new());
    let error = callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap_err();
    assert_eq!(error.to_string(), "callback mine failed in on_epoch_end: no room");
    // The others are called all the same.
    assert_eq!(callbacks.get::<History>().unwrap().epochs(), [0]);

    let mut callbacks = CallbackList::new().on_error(OnError::Continue).with_callback(failing());
    for epoch in 0..3 {
        callbacks.on_epoch_end(epoch, [("loss", 0.5)]).unwrap();
    }
    assert_eq!(callbacks.errors().len(), 3);
    assert_eq!(callbacks.errors()[0].callback(), "mine");

    let mut callbacks = CallbackList::new().with_callback(failing()).with_callback(Ends::default());
    let driver = TrainingLoop::new(()).epochs(3).train(|_| 0..2, |(), _, _| Ok(()));
    let error = driver.run(&mut callbacks).unwrap_err();
    assert!(matches!(&error, TrainingLoopError::Callback(_)), "{error}");
    assert_eq!(*callbacks.get::<Ends>().unwrap().0.lock().unwrap(), [true]);
}

/// A disk that fails does not end the training before its end.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_at_the_end() {
    let mut callbacks = CallbackList::new().with_callback(CsvLogger::create("/dev/full").unwrap());
    let error = callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap_err().to_string();
    assert!(error.contains("CsvLogger") && error.contains("/dev/full"), "{error}");
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
fn a_lone_test_tells_what_was_lost() {
    let dir = tempfile::tempdir().unwrap();
    let writer = tfevents::SummaryWriter::new(dir.path()).unwrap();
    let mut callbacks =
        CallbackList::new().with_callback(TensorBoard::builder(&writer).build().unwrap());
    writer.close().unwrap();
    callbacks.on_test_begin().unwrap();
    let error = callbacks.on_test_end([("loss", 0.5)]).unwrap_err();
    assert_eq!((error.callback(), error.hook()), ("TensorBoard", "on_test_end"));
}
