//! Metrics of all kinds, and invalid ones.

mod common;

use burn::train::Interrupter;
use burn::train::logger::MetricLogger;
use burn::train::metric::store::{EpochSummary, MetricsUpdate, NumericMetricUpdate, Split};
use burn::train::metric::{
    MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry,
    SerializedEntry,
};
use common::{logged, record_log, scalars, steps};
use std::sync::{Arc, Mutex};
use tfevents::SummaryWriter;
use tfevents::callbacks::{CallbackList, LambdaCallback};
use tfevents::read::{Run, ValueData};
use tfevents_burn::{BurnCallbacks, BurnLogger};

fn id(name: &str) -> MetricId {
    MetricId::new(Arc::new(name.into()))
}

fn define(logger: &mut impl MetricLogger, name: &str, numeric: bool) {
    let numbers = NumericAttributes { unit: Some("ms".into()), higher_is_better: false };
    logger.log_metric_definition(MetricDefinition {
        metric_id: id(name),
        name: Arc::new(name.into()),
        description: Some("How *long*".into()),
        attributes: if numeric { numbers.into() } else { MetricAttributes::None },
    });
}

fn entry(name: &str, serialized: &str) -> MetricEntry {
    let entry = SerializedEntry::new(format!("({serialized})"), serialized.into());
    MetricEntry::new(id(name), entry)
}

fn number(name: &str, number: Option<NumericEntry>) -> NumericMetricUpdate {
    let serialized = number.as_ref().map_or("N/A".into(), NumericEntry::serialize);
    NumericMetricUpdate::new(entry(name, &serialized), number, None)
}

fn texts(dir: &std::path::Path) -> Vec<(String, i64, String)> {
    let mut found = Vec::new();
    for event in Run::open(dir).unwrap().events().map(Result::unwrap) {
        for value in event.values().iter().filter(|value| value.plugin() == "text") {
            let ValueData::Text(text) = value.data().unwrap() else { panic!("{value:?}") };
            let text = text.text().to_owned();
            found.push((value.tag().to_owned(), event.step(), text));
        }
    }
    found
}

#[test]
fn metrics_of_all_kinds_are_logged() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let mut logger = BurnLogger::new(&writer);
    define(&mut logger, "Time", true);
    define(&mut logger, "As text", true);
    define(&mut logger, "At the end", true);
    define(&mut logger, "Words", false);
    for epoch in 1..=2 {
        for batch in 0..2 {
            let value = f64::from(batch);
            logger.log(
                MetricsUpdate::new(
                    vec![
                        entry("As text", &format!("{value},4")),
                        entry("Words", "some"),
                        entry("Words", "N/A"),
                    ],
                    vec![
                        number("Time", Some(NumericEntry::Value(value))),
                        number("At the end", None),
                    ],
                ),
                epoch,
                &Split::Train,
            );
        }
        let last = Some(NumericEntry::Final(0.25));
        logger.log(
            MetricsUpdate::new(
                vec![entry("As text", "0.5,final")],
                vec![number("Time", last.clone()), number("At the end", last)],
            ),
            epoch,
            &Split::Train,
        );
        logger.log_epoch_summary(EpochSummary::new(epoch, Split::Train));
    }
    let run = dir.path().join("train");
    // The end of the epoch flushes.
    let found = scalars(&run);
    assert_eq!(found["Time"], [(1, 0.0), (2, 1.0), (3, 0.0), (4, 1.0)]);
    assert_eq!(found["As text"], found["Time"]);
    assert_eq!(found["epoch/Time"], [(1, 0.25), (2, 0.25)]);
    assert_eq!(found["epoch/As text"], [(1, 0.5), (2, 0.5)]);
    assert_eq!(found["epoch/At the end"].len(), 2);
    assert!(!found.contains_key("At the end") && !found.contains_key("Words"));
    let words: Vec<_> = texts(&run);
    assert_eq!(words[0], ("Words".into(), 1, "(some)".into()));
    assert_eq!(words.iter().map(|(_, step, _)| *step).collect::<Vec<_>>(), [1, 2, 3, 4]);

    let answer = logger.read_numeric("Time", 2, &Split::Train).unwrap();
    assert!(matches!(answer[..], [NumericEntry::Final(0.25)]), "{answer:?}");
    assert!(logger.read_numeric("Time", 2, &Split::Valid).unwrap().is_empty());
    let description = Run::open(&run).unwrap().events().map(Result::unwrap).find_map(|event| {
        event
            .values()
            .iter()
            .find(|value| value.tag() == "Time")
            .map(|value| value.metadata().description.to_owned())
    });
    assert_eq!(description.unwrap(), "How *long*\n\nUnit: ms.\n\nLower is better.");
}

#[test]
fn the_end_of_an_epoch_of_texts_is_not_counted_as_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let mut logger = BurnLogger::new(&writer);
    define(&mut logger, "Words", false);
    for epoch in 1..=2 {
        for text in ["first", "second", "whole"] {
            let update = MetricsUpdate::new(vec![entry("Words", text)], vec![]);
            logger.log(update, epoch, &Split::Valid);
        }
        logger.log_epoch_summary(EpochSummary::new(epoch, Split::Valid));
    }
    let steps: Vec<_> = texts(&dir.path().join("valid")).iter().map(|(_, step, _)| *step).collect();
    assert_eq!(steps, [1, 2, 3, 3, 4, 5]);
}

#[test]
fn test_splits_are_runs() {
    record_log();
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let mut logger = BurnLogger::new(&writer);
    define(&mut logger, "Loss", true);
    let tests = [None, Some("holdout"), Some("../../elsewhere")];
    for test in tests {
        let split = Split::Test(test.map(|name| Arc::new(name.into())));
        let update =
            MetricsUpdate::new(vec![], vec![number("Loss", Some(NumericEntry::Value(1.0)))]);
        logger.log(update, 1, &split);
    }
    drop(logger);
    writer.close().unwrap();
    for run in ["test", "test/holdout"] {
        assert_eq!(steps(&scalars(dir.path().join(run))["Loss"]), [1], "{run}");
    }
    assert!(!dir.path().parent().unwrap().join("elsewhere").exists());
    assert_eq!(logged("elsewhere").len(), 1);
}

/// Logs two metrics with the same name, one without a name and one that is not defined.
fn log_bad_metrics(logger: &mut impl MetricLogger, twice: &str) {
    define(logger, twice, true);
    define(logger, "", true);
    for batch in 0..3 {
        let value = |value: i32| Some(NumericEntry::Value(value.into()));
        let numbers = vec![
            number(twice, value(batch)),
            number("", value(batch)),
            number(twice, value(batch + 10)),
            number("Never defined", value(batch)),
        ];
        logger.log(MetricsUpdate::new(vec![], numbers), 1, &Split::Train);
    }
    // burn's own loggers return both as well.
    assert_eq!(logger.read_numeric(twice, 1, &Split::Train).unwrap().len(), 6);
}

#[test]
fn invalid_metrics_are_skipped_with_one_warning() {
    record_log();
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let mut logger = BurnLogger::new(&writer);
    log_bad_metrics(&mut logger, "Twice");
    drop(logger);
    let found = scalars(dir.path().join("train"));
    assert_eq!(found["Twice"], [(1, 0.0), (2, 1.0), (3, 2.0)]);
    assert_eq!(found.len(), 1, "{found:?}");

    let seen = Arc::new(Mutex::new(Vec::new()));
    let spy = seen.clone();
    let spy = LambdaCallback::new("spy").on_train_batch_end(move |context| {
        let numbers = context.logs().iter();
        let numbers = numbers.map(|(name, value)| (name.to_owned(), value.as_f64().unwrap()));
        spy.lock().unwrap().extend(numbers);
        Ok(())
    });
    let interrupter = Interrupter::new();
    let mut callbacks = BurnCallbacks::new(CallbackList::new().with_callback(spy), &interrupter);
    log_bad_metrics(&mut callbacks, "And Twice");
    assert_eq!(*seen.lock().unwrap(), [0.0, 1.0, 2.0].map(|value| ("and_twice".to_owned(), value)));
    assert!(!interrupter.should_stop());

    for name in ["\"Twice\"", "\"And Twice\""] {
        let logged = logged(name);
        assert!(
            logged.len() == 1 && logged[0].contains("second metric of this name"),
            "{logged:?}"
        );
    }
    // One from each of the two loggers.
    assert_eq!(logged("a metric without a name").len(), 2);
}

#[test]
fn a_directory_that_cannot_be_created_is_no_error_for_burn() {
    record_log();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let mut logger = BurnLogger::in_artifacts(&file);
    define(&mut logger, "Loss", true);
    let update = MetricsUpdate::new(vec![], vec![number("Loss", Some(NumericEntry::Value(1.0)))]);
    logger.log(update, 1, &Split::Train);
    logger.log_epoch_summary(EpochSummary::new(1, Split::Train));
    drop(logger);
    assert_eq!(logged("a file").len(), 1);
}
