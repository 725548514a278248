//! Memory, files and threads stay within their bounds, whatever is logged.

use durability_tests::{Line, Victim, announce, command};
use std::path::Path;

fn run(mode: &str, dir: &Path) -> Vec<Line> {
    let (status, lines) = Victim::start(env!("CARGO_BIN_EXE_victim"), mode, dir).end();
    assert!(status.success(), "{status}: {lines:?}");
    lines
}

fn numbers(lines: &[Line], word: &str) -> Vec<i64> {
    lines.iter().filter_map(|line| line.number(word)).collect()
}

/// Four threads log 250 MB while nothing can be written.
#[test]
fn memory_stays_within_the_bound() {
    let dir = tempfile::tempdir().unwrap();
    let lines = run("flood", dir.path());
    let one = |word: &str| numbers(&lines, word)[0];
    assert_eq!(one("sent "), 4 * (200_000 + 1000));
    assert_eq!(one("sent "), one("dropped ") + one("pending "));
    assert!(one("dropped ") > 100_000);
    let bound = 16 << 20;
    assert!(one("bytes ") <= bound);
    let Some(&grown) = numbers(&lines, "grown ").first() else {
        announce("SKIPPED: this system does not report the memory of a process");
        return;
    };
    // Four stacks, four arenas of the allocator and one event of 100 kB for each thread are added
    // to the 16 MiB.
    assert!(grown <= bound + (8 << 20), "{grown} bytes more than before");
}

/// Each child's file is closed with its run, whether it is closed or just dropped.
#[test]
fn ten_thousand_children_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let lines = run("children", dir.path());
    assert_eq!(numbers(&lines, "written "), [10_000]);
    let files = numbers(&lines, "files ");
    if files.is_empty() {
        announce("SKIPPED: this system does not report the open files of a process");
    }
    assert!(files.windows(2).all(|pair| pair[0] == pair[1]), "{files:?}");
    let threads = numbers(&lines, "threads ");
    assert!(threads.windows(2).all(|pair| pair[0] == pair[1]), "{threads:?}");
    let resident = numbers(&lines, "resident ");
    if let (Some(first), Some(last)) = (resident.get(1), resident.last()) {
        assert!(last - first < 2 << 20, "{resident:?}");
    }
}

/// The same program that runs for hours by hand, for a few seconds.
#[test]
fn a_short_soak_stays_flat() {
    let dir = tempfile::tempdir().unwrap();
    let output = command(env!("CARGO_BIN_EXE_soak")).arg("10").arg(dir.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}
