//! The number of lines that logging changes in a program.

mod common;

use common::changed;

#[test]
fn logging_takes_one_line() {
    let before = include_str!("../examples/mnist_before.rs");
    let after = include_str!("../examples/mnist_after.rs");
    let (added, removed) = changed(before, after);
    assert_eq!(added, [".with_metric_logger(BurnLogger::in_artifacts(&artifacts))"]);
    assert!(removed.is_empty(), "{removed:?}");
}
