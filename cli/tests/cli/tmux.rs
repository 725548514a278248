//! A real terminal for the tests: tmux sends keys and captures the screen.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A terminal of its own, with a shell in it.
pub(crate) struct Tmux {
    socket: String,
}

impl Tmux {
    pub(crate) fn new(dir: &Path, width: u32, height: u32, env: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let tmux = Self { socket: format!("tfevents-{}-{number}", std::process::id()) };
        let (width, height) = (width.to_string(), height.to_string());
        let dir = dir.to_str().unwrap();
        let new = ["-f", "/dev/null", "new-session", "-d", "-x", &width, "-y", &height, "-c", dir];
        tmux.run(&[&new[..], &["env", "-u", "NO_COLOR"], env, &["PS1=$ ", "sh"]].concat());
        tmux.wait(|screen| screen.starts_with('$'));
        tmux
    }

    pub(crate) fn run(&self, args: &[&str]) -> String {
        let output =
            Command::new("tmux").args(["-u", "-L", &self.socket]).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Sends keys, and waits until the screen is as it should be, which it must not be before.
    ///
    /// The program reads keys that come at once as one: `Esc` and a letter are a letter with a
    /// modifier, `Esc` twice is `Esc`. So each `Esc` is a call of its own, whose effect is waited for.
    #[track_caller]
    pub(crate) fn keys(&self, keys: &[&str], is_as_expected: impl Fn(&str) -> bool) -> String {
        self.assert_changes(&is_as_expected);
        self.send(keys);
        self.wait(is_as_expected)
    }

    /// Sends characters all at once, like [`keys`](Self::keys).
    #[track_caller]
    pub(crate) fn text(&self, text: &str, is_as_expected: impl Fn(&str) -> bool) -> String {
        self.assert_changes(&is_as_expected);
        self.run(&["send-keys", "-l", text]);
        self.wait(is_as_expected)
    }

    #[track_caller]
    fn assert_changes(&self, is_as_expected: &impl Fn(&str) -> bool) {
        let screen = self.screen();
        assert!(!is_as_expected(&screen), "nothing shows that a key has an effect:\n{screen}");
    }

    /// Sends keys whose effect is not on the screen.
    pub(crate) fn send(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }

    /// Types a line into the shell.
    pub(crate) fn line(&self, line: &str) {
        self.run(&["send-keys", "-l", line]);
        self.send(&["Enter"]);
    }

    pub(crate) fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// Waits until the screen is as it should be. All of it is to be asked here: a screen may be
    /// captured while it is drawn.
    #[track_caller]
    pub(crate) fn wait(&self, is_as_expected: impl Fn(&str) -> bool) -> String {
        wait_until(|| self.screen(), is_as_expected)
    }

    /// Waits for a screen with its colors.
    #[track_caller]
    pub(crate) fn wait_colored(&self, is_as_expected: impl Fn(&str) -> bool) -> String {
        wait_until(|| self.run(&["capture-pane", "-p", "-e"]), is_as_expected)
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(|screen| screen.contains(text))
    }

    /// Starts `watch`, and waits until all runs are read and drawn.
    #[track_caller]
    pub(crate) fn watch(&self, args: &str) -> String {
        self.line(&format!("{} watch {args}", env!("CARGO_BIN_EXE_tfevents")));
        self.wait_loaded()
    }

    /// Waits for the last line, which is drawn last, without a word of loading.
    #[track_caller]
    pub(crate) fn wait_loaded(&self) -> String {
        self.wait(|screen| {
            let last = screen.lines().last().unwrap_or_default();
            last.starts_with("? help") && !last.contains("loading")
        })
    }
}

#[track_caller]
fn wait_until(screen: impl Fn() -> String, is_as_expected: impl Fn(&str) -> bool) -> String {
    // So long that only a fault takes it, however loaded the machine is.
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        // Before the screen is looked at: a machine may stand still.
        let is_last = Instant::now() >= end;
        let found = screen();
        if is_as_expected(&found) {
            return found;
        }
        assert!(!is_last, "the screen is\n{found}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let kill = ["-L", &self.socket, "kill-server"];
        let _ = Command::new("tmux").args(kill).stderr(Stdio::null()).status();
    }
}
