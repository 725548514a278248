//! How much of a program changes when it begins to log.

mod common;

use common::changed;

#[test]
fn a_training_of_burn_logs_by_one_line() {
    let before = include_str!("../examples/mnist_before.rs");
    let after = include_str!("../examples/mnist_after.rs");
    let (added, removed) = changed(before, after);
    assert_eq!(added, [".with_metric_logger(BurnLogger::in_artifacts(&artifacts))"]);
    assert!(removed.is_empty(), "{removed:?}");
}
