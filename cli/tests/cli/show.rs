//! `show`: charts of runs on disk.

use super::{command, ran, tfevents, write_run};
use std::path::Path;

fn write_runs(dir: &Path) {
    for (run, sign) in [("up/seed1", 1.0), ("up/seed2", 3.0), ("down/seed1", -1.0)] {
        write_run(&dir.join(run), |writer| {
            for step in 0..=10 {
                writer.add_scalar("loss", sign * step as f32, step);
                writer.add_scalar("other", 1.0, step);
            }
        });
    }
}

#[test]
fn a_chart_per_tag_has_all_runs_and_a_legend() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let found = tfevents(dir.path(), &["show", "-t", "loss"]);
    assert_eq!((found.status, &*found.stderr), (0, ""));
    let lines: Vec<_> = found.stdout.lines().collect();
    assert!(lines[0].starts_with("loss"), "{}", found.stdout);
    assert!(!found.stdout.contains("other") && !found.stdout.contains('\x1b'));
    for run in ["up/seed1", "up/seed2", "down/seed1"] {
        assert!(found.stdout.contains(run), "{}", found.stdout);
    }
}

#[test]
fn one_line_per_run_and_tag() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let found = tfevents(dir.path(), &["show", "-1", "-r", "up/seed2", "-t", "loss"]);
    let line = found.stdout.lines().nth(1).unwrap();
    assert!(line.contains('▁') && line.contains('█'), "{line}");
    let numbers: Vec<_> = line.split_whitespace().rev().take(4).collect();
    assert_eq!(numbers, ["10", "30", "0", "30"]);
}

#[test]
fn an_svg_file_has_the_points() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("a&b"), |writer| {
        writer.add_scalar("x < y", 0.0, 0);
        writer.add_scalar("x < y", 1.0, 1);
    });
    let found = tfevents(dir.path(), &["show", "-o", "a.svg", "--outliers"]);
    assert_eq!((found.status, &*found.stdout), (0, ""), "{}", found.stderr);
    let svg = std::fs::read_to_string(dir.path().join("a.svg")).unwrap();
    assert!(svg.contains("d=\"M64.0 249.7L704.0 44.3\""), "{svg}");
    assert!(svg.contains("x &lt; y") && svg.contains("a&amp;b"));
    let missing = tfevents(dir.path(), &["show", "-o", "no/such/dir.svg"]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("no/such/dir.svg"), "{}", missing.stderr);
}

#[test]
fn groups_have_a_mean_and_a_band() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let args = ["show", "-t", "loss", "--by", r"(\w+).seed", "-o", "g.svg", "--outliers"];
    assert_eq!(tfevents(dir.path(), &args).status, 0);
    let svg = std::fs::read_to_string(dir.path().join("g.svg")).unwrap();
    assert!(svg.contains("up (2)") && svg.contains("down (1)"), "{svg}");
    assert_eq!(svg.matches("fill-opacity=\".2\"").count(), 2);
}

#[test]
fn colors_and_wrong_options() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let colored = ran(command(dir.path(), &["show", "--color", "always"])
        .env("TERM", "xterm-256color")
        .env_remove("COLORTERM")
        .output()
        .unwrap());
    assert!(colored.stdout.contains("\x1b[38;5;"));
    for args in [["--smoothing", "1"], ["--x", "time"], ["--by", "("]] {
        let found = tfevents(dir.path(), &["show", args[0], args[1]]);
        assert_eq!(found.status, 2, "{args:?}");
    }
    let picture = tfevents(dir.path(), &["show", "-o", "loss.png"]);
    assert_eq!(picture.status, 2);
    assert!(picture.stderr.contains("expected a name that ends in .svg"), "{}", picture.stderr);
    let nothing = tfevents(dir.path(), &["show", "-t", "nothing"]);
    assert_eq!((nothing.status, &*nothing.stdout), (0, ""));
    assert!(nothing.stderr.contains("no scalars"), "{}", nothing.stderr);
}

#[test]
fn escape_sequences_in_names_are_harmless() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("run"), |writer| {
        writer.add_scalar("a\x1b[2Jb", 0.0, 0);
        writer.add_scalar("a\x1b[2Jb", 1.0, 1);
    });
    for args in [&["show"][..], &["show", "-1"]] {
        let found = tfevents(dir.path(), args);
        assert!(
            !found.stdout.contains('\x1b') && found.stdout.contains("\\u{1b}"),
            "{}",
            found.stdout
        );
    }
}
