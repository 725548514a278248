//! `hparams`.

use super::{tfevents, write_run};
use tfevents::summary::{Experiment, HParamInfo, HParams, MetricInfo, TrialStatus};

fn trials() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, lr, accuracy) in [("a", 0.1, [0.5, 0.9, 0.8]), ("b", 0.01, [0.2, 0.6, 0.7])] {
        write_run(&dir.path().join(name), |writer| {
            let hparams = HParams::builder().set("optimizer", "sgd").set("lr", lr);
            writer.add_hparams(&hparams.build().unwrap());
            for (step, value) in accuracy.into_iter().enumerate() {
                writer.add_scalar("val/accuracy", value, step);
            }
            writer.finish_hparams(TrialStatus::Success);
        });
    }
    write_run(&dir.path().join("no trial"), |writer| writer.add_scalar("other", 1.0, 0));
    dir
}

#[test]
fn trials_are_a_table_with_last_and_best_values() {
    let dir = trials();
    let found = tfevents(dir.path(), &["hparams", "--sort", "accuracy", "--best", "max"]);
    let expected = "\
RUN    LR  OPTIMIZER  VAL/ACCURACY  MAX VAL/ACCURACY  STATUS
a     0.1        sgd           0.8               0.9  success
b    0.01        sgd           0.7               0.7  success
";
    assert_eq!((found.stdout.as_str(), found.status), (expected, 0), "{found:?}");
    let found = tfevents(dir.path(), &["hparams", "--sort", "val/accuracy", "--format", "csv"]);
    let expected = "\
run,lr,optimizer,val/accuracy,min val/accuracy,status
b,0.01,sgd,0.7,0.2,success
a,0.1,sgd,0.8,0.5,success
";
    assert_eq!(found.stdout, expected);
}

#[test]
fn json_has_steps_too() {
    let dir = trials();
    let found = tfevents(dir.path(), &["hparams", "--json", "--best", "max", "-r", "a"]);
    let expected = r#"{"trials":[{"run":"a","status":"success","hparams":{"lr":0.1,"optimizer":"sgd"},"metrics":[{"tag":"val/accuracy","group":"","name":"val/accuracy","last":0.8,"last_step":2,"best":0.9,"best_step":1}]}]}"#;
    assert_eq!(found.stdout.trim_end(), expected);
}

#[test]
fn a_metric_that_is_not_there_is_an_error_with_the_list() {
    let dir = trials();
    let found = tfevents(dir.path(), &["hparams", "--sort", "loss"]);
    let expected = "error: no metric is called \"loss\" (expected one of: val/accuracy)\n";
    assert_eq!((found.status, found.stderr.as_str()), (2, expected));
    let none = tfevents(dir.path(), &["hparams", "no trial"]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("no hyperparameters in 1 run below no trial"), "{none:?}");
}

#[test]
fn an_experiment_says_which_metrics_there_are_and_what_they_are_called() {
    let dir = trials();
    write_run(&dir.path().join("a/eval"), |writer| writer.add_scalar("loss", 3.0, 9));
    let experiment = Experiment::new(
        [HParamInfo::range("lr", 0.001, 1.0).unwrap()],
        [MetricInfo::new("loss").group("eval").display_name("Evaluation Loss")],
    );
    tfevents::SummaryWriter::write_experiment(dir.path(), &experiment.unwrap()).unwrap();
    let args = ["hparams", "--sort", "evaluation loss", "--format", "csv"];
    let expected = "\
run,lr,optimizer,Evaluation Loss,min Evaluation Loss,status
a,0.1,sgd,3,3,success
b,0.01,sgd,,,success
";
    let found = tfevents(dir.path(), &args);
    assert_eq!((found.stdout.as_str(), found.status), (expected, 0), "{found:?}");
}
