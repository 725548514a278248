//! Where the step of an event comes from.

use crate::{Logged, logged};
use tfevents::StepSource;
use tfevents::callbacks::{CallbackList, TensorBoard, TrainingLoop};
use tracing::{field, info, info_span};

#[test]
fn the_events_own_step_comes_first() {
    let logged = Logged::new();
    logged.writer.step_source().set(1);
    logged.with(logged.writer.events(), || {
        info_span!("batch", step = 2).in_scope(|| {
            info!(loss = 0.5, step = 3);
            info!(step = 4u64, loss = 0.25);
        });
    });
    assert_eq!(logged.points("loss"), [(3, 0.5), (4, 0.25)]);
    assert_eq!(logged.points("step"), []);
}

#[test]
fn the_nearest_span_with_a_step_comes_second() {
    let logged = Logged::new();
    logged.writer.step_source().set(1);
    logged.with(logged.writer.events(), || {
        let outer = info_span!("epoch", step = 2).entered();
        let inner = info_span!("batch", step = field::Empty);
        inner.in_scope(|| info!(loss = 0.1));
        inner.record("step", 3);
        inner.in_scope(|| {
            info!(loss = 0.2);
            info_span!("forward").in_scope(|| info!(loss = 0.3));
            info_span!("other", epoch = 9).in_scope(|| info!(loss = 0.4));
        });
        inner.record("step", 5);
        info!(parent: &inner, loss = 0.5);
        info!(parent: None, loss = 0.6);
        drop(outer);
        info!(loss = 0.7);
    });
    let expected = [(2, 0.1), (3, 0.2), (3, 0.3), (3, 0.4), (5, 0.5), (1, 0.6), (1, 0.7)];
    assert_eq!(logged.points("loss"), expected);
}

#[test]
fn a_step_source_comes_last() {
    let logged = Logged::new();
    let steps = logged.writer.step_source();
    logged.with(logged.writer.events(), || {
        info!(loss = 0.0);
        for step in [0, 7] {
            steps.set(step);
            info!(loss = step);
        }
        steps.clear();
        info!(loss = 0.0);
    });
    assert_eq!(logged.points("loss"), [(0, 0.0), (7, 7.0)]);
    assert_eq!(logged.writer.stats().without_step, 2);

    let logged = Logged::new();
    let steps = StepSource::new();
    steps.set(4);
    logged.with(logged.writer.events().step_source(&steps), || info!(loss = 0.5));
    assert_eq!(logged.points("loss"), [(4, 0.5)]);
}

#[test]
fn child_runs_share_the_source() {
    let logged = Logged::new();
    let child = logged.writer.child_run("validation").unwrap();
    child.step_source().set(3);
    logged.with(logged.writer.events(), || info!(loss = 0.5));
    assert_eq!(logged.points("loss"), [(3, 0.5)]);
}

#[test]
fn the_names_of_the_field_can_be_set() {
    let logged = Logged::new();
    logged.with(logged.writer.events().step_fields(["iteration", "epoch"]), || {
        info!(epoch = 1, loss = 0.1);
        info!(epoch = 1, iteration = 2, loss = 0.2);
        info_span!("epoch", epoch = 3).in_scope(|| info!(step = 9, loss = 0.3));
    });
    assert_eq!(logged.points("loss"), [(1, 0.1), (2, 0.2), (3, 0.3)]);
    assert_eq!(logged.points("step"), [(3, 9.0)]);
}

/// Two layers may read the step from different fields of the same span.
#[test]
fn layers_keep_their_steps_apart() {
    use tracing_subscriber::prelude::*;
    let (by_step, by_epoch) = (Logged::new(), Logged::new());
    let subscriber = tracing_subscriber::registry()
        .with(by_step.writer.events())
        .with(by_epoch.writer.events().step_fields(["epoch"]));
    tracing::subscriber::with_default(subscriber, || {
        info_span!("batch", step = 20, epoch = 1).in_scope(|| info!(loss = 0.5));
    });
    assert_eq!(by_step.points("loss"), [(20, 0.5)]);
    assert_eq!(by_epoch.points("loss"), [(1, 0.5)]);
}

/// The events of a batch have the step of the callback's own `batch_loss`.
#[test]
fn a_training_loop_sets_the_step() {
    let logged = Logged::new();
    let board = TensorBoard::builder(&logged.writer)
        .update_freq(tfevents::callbacks::UpdateFreq::Batch)
        .build()
        .unwrap();
    let mut callbacks = CallbackList::new().with_callback(board);
    logged.with(logged.writer.events(), || {
        TrainingLoop::new(())
            .epochs(2)
            .train(
                |_epoch| [0.5, 0.25],
                |_, batch, step| {
                    info!(rate = batch);
                    step.log("loss", batch);
                    Ok(())
                },
            )
            .run(&mut callbacks)
            .unwrap();
    });
    assert_eq!(logged.points("rate"), [(1, 0.5), (2, 0.25), (3, 0.5), (4, 0.25)]);
    let train = tfevents::read::Run::open(logged.path().join("train")).unwrap();
    assert_eq!(train.scalars("batch_loss").unwrap().steps(), [1, 2, 3, 4]);
}

#[test]
fn a_list_without_a_board_sets_a_given_source() {
    let logged = Logged::new();
    let mut callbacks = CallbackList::new().step_source(&logged.writer.step_source());
    logged.with(logged.writer.events(), || {
        TrainingLoop::new(())
            .train(
                |_epoch| [0.5],
                |_, batch, _| {
                    info!(rate = batch);
                    Ok(())
                },
            )
            .run(&mut callbacks)
            .unwrap();
    });
    assert_eq!(logged.points("rate"), [(1, 0.5)]);
}

#[test]
fn an_event_without_a_number_needs_no_step() {
    let logged = logged(|| info!(path = "x", "loaded"));
    logged.writer.close().unwrap();
    assert_eq!(logged.writer.stats().without_step, 0);
}
