//! A process that a test starts and ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A line of output, and when it was read.
#[derive(Clone, Debug)]
pub struct Line {
    /// The text, such as `flushed 7`.
    pub text: String,
    /// When the parent read it: the reported event happened before.
    pub at: Instant,
}

impl Line {
    /// Returns the number behind `word`, if the line begins with that.
    pub fn number(&self, word: &str) -> Option<i64> {
        self.text.strip_prefix(word)?.trim().parse().ok()
    }
}

/// Returns a command that runs a program of these tests, by the emulator that `TFEVENTS_RUNNER`
/// names with its arguments, if any: see `tools/cross`.
pub fn command(program: impl AsRef<Path>) -> Command {
    let runner = std::env::var("TFEVENTS_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace();
    let Some(emulator) = words.next() else {
        return Command::new(program.as_ref());
    };
    let mut command = Command::new(emulator);
    command.args(words).arg(program.as_ref());
    command
}

/// A running `victim`, whose output is drained as it comes.
#[derive(Debug)]
pub struct Victim {
    child: Child,
    lines: Receiver<Line>,
    reader: Option<JoinHandle<()>>,
}

impl Victim {
    /// Starts a program with these arguments.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start(program: impl AsRef<Path>, mode: &str, dir: &Path) -> Self {
        Self::command(command(program).arg(mode).arg(dir))
    }

    /// Starts a command.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn command(command: &mut Command) -> Self {
        let mut child = command
            // Kept open: a victim exits when its parent has exited.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the victim starts");
        let output = child.stdout.take().expect("it is piped");
        let (send, lines) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for text in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(Line { text, at: Instant::now() }).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, reader: Some(reader) }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the next line.
    ///
    /// # Panics
    ///
    /// If none comes within a minute, or the victim has ended.
    pub fn line(&self) -> Line {
        self.lines.recv_timeout(Duration::from_secs(60)).expect("the victim reports")
    }

    /// Returns all lines that are read within this time.
    pub fn lines_for(&self, time: Duration) -> Vec<Line> {
        let until = Instant::now() + time;
        let mut lines = Vec::new();
        while let Ok(line) =
            self.lines.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            lines.push(line);
        }
        lines
    }

    /// Kills the process, and returns when, with the lines left in the pipe.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn kill(mut self) -> (Instant, Vec<Line>) {
        let at = Instant::now();
        self.child.kill().expect("it can be killed");
        let (_, lines) = self.end();
        (at, lines)
    }

    /// Waits until the process has exited, and returns its status with the rest of its output.
    ///
    /// # Panics
    ///
    /// If the system does not report its status.
    pub fn end(mut self) -> (ExitStatus, Vec<Line>) {
        let status = self.child.wait().expect("it ends");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("its output is read");
        }
        (status, self.lines.try_iter().collect())
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // One that has ended cannot be killed any more, and need not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
