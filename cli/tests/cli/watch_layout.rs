//! The screens of `watch` where there is little space, and where runs and tags differ in length.

use super::tmux::Tmux;
use super::write_run;
use tfevents::HParams;
use tfevents::summary::{Image, PrCurve};

/// Returns the part of each line beside the lists.
fn charts(screen: &str) -> Vec<&str> {
    screen.lines().filter_map(|line| Some(line.split_once('│')?.1)).collect()
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_zoom_to_steps_does_not_empty_charts_over_epochs() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/run"), |writer| {
        for step in 0..=1000 {
            writer.add_scalar("batch_loss", step as f32, step);
        }
        for epoch in 0..=10 {
            writer.add_scalar("epoch_loss", 77.0, epoch);
        }
    });
    let tmux = Tmux::new(dir.path(), 100, 30, &[]);
    tmux.watch("logs");
    let not_zoomed = |screen: &str| {
        screen.contains("epoch_loss (not zoomed)") && !screen.contains("batch_loss (not")
    };
    tmux.keys(&["z"], |screen| not_zoomed(screen) && screen.contains("zoomed (0 resets)"));
    // The cursor is at a step that epochs do not have, so there is nothing to read.
    let screen = tmux.keys(&["c"], |screen| not_zoomed(screen) && screen.contains("■ 500"));
    assert!(!screen.contains("■ 77"), "{screen}");
    tmux.keys(&["0"], |screen| !screen.contains("zoomed"));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_value_of_a_run_that_ended_before_the_cursor_is_muted() {
    let dir = tempfile::tempdir().unwrap();
    for (run, steps) in [("long", 100), ("short", 10)] {
        write_run(&dir.path().join("logs").join(run), |writer| {
            for step in 0..=steps {
                writer.add_scalar("loss", steps as f32, step);
            }
        });
    }
    let tmux = Tmux::new(dir.path(), 100, 30, &[]);
    tmux.watch("logs");
    tmux.send(&["c"]);
    // In the middle, where the longer run still goes on.
    tmux.wait_colored(|screen| {
        let muted =
            |text: &str| screen.lines().any(|line| line.ends_with(&format!("\x1b[38;5;8m{text}")));
        let is_bold = |line: &str| line.contains("\x1b[1m") && line.ends_with("m100");
        muted("50") && muted("10") && screen.lines().any(is_bold)
    });
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn names_are_shown_whole_before_notes() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/seed1/val"), |writer| {
        for step in 0..=200 {
            let value = if step % 10 == 0 { 1000.0 } else { 1.0 };
            writer.add_scalar("evaluation_accuracy", value, step);
            writer.add_scalar("evaluation_accuracy_vs_iterations", value, step);
            writer.add_scalar("evaluation_loss_vs_iterations", value, step);
        }
        for tag in ["one", "two"] {
            writer.add_image(tag, &Image::gray8(100, 100, &[0; 10_000]).unwrap(), 12345);
        }
    });
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    tmux.watch("logs");
    tmux.keys(&["+"], |screen| {
        let has = |title: &str| charts(screen).iter().any(|line| line.contains(title));
        has("evaluation_accuracy ") && has("evaluation_a…s_iterations") && !has("outlier")
    });
    // Two images beside each other are too narrow for the size, one alone is not.
    tmux.keys(&["3"], |screen| screen.contains(" seed1/val step 12345  "));
    tmux.keys(&["Enter"], |screen| screen.contains(" seed1/val step 12345, 100x100"));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn the_first_digits_of_a_hyperparameter_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/run"), |writer| {
        let hparams = HParams::builder()
            .set("rate", f64::from(0.1f32))
            .set("third", 1.0 / 3.0)
            .set("steps", 1_000_000)
            .set("optimizer", "stochastic gradient descent");
        writer.add_hparams(&hparams.build().unwrap());
        writer.add_scalar("validation/accuracy_of_the_best", 1.0, 0);
    });
    let row = |screen: &str, number: usize| screen.lines().nth(number).unwrap_or("").to_owned();
    let tmux = Tmux::new(dir.path(), 110, 10, &[]);
    tmux.watch("logs");
    tmux.keys(&["6"], |screen| {
        // Nothing is shortened where there is space.
        row(screen, 1).contains("*validation/accuracy_of_the_best max")
            && row(screen, 2).contains("  stochastic gradient descent   0.1  1000000  0.3333")
    });
    tmux.run(&["resize-window", "-x", "80", "-y", "10"]);
    tmux.wait(|screen| {
        row(screen, 1).contains("*validati…best max")
            && row(screen, 2).contains("stochasti… descent")
    });
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn curves_on_a_full_screen_have_a_legend_with_the_step_of_each_run() {
    let dir = tempfile::tempdir().unwrap();
    for (run, step) in [("one", 3), ("two", 45)] {
        write_run(&dir.path().join("logs").join(run), |writer| {
            let curve = PrCurve::new(&[true, false, true], &[0.9, 0.2, 0.6]).unwrap();
            writer.add_pr_curve("cats", &curve, step);
        });
    }
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    tmux.watch("logs");
    tmux.keys(&["5"], |screen| screen.contains("cats steps 3 to 45") && screen.contains("runs 2"));
    tmux.keys(&["Enter"], |screen| {
        let ends = |text: &str| screen.lines().any(|line| line.ends_with(text));
        !screen.contains("runs 2") && ends("one        step 3") && ends("two       step 45")
    });
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_screen_without_charts_says_why() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/run"), |writer| writer.add_scalar("loss", 1.0, 0));
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    tmux.watch("logs");
    tmux.keys(&["a"], |screen| screen.contains("all runs are hidden (a shows them)"));
    tmux.keys(&["a", "4"], |screen| screen.contains("nothing here: other kinds 1-6"));
    tmux.keys(&["r"], |screen| screen.contains("runs (regex"));
    tmux.text("x", |screen| screen.contains("no run matches the filter (r)"));
}
