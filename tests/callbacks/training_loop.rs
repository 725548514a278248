//! The loop that `TrainingLoop` runs.

use crate::Net;
use std::sync::{Arc, Mutex};
use tfevents::callbacks::{
    CallbackList, CallbackResult, Context, EarlyStopping, LambdaCallback, TerminateOnNan,
    TrainingLoop,
};

#[test]
fn the_loop_calls_hooks_in_keras_order() {
    let called = Arc::new(Mutex::new(Vec::new()));
    let record = |name: &'static str| {
        let called = Arc::clone(&called);
        move |context: &mut Context<'_>| -> CallbackResult {
            let logs: Vec<String> = context
                .logs()
                .iter()
                .map(|(name, value)| format!(" {name}={}", value.as_f64().unwrap()))
                .collect();
            called.lock().unwrap().push(format!("{name}{}", logs.concat()));
            Ok(())
        }
    };
    let recorder = LambdaCallback::new("recorder")
        .on_train_begin(record("train("))
        .on_epoch_begin(record("epoch("))
        .on_train_batch_begin(record("batch("))
        .on_train_batch_end(record("batch)"))
        .on_test_begin(record("test("))
        .on_test_batch_begin(record("test batch("))
        .on_test_batch_end(record("test batch)"))
        .on_test_end(record("test)"))
        .on_epoch_end(record("epoch)"))
        .on_train_end(record("train)"));
    let mut callbacks = CallbackList::new().with_callback(recorder);
    let history = TrainingLoop::new(())
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

/// The training stops after the batch, but the epoch is ended as usual, with its validation.
#[test]
fn a_stop_in_an_epoch_ends_the_epoch_first() {
    let mut callbacks = CallbackList::new().with_callback(TerminateOnNan::new());
    let mut seen = Vec::new();
    let history = TrainingLoop::new(())
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

/// A loop that borrows its model restores the weights of the best epoch.
#[test]
fn the_best_weights_are_restored() {
    let mut net = Net::new();
    let stopping = EarlyStopping::new("loss").patience(2).restore_best_weights(true);
    let mut callbacks = CallbackList::new().with_callback(stopping);
    let losses = [3.0, 1.0, 2.0, 2.0, 0.0];
    TrainingLoop::new(&mut net)
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

/// The loop keeps the model, and its error the history and where it happened.
#[test]
fn an_error_leaves_the_model_and_the_history() {
    for (owned, in_validation) in [(true, false), (true, true), (false, false)] {
        let mut borrowed = Net::new();
        let train = |net: &mut Net, epoch: usize| {
            net.kernel = vec![epoch as f32];
            if epoch == 2 && !in_validation { Err("on purpose".into()) } else { Ok(()) }
        };
        let training =
            if owned { TrainingLoop::new(Net::new()) } else { TrainingLoop::new(&mut borrowed) };
        let mut training = training
            .epochs(5)
            .train(
                |epoch| [epoch],
                |net, epoch, step| {
                    step.log("loss", epoch as f64);
                    train(net, epoch)
                },
            )
            .validate(
                |epoch| [epoch, epoch],
                |_, epoch, step| match (epoch, step.index()) {
                    (2, 1) => Err("on purpose".into()),
                    _ => Ok(()),
                },
            );
        let error = training.run(&mut CallbackList::new()).unwrap_err();
        let expected = if in_validation {
            "validation failed in batch 1 of epoch 2"
        } else {
            "training failed in batch 0 of epoch 2"
        };
        assert_eq!(error.to_string(), expected);
        assert_eq!((error.epoch(), error.batch()), (Some(2), Some(usize::from(in_validation))));
        assert_eq!(error.into_history().get("loss"), [(0, 0.0), (1, 1.0)]);
        assert_eq!(training.model().kernel, [2.0]);
        training.model_mut().kernel = vec![7.0];
        let model = training.into_model();
        assert_eq!(model.map(|net| net.kernel), owned.then(|| vec![7.0]));
        assert_eq!(borrowed.kernel, if owned { vec![3.0, -4.0] } else { vec![7.0] });
    }
}

/// A callback uses the model and the rest of the context at once, without help of the model.
#[test]
fn the_model_and_the_context_are_used_at_once() {
    let callback = LambdaCallback::new("both").on_epoch_end(|context| {
        assert!(context.model_as::<()>().is_none());
        let (model, mut rest) = context.split_model();
        let net: &mut Net = model.and_then(|model| model.downcast_mut()).ok_or("another model")?;
        let kernel = &mut net.kernel;
        rest.logs_mut().set("kernel", kernel[0]);
        assert!(rest.model().is_none());
        // The rest knows what the model has reported.
        assert_eq!((rest.learning_rate(), rest.iterations()), (Some(0.25), 7));
        kernel[0] += 1.0;
        rest.request_stop();
        Ok(())
    });
    let mut callbacks = CallbackList::new().with_callback(callback);
    let history = TrainingLoop::new(Net::new()).epochs(3).run(&mut callbacks).unwrap();
    assert_eq!(history.get("kernel"), [(0, 3.0)]);
}
