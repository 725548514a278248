//! `extract`.

use super::{tfevents, write_run};
use std::collections::BTreeSet;
use std::path::Path;
use tfevents::{Audio, Image};

/// Returns the files below a directory, with slashes.
fn files(dir: &Path) -> BTreeSet<String> {
    fn walk(dir: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(path);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(dir, dir, &mut found);
    found
}

fn image(gray: u8) -> Image {
    Image::gray8(1, 1, &[gray]).unwrap()
}

#[test]
fn what_a_run_has_becomes_files() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/train"), |writer| {
        writer.add_image("sample", &image(1), 3);
        writer.add_images("batch", &[image(2), image(3)], 4);
        writer.add_audio("sound", &Audio::new(8000, 1, &[0.0f32, 0.5]).unwrap(), 5);
        writer.add_text("note/a", "# hello\n", 6);
        let tensor = tfevents::summary::Tensor::new(&[2], &[1.5f32, 2.0]).unwrap();
        writer.add("tensor", &tensor, 7);
        writer.add_scalar("loss", 0.5, 7);
    });
    let extract = tfevents(dir.path(), &["extract", "logs", "-o", "out"]);
    assert_eq!(extract.status, 0, "{extract:?}");
    assert_eq!(extract.stderr, "note: extracted 6 files to out\n");
    let expected = [
        "train/batch/4-0.png",
        "train/batch/4-1.png",
        "train/note/a/6.md",
        "train/sample/3.png",
        "train/sound/5.wav",
        "train/tensor/7.npy",
    ];
    let out = dir.path().join("out");
    assert_eq!(files(&out), expected.map(str::to_owned).into());
    assert_eq!(std::fs::read_to_string(out.join("train/note/a/6.md")).unwrap(), "# hello\n");
    let npy = std::fs::read(out.join("train/tensor/7.npy")).unwrap();
    assert_eq!(npy[npy.len() - 8..], [1.5f32, 2.0].map(f32::to_le_bytes).concat());
    let png = std::fs::read(out.join("train/batch/4-1.png")).unwrap();
    let logged = tfevents::read::Run::open(dir.path().join("logs/train")).unwrap();
    let batch = logged.images("batch").unwrap();
    assert_eq!(*png, *batch.iter().next().unwrap().value.encoded[1]);

    let again = tfevents(dir.path(), &["extract", "logs", "-o", "out"]);
    assert!(again.status == 2 && again.stderr.contains("is there already"), "{again:?}");
    let forced = tfevents(dir.path(), &["extract", "logs", "-o", "out", "--force"]);
    assert_eq!((forced.status, files(&out).len()), (0, 6));
}

#[test]
fn nothing_is_written_outside() {
    let dir = tempfile::tempdir().unwrap();
    let tags =
        ["../../../escape", "/absolute", "..", ".", "", "a/../../b", "C:\\x", "nul\0", "a\x1b"];
    write_run(&dir.path().join("logs/run"), |writer| {
        for tag in tags {
            writer.add_image(tag, &image(1), 0);
        }
    });
    let before = files(dir.path()).len();
    let extract = tfevents(dir.path(), &["extract", "logs", "-o", "deep/er/out"]);
    assert_eq!(extract.status, 0, "{extract:?}");
    let inside = files(&dir.path().join("deep/er/out"));
    assert_eq!(inside.len(), tags.len(), "{inside:?}");
    assert_eq!(files(dir.path()).len(), before + tags.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_half_file() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs"), |writer| {
        writer.add_text("big", &"x".repeat(3 << 20), 0);
        for step in 0..20_000 {
            writer.add_scalar("loss", 0.5, step);
        }
    });
    let small = dir.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=128k", "tmpfs"])
        .arg(&small)
        .output();
    if !mount.is_ok_and(|mount| mount.status.success()) {
        eprintln!("left out: a small file system cannot be mounted");
        return;
    }
    let ran = [
        tfevents(dir.path(), &["extract", "logs", "-o", "small/out"]),
        tfevents(dir.path(), &["export", "logs", "-o", "small/out.csv"]),
        tfevents(dir.path(), &["export", "logs", "-o", "small/out.jsonl"]),
        tfevents(dir.path(), &["export", "logs", "-o", "small/out.parquet"]),
        tfevents(dir.path(), &["export", "logs", "--wide", "-o", "small/wide.csv"]),
    ];
    let left = files(&small);
    assert!(std::process::Command::new("umount").arg(&small).status().unwrap().success());
    for ran in ran {
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("No space left"), "{ran:?}");
    }
    assert_eq!(left, BTreeSet::new());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_symbolic_link() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/o"), |writer| writer.add_text("a/t", "text", 0));
    let outside = dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::create_dir_all(dir.path().join("out/o")).unwrap();
    std::os::unix::fs::symlink(&outside, dir.path().join("out/o/a")).unwrap();
    for args in
        [&["extract", "logs", "-o", "out"][..], &["extract", "logs", "-o", "out", "--force"]]
    {
        let extract = tfevents(dir.path(), args);
        assert_eq!(extract.status, 2, "{extract:?}");
        assert!(extract.stderr.contains("out/o/a is a symbolic link"), "{}", extract.stderr);
    }
    assert_eq!(files(&outside), BTreeSet::new());
    // The directory itself may be a link.
    std::os::unix::fs::symlink(&outside, dir.path().join("linked")).unwrap();
    let extract = tfevents(dir.path(), &["extract", "logs", "-o", "linked"]);
    assert_eq!(extract.status, 0, "{extract:?}");
    assert_eq!(files(&outside), ["o/a/t/0.md".to_owned()].into());
}
