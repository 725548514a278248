//! The number of lines that logging changes in a program.

mod common;

use common::changed;

#[test]
fn logging_takes_five_lines() {
    let before = include_str!("../examples/loop_before.rs");
    let after = include_str!("../examples/loop_after.rs");
    let (added, removed) = changed(before, after);
    assert_eq!(added.len(), 5, "{added:?}");
    assert_eq!(removed, ["optimizer.backward_step(&loss)?;"]);
}
