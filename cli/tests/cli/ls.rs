//! `ls`, and what all commands share: selections, exit statuses, escaped names, closed pipes.

use super::{command, event_file, ran, tfevents, write_run};
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

/// Two runs: `train` with scalars and text, `eval` with a restart.
fn logs() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("train"), |writer| {
        for step in 0..10 {
            writer.add_scalar("loss", 1.0 / (step + 1) as f32, step);
            writer.add_scalar("lr", 0.1, step);
        }
        writer.add_text("note", "hello", 3);
    });
    write_run(&dir.path().join("eval"), |writer| {
        for step in [0, 1, 2, 3, 2, 3, 4] {
            writer.add_scalar("loss", f32::NAN, step);
        }
    });
    dir
}

#[test]
fn runs_are_listed_with_what_they_have() {
    let logs = logs();
    let ls = tfevents(logs.path(), &["ls"]);
    assert_eq!((ls.status, ls.stderr.as_str()), (0, ""));
    let rows: Vec<Vec<_>> =
        ls.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["RUN", "STATE", "STEP", "POINTS", "SIZE", "AGE", "KINDS"]);
    // In the order of their wall times.
    assert_eq!(rows[1][..4], ["train", "live", "9", "21"]);
    assert_eq!(rows[1][7..], ["scalar", "text"]);
    assert_eq!(rows[2][..4], ["eval", "live", "4", "5"]);

    let raw = tfevents(logs.path(), &["ls", "--raw", "-r", "eval"]).stdout;
    let raw: Vec<_> = raw.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(raw[..4], ["eval", "live", "4", "7"]);
}

#[test]
fn a_run_that_was_closed_has_ended() {
    let logs = tempfile::tempdir().unwrap();
    let writer = tfevents::SummaryWriter::new(logs.path()).unwrap();
    writer.add_scalar("loss", 0.5, 0);
    writer.close().unwrap();
    let ls = tfevents(logs.path(), &["ls"]).stdout;
    let row: Vec<_> = ls.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row[..4], [".", "ended", "0", "1"]);
}

#[test]
fn tags_are_listed_with_steps_and_last_values() {
    let logs = logs();
    let ls = tfevents(logs.path(), &["ls", "-l"]);
    let expected = "\
RUN    TAG   KIND    POINTS  FIRST  LAST  VALUE
train  loss  scalar      10      0     9    0.1
train  lr    scalar      10      0     9    0.1
train  note  text         1      3     3      -
eval   loss  scalar       5      0     4    NaN
";
    assert_eq!((ls.stdout.as_str(), ls.status), (expected, 0));
}

#[test]
fn points_are_selected() {
    let logs = logs();
    let points = |args: &[&str]| {
        let ls =
            tfevents(logs.path(), &[&["ls", "-l", "-r", "train", "-t", "loss"], args].concat());
        let line = ls.stdout.lines().nth(1).unwrap_or_default();
        line.split_whitespace().skip(3).map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(points(&["--steps", "2..5"]), "3 2 4 0.2");
    assert_eq!(points(&["--steps", "2..=5"]), "4 2 5 0.16666667");
    assert_eq!(points(&["--last", "3"]), "3 7 9 0.1");
    assert_eq!(points(&["--every", "4"]), "3 0 8 0.11111111");
    assert_eq!(points(&["--last", "3", "--steps", "..5", "--every", "2"]), "2 2 4 0.2");
    assert_eq!(points(&["--last", "0"]), "");
}

#[test]
fn json_has_the_keys_of_its_interface() {
    let logs = logs();
    let ls = tfevents(logs.path(), &["ls", "--json", "-r", "eval"]);
    let bytes = event_file(&logs.path().join("eval")).metadata().unwrap().len();
    let expected = format!(
        r#"{{"runs":[{{"run":"eval","path":{:?},"state":"live","files":1,"bytes":{bytes},"points":5,"last_step":4,"last_wall_time":1700001006,"tags":[{{"tag":"loss","kind":"scalar","points":5,"first_step":0,"last_step":4,"last_value":"NaN"}}]}}]}}"#,
        // With the separator of the system.
        Path::new(".").join("eval"),
    );
    assert_eq!(ls.stdout.trim_end(), expected);
}

#[test]
fn several_directories_are_named_as_they_were_given() {
    let logs = logs();
    let ls = tfevents(logs.path(), &["ls", "train", "eval"]);
    let names: Vec<_> =
        ls.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["RUN", "train", "eval"]);
    let file = event_file(&logs.path().join("eval"));
    let ls = tfevents(logs.path(), &["ls", file.to_str().unwrap()]);
    assert!(ls.stdout.lines().nth(1).unwrap().starts_with(".  "), "{ls:?}");
}

#[test]
fn what_is_not_there_is_an_error_that_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let ls = tfevents(dir.path(), &["ls", "nowhere"]);
    assert_eq!(ls.status, 2);
    assert!(ls.stderr.starts_with("error: cannot read nowhere: "), "{ls:?}");
    let ls = tfevents(dir.path(), &["ls"]);
    let expected = "error: no event files below . (looked for names that contain \"tfevents\")\n";
    assert_eq!((ls.status, ls.stderr.as_str(), ls.stdout.as_str()), (2, expected, ""));
}

#[test]
fn a_search_without_a_match_is_an_empty_table() {
    let logs = logs();
    let ls = tfevents(logs.path(), &["ls", "-r", "nothing"]);
    assert_eq!((ls.status, ls.stdout.lines().count()), (0, 1));
    assert_eq!(ls.stderr, "note: none of 2 runs matches --run \"nothing\"\n");
    let ls = tfevents(logs.path(), &["ls", "--json", "-r", "nothing"]);
    assert_eq!((ls.status, ls.stdout.as_str()), (0, "{\"runs\":[]}\n"));
}

#[test]
fn wrong_usage_names_the_place() {
    let logs = logs();
    let ls = tfevents(logs.path(), &["ls", "-t", "lo(ss"]);
    assert_eq!(ls.status, 2);
    for part in ["'--tag <REGEX>'", "    lo(ss\n      ^", "unclosed group"] {
        assert!(ls.stderr.contains(part), "{}", ls.stderr);
    }
    let ls = tfevents(logs.path(), &["ls", "--steps", "5"]);
    assert!(ls.status == 2 && ls.stderr.contains("expected A..B"), "{ls:?}");
    assert_eq!(tfevents(logs.path(), &["ls", "--every", "0"]).status, 2);
    assert_eq!(tfevents(logs.path(), &["nonsense"]).status, 2);
    assert_eq!(tfevents(logs.path(), &["--version"]).status, 0);
}

#[test]
fn damage_is_a_warning_with_file_and_offset() {
    let logs = logs();
    let file = event_file(&logs.path().join("train"));
    let mut bytes = std::fs::read(&file).unwrap();
    // A byte of the second event's data.
    let first = 16 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[first + 12] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let ls = tfevents(logs.path(), &["ls", "-l", "-t", "loss"]);
    assert_eq!(ls.status, 0);
    assert!(ls.stdout.contains("train  loss  scalar       9      1     9    0.1"), "{ls:?}");
    assert!(ls.stderr.replace('\\', "/").starts_with("warning: ./train/"), "{ls:?}");
    assert!(ls.stderr.contains("invalid checksum"), "{ls:?}");
    assert!(ls.stderr.contains(&format!("at byte {first}\n")), "{ls:?}");
}

#[test]
fn control_characters_are_shown_escaped() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("a\u{202e}b"), |writer| {
        writer.add_scalar("evil\x1b[2J\ntag", 0.5, 0);
    });
    for args in [&["ls", "-l"][..], &["ls", "--json"], &["ls", "--color", "never"]] {
        let ls = tfevents(dir.path(), args);
        assert!(!ls.stdout.contains(['\x1b', '\u{202e}']), "{ls:?}");
        assert!(ls.stdout.contains("u202e") || ls.stdout.contains("\\u{202e}"), "{ls:?}");
    }
    let ls = tfevents(dir.path(), &["ls", "-l"]);
    assert!(ls.stdout.contains("evil\\u{1b}[2J\\ntag"), "{ls:?}");
}

#[test]
fn colors_are_for_terminals_or_on_request() {
    let logs = logs();
    assert!(!tfevents(logs.path(), &["ls"]).stdout.contains('\x1b'));
    assert!(tfevents(logs.path(), &["ls", "--color", "always"]).stdout.contains("\x1b[32mlive"));
    let forced = ran(command(logs.path(), &["ls"]).env("CLICOLOR_FORCE", "1").output().unwrap());
    assert!(forced.stdout.contains("\x1b[1mRUN"));
    let no_color = command(logs.path(), &["ls"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!ran(no_color).stdout.contains('\x1b'));
}

#[test]
fn a_closed_pipe_ends_in_silence() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("run"), |writer| {
        for tag in 0..20_000 {
            writer.add_scalar(&format!("layer/{tag}/weight"), 0.5, 0);
        }
    });
    let mut child = command(dir.path(), &["ls", "-l"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut start = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let ended = ran(child.wait_with_output().unwrap());
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let logs = logs();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ls = ran(command(logs.path(), &["ls"]).stdout(full).output().unwrap());
    assert_eq!(ls.status, 2);
    assert!(ls.stderr.starts_with("error: failed to write to the standard output: No space"));
}

#[test]
fn ten_thousand_runs_and_tags_are_no_trouble() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("wide"), |writer| {
        for tag in 0..10_000 {
            writer.add_scalar(&format!("layer{tag}/weight"), 0.5, 0);
        }
    });
    write_run(&dir.path().join("one"), |writer| writer.add_scalar("loss", 0.5, 0));
    let bytes = std::fs::read(event_file(&dir.path().join("one"))).unwrap();
    for run in 0..10_000 {
        let run = dir.path().join(format!("many/run{run}"));
        std::fs::create_dir_all(&run).unwrap();
        std::fs::write(run.join("events.out.tfevents.1"), &bytes).unwrap();
    }
    // A step whose cost grows with the square of either would take minutes.
    let lines = |args: &[&str]| {
        let ran = tfevents(dir.path(), args);
        assert_eq!(ran.status, 0, "{ran:?}");
        ran.stdout.lines().count()
    };
    assert_eq!(lines(&["ls", "-l", "wide"]), 10_001);
    assert_eq!(lines(&["export", "wide", "--wide"]), 2);
    assert_eq!(lines(&["ls", "many"]), 10_001);
    assert_eq!(lines(&["export", "many"]), 10_001);
}
