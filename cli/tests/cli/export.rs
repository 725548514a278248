//! `export`.

use super::{event_file, tfevents, write_run};
use std::path::Path;
use tfevents::Histogram;

fn logs() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("a"), |writer| {
        writer.add_scalar("loss", 0.1, 0);
        writer.add_scalar("x,\"y\"", f32::INFINITY, 0);
        writer.add_scalar("loss", 1e-10, 1);
        writer.add_text("note", "two\nlines", 1);
        writer.add_histogram(
            "w",
            Histogram::with_edges(&[1.5, 2.5, 2.5], &[1.0, 2.0, 3.0]).unwrap(),
            1,
        );
    });
    write_run(&dir.path().join("b"), |writer| {
        for (step, value) in [(0, 1.0), (1, 2.0), (2, 3.0), (1, 4.0)] {
            writer.add_scalar("loss", value, step);
        }
    });
    dir
}

#[test]
fn csv_has_the_points_in_file_order() {
    let logs = logs();
    let export = tfevents(logs.path(), &["export"]);
    let expected = "\
run,tag,step,wall_time,value
a,loss,0,1700000000,0.1
a,\"x,\"\"y\"\"\",0,1700000001,inf
a,loss,1,1700000002,1e-10
b,loss,0,1700001000,1
b,loss,1,1700001003,4
";
    assert_eq!((export.stdout.as_str(), export.status), (expected, 0));
    assert_eq!(export.stderr, "note: left out 2 values of other kinds (see --format jsonl)\n");
    let raw = tfevents(logs.path(), &["export", "--raw", "-r", "b", "--format", "tsv"]);
    let expected = "\
run\ttag\tstep\twall_time\tvalue
b\tloss\t0\t1700001000\t1
b\tloss\t1\t1700001001\t2
b\tloss\t2\t1700001002\t3
b\tloss\t1\t1700001003\t4
";
    assert_eq!((raw.stdout.as_str(), raw.stderr.as_str()), (expected, ""));
}

#[test]
fn wide_has_a_row_per_step_and_a_column_per_tag() {
    let logs = logs();
    let export = tfevents(logs.path(), &["export", "--wide"]);
    let expected = "\
run,step,loss,\"x,\"\"y\"\"\"
a,0,0.1,inf
a,1,1e-10,
b,0,1,
b,1,4,
";
    assert_eq!(export.stdout, expected);
    let wrong = tfevents(logs.path(), &["export", "--wide", "--format", "jsonl"]);
    assert!(wrong.status == 2 && wrong.stderr.contains("expected csv"), "{wrong:?}");
}

#[test]
fn jsonl_has_every_kind() {
    let logs = logs();
    let export = tfevents(logs.path(), &["export", "-r", "a", "-o", "out.jsonl"]);
    assert_eq!((export.status, export.stdout.as_str(), export.stderr.as_str()), (0, "", ""));
    let text = std::fs::read_to_string(logs.path().join("out.jsonl")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        r#"{"run":"a","tag":"loss","kind":"scalar","step":0,"wall_time":1700000000,"value":0.1}"#
    );
    assert!(lines[1].ends_with(r#""value":"inf"}"#), "{text}");
    assert_eq!(
        lines[3],
        r#"{"run":"a","tag":"note","kind":"text","step":1,"wall_time":1700000003,"text":"two\nlines"}"#
    );
    assert!(lines[4].contains(r#""kind":"histogram","step":1"#), "{text}");
    assert!(lines[4].ends_with(r#""buckets":[[1,2,1],[2,3,2]]}"#), "{text}");
    assert_eq!(lines.len(), 5);
}

/// A reader of what `export` writes, which is another crate than the one that writes CSV.
fn parquet_rows(path: &Path) -> Vec<String> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

#[test]
fn parquet_has_the_same_points() {
    let logs = logs();
    let export = tfevents(logs.path(), &["export", "-o", "out.parquet"]);
    assert_eq!(export.status, 0, "{export:?}");
    let rows = parquet_rows(&logs.path().join("out.parquet"));
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[4], r#"{run: "b", tag: "loss", step: 1, wall_time: 1700001003.0, value: 4.0}"#);
    tfevents(logs.path(), &["export", "--wide", "-o", "wide.parquet"]);
    let rows = parquet_rows(&logs.path().join("wide.parquet"));
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[2], r#"{run: "b", step: 0, loss: 1.0, x,"y": null}"#);
    let bytes = std::fs::read(logs.path().join("out.parquet")).unwrap();
    assert_eq!(
        bytes.windows(4).filter(|word| word == b"loss").count(),
        2,
        "dictionary and minimum"
    );
}

#[test]
fn formulas_and_control_characters_stay_unless_asked() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("a"), |writer| writer.add_scalar("=1+\x1b2", 1.0, 0));
    let line = |args: &[&str]| {
        let export = tfevents(dir.path(), &[&["export"], args].concat());
        export.stdout.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(line(&[]), "a,=1+\x1b2,0,1700000000,1");
    assert_eq!(line(&["--escape-formulas"]), "a,'=1+\x1b2,0,1700000000,1");
}

#[test]
fn many_points_stay_in_order() {
    let dir = tempfile::tempdir().unwrap();
    for run in ["a", "b"] {
        write_run(&dir.path().join(run), |writer| {
            for step in 0..50_000 {
                writer.add_scalar("loss", step as f32, step);
                writer.add_scalar(&format!("tag{}", step % 7), 0.5, step);
            }
        });
    }
    let export = tfevents(dir.path(), &["export", "-t", "loss"]);
    let mut lines = export.stdout.lines().skip(1).peekable();
    // Which run comes first depends on when their files were created.
    let is_a_first = lines.peek().unwrap().starts_with("a,");
    for run in if is_a_first { ["a", "b"] } else { ["b", "a"] } {
        for step in 0..50_000 {
            let fields: Vec<_> = lines.next().unwrap().split(',').collect();
            assert_eq!((fields[0], fields[2]), (run, step.to_string().as_str()));
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn damage_is_reported_once_and_the_rest_is_there() {
    let logs = logs();
    let file = event_file(&logs.path().join("b"));
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    for args in [&["export", "-r", "b"][..], &["export", "-r", "b", "--raw"]] {
        let export = tfevents(logs.path(), args);
        assert_eq!((export.status, export.stdout.lines().count()), (0, 4), "{export:?}");
        assert_eq!(export.stderr.lines().count(), 1, "{export:?}");
        assert!(export.stderr.contains("invalid checksum"), "{export:?}");
    }
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let logs = logs();
    let export = tfevents(logs.path(), &["export", "-o", "no/such/out.csv"]);
    assert!(export.status == 2 && export.stderr.contains("failed to create no/such/out.csv"));
}

#[test]
fn an_event_file_is_not_replaced() {
    let dir = logs();
    let file = event_file(&dir.path().join("a"));
    let (path, before) = (file.to_str().unwrap(), std::fs::read(&file).unwrap());
    for args in [["export", "-o", path], ["report", "-o", path]] {
        let ran = tfevents(dir.path(), &args);
        assert_eq!(ran.status, 2, "{args:?}");
        assert_eq!(
            ran.stderr,
            format!("error: invalid output {path}: it is an event file (expected another name)\n")
        );
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    // Any other file is.
    let table = dir.path().join("tfevents.csv");
    std::fs::write(&table, "old").unwrap();
    assert_eq!(tfevents(dir.path(), &["export", "-o", "tfevents.csv"]).status, 0);
    assert!(std::fs::read_to_string(&table).unwrap().starts_with("run,tag"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let logs = logs();
    for format in ["csv", "jsonl", "parquet"] {
        let args = ["export", "--format", format, "-o", "/dev/full"];
        let export = super::ran(super::command(logs.path(), &args).output().unwrap());
        assert_eq!(export.status, 2, "{export:?}");
        assert!(export.stderr.starts_with("error: failed to write /dev/full: "), "{export:?}");
        assert_eq!(export.stderr.matches("No space left").count(), 1, "{export:?}");
    }
}
