//! `watch`, in a real terminal where there is one: tmux sends keys and captures the screen.

use super::tmux::Tmux;
use super::{tfevents, write_run};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tfevents::summary::{Image, PrCurve};
use tfevents::{HParams, SummaryWriter};

/// Two runs that rise and fall from step 0 to 10.
fn write_runs(dir: &Path) {
    for (run, sign) in [("up", 1.0), ("down", -1.0)] {
        write_run(&dir.join("logs").join(run), |writer| {
            writer.add_hparams(&HParams::builder().set("sign", sign).build().unwrap());
            for step in 0..=10 {
                writer.add_scalar("loss", sign as f32 * step as f32, step);
                writer.add_scalar("other/one", 1.0, step);
                writer.add_scalar("other/two", 1.0, step);
                writer.add_histogram("weights", &[0.0, sign as f32][..], step);
            }
            writer.add_text("note", "hello", 0);
        });
    }
}

#[test]
fn without_a_terminal_charts_are_plain_and_drawn_once() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let found = tfevents(dir.path(), &["watch", "logs", "-t", "loss"]);
    assert_eq!((found.status, &*found.stderr), (0, ""));
    assert!(found.stdout.starts_with("loss") && !found.stdout.contains('\x1b'), "{}", found.stdout);
    assert!(found.stdout.contains("up") && found.stdout.contains("down"));
    let missing = tfevents(dir.path(), &["watch", "nothing"]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("nothing"), "{}", missing.stderr);
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_flush_is_shown_without_a_key() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let writer = SummaryWriter::new(dir.path().join("logs/live")).unwrap();
    writer.add_scalar("loss", 0.0, 0);
    writer.flush().unwrap();
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    tmux.watch("logs");
    tmux.wait_for("1 live");
    // How long it takes is for `tests/terminal/measure.py`: here other programs run as well.
    for number in 0..9 {
        let text = format!("scalars {}", 4 + number);
        assert!(!tmux.screen().contains(&text));
        writer.add_scalar(&format!("a{number}"), 1.0, 1);
        writer.flush().unwrap();
        tmux.wait_for(&text);
    }
    // A run appears as well, and ends.
    assert!(!tmux.screen().contains("runs 4"));
    write_run(&dir.path().join("logs/new"), |writer| writer.add_scalar("loss", 1.0, 0));
    tmux.wait_for("runs 4");
    writer.close().unwrap();
    // The other runs have no end mark.
    tmux.wait(|screen| screen.contains("ended") && !screen.contains("1 live"));
}

/// Returns whether a run's line ends with a value.
fn has_reading(screen: &str, run: &str, value: &str) -> bool {
    screen.lines().any(|line| line.contains(run) && line.ends_with(value))
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn keys_change_what_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 100, 30, &[]);
    tmux.watch("logs");
    tmux.wait(|screen| ["runs 2", "tags 3", "- other/"].iter().all(|text| screen.contains(text)));
    let is_help = |screen: &str| {
        screen.contains("full screen; in a list") && screen.contains("PgUp PgDn Home End")
    };
    tmux.keys(&["?"], is_help);
    tmux.keys(&["End"], |screen| screen.contains("Ctrl-Z"));
    tmux.keys(&["Escape"], |screen| !screen.contains("Ctrl-Z") && screen.contains("runs 2"));
    for (key, text) in [
        ("x", "x: relative"),
        ("x", "x: wall"),
        ("x", "x: step"),
        ("y", "y: log"),
        ("y", "y: symlog"),
        ("y", "y: linear"),
        ("X", "x: log"),
        ("X", "x: linear"),
        ("]", "smoothing 0.3"),
        ("[", "smoothing 0\n"),
        ("o", "outliers shown"),
        ("R", "replaced by a restart are shown"),
        ("R", "replaced by a restart are left out"),
    ] {
        tmux.keys(&[key], |screen| screen.contains(text));
    }
    // The cursor stands in the middle of a full screen, with values of both runs beside it.
    let both = |screen: &str, up: &str, down: &str| {
        has_reading(screen, "up", up) && has_reading(screen, "down", down)
    };
    tmux.keys(&["Enter"], |screen| screen.contains("last") && both(screen, " 10", "-10"));
    tmux.keys(&["c"], |screen| screen.contains("at 5") && both(screen, " 5", "-5"));
    // Zoomed: the ends are steps 2.5 and 7.5.
    tmux.keys(&["z"], |screen| screen.contains("zoom") && !screen.contains("10"));
    tmux.keys(&["Escape"], |screen| !screen.contains("at 5") && screen.contains("last"));
    tmux.keys(&["Escape"], |screen| !screen.contains("zoom"));
    tmux.keys(&["Escape"], |screen| screen.contains("runs 2"));
    // Filters: while it is typed, and by a hyperparameter.
    tmux.keys(&["r"], |screen| screen.contains("runs (regex"));
    tmux.text("hp.sign<0", |screen| screen.contains("runs 1 of 2"));
    tmux.keys(&["Enter"], |screen| screen.contains("r:hp.sign<0"));
    tmux.keys(&["r", "C-u", "Enter"], |screen| {
        screen.contains("runs 2") && screen.contains("? help") && !screen.contains("r:")
    });
    tmux.keys(&["t"], |screen| screen.contains("tags (regex"));
    tmux.text("^other", |screen| screen.contains("scalars 2"));
    tmux.text("(", |screen| screen.contains("unclosed group"));
    tmux.keys(&["C-u", "Enter"], |screen| {
        screen.contains("scalars 3") && screen.contains("? help")
    });
    tmux.keys(&["g"], |screen| screen.contains("group runs by"));
    tmux.text("(.)", |screen| screen.contains("(.)"));
    tmux.keys(&["Enter"], |screen| screen.contains("g:(.)"));
    tmux.keys(&["2"], |screen| screen.contains("11 histograms"));
    tmux.keys(&["4"], |screen| screen.contains("hello"));
    // Sorted by the lowest loss.
    tmux.keys(&["6"], |screen| {
        let row = |number| screen.lines().nth(number).unwrap_or_default();
        row(1).contains("*loss min")
            && row(2).contains("down        -10")
            && row(3).contains("up            0")
    });
    tmux.keys(&["q"], |screen| screen.contains("$ ") && !screen.contains("hparams"));
}

/// Returns how many cells beside a label of the y axis have a curve.
fn curve_cells(screen: &str, label: &str) -> usize {
    let row = screen.lines().find_map(|line| line.split_once(&format!(" {label}┤")));
    let is_dots = |cell: &char| ('\u{2801}'..='\u{28ff}').contains(cell);
    row.map_or(0, |(_, cells)| cells.chars().filter(is_dots).count())
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn precision_is_drawn_over_recall_at_each_step() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/run"), |writer| {
        // Two of five are right at each threshold, then all.
        let scores = [0.2, 0.4, 0.6, 0.8];
        let at = |count: usize, label: bool| {
            scores.map(|score| vec![(label, score); count]).into_iter().flatten()
        };
        let poor: Vec<_> = at(2, true).chain(at(3, false)).collect();
        let good: Vec<_> = at(2, true).chain([(false, 0.1)]).collect();
        for (step, pairs) in [(1, poor), (2, good)] {
            let (labels, predictions): (Vec<bool>, Vec<f32>) = pairs.into_iter().unzip();
            writer.add_pr_curve("cats", &PrCurve::new(&labels, &predictions).unwrap(), step);
        }
    });
    let tmux = Tmux::new(dir.path(), 100, 30, &[]);
    tmux.watch("logs");
    let is_good = |screen: &str| {
        screen.contains("5 PR 1")
            && screen.contains("cats step 2")
            && screen.contains("recall")
            && curve_cells(screen, "1.0") > 30
            && curve_cells(screen, "0.4") <= 2
    };
    tmux.keys(&["5"], is_good);
    tmux.keys(&[","], |screen| {
        screen.contains("cats step 1")
            && curve_cells(screen, "0.4") > 30
            && curve_cells(screen, "1.0") <= 2
    });
    tmux.keys(&["."], is_good);
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_wide_table_is_scrolled_sideways_beside_the_names_of_its_runs() {
    let dir = tempfile::tempdir().unwrap();
    for run in ["one", "two"] {
        write_run(&dir.path().join("logs").join(run), |writer| {
            let hparams = (0..9).fold(HParams::builder(), |hparams, number| {
                hparams.set(format!("setting{number}"), f64::from(number) + 0.5)
            });
            writer.add_hparams(&hparams.build().unwrap());
            writer.add_scalar("loss", 1.0, 0);
        });
    }
    let tmux = Tmux::new(dir.path(), 50, 12, &[]);
    tmux.watch("logs");
    let has_names = |screen: &str| screen.contains("one") && screen.contains("two");
    let shows = |screen: &str, column: &str| screen.lines().nth(1).unwrap().contains(column);
    let is_start =
        |screen: &str| has_names(screen) && shows(screen, "*loss min") && shows(screen, "›");
    tmux.keys(&["6"], is_start);
    tmux.keys(&["Right"], |screen| {
        has_names(screen) && !shows(screen, "*loss min") && shows(screen, "setting0")
    });
    tmux.keys(&["l", "l"], |screen| {
        has_names(screen)
            && !shows(screen, "setting1")
            && shows(screen, "setting2")
            && screen.lines().nth(2).unwrap().contains("2.5")
    });
    tmux.keys(&["Right"; 9], |screen| {
        has_names(screen) && shows(screen, "setting8") && !shows(screen, "›")
    });
    tmux.keys(&["Left"; 12], is_start);
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn any_size_has_a_screen() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 40, 10, &[]);
    tmux.watch("logs");
    let has_dots = |screen: &str| screen.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
    let screen = tmux.wait(|screen| screen.contains("loss") && has_dots(screen));
    assert!(screen.lines().all(|line| line.chars().count() <= 40), "{screen}");
    // There is no space for lists beside the charts: Tab shows them instead.
    let lists = ["runs 2", "up", "down", "tags 3"];
    tmux.keys(&["Tab"], |screen| lists.iter().all(|text| screen.contains(text)));
    tmux.keys(&["Escape"], |screen| !screen.contains("runs 2") && has_dots(screen));
    for (width, height) in [(200, 60), (80, 24), (11, 3), (1, 1), (64, 12)] {
        tmux.run(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
        // All pages; the second question mark closes the help.
        tmux.send(&["1", "2", "3", "4", "5", "6", "?", "?", "1"]);
        let (small, text) = (&"too small"[..9.min(width)], "1 scalars 3");
        tmux.wait(|screen| match width {
            0..12 => screen.trim_end() == small,
            _ => {
                let last = screen.lines().nth(height - 1);
                screen.starts_with(text)
                    && last.is_some_and(|line| line.starts_with("? help"))
                    && has_dots(screen)
            }
        });
    }
}

/// Runs `watch` in a pseudo-terminal whose cells have 8 × 17 pixels: keys are sent once a text is
/// seen. Returns the exit status and what was printed.
#[cfg(unix)]
fn watch_in_pty(
    dir: &Path,
    env: (&str, &str),
    args: &[&str],
    steps: &[(&str, &str)],
) -> (i32, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal/run.py");
    let steps = serde_json::to_string(steps).unwrap();
    let mut command = Command::new("python3");
    command.arg(script).args(["printed", &steps, env!("CARGO_BIN_EXE_tfevents"), "watch"]);
    command.args(args).current_dir(dir).env("TERM", "xterm-256color");
    command.env_remove("TMUX").env_remove("STY").env_remove("NO_COLOR").env(env.0, env.1);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(text.is_empty(), "{text}");
    let printed = std::fs::read(dir.join("printed")).unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&printed).into_owned())
}

#[test]
#[cfg(unix)]
fn images_are_drawn_by_the_protocol_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs/a"), |writer| {
        writer.add_scalar("loss", 1.0, 0);
        writer.add_image("red", &Image::rgb8(2, 1, &[255, 0, 0, 255, 0, 0]).unwrap(), 7);
    });
    for (protocol, start, end, gone) in [
        // 2 × 1 pixels fill the width of 77 cells with 8 pixels each: 308 of the 323 pixels of 19 rows.
        ("kitty", "\x1b_Ga=T,f=100,q=2,C=1,c=77,r=19,m=", "\x1b\\", "\x1b_Ga=d,d=A"),
        ("iterm2", "\x1b]1337;File=inline=1;", "\x07", "loss"),
        ("sixel", "\x1bP0;1;0q\"1;1;616;323#0;2;100;0;0", "\x1b\\", "loss"),
    ] {
        let steps = [("images 1", "3"), (start, ""), (end, "1"), (gone, "q")];
        let args = ["logs", "--images", protocol];
        let (status, printed) = watch_in_pty(dir.path(), ("TMUX", ""), &args, &steps);
        assert_eq!(status, 0, "{protocol}: {printed:?}");
        // A terminal is not asked for anything.
        for question in ["\x1b[c", "\x1b[6n", "\x1b[14t", "\x1b[16t", "a=q"] {
            assert!(!printed.contains(question), "{protocol}: {question:?}");
        }
    }
    let args = ["logs", "--images", "kitty"];
    let (status, printed) = watch_in_pty(dir.path(), ("TMUX", "/tmp/tmux"), &args, &[]);
    assert!(status == 2 && printed.contains("expected --images sixel or blocks"), "{printed}");
}

/// A terminal must echo and have lines, as before the program.
fn assert_restored(tmux: &Tmux) {
    tmux.line("clear; echo restored:$(stty -a | grep -o ' icanon\\| echo ')");
    tmux.wait_for("restored: icanon echo");
    let flags =
        tmux.run(&["display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}"]);
    assert_eq!(flags.trim(), "001", "alternate screen, mouse, cursor");
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn the_terminal_is_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    let is_shown = |screen: &str| screen.contains("scalars 3");
    tmux.line("echo before");
    tmux.watch("logs");
    tmux.keys(&["q"], |screen| screen.contains("before") && !is_shown(screen));
    assert_restored(&tmux);
    // Ctrl-Z and fg.
    tmux.watch("logs");
    tmux.keys(&["C-z"], |screen| screen.contains("Stopped") || screen.contains("suspended"));
    assert_restored(&tmux);
    tmux.line("fg");
    tmux.wait_loaded();
    tmux.keys(&["?"], |screen| screen.contains("this help"));
    // A SIGSTOP, which cannot be noticed, and fg.
    let children = tmux.run(&["display-message", "-p", "#{pane_pid}"]);
    let found = Command::new("pgrep").args(["-P", children.trim()]).output().unwrap();
    let program = String::from_utf8(found.stdout).unwrap();
    let kill = |signal: &str| {
        assert!(Command::new("kill").args([signal, program.trim()]).status().unwrap().success());
    };
    kill("-STOP");
    tmux.wait_for("Stopped");
    // The terminal is still raw: a line ends with a line feed.
    tmux.run(&["send-keys", "-l", "stty sane; fg"]);
    tmux.send(&["C-j"]);
    tmux.wait(|screen| screen.contains("this help") && !screen.contains("Stopped"));
    tmux.keys(&["Escape"], |screen| is_shown(screen) && !screen.contains("this help"));
    // SIGTERM from elsewhere.
    kill("-TERM");
    tmux.wait_for("Terminated");
    assert_restored(&tmux);
    // A killed program has left its screen.
    tmux.line("printf '\\033[?1049h'; echo left over; echo left over");
    tmux.wait_for("left over\nleft over");
    let screen = tmux.watch("logs");
    assert!(is_shown(&screen) && !screen.contains("left over"), "{screen}");
    tmux.keys(&["q"], |screen| !is_shown(screen));
    assert_restored(&tmux);
    // A panic on another thread: its message is on the screen, and not a mess.
    tmux.line(&format!(
        "TFEVENTS_TEST_PANIC=1 RUST_BACKTRACE=0 {} watch logs; echo status $?",
        env!("CARGO_BIN_EXE_tfevents")
    ));
    let screen = tmux.wait_for("status 101");
    assert!(screen.contains("a test asks for a panic"), "{screen}");
    assert_restored(&tmux);
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn colors_are_those_that_the_terminal_has() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    for (env, has, has_not) in [
        // Of the 256 colors those of the first 16 alone.
        (&["TERM=xterm", "COLORTERM="][..], "\x1b[38;5;3m", "\x1b[38;5;2"),
        (&["TERM=xterm-256color", "COLORTERM="], "\x1b[38;5;", "\x1b[38;2;"),
        (&["TERM=xterm", "NO_COLOR=1"], "loss", "\x1b[38"),
    ] {
        let tmux = Tmux::new(dir.path(), 100, 24, env);
        tmux.watch("logs");
        let screen = tmux.wait_colored(|screen| screen.contains(has));
        assert!(!screen.contains(has_not), "{env:?}: {screen:?}");
    }
    let tmux = Tmux::new(dir.path(), 100, 24, &["TERM=linux"]);
    tmux.watch("logs");
    tmux.wait(|screen| screen.contains('▀') || screen.contains('▄'));
    let tmux = Tmux::new(dir.path(), 100, 24, &[]);
    let screen = tmux.watch("logs --ascii");
    assert!(screen.is_ascii(), "{screen}");
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn the_palette_is_that_of_okabe_and_ito_or_of_tensorboard() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 100, 24, &["TERM=xterm-256color", "COLORTERM=truecolor"]);
    tmux.watch("logs");
    // The first and the sixth color.
    let okabe_ito = ["\x1b[38;2;230;159;0m●", "\x1b[38;2;0;114;178m★"];
    let tensorboard = ["\x1b[38;2;255;112;67m●", "\x1b[38;2;0;153;136m★"];
    let is_in = |colors: [&'static str; 2], others: [&'static str; 2]| {
        move |screen: &str| {
            colors.iter().all(|color| screen.contains(color))
                && !others.iter().any(|color| screen.contains(color))
        }
    };
    tmux.wait_colored(is_in(okabe_ito, tensorboard));
    tmux.send(&["p"]);
    tmux.wait_colored(is_in(tensorboard, okabe_ito));
    tmux.send(&["p"]);
    tmux.wait_colored(is_in(okabe_ito, tensorboard));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn what_is_seen_is_saved_and_drawn_again_by_the_command() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 160, 24, &[]);
    tmux.watch("logs -t loss --smoothing 0.6");
    tmux.keys(&["s"], |screen| screen.contains("saved tfevents-"));
    let is_command = |line: &&str| line.starts_with("tfevents show") && line.ends_with(".svg");
    let screen = tmux.keys(&["q"], |screen| screen.lines().any(|line| is_command(&line)));
    let line = screen.lines().find(is_command).unwrap();
    assert!(line.starts_with("tfevents show logs -t '^loss$' --smoothing 0.6 -o "), "{line}");
    let name = line.rsplit(' ').next().unwrap();
    let svg = std::fs::read_to_string(dir.path().join(name)).unwrap();
    let args = ["show", "logs", "-t", "^loss$", "--smoothing", "0.6", "-o", "again.svg"];
    assert_eq!(tfevents(dir.path(), &args).status, 0);
    assert_eq!(std::fs::read_to_string(dir.path().join("again.svg")).unwrap(), svg);
    let csv = std::fs::read_to_string(dir.path().join(name.replace(".svg", ".csv"))).unwrap();
    assert_eq!(csv.lines().count(), 23);
    assert!(
        csv.contains("\nup,loss,10,") && (csv.ends_with(",-10\n") || csv.ends_with(",10\n")),
        "{csv}"
    );
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn the_mouse_selects_and_zooms() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 100, 30, &[]);
    tmux.watch("logs");
    let mouse = |button: u32, x: u32, y: u32, end: char| format!("\x1b[<{button};{x};{y}{end}");
    let click = |x, y| mouse(0, x, y, 'M') + &mouse(0, x, y, 'm');
    // The first run, in the third line.
    tmux.text(&click(5, 3), |screen| screen.contains("· "));
    tmux.text(&click(5, 3), |screen| !screen.contains("· "));
    // A drag over the first chart zooms, a double click fills the screen.
    let drag = mouse(0, 50, 5, 'M') + &mouse(32, 60, 5, 'M') + &mouse(0, 60, 5, 'm');
    tmux.text(&drag, |screen| {
        screen.contains("zoom") && screen.lines().take(12).all(|line| !line.ends_with("10"))
    });
    // At once: between two programs that send a click each could be any time.
    tmux.text(&click(70, 6).repeat(2), |screen| !screen.contains("runs 2"));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_malicious_directory_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let name = "\x1b]0;hacked\x07\x1b[2J";
    write_run(&dir.path().join("logs").join(name), |writer| {
        for step in 0..5 {
            writer.add_scalar("a\x1b[31m\u{202e}b", step as f32, step);
            writer.add_scalar(&"x".repeat(100_000), step as f32, step);
        }
        writer.add_text("t", "one\x1b[2J\x1b]0;hacked\x07two\rthree", 0);
    });
    // Damage in the middle of the second record.
    let run = dir.path().join("logs/damaged");
    write_run(&run, |writer| (0..9).for_each(|step| writer.add_scalar("loss", step as f32, step)));
    let file = super::event_file(&run);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&file, bytes).unwrap();
    let tmux = Tmux::new(dir.path(), 120, 24, &[]);
    tmux.watch("logs");
    tmux.wait(|screen| ["damaged in", "\\u{1b}", " !"].iter().all(|text| screen.contains(text)));
    tmux.keys(&["4"], |screen| screen.contains("one") && screen.contains("two"));
    let title = tmux.run(&["display-message", "-p", "#{pane_title}"]);
    assert!(!title.contains("hacked"), "{title}");
    // A file that ends within a record, and that nobody has written for an hour.
    let run = dir.path().join("cut/run");
    write_run(&run, |writer| (0..9).for_each(|step| writer.add_scalar("loss", step as f32, step)));
    let file = std::fs::File::options().write(true).open(super::event_file(&run)).unwrap();
    file.set_len(file.metadata().unwrap().len() - 3).unwrap();
    let hour = Duration::from_secs(3600);
    file.set_modified(std::time::SystemTime::now() - hour).unwrap();
    tmux.keys(&["q"], |screen| screen.trim_end().ends_with('$'));
    tmux.watch("cut");
    tmux.wait(|screen| {
        screen.contains("truncated record at the end of run") && screen.contains("ago !")
    });
}
