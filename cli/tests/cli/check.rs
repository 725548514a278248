//! `check`.

use super::{event_file, tfevents, write_run};
use std::time::{Duration, SystemTime};

#[test]
fn numbers_that_are_not_finite_are_found() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("good"), |writer| writer.add_scalar("loss", 0.5, 0));
    assert_eq!(tfevents(dir.path(), &["check"]).status, 0);
    write_run(&dir.path().join("bad"), |writer| {
        for (step, value) in [0.5, f32::NAN, f32::INFINITY].into_iter().enumerate() {
            writer.add_scalar("loss", value, step);
            writer.add_scalar("other", 0.5, step);
        }
    });
    let check = tfevents(dir.path(), &["check"]);
    let expected = "bad: \"loss\" is NaN at step 1 (2 values are not finite)\n";
    assert_eq!((check.status, check.stdout.as_str()), (1, expected));
    assert_eq!(tfevents(dir.path(), &["check", "--nan", "-t", "other"]).status, 0);
    // Only what is asked for.
    assert_eq!(tfevents(dir.path(), &["check", "--steps-back"]).status, 0);
}

#[test]
fn steps_back_are_found() {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path(), |writer| {
        for step in [0, 5, 3, 4, 1] {
            writer.add_scalar("loss", 0.5, step);
        }
    });
    let check = tfevents(dir.path(), &["check", "--steps-back"]);
    let expected = ".: steps of \"loss\" go back from 5 to 3 (2 times)\n";
    assert_eq!((check.status, check.stdout.as_str()), (1, expected));
}

#[test]
fn runs_that_stalled_are_found() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("run"), |writer| writer.add_scalar("loss", 0.5, 0));
    assert_eq!(tfevents(dir.path(), &["check", "--stalled", "10m"]).status, 0);
    let file = std::fs::File::options().append(true).open(event_file(&dir.path().join("run")));
    file.unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    let check = tfevents(dir.path(), &["check", "--stalled", "10m"]);
    assert_eq!(
        (check.status, check.stdout.as_str()),
        (1, "run: stalled: no change for 1h, and no end\n")
    );
    assert_eq!(tfevents(dir.path(), &["check", "--stalled", "2h"]).status, 0);
    assert_eq!(tfevents(dir.path(), &["check", "--stalled", "10"]).status, 2);
}

#[test]
fn a_misspelled_tag_is_not_a_training_without_faults() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("a"), |writer| writer.add_scalar("loss", 0.5, 0));
    write_run(&dir.path().join("b"), |writer| writer.add_scalar("accuracy", 0.5, 0));
    let diverged = tfevents(dir.path(), &["check", "--diverged", "lost"]);
    assert_eq!((diverged.status, &*diverged.stderr), (2, "error: no scalar \"lost\" in 2 runs\n"));
    assert_eq!(tfevents(dir.path(), &["check", "--diverged", "loss"]).stderr, "");
    let nan = tfevents(dir.path(), &["check", "--nan", "-t", "lost"]);
    assert_eq!((nan.status, &*nan.stderr), (0, "note: no tags are selected\n"));
    assert_eq!(tfevents(dir.path(), &["check", "--nan", "-t", "loss"]).stderr, "");
}

#[test]
fn runs_that_diverged_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, values: &[f32]| {
        write_run(&dir.path().join(name), |writer| {
            for (step, value) in values.iter().enumerate() {
                writer.add_scalar("loss", *value, step);
            }
        });
    };
    run("falls", &[9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 99.0, 2.0, 1.0]);
    run("rises", &[1.0, 2.0, 1.0, 1.0, 1.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    run("nan", &[1.0, 0.5, f32::NAN]);
    let check = tfevents(dir.path(), &["check", "--diverged", "loss"]);
    let expected = "\
rises: \"loss\" diverged: from 1 to 6
nan: \"loss\" diverged: it ends not finite
";
    assert_eq!((check.status, check.stdout.as_str()), (1, expected));
}
