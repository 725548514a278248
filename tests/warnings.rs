//! Warnings of the writer, as a logger gets them: a test program of its own, because it needs the
//! logger.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use tfevents::{Error, Overflow, Provenance, SummaryWriter};

struct Notes;

static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl log::Log for Notes {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        NOTES.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

/// Lets one test log at a time, into an empty directory.
fn alone() -> (MutexGuard<'static, ()>, tempfile::TempDir) {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // Another test may have set it.
    let _ = log::set_logger(&Notes);
    log::set_max_level(log::LevelFilter::Warn);
    NOTES.lock().unwrap().clear();
    (guard, tempfile::tempdir().unwrap())
}

/// Replaces the directory by `DIR`, and the separators of its system by `/`.
fn portable(text: &str, dir: &Path) -> String {
    text.replace(dir.to_str().unwrap(), "DIR").replace("DIR\\", "DIR/")
}

/// Returns what was logged since the last call, with `DIR` for the directory.
fn logged(dir: &Path) -> Vec<String> {
    let notes = std::mem::take(&mut *NOTES.lock().unwrap());
    notes.iter().map(|note| portable(note, dir)).collect()
}

#[test]
fn a_scalar_that_is_not_finite_is_reported_as_written() {
    let (_alone, dir) = alone();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..3 {
        writer.add_scalar("loss", f32::NAN, step);
    }
    writer.close().unwrap();
    assert_eq!(
        logged(dir.path()),
        ["scalar \"loss\" is NaN; it is written, and so are further ones without another warning \
          (Stats::non_finite counts them)"]
    );
    assert_eq!((writer.stats().written, writer.stats().non_finite), (3, 3));
}

#[test]
fn messages_of_drops_name_the_run_and_the_reason() {
    let (_alone, dir) = alone();
    let builder = SummaryWriter::builder(dir.path()).buffer_bytes(1 << 20);
    let writer = builder.overflow(Overflow::Drop).build().unwrap();
    let child = writer.child_run("large").unwrap();
    child.add_text("text", &"x".repeat(2 << 20), 0);
    let error = writer.flush().unwrap_err();
    assert!(matches!(&error, Error::Dropped { path, .. } if *path == dir.path().join("large")));
    assert_eq!(
        portable(&error.to_string(), dir.path()),
        "dropped 1 event in DIR/large: 1 larger than the buffer"
    );
    let too_large = "dropping events of DIR/large: an event is larger than the buffer \
                     (`buffer_bytes` sets its size)";
    assert_eq!(logged(dir.path()), [too_large]);

    writer.close().unwrap();
    writer.add_scalar("loss", 0.5, 0);
    child.add_scalar("loss", 0.5, 0);
    let error = writer.close().unwrap_err();
    assert!(matches!(error, Error::Dropped { events: 2, drops, .. } if drops.after_close == 2));
    assert_eq!(
        portable(&error.to_string(), dir.path()),
        "dropped 2 events, the first in DIR: 2 logged after the writer was closed"
    );
    let closed = "dropping events of DIR: they are logged after the writer was closed";
    assert_eq!(logged(dir.path()), [closed]);
    // Each drop is reported once.
    writer.close().unwrap();
}

/// Logs a value into a run, until it is in its file.
fn log(run: &SummaryWriter) {
    run.add_scalar("loss", 0.5, 0);
    run.flush().unwrap();
}

fn beside_others(dir: &str) -> String {
    format!(
        "{dir} already has event files, of an earlier session or another writer, which TensorBoard \
         will merge with those of this writer: continue a session with \
         SummaryWriterBuilder::resume, log into a new directory with SummaryWriter::timestamped, or \
         give each writer a child run. This is logged once per writer"
    )
}

#[test]
fn a_second_session_in_a_directory_is_reported_once() {
    let (_alone, dir) = alone();
    let session = || {
        let writer = SummaryWriter::new(dir.path()).unwrap();
        for name in ["train", "validation"] {
            log(&writer.child_run(name).unwrap());
        }
        log(&writer);
        // A child that is opened again has a file of this session.
        log(&writer.child_run("train").unwrap());
        writer.close().unwrap();
        logged(dir.path())
    };
    assert_eq!(session(), Vec::<String>::new());
    assert_eq!(session(), [beside_others("DIR/train")]);
    // Expected files are not reported.
    for builder in [
        SummaryWriter::builder(dir.path()).resume_at(0),
        SummaryWriter::builder(dir.path()).file_suffix(".second"),
    ] {
        let writer = builder.build().unwrap();
        log(&writer);
        log(&writer.child_run("train").unwrap());
        writer.close().unwrap();
        assert_eq!(logged(dir.path()), Vec::<String>::new());
    }
}

#[test]
fn two_writers_of_one_directory_are_reported() {
    let (_alone, dir) = alone();
    let writers = [(); 2].map(|()| SummaryWriter::new(dir.path()).unwrap());
    // Before either has a file.
    writers.iter().for_each(log);
    assert_eq!(logged(dir.path()), [beside_others("DIR")]);
}

#[test]
fn a_tag_with_two_kinds_is_reported_once() {
    let (_alone, dir) = alone();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..3 {
        writer.add_scalar("kind", 0.5, 2 * step);
        writer.add_histogram("kind", [1.0, 2.0], 2 * step + 1);
        writer.add_text("kind", "text", 6 + step);
        writer.add_text("note", "x", 2 * step);
        writer.add_text("note", "of another length", 2 * step + 1);
    }
    writer.close().unwrap();
    let first =
        "tag \"kind\" in DIR has scalars and histograms: TensorBoard shows only the scalars";
    let notes = logged(dir.path());
    assert!(notes[0].starts_with(first), "{notes:?}");
    // The order of steps is reported apart.
    assert_eq!(notes.iter().filter(|note| note.contains("has scalars and")).count(), 1);
}

#[test]
fn provenance_without_a_repository_is_reported_once() {
    let (_alone, dir) = alone();
    for _ in 0..3 {
        let provenance = Provenance::collect_in(dir.path()).git_dirty(Duration::from_secs(60));
        assert!(provenance.get("host").is_some() && provenance.get("git_dirty").is_none());
    }
    let notes = logged(dir.path());
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert_eq!(notes[0], "no git commit in the provenance: DIR is in no repository (logged once)");
    // There is no git, or it fails.
    assert!(notes[1].starts_with("no git_dirty in the provenance of DIR: "), "{notes:?}");
}
