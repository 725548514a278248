//! Faults are reported once, with the URL and what to do.

mod common;

use common::{Fault, alone, messages, quick, steps, storage, wait_until};
use log::Level;
use std::error::Error as _;
use std::time::Duration;
use tfevents::Overflow;
use tfevents_object_store::{ObjectStorage, Settings};

/// The hints of faults that last.
const HINTS: [(Fault, &str); 6] = [
    (Fault::Denied, "expected valid credentials in the environment"),
    (Fault::Forbidden, "expected the permission to write objects, and to overwrite them"),
    (Fault::NoBucket, "expected the bucket to exist: check its name, the region and the endpoint"),
    (Fault::Busy, "expected an answer of the store"),
    (Fault::Lost, "expected an answer of the store"),
    (Fault::Hangs, "expected an answer of the store"),
];

fn impatient() -> Settings {
    quick().attempts(Duration::from_millis(20), 3, Duration::from_millis(200))
}

#[test]
fn a_fault_in_a_training_is_logged_once_and_so_is_its_end() {
    let _alone = alone();
    for (fault, hint) in HINTS {
        let (faulty, storage) = storage(impatient().seal_after(3));
        let patience = Duration::from_secs(60);
        let writer = storage.writer("mlp/7").flush_timeout(patience).build().unwrap();
        writer.add_scalar("loss", 0.5, 0);
        writer.flush().unwrap();
        faulty.set(fault, 0, usize::MAX);
        let mut step = 1;
        // More attempts than are repeated at once.
        wait_until(|| {
            writer.add_scalar("loss", 0.5, step);
            step += 1;
            faulty.requests() >= 20
        });
        let error = writer.stats().error.unwrap();
        faulty.mend();
        wait_until(|| writer.stats().error.is_none() && writer.stats().pending == 0);
        writer.close().unwrap();
        assert_eq!(steps(&storage, "mlp/7"), (0..step).collect::<Vec<_>>(), "{fault:?}");
        let logged = messages();
        let [(Level::Error, first), (Level::Info, last)] = &logged[..] else {
            panic!("{fault:?}: {logged:#?}");
        };
        for message in [first, &error] {
            for part in ["PUT faulty://bucket/experiments/mlp/7/events.out.tfevents.", hint] {
                assert!(message.contains(part), "{fault:?}: {message}");
            }
        }
        assert!(first.contains("events are kept while the buffer has capacity"), "{first}");
        assert_eq!(last, "events are written again");
    }
}

#[test]
fn a_fault_at_the_start_is_an_error_and_is_not_logged() {
    let _alone = alone();
    for (fault, hint) in HINTS {
        let (faulty, storage) = storage(impatient());
        faulty.set(fault, 0, usize::MAX);
        let error = storage.writer("mlp/7").build().unwrap_err();
        let source = error.source().unwrap().to_string();
        for part in ["PUT faulty://bucket/experiments/mlp/7/.probe", hint] {
            assert!(source.contains(part), "{fault:?}: {source}");
        }
        assert_eq!(messages(), [], "{fault:?}");
        // Reading says it as well.
        let hint = match fault {
            Fault::Forbidden => "expected the permission to list and read objects",
            _ => hint,
        };
        let error = storage.logdir().unwrap_err();
        let source = error.source().unwrap().to_string();
        for part in ["faulty://bucket/experiments failed", hint] {
            assert!(source.contains(part), "{fault:?}: {source}");
        }
    }
}

#[test]
fn missing_permissions_that_a_writer_does_without_are_logged_once() {
    let _alone = alone();
    let (faulty, storage) = storage(quick().seal_after(2));
    faulty.forbid(&["list", "delete"]);
    let writer = storage.writer("mlp").build().unwrap();
    let child = writer.child_run("validation").unwrap();
    for step in 0..10 {
        writer.add_scalar("loss", 0.5, step);
        child.add_scalar("loss", 0.5, step);
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let logged = messages();
    let [(Level::Info, delete), (Level::Warn, list)] = &logged[..] else { panic!("{logged:#?}") };
    for (message, parts) in [
        (
            delete,
            [
                "DELETE faulty://bucket/experiments/mlp/.probe",
                "expected the permission to delete objects",
                "the empty object stays",
            ],
        ),
        (
            list,
            [
                "LIST faulty://bucket/experiments/mlp",
                "expected the permission to list and read objects",
                "names of event files depend on the clock alone",
            ],
        ),
    ] {
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
}

#[test]
fn two_jobs_with_one_name_are_logged_once() {
    let _alone = alone();
    let (_, storage) = storage(quick().seal_after(2));
    for job in 0..2 {
        let writer = storage.writer("mlp").build().unwrap();
        for step in 0..10 {
            writer.add_scalar("loss", 0.5, step);
            writer.flush().unwrap();
        }
        writer.close().unwrap();
        let logged = messages();
        let expected = if job == 0 { 0 } else { 1 };
        assert_eq!(logged.len(), expected, "{logged:#?}");
        for (level, message) in logged {
            assert_eq!(level, Level::Warn);
            assert!(
                message.starts_with("faulty://bucket/experiments/mlp already has event files"),
                "{message}"
            );
            assert!(message.contains("log into a new directory"), "{message}");
        }
    }
}

#[test]
fn messages_about_a_run_name_its_url() {
    let _alone = alone();
    let (_, storage) = storage(quick());
    let builder = storage.writer("mlp").overflow(Overflow::Drop).buffer_bytes(1 << 20);
    let writer = builder.build().unwrap();
    let run = writer.child_run("7").unwrap();
    run.add_scalar("loss", 0.5, 1);
    run.add_scalar("loss", 0.5, 0);
    run.add_text("loss", "0.5", 2);
    writer.flush().unwrap();
    run.add_text("note", &"x".repeat(2 << 20), 3);
    let error = writer.flush().unwrap_err();
    let url = "faulty://bucket/experiments/mlp/7";
    let expected = format!("dropped 1 event in {url}: 1 larger than the buffer");
    assert_eq!(error.to_string(), expected);
    writer.close().unwrap();
    run.add_scalar("loss", 0.5, 4);
    let error = writer.close().unwrap_err();
    let expected = format!("dropped 1 event in {url}: 1 logged after the writer was closed");
    assert_eq!(error.to_string(), expected);
    let logged = messages();
    let starts = [
        format!("step 0 of \"loss\" in {url} follows step 1"),
        format!("tag \"loss\" in {url} has scalars and text"),
        format!("dropping events of {url}: an event is larger than the buffer"),
        format!("dropping events of {url}: they are logged after the writer was closed"),
    ];
    assert_eq!(logged.len(), starts.len(), "{logged:#?}");
    for ((_, message), start) in logged.iter().zip(starts) {
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn clocks_and_names_that_work_are_not_reported() {
    let _alone = alone();
    for name in ["é", "q[1]", "a%b"] {
        let (_, storage) = storage(quick());
        let clock = || tfevents::summary::WallTime::try_from_secs_f64(7.0).unwrap();
        let writer = storage.writer(name).clock(clock).build().unwrap();
        writer.add_scalar("loss", 0.5, 0);
        writer.close().unwrap();
        assert_eq!(steps(&storage, name), [0]);
    }
    assert_eq!(messages(), []);
}

#[test]
fn an_empty_prefix_is_an_error() {
    let (faulty, _) = storage(quick());
    for prefix in ["", "/"] {
        let error = ObjectStorage::new(faulty.clone(), prefix).unwrap_err();
        let expected = "invalid location faulty://bucket: it has no prefix (expected one such as \
                        s3://bucket/experiments)";
        assert_eq!(error.to_string(), expected);
    }
}
