//! `hparams`, beside TensorBoard's HParams dashboard.

use super::{copy_events, data, tfevents};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;
use tfevents::SummaryWriter;
use tfevents::summary::{Experiment, HParamInfo, HParams, MetricInfo, TrialStatus};

fn write_trials(dir: &Path) {
    let experiment = Experiment::new(
        [HParamInfo::range("lr", 1e-5, 1.0).unwrap()],
        [MetricInfo::new("loss").display_name("Loss"), MetricInfo::new("accuracy").group("eval")],
    );
    SummaryWriter::write_experiment(dir, &experiment.unwrap()).unwrap();
    for trial in 0..4 {
        let run = dir.join(format!("trial{trial}"));
        let writer = SummaryWriter::new(&run).unwrap();
        let hparams =
            HParams::builder().set("lr", 0.1 / f64::from(trial + 1)).set("bias", trial % 2 == 0);
        writer.add_hparams(&hparams.set("optimizer", "sgd").build().unwrap());
        let eval = writer.child_run("eval").unwrap();
        for step in 0..3i64 {
            writer.add_scalar("loss", 1.0 / (step as f32 + trial as f32 + 1.0), step);
            eval.add_scalar("accuracy", 0.1 * (step as f32 + trial as f32), step);
        }
        let status = if trial == 2 { TrialStatus::Failure } else { TrialStatus::Success };
        writer.finish_hparams(status);
        writer.close().unwrap();
    }
}

/// Trials by run: status, hyperparameters, and the last value of each metric by group and tag.
type Trials = BTreeMap<String, (String, BTreeMap<String, Json>, BTreeMap<(String, String), f64>)>;

/// Returns hyperparameters with all numbers as floats.
fn values(hparams: &Json) -> BTreeMap<String, Json> {
    let float = |value: &Json| value.as_f64().map_or(value.clone(), Json::from);
    let hparams = hparams.as_object().into_iter().flatten();
    hparams.map(|(name, value)| (name.clone(), float(value))).collect()
}

fn of_the_command(logs: &Path) -> Trials {
    let json = tfevents(&["hparams".as_ref(), logs.as_os_str(), "--json".as_ref()]);
    let json: Json = serde_json::from_str(&json).unwrap();
    let mut trials = Trials::new();
    for trial in json["trials"].as_array().unwrap() {
        let hparams = values(&trial["hparams"]);
        let metrics = trial["metrics"].as_array().unwrap().iter().map(|metric| {
            let name = |key: &str| metric[key].as_str().unwrap().to_owned();
            let last = metric["last"].as_f64().unwrap_or(f64::NAN);
            ((name("group"), name("tag")), f64::from(last as f32))
        });
        let status = trial["status"].as_str().unwrap().to_owned();
        let run = trial["run"].as_str().unwrap().to_owned();
        trials.insert(run, (status, hparams, metrics.collect()));
    }
    trials
}

fn compare(logs: &Path, trials: usize) {
    let expected = of_the_command(logs);
    assert_eq!(expected.len(), trials);
    tensorboard_tests::show(logs, |board| {
        board.wait_until("all trials", || {
            let experiment = board.try_hparams_experiment()?;
            let mut found = Trials::new();
            for group in board.try_hparams_groups(&experiment)? {
                let hparams = values(&group["hparams"]);
                for session in group["sessions"].as_array().into_iter().flatten() {
                    let status = session["status"].as_str().unwrap_or("STATUS_UNKNOWN");
                    let status = status.trim_start_matches("STATUS_").to_lowercase();
                    let metrics =
                        session["metricValues"].as_array().into_iter().flatten().map(|metric| {
                            let name =
                                |key: &str| metric["name"][key].as_str().unwrap_or("").to_owned();
                            let value = metric["value"].as_f64().unwrap_or(f64::NAN);
                            ((name("group"), name("tag")), f64::from(value as f32))
                        });
                    let name = session["name"].as_str().unwrap().to_owned();
                    found.insert(name, (status, hparams.clone(), metrics.collect()));
                }
            }
            let text = |trials: &Trials| format!("{trials:#?}");
            if text(&found) == text(&expected) {
                return Ok(());
            }
            Err(format!("TensorBoard has {}\nthe command {}", text(&found), text(&expected)))
        });
    });
}

#[test]
fn trials_of_an_experiment_are_those_of_the_dashboard() {
    let dir = tempfile::tempdir().unwrap();
    write_trials(dir.path());
    compare(dir.path(), 4);
}

#[test]
fn trials_of_torch_are_those_of_the_dashboard() {
    let dir = tempfile::tempdir().unwrap();
    copy_events(&data().join("foreign/torch/hparams"), &dir.path().join("trial"));
    compare(dir.path(), 1);
}
