//! `watch`, in a real terminal where there is one: tmux sends keys and captures the screen.

use super::{tfevents, write_run};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tfevents::summary::Image;
use tfevents::{HParams, SummaryWriter};

/// A terminal of its own, with a shell in it.
struct Tmux {
    socket: String,
}

impl Tmux {
    fn new(dir: &Path, width: u32, height: u32, env: &[&str]) -> Self {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let tmux = Self { socket: format!("tfevents-{}-{number}", std::process::id()) };
        let (width, height) = (width.to_string(), height.to_string());
        let dir = dir.to_str().unwrap();
        let new = ["-f", "/dev/null", "new-session", "-d", "-x", &width, "-y", &height, "-c", dir];
        tmux.run(&[&new[..], &["env", "-u", "NO_COLOR"], env, &["PS1=$ ", "sh"]].concat());
        tmux.wait(|screen| screen.starts_with('$'));
        tmux
    }

    fn run(&self, args: &[&str]) -> String {
        let output =
            Command::new("tmux").args(["-u", "-L", &self.socket]).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }

    /// Types a line into the shell.
    fn line(&self, line: &str) {
        self.run(&["send-keys", "-l", line]);
        self.keys(&["Enter"]);
    }

    fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    fn wait(&self, is_as_expected: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            // Before the screen is looked at: a machine may stand still.
            let is_last = Instant::now() >= end;
            let screen = self.screen();
            if is_as_expected(&screen) {
                return screen;
            }
            assert!(!is_last, "the screen is\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    fn wait_for(&self, text: &str) -> String {
        self.wait(|screen| screen.contains(text))
    }

    fn watch(&self, args: &str) {
        self.line(&format!("{} watch {args}", env!("CARGO_BIN_EXE_tfevents")));
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let kill = ["-L", &self.socket, "kill-server"];
        let _ = Command::new("tmux").args(kill).stderr(Stdio::null()).status();
    }
}

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
fn a_flush_is_on_the_screen_within_a_quarter_of_a_second() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let writer = SummaryWriter::new(dir.path().join("logs/live")).unwrap();
    writer.add_scalar("loss", 0.0, 0);
    writer.flush().unwrap();
    let tmux = Tmux::new(dir.path(), 80, 24, &[]);
    tmux.watch("logs");
    tmux.wait_for("1 live");
    let mut latencies = Vec::new();
    for number in 0..9 {
        writer.add_scalar(&format!("a{number}"), 1.0, 1);
        writer.flush().unwrap();
        let start = Instant::now();
        tmux.wait_for(&format!("scalars {}", 4 + number));
        latencies.push(start.elapsed());
    }
    latencies.sort();
    println!("from flush to screen: {latencies:?}");
    assert!(latencies[4] <= Duration::from_millis(250), "{latencies:?}");
    // A run appears as well, and ends.
    write_run(&dir.path().join("logs/new"), |writer| writer.add_scalar("loss", 1.0, 0));
    tmux.wait_for("runs 4");
    writer.add_hparams(&HParams::builder().set("sign", 0.0).build().unwrap());
    writer.close().unwrap();
    tmux.wait(|screen| !screen.contains("1 live"));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn keys_change_what_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 100, 30, &[]);
    tmux.watch("logs");
    let screen = tmux.wait_for("tags 3");
    assert!(screen.contains("runs 2") && screen.contains("- other/"), "{screen}");
    tmux.keys(&["?"]);
    let help = tmux.wait_for("full screen; in a list");
    assert!(help.contains("PgUp PgDn Home End") && help.contains("j k scroll"), "{help}");
    tmux.keys(&["End"]);
    tmux.wait_for("Ctrl-Z");
    tmux.keys(&["Escape"]);
    tmux.wait(|screen| !screen.contains("full screen; in a list"));
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
        ("[", "smoothing 0"),
        ("o", "outliers shown"),
        ("R", "all points"),
        ("R", "points that count"),
    ] {
        tmux.keys(&[key]);
        tmux.wait_for(text);
    }
    tmux.wait_for("runs 2");
    // The cursor stands in the middle of a full screen, with values of both runs beside it.
    tmux.keys(&["Enter", "c"]);
    let screen = tmux.wait_for("at 5");
    for (run, value) in [("up", " 5"), ("down", "-5")] {
        let has_value = |line: &str| line.contains(run) && line.ends_with(value);
        assert!(screen.lines().any(has_value), "{screen}");
    }
    // Zoomed: the ends are steps 2.5 and 7.5.
    tmux.keys(&["z"]);
    tmux.wait(|screen| screen.contains("6") && !screen.contains("10"));
    // One at a time: several are read as one with a modifier.
    tmux.keys(&["Escape"]);
    tmux.wait(|screen| !screen.contains("at 5"));
    tmux.keys(&["Escape"]);
    tmux.wait_for("10");
    tmux.keys(&["Escape"]);
    tmux.wait_for("runs 2");
    // Filters: while it is typed, and by a hyperparameter.
    tmux.keys(&["r"]);
    tmux.run(&["send-keys", "-l", "hp.sign<0"]);
    tmux.wait_for("runs 1 of 2");
    tmux.keys(&["Enter", "r", "C-u", "Enter", "t"]);
    tmux.run(&["send-keys", "-l", "^other"]);
    tmux.wait_for("scalars 2");
    tmux.keys(&["("]);
    tmux.wait_for("unclosed group");
    tmux.keys(&["C-u", "Enter", "g", "(", ".", ")", "Enter"]);
    tmux.wait_for("g:(.)");
    tmux.keys(&["2"]);
    tmux.wait_for("11 histograms");
    tmux.keys(&["4"]);
    tmux.wait_for("hello");
    tmux.keys(&["6"]);
    let screen = tmux.wait_for("*loss min");
    let row = |number| screen.lines().nth(number).unwrap_or_default();
    assert!(row(2).contains("down        -10") && row(3).contains("up            0"), "{screen}");
    tmux.keys(&["q"]);
    tmux.wait(|screen| screen.lines().last().is_none_or(str::is_empty) && screen.contains("$ "));
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn any_size_has_a_screen() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 40, 10, &[]);
    tmux.watch("logs");
    let screen = tmux.wait_for("loss");
    assert!(screen.lines().all(|line| line.chars().count() <= 40), "{screen}");
    assert!(
        screen.contains("● ") || screen.chars().any(|c| ('\u{2800}'..='\u{28ff}').contains(&c)),
        "{screen}"
    );
    // There is no space for lists beside the charts: Tab shows them instead.
    tmux.keys(&["Tab"]);
    let screen = tmux.wait_for("runs 2");
    assert!(
        screen.contains("tags 3") && screen.contains("up") && screen.contains("down"),
        "{screen}"
    );
    tmux.keys(&["Escape"]);
    tmux.wait(|screen| !screen.contains("runs 2"));
    for (width, height) in [("200", "60"), ("80", "24"), ("11", "3"), ("1", "1"), ("64", "12")] {
        tmux.run(&["resize-window", "-x", width, "-y", height]);
        for page in ["1", "2", "3", "4", "5", "6", "?", "Escape"] {
            tmux.keys(&[page]);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    tmux.keys(&["1"]);
    tmux.wait_for("loss");
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
        // 2 × 1 pixels fill the width of 74 cells with 8 pixels each: 296 of the 306 pixels of 18 rows.
        ("kitty", "\x1b_Ga=T,f=100,q=2,C=1,c=74,r=18,m=", "\x1b\\", "\x1b_Ga=d,d=A"),
        ("iterm2", "\x1b]1337;File=inline=1;", "\x07", "loss"),
        ("sixel", "\x1bP0;1;0q\"1;1;592;306#0;2;100;0;0", "\x1b\\", "loss"),
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

/// Returns whether the terminal echoes and has lines: a program that ends must leave it so.
fn assert_restored(tmux: &Tmux) {
    tmux.line("clear; stty -a | grep -o ' icanon\\| echo '; printf '\\033[?1000$p'; echo done");
    let screen = tmux.wait(|screen| screen.contains("\ndone") || screen.contains("done\n"));
    assert!(screen.contains(" icanon") && screen.contains(" echo"), "{screen}");
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
    tmux.line("echo before");
    tmux.watch("logs");
    tmux.wait_for("scalars 3");
    tmux.keys(&["q"]);
    tmux.wait_for("before");
    assert_restored(&tmux);
    // Ctrl-Z and fg.
    tmux.watch("logs");
    tmux.wait_for("scalars 3");
    tmux.keys(&["C-z"]);
    tmux.wait(|screen| screen.contains("Stopped") || screen.contains("suspended"));
    assert_restored(&tmux);
    tmux.line("fg");
    tmux.wait_for("scalars 3");
    tmux.keys(&["?"]);
    tmux.wait_for("this help");
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
    tmux.keys(&["C-j"]);
    tmux.wait(|screen| screen.contains("this help") && !screen.contains("fg"));
    tmux.keys(&["Escape"]);
    tmux.wait_for("scalars 3");
    // SIGTERM from elsewhere.
    kill("-TERM");
    tmux.wait_for("Terminated");
    assert_restored(&tmux);
    // A killed program has left its screen.
    tmux.line("printf '\\033[?1049h'; echo left over; echo left over");
    tmux.wait_for("left over");
    tmux.watch("logs");
    let screen = tmux.wait_for("scalars 3");
    assert!(!screen.contains("left over"), "{screen}");
    tmux.keys(&["q"]);
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
        tmux.wait_for("runs 2");
        let screen = tmux.run(&["capture-pane", "-p", "-e"]);
        assert!(screen.contains(has) && !screen.contains(has_not), "{env:?}: {screen:?}");
    }
    let tmux = Tmux::new(dir.path(), 100, 24, &["TERM=linux"]);
    tmux.watch("logs");
    let screen = tmux.wait_for("loss");
    assert!(screen.contains('▀') || screen.contains('▄'), "{screen}");
    let tmux = Tmux::new(dir.path(), 100, 24, &[]);
    tmux.watch("logs --ascii");
    let screen = tmux.wait_for("tags 3");
    assert!(screen.is_ascii(), "{screen}");
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn what_is_seen_is_saved_and_drawn_again_by_the_command() {
    let dir = tempfile::tempdir().unwrap();
    write_runs(dir.path());
    let tmux = Tmux::new(dir.path(), 160, 24, &[]);
    tmux.watch("logs -t loss --smoothing 0.6");
    tmux.wait_for("runs 2");
    tmux.keys(&["s"]);
    tmux.wait_for("saved tfevents-");
    tmux.keys(&["q"]);
    let screen = tmux.wait_for("-o tfevents-");
    let line = screen.lines().find(|line| line.starts_with("tfevents show")).unwrap();
    assert!(line.starts_with("tfevents show logs -t '^loss$' --smoothing 0.6 -o "), "{line}");
    let name = line.rsplit(' ').next().unwrap();
    let svg = std::fs::read_to_string(dir.path().join(name)).unwrap();
    let args = ["show", "logs", "-t", "^loss$", "--smoothing", "0.6", "-o", "again.svg"];
    assert_eq!(tfevents(dir.path(), &args).status, 0);
    assert_eq!(std::fs::read_to_string(dir.path().join("again.svg")).unwrap(), svg);
    let csv = std::fs::read_to_string(dir.path().join(name.replace(".svg", ".csv"))).unwrap();
    assert_eq!(csv.lines().count(), 23);
    assert!(
        csv.contains("\nup,loss,10,") && csv.ends_with(",-10\n") || csv.ends_with(",10\n"),
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
    tmux.wait_for("runs 2");
    let mouse = |button: u32, x: u32, y: u32, end: char| {
        tmux.run(&["send-keys", "-l", &format!("\x1b[<{button};{x};{y}{end}")]);
    };
    // The first run, in the third line.
    mouse(0, 5, 3, 'M');
    mouse(0, 5, 3, 'm');
    tmux.wait_for("· ");
    mouse(0, 5, 3, 'M');
    mouse(0, 5, 3, 'm');
    tmux.wait(|screen| !screen.contains("· "));
    // A drag over the first chart zooms, a double click fills the screen.
    mouse(0, 50, 5, 'M');
    mouse(32, 60, 5, 'M');
    mouse(0, 60, 5, 'm');
    tmux.wait(|screen| screen.lines().take(12).all(|line| !line.ends_with("10")));
    for _ in 0..2 {
        mouse(0, 70, 6, 'M');
        mouse(0, 70, 6, 'm');
    }
    tmux.wait(|screen| !screen.contains("runs 2"));
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
    let screen = tmux.wait_for("damaged in");
    assert!(screen.contains("\\u{1b}") && screen.contains(" !"), "{screen}");
    tmux.keys(&["4"]);
    let screen = tmux.wait_for("one");
    assert!(screen.contains("two"), "{screen}");
    let title = tmux.run(&["display-message", "-p", "#{pane_title}"]);
    assert!(!title.contains("hacked"), "{title}");
    // A file that ends within a record, and that nobody has written for an hour.
    let run = dir.path().join("cut/run");
    write_run(&run, |writer| (0..9).for_each(|step| writer.add_scalar("loss", step as f32, step)));
    let file = std::fs::File::options().write(true).open(super::event_file(&run)).unwrap();
    file.set_len(file.metadata().unwrap().len() - 3).unwrap();
    let hour = Duration::from_secs(3600);
    file.set_modified(std::time::SystemTime::now() - hour).unwrap();
    tmux.keys(&["q"]);
    tmux.wait(|screen| screen.trim_end().ends_with('$'));
    tmux.watch("cut");
    let screen = tmux.wait_for("truncated record at the end of run");
    assert!(screen.contains("ago !"), "{screen}");
}
