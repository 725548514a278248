//! `verify`, beside TensorBoard's own reader of records.

use super::{copy_events, data, run};
use std::path::Path;
use tensorboard_tests::run_python;

/// Damages copies of the recorded files in one place each.
fn damaged(dir: &Path, copies: u64) {
    copy_events(&data().join("foreign"), &dir.join("good"));
    let mut files = Vec::new();
    collect(&dir.join("good"), &mut files);
    let mut random = fastrand::Rng::with_seed(7);
    for copy in 0..copies {
        let from = &files[random.usize(..files.len())];
        let mut bytes = std::fs::read(from).unwrap();
        let at = random.usize(..bytes.len());
        if random.bool() {
            bytes[at] ^= 1 << random.u8(..8);
        } else {
            bytes.truncate(at);
        }
        let to = dir.join(format!("damaged/{copy:03}"));
        std::fs::create_dir_all(&to).unwrap();
        std::fs::write(to.join("events.out.tfevents.1"), bytes).unwrap();
    }
}

fn collect(dir: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
    files.sort();
}

#[test]
fn the_first_damage_is_where_tensorboards_reader_stops() {
    let dir = tempfile::tempdir().unwrap();
    damaged(dir.path(), 200);
    let logs = dir.path().join("damaged");
    let Some(python) = run_python(include_str!("first_damage.py"), &[logs.as_os_str()]) else {
        return;
    };
    let good = run(&["verify".as_ref(), dir.path().join("good").as_os_str()]);
    assert!(good.status.success(), "{good:?}");
    let ran = run(&["verify".as_ref(), logs.as_os_str()]);
    assert_eq!(ran.status.code(), Some(1));
    let text = String::from_utf8(ran.stdout).unwrap();
    let mut compared = 0;
    for line in python.lines() {
        // A file, and the offset of its first damage, or `good`.
        let (file, offset) = line.split_once('\t').unwrap();
        let prefix = format!("{file}:");
        let first = text
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix)?.split_once(": error: "))
            .map(|(offset, _)| offset.parse::<u64>().unwrap())
            .min();
        assert_eq!(first.map_or("good".to_owned(), |offset| offset.to_string()), offset, "{file}");
        compared += 1;
    }
    assert_eq!(compared, 200);
}
