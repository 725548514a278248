//! The state of a git repository, read from its files.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The maximum number of bytes read from a file; those of git have a few KiB.
const MAX_FILE: u64 = 32 << 20;
/// How many symbolic references are followed.
const MAX_LINKS: usize = 5;
/// The pause between two looks at a running git.
const PAUSE: Duration = Duration::from_millis(5);

/// The state of a repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Repository {
    /// The hash of the commit; `None` before the first one, or if it is stored in another way.
    pub(super) commit: Option<String>,
    /// `None` if a commit is checked out without a branch.
    pub(super) branch: Option<String>,
    /// The address of the remote `origin`.
    pub(super) remote: Option<String>,
}

/// Reads the repository that a directory is in.
pub(super) fn read(dir: &Path) -> Option<Repository> {
    let git = dir.ancestors().find_map(|dir| git_dir(&dir.join(".git")))?;
    // A worktree has its own HEAD, and shares the rest.
    let common = match text(&git.join("commondir")) {
        Some(path) => git.join(path.trim()),
        None => git.clone(),
    };
    let head = text(&git.join("HEAD"))?;
    let mut repository = Repository {
        remote: text(&common.join("config")).and_then(|text| remote(&text)),
        ..Repository::default()
    };
    let mut target = head.trim().to_owned();
    for link in 0..MAX_LINKS {
        let Some(name) = target.strip_prefix("ref:").map(str::trim) else { break };
        if link == 0 {
            let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
            // The text there if the references are stored in another way.
            repository.branch = Some(branch.to_owned()).filter(|branch| branch != ".invalid");
        }
        // A name is a path below the folder.
        let plain = name.starts_with("refs/") && !name.split('/').any(|part| part == "..");
        let stored = plain.then(|| {
            let loose = text(&git.join(name)).or_else(|| text(&common.join(name)));
            loose.or_else(|| packed(&text(&common.join("packed-refs"))?, name))
        });
        let Some(stored) = stored.flatten() else { return Some(repository) };
        target = stored.trim().to_owned();
    }
    let is_hash = matches!(target.len(), 40 | 64) && target.bytes().all(|b| b.is_ascii_hexdigit());
    repository.commit = is_hash.then_some(target);
    Some(repository)
}

/// Returns the folder of a repository: `.git` itself, or where that file points to.
fn git_dir(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        // Not any folder of this name.
        return path.join("HEAD").is_file().then(|| path.to_owned());
    }
    let link = text(path)?;
    let target = link.strip_prefix("gitdir:")?.trim();
    Some(path.parent()?.join(target)).filter(|target| target.is_dir())
}

/// Returns the hash of a name in a file of packed references.
fn packed(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.split_once(' ').is_some_and(|(_, of)| of == name))?;
    Some(line.split(' ').next()?.to_owned())
}

/// Returns the address of `origin` in a config.
fn remote(config: &str) -> Option<String> {
    let mut lines = config.lines().map(str::trim);
    lines.find(|line| *line == "[remote \"origin\"]")?;
    let section = lines.take_while(|line| !line.starts_with('['));
    let values = section.filter_map(|line| line.split_once('='));
    values.filter(|(key, _)| key.trim() == "url").map(|(_, url)| url.trim().to_owned()).next()
}

/// Returns the text of a file of a usual size.
fn text(path: &Path) -> Option<String> {
    // Opening a pipe would wait.
    let file = path.is_file().then(|| std::fs::File::open(path).ok()).flatten()?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Runs git, and returns whether tracked files differ from the commit, or why that is unknown.
pub(super) fn is_dirty(program: &str, dir: &Path, limit: Duration) -> Result<bool, String> {
    let mut git = Command::new(program);
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false"]);
    git.args(["diff", "--quiet", "--no-ext-diff", "HEAD", "--"]).current_dir(dir);
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut child = git.spawn().map_err(|error| format!("cannot run {program}: {error}"))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                return match status.code() {
                    Some(0) => Ok(false),
                    Some(1) => Ok(true),
                    _ => Err(format!("{program} diff failed: {status}")),
                };
            }
            Ok(None) if started.elapsed() < limit => std::thread::sleep(PAUSE),
            Ok(None) => {
                // It may have ended meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{program} diff took longer than {limit:?}"));
            }
            Err(error) => return Err(format!("cannot wait for {program}: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    const COMMIT: &str = "59807616e1fa2540724bfbac14d7976d7e4a3860";

    fn repository() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let git = dir.path().join(".git");
        create_dir_all(git.join("refs/heads/feature")).unwrap();
        write(git.join("HEAD"), "ref: refs/heads/feature/x\n").unwrap();
        (dir, git)
    }

    #[test]
    fn a_loose_reference_comes_before_a_packed_one() {
        let (dir, git) = repository();
        write(git.join("config"), "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://host/a.git\n\tfetch = x\n[remote \"other\"]\n\turl = no\n").unwrap();
        let unborn = read(dir.path()).unwrap();
        assert_eq!((unborn.commit, unborn.branch.as_deref()), (None, Some("feature/x")));
        let packed = format!(
            "# pack-refs with: peeled\n{} refs/heads/feature/x1\n{COMMIT} refs/heads/feature/x\n^{}\n",
            "1".repeat(40),
            "2".repeat(40)
        );
        write(git.join("packed-refs"), packed).unwrap();
        assert_eq!(read(dir.path()).unwrap().commit.as_deref(), Some(COMMIT));
        write(git.join("refs/heads/feature/x"), "3".repeat(64) + "\n").unwrap();
        let below = dir.path().join("src/deep");
        create_dir_all(&below).unwrap();
        let found = read(&below).unwrap();
        assert_eq!(found.commit, Some("3".repeat(64)));
        assert_eq!(found.remote.as_deref(), Some("https://host/a.git"));
    }

    #[test]
    fn a_worktree_shares_the_references() {
        let (dir, git) = repository();
        let own = git.join("worktrees/tree");
        create_dir_all(&own).unwrap();
        write(own.join("HEAD"), "ref: refs/heads/other\n").unwrap();
        write(own.join("commondir"), "../..\n").unwrap();
        write(git.join("refs/heads/other"), COMMIT).unwrap();
        let tree = dir.path().join("tree");
        create_dir_all(&tree).unwrap();
        write(tree.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
        let found = read(&tree).unwrap();
        assert_eq!(found.commit.as_deref(), Some(COMMIT));
        assert_eq!(found.branch.as_deref(), Some("other"));
        // A relative path, as submodules have it.
        write(tree.join(".git"), "gitdir: ../.git/worktrees/tree\n").unwrap();
        assert_eq!(read(&tree).unwrap(), found);
    }

    #[test]
    fn broken_repositories_have_no_commit() {
        let (dir, git) = repository();
        for head in [
            "",
            "ref:",
            "ref: ../../etc/passwd",
            "ref: refs/../../x",
            "not a hash",
            "ref: refs/heads/.invalid",
        ] {
            write(git.join("HEAD"), head).unwrap();
            assert_eq!(read(dir.path()).unwrap().commit, None, "{head:?}");
        }
        write(git.join("HEAD"), format!("{COMMIT}\n")).unwrap();
        let detached = read(dir.path()).unwrap();
        assert_eq!((detached.commit.as_deref(), detached.branch), (Some(COMMIT), None));
        // A reference that points to itself.
        write(git.join("HEAD"), "ref: refs/heads/loop").unwrap();
        write(git.join("refs/heads/loop"), "ref: refs/heads/loop").unwrap();
        assert_eq!(read(dir.path()).unwrap().commit, None);
        write(git.join("HEAD"), [0xff; 40]).unwrap();
        assert_eq!(read(dir.path()).unwrap().commit, None);
        std::fs::remove_dir_all(&git).unwrap();
        for link in ["", "gitdir:", "gitdir: /nowhere/at/all"] {
            write(&git, link).unwrap();
            assert_eq!(git_dir(&git).filter(|dir| dir.join("HEAD").exists()), None, "{link:?}");
        }
    }

    /// The repository of this crate, if the tests run in one.
    #[test]
    fn the_same_as_git_itself() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let git = |arguments: &[&str]| {
            let output = Command::new("git").args(arguments).current_dir(dir).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| text.trim().to_owned())
        };
        let Some(commit) = git(&["rev-parse", "HEAD"]) else {
            println!("no git, or no repository: nothing to compare");
            return;
        };
        let found = read(dir).unwrap();
        assert_eq!(found.commit, Some(commit));
        assert_eq!(found.branch, git(&["symbolic-ref", "--short", "-q", "HEAD"]));
        let dirty =
            git(&["status", "--porcelain", "--untracked-files=no"]).map(|text| !text.is_empty());
        assert_eq!(is_dirty("git", dir, Duration::from_secs(60)).ok(), dirty);
    }

    #[test]
    #[cfg(unix)]
    fn a_pipe_is_no_repository() {
        let dir = tempfile::tempdir().unwrap();
        let made = Command::new("mkfifo").arg(dir.path().join(".git")).status();
        if made.is_ok_and(|status| status.success()) {
            // It has no commit, unless the directory for temporary files is in a repository.
            let found = read(dir.path()).and_then(|repository| repository.commit);
            assert_eq!(found, read(dir.path().parent().unwrap()).and_then(|outer| outer.commit));
        }
    }

    #[test]
    #[cfg(unix)]
    fn git_is_bounded_in_time() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let slow = dir.path().join("git");
        write(&slow, "#!/bin/sh\nexec sleep 60\n").unwrap();
        std::fs::set_permissions(&slow, std::fs::Permissions::from_mode(0o755)).unwrap();
        let started = Instant::now();
        let error =
            is_dirty(slow.to_str().unwrap(), dir.path(), Duration::from_millis(50)).unwrap_err();
        assert!(error.ends_with("diff took longer than 50ms"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30));
        let error = is_dirty("no-such-git", dir.path(), Duration::from_secs(1)).unwrap_err();
        assert!(error.starts_with("cannot run no-such-git: "), "{error}");
    }
}
