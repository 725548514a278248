//! The settings of a writer.

use super::clock::Clock;
use super::core::Core;
use super::policy::{Durability, Overflow};
use super::queue::{Limits, Queue};
use super::resume::{Resume, ResumeAt};
use super::spans::Spans;
use super::storage::{Local, Storage};
use super::{Error, SummaryWriter, background, file, path};
#[cfg(feature = "profile")]
use crate::profile::Profiler;
use crate::summary::{ScalarEncoding, Step, WallTime};
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Small events may take this much of the buffer.
const SMALL: usize = 12 << 20;
/// All events, unless set otherwise.
const BUFFER: usize = 64 << 20;
/// Longer than any training, and short enough to be added to any time.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// With less than this, not every event that a training logs would fit.
const LEAST: usize = 64 << 10;

/// Twice what is written at a time.
const LEAST_FILE: u64 = 256 << 10;

/// Settings for a [`SummaryWriter`]; made by [`SummaryWriter::builder`].
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
    flush_interval: Duration,
    flush_timeout: Duration,
    buffer: usize,
    overflow: Overflow,
    suffix: String,
    clock: Clock,
    scalar_encoding: ScalarEncoding,
    spans: Spans,
    durability: Durability,
    max_file_bytes: u64,
    resume: Option<ResumeAt>,
    rewrite: bool,
}

impl SummaryWriterBuilder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            time_format: None,
            flush_interval: Duration::from_secs(1),
            flush_timeout: Duration::from_secs(5),
            buffer: BUFFER,
            overflow: Overflow::Block(Duration::from_secs(1)),
            suffix: String::new(),
            clock: Clock::default(),
            scalar_encoding: ScalarEncoding::default(),
            spans: Spans::default(),
            durability: Durability::default(),
            max_file_bytes: u64::MAX,
            resume: None,
            rewrite: false,
        }
    }

    /// Logs into a directory below the path that is named by the local time, in `strftime`'s
    /// format. One that exists already is left alone: the name gets `-2`, `-3` and so on.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::builder(dir.path()).timestamped("%Y-%m-%d").build()?;
    /// assert!(writer.path().starts_with(dir.path()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timestamped(mut self, format: impl Into<String>) -> Self {
        self.time_format = Some(format.into());
        self
    }

    /// An event is in the file at most so long after the call that logged it. Default: 1 s.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).flush_interval(Duration::from_secs(5)).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = interval;
        self
    }

    /// How long `flush`, `close` and drop wait for the storage at most. Default: 5 s.
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
        self.flush_timeout = timeout;
        self
    }

    /// How many bytes of events may wait to be written; at least 64 KiB. Default: 64 MiB, of
    /// which events below 16 KiB may take 12 MiB (with less than that: an eighth). An event that is
    /// larger than the rest is dropped.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).buffer_bytes(256 << 20).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer = bytes.max(LEAST);
        self
    }

    /// What happens when the buffer is full. Default: wait up to 1 s, then drop.
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

    /// What the names of event files end with: characters that file names may have on every
    /// system. Default: nothing.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).file_suffix(".worker-3").build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn file_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.suffix = suffix.into();
        self
    }

    /// What `flush` and the flush interval ask of the disk. Default: nothing, [`Durability::Os`].
    ///
    /// ```
    /// use tfevents::Durability;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).durability(Durability::SyncOnInterval).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// A run goes on in a new file before one would grow larger than so many bytes; at least
    /// 256 KiB. An event that is larger has a file of its own. Default: one file.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).max_file_bytes(1 << 30).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_file_bytes(mut self, bytes: u64) -> Self {
        self.max_file_bytes = bytes.max(LEAST_FILE);
        self
    }

    /// Goes on with what an earlier session logged into the directory: what it logged at `step` or
    /// later no longer counts, in child runs neither.
    ///
    /// The new file begins with what makes TensorBoard's Python reader drop those points. Its data
    /// server drops them for each tag that is logged again; see
    /// [`rewrite_on_resume`](Self::rewrite_on_resume) for the others. Nothing of the older files changes.
    /// [`Stats`](crate::Stats) counts two events for that in each run.
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
    pub fn resume_at(mut self, step: impl Step) -> Self {
        self.resume = Some(ResumeAt::Step(step.to_step()));
        self
    }

    /// The same, behind the last step that was logged: of this run, or if it has none, of the runs
    /// below it. Child runs go on behind their own last steps.
    /// [`resumed_at`](SummaryWriter::resumed_at) says which step that is.
    ///
    /// The older files are read for that, when the writer is built and when a child run is asked
    /// for.
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

    /// Whether resuming also makes one file of the older ones, without the points that no longer
    /// count, as [`compact`](crate::compact()) does: then no reader shows them. Default: no.
    ///
    /// That waits for the disk, when the writer is built and when a child run is asked for. A
    /// TensorBoard that is running shows a tag that is gone as a whole until it is started anew.
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
        self.rewrite = rewrite;
        self
    }

    /// Where wall times come from. Default: the system's clock. It is read at each call that
    /// logs something, inside the writer's lock: it should be quick and must not log itself.
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
    pub fn clock(mut self, now: impl Fn() -> WallTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Custom(Arc::new(now));
        self
    }

    /// How scalars are laid out. Default: as a tensor.
    ///
    /// ```
    /// use tfevents::summary::ScalarEncoding;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).scalar_encoding(ScalarEncoding::Simple).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.scalar_encoding = encoding;
        self
    }

    /// A profiler whose traces show when the background thread writes. Default: none.
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
        self.spans = Spans::of(profiler);
        self
    }

    /// Makes the directory, proves that a file can be made in it, and starts the thread that
    /// writes. The event file itself appears with the first event.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the directory cannot be used, the time format or the file suffix is none, what is to be
    /// resumed cannot be read, or no thread can be started.
    pub fn build(self) -> Result<SummaryWriter, Error> {
        self.build_on(Arc::new(Local))
    }

    pub(super) fn build_on(self, storage: Arc<dyn Storage>) -> Result<SummaryWriter, Error> {
        // It would be the current directory: more likely a setting that was left out.
        if self.path.as_os_str().is_empty() {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "the path is empty");
            return Err(Error::Directory { path: self.path, error });
        }
        if let Some(reason) = path::fault(&format!("x{}", self.suffix)) {
            return Err(Error::FileSuffix { suffix: self.suffix, reason });
        }
        let path = match &self.time_format {
            None => self.path,
            Some(format) => timestamped(&self.path, format)?,
        };
        // The process may go to another directory before the first file is made.
        let dir = std::path::absolute(&path)
            .map_err(|error| Error::Directory { path: path.clone(), error })?;
        file::probe(&*storage, &dir)
            .map_err(|error| Error::Directory { path: dir.clone(), error })?;
        let resume = self.resume.map(|at| Resume::new(at, self.rewrite));
        let resume = match resume {
            Some(resume) => {
                let step = resume.step(&dir)?;
                Some((resume, step))
            }
            None => None,
        };
        let small = if self.buffer >= BUFFER { SMALL } else { (self.buffer / 8).max(LEAST / 2) };
        let limits = Limits {
            flush_interval: self.flush_interval.min(LONGEST),
            small,
            large: self.buffer - small,
            overflow: self.overflow,
            durability: self.durability,
        };
        let queue = Arc::new(Queue::new(limits, self.clock));
        let spans = Arc::new(self.spans);
        let settings = file::Settings {
            suffix: self.suffix,
            max_bytes: self.max_file_bytes,
            sync: self.durability != Durability::Os,
        };
        let thread = {
            let (queue, storage, spans) = (queue.clone(), storage.clone(), spans.clone());
            std::thread::Builder::new()
                .name("tfevents".to_owned())
                .spawn(move || background::run(&queue, &*storage, &settings, &spans))
                .map_err(|error| Error::Thread { error })?
        };
        let core = Core::new(
            queue,
            storage,
            thread,
            self.flush_timeout.min(LONGEST),
            self.scalar_encoding,
            resume,
            spans,
        );
        SummaryWriter::root(core, path.into(), dir.into())
    }
}

/// Makes a directory in `parent` that is named by the time and did not exist.
fn timestamped(parent: &Path, format: &str) -> Result<PathBuf, Error> {
    let mut name = String::new();
    let now = chrono::Local::now().format(format);
    let usable = write!(name, "{now}").is_ok() && path::is_plain(&name);
    if !usable {
        return Err(Error::TimeFormat { format: format.to_owned() });
    }
    let failed = |path: &Path, error| Error::Directory { path: path.to_owned(), error };
    std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
    let mut path = parent.join(&name);
    for number in 2u32.. {
        match std::fs::create_dir(&path) {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = parent.join(format!("{name}-{number}"));
            }
            Err(error) => return Err(failed(&path, error)),
        }
    }
    Ok(path)
}
