//! The status of a trial, logged when its writer ends.

use super::faults::PATIENCE;
use super::*;
use crate::read::Run;
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::{HParams, TrialStatus};
use crate::wire::messages::h_params_plugin_data::Data;
use crate::wire::messages::{HParamsPluginData, SessionEndStatus};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns the starts (`None`) and the statuses of the sessions in a run, in file order.
fn sessions(dir: &Path) -> Vec<Option<SessionEndStatus>> {
    let mut found = Vec::new();
    for event in Run::open(dir).unwrap().events() {
        for value in event.unwrap().values().iter().filter(|value| value.plugin() == "hparams") {
            found.push(match HParamsPluginData::decode(value.metadata().content).unwrap().data {
                Some(Data::SessionStartInfo(_)) => None,
                Some(Data::SessionEndInfo(end)) => Some(end.status.try_into().unwrap()),
                other => panic!("{other:?}"),
            });
        }
    }
    found
}

fn begin(writer: &SummaryWriter) {
    writer.add_hparams(&HParams::builder().set("a", 1).build().unwrap());
}

const SUCCESS: [Option<SessionEndStatus>; 2] = [None, Some(SessionEndStatus::StatusSuccess)];
const UNKNOWN: [Option<SessionEndStatus>; 1] = [None];
const FAILURE: [Option<SessionEndStatus>; 2] = [None, Some(SessionEndStatus::StatusFailure)];

#[test]
fn a_clock_that_panics_ends_no_session_in_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicBool::new(false));
    let flag = broken.clone();
    let clock = move || {
        assert!(!flag.load(Ordering::Relaxed), "on purpose");
        crate::summary::WallTime::now()
    };
    let writer = SummaryWriter::builder(dir.path()).clock(clock).build().unwrap();
    let child = writer.child_run("child").unwrap();
    [&writer, &child].into_iter().for_each(begin);
    broken.store(true, Ordering::Relaxed);
    let closed = catch_unwind(AssertUnwindSafe(|| writer.close()));
    assert!(closed.is_ok_and(|result| result.is_ok()));
    assert_eq!(sessions(dir.path()), SUCCESS);
    assert_eq!(sessions(&dir.path().join("child")), SUCCESS);
}

/// The event is accepted without a wait, whatever the policy.
#[test]
fn a_session_ends_in_a_full_buffer_too() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let writer = SummaryWriter::builder(dir.path())
        .flush_timeout(Duration::from_millis(20))
        .buffer_bytes(64 << 10)
        .overflow(Overflow::Drop)
        .storage(storage.clone())
        .build()
        .unwrap();
    let [child, late] = ["child", "late"].map(|name| writer.child_run(name).unwrap());
    [&writer, &child].into_iter().for_each(begin);
    storage.set(Fault::Stalls, 0);
    // Once the thread is stuck, the buffer only fills.
    while !storage.struck() {
        assert!(writer.flush().is_err());
    }
    for run in [&writer, &late] {
        let before = writer.stats().dropped;
        while writer.stats().dropped == before {
            run.add_scalar("a", 1, 0);
        }
    }
    begin(&late);
    assert!(matches!(writer.close(), Err(Error::Timeout { .. })));
    storage.mend();
    let begun = Instant::now();
    while writer.stats().pending > 0 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    assert_eq!(sessions(dir.path()), SUCCESS);
    assert_eq!(sessions(&dir.path().join("child")), SUCCESS);
    // A session whose start was dropped has no status.
    assert!(sessions(&dir.path().join("late")).is_empty());
}

#[test]
fn closing_ends_the_sessions_of_children_too() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let [open, closed, dropped, without] =
        ["open", "closed", "dropped", "without"].map(|name| writer.child_run(name).unwrap());
    [&writer, &open, &closed, &dropped].into_iter().for_each(begin);
    closed.close().unwrap();
    drop(dropped);
    without.add_scalar("a", 1, 0);
    writer.clone().close().unwrap();
    assert_eq!(sessions(dir.path()), SUCCESS);
    for name in ["open", "closed"] {
        assert_eq!(sessions(&dir.path().join(name)), SUCCESS, "{name}");
    }
    assert_eq!(sessions(&dir.path().join("dropped")), UNKNOWN);
    assert_eq!(sessions(&dir.path().join("without")), []);
}

#[test]
fn a_panic_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let writer = SummaryWriter::new(dir.path()).unwrap();
        begin(&writer);
        let child = writer.child_run("child").unwrap();
        begin(&child);
        panic!("for the test");
    }));
    assert!(panicked.is_err());
    assert_eq!(sessions(dir.path()), FAILURE);
    assert_eq!(sessions(&dir.path().join("child")), FAILURE);
}

#[test]
fn an_explicit_status_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.finish_hparams(TrialStatus::Success);
    begin(&writer);
    writer.finish_hparams(TrialStatus::Failure);
    writer.finish_hparams(TrialStatus::Success);
    writer.close().unwrap();
    assert_eq!(sessions(dir.path()), FAILURE);
}

/// A `?` that leaves a training drops its writer without closing it.
#[test]
fn a_writer_that_is_dropped_leaves_the_status_unknown() {
    fn train(dir: &Path) -> Result<(), std::num::ParseIntError> {
        let writer = SummaryWriter::new(dir).unwrap();
        begin(&writer);
        "no number".parse::<i64>()?;
        writer.close().unwrap();
        Ok(())
    }
    let dir = tempfile::tempdir().unwrap();
    assert!(train(dir.path()).is_err());
    assert_eq!(sessions(dir.path()), UNKNOWN);
}

#[test]
fn a_trial_ends_as_its_result_says() {
    let hparams = HParams::builder().set("a", 1).build().unwrap();
    for (result, wanted) in [(Ok(7), SUCCESS), (Err("diverged"), FAILURE)] {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        assert_eq!(writer.trial(&hparams, |_| result), result);
        // Whatever happens to the writer afterwards.
        drop(writer);
        assert_eq!(sessions(dir.path()), wanted);
    }
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        writer.trial(&hparams, |_| -> Result<(), ()> { panic!("for the test") })
    }));
    assert!(panicked.is_err());
    writer.close().unwrap();
    assert_eq!(sessions(dir.path()), FAILURE);
}

/// TensorBoard shows the metadata of a tag's first value, which are all that a session is.
#[test]
fn compacting_keeps_the_first_session() {
    use crate::read::{HParam, HParamsValue, TrialStatus as Found};
    let dir = tempfile::tempdir().unwrap();
    for (rate, status) in [(0.1, TrialStatus::Failure), (0.2, TrialStatus::Success)] {
        let writer = SummaryWriter::new(dir.path()).unwrap();
        writer.add_hparams(&HParams::builder().set("lr", rate).build().unwrap());
        writer.finish_hparams(status);
        writer.close().unwrap();
    }
    assert_eq!(crate::writer::compact(dir.path()).unwrap().dropped, 2);
    let found = Run::open(dir.path()).unwrap().hparams().unwrap();
    let [HParamsValue::SessionStart(start), HParamsValue::SessionEnd(end)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(start.hparams["lr"], HParam::Number(0.1));
    assert_eq!(end.status, Some(Found::Failure));
}
