//! Trainings with burn: the contents of the files, and burn's own features beside the logger.

mod common;

use burn::module::Module;
use burn::train::checkpoint::{
    ComposedCheckpointingStrategy, KeepLastNCheckpoints, MetricCheckpointingStrategy,
};
use burn::train::logger::FileMetricLogger;
use burn::train::metric::LossMetric;
use burn::train::metric::store::{Aggregate, Direction, Split};
use burn::train::{
    LearnerSummary, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining,
};
use common::{Net, histograms, learner, scalars, steps, training};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use tfevents::SummaryWriter;
use tfevents::read::Run;
use tfevents_burn::{BurnLogger, Watch, Watched};

fn writer(dir: &Path) -> SummaryWriter {
    SummaryWriter::new(dir).unwrap()
}

#[test]
fn two_epochs_of_three_batches() {
    for validation in [8, 0] {
        let dir = tempfile::tempdir().unwrap();
        let logs = writer(&dir.path().join("logs"));
        let training: SupervisedTraining<Net> = training(dir.path(), validation);
        let result =
            training.with_metric_logger(BurnLogger::new(&logs)).launch(learner(Net::new(), 0.1));
        assert!(result.error.is_none());
        logs.close().unwrap();

        let found = scalars(logs.path().join("train"));
        let tags: Vec<_> = found.keys().map(String::as_str).collect();
        assert_eq!(tags, ["Accuracy", "Loss", "epoch/Accuracy", "epoch/Loss"]);
        assert_eq!(steps(&found["Loss"]), [1, 2, 3, 4, 5, 6]);
        assert_eq!(steps(&found["Accuracy"]), [1, 2, 3, 4, 5, 6]);
        assert_eq!(steps(&found["epoch/Loss"]), [1, 2]);
        // All batches have the same size.
        let mean: f32 = found["Loss"][3..].iter().map(|(_, loss)| loss / 3.0).sum();
        assert!((found["epoch/Loss"][1].1 - mean).abs() < 1e-5);

        let run = logs.path().join("valid");
        let found = scalars(&run);
        if validation == 0 {
            assert!(found.is_empty(), "{found:?}");
            continue;
        }
        assert_eq!(steps(&found["Loss"]), [1, 2, 3, 4]);
        assert_eq!(steps(&found["epoch/Accuracy"]), [1, 2]);
        let accuracy = Run::open(run).unwrap().events().map(Result::unwrap).find_map(|event| {
            event.values().iter().find(|value| value.tag() == "Accuracy").cloned()
        });
        assert_eq!(accuracy.unwrap().metadata().description, "Unit: %.\n\nHigher is better.");
    }
}

/// Trains up to an epoch, perhaps from a checkpoint.
fn train_up_to(
    dir: &Path,
    epochs: usize,
    checkpoint: Option<usize>,
    accumulation: Option<usize>,
    logger: impl FnOnce(BurnLogger) -> BurnLogger,
) {
    let logs = writer(&dir.join("logs"));
    let mut watch = Watch::new(&logs).weights().checkpoint(checkpoint.unwrap_or(0));
    let mut training: SupervisedTraining<Watched<Net>> = training(dir, 8);
    training = training
        .with_default_checkpointers()
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(9))
        .num_epochs(epochs)
        .with_metric_logger(logger(BurnLogger::new(&logs)));
    if let Some(epoch) = checkpoint {
        training = training.checkpoint(epoch);
    }
    if let Some(batches) = accumulation {
        training = training.grads_accumulation(batches);
        watch = watch.grads_accumulation(batches);
    }
    training.launch(learner(watch.model(Net::new()), 0.1));
    logs.close().unwrap();
}

#[test]
fn a_continued_training_continues_its_steps() {
    let dir = tempfile::tempdir().unwrap();
    train_up_to(dir.path(), 3, None, None, |logger| logger);
    // Epoch 3 runs again.
    train_up_to(dir.path(), 4, Some(2), None, |logger| logger);
    let logs = dir.path().join("logs");
    let train = scalars(logs.join("train"));
    let expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 7, 8, 9, 10, 11, 12];
    for tag in ["Loss", "learning_rate", "layers/0/weight/norm"] {
        assert_eq!(steps(&train[tag]), expected, "{tag}");
    }
    assert_eq!(steps(&train["epoch/Loss"]), [1, 2, 3, 3, 4]);
    // The same weights again, from the checkpoint.
    let norms = &train["layers/0/weight/norm"];
    assert_eq!(norms[6..9], norms[9..12]);
    let valid = scalars(logs.join("valid"));
    assert_eq!(steps(&valid["Loss"]), [1, 2, 3, 4, 5, 6, 5, 6, 7, 8]);
    train_up_to(dir.path(), 5, Some(4), None, |logger| logger.initial_step(100));
    let train = scalars(logs.join("train"));
    assert_eq!(steps(&train["Loss"])[15..], [101, 102, 103]);
    assert_eq!(steps(&train["learning_rate"])[15..], [13, 14, 15]);
}

#[test]
fn a_continued_training_with_accumulated_gradients_continues_its_steps() {
    let dir = tempfile::tempdir().unwrap();
    // Three batches are two steps: of two batches, and of the remaining one.
    train_up_to(dir.path(), 2, None, Some(2), |logger| logger);
    train_up_to(dir.path(), 3, Some(2), Some(2), |logger| logger);
    let train = scalars(dir.path().join("logs/train"));
    assert_eq!(steps(&train["Loss"]), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(steps(&train["learning_rate"]), [1, 2, 3, 4, 5, 6]);
}

/// Trains with early stopping, and returns the number of epochs and the checkpoints.
fn train_until_stopped(
    artifacts: &Path,
    logger: impl FnOnce(&Path) -> Option<BurnLogger>,
) -> (usize, Vec<String>) {
    let strategy = MetricEarlyStoppingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        Direction::Lowest,
        Split::Valid,
        StoppingCondition::NoImprovementSince { n_epochs: 2 },
    );
    let best = MetricCheckpointingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        Direction::Lowest,
        Split::Valid,
    );
    let keep = ComposedCheckpointingStrategy::builder().add(KeepLastNCheckpoints::new(1)).add(best);
    let mut training: SupervisedTraining<Net> = training(artifacts, 8);
    training = training
        .num_epochs(25)
        .early_stopping(strategy)
        .with_default_checkpointers()
        .with_checkpointing_strategy(keep.build());
    if let Some(logger) = logger(artifacts) {
        training = training.with_metric_logger(logger);
    } else {
        training = training.with_metric_logger(FileMetricLogger::new(artifacts));
    }
    // With such a rate the loss grows soon.
    training.launch(learner(Net::new(), 30.0));
    let files = std::fs::read_dir(artifacts.join("checkpoint")).unwrap();
    let mut files: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let epochs = files.iter().filter_map(|name| {
        name.split(|digit: char| !digit.is_ascii_digit()).find_map(|number| number.parse().ok())
    });
    (epochs.max().unwrap(), files)
}

#[test]
fn early_stopping_and_the_best_checkpoint_equal_those_of_burn() {
    let dir = tempfile::tempdir().unwrap();
    let expected = train_until_stopped(&dir.path().join("burn"), |_| None);
    assert!((3..25).contains(&expected.0), "{expected:?}");
    let ours =
        train_until_stopped(&dir.path().join("ours"), |dir| Some(BurnLogger::new(&writer(dir))));
    assert_eq!(ours, expected);
    let both =
        train_until_stopped(&dir.path().join("both"), |dir| Some(BurnLogger::in_artifacts(dir)));
    assert_eq!(both, expected);
}

#[test]
fn the_summary_equals_that_of_burn() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, logger: Option<BurnLogger>| {
        let artifacts = dir.path().join(name);
        let mut training: SupervisedTraining<Net> = training(&artifacts, 8);
        training = training.summary();
        if let Some(logger) = logger {
            training = training.with_metric_logger(logger);
        }
        training.launch(learner(Net::new(), 0.1));
        let summary = LearnerSummary::new(&artifacts, &["Loss", "Accuracy"]).ok()?;
        let mut found = Vec::new();
        for metric in summary.metrics.train.iter().chain(&summary.metrics.valid) {
            for entry in &metric.entries {
                found.push((metric.name.clone(), entry.step, entry.value.to_bits()));
            }
        }
        Some(found)
    };
    let expected = run("burn", None).unwrap();
    assert_eq!(expected.len(), 8);
    let in_artifacts = BurnLogger::in_artifacts(dir.path().join("in"));
    assert_eq!(run("in", Some(in_artifacts)).unwrap(), expected);
    let logs = writer(&dir.path().join("logs"));
    let kept = BurnLogger::new(&logs).keep_files(dir.path().join("kept"));
    assert_eq!(run("kept", Some(kept)).unwrap(), expected);
    assert_eq!(steps(&scalars(dir.path().join("in/train"))["Loss"]).len(), 6);
}

#[test]
fn watched_models_are_logged_by_steps_of_the_optimizer() {
    // Accumulated over three batches, an epoch is one step.
    for (accumulation, expected) in [(None, vec![1, 2, 4, 6]), (Some(3), vec![1, 2])] {
        let dir = tempfile::tempdir().unwrap();
        let logs = writer(&dir.path().join("logs"));
        let watch = Watch::new(&logs).weights().gradients().log_every(2);
        let mut training: SupervisedTraining<Watched<Net>> = training(dir.path(), 8);
        if let Some(accumulation) = accumulation {
            training = training.grads_accumulation(accumulation);
        }
        training = training.with_metric_logger(BurnLogger::new(&logs));
        training.launch(learner(watch.model(Net::new()), 0.1));
        logs.close().unwrap();

        let run = logs.path().join("train");
        let histograms = histograms(&run);
        let tags: Vec<_> = histograms.keys().map(String::as_str).collect();
        assert_eq!(
            tags,
            [
                "layers/0/bias",
                "layers/0/bias/gradient",
                "layers/0/weight",
                "layers/0/weight/gradient",
                "layers/1/weight",
                "layers/1/weight/gradient",
            ]
        );
        for points in histograms.values() {
            assert_eq!(steps(points), expected);
        }
        assert_eq!(common::count(&histograms["layers/0/weight"][0].1), 6.0);
        let scalars = scalars(&run);
        assert_eq!(steps(&scalars["Loss"]), [1, 2, 3, 4, 5, 6]);
        assert_eq!(steps(&scalars["learning_rate"]), expected);
        assert_eq!(scalars["learning_rate"][0].1, 0.1);
        assert!(scalars["layers/0/weight/gradient/norm"].iter().all(|(_, norm)| *norm > 0.0));
        // The weights before the first step.
        let weight = Net::new().layers[0].weight.val().into_data();
        let norm = weight.iter::<f32>().map(|value| value * value).sum::<f32>().sqrt();
        assert!((scalars["layers/0/weight/norm"][0].1 - norm).abs() < 1e-5);
    }
}

#[test]
fn checkpoints_of_a_watched_model_are_those_of_the_model() {
    let dir = tempfile::tempdir().unwrap();
    let watch = Watch::new(&writer(dir.path()));
    let of = |name: &str| dir.path().join(name);
    watch.model(Net::new()).save_file(of("watched")).unwrap();
    Net::new().save_file(of("plain")).unwrap();

    let other = || {
        let mut net = Net::new();
        net.layers[0].weight = net.layers[0].weight.clone().map(|weight| weight * 2.0);
        net
    };
    let bits = |net: &Net| net.layers[0].weight.val().into_data();
    assert_ne!(bits(&other()), bits(&Net::new()));
    let loaded = other().load_file(of("watched"));
    assert_eq!(bits(&loaded), bits(&Net::new()));
    let loaded = watch.model(other()).load_file(of("plain"));
    assert_eq!(bits(loaded.model()), bits(&Net::new()));
    assert_eq!(loaded.num_params(), Net::new().num_params());
    assert_eq!(loaded.to_string(), Net::new().to_string());
}

#[test]
fn a_panic_in_the_training_step_loses_no_earlier_values() {
    let dir = tempfile::tempdir().unwrap();
    let logs = writer(&dir.path().join("logs"));
    let watch = Watch::new(&logs).gradients();
    let training: SupervisedTraining<Watched<Net>> = training(dir.path(), 8);
    let training = training.with_metric_logger(BurnLogger::new(&logs));
    // In the second batch of the second epoch.
    let model = Net { batches_left: Some(Arc::new(4.into())), ..Net::new() };
    let model = watch.model(model);
    let ended = catch_unwind(AssertUnwindSafe(|| training.launch(learner(model, 0.1))));
    assert!(ended.is_err());
    logs.add_scalar("after", 1, 1);
    logs.close().unwrap();
    assert_eq!(scalars(logs.path())["after"].len(), 1);
    let found = scalars(logs.path().join("train"));
    assert_eq!(steps(&found["Loss"]), [1, 2, 3, 4]);
    assert_eq!(steps(&found["epoch/Loss"]), [1]);
    assert_eq!(steps(&found["layers/0/weight/gradient/norm"]), [1, 2, 3, 4]);
    assert_eq!(steps(&scalars(logs.path().join("valid"))["Loss"]), [1, 2]);
}

#[test]
fn an_interrupted_training_is_logged_up_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let logs = writer(&dir.path().join("logs"));
    let training: SupervisedTraining<Net> = training(dir.path(), 8);
    // burn checks it after the first batch.
    training.interrupter().stop(Some("enough"));
    let training = training.with_metric_logger(BurnLogger::new(&logs));
    let result = training.launch(learner(Net::new(), 0.1));
    assert_eq!(result.interrupted.unwrap().reason.as_deref(), Some("enough"));
    logs.close().unwrap();
    let found = scalars(logs.path().join("train"));
    assert_eq!((steps(&found["Loss"]), steps(&found["epoch/Loss"])), (vec![1], vec![1]));
    assert_eq!(found["Loss"][0].1, found["epoch/Loss"][0].1);
    assert!(!logs.path().join("valid").exists());
}
