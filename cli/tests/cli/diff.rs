//! `diff`.

use super::{tfevents, write_run};
use tfevents::summary::HParams;

fn runs() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, lr, losses) in [("a", 0.1, [3.0, 2.0, 2.5]), ("b", 0.01, [3.0, 1.5, 1.75])] {
        write_run(&dir.path().join(name), |writer| {
            writer.add_hparams(&HParams::builder().set("lr", lr).set("epochs", 3).build().unwrap());
            for (step, loss) in losses.into_iter().enumerate() {
                writer.add_scalar("loss", loss, step);
                writer.add_scalar("same", f32::NAN, step);
            }
            writer.add_scalar(&format!("only_{name}"), 1.0, 0);
            for step in 0..losses[1] as i64 {
                writer.add_text("note", "text", step);
            }
        });
    }
    dir
}

#[test]
fn what_differs_is_shown() {
    let dir = runs();
    let diff = tfevents(dir.path(), &["diff", "a", "b"]);
    let expected = "\
hyperparameter lr: 0.1 -> 0.01
- tag only_a
+ tag only_b
tag note: text, 2 and 1 values
TAG   LAST A  LAST B  DELTA  BEST A  BEST B  DELTA  DIFFER FROM STEP
loss     2.5    1.75  -0.75       2     1.5   -0.5                 1
1 tag equal
";
    assert_eq!((diff.stdout.as_str(), diff.status), (expected, 0));
    let json = tfevents(dir.path(), &["diff", "a", "b", "--json", "--best", "max"]).stdout;
    let expected = r#"{"only_a":[],"only_b":[],"runs":[{"run":".","hparams":[{"name":"lr","a":0.1,"b":0.01}],"only_a":["only_a"],"only_b":["only_b"],"scalars":[{"tag":"loss","last_a":2.5,"last_b":1.75,"best_a":3,"best_b":3,"first_step":1}],"others":[{"tag":"note","what":"text, 2 and 1 values"}],"equal":1}]}"#;
    assert_eq!(json.trim_end(), expected);
}

#[test]
fn the_exit_status_says_whether_something_differs() {
    let dir = runs();
    let status =
        |args: &[&str]| tfevents(dir.path(), &[&["diff", "--exit-code"], args].concat()).status;
    assert_eq!(status(&["a", "b"]), 1);
    assert_eq!(status(&["a", "a"]), 0);
    // The rest differs in hyperparameters, which no tag selects.
    let diff = tfevents(dir.path(), &["diff", "a", "b", "-t", "loss", "--tolerance", "0.75"]);
    assert_eq!(diff.stdout, "1 tag equal\n");
    let diff = tfevents(dir.path(), &["diff", "a", "b", "-t", "loss", "--tolerance", "0.6"]);
    assert!(diff.stdout.ends_with("   2\n"), "{diff:?}");
    assert_eq!(status(&["a", "b", "--tolerance", "-1"]), 2);
    assert_eq!(status(&["a", "nowhere"]), 2);
}

#[test]
fn runs_of_log_directories_are_compared_by_name() {
    let dir = tempfile::tempdir().unwrap();
    for (name, loss) in [("x/train", 1.0), ("x/gone", 1.0), ("y/train", 2.0), ("y/new", 1.0)] {
        write_run(&dir.path().join(name), |writer| writer.add_scalar("loss", loss, 0));
    }
    let diff = tfevents(dir.path(), &["diff", "x", "y", "--exit-code"]);
    let expected = "\
- run gone
+ run new
TAG   LAST A  LAST B  DELTA  BEST A  BEST B  DELTA  DIFFER FROM STEP
loss       1       2     +1       1       2     +1                 0
";
    assert_eq!((diff.stdout.as_str(), diff.status), (expected, 1));
}
