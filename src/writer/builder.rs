//! The settings of a writer.

use super::observer::WriteSpans;
use super::rank::{Rank, RankDirs};
use super::resume::{OlderFiles, Resume, ResumeAt};
use super::run::{Shared, Stored};
use super::{Error, SummaryWriter, names};
use crate::engine::{self, Buffer, Clock, Durability, FileSettings, Limits, Overflow};
#[cfg(feature = "profile")]
use crate::profile::Profiler;
use crate::storage::{Local, Storage};
use crate::summary::{MediaEncoding, ScalarEncoding, Step, WallTime};
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// With a smaller buffer, some of the events that a typical training logs would not fit.
const MIN_BUFFER: usize = 64 << 10;
/// Longer than any training, and short enough to be added to any `Instant`.
const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// Often enough for any mount, and few enough files.
const MIN_FILE_AGE: Duration = Duration::from_secs(1);
/// Twice the size of a full block.
const MIN_FILE: u64 = 256 << 10;

/// The settings of a [`SummaryWriter`], created by [`SummaryWriter::builder`].
///
/// ```
/// use std::time::Duration;
/// use tfevents::{SummaryWriter, Overflow};
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = SummaryWriter::builder(path)
///     .flush_interval(Duration::from_secs(5))
///     .overflow(Overflow::Drop)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SummaryWriterBuilder {
    path: PathBuf,
    time_format: Option<String>,
    storage: Arc<dyn Storage>,
    flush_interval: Option<Duration>,
    flush_timeout: Option<Duration>,
    buffer: Option<usize>,
    overflow: Overflow,
    suffix: String,
    clock: Clock,
    scalar_encoding: Option<ScalarEncoding>,
    media_encoding: MediaEncoding,
    spans: WriteSpans,
    durability: Durability,
    max_file_bytes: u64,
    max_file_age: Option<Duration>,
    resume: Option<ResumeAt>,
    older_files: OlderFiles,
    rank: Option<(Rank, RankDirs)>,
    /// Event files of another writer in the directory are expected.
    beside_others: bool,
}

impl SummaryWriterBuilder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            time_format: None,
            storage: Arc::new(Local),
            flush_interval: None,
            flush_timeout: None,
            buffer: None,
            overflow: Overflow::Block(Duration::from_secs(1)),
            suffix: String::new(),
            clock: Clock::default(),
            scalar_encoding: None,
            media_encoding: MediaEncoding::default(),
            spans: WriteSpans::default(),
            durability: Durability::default(),
            max_file_bytes: u64::MAX,
            max_file_age: None,
            resume: None,
            older_files: OlderFiles::Keep,
            rank: None,
            beside_others: false,
        }
    }

    /// Logs into a new directory in the builder's path, named by the local time. `format` is that of
    /// `strftime`. If the directory exists, the name gets a suffix: `-2`, `-3` and so on. Default:
    /// the path itself.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::builder(dir.path()).timestamped("%Y-%m-%d").build()?;
    /// assert!(writer.path().starts_with(dir.path()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "comment")]
    pub fn timestamped(mut self, format: impl Into<String>) -> Self {
        self.time_format = Some(format.into());
        self
    }

    /// Sets the storage that the files of the run and its child runs are in. Default: the local file
    /// system, [`Local`]. Other storages may have other defaults for the settings below: see
    /// [`Pace`](crate::storage::Pace).
    ///
    /// ```
    /// use tfevents::storage::InMemory;
    ///
    /// let storage = InMemory::new();
    /// let writer = tfevents::SummaryWriter::builder("mlp").storage(storage.clone()).build()?;
    /// writer.add_scalar("loss", 0.5, 0);
    /// writer.close()?;
    /// assert_eq!(storage.paths().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn storage(mut self, storage: impl Storage) -> Self {
        self.storage = Arc::new(storage);
        self
    }

    /// Sets the rank of this process in a distributed training, and which ranks log. Default: this
    /// process logs into the writer's directory.
    ///
    /// With [`timestamped`](Self::timestamped), the processes may see different times: use the name or
    /// the number of the job in the path instead.
    ///
    /// ```
    /// use tfevents::{Rank, RankDirs, SummaryWriter};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = SummaryWriter::builder(path).rank(Rank::new(3), RankDirs::Each).build()?;
    /// assert_eq!(writer.path(), path.join("rank-003"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rank(mut self, rank: Rank, dirs: RankDirs) -> Self {
        self.rank = Some((rank, dirs));
        self
    }

    /// Sets how long an event may stay buffered before it is written. Default: 1 s.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).flush_interval(Duration::from_secs(5)).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("flush_secs", "flush_millis"))]
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = Some(interval);
        self
    }

    /// Sets the maximum time that `flush`, `close` and dropping the writer wait for the disk.
    /// Default: 5 s.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).flush_timeout(Duration::from_secs(30)).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.flush_timeout = Some(timeout);
        self
    }

    /// Sets how many bytes of memory unwritten events may use; at least 64 KiB. Default: 64 MiB.
    ///
    /// Events of up to 16 KiB may use 12 MiB of it (of a smaller buffer an eighth, and at least 32
    /// KiB), larger events the rest. An event that is larger than that rest is dropped.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).buffer_bytes(256 << 20).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "max_queue")]
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer = Some(bytes.max(MIN_BUFFER));
        self
    }

    /// Sets the policy for events that are logged while the buffer is full. Default: the call waits
    /// up to 1 s, then the event is dropped.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tfevents::Overflow;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).overflow(Overflow::Block(Duration::from_millis(10))).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn overflow(mut self, policy: Overflow) -> Self {
        self.overflow = policy;
        self
    }

    /// Sets a suffix for the names of event files. It must consist of characters that are allowed in
    /// file names on every system. Default: no suffix.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).file_suffix(".worker-3").build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "filename_suffix")]
    pub fn file_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.suffix = suffix.into();
        self
    }

    /// Sets when files are synced to the disk. Default: never, [`Durability::Os`].
    ///
    /// ```
    /// use tfevents::Durability;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).durability(Durability::SyncOnInterval).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "fsync")]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Starts a new file before the current one would exceed `bytes`; at least 256 KiB. An event
    /// that is larger gets a file of its own. Default: one file.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).max_file_bytes(1 << 30).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_file_bytes(mut self, bytes: u64) -> Self {
        self.max_file_bytes = bytes.max(MIN_FILE);
        self
    }

    /// Closes a file when it is this old, and starts a new one with the next event. Default: one file.
    ///
    /// For mounts that show a file to others when it is closed, such as s3fs, mountpoint-s3 and
    /// gcsfuse: a minute shows each event about a minute later. At least 1 s.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).max_file_age(Duration::from_secs(60)).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_file_age(mut self, age: Duration) -> Self {
        self.max_file_age = Some(age.clamp(MIN_FILE_AGE, MAX_DURATION));
        self
    }

    /// Continues an earlier session of this directory at `step`: the points that it logged at `step`
    /// or later are replaced, in this run at once and in each child run when it is opened. A child
    /// run that this session does not open keeps them.
    ///
    /// The new file begins with two events that make TensorBoard's Python reader drop those points;
    /// [`Stats`](crate::Stats) counts them, in each run. TensorBoard's data server drops the old
    /// points of each tag that is logged again; for tags that are not, see
    /// [`rewrite_on_resume`](Self::rewrite_on_resume). The older files do not change.
    ///
    /// ```
    /// use tfevents::SummaryWriter;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let checkpoint = 500; // the step that it was made at
    /// let writer = SummaryWriter::builder(path).resume_at(checkpoint).build()?;
    /// assert_eq!(writer.resumed_at(), Some(500));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "purge_step")]
    pub fn resume_at(mut self, step: impl Step) -> Self {
        self.resume = Some(ResumeAt::Step(step.to_step()));
        self
    }

    /// Continues an earlier session after its last logged step: that of this run, or if this run is
    /// empty, that of the runs below it. Child runs continue after their own last steps.
    /// [`resumed_at`](SummaryWriter::resumed_at) returns the first step of the new session.
    ///
    /// This reads the older files, when the writer is built and when a child run is opened.
    ///
    /// ```
    /// use tfevents::SummaryWriter;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = SummaryWriter::new(path)?;
    /// writer.add_scalar("loss", 0.5, 41);
    /// writer.close()?;
    /// let writer = SummaryWriter::builder(path).resume().build()?;
    /// assert_eq!(writer.resumed_at(), Some(42));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume(mut self) -> Self {
        self.resume = Some(ResumeAt::End);
        self
    }

    /// Sets whether resuming also merges the older files into one, without the replaced points, as
    /// [`compact`](crate::compact()) does. Then no reader shows those points. Default: `false`.
    ///
    /// This waits for the disk, when the writer is built and when a child run is opened. A running
    /// TensorBoard shows a tag that was removed as a whole until it is restarted. Older files that
    /// cannot be removed are logged as a warning; the data server then still shows such a tag, and all
    /// other points once.
    ///
    /// ```
    /// use tfevents::SummaryWriter;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = SummaryWriter::builder(path).resume_at(500).rewrite_on_resume(true).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rewrite_on_resume(mut self, rewrite: bool) -> Self {
        self.older_files = if rewrite { OlderFiles::Rewrite } else { OlderFiles::Keep };
        self
    }

    /// Sets the clock that events get their wall times from. Default: the system's clock.
    ///
    /// Each `add_*` call calls the function while it locks the buffer, so the function should be
    /// fast and must not log into the writer.
    ///
    /// ```
    /// use tfevents::WallTime;
    ///
    /// let then = WallTime::try_from_secs_f64(1_700_000_000.0)?;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).clock(move || then).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "walltime")]
    pub fn clock(mut self, now: impl Fn() -> WallTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Custom(Arc::new(move || now().as_secs_f64()));
        self
    }

    /// Sets the encoding of scalars, including those that callbacks log. Default:
    /// [`ScalarEncoding::Simple`], which every tool reads; for the [`TensorBoard`] callback
    /// [`ScalarEncoding::Tensor`], as in Keras.
    ///
    /// [`TensorBoard`]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.TensorBoard.html
    ///
    /// ```
    /// use tfevents::summary::ScalarEncoding;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).scalar_encoding(ScalarEncoding::Tensor).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "new_style")]
    pub fn scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.scalar_encoding = Some(encoding);
        self
    }

    /// Sets how images and audio are stored, by callbacks too. Default: as tensors.
    ///
    /// ```
    /// use tfevents::summary::MediaEncoding;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).media_encoding(MediaEncoding::Simple).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn media_encoding(mut self, encoding: MediaEncoding) -> Self {
        self.media_encoding = encoding;
        self
    }

    /// Sets a profiler whose traces show when the background thread writes. Default: none.
    ///
    /// ```
    /// use tfevents::{Profiler, SummaryWriter};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let profiler = Profiler::new();
    /// let writer = SummaryWriter::builder(path).profiler(&profiler).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "profile")]
    pub fn profiler(mut self, profiler: &Profiler) -> Self {
        self.spans = WriteSpans::new(profiler);
        self
    }

    /// Expects event files of another writer in the directory.
    pub(super) fn beside_others(mut self) -> Self {
        self.beside_others = true;
        self
    }

    /// Builds the writer: creates the directory, checks that a file can be created in it, and starts
    /// the thread that writes. The event file itself is created with the first event.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the directory cannot be created or written to, if the time format or the file suffix is
    /// invalid, if the files to resume cannot be read, or if the thread cannot be spawned.
    pub fn build(self) -> Result<SummaryWriter, Error> {
        let storage = self.storage.clone();
        // It would mean the current directory, but more likely a setting is missing.
        if self.path.as_os_str().is_empty() {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "the path is empty");
            return Err(Error::directory(&self.path, error));
        }
        if let Some(reason) = names::fault(&format!("x{}", self.suffix)) {
            return Err(Error::FileSuffix { suffix: self.suffix, reason });
        }
        let parent = match self.rank {
            Some((rank, dirs)) => match rank.dir(&self.path, dirs) {
                Some(path) => path,
                None => return Ok(SummaryWriter::disabled()),
            },
            None => self.path,
        };
        let path = match &self.time_format {
            None => parent,
            Some(format) => timestamped(&*storage, &parent, format)?,
        };
        // The process may change its current directory before the first file is created.
        let dir = storage.absolute(&path).map_err(|error| Error::directory(&path, error))?;
        storage.probe(&dir).map_err(|error| Error::directory(&dir, error))?;
        storage.remove_abandoned(&dir);
        let resume = match self.resume.map(|at| Resume::new(at, self.older_files)) {
            Some(resume) => {
                let step = resume.step(&storage, &dir)?;
                Some((resume, step))
            }
            None => None,
        };
        let mut pace = storage.pace();
        if let Some(interval) = self.flush_interval {
            (pace.interval, pace.age_share) = (interval, 0.0);
        }
        if let Some(timeout) = self.flush_timeout {
            pace.flush_timeout = timeout;
        }
        let mut pace = pace.limited(MAX_DURATION);
        let buffer_bytes = self.buffer.unwrap_or(pace.buffer_bytes).max(MIN_BUFFER);
        let small = if buffer_bytes >= pace.buffer_bytes {
            pace.small_bytes
        } else if pace.whole_batches {
            buffer_bytes / 2
        } else {
            (buffer_bytes / 8).max(MIN_BUFFER / 2)
        };
        pace.wake_bytes = pace.wake_bytes.min(small / 5 * 4);
        let limits = Limits {
            flush_interval: pace.interval,
            small,
            large: buffer_bytes - small,
            overflow: self.overflow,
            durability: self.durability,
        };
        let flush_timeout = pace.flush_timeout;
        let buffer = Buffer::new(limits, self.clock).with_pace(pace).with_storage(storage.clone());
        let buffer = Arc::new(buffer);
        let spans = Arc::new(self.spans);
        let beside_others = self.resume.is_some() || self.beside_others || !self.suffix.is_empty();
        let suffix = if storage.names_may_collide() {
            format!(".{:016x}{}", RandomState::new().hash_one(std::process::id()), self.suffix)
        } else {
            self.suffix
        };
        let settings = FileSettings {
            beside_others,
            suffix,
            max_bytes: self.max_file_bytes,
            max_age: self.max_file_age,
            sync: self.durability != Durability::Os,
            // The end of what is written beside a run is not the end of the run.
            mark_ends: !self.beside_others,
        };
        let thread = {
            let buffer = buffer.clone();
            let spans = spans.clone();
            std::thread::Builder::new()
                .name("tfevents".to_owned())
                .spawn(move || engine::run(&buffer, &settings, &*spans))
                .map_err(|source| Error::Thread { source })?
        };
        let stored = Stored { scalars: self.scalar_encoding, media: self.media_encoding };
        let shared = Shared::new(buffer, storage, thread, flush_timeout, stored, resume, spans);
        SummaryWriter::root(shared, path.into(), dir.into())
    }
}

/// Creates a new directory in `parent` that is named by the local time.
fn timestamped(storage: &dyn Storage, parent: &Path, format: &str) -> Result<PathBuf, Error> {
    let mut name = String::new();
    let now = chrono::Local::now().format(format);
    let usable = write!(name, "{now}").is_ok() && names::is_plain(&name);
    if !usable {
        return Err(Error::TimeFormat { format: format.to_owned() });
    }
    storage.create_dir_all(parent).map_err(|error| Error::directory(parent, error))?;
    let mut path = parent.join(&name);
    for number in 2u32.. {
        match storage.create_dir(&path) {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = parent.join(format!("{name}-{number}"));
            }
            Err(error) => return Err(Error::directory(&path, error)),
        }
    }
    Ok(path)
}
