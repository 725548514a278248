//! How much of a program changes when it begins to log.

mod common;

use common::changed;

#[test]
fn a_loop_with_candle_logs_by_five_lines() {
    let before = include_str!("../examples/loop_before.rs");
    let after = include_str!("../examples/loop_after.rs");
    let (added, removed) = changed(before, after);
    assert_eq!(added.len(), 5, "{added:?}");
    assert_eq!(removed, ["optimizer.backward_step(&loss)?;"]);
}
