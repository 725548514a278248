//! States of runs in `watch`: live, ended or failed, restarted, damaged.

use super::tmux::Tmux;
use super::{event_file, write_run};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use tfevents::{HParams, SummaryWriter};

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_run_is_live_or_silent_or_has_ended_or_failed() {
    let dir = tempfile::tempdir().unwrap();
    let path = |run: &str| dir.path().join("logs").join(run);
    let live = SummaryWriter::new(path("one")).unwrap();
    live.add_scalar("loss", 1.0, 0);
    live.flush().unwrap();
    let trial = |run: &str, result: Result<(), ()>| {
        let writer = SummaryWriter::new(path(run)).unwrap();
        let hparams = HParams::builder().set("rate", 0.1).build().unwrap();
        let _ = writer.trial(&hparams, |writer| {
            writer.add_scalar("loss", 1.0, 0);
            result
        });
        writer.close().unwrap();
    };
    trial("two", Ok(()));
    trial("three", Err(()));
    // Killed an hour ago.
    write_run(&path("four"), |writer| writer.add_scalar("loss", 1.0, 0));
    let file = std::fs::File::options().write(true).open(event_file(&path("four"))).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    tmux.watch("logs");
    let is = |screen: &str, run: &str, state: &str| {
        screen.lines().any(|line| {
            line.split_once('│').is_some_and(|(list, _)| list.contains(run) && list.contains(state))
        })
    };
    tmux.wait(|screen| {
        is(screen, "one", "live")
            && is(screen, "two", "ended")
            && is(screen, "three", "failed")
            && is(screen, "four", "1h ago")
            && screen.contains("1 live")
    });
    live.close().unwrap();
    tmux.wait(|screen| is(screen, "one", "ended") && !screen.contains("1 live"));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn points_that_a_restart_has_replaced_are_left_out_unless_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    // The restart goes on from step 6, at another value.
    for (steps, value) in [(0..10, 1.0), (6..12, 8.0)] {
        let writer = SummaryWriter::new(dir.path().join("logs/run")).unwrap();
        steps.for_each(|step| writer.add_scalar("loss", value, step));
        writer.close().unwrap();
    }
    let tmux = Tmux::new(dir.path(), 100, 24, &[]);
    tmux.watch("logs");
    tmux.wait_for("4 replaced by restarts (R)");
    tmux.keys(&["Enter"], |screen| screen.contains("last"));
    // In the middle, between steps 5 and 6: the first point of the restart is at 6.
    tmux.keys(&["c"], |screen| screen.contains("at 5") && has_value(screen, " 1"));
    tmux.keys(&["Right"], |screen| screen.contains("at 6") && has_value(screen, " 8"));
    let rows = curve_rows(&tmux.screen());
    tmux.keys(&["R"], |screen| screen.contains("are shown (raw)"));
    // From step 9 the curve goes back to step 6: a second line at the first value.
    tmux.wait(|screen| curve_rows(screen) != rows);
    tmux.keys(&["b"], |screen| {
        screen.contains("  raw") && !screen.contains("replaced by restarts")
    });
    tmux.keys(&["R"], |screen| screen.contains("are left out"));
    tmux.wait(|screen| curve_rows(screen) == rows);
}

fn has_value(screen: &str, value: &str) -> bool {
    screen.lines().any(|line| line.contains("run") && line.ends_with(value))
}

/// Returns the cells of a chart on a full screen, as far as they are dots of curves.
fn curve_rows(screen: &str) -> String {
    screen.chars().filter(|cell| ('\u{2801}'..='\u{28ff}').contains(cell)).collect()
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn what_is_not_finite_and_what_is_damaged_is_marked() {
    let dir = tempfile::tempdir().unwrap();
    let values = [0.0, 1.0, f32::NAN, 3.0, f32::INFINITY, 5.0, f32::NEG_INFINITY, 7.0];
    let run = dir.path().join("logs/run");
    write_run(&run, |writer| {
        (0..).zip(values).for_each(|(step, value)| writer.add_scalar("loss", value, step));
    });
    let tmux = Tmux::new(dir.path(), 100, 24, &[]);
    tmux.watch("logs");
    tmux.wait(|screen| ["─×─", "↑", "↓"].iter().all(|mark| screen.contains(mark)));
    // A wrong checksum of the last record, while it is watched: the rest is drawn.
    let mut bytes = std::fs::read(event_file(&run)).unwrap();
    let record = bytes[bytes.len() - 40..].to_vec();
    bytes.extend_from_slice(&record);
    std::fs::write(event_file(&run), bytes).unwrap();
    tmux.wait(|screen| {
        let last = screen.lines().last().unwrap_or_default();
        screen.contains(" !") && last.contains("damaged in run") && screen.contains("↑")
    });
}

#[test]
#[cfg(unix)]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_hundred_idle_runs_take_less_than_one_percent_of_a_core() {
    let dir = tempfile::tempdir().unwrap();
    for run in 0..100 {
        let writer = SummaryWriter::new(dir.path().join(format!("logs/run{run:03}"))).unwrap();
        (0..100).for_each(|step| writer.add_scalar("loss", step as f32, step));
        writer.close().unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal/measure.py");
    let mut command = Command::new("python3");
    command.arg(script).args([env!("CARGO_BIN_EXE_tfevents"), "logs", "10", "--check"]);
    let output = command.current_dir(dir.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("idle: "), "{text}");
    println!("{text}");
}
