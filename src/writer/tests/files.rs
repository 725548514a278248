//! The names and places of the files that a writer creates.

use super::faults::PATIENCE;
use super::*;
use crate::engine::next_path;
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::WallTime;

/// Two hosts with the same name that share a directory may have processes with the same ID.
#[test]
fn names_that_are_taken_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let time = WallTime::try_from_secs_f64(1_700_000_000.0).unwrap();
    let builder = SummaryWriter::builder(dir.path()).clock(move || time).max_file_bytes(0);
    // Two thousand names that are taken are slow under wine.
    let writer = builder.flush_timeout(PATIENCE).build().unwrap();
    // After its first file it uses the same second in all names.
    writer.add_scalar("loss", 0.5, 6);
    writer.flush().unwrap();
    // Takes the next names that this process would use.
    let next = next_path(dir.path(), 1_700_000_000, "");
    let next = next.to_str().unwrap();
    let (front, number) = next.rsplit_once('.').unwrap();
    let number: u32 = number.parse().unwrap();
    let taken: Vec<_> = (1..2000).map(|n| format!("{front}.{:06}", number + n)).collect();
    for name in &taken {
        std::fs::write(name, "another's").unwrap();
    }
    writer.add_scalar("loss", 0.5, 7);
    // This event is written to its own file.
    writer.add_text("large", &"x".repeat(300_000), 8);
    writer.close().unwrap();
    for name in &taken {
        assert_eq!(std::fs::read_to_string(name).unwrap(), "another's");
        std::fs::remove_file(name).unwrap();
    }
    assert_eq!(steps(dir.path()), [6, 7]);
    assert_eq!(events(dir.path()).last().unwrap().step, 8);
}

#[test]
fn no_name_of_a_run_leads_outside() {
    let parent = tempfile::tempdir().unwrap();
    let logs = parent.path().join("logs");
    let writer = SummaryWriter::new(&logs).unwrap();
    for name in ["..", "../other", "a/../../b", "/tmp/x", "a\\b", "C:x", "a\0b", "NUL", "", "a//b"]
    {
        match writer.child_run(name) {
            Err(Error::RunName { name: named, .. }) => assert_eq!(named, name),
            other => panic!("{name:?}: {other:?}"),
        }
    }
    // Tags of curves become parts of directory names.
    for tag in ["../../out", "/abs", "NUL", "a\0b", ""] {
        writer.add_scalar(tag, 0.5, 0);
        writer.add_scalars_as_runs(tag, [("../../../out", 0.5), ("/abs", 1.0), ("b\0", 2.0)], 0);
    }
    writer.close().unwrap();
    let beside: Vec<_> =
        parent.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["logs"]);
    assert_eq!(steps(&logs), [0; 5]);
}

/// A link below the run could lead anywhere; the run itself may be a link.
#[cfg(unix)]
#[test]
fn a_link_below_the_run_is_refused() {
    use std::os::unix::fs::symlink;
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let logs = dir.path().join("logs");
    symlink(outside.path(), &logs).unwrap();
    let writer = SummaryWriter::new(&logs).unwrap();
    symlink("/", outside.path().join("link")).unwrap();
    symlink("nowhere", outside.path().join("dangling")).unwrap();
    for name in ["link", "link/tmp", "dangling", "dangling/below"] {
        match writer.child_run(name) {
            Err(Error::RunName { reason, .. }) => assert_eq!(reason, "is a link"),
            other => panic!("{name}: {other:?}"),
        }
    }
    writer.child_run("child").unwrap().add_scalar("loss", 0.5, 0);
    writer.close().unwrap();
    assert_eq!(steps(&outside.path().join("child")), [0]);
    assert!(!outside.path().join("nowhere").exists());
}

/// A process that lists the directory at the same time must not see a file that is then removed.
#[test]
fn opening_a_child_run_makes_its_directory_and_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let writer = SummaryWriter::builder(dir.path()).storage(storage.clone()).build().unwrap();
    storage.set(Fault::Fails, 0);
    let error = writer.child_run("child").unwrap_err();
    assert!(matches!(&error, Error::Directory { path, .. } if *path == dir.path().join("child")));
    storage.set(Fault::Fails, 1);
    let child = writer.child_run("child").unwrap();
    assert!(child.path().is_dir() && !storage.struck());
    storage.mend();
    writer.close().unwrap();
}

/// Mounts of object stores show a file when it is closed.
#[test]
fn a_file_is_closed_when_it_is_old_even_if_nothing_is_logged() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let builder = SummaryWriter::builder(dir.path()).max_file_age(Duration::ZERO);
    let writer = builder.storage(storage.clone()).build().unwrap();
    // Notices that the file is closed.
    storage.set(Fault::CloseStalls, 0);
    let logged = Instant::now();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();
    while !storage.struck() {
        assert!(logged.elapsed() < PATIENCE, "the file is still open");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The minimum.
    assert!(logged.elapsed() > Duration::from_millis(900), "{:?}", logged.elapsed());
    storage.mend();
    writer.add_scalar("loss", 0.5, 1);
    writer.close().unwrap();
    assert_eq!(event_files(dir.path()).len(), 2);
    assert_eq!(steps(dir.path()), [0, 1]);
}

/// Mountpoint-s3 does not remove files unless it is told to.
#[test]
fn a_probe_that_cannot_be_removed_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    for at in 0..3 {
        let storage = Faulty::default();
        storage.set(Fault::Fails, at);
        let built = SummaryWriter::builder(dir.path()).storage(storage.clone()).build();
        // Creating the directory, creating a file, removing it.
        assert_eq!(built.is_ok(), at == 2, "operation {at}");
        assert!(storage.mend());
    }
    assert!(event_files(dir.path()).is_empty());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
