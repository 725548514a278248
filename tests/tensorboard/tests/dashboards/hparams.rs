use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value as Json, json};
use tensorboard_tests::{Board, show};
use tfevents::SummaryWriter;
use tfevents::summary::{Dataset, Experiment, HParamInfo, HParams, MetricInfo, TrialStatus};

use crate::writer;

#[derive(serde::Serialize)]
struct Config {
    seed: u64,
    optimizer: Optimizer,
    layers: Vec<usize>,
    limit: f32,
    resume_from: Option<String>,
}

#[derive(serde::Serialize)]
enum Optimizer {
    Adam { rate: f32, fused: bool },
    Sgd { rate: f32 },
}

/// Returns the experiment, once there are `groups` groups of sessions, and the groups by name.
fn sessions(board: &Board, groups: usize) -> (Json, serde_json::Map<String, Json>) {
    board.wait_until("the sessions", || {
        let experiment = board.try_hparams_experiment()?;
        let found = board.try_hparams_groups(&experiment)?;
        let ended = found.iter().flat_map(|group| group["sessions"].as_array().unwrap());
        let waiting = ended.filter(|session| session["metricValues"].is_null()).count();
        if found.len() != groups || waiting > 0 {
            return Err(format!("{found:?}"));
        }
        let named =
            found.into_iter().map(|group| (group["name"].as_str().unwrap().to_owned(), group));
        Ok((experiment, named.collect()))
    })
}

fn metric<'a>(group: &'a Json, run: &str, tag: &str) -> &'a Json {
    let values = group["metricValues"].as_array().unwrap();
    let name = |value: &&Json| {
        value["name"]["group"].as_str().unwrap_or_default() == run && value["name"]["tag"] == tag
    };
    &values.iter().find(name).unwrap_or_else(|| panic!("{run} {tag} in {group}"))["value"]
}

#[test]
fn sessions_of_configs_and_how_they_ended() {
    let logdir = tempfile::tempdir().unwrap();
    let trial = |name: &str, optimizer: Optimizer, loss: f32| -> SummaryWriter {
        let (writer, _) = writer(&logdir.path().join(name));
        let config = Config {
            seed: u64::MAX,
            optimizer,
            layers: vec![64, 32],
            limit: f32::INFINITY,
            resume_from: None,
        };
        writer.add_hparams(&HParams::from_config(&config).unwrap());
        for step in 0..3 {
            writer.add_scalar("loss", loss / (step + 1) as f32, step);
            writer.child_run("validation").unwrap().add_scalar(
                "accuracy",
                0.25 * step as f32,
                step,
            );
        }
        writer
    };
    let adam = || Optimizer::Adam { rate: 0.1, fused: true };
    trial("closed", adam(), 3.0).close().unwrap();
    drop(trial("dropped", Optimizer::Sgd { rate: 0.01 }, 6.0));
    let failed = trial("failed", adam(), 9.0);
    failed.finish_hparams(TrialStatus::Failure);
    failed.close().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _writer = trial("panicked", adam(), 12.0);
        panic!("for the test");
    }));
    assert!(panicked.is_err());
    let running = trial("running", adam(), 15.0);
    running.flush().unwrap();

    show(logdir.path(), |board| {
        let (experiment, groups) = sessions(board, 5);
        let metrics = experiment["metricInfos"].as_array().unwrap();
        assert_eq!(metrics.len(), 2, "{metrics:?}");
        let ended = [
            ("closed", "STATUS_SUCCESS", 1.0, "Adam", json!(0.1), json!(true)),
            ("dropped", "STATUS_UNKNOWN", 2.0, "Sgd", json!(0.01), Json::Null),
            ("failed", "STATUS_FAILURE", 3.0, "Adam", json!(0.1), json!(true)),
            ("panicked", "STATUS_FAILURE", 4.0, "Adam", json!(0.1), json!(true)),
            ("running", "STATUS_UNKNOWN", 5.0, "Adam", json!(0.1), json!(true)),
        ];
        for (name, status, loss, optimizer, rate, fused) in ended {
            let group = &groups[name];
            let session = &group["sessions"][0];
            // Unknown fields have their defaults.
            let found = session["status"].as_str().unwrap_or("STATUS_UNKNOWN");
            assert_eq!(found, status, "{name}");
            assert_eq!(session["startTimeSecs"], 1.75e9, "{name}");
            let end = if status == "STATUS_UNKNOWN" { json!(0.0) } else { json!(1.75e9) };
            assert_eq!(session["endTimeSecs"].as_f64().unwrap_or(0.0), end, "{name}");
            assert_eq!(*metric(group, "", "loss"), loss);
            assert_eq!(*metric(group, "validation", "accuracy"), 0.5);
            let hparams = &group["hparams"];
            assert_eq!(hparams["optimizer"], optimizer);
            assert_eq!(hparams["optimizer/rate"], rate);
            assert_eq!(hparams["optimizer/fused"], fused);
            assert_eq!(hparams["layers"], "[64, 32]");
            assert_eq!(hparams["seed"], 18446744073709551616.0);
            assert_eq!(hparams["limit"], Json::Null);
            assert_eq!(hparams["resume_from"], Json::Null);
        }
        // No further runs or points.
        assert_eq!(board.runs().len(), 10, "{:?}", board.runs());
        assert_eq!(board.scalars("closed", "loss", 2).len(), 3);
        assert!(board.active_dashboards().contains("hparams"));
    });
    running.close().unwrap();
}

#[test]
fn a_described_experiment_of_groups() {
    let logdir = tempfile::tempdir().unwrap();
    let experiment = Experiment::new(
        [
            HParamInfo::range("rate", 0.0, 1.0).unwrap().display_name("Learning rate"),
            HParamInfo::choice("optimizer", ["adam", "sgd"]).unwrap().description("*Which*"),
            HParamInfo::choice("layers", [1, 2]).unwrap(),
            HParamInfo::choice("bias", [true, false]).unwrap(),
        ],
        [
            MetricInfo::new("loss").dataset(Dataset::Training),
            MetricInfo::new("accuracy").group("validation").dataset(Dataset::Validation),
        ],
    );
    let experiment = experiment.unwrap().description("A **sweep**").user("me");
    SummaryWriter::write_experiment(logdir.path(), &experiment).unwrap();
    for seed in 0..4 {
        let (writer, _) = writer(&logdir.path().join(format!("trial {seed}")));
        let rate = [0.25, 0.5][seed % 2];
        let hparams = HParams::builder()
            .set("rate", rate)
            .set("optimizer", "adam")
            .set("layers", 2)
            .set("bias", true)
            .build()
            .unwrap()
            .group(format!("rate {rate}"))
            .model_uri("file:///model")
            .monitor_url("http://example.org");
        writer.add_hparams(&hparams);
        writer.add_scalar("loss", seed as f32, 0);
        writer.add_scalar("not described", 1.0, 0);
        writer.child_run("validation").unwrap().add_scalar("accuracy", 0.5, 0);
        writer.close().unwrap();
    }

    show(logdir.path(), |board| {
        let (experiment, groups) = sessions(board, 2);
        assert_eq!(experiment["description"], "A **sweep**");
        assert_eq!(experiment["user"], "me");
        let hparams = experiment["hparamInfos"].as_array().unwrap();
        let info = |name: &str| hparams.iter().find(|info| info["name"] == name).unwrap();
        assert_eq!(info("rate")["displayName"], "Learning rate");
        assert_eq!(info("rate")["domainInterval"], json!({"minValue": 0.0, "maxValue": 1.0}));
        assert_eq!(info("rate")["type"], "DATA_TYPE_FLOAT64");
        assert_eq!(info("optimizer")["description"], "*Which*");
        assert_eq!(info("optimizer")["domainDiscrete"], json!(["adam", "sgd"]));
        assert_eq!(info("layers")["domainDiscrete"], json!([1.0, 2.0]));
        assert_eq!(info("bias")["type"], "DATA_TYPE_BOOL");
        let metrics = experiment["metricInfos"].as_array().unwrap();
        assert_eq!(metrics.len(), 2);
        assert_eq!(metrics[1]["name"], json!({"group": "validation", "tag": "accuracy"}));
        assert_eq!(metrics[1]["datasetType"], "DATASET_VALIDATION");
        for (name, rate, loss) in [("rate 0.25", 0.25, 1.0), ("rate 0.5", 0.5, 2.0)] {
            let group = &groups[name];
            assert_eq!(group["sessions"].as_array().unwrap().len(), 2);
            assert_eq!(group["sessions"][0]["modelUri"], "file:///model");
            assert_eq!(group["hparams"]["rate"], rate);
            assert_eq!(*metric(group, "", "loss"), loss);
        }
    });
}
