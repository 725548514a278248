//! Runs the real binary on files that the library has just written.

mod check;
mod diff;
mod export;
mod extract;
mod help;
mod hparams;
mod ls;
mod reduce;
mod report;
mod rewrite;
#[cfg(feature = "aws")]
mod s3;
mod show;
mod stores;
mod tmux;
mod verify;
mod watch;
mod watch_layout;
mod watch_runs;

use std::cell::Cell;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use tfevents::SummaryWriter;
use tfevents::summary::WallTime;

/// A call of the binary that has ended.
#[derive(Debug)]
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

/// Runs the binary in a directory.
fn tfevents(dir: &Path, args: &[&str]) -> Ran {
    ran(command(dir, args).output().unwrap())
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfevents"));
    command.current_dir(dir).args(args).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn ran(output: Output) -> Ran {
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Writes a run whose wall times are a second apart, from 1,700,000,000 on, and for each further run
/// of a test 1000 seconds later. It has no end mark, as those of other writers and of live trainings.
fn write_run(path: &Path, write: impl FnOnce(&SummaryWriter)) {
    let start = NEXT_START.with(|next| next.replace(next.get() + 1000));
    let time = AtomicU64::new(start);
    let now = move || {
        let seconds = time.fetch_add(1, Ordering::Relaxed);
        WallTime::try_from_secs_f64(seconds as f64).unwrap()
    };
    let writer = SummaryWriter::builder(path).clock(now).build().unwrap();
    write(&writer);
    writer.close().unwrap();
    for file in tfevents::read::Run::open(path).unwrap().files().unwrap() {
        let mut bytes = std::fs::read(&file).unwrap();
        let (mut last, mut at) = (0, 0);
        while at < bytes.len() {
            last = at;
            at += 16 + u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        }
        assert!(bytes[last..].windows(7).any(|bytes| bytes == b"success"));
        bytes.truncate(last);
        std::fs::write(&file, bytes).unwrap();
    }
}

thread_local! {
    static NEXT_START: Cell<u64> = const { Cell::new(1_700_000_000) };
}

/// Returns the only event file of a run.
fn event_file(run: &Path) -> std::path::PathBuf {
    let mut files = tfevents::read::Run::open(run).unwrap().files().unwrap();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}
