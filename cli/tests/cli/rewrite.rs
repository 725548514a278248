//! `compact` and `edit`.

use super::{event_file, tfevents, write_run};
use std::path::Path;
use std::time::{Duration, SystemTime};
use tfevents::read::{Kind, Points, Run};
use tfevents::{Image, SummaryWriter};

/// Sets the time at which the newest file of a run changed.
fn set_age(run: &Path, age: Duration) {
    for file in Run::open(run).unwrap().files().unwrap() {
        let file = std::fs::File::options().append(true).open(file).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }
}

#[test]
fn a_quiet_run_is_compacted() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    for steps in [0..4, 2..6] {
        let writer = SummaryWriter::new(&run).unwrap();
        for step in steps {
            writer.add_scalar("loss", step as f32, step);
        }
        writer.close().unwrap();
    }
    set_age(&run, Duration::from_secs(30));
    let refused = tfevents(dir.path(), &["compact", "run"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.starts_with("error: run changed 3"), "{refused:?}");
    assert!(refused.stderr.contains("expected 1m of quiet, or --force"), "{refused:?}");
    assert_eq!(Run::open(&run).unwrap().files().unwrap().len(), 2);
    let compact = tfevents(dir.path(), &["compact", "run", "--quiet-for", "20s"]);
    assert_eq!(compact.status, 0, "{compact:?}");
    assert!(compact.stdout.starts_with("run: 2 files to 1, "), "{compact:?}");
    assert!(compact.stdout.ends_with("6 values kept, 2 dropped\n"), "{compact:?}");
    event_file(&run);
    let all = Run::open(&run).unwrap().with_points(Points::Raw);
    assert_eq!(all.scalars("loss").unwrap().steps(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(tfevents(dir.path(), &["compact", "run"]).status, 2);
    assert_eq!(tfevents(dir.path(), &["compact", "run", "--force"]).status, 0);
    let none = tfevents(dir.path(), &["compact", "."]);
    assert!(none.status == 2 && none.stderr.contains("no event files in ."), "{none:?}");
}

/// A run with two scalars, four images and a text.
fn run(dir: &Path) {
    write_run(&dir.join("run"), |writer| {
        let image = Image::gray8(1, 1, &[7]).unwrap();
        for step in 0..4 {
            writer.add_scalar("loss", step as f32 / 2.0, step);
            writer.add_scalar("debug/x", 0.5, step);
            writer.add_image("sample", &image, step);
        }
        writer.add_text("note", "hello", 3);
    });
}

/// Returns tag, kind, first step and points of a run's tags.
fn tags(run: &Path) -> Vec<(String, Kind, i64, u64)> {
    let index = Run::open(run).unwrap().index().unwrap();
    let tag = |tag: &tfevents::read::TagIndex| {
        (tag.name().to_owned(), tag.kind(), tag.first_step, tag.points)
    };
    index.tags().iter().map(tag).collect()
}

#[test]
fn nothing_asked_for_is_a_copy_byte_by_byte() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path());
    let edit = tfevents(dir.path(), &["edit", "run", "-o", "out"]);
    assert_eq!(
        (edit.status, edit.stderr.as_str()),
        (0, "note: wrote 13 values to out, dropped 0\n")
    );
    let bytes = |run: &str| std::fs::read(event_file(&dir.path().join(run))).unwrap();
    assert_eq!(bytes("run"), bytes("out"));
    assert_eq!(tfevents(dir.path(), &["verify", "out"]).status, 0);
}

#[test]
fn tags_are_renamed_dropped_thinned_and_shifted() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path());
    let rename = ["--rename", "loss=train/loss", "--rename", "debug/=d/"];
    let rest = ["--drop", "^note", "--thin", "image=3", "--shift-steps", "-1"];
    let edit = tfevents(dir.path(), &[&["edit", "run", "-o", "out"], &rename[..], &rest].concat());
    assert_eq!(
        (edit.status, edit.stderr.as_str()),
        (0, "note: wrote 10 values to out, dropped 3\n")
    );
    assert_eq!(
        tags(&dir.path().join("out")),
        [
            ("train/loss".to_owned(), Kind::Scalar, -1, 4),
            ("d/x".to_owned(), Kind::Scalar, -1, 4),
            ("sample".to_owned(), Kind::Image, -1, 2),
        ]
    );
    let out = Run::open(dir.path().join("out")).unwrap();
    assert_eq!(out.scalars("train/loss").unwrap().values(), [0.0, 0.5, 1.0, 1.5]);
    assert_eq!(tfevents(dir.path(), &["verify", "--strict", "out"]).status, 0);
    let keep =
        tfevents(dir.path(), &["edit", "run", "-o", "kept", "--keep", "sam", "--keep", "note"]);
    assert_eq!(keep.status, 0);
    assert_eq!(tags(&dir.path().join("kept")).len(), 2);
}

#[test]
fn scalars_change_their_form_and_back() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path());
    let forms = |run: &str| {
        let run = Run::open(dir.path().join(run)).unwrap();
        let mut tensors = Vec::new();
        for event in run.events() {
            for value in event.unwrap().values() {
                if value.scalar().is_some() {
                    assert_eq!(value.kind(), Kind::Scalar);
                    tensors.push(value.tensor().is_some());
                }
            }
        }
        tensors
    };
    assert_eq!(tfevents(dir.path(), &["edit", "run", "-o", "t", "--scalars", "tensor"]).status, 0);
    assert_eq!(tfevents(dir.path(), &["edit", "t", "-o", "s", "--scalars", "simple"]).status, 0);
    assert_eq!(forms("t"), [true; 8]);
    assert_eq!(forms("s"), [false; 8]);
    for run in ["run", "t", "s"] {
        let run = Run::open(dir.path().join(run)).unwrap();
        assert_eq!(run.scalars("loss").unwrap().values(), [0.0, 0.5, 1.0, 1.5]);
    }
    assert_eq!(
        Run::open(dir.path().join("t"))
            .unwrap()
            .index()
            .unwrap()
            .tag("loss")
            .unwrap()
            .metadata()
            .plugin,
        "scalars"
    );
}

#[test]
fn a_damaged_run_loses_its_damage_and_nothing_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path());
    let file = event_file(&dir.path().join("run"));
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let edit = tfevents(dir.path(), &["edit", "run", "-o", "out"]);
    assert_eq!(edit.status, 0);
    let messages = edit.stderr.replace('\\', "/");
    assert!(messages.contains("warning: run/") && messages.contains("wrote 12 values"), "{edit:?}");
    assert_eq!(tfevents(dir.path(), &["verify", "out"]).status, 0);
    for wrong in
        [&["-o", "run"][..], &["-o", "x", "--rename", "a/=b"], &["-o", "x", "--thin", "picture=3"]]
    {
        let edit = tfevents(dir.path(), &[&["edit", "run"], wrong].concat());
        assert!(edit.status == 2 && edit.stderr.contains("expected"), "{edit:?}");
    }
}
