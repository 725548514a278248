//! A log directory: its runs, found and sorted as TensorBoard does, and followed as they change.

use super::frame::Frames;
use super::parallel;
use super::records::{Location, is_event_file};
use super::{Points, ReadError, Run};
use crate::storage::{self, Kind, Local, Storage};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// A log directory, with all runs below it.
///
/// A run is a directory with an event file: a file whose name contains `tfevents`. Runs are named
/// by their paths below the log directory, with `/` on every system, and sorted by their first wall
/// times, then by name. Links are followed; what cannot be listed is left out, and reported through
/// the `log` facade.
///
/// ```
/// use tfevents::read::LogDir;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path().join("fit/train"))?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let logdir = LogDir::open(dir.path())?;
/// for run in logdir.runs() {
///     println!("{}: {:?}", run.name(), run.scalars("loss")?.last());
/// }
/// assert_eq!(logdir.run("fit/train").unwrap().scalars("loss")?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LogDir {
    location: Location,
    points: Points,
    threads: Option<usize>,
    runs: Vec<Run>,
    /// By name, what was last seen of a run.
    seen: HashMap<String, Seen>,
    /// The directories that were listed, and when each last changed then.
    dirs: Vec<(PathBuf, Option<SystemTime>)>,
    listed: Instant,
    /// When all runs and directories were last looked at, also those that are silent.
    checked: Instant,
}

/// The names of the runs that [`LogDir::refresh`] found added, changed or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// New runs.
    pub added: Vec<String>,
    /// Runs whose newest file has grown, or that have a new file.
    pub changed: Vec<String>,
    /// Runs whose directories, or all files, are gone.
    pub removed: Vec<String>,
}

impl Changes {
    /// Returns whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// The last observations of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    newest: PathBuf,
    len: u64,
    start: f64,
    modified: Option<SystemTime>,
}

impl Seen {
    fn is_silent(&self, now: SystemTime) -> bool {
        let age = self.modified.map(|modified| now.duration_since(modified).unwrap_or_default());
        age.is_some_and(|age| age > SILENCE)
    }
}

/// The interval of full listings: times of directories are coarse, and not kept everywhere.
const LISTING: Duration = Duration::from_secs(10);

/// After so long without a change a run, or a directory, is looked at once a second at most.
const SILENCE: Duration = Duration::from_secs(60);
const SILENT_CHECK: Duration = Duration::from_millis(900);

impl LogDir {
    /// Finds the runs of a log directory. A single event file is a log directory of one run.
    ///
    /// Only the first event of each run is read.
    ///
    /// # Errors
    /// [`ReadErrorKind::Io`](super::ReadErrorKind::Io) if there is nothing, or the directory itself
    /// cannot be listed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        Self::open_on(Local, path)
    }

    /// Finds the runs of a log directory in a storage.
    ///
    /// ```
    /// use tfevents::read::LogDir;
    /// use tfevents::storage::InMemory;
    ///
    /// let storage = InMemory::new();
    /// # let writer = tfevents::SummaryWriter::builder("runs").storage(storage.clone()).build()?;
    /// # writer.add_scalar("loss", 0.5, 0);
    /// # writer.close()?;
    /// assert_eq!(LogDir::open_on(storage, "runs")?.runs().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(storage: impl Storage, path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let location = Location::new(Arc::new(storage), path.as_ref())?;
        let mut logdir = Self {
            location,
            points: Points::default(),
            threads: None,
            runs: Vec::new(),
            seen: HashMap::new(),
            dirs: Vec::new(),
            listed: Instant::now(),
            checked: Instant::now(),
        };
        logdir.list()?;
        Ok(logdir)
    }

    /// Sets which points of its runs count. Default: [`Points::DataServer`].
    pub fn with_points(mut self, points: Points) -> Self {
        self.points = points;
        self.runs = self.runs.into_iter().map(|run| run.with_points(points)).collect();
        self
    }

    /// Sets how many threads [`map_runs`](Self::map_runs) uses, at least 1. Default: the
    /// number that the operating system reports.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Returns the directory.
    pub fn path(&self) -> &Path {
        &self.location.path
    }

    /// Returns the runs, in TensorBoard's order.
    #[doc(alias = "iter")]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Returns a run by its name: the path below the log directory; `.` for that itself.
    #[doc(alias = "get")]
    pub fn run(&self, name: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.name() == name)
    }

    /// Calls a function with each run, on several threads; returns the results in the order of
    /// the runs.
    ///
    /// ```
    /// use tfevents::read::LogDir;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # for seed in 0..3 {
    /// #     let writer = tfevents::SummaryWriter::new(dir.path().join(format!("seed{seed}")))?;
    /// #     writer.add_scalar("loss", seed as f32, 7);
    /// #     writer.close()?;
    /// # }
    /// let logdir = LogDir::open(dir.path())?;
    /// let losses = logdir.map_runs(|run| run.scalars("loss"));
    /// for (run, loss) in logdir.runs().iter().zip(losses) {
    ///     println!("{}: {:?}", run.name(), loss?.last());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// If the function panics.
    pub fn map_runs<T: Send>(&self, f: impl Fn(&Run) -> T + Sync) -> Vec<T> {
        let threads = self.threads.unwrap_or_else(parallel::available);
        let of_each = (threads / self.runs.len().max(1)).max(1);
        parallel::map(threads, &self.runs, |run| f(&run.clone().with_threads(of_each)))
    }

    /// Looks for new runs, runs that have changed, and runs that were removed.
    ///
    /// No events are read but the first of new runs: [`RunScalars::refresh`] and
    /// [`Scan::for_each`] then read what is new in those that have changed. While nothing happens
    /// this asks for the sizes of the newest files (once a second for runs that have been silent for
    /// a minute) and, once a second, for the times of the directories; they are listed when a time
    /// has changed, and every ten seconds.
    ///
    /// # Errors
    /// Returns the errors of [`open`](Self::open).
    ///
    /// [`RunScalars::refresh`]: super::RunScalars::refresh
    /// [`Scan::for_each`]: super::Scan::for_each
    pub fn refresh(&mut self) -> Result<Changes, ReadError> {
        let storage = &self.location.storage;
        let now = SystemTime::now();
        let all = self.checked.elapsed() >= SILENT_CHECK;
        if all {
            self.checked = Instant::now();
        }
        let is_same = |(dir, seen): &(PathBuf, Option<SystemTime>)| {
            let modified = || storage.metadata(dir).ok().and_then(|found| found.modified);
            !all || modified() == *seen
        };
        if self.listed.elapsed() >= LISTING || !self.dirs.iter().all(is_same) {
            return self.list();
        }
        let mut changes = Changes::default();
        let mut is_gone = false;
        for (name, seen) in &mut self.seen {
            if !all && seen.is_silent(now) {
                continue;
            }
            match storage.metadata(&seen.newest) {
                Ok(found) if found.len == seen.len => {}
                Ok(found) => {
                    (seen.len, seen.modified) = (found.len, found.modified);
                    changes.changed.push(name.clone());
                }
                Err(_) => is_gone = true,
            }
        }
        if is_gone {
            let listed = self.list()?;
            changes.added = listed.added;
            changes.removed = listed.removed;
            changes.changed.extend(listed.changed);
        }
        changes.changed.sort();
        Ok(changes)
    }

    /// Lists everything.
    fn list(&mut self) -> Result<Changes, ReadError> {
        self.listed = Instant::now();
        let mut found = Found::default();
        if self.location.is_file {
            let dir = self.location.path.clone();
            found.runs.push((".".to_owned(), dir.clone(), vec![dir]));
        } else {
            let result = found.walk(&*self.location.storage, &self.location.path, "");
            result.map_err(|error| ReadError::io(&self.location.path, error))?;
        }
        self.dirs = found.dirs;
        let mut changes = Changes::default();
        let names: HashSet<&str> = found.runs.iter().map(|(name, ..)| &**name).collect();
        self.seen.retain(|name, _| names.contains(&**name));
        self.runs.retain(|run| {
            let is_found = names.contains(run.name());
            if !is_found {
                changes.removed.push(run.name().to_owned());
            }
            is_found
        });
        for (name, path, files) in found.runs {
            let Some(newest) = files.last().cloned() else { continue };
            let storage = self.location.storage.clone();
            let (len, modified) = match storage.metadata(&newest) {
                Ok(found) => (found.len, found.modified),
                Err(_) => (0, None),
            };
            let known = self.seen.get_mut(&name);
            if let Some(seen) = known {
                if (&seen.newest, seen.len) != (&newest, len) {
                    (seen.newest, seen.len) = (newest, len);
                    seen.modified = modified;
                    changes.changed.push(name.clone());
                }
                // A run that was empty before has its first event now.
                if seen.start.is_infinite() {
                    seen.start = start(&*storage, &files);
                }
                continue;
            }
            let start = start(&*storage, &files);
            let location = Location { storage, path, is_file: self.location.is_file };
            self.runs.push(Run::new(name.clone(), location, self.points));
            self.seen.insert(name.clone(), Seen { newest, len, start, modified });
            changes.added.push(name);
        }
        let seen = &self.seen;
        let start = |run: &Run| seen.get(run.name()).map_or(f64::INFINITY, |seen| seen.start);
        self.runs
            .sort_by(|a, b| start(a).total_cmp(&start(b)).then_with(|| a.name().cmp(b.name())));
        for names in [&mut changes.added, &mut changes.changed, &mut changes.removed] {
            names.sort();
        }
        Ok(changes)
    }
}

/// Returns the wall time of the first event; infinity if there is none.
fn start(storage: &dyn Storage, files: &[PathBuf]) -> f64 {
    for file in files {
        let Ok(source) = storage.open(file, 0) else { continue };
        let mut frames = Frames::with_chunk(source, 4 << 10);
        if !matches!(frames.advance(), Ok(true)) {
            continue;
        }
        if let Ok(event) = super::decode::event(frames.data(), &mut Vec::new()) {
            return event.wall_time;
        }
    }
    f64::INFINITY
}

/// The findings of a walk through all directories.
#[derive(Default)]
struct Found {
    /// The name, the directory, and its event files.
    runs: Vec<(String, PathBuf, Vec<PathBuf>)>,
    dirs: Vec<(PathBuf, Option<SystemTime>)>,
}

impl Found {
    /// Walks a directory and all below it.
    fn walk(&mut self, storage: &dyn Storage, dir: &Path, name: &str) -> std::io::Result<()> {
        // Before the list: what changes meanwhile is listed again.
        let modified = storage.metadata(dir).ok().and_then(|found| found.modified);
        let mut entries = storage.list(dir)?;
        storage::sort(&mut entries);
        self.dirs.push((dir.to_owned(), modified));
        let mut files = Vec::new();
        for entry in entries {
            let path = dir.join(&entry.name);
            let mut kind = entry.kind;
            if kind == Kind::Link {
                kind = storage.metadata(&path).map_or(Kind::Other, |found| found.kind);
            }
            match kind {
                Kind::File if is_event_file(&entry.name.to_string_lossy()) => files.push(path),
                Kind::Dir => {
                    // A link to a directory that contains it would never end.
                    if entry.kind == Kind::Link && contains(&path, dir) {
                        log::warn!("{}: a link to a directory that contains it", path.display());
                        continue;
                    }
                    let child = entry.name.to_string_lossy();
                    let child = match name {
                        "" => child.into_owned(),
                        name => format!("{name}/{child}"),
                    };
                    if let Err(error) = self.walk(storage, &path, &child) {
                        log::warn!("{}: left out: {error}", path.display());
                    }
                }
                _ => {}
            }
        }
        if !files.is_empty() {
            let name = if name.is_empty() { "." } else { name };
            self.runs.push((name.to_owned(), dir.to_owned(), files));
        }
        Ok(())
    }
}

/// Returns whether what a link leads to contains a directory.
fn contains(link: &Path, dir: &Path) -> bool {
    let real = std::fs::canonicalize(link).and_then(|link| Ok((link, std::fs::canonicalize(dir)?)));
    real.is_ok_and(|(link, dir)| dir.starts_with(link))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Entry, EventFile, Metadata, Output};
    use crate::writer::SummaryWriter;
    use std::io::{self, Read};
    use std::sync::atomic::{AtomicU64, Ordering};

    fn write(dir: &Path, steps: std::ops::Range<i64>) {
        let writer = SummaryWriter::new(dir).unwrap();
        for step in steps {
            writer.add_scalar("loss", step as f32, step);
        }
        writer.close().unwrap();
    }

    fn names(logdir: &LogDir) -> Vec<&str> {
        logdir.runs().iter().map(Run::name).collect()
    }

    #[test]
    fn runs_are_found_and_sorted_by_their_start() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b", "a/x", "", "c"] {
            write(&dir.path().join(name), 0..1);
        }
        std::fs::create_dir(dir.path().join("empty")).unwrap();
        std::fs::write(dir.path().join("empty/notes.txt"), "no events").unwrap();
        std::fs::create_dir(dir.path().join("d.tfevents")).unwrap();
        let logdir = LogDir::open(dir.path()).unwrap();
        assert_eq!(names(&logdir), ["b", "a/x", ".", "c"]);
        let lens = logdir.map_runs(|run| run.scalars("loss").unwrap().len());
        assert_eq!(lens, [1; 4]);
        let file = &logdir.run("c").unwrap().files().unwrap()[0];
        let alone = LogDir::open(file).unwrap();
        assert_eq!(names(&alone), ["."]);
        assert_eq!(alone.runs()[0].scalars("loss").unwrap().len(), 1);
        assert!(LogDir::open(dir.path().join("nothing")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        write(&elsewhere.path().join("run"), 0..1);
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("circle")).unwrap();
        let logdir = LogDir::open(dir.path()).unwrap();
        assert_eq!(names(&logdir), ["link/run"]);
    }

    #[test]
    fn changes_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join("a"), 0..2);
        let mut logdir = LogDir::open(dir.path()).unwrap();
        assert!(logdir.refresh().unwrap().is_empty());
        let mut scalars = logdir.runs()[0].all_scalars().unwrap();
        assert_eq!(scalars["loss"].len(), 2);

        // A new file in a run, and a new run.
        write(&dir.path().join("a"), 2..4);
        write(&dir.path().join("b"), 0..1);
        logdir.listed = Instant::now() - LISTING;
        let changes = logdir.refresh().unwrap();
        assert_eq!((changes.added, changes.changed), (vec!["b".to_owned()], vec!["a".to_owned()]));
        scalars.refresh().unwrap();
        assert_eq!(scalars["loss"].steps(), [0, 1, 2, 3]);
        assert!(logdir.refresh().unwrap().is_empty());

        // The same by the time of a directory.
        write(&dir.path().join("a"), 4..5);
        let a = dir.path().join("a");
        let (_, seen) = logdir.dirs.iter_mut().find(|(dir, _)| *dir == a).unwrap();
        *seen = seen.map(|seen| seen - Duration::from_secs(1));
        logdir.checked = Instant::now() - SILENT_CHECK;
        assert_eq!(logdir.refresh().unwrap().changed, ["a"]);

        // A file that grows.
        let writer = SummaryWriter::new(dir.path().join("c")).unwrap();
        writer.add_scalar("loss", 0.5, 0);
        writer.flush().unwrap();
        logdir.listed = Instant::now() - LISTING;
        assert_eq!(logdir.refresh().unwrap().added, ["c"]);
        writer.add_scalar("loss", 1.0, 1);
        writer.flush().unwrap();
        logdir.dirs.clear();
        assert_eq!(logdir.refresh().unwrap().changed, ["c"]);

        // Windows keeps the directory while a file in it is open.
        drop(scalars);
        std::fs::remove_dir_all(dir.path().join("a")).unwrap();
        logdir.listed = Instant::now() - LISTING;
        assert_eq!(logdir.refresh().unwrap().removed, ["a"]);
        assert_eq!(names(&logdir), ["b", "c"]);
    }

    /// One event file in each of several directories, which nobody has written to for an hour.
    /// Counts the calls.
    #[derive(Debug, Default)]
    struct Idle {
        runs: usize,
        metadata: AtomicU64,
        lists: AtomicU64,
        opens: AtomicU64,
    }

    const FILE: &str = "events.out.tfevents.1.host";

    impl Idle {
        /// Returns how many calls there were since the last call.
        fn take(&self) -> [u64; 3] {
            [&self.metadata, &self.lists, &self.opens].map(|calls| calls.swap(0, Ordering::Relaxed))
        }
    }

    impl Storage for Arc<Idle> {
        fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
            self.lists.fetch_add(1, Ordering::Relaxed);
            Ok(match dir.parent() {
                Some(parent) if parent.as_os_str().is_empty() => {
                    (0..self.runs).map(|run| Entry::new(format!("{run}"), Kind::Dir)).collect()
                }
                _ => vec![Entry::new(FILE, Kind::File)],
            })
        }

        fn metadata(&self, path: &Path) -> io::Result<Metadata> {
            self.metadata.fetch_add(1, Ordering::Relaxed);
            let hour = Duration::from_secs(3600);
            let is_file = path.ends_with(FILE);
            Ok(if is_file {
                Metadata::file(9, Some(SystemTime::now() - hour))
            } else {
                Metadata::dir()
            })
        }

        fn open(&self, _: &Path, _: u64) -> io::Result<Box<dyn Read + Send>> {
            self.opens.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(io::empty()))
        }

        fn probe(&self, _: &Path) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn create(&self, _: &Path) -> io::Result<Box<dyn EventFile>> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn replace(
            &self,
            _: &Path,
            _: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
        ) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn remove(&self, _: &Path) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn create_dir(&self, _: &Path) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// `benches/peers --reading` measures the time.
    #[test]
    fn following_idle_runs_asks_for_little() {
        const RUNS: usize = 1000;
        const INTERVAL: Duration = Duration::from_millis(250);
        const CALLS: u32 = 120;
        let storage = Arc::new(Idle { runs: RUNS, ..Idle::default() });
        let mut logdir = LogDir::open_on(storage.clone(), "logs").unwrap();
        assert_eq!(logdir.runs().len(), RUNS);
        storage.take();
        let begun = Instant::now();
        for _ in 0..CALLS {
            logdir.listed -= INTERVAL;
            logdir.checked -= INTERVAL;
            assert!(logdir.refresh().unwrap().is_empty());
        }
        let [metadata, lists, opens] = storage.take();
        let time = INTERVAL * CALLS + begun.elapsed();
        let times = |interval: Duration| time.as_millis() as u64 / interval.as_millis() as u64 + 1;
        let (checks, listings, dirs) = (times(SILENT_CHECK), times(LISTING), RUNS as u64 + 1);
        // The file and the directory of each run, and both again in each listing.
        assert!(metadata <= 2 * dirs * (checks + listings), "{metadata} in {time:?}");
        assert!(lists <= dirs * listings, "{lists} in {time:?}");
        // A file without an event may have its first one now.
        assert!(opens <= dirs * listings, "{opens} in {time:?}");
    }
}
