//! Trainings with candle: the contents of their files, and trainings that fail.

mod common;
#[path = "common/graph.rs"]
mod graph;
#[path = "common/line.rs"]
mod line;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Optimizer, SGD, VarMap};
use common::{count, histograms, logged, record_log, scalars, steps};
use line::{Line, board};
use tfevents::SummaryWriter;
use tfevents::callbacks::{
    BatchContext, Callback, CallbackList, CallbackResult, Context, EarlyStopping, History,
    LambdaCallback, Model, TensorBoard, TrainingLoop, UpdateFreq,
};
use tfevents::read::{Payload, Run};
use tfevents_candle::{CandleModel, CandleWriter};

/// Trains with three batches an epoch.
fn fit(
    line: &Line,
    callbacks: &mut CallbackList,
    (first, epochs): (usize, usize),
    validate: bool,
) -> History {
    let step = |model: &mut CandleModel<SGD>, batch, step: &mut BatchContext<'_>| {
        let loss = line.loss(batch)?;
        model.backward_step(&loss)?;
        step.log("loss", loss.to_scalar::<f32>()?);
        Ok(())
    };
    let driver = TrainingLoop::new(line.model(1e-3)).epochs(epochs).initial_epoch(first);
    let mut driver = driver.train(|_| 0..3, step);
    if validate {
        driver = driver.validate(
            |_| 3..5,
            |_, batch, step| {
                step.log("loss", line.loss(batch)?.to_scalar::<f32>()?);
                Ok(())
            },
        );
    }
    driver.run(callbacks).unwrap()
}

#[test]
fn two_epochs_of_three_batches() {
    for validate in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let line = Line::new();
        fit(&line, &mut CallbackList::new().with_callback(board(dir.path())), (0, 2), validate);
        let run = dir.path().join("train");
        let (scalars, histograms) = (scalars(&run), histograms(&run));
        let tags: Vec<_> = scalars.keys().map(String::as_str).collect();
        assert_eq!(
            tags,
            [
                "batch_loss",
                "epoch_learning_rate",
                "epoch_loss",
                "line/fc/bias/gradient/norm",
                "line/fc/bias/norm",
                "line/fc/weight/gradient/norm",
                "line/fc/weight/norm",
            ]
        );
        assert_eq!(steps(&scalars["batch_loss"]), [1, 2, 3, 4, 5, 6]);
        assert!(scalars.values().skip(1).all(|points| steps(points) == [0, 1]));
        assert_eq!(scalars["epoch_learning_rate"][0].1, 1e-3);
        let tags: Vec<_> = histograms.keys().map(String::as_str).collect();
        assert_eq!(
            tags,
            [
                "line/fc/bias/gradient/histogram",
                "line/fc/bias/histogram",
                "line/fc/weight/gradient/histogram",
                "line/fc/weight/histogram",
            ]
        );
        for points in histograms.values() {
            assert_eq!(steps(points), [0, 1]);
            assert!(points.iter().all(|(_, rows)| count(rows) == 1.0));
        }
        let graphs = Run::open(&run).unwrap().events().map(Result::unwrap);
        assert_eq!(graphs.filter(|event| matches!(event.payload(), Payload::Graph(_))).count(), 1);

        let validation = common::scalars(dir.path().join("validation"));
        if validate {
            assert_eq!(steps(&validation["epoch_loss"]), [0, 1]);
            assert_eq!(steps(&validation["evaluation_loss_vs_iterations"]), [3, 6]);
        } else {
            assert!(validation.is_empty());
        }
    }
}

#[test]
fn the_graph_has_layers_and_variables() {
    assert_eq!(
        graph::lines(&tfevents_candle::graph(&Line::new().varmap).unwrap()),
        [
            "line/fc/bias = Variable() f32 [1]",
            "line/fc/weight = Variable() f32 [1, 1]",
            "line/fc/layer = Layer(line/fc/bias line/fc/weight)",
        ]
    );
}

#[test]
fn accumulated_gradients_are_those_of_the_step() {
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new();
    let writer = SummaryWriter::new(dir.path().join("own")).unwrap();
    let (mut waiting, mut sums) = (None::<GradStore>, Vec::new());
    // Two epochs of six batches, and a step of the optimizer for three of them.
    let step = |model: &mut CandleModel<SGD>, batch: usize, step: &mut BatchContext<'_>| {
        let loss = line.loss(batch)?;
        step.log("loss", loss.to_scalar::<f32>()?);
        let new = loss.backward()?;
        match &mut waiting {
            Some(waiting) => waiting.extend(new)?,
            None => waiting = Some(new),
        }
        if batch % 3 == 2 {
            let gradients = waiting.take().ok_or("none")?;
            let bias = &line.varmap.data().lock().unwrap()["line.fc.bias"].clone();
            let sum = gradients.get(bias.as_tensor()).ok_or("none")?.to_vec1::<f32>()?[0];
            sums.push(sum.abs());
            writer.add_gradients(&line.varmap, &gradients, sums.len());
            model.step(gradients)?;
        }
        Ok(())
    };
    let mut callbacks = CallbackList::new().with_callback(board(&dir.path().join("board")));
    TrainingLoop::new(line.model(1e-3))
        .epochs(2)
        .train(|_| 0..6, step)
        .run(&mut callbacks)
        .unwrap();
    writer.close().unwrap();

    let own = scalars(dir.path().join("own"));
    let expected: Vec<_> = (1..).zip(sums.iter().copied()).collect();
    assert_eq!(own["line/fc/bias/gradient/norm"], expected);
    assert_eq!(steps(&own["line/fc/weight/gradient/norm"]), [1, 2, 3, 4]);
    // The callback logs the last ones of an epoch.
    let board = scalars(dir.path().join("board/train"));
    assert_eq!(steps(&board["batch_loss"]), (1..=12).collect::<Vec<_>>());
    assert_eq!(board["line/fc/bias/gradient/norm"], [(0, sums[1]), (1, sums[3])]);
}

#[test]
fn a_continued_training_continues_its_steps() {
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new();
    let board = TensorBoard::builder(dir.path()).update_freq(UpdateFreq::Batch);
    let mut callbacks =
        CallbackList::new().with_callback(board.continue_counting(true).build().unwrap());
    fit(&line, &mut callbacks, (0, 2), false);
    fit(&line, &mut callbacks, (2, 3), false);
    let scalars = scalars(dir.path().join("train"));
    assert_eq!(steps(&scalars["batch_loss"]), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(steps(&scalars["epoch_loss"]), [0, 1, 2]);
}

/// A callback that makes the weights worse after some epochs, so that the best ones are not the last.
struct Spoil(VarMap);

impl Callback for Spoil {
    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if context.epoch() >= 2 {
            for var in self.0.all_vars() {
                var.set(&var.as_tensor().affine(1.0, 10.0)?)?;
            }
        }
        Ok(())
    }
}

/// A callback that stores the weights of each epoch.
struct Bits(Vec<Vec<u32>>);

impl Callback for Bits {
    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let mut bits = Vec::new();
        let model = context.model().ok_or("no model")?;
        model.weights(&mut |_, _, values| bits.extend(values.iter().map(|value| value.to_bits())));
        self.0.push(bits);
        Ok(())
    }
}

#[test]
fn early_stopping_restores_every_bit() {
    let line = Line::new();
    let stopping = EarlyStopping::new("loss").patience(2).restore_best_weights(true);
    let mut callbacks = CallbackList::new()
        .with_callback(Bits(Vec::new()))
        .with_callback(stopping)
        .with_callback(Spoil(line.varmap.clone()));
    fit(&line, &mut callbacks, (0, 50), false);
    let stopping = callbacks.get::<EarlyStopping>().unwrap();
    assert_eq!((stopping.best_epoch(), stopping.stopped_epoch()), (Some(2), Some(4)));
    let bits = &callbacks.get::<Bits>().unwrap().0;
    assert_eq!(line.bits(), bits[2]);
    assert_ne!(line.bits(), bits[4]);
}

#[test]
fn every_type_is_restored_to_the_bit() {
    for dtype in [DType::BF16, DType::F16, DType::F32, DType::F64, DType::I64, DType::U8] {
        let varmap = VarMap::new();
        let values = Tensor::new(&[0.1f32, 2.0, 100.0], &Device::Cpu).unwrap();
        let var = candle_core::Var::from_tensor(&values.to_dtype(dtype).unwrap()).unwrap();
        varmap.data().lock().unwrap().insert("w".into(), var.clone());
        let mut model = CandleModel::new(&varmap, SGD::new(varmap.all_vars(), 0.1).unwrap());
        let read = || var.to_dtype(DType::F64).unwrap().to_vec1::<f64>().unwrap();
        let before = read();
        let snapshot = model.snapshot().unwrap();
        var.set(&var.zeros_like().unwrap()).unwrap();
        assert_ne!(read(), before);
        model.restore(&snapshot).unwrap();
        assert_eq!(read(), before, "{dtype:?}");

        let other = Line::new();
        let error = other.model(0.1).restore(&snapshot).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid snapshot: names or shapes of variables differ from the model's"
        );
    }
}

#[test]
fn callbacks_can_change_the_learning_rate() {
    let line = Line::new();
    let mut model = line.model(0.1);
    model.set_learning_rate(0.025);
    assert_eq!((model.learning_rate(), model.optimizer().learning_rate()), (Some(0.025), 0.025));
    assert_eq!(model.iterations(), Some(0));
    model.backward_step(&line.loss(0).unwrap()).unwrap();
    assert_eq!(model.iterations(), Some(1));
}

#[test]
fn gradients_are_there_after_backward() {
    let line = Line::new();
    let mut model = line.model(0.1);
    let mut found = Vec::new();
    model.gradients(&mut |name, _, _| found.push(name.to_owned()));
    assert!(found.is_empty(), "{found:?}");
    model.backward_step(&line.loss(0).unwrap()).unwrap();
    model.gradients(&mut |name, shape, values| {
        assert!(values.iter().all(|value| *value != 0.0), "{name}: {values:?}");
        found.push(format!("{name} {shape:?}"));
    });
    assert_eq!(found, ["line/fc/bias [1]", "line/fc/weight [1, 1]"]);
}

#[test]
fn missing_gradients_and_elements_are_skipped_with_one_warning() {
    record_log();
    let line = Line::new();
    let insert = |name: &str, tensor: Tensor| {
        let var = Var::from_tensor(&tensor).unwrap();
        line.varmap.data().lock().unwrap().insert(name.into(), var);
    };
    insert("line.unused", Tensor::new(&[1f32, f32::NAN], &Device::Cpu).unwrap());
    insert("line.empty", Tensor::zeros((0, 2), DType::F32, &Device::Cpu).unwrap());
    let dir = tempfile::tempdir().unwrap();
    fit(&line, &mut CallbackList::new().with_callback(board(dir.path())), (0, 3), false);
    let run = dir.path().join("train");
    let histograms = histograms(&run);
    let tags: Vec<_> = histograms.keys().map(String::as_str).collect();
    assert_eq!(
        tags,
        [
            "line/fc/bias/gradient/histogram",
            "line/fc/bias/histogram",
            "line/fc/weight/gradient/histogram",
            "line/fc/weight/histogram",
            "line/unused/histogram",
        ]
    );
    assert!(histograms.values().all(|points| steps(points) == [0, 1, 2]));
    assert_eq!(steps(&scalars(&run)["epoch_loss"]), [0, 1, 2]);
    let expected = [("\"line/unused\"", "no gradient"), ("\"line/empty\"", "0 elements")];
    for (variable, why) in expected {
        let logged = logged(variable);
        assert!(logged.len() == 1 && logged[0].contains(why), "{logged:?}");
    }
    // A model without variables has nothing to log.
    let nothing = CandleModel::new(&VarMap::new(), SGD::new(Vec::new(), 0.1).unwrap());
    let mut found = 0;
    nothing.weights(&mut |_, _, _| found += 1);
    assert_eq!(found, 0);
}

#[test]
fn failed_trainings_leave_valid_files() {
    // Ended by a callback, an error and a panic.
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new();
    let stop = LambdaCallback::new("stop").on_train_batch_end(|context| {
        if context.train_steps() == 4 {
            context.request_stop();
        }
        Ok(())
    });
    fit(
        &line,
        &mut CallbackList::new().with_callback(board(dir.path())).with_callback(stop),
        (0, 9),
        false,
    );
    assert_eq!(steps(&scalars(dir.path().join("train"))["batch_loss"]), [1, 2, 3, 4]);

    for panics in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut callbacks = CallbackList::new().with_callback(board(dir.path()));
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let step = |model: &mut CandleModel<SGD>, batch, _: &mut BatchContext<'_>| {
                assert!(!(panics && batch == 2), "in the training step");
                // Incompatible shapes.
                let loss = if batch == 2 {
                    line.loss(0)?.matmul(&line.loss(0)?)?
                } else {
                    line.loss(batch)?
                };
                model.backward_step(&loss)?;
                Ok(())
            };
            TrainingLoop::new(line.model(0.1))
                .epochs(2)
                .train(|_| 0..3, step)
                .run(&mut callbacks)
                .err()
        }));
        match ended {
            Ok(error) => assert!(!panics && error.is_some()),
            Err(_) => assert!(panics),
        }
        drop(callbacks);
        // No record is truncated.
        assert!(Run::open(dir.path().join("train")).unwrap().events().all(|event| event.is_ok()));
    }
}

#[test]
fn a_loop_without_callbacks_logs_weights_and_gradients() {
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new();
    let mut optimizer = SGD::new(line.varmap.all_vars(), 1e-3).unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..4 {
        let loss = line.loss(step).unwrap();
        let grads = loss.backward().unwrap();
        optimizer.step(&grads).unwrap();
        writer.add_weights(&line.varmap, step);
        writer.add_gradients(&line.varmap, &grads, step);
    }
    writer.close().unwrap();
    let histograms = histograms(dir.path());
    let tags: Vec<_> = histograms.keys().map(String::as_str).collect();
    assert_eq!(
        tags,
        ["line/fc/bias", "line/fc/bias/gradient", "line/fc/weight", "line/fc/weight/gradient"]
    );
    assert!(histograms.values().all(|points| steps(points) == [0, 1, 2, 3]));
}
