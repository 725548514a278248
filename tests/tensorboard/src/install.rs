//! Installs TensorBoard into a virtual environment below the target directory, once for all tests; xprof, TensorBoard's
//! Profile dashboard, into another one; and Python tools that read event files into a third.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::announce;

const HELP: &str = "the TensorBoard tests need Python 3.9 or newer with its venv module: install python3 and python3-venv, \
     or name an interpreter in TFEVENTS_PYTHON, or set TFEVENTS_SKIP_TENSORBOARD=1 to leave these tests out";

/// The settings of an environment.
struct Environment {
    /// Its folder below the target directory.
    folder: &'static str,
    /// Its contents, for messages.
    what: &'static str,
    requirements: &'static str,
}

const TENSORBOARD: Environment = Environment {
    folder: "tensorboard",
    what: "TensorBoard",
    requirements: include_str!("../requirements.txt"),
};
const XPROF: Environment = Environment {
    folder: "xprof",
    what: "xprof",
    requirements: include_str!("../requirements-xprof.txt"),
};

const TOOLS: Environment = Environment {
    folder: "tools",
    what: "Python tools that read event files",
    requirements: include_str!("../requirements-tools.txt"),
};

/// Returns the interpreter of the environment that has TensorBoard, or `None` if the tests that need it are left out.
///
/// # Panics
///
/// If TensorBoard cannot be installed.
pub(crate) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    python_of(&TENSORBOARD, &PYTHON)
}

/// Returns the interpreter of the environment that has xprof, or `None` if the tests that need it are left out.
///
/// # Panics
///
/// If xprof cannot be installed.
pub(crate) fn xprof_python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    python_of(&XPROF, &PYTHON)
}

/// Returns the interpreter of the environment that has the tools, or `None` if the tests that need it are left out.
///
/// # Panics
///
/// If the tools cannot be installed.
pub(crate) fn tools_python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    python_of(&TOOLS, &PYTHON)
}

fn python_of(
    environment: &Environment,
    python: &'static OnceLock<Result<PathBuf, String>>,
) -> Option<&'static Path> {
    if std::env::var_os("TFEVENTS_SKIP_TENSORBOARD").is_some_and(|v| !v.is_empty() && v != "0") {
        let what = environment.what;
        announce(&format!("{what} left out, as TFEVENTS_SKIP_TENSORBOARD asks for"));
        return None;
    }
    // A failure is kept, so that the other tests of this process fail at once with the same sentence.
    match python.get_or_init(|| install(environment)) {
        Ok(python) => Some(python),
        Err(why) => panic!("{why}"),
    }
}

fn install(environment: &Environment) -> Result<PathBuf, String> {
    let (system_python, identity) = system_python()?;
    let &Environment { folder, what, requirements } = environment;
    let home = target_dir().join(folder);
    let io = |failure: &str| {
        let failure = format!("{failure} in {}", home.display());
        move |e: std::io::Error| format!("{failure}: {e}")
    };
    fs::create_dir_all(&home).map_err(io("cannot make the environment's folder"))?;

    // The operating system releases the lock when this process ends, however it ends.
    let lock = File::create(home.join("lock")).map_err(io("cannot make the lock file"))?;
    lock.lock().map_err(io("cannot lock the lock file"))?;

    let venv = home.join("venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last, so that an interrupted installation is not taken for a complete one.
    let stamp = home.join("installed.txt");
    let wanted = format!("{requirements}{identity}\n");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && python.exists() {
        return Ok(python);
    }

    announce(&format!("installing {what} from PyPI, once"));
    let _ = fs::remove_file(&stamp);
    if venv.exists() {
        fs::remove_dir_all(&venv).map_err(io("cannot remove the old environment"))?;
    }
    run(&system_python, &["-I".as_ref(), "-m".as_ref(), "venv".as_ref(), venv.as_os_str()])
        .map_err(|why| format!("{HELP}\n{why}"))?;
    let file = home.join("requirements.txt");
    fs::write(&file, requirements).map_err(io("cannot write requirements.txt"))?;
    let pip =
        ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    let mut args: Vec<&OsStr> = pip.iter().map(OsStr::new).collect();
    args.push(file.as_os_str());
    run(python.as_os_str(), &args).map_err(|why| {
        format!("cannot install {what} (TFEVENTS_SKIP_TENSORBOARD=1 leaves these tests out)\n{why}")
    })?;
    fs::write(&stamp, wanted).map_err(io("cannot write installed.txt"))?;
    Ok(python)
}

/// Returns an interpreter and its identity: an environment made with another one is made again.
fn system_python() -> Result<(OsString, String), String> {
    let candidates: Vec<OsString> = match std::env::var_os("TFEVENTS_PYTHON") {
        Some(named) if !named.is_empty() => vec![named],
        _ => vec!["python3".into(), "python".into()],
    };
    let identify = "import sys, venv; assert sys.version_info >= (3, 9); print(sys.executable, sys.version.split()[0])";
    let mut why = String::new();
    for python in candidates {
        match run(&python, &["-I".as_ref(), "-c".as_ref(), identify.as_ref()]) {
            Ok(identity) => return Ok((python, identity.trim().to_owned())),
            Err(e) => why = format!("{why}\n{e}"),
        }
    }
    Err(format!("{HELP}{why}"))
}

/// Runs a program to its end and returns its standard output.
pub(crate) fn run(program: &OsStr, args: &[&OsStr]) -> Result<String, String> {
    let failed = |why: &str| format!("`{}` {why}", program.display());
    let Output { status, stdout, stderr } = Command::new(program)
        .args(args)
        .output()
        .map_err(|e| failed(&format!("does not start: {e}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if status.success() {
        return Ok(text(&stdout));
    }
    Err(failed(&format!("failed ({status}):\n{}\n{}", text(&stdout), text(&stderr))))
}

/// The directory that this test was built in: Cargo marks it with `CACHEDIR.TAG`, except where it was there already.
fn target_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("a running program has a path");
    let marked = exe.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    // target/debug/deps/name
    marked
        .or_else(|| exe.ancestors().nth(3))
        .expect("Cargo puts tests three folders deep")
        .to_owned()
}
