//! A TensorBoard server that lives as long as its [`Board`].

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{announce, install, test_name};

/// How long a test waits for anything. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// Which of its two readers TensorBoard uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The data server written in Rust, which TensorBoard takes by default where there is one.
    Fast,
    /// The reader written in Python, with `--load_fast=false`.
    Slow,
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fast => "fast reader",
            Self::Slow => "slow reader",
        })
    }
}

/// Starts TensorBoard on `logdir` with each of its readers, and runs `check` on both.
///
/// # Panics
///
/// If `check` panics with one of them, or TensorBoard logs a warning.
pub fn show(logdir: &Path, check: impl Fn(&Board) + Sync) {
    show_with(logdir, &[], check);
}

/// [`show`] with more arguments for TensorBoard, such as `--samples_per_plugin=images=100`.
///
/// # Panics
///
/// As [`show`] does.
pub fn show_with(logdir: &Path, args: &[&str], check: impl Fn(&Board) + Sync) {
    serve(logdir, args, vec![Reader::Slow], check);
}

/// [`show_with`], with the reader written in Rust alone. Nothing is checked where there is none.
///
/// # Panics
///
/// As [`show`] does.
pub fn show_fast_with(logdir: &Path, args: &[&str], check: impl Fn(&Board) + Sync) {
    serve(logdir, args, Vec::new(), check);
}

fn serve(logdir: &Path, args: &[&str], mut readers: Vec<Reader>, check: impl Fn(&Board) + Sync) {
    let Some(python) = install::python() else {
        return;
    };
    if has_data_server(python) {
        readers.push(Reader::Fast);
    } else {
        announce("TensorBoard has no fast reader for this platform; only the slow one is tried");
    }
    let failed: Vec<String> = thread::scope(|scope| {
        let one = |reader| {
            let (check, name) = (&check, format!("{} ({reader})", test_name()));
            let run = move || {
                let board = Board::start(python, logdir, reader, args);
                check(&board);
                let complaints = board.complaints();
                assert!(complaints.is_empty(), "TensorBoard complains: {complaints:#?}");
            };
            let thread = thread::Builder::new()
                .name(name)
                .spawn_scoped(scope, run)
                .expect("a thread starts");
            (reader, thread)
        };
        // Both are started before the first is waited for.
        let threads: Vec<_> = readers.into_iter().map(one).collect();
        threads
            .into_iter()
            .filter_map(|(reader, thread)| {
                Some(reader.to_string()).filter(|_| thread.join().is_err())
            })
            .collect()
    });
    assert!(failed.is_empty(), "failed with the {}, see above", failed.join(" and the "));
}

/// Whether the installed data server has a program for this platform.
fn has_data_server(python: &Path) -> bool {
    let ask = "import tensorboard_data_server as s; print(s.server_binary() or '')";
    let answer = install::run(python.as_os_str(), &["-I".as_ref(), "-c".as_ref(), ask.as_ref()]);
    let found = !answer.expect("the data server's package is installed").is_empty();
    // These have one, so its absence is a fault and not a property of the platform.
    let expected = cfg!(any(
        all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"),
        target_os = "macos"
    ));
    assert!(found || !expected, "TensorBoard's data server is missing from its package");
    found
}

/// A running TensorBoard. Dropping it ends the server, also when the test panics.
#[derive(Debug)]
pub struct Board {
    reader: Reader,
    child: Child,
    log: PathBuf,
    pub(crate) url: String,
    pub(crate) agent: ureq::Agent,
    /// Has the log and the temporary files of TensorBoard.
    _scratch: TempDir,
}

impl Board {
    fn start(python: &Path, logdir: &Path, reader: Reader, args: &[&str]) -> Self {
        let scratch = TempDir::new().expect("a temporary directory can be made");
        let log = scratch.path().join("tensorboard.log");
        let out = File::create(&log).expect("a temporary file can be made");
        let mut command = Command::new(python);
        command
            .args(["-I", "-c", include_str!("serve.py"), "--logdir"])
            .arg(logdir)
            .args(["--host=127.0.0.1", "--port=0", "--reload_interval=1"])
            .arg(format!("--load_fast={}", reader == Reader::Fast))
            .args(args)
            // Its end is what the server waits for; see serve.py.
            .stdin(Stdio::piped())
            .stdout(out.try_clone().expect("a file handle can be cloned"))
            .stderr(out)
            .env_remove("RUST_LOG");
        for name in ["TMPDIR", "TEMP", "TMP"] {
            command.env(name, scratch.path());
        }
        for name in ["no_proxy", "NO_PROXY"] {
            command.env(name, "localhost,127.0.0.1");
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().expect("the environment's Python starts");

        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        // From here on a panic ends the server.
        let mut board = Self { reader, child, log, url: String::new(), agent, _scratch: scratch };
        board.url = board.wait_for_url();
        let provider = board.json("environment", &[])["debug"]["data_provider"].to_string();
        let wanted = match reader {
            Reader::Fast => "GrpcDataProvider",
            Reader::Slow => "MultiplexerDataProvider",
        };
        assert!(provider.contains(wanted), "asked for the {reader}, TensorBoard runs {provider}");
        board
    }

    fn wait_for_url(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // The line is not taken before it is whole.
            for line in self.log_text().split_inclusive('\n').filter(|line| line.ends_with('\n')) {
                if let Some(at) = line.find("http://127.0.0.1:") {
                    let url = line[at..].split_whitespace().next().expect("it was just found");
                    return url.trim_end_matches('/').to_owned();
                }
            }
            let ended = self.child.try_wait().expect("a child can be asked for its status");
            assert!(ended.is_none(), "TensorBoard ended at once, {}", ended.expect("just seen"));
            assert!(Instant::now() < deadline, "TensorBoard gives no address within {PATIENCE:?}");
            thread::sleep(POLL);
        }
    }

    /// Which reader this server uses.
    pub fn reader(&self) -> Reader {
        self.reader
    }

    /// Where this server listens, as `127.0.0.1:6006`.
    pub fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }

    /// Calls `probe` until it returns `Ok`.
    ///
    /// # Panics
    ///
    /// With the last error, after a minute.
    pub fn wait_until<T>(&self, what: &str, probe: impl Fn() -> Result<T, String>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match probe() {
                Ok(found) => return found,
                Err(why) => assert!(
                    Instant::now() < deadline,
                    "{what} not served within {PATIENCE:?}: {why}"
                ),
            }
            thread::sleep(POLL);
        }
    }

    /// The warnings, errors and tracebacks in TensorBoard's log.
    pub fn complaints(&self) -> Vec<String> {
        let about = ["warn", "error", "traceback", "exception", "panic"];
        // A deprecation in TensorBoard's imports, reported by some releases of setuptools.
        let known = ["pkg_resources"];
        self.log_text()
            .lines()
            .filter(|line| {
                let lower = line.to_lowercase();
                about.iter().any(|word| lower.contains(word))
                    && !known.iter().any(|word| lower.contains(word))
            })
            .map(str::to_owned)
            .collect()
    }

    fn log_text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- log of TensorBoard, {}\n{}---", self.reader, self.log_text());
        }
        // The child is waited for only below, so its id is not used again for another process.
        // The data server belongs to its group.
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // An error here means that it has exited by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
