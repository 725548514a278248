//! How a training ended, as the end of its writer tells.

use super::*;
use crate::read::RunReader;
use crate::summary::{HParams, SessionOutcome};
use crate::wire::messages::h_params_plugin_data::Data;
use crate::wire::messages::{HParamsPluginData, SessionEndStatus};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The starts (none) and ends of sessions in a run, in file order.
fn sessions(dir: &Path) -> Vec<Option<SessionEndStatus>> {
    let mut found = Vec::new();
    for event in RunReader::open(dir).unwrap() {
        for value in event.unwrap().values().iter().filter(|value| value.plugin() == "hparams") {
            found.push(match HParamsPluginData::decode(value.content()).unwrap().data {
                Some(Data::SessionStartInfo(_)) => None,
                Some(Data::SessionEndInfo(end)) => Some(end.status()),
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
const FAILURE: [Option<SessionEndStatus>; 2] = [None, Some(SessionEndStatus::StatusFailure)];

#[test]
fn closing_ends_the_sessions_of_children_too() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let [open, closed, dropped, without] =
        ["open", "closed", "dropped", "without"].map(|name| writer.run(name).unwrap());
    [&writer, &open, &closed, &dropped].into_iter().for_each(begin);
    closed.close().unwrap();
    drop(dropped);
    without.add_scalar("a", 1, 0);
    writer.clone().close().unwrap();
    assert_eq!(sessions(dir.path()), SUCCESS);
    for name in ["open", "closed", "dropped"] {
        assert_eq!(sessions(&dir.path().join(name)), SUCCESS, "{name}");
    }
    assert_eq!(sessions(&dir.path().join("without")), []);
}

#[test]
fn a_panic_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let writer = SummaryWriter::new(dir.path()).unwrap();
        begin(&writer);
        let child = writer.run("child").unwrap();
        begin(&child);
        panic!("for the test");
    }));
    assert!(panicked.is_err());
    assert_eq!(sessions(dir.path()), FAILURE);
    assert_eq!(sessions(&dir.path().join("child")), FAILURE);
}

#[test]
fn what_the_user_says_counts() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.end_hparams(SessionOutcome::Success);
    begin(&writer);
    writer.end_hparams(SessionOutcome::Failure);
    writer.end_hparams(SessionOutcome::Success);
    writer.close().unwrap();
    assert_eq!(sessions(dir.path()), FAILURE);
}
