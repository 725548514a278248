//! What is different on Windows: open files, names, drives and long paths.
//!
//! `TFEVENTS_WINDOWS_DIRS` names more directories to log into, joined by `;`, such as one on another
//! drive and a UNC path.
#![cfg(windows)]

use durability_tests::{announce, examine};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tfevents::{Error, SummaryWriter};

/// What Python's `open` shares with other processes, and with it TensorBoard: not deletion.
const FILE_SHARE_READ_WRITE: u32 = 1 | 2;

fn open_as_python(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).share_mode(FILE_SHARE_READ_WRITE).open(path)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    dir.read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect()
}

fn log(dir: &Path, steps: std::ops::Range<i64>) {
    let writer = SummaryWriter::new(dir).unwrap();
    for step in steps {
        writer.add_scalar("loss", 0.5, step);
    }
    writer.close().unwrap();
}

/// TensorBoard reads a file while it grows, and does not stop the writer.
#[test]
fn an_open_file_is_read_by_others_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.flush().unwrap();
    let mut reader = open_as_python(&files(dir.path())[0]).unwrap();
    let mut seen = Vec::new();
    reader.read_to_end(&mut seen).unwrap();
    assert_eq!(examine(dir.path()).steps, [0]);
    writer.add_scalar("loss", 0.5, 1);
    writer.flush().unwrap();
    let before = seen.len();
    // The same handle sees what was added.
    reader.read_to_end(&mut seen).unwrap();
    assert!(seen.len() > before);
    assert_eq!(seen, fs::read(&files(dir.path())[0]).unwrap());
    assert_eq!(examine(dir.path()).steps, [0, 1]);
    writer.close().unwrap();
}

/// Files that another process has open cannot be removed: an error says so, and no point is lost
/// or doubled for the readers that go by the rules of TensorBoard.
#[test]
fn compacting_what_is_open_elsewhere_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 0..10);
    log(dir.path(), 5..20);
    let reader = open_as_python(&files(dir.path())[0]).unwrap();
    match tfevents::compact(dir.path()) {
        Err(error) => assert!(matches!(error, Error::NotRemoved { .. }), "{error:?}"),
        // Some systems with another file system below it remove the file anyway.
        Ok(_) => announce("this system removes a file that is open"),
    }
    let points = |dir: &Path| {
        let scalars = tfevents::read::Run::open(dir).unwrap().all_scalars().unwrap();
        scalars["loss"].steps().to_vec()
    };
    assert_eq!(points(dir.path()), (0..20).collect::<Vec<_>>());
    drop(reader);
    tfevents::compact(dir.path()).unwrap();
    assert_eq!(points(dir.path()), (0..20).collect::<Vec<_>>());
    assert_eq!(files(dir.path()).len(), 1);
}

/// On every system, so that runs can be copied from one to another.
#[test]
fn names_that_windows_reserves_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for name in
        ["CON", "con.txt", "a:b", "x.", "x ", "COM1", "a\\b", "C:", "C:\\x", "\\\\server\\x"]
    {
        let error = writer.child_run(name).unwrap_err();
        assert!(matches!(error, Error::RunName { .. }), "{name}: {error:?}");
    }
    // Tags may be anything, and so may curves of one chart, whose names become directories.
    for tag in ["CON", "a:b", "x.", "loss", "LOSS"] {
        writer.add_scalar(tag, 0.5, 0);
        writer.add_scalars_as_runs(tag, [("NUL", 0.5), ("x.", 1.0)], 0);
    }
    writer.close().unwrap();
    assert_eq!(examine(dir.path()).logged, 5);
    let runs = tfevents::read::LogDir::open(dir.path()).unwrap();
    let mut names: Vec<_> = runs.runs().iter().map(|run| run.name().to_lowercase()).collect();
    names.sort();
    // Curves of `LOSS` and `loss` share a directory here.
    let curves =
        ["CON_NUL", "CON_x_", "a_b_NUL", "a_b_x_", "loss_NUL", "loss_x_", "x._NUL", "x._x_"];
    let mut expected = vec![".".to_owned()];
    expected.extend(curves.map(str::to_lowercase));
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn a_path_longer_than_260_characters() {
    let dir = tempfile::tempdir().unwrap();
    let mut path = dir.path().to_owned();
    while path.as_os_str().len() < 400 {
        path.push("a directory with a long name");
    }
    log(&path, 0..3);
    assert_eq!(examine(&path).steps, [0, 1, 2]);
    let writer = SummaryWriter::new(&path).unwrap();
    let child = writer.child_run("validation").unwrap();
    child.add_scalar("loss", 0.5, 0);
    writer.close().unwrap();
    assert_eq!(examine(&path.join("validation")).steps, [0]);
}

#[test]
fn other_drives_and_unc_paths() {
    let dir = tempfile::tempdir().unwrap();
    // The same directory as a verbatim path, which takes no `/`.
    let mut dirs = vec![fs::canonicalize(dir.path()).unwrap()];
    let more = std::env::var("TFEVENTS_WINDOWS_DIRS").unwrap_or_default();
    dirs.extend(more.split(';').filter(|dir| !dir.is_empty()).map(PathBuf::from));
    for dir in dirs {
        let scratch = tempfile::tempdir_in(&dir).unwrap();
        let dir = scratch.path().join("run");
        log(&dir, 0..10);
        let writer = SummaryWriter::builder(&dir).resume().build().unwrap();
        assert_eq!(writer.resumed_at(), Some(10));
        let child = writer.child_run("a/b").unwrap();
        child.add_scalar("loss", 0.5, 0);
        writer.add_scalar("loss", 0.5, 10);
        writer.close().unwrap();
        assert_eq!(examine(&dir.join("a").join("b")).steps, [0], "{}", dir.display());
        tfevents::compact(&dir).unwrap();
        assert_eq!(examine(&dir).without_gap(), 11, "{}", dir.display());
        let runs = tfevents::read::LogDir::open(&dir).unwrap();
        let names: Vec<_> = runs.runs().iter().map(tfevents::read::Run::name).collect();
        // As child runs are named when they are logged.
        assert_eq!(names, [".", "a/b"]);
        announce(&format!("logged, resumed and compacted in {}", dir.display()));
    }
}

/// The log directory is a file.
#[test]
fn a_directory_that_cannot_be_made_is_a_typed_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("taken");
    fs::write(&path, "").unwrap();
    match SummaryWriter::new(path.join("run")).unwrap_err() {
        Error::Directory { source, .. } => assert_ne!(source.kind(), ErrorKind::InvalidInput),
        other => panic!("{other:?}"),
    }
}
