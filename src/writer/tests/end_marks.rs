//! The mark at the end of a run, and the state that the reader finds by it.

use super::*;
use crate::read::{Run, RunState};
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::{HParams, TrialStatus};

fn state(dir: &Path) -> RunState {
    Run::open(dir).unwrap().status().unwrap().state
}

fn hparams() -> HParams {
    HParams::builder().set("rate", 0.1).build().unwrap()
}

#[test]
fn closing_marks_all_runs_as_ended() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let (open, closed) = (writer.child_run("open").unwrap(), writer.child_run("closed").unwrap());
    let silent = writer.child_run("silent").unwrap();
    for run in [&writer, &open, &closed] {
        run.add_scalar("loss", 0.5, 7);
    }
    closed.close().unwrap();
    assert_eq!(ends(closed.path()), ["success"]);
    writer.flush().unwrap();
    assert_eq!((ends(writer.path()), state(writer.path())), (vec![], RunState::Live));
    writer.close().unwrap();
    for run in [&writer, &open, &closed] {
        assert_eq!(
            (ends(run.path()), state(run.path())),
            (vec!["success".to_owned()], RunState::Ended)
        );
        assert_eq!(all_events(run.path()).last().unwrap().step, 7);
    }
    // A run without events has no file.
    assert_eq!(silent.path().read_dir().unwrap().count(), 0);
    let stats = writer.stats();
    assert_eq!((stats.logged, stats.written), (3, 3));
}

#[test]
fn a_run_that_is_dropped_ended_somehow() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let child = writer.child_run("child").unwrap();
    child.add_scalar("loss", 0.5, 0);
    let child_dir = child.path().to_owned();
    drop(child);
    writer.add_scalar("loss", 0.5, 0);
    // Opened again, it gets a file of its own unless the first one is still open.
    let child = writer.child_run("child").unwrap();
    child.add_scalar("loss", 0.5, 1);
    child.close().unwrap();
    let dir = writer.path().to_owned();
    drop((writer, child));
    assert_eq!((ends(&dir), state(&dir)), (vec!["unknown".to_owned()], RunState::Unknown));
    assert_eq!(
        (ends(&child_dir).pop().unwrap(), state(&child_dir)),
        ("success".to_owned(), RunState::Ended)
    );
}

#[test]
fn a_panic_marks_a_run_as_failed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let thread = std::thread::spawn(move || {
        let writer = SummaryWriter::new(path).unwrap();
        writer.add_scalar("loss", 0.5, 0);
        panic!("as intended");
    });
    assert!(thread.join().is_err());
    assert_eq!(
        (ends(dir.path()), state(dir.path())),
        (vec!["failure".to_owned()], RunState::Failed)
    );
}

#[test]
fn a_failed_trial_marks_its_run_alone() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_scalar("loss", 0.5, 0);
    let trials: Vec<_> = ["good", "bad"].map(|name| writer.child_run(name).unwrap()).into();
    let _ = trials[0].trial(&hparams(), |_| Ok::<_, ()>(()));
    let _ = trials[1].trial(&hparams(), |_| Err::<(), _>(()));
    writer.close().unwrap();
    assert_eq!((state(writer.path()), state(trials[0].path())), (RunState::Ended, RunState::Ended));
    assert_eq!(
        (ends(trials[1].path()), state(trials[1].path())),
        (vec!["failure".to_owned()], RunState::Failed)
    );
    // The outcome of a trial is known, also if its writer is dropped.
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_hparams(&hparams());
    writer.finish_hparams(TrialStatus::Success);
    drop(writer);
    assert_eq!(
        (ends(dir.path()), state(dir.path())),
        (vec!["unknown".to_owned()], RunState::Ended)
    );
}

#[test]
fn a_resumed_run_is_live_again() {
    let dir = tempfile::tempdir().unwrap();
    for session in 0..3 {
        let writer = SummaryWriter::builder(dir.path()).resume().build().unwrap();
        assert_eq!(writer.resumed_at(), (session > 0).then_some(session));
        writer.add_scalar("loss", 0.5, session);
        writer.flush().unwrap();
        assert_eq!(state(dir.path()), RunState::Live);
        writer.close().unwrap();
        assert_eq!(state(dir.path()), RunState::Ended);
    }
    assert_eq!(ends(dir.path()), ["success"; 3]);
    let done = crate::writer::compact(dir.path()).unwrap();
    assert_eq!((done.values, done.dropped), (3, 0));
    // Only the last one is the end of the run.
    assert_eq!(
        (ends(dir.path()), state(dir.path())),
        (vec!["success".to_owned()], RunState::Ended)
    );
}

#[test]
fn a_full_disk_leaves_no_mark_and_loses_nothing() {
    for fault in [Fault::Full, Fault::Fails, Fault::Short] {
        let dir = tempfile::tempdir().unwrap();
        let storage = Faulty::default();
        let writer = SummaryWriter::builder(dir.path()).storage(storage.clone()).build().unwrap();
        writer.add_scalar("loss", 0.5, 3);
        writer.flush().unwrap();
        storage.set(fault, 0);
        writer.close().unwrap();
        assert!(storage.struck());
        assert_eq!((ends(dir.path()), steps(dir.path())), (vec![], vec![3]));
        assert_eq!(writer.stats().written, 1);
    }
}

#[test]
fn an_experiment_does_not_end_the_run_beside_it() {
    use crate::summary::{Experiment, HParamInfo, MetricInfo};
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();
    let rate = HParamInfo::range("rate", 0.0, 1.0).unwrap();
    let experiment = Experiment::new([rate], [MetricInfo::new("loss")]).unwrap();
    SummaryWriter::write_experiment(dir.path(), &experiment).unwrap();
    assert_eq!((ends(dir.path()), state(dir.path())), (vec![], RunState::Live));
}
