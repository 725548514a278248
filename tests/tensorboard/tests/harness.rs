//! The harness itself: it shows logged values, notices failures, and leaves no process running.

use std::fs;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tempfile::TempDir;
use tensorboard_tests::{Metadata, Payload, Point, Reader, python_events, show};

// Two records made with TensorBoard's own protobuf classes: the version at 1.5 s, and `simple_value` -Infinity of tag
// `a` at step 3 and 2.5 s, with metadata.
const VERSION: &[u8] =
    b"\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22\x09\x00\x00\x00\x00\x00\x00\xf8\x3f\x1a\
    \x0dbrain.Event:2\x2a\x28\x64\x6c";
const SCALAR: &[u8] = b"\x2a\x00\x00\x00\x00\x00\x00\x00\xae\x8d\x91\xf5\x09\x00\x00\x00\x00\x00\x00\x04\x40\x10\x03\
    \x2a\x1d\x0a\x1b\x0a\x01a\x15\x00\x00\x80\xff\x4a\x11\x0a\x0d\x0a\x07scalars\x12\x02\x08\x00\x20\x01\xe7\x05\
    \x5c\x3d";

fn logdir(records: &[&[u8]]) -> (TempDir, PathBuf) {
    let logdir = tempfile::tempdir().unwrap();
    fs::create_dir(logdir.path().join("run")).unwrap();
    let file = logdir.path().join("run/events.out.tfevents.1");
    fs::write(&file, records.concat()).unwrap();
    (logdir, file)
}

/// Returns the message that `run` panics with, if it does.
fn failure(run: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(run)).err()?;
    let message = panic.downcast_ref::<String>();
    Some(message.expect("a formatted message").clone())
}

#[test]
fn shows_and_decodes_a_file() {
    let (logdir, file) = logdir(&[VERSION, SCALAR]);
    show(logdir.path(), |board| {
        let expected = Point { wall_time: 2.5, step: 3, value: f64::NEG_INFINITY };
        assert_eq!(board.scalars("run", "a", 3), [expected]);
        assert_eq!(board.runs(), ["run"]);
        assert_eq!(board.tags("scalars")["run"], ["a".to_owned()].into());
        assert!(board.active_dashboards().contains("scalars"));
    });

    let Some(events) = python_events(&file) else {
        return;
    };
    let [version, scalar] = &events[..] else { panic!("{events:?}") };
    assert_eq!((version.wall_time, version.step), (1.5, 0));
    assert_eq!(version.file_version, "brain.Event:2");
    assert_eq!((scalar.wall_time, scalar.step), (2.5, 3));
    assert_eq!((&scalar.kind[..], &scalar.values[0].tag[..]), ("summary", "a"));
    assert_eq!(scalar.values[0].payload, Payload::Simple(f64::NEG_INFINITY));
    let metadata = Metadata {
        plugin: "scalars".into(),
        content: vec![8, 0],
        display_name: String::new(),
        description: String::new(),
        data_class: 1,
    };
    assert_eq!(scalar.values[0].metadata, Some(metadata));
}

#[test]
fn a_failing_check_fails_and_ends_the_servers() {
    let (logdir, _) = logdir(&[VERSION, SCALAR]);
    let seen = Mutex::new(Vec::new());
    let why = failure(|| {
        show(logdir.path(), |board| {
            let mut seen = seen.lock().unwrap();
            seen.push((board.reader(), board.address()));
            drop(seen);
            let points = board.scalars("run", "a", 3);
            assert_eq!(points.len(), 2, "one was written");
        });
    });
    // None where TensorBoard is left out.
    for (reader, address) in seen.into_inner().unwrap() {
        let why = why.as_deref().expect("the check fails");
        assert!(why.contains(&reader.to_string()), "{why}");
        let answers = TcpStream::connect(&address).is_ok();
        assert!(!answers, "{address} is still in use");
    }
}

#[test]
fn a_warning_in_the_log_fails() {
    let mut damaged = SCALAR.to_vec();
    damaged[8] ^= 1; // the length's checksum
    let (logdir, file) = logdir(&[VERSION, SCALAR, &damaged]);
    let fast = AtomicBool::new(false);
    let why = failure(|| {
        show(logdir.path(), |board| {
            board.scalars("run", "a", 3);
            // The slow reader stops at the damage without a word.
            if board.reader() == Reader::Fast {
                fast.store(true, Relaxed);
                board.wait_until("a complaint", || {
                    board.complaints().pop().ok_or("none".to_owned())
                });
            }
        });
    });
    let expected = fast.into_inner().then(|| "failed with the fast reader, see above".to_owned());
    assert_eq!(why, expected);

    let decoded = catch_unwind(|| python_events(&file));
    assert!(!matches!(decoded, Ok(Some(_))), "the damage is not noticed");
}
