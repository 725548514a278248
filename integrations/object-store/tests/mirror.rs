//! A local log directory in a store: each record once, also by a later process and under faults.

mod common;

use common::{Fault, quick, steps, storage};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tfevents::SummaryWriter;
use tfevents::storage::Storage;

#[test]
fn a_directory_is_followed_and_continued() {
    let (faulty, storage) = storage(quick().seal_after(3));
    let dir = tempfile::tempdir().unwrap();
    let mut step = 0;
    for process in 0..3 {
        let mirror = storage.mirror(dir.path(), "mlp").unwrap();
        let writer = SummaryWriter::builder(dir.path()).max_file_bytes(0).build().unwrap();
        for round in 0..8 {
            for _ in 0..20 {
                writer.add_scalar("loss", 0.5, step);
                step += 1;
            }
            writer.add_text("note", &"x".repeat(60_000), step);
            writer.flush().unwrap();
            // Answers are lost, and requests fail, more often than they are repeated at once.
            if round % 3 == 1 {
                faulty.set(if process == 1 { Fault::Lost } else { Fault::Busy }, 1, 5);
                _ = mirror.flush();
                faulty.mend();
            }
            mirror.flush().unwrap();
            assert_eq!(steps(&storage, "mlp"), (0..step).collect::<Vec<_>>());
        }
        writer.close().unwrap();
        mirror.finish().unwrap();
    }
    let local = tfevents::read::Run::open(dir.path()).unwrap();
    assert_eq!(local.scalars("loss").unwrap().len() as i64, step);
    assert!(local.files().unwrap().len() > 3);
}

/// A record that is not whole yet stays where it is until it is.
#[test]
fn only_whole_records_are_uploaded() {
    let (faulty, storage) = storage(quick());
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.add_scalar("loss", 0.5, 1);
    writer.close().unwrap();
    let path = tfevents::read::Run::open(dir.path()).unwrap().files().unwrap().remove(0);
    let all = fs::read(&path).unwrap();
    let mirror = storage.mirror(dir.path(), "mlp").unwrap();
    let mut expected = vec![0; all.len() + 1];
    let mut end = 0;
    while end < all.len() {
        let len = u64::from_le_bytes(all[end..end + 8].try_into().unwrap()) as usize + 16;
        end += len;
        expected[end..].fill(end);
    }
    for (len, expected) in expected.into_iter().enumerate() {
        fs::write(&path, &all[..len]).unwrap();
        mirror.flush().unwrap();
        let stored: u64 = faulty.event_files().iter().map(|(_, len)| len).sum();
        // Each object but the first repeats the first record.
        let heads = faulty.event_files().len().saturating_sub(1) * first(&all);
        assert_eq!(stored as usize, expected + heads, "with {len} bytes");
    }
}

fn first(bytes: &[u8]) -> usize {
    u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize + 16
}

#[test]
fn other_files_are_uploaded_when_they_change() {
    let (_, storage) = storage(quick());
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("plugins")).unwrap();
    let mirror = storage.mirror(dir.path(), "mlp").unwrap();
    for text in ["one", "and two"] {
        fs::write(dir.path().join("plugins/notes.txt"), text).unwrap();
        fs::write(dir.path().join(".notes.txt.tmp"), text).unwrap();
        mirror.flush().unwrap();
        let mut found = String::new();
        let path = Path::new("mlp/plugins/notes.txt");
        storage.open(path, 0).unwrap().read_to_string(&mut found).unwrap();
        assert_eq!(found, text);
        assert!(storage.metadata(Path::new("mlp/.notes.txt.tmp")).is_err());
    }
}

/// Writers replace files by renaming temporary ones, and `compact` removes event files.
#[test]
fn files_that_disappear_are_no_error() {
    let (_, storage) = storage(quick());
    let dir = tempfile::tempdir().unwrap();
    let mirror = storage.mirror(dir.path(), "mlp").unwrap();
    std::thread::scope(|scope| {
        let changes = scope.spawn(|| {
            let run = dir.path().join("run");
            for _ in 0..1000 {
                fs::create_dir(&run).unwrap();
                for name in [".notes.txt.tmp", "notes.txt", "events.out.tfevents.1"] {
                    fs::write(run.join(name), "").unwrap();
                }
                fs::remove_dir_all(&run).unwrap();
            }
        });
        let mut failed = Vec::new();
        while !changes.is_finished() {
            failed.extend(mirror.flush().err());
        }
        assert!(failed.is_empty(), "{} errors, such as {:?}", failed.len(), failed[0]);
    });
}

#[test]
fn an_error_names_the_path() {
    let (_, storage) = storage(quick());
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    let error = storage.mirror(&absent, "mlp").unwrap().flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let expected = format!("cannot read {}: ", absent.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
}
