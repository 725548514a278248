//! Where a run came from: the commit, the command line, the machine.

// `git` reads a repository, `machine` the system's files; `mask` hides secrets.
mod git;
mod machine;
mod mask;

use crate::summary::markdown;
use crate::system::{host, warn_once};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a run came from: the commit, the command line and the machine, for
/// [`SummaryWriter::add_provenance`](crate::SummaryWriter::add_provenance).
///
/// ```
/// use tfevents::summary::Provenance;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let provenance = Provenance::collect()
///     .build(tfevents::build_info!())
///     .env(["CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS"]);
/// writer.add_provenance(&provenance);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`collect`](Self::collect) reads:
///
/// | name | value |
/// |---|---|
/// | `git_commit`, `git_branch`, `git_remote` | the repository that the working directory is in, from its files |
/// | `command_line` | the program and its arguments |
/// | `directory` | the working directory |
/// | `host`, `user` | the names |
/// | `os`, `cpu`, `cpu_threads` | the operating system, the processor, and how many threads it can run |
/// | `gpu`, `gpu_driver` | NVIDIA's, on Linux |
///
/// Unknown facts are left out. More is added on request: [`git_dirty`](Self::git_dirty),
/// [`build`](Self::build), [`env`](Self::env), [`set`](Self::set).
///
/// # Secrets
///
/// On the command line and in the address of the remote, values of names such as `--token X`,
/// `--password=X` and `API_KEY=X`, credentials in URLs, and tokens of well-known services are
/// replaced by `***`. That is a guard against mistakes, and cannot know every secret. Of the
/// environment nothing is read but what [`env`](Self::env) names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The working directory, if it is known.
    dir: PathBuf,
    values: Vec<(String, String)>,
}

impl Provenance {
    /// Reads the repository, the command line and the machine. It never fails, runs no program, and
    /// takes about a millisecond.
    #[must_use]
    pub fn collect() -> Self {
        Self::collect_in(&std::env::current_dir().unwrap_or_default())
    }

    /// Reads as [`collect`](Self::collect) does, with the repository that another directory is in,
    /// for a program that is started elsewhere: for example in
    /// `Path::new(env!("CARGO_MANIFEST_DIR"))`.
    ///
    /// ```
    /// use std::path::Path;
    /// use tfevents::summary::Provenance;
    ///
    /// let provenance = Provenance::collect_in(Path::new(env!("CARGO_MANIFEST_DIR")));
    /// println!("{}", provenance.get("git_commit").unwrap_or("no repository"));
    /// ```
    #[must_use]
    pub fn collect_in(dir: &Path) -> Self {
        let mut this = Self { dir: dir.to_owned(), values: Vec::new() };
        match git::read(dir) {
            Some(repository) => {
                let git::Repository { commit, branch, remote } = repository;
                let remote = remote.map(|remote| mask::mask(&remote));
                for (name, value) in
                    [("git_commit", commit), ("git_branch", branch), ("git_remote", remote)]
                {
                    if let Some(value) = value {
                        this.put(name, value);
                    }
                }
            }
            None => warn_once(("no repository", dir), || {
                format!("no git commit in the provenance: {} is in no repository", dir.display())
            }),
        }
        let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        this.put("command_line", mask::command_line(arguments));
        if let Ok(dir) = std::env::current_dir() {
            this.put("directory", dir.to_string_lossy());
        }
        this.put("host", host());
        let user =
            ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        if let Some(user) = user {
            this.put("user", user);
        }
        for (name, value) in machine::read(Path::new("/")) {
            this.put(name, value);
        }
        this
    }

    /// Adds `git_dirty`: whether tracked files differ from the commit.
    ///
    /// It runs `git diff`, and waits for it for at most `limit`. If there is no answer, the reason is
    /// logged once through the `log` facade, and nothing is added.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tfevents::summary::Provenance;
    ///
    /// let provenance = Provenance::collect().git_dirty(Duration::from_secs(2));
    /// ```
    #[must_use]
    pub fn git_dirty(mut self, limit: Duration) -> Self {
        match git::is_dirty("git", &self.dir, limit) {
            Ok(dirty) => self.put("git_dirty", dirty.to_string()),
            Err(reason) => warn_once(("git_dirty", &reason), || {
                format!("no git_dirty in the provenance of {}: {reason}", self.dir.display())
            }),
        }
        self
    }

    /// Adds the package, its version, the profile of the build and its features, from
    /// [`build_info!`](crate::build_info) in the caller's crate.
    ///
    /// ```
    /// use tfevents::summary::Provenance;
    ///
    /// let provenance = Provenance::collect().build(tfevents::build_info!());
    /// assert!(provenance.get("package").is_some());
    /// ```
    #[must_use]
    pub fn build(mut self, info: BuildInfo) -> Self {
        self.put("package", format!("{} {}", info.package, info.version));
        self.put("profile", if info.debug_assertions { "debug" } else { "release" });
        if !info.features.is_empty() {
            let on = info.features.iter().filter(|(_, on)| *on).map(|(name, _)| *name);
            self.put("features", on.collect::<Vec<_>>().join(", "));
        }
        if let Some(toolchain) = info.toolchain {
            self.put("toolchain", toolchain);
        }
        self
    }

    /// Adds the variables of the environment with these names, where they are set, as `env_NAME`.
    ///
    /// The value of a name such as `HF_TOKEN` is replaced by `***`.
    ///
    /// ```
    /// use tfevents::summary::Provenance;
    ///
    /// let provenance = Provenance::collect().env(["CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID"]);
    /// ```
    #[must_use]
    pub fn env(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        for name in names {
            let name = name.as_ref();
            // Other names would panic.
            let valid = !name.is_empty() && !name.contains(['=', '\0']);
            if let Some(value) = valid.then(|| std::env::var_os(name)).flatten() {
                let value = value.to_string_lossy();
                let shown = if mask::is_secret(name) { "***".into() } else { mask::mask(&value) };
                self.put(format!("env_{name}"), shown);
            }
        }
        self
    }

    /// Sets a value of the caller's, such as the version of a data set.
    ///
    /// ```
    /// use tfevents::summary::Provenance;
    ///
    /// let provenance = Provenance::collect().set("data", "digits, 2026-11");
    /// assert_eq!(provenance.get("data"), Some("digits, 2026-11"));
    /// ```
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.put(name, value.into());
        self
    }

    /// Returns a value by its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(of, _)| *of == name).map(|(_, value)| value)
    }

    /// Returns all names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the table that is logged.
    ///
    /// ```
    /// use tfevents::summary::Provenance;
    ///
    /// println!("{}", Provenance::collect().to_markdown());
    /// ```
    pub fn to_markdown(&self) -> String {
        markdown::key_values(self.iter())
    }

    fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.values.iter_mut().find(|(of, _)| *of == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name, value)),
        }
    }
}

/// The package, its version and how it was built; made by [`build_info!`](crate::build_info).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildInfo {
    package: &'static str,
    version: &'static str,
    debug_assertions: bool,
    toolchain: Option<&'static str>,
    features: Vec<(&'static str, bool)>,
}

impl BuildInfo {
    /// Creates the value; called by [`build_info!`](crate::build_info).
    #[doc(hidden)]
    pub fn new(
        package: &'static str,
        version: &'static str,
        debug_assertions: bool,
        toolchain: Option<&'static str>,
        features: &[(&'static str, bool)],
    ) -> Self {
        Self { package, version, debug_assertions, toolchain, features: features.to_vec() }
    }
}

/// Returns how the crate that calls it was built: its package and version, whether debug assertions
/// are on, the toolchain as rustup names it, and which of the named features are on.
///
/// ```
/// let plain = tfevents::build_info!();
/// # let _ = || {
/// # #[allow(unexpected_cfgs)]
/// let with_features = tfevents::build_info!(features: ["cuda", "metal"]);
/// # };
/// ```
#[macro_export]
macro_rules! build_info {
    ($(features: [$($feature:tt),* $(,)?])?) => {
        $crate::summary::BuildInfo::new(
            ::core::env!("CARGO_PKG_NAME"),
            ::core::env!("CARGO_PKG_VERSION"),
            ::core::cfg!(debug_assertions),
            ::core::option_env!("RUSTUP_TOOLCHAIN"),
            &[$($(($feature, ::core::cfg!(feature = $feature))),*)?],
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process() {
        let provenance = Provenance::collect()
            .build(crate::build_info!(features: ["tracing", "serde"]))
            .env(["CARGO_MANIFEST_DIR", "NO_SUCH_VARIABLE", "", "a=b", "\0"])
            .set("data", "old")
            .set("data", "new");
        assert!(provenance.get("command_line").unwrap().contains("tfevents"));
        assert_eq!(provenance.get("directory"), std::env::current_dir().unwrap().to_str());
        assert_eq!(
            provenance.get("package"),
            Some(concat!("tfevents ", env!("CARGO_PKG_VERSION")))
        );
        assert_eq!(provenance.get("env_CARGO_MANIFEST_DIR"), Some(env!("CARGO_MANIFEST_DIR")));
        assert_eq!(provenance.get("data"), Some("new"));
        let features = provenance.get("features").unwrap();
        assert_eq!(features.contains("tracing"), cfg!(feature = "tracing"));
        assert_eq!(features.contains("serde"), cfg!(feature = "serde"));
        let names: Vec<_> = provenance.iter().map(|(name, _)| name).collect();
        assert!(["host", "os", "cpu"].iter().all(|name| names.contains(name)), "{names:?}");
        assert!(
            !names.iter().any(|name| name.starts_with("env_NO") || *name == "env_"),
            "{names:?}"
        );
    }

    #[test]
    fn a_directory_that_is_no_repository() {
        let dir = tempfile::tempdir().unwrap();
        let provenance = Provenance::collect_in(dir.path()).git_dirty(Duration::from_secs(10));
        assert_eq!(provenance.get("git_commit"), None);
        assert_eq!(provenance.get("git_dirty"), None);
        assert!(provenance.get("os").is_some());
        let missing = Provenance::collect_in(Path::new("/no/such/dir")).git_dirty(Duration::ZERO);
        assert_eq!(missing.get("git_dirty"), None);
    }
}
