//! Disks that are really full: a small tmpfs where this process may mount one, and a limit of the
//! size of each file everywhere on Unix.
#![cfg(unix)]

use durability_tests::{Victim, announce, command, examine};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tfevents::{Embedding, Error, Overflow, SummaryWriter};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file system of half a megabyte in memory; unmounted when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(path: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(path);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(path.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Also while a file in it is open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Takes all free space.
fn fill(path: &Path) {
    let mut ballast = fs::File::create(path).unwrap();
    for size in [4096, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
fn a_full_disk_loses_nothing_written_and_the_run_goes_on() {
    let scratch = tempfile::tempdir().unwrap();
    let Some(disk) = Small::mount(scratch.path()) else {
        announce("SKIPPED: this process may not mount a tmpfs, so no disk is really full");
        return;
    };
    let (run, ballast) = (disk.0.join("run"), disk.0.join("ballast"));
    let writer = SummaryWriter::builder(&run)
        .buffer_bytes(64 << 10)
        .flush_interval(Duration::from_millis(10))
        .overflow(Overflow::Drop)
        .build()
        .unwrap();
    for step in 0..100 {
        writer.add_scalar("loss", 0.5, step);
    }
    writer.flush().unwrap();
    fill(&ballast);
    let begun = Instant::now();
    let mut step = 100;
    while writer.stats().drops.buffer_full < 1000 {
        writer.add_scalar("loss", 0.5, step);
        step += 1;
        assert!(begun.elapsed() < PATIENCE);
    }
    match writer.flush() {
        Err(Error::Storage { operation, path, source, .. }) => {
            assert!(["create", "write"].contains(&operation));
            assert!(path.starts_with(&run));
            assert_eq!(source.kind(), ErrorKind::StorageFull);
        }
        other => panic!("{other:?}"),
    }
    assert!(writer.stats().error.is_some_and(|error| error.starts_with("cannot ")));
    // All events written before are there, whole.
    let before = examine(&run);
    let kept = before.without_gap();
    assert!(kept >= 100);

    fs::remove_file(&ballast).unwrap();
    // By itself: the retry has its own time.
    while writer.stats().pending > 0 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    let after = step;
    for step in after..after + 50 {
        writer.add_scalar("loss", 0.5, step);
    }
    // The drops were reported with the failure.
    writer.close().unwrap();
    let (stats, found) = (writer.stats(), examine(&run));
    assert_eq!(stats.logged, stats.written + stats.dropped);
    assert_eq!((stats.dropped, &stats.error), (stats.drops.buffer_full, &None));
    assert_eq!(found.logged, stats.written);
    assert!(found.files > before.files, "it went on in a new file");
    // A beginning without gaps, and the end.
    let (start, end) = found.steps.split_at(found.steps.len() - 50);
    assert!(start.iter().copied().eq(0..start.len() as i64));
    assert!(end.iter().copied().eq(after..after + 50));
    // The note says how many are missing.
    let missing: u64 = found.notes.iter().map(|note| number_in(note)).sum();
    assert_eq!(missing, stats.dropped);
}

fn number_in(note: &str) -> u64 {
    let number = note.trim_start_matches('*').split(' ').next().unwrap();
    number.parse().unwrap_or_else(|_| panic!("no number in {note}"))
}

#[test]
fn an_embedding_that_does_not_fit_keeps_no_space() {
    let scratch = tempfile::tempdir().unwrap();
    let Some(disk) = Small::mount(scratch.path()) else {
        announce("SKIPPED: this process may not mount a tmpfs, so no disk is really full");
        return;
    };
    let run = disk.0.join("run");
    let writer = SummaryWriter::new(&run).unwrap();
    for step in 0..100 {
        writer.add_scalar("loss", 0.5, step);
    }
    // Its text has more than a megabyte.
    let values = (0..200_000).map(|at| at as f32 / 3.0).collect::<Vec<_>>();
    writer.add_embedding("words", &Embedding::new([20_000, 10], values).unwrap(), 100);
    match writer.flush() {
        Err(Error::Storage { source, .. }) => assert_eq!(source.kind(), ErrorKind::StorageFull),
        other => panic!("{other:?}"),
    }
    // There is space for the rest of the training, and for files of the program.
    fs::write(disk.0.join("checkpoint"), vec![1; 300 << 10]).unwrap();
    for step in 100..200 {
        writer.add_scalar("loss", 0.5, step);
    }
    writer.close().unwrap();
    assert_eq!(writer.stats().dropped, 1, "the embedding");
    assert_eq!(examine(&run).without_gap(), 200);
    // Of the embedding only its empty directory is left.
    let is_event_file = |path: &PathBuf| path.to_string_lossy().contains("tfevents");
    assert!(files(&run).iter().all(is_event_file), "{:?}", files(&run));
}

/// Returns the files below a directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn each_file_may_grow_to_a_limit_only() {
    let dir = tempfile::tempdir().unwrap();
    // A process that does not ignore the signal would be killed by it.
    let script = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
    let victim = command(env!("CARGO_BIN_EXE_victim"));
    let victim = Victim::command(
        Command::new("sh")
            .args(["-c", script])
            .arg(victim.get_program())
            .args(victim.get_args())
            .arg("limited")
            .arg(dir.path()),
    );
    let (status, lines) = victim.end();
    assert!(status.success(), "{status}");
    let errors: Vec<_> = lines.iter().filter(|line| line.text.starts_with("error ")).collect();
    // 1.2 MB in files of 64 or 128 kB, by what a shell takes for a block.
    assert!(errors.len() >= 5, "{lines:?}");
    let typed = |text: &str| text.starts_with("error cannot write ") && text.contains(".tfevents.");
    assert!(errors.iter().all(|line| typed(&line.text)), "{errors:?}");
    assert!(lines.iter().any(|line| line.text == "written 20000"));
    assert!(lines.iter().any(|line| line.text == "dropped 0"));
    let found = examine(dir.path());
    assert_eq!(found.without_gap(), 20_000);
    assert_eq!(found.files, errors.len() + 1);
}
