//! Sessions that continue a run, as both of TensorBoard's readers show them.

use std::ops::Range;
use std::path::Path;
use tensorboard_tests::{Board, Reader, show};
use tfevents::{SummaryWriter, SummaryWriterBuilder};

/// Logs some tags into a run and a child; the value identifies the session.
fn session(builder: SummaryWriterBuilder, tags: &[&str], steps: Range<i64>, value: f32) {
    let writer = builder.build().unwrap();
    let child = writer.child_run("validation").unwrap();
    for step in steps {
        for tag in tags {
            writer.add_scalar(tag, value, step);
            child.add_scalar(tag, value, step);
        }
    }
    writer.close().unwrap();
}

fn served(board: &Board, run: &str, tag: &str, last: i64) -> Vec<(i64, f64)> {
    let points = board.scalars(run, tag, last);
    points.iter().map(|point| (point.step, point.value)).collect()
}

fn points(steps: Range<i64>, value: f64) -> Vec<(i64, f64)> {
    steps.map(|step| (step, value)).collect()
}

/// Ten steps of two tags; then three more of one of them, from step 6 on.
fn two_sessions(dir: &Path, resume: impl Fn(SummaryWriterBuilder) -> SummaryWriterBuilder) {
    session(SummaryWriter::builder(dir), &["again", "once"], 0..10, 1.0);
    session(resume(SummaryWriter::builder(dir)), &["again"], 6..9, 2.0);
}

#[test]
fn a_resumed_curve_neither_overlaps_nor_loses_a_point() {
    let logdir = tempfile::tempdir().unwrap();
    two_sessions(logdir.path(), |builder| builder.resume_at(6));
    let again = [points(0..6, 1.0), points(6..9, 2.0)].concat();
    show(logdir.path(), |board| {
        for run in [".", "validation"] {
            assert_eq!(served(board, run, "again", 8), again, "{run}");
            // Only one of the readers drops what is not logged again; see the next test.
            let last = if board.reader() == Reader::Slow { 6 } else { 10 };
            assert_eq!(served(board, run, "once", last - 1), points(0..last, 1.0), "{run}");
        }
    });
}

#[test]
fn rewritten_files_show_no_orphans_to_any_reader() {
    let logdir = tempfile::tempdir().unwrap();
    two_sessions(logdir.path(), |builder| builder.resume_at(6).rewrite_on_resume(true));
    let again = [points(0..6, 1.0), points(6..9, 2.0)].concat();
    show(logdir.path(), |board| {
        for run in [".", "validation"] {
            assert_eq!(served(board, run, "again", 8), again, "{run}");
            assert_eq!(served(board, run, "once", 5), points(0..6, 1.0), "{run}");
        }
    });
}

#[test]
fn a_run_resumed_at_its_end_goes_on_behind_it() {
    let logdir = tempfile::tempdir().unwrap();
    session(SummaryWriter::builder(logdir.path()), &["loss"], 0..10, 1.0);
    let resumed = SummaryWriter::builder(logdir.path()).resume();
    session(resumed, &["loss"], 10..15, 2.0);
    let all = [points(0..10, 1.0), points(10..15, 2.0)].concat();
    show(logdir.path(), |board| {
        for run in [".", "validation"] {
            assert_eq!(served(board, run, "loss", 14), all, "{run}");
        }
    });
}

/// Sessions of a writer without resuming, compacted into one file.
#[test]
fn a_compacted_run_shows_each_step_once() {
    let logdir = tempfile::tempdir().unwrap();
    two_sessions(logdir.path(), |builder| builder);
    tfevents::compact(logdir.path()).unwrap();
    tfevents::compact(logdir.path().join("validation")).unwrap();
    let again = [points(0..6, 1.0), points(6..9, 2.0)].concat();
    show(logdir.path(), |board| {
        for run in [".", "validation"] {
            assert_eq!(served(board, run, "again", 8), again, "{run}");
            assert_eq!(served(board, run, "once", 9), points(0..10, 1.0), "{run}");
        }
    });
}
