//! The ways in which a process ends, and what is in its log then. Each victim logs ten events,
//! flushes, and logs ten more, which its flush interval of an hour would write much later.

use durability_tests::{Victim, examine};
use std::path::Path;
use std::process::Command;

fn victim() -> &'static str {
    env!("CARGO_BIN_EXE_victim")
}

/// Returns how many events are in the file of a victim that exits by itself.
fn left_by(program: impl AsRef<Path>, mode: &str, success: bool) -> i64 {
    let dir = tempfile::tempdir().unwrap();
    let (status, _) = Victim::start(program, mode, dir.path()).end();
    assert_eq!(status.success(), success, "{status}");
    let found = examine(dir.path());
    assert_eq!(found.truncated, 0);
    found.without_gap()
}

/// No destructor runs: events logged since the last flush are lost.
#[test]
fn process_exit_keeps_what_was_flushed() {
    assert_eq!(left_by(victim(), "exit", false), 10);
}

/// The writer is dropped as the panic unwinds: nothing is lost.
#[test]
fn a_panic_that_unwinds_keeps_everything() {
    assert_eq!(left_by(victim(), "panic", false), 20);
}

/// Statics are never dropped.
#[test]
fn a_writer_in_a_static_keeps_what_was_flushed() {
    assert_eq!(left_by(victim(), "static", true), 10);
}

/// No destructor runs.
#[test]
fn a_panic_that_aborts_keeps_what_was_flushed() {
    // The same program, built so that a panic aborts.
    let target = Path::new(victim()).parent().unwrap().join("panic-abort");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "-p", "durability-tests", "--bin", "victim"])
        .args(["--config", "profile.dev.panic='abort'", "--config", "profile.dev.debug=0"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    let program = target.join("debug").join(Path::new(victim()).file_name().unwrap());
    assert_eq!(left_by(program, "panic", false), 10);
}

/// Without a handler the system ends the process at once.
#[cfg(unix)]
#[test]
fn sigterm_keeps_what_was_flushed() {
    let dir = tempfile::tempdir().unwrap();
    let victim = Victim::start(victim(), "wait", dir.path());
    assert_eq!(victim.line().text, "ready");
    let id = rustix::process::Pid::from_raw(victim.id().cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let (status, _) = victim.end();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15));
    assert_eq!(examine(dir.path()).without_gap(), 10);
}
