//! Several processes and one directory.

use durability_tests::{Victim, examine};

/// Events that a child logs into the writer of its parent reach no file, and no call of it hangs.
#[cfg(unix)]
#[test]
fn a_forked_child_leaves_its_parents_files_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = durability_tests::command(env!("CARGO_BIN_EXE_forks"));
    let (status, lines) = Victim::command(command.arg(dir.path())).end();
    let lines: Vec<_> = lines.iter().map(|line| &line.text[..]).collect();
    assert_eq!(lines, ["the child ended with 7"]);
    assert!(status.success(), "{status}");
    let found = examine(dir.path());
    assert_eq!((found.without_gap(), found.files, found.truncated), (3, 1, 0));
    assert_eq!(examine(&dir.path().join("child run")).files, 0);
    assert!(!dir.path().join("other").exists());
}

/// Each process has its own files, also when all start in the same second.
#[test]
fn many_processes_in_one_directory_share_no_file() {
    const PROCESSES: usize = 8;
    let dir = tempfile::tempdir().unwrap();
    let victims: Vec<_> = (0..PROCESSES)
        .map(|_| Victim::start(env!("CARGO_BIN_EXE_victim"), "together", dir.path()))
        .collect();
    for victim in victims {
        let (status, lines) = victim.end();
        assert!(status.success(), "{status}");
        assert_eq!(lines.last().unwrap().text, "written 20000");
    }
    let found = examine(dir.path());
    assert_eq!((found.logged, found.truncated), (PROCESSES as u64 * 20_000, 0));
    // Each process has several files, and each file belongs to one process: its steps are
    // consecutive.
    assert!(found.files >= 4 * PROCESSES, "{}", found.files);
    let mut counts = [0; 20_000];
    for path in dir.path().read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        let reader = tfevents::read::EventReader::open(path).unwrap();
        let events = reader.map(|event| event.unwrap()).filter(|event| !event.values().is_empty());
        let steps: Vec<_> = events.map(|event| event.step()).collect();
        assert!(steps.iter().copied().eq(steps[0]..steps[0] + steps.len() as i64), "{steps:?}");
        steps.iter().for_each(|step| counts[*step as usize] += 1);
    }
    assert!(counts.iter().all(|count| *count == PROCESSES));
}
