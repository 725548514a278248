//! A plain loop is given callbacks: a line for each hook, and nothing of its own has to change.

// Shared between the modules of a test, not with other crates.
#![allow(unreachable_pub)]

mod after;
mod before;

use tfevents::read::Run;

/// The lines of code of the second text that the first lacks, if the first lacks only those.
fn added<'a>(before: &str, after: &'a str) -> Vec<&'a str> {
    let mut old = before.lines().filter(|line| !line.starts_with("//!")).peekable();
    let mut added = Vec::new();
    for line in after.lines().filter(|line| !line.starts_with("//!")) {
        match old.next_if_eq(&line) {
            Some(_) => {}
            None => added.push(line.trim()),
        }
    }
    assert_eq!(old.next(), None, "a line of the loop has changed");
    added
}

#[test]
fn a_line_per_hook_is_all_that_a_loop_needs() {
    let added = added(include_str!("before.rs"), include_str!("after.rs"));
    println!("{} lines were added:\n{}", added.len(), added.join("\n"));
    let hooks = [
        "on_train_begin",
        "on_epoch_begin",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_test_begin",
        "on_test_batch_begin",
        "on_test_batch_end",
        "on_test_end",
        "on_epoch_end",
        "on_train_end",
    ];
    for hook in hooks {
        let lines = added.iter().filter(|line| line.starts_with(&format!("callbacks.{hook}(")));
        assert_eq!(lines.count(), 1, "{hook}");
    }
    // An import, three lines that say which callbacks, three that ask whether to stop.
    assert_eq!(added.len(), hooks.len() + 7);
}

#[test]
fn both_loops_run() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(before::train(dir.path()).unwrap(), 50);
    let epochs = after::train(dir.path()).unwrap();
    assert!((3..50).contains(&epochs), "{epochs} epochs");
    let scalars = |run: &str| Run::open(dir.path().join(run)).unwrap().all_scalars().unwrap();
    let (train, validation) = (scalars("train"), scalars("validation"));
    assert_eq!(train["batch_loss"].len(), epochs * 20);
    for series in [&train["epoch_loss"], &validation["epoch_loss"]] {
        assert_eq!(series.len(), epochs);
    }
    assert_eq!(validation["evaluation_loss_vs_iterations"].steps()[1], 40);
}
