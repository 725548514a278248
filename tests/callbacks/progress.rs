//! The progress bar.

use crate::fit;
use tfevents::callbacks::{CallbackList, ProgressBar};

/// Where there is no terminal, an epoch is a plain line on standard error.
#[test]
fn progress_without_a_terminal_is_plain_lines() {
    const CHILD: &str = "TFEVENTS_TEST_PROGRESS_CHILD";
    const NAME: &str = "progress::progress_without_a_terminal_is_plain_lines";
    if std::env::var_os(CHILD).is_some() {
        fit(&mut CallbackList::new().with_callback(ProgressBar::new()), 2, &mut ());
        return;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", NAME, "--nocapture"]).env(CHILD, "1").output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        lines,
        "epoch 1  loss 0.5000  val_loss 0.7500\nepoch 2  loss 0.5000  val_loss 0.7500\n"
    );
}
