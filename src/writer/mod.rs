//! The writer: what a program calls to log.
//!
//! - `builder`: the settings; `error`: the public error type;
//! - `add`: one method per kind of summary; `deferred`: summaries that are encoded on other
//!   threads; `scalar_handle`: the cheap way to log one tag often; `best_scalar`: the best of its
//!   values;
//! - `step_source`: the current step, for what logs beside the loop; `events`: events of `tracing`;
//! - `run`: a run, and the state that it shares with its children; `names`: names of child runs;
//! - `layout`: the charts of a run; `embedding_files`: the files of embeddings;
//! - `resume`: sessions that continue earlier ones; `compact`: merging the files of a run;
//! - `rank`: trainings of several processes;
//! - `observer`: spans in traces, and notes of dropped events.
//!
//! `crate::engine` takes an event from the call to the file.

mod add;
mod best_scalar;
mod builder;
mod compact;
mod deferred;
mod embedding_files;
mod error;
#[cfg(feature = "tracing")]
mod events;
mod layout;
mod names;
mod observer;
mod rank;
mod resume;
mod run;
mod scalar_handle;
mod step_source;
#[cfg(test)]
mod tests;

#[cfg(feature = "callbacks")]
use crate::engine::RunEnd;
pub use crate::engine::{DropCounts, Durability, Overflow, Stats};
pub use best_scalar::BestScalar;
pub use builder::SummaryWriterBuilder;
pub use compact::{CompactReport, compact, compact_on};
pub use error::Error;
#[cfg(feature = "tracing")]
pub use events::{EventLayer, TagPrefix};
pub use rank::{Rank, RankDirs};
pub use scalar_handle::ScalarHandle;
pub use step_source::StepSource;

#[cfg(feature = "callbacks")]
use crate::profile::Profiler;
use crate::summary::{Encodings, ScalarEncoding};
use crate::wire::event::ScalarForm;
use run::{Position, Run, Runs, Shared};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Weak};

/// Logs into a directory that TensorBoard shows as a run.
///
/// A writer is cheap to clone, and all clones log into the same run. The `add_*` methods never
/// fail, and do not wait for the disk: they encode events into a buffer, and a thread writes them
/// to the run's event file at most one flush interval later (1 s by default). While the buffer is
/// full they follow the [`Overflow`] policy. A few calls do wait for the disk:
///
/// - the first [`add_scalars`](Self::add_scalars) or
///   [`add_custom_scalars`](Self::add_custom_scalars) in a run reads its existing event files;
/// - the first value of each curve of [`add_scalars_as_runs`](Self::add_scalars_as_runs) creates a
///   directory;
/// - an [embedding](Self::add_embedding) larger than the buffer is written by its call.
///
/// Errors of the files are returned by [`flush`](Self::flush) and [`close`](Self::close), logged
/// once through the `log` facade, and counted in [`stats`](Self::stats).
///
/// If one call happened before another, its event comes first in the file, whichever threads made
/// the calls.
///
/// Create one writer per directory and clone it wherever the run is logged into. Writers of several
/// processes may share a directory only if each logs tags of its own: TensorBoard shows the points
/// of one tag from one of them. Otherwise give each process a [child run](Self::child_run) or a
/// directory.
///
/// # Forks
///
/// A child process that was created with `fork` cannot use its parent's writer: its events reach no
/// file, [`flush`](Self::flush) and [`close`](Self::close) return [`Error::Forked`], and dropping
/// the writer does nothing. The child should create a writer of its own. As with all locks, a fork
/// while another thread logs may leave the lock of the child's copy locked forever, so that calls
/// that log block.
///
/// ```
/// use tfevents::SummaryWriter;
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let writer = SummaryWriter::new(logdir)?;
/// for step in 0..100 {
///     writer.add_scalar("loss", 1.0 / (step + 1) as f32, step);
/// }
/// writer.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[doc(alias("FileWriter", "GlobalSummaryWriter"))]
pub struct SummaryWriter {
    /// `None` if the writer is disabled.
    run: Option<Arc<Run>>,
    /// How scalars are stored that leave it open.
    scalars: ScalarEncoding,
}

impl fmt::Debug for SummaryWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SummaryWriter").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl SummaryWriter {
    /// Creates a writer for the run in the directory `path`, with the default settings. Creates the
    /// directory if it does not exist.
    ///
    /// Existing event files stay as they are; TensorBoard shows them and the new one as one run. To
    /// continue an earlier session, use [`resume_at`](SummaryWriterBuilder::resume_at) or
    /// [`resume`](SummaryWriterBuilder::resume).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::new(path)?; // such as "runs/mlp"
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no file can be created in the directory, or the background thread cannot be started.
    #[doc(alias("create_file_writer", "log_dir"))]
    pub fn new(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder(path).build()
    }

    /// Creates a writer for a new directory in `parent`, named by the local time, such as
    /// `20261123-145000`. If that directory exists, the name gets a suffix such as `-2`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::timestamped(dir.path())?;
    /// println!("tensorboard --logdir {}", writer.path().display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no file can be created there, or the background thread cannot be started.
    #[doc(alias = "comment")]
    pub fn timestamped(parent: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder(parent).timestamped("%Y%m%d-%H%M%S").build()
    }

    /// Returns a builder for a writer in the directory `path`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).file_suffix(".v2").build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(path: impl AsRef<Path>) -> SummaryWriterBuilder {
        SummaryWriterBuilder::new(path.as_ref())
    }

    /// Creates a writer that logs nothing: every call returns at once, creates no file and starts no
    /// thread.
    ///
    /// For ranks other than 0 of a distributed training, for libraries whose users may not want
    /// logs, and for tests. Its [path](Self::path) is empty, its child runs are disabled too,
    /// [`flush`](Self::flush) and [`close`](Self::close) return `Ok`, and its
    /// [counters](Self::stats) stay 0.
    ///
    /// ```
    /// use tfevents::SummaryWriter;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let (rank, logdir) = (3, dir.path());
    /// let writer = if rank == 0 { SummaryWriter::new(logdir)? } else { SummaryWriter::disabled() };
    /// writer.add_scalar("loss", 0.5, 0);
    /// writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("rank_zero_only", "noop"))]
    pub fn disabled() -> Self {
        Self { run: None, scalars: ScalarEncoding::default() }
    }

    /// Returns whether the writer was created by [`disabled`](Self::disabled), to skip work that only
    /// prepares what is logged.
    ///
    /// ```
    /// let writer = tfevents::SummaryWriter::disabled();
    /// assert!(writer.is_disabled());
    /// ```
    pub fn is_disabled(&self) -> bool {
        self.run.is_none()
    }

    /// Shows the writes in the traces of this profiler, unless there is one already.
    #[cfg(feature = "callbacks")]
    pub(crate) fn show_in(&self, profiler: &Profiler) {
        if let Some(run) = &self.run {
            run.shared.spans.show_in(profiler);
        }
    }

    fn root(shared: Arc<Shared>, path: Arc<Path>, dir: Arc<Path>) -> Result<Self, Error> {
        shared.prepare(&dir)?;
        let handle = shared.open(dir.clone())?;
        let scalars = shared.stored.scalars.unwrap_or_default();
        let run = Arc::new(Run::new(shared, handle, path, dir, Position::Root));
        Ok(Self { run: Some(run), scalars })
    }

    /// Sets the default encoding of scalars for a caller. A setting of the builder overrides it.
    #[cfg(feature = "callbacks")]
    pub(crate) fn default_scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        let set = self.run.as_ref().and_then(|run| run.shared.stored.scalars);
        self.scalars = set.unwrap_or(encoding);
        self
    }

    /// Sets the encoding of scalars, overriding the setting of the builder.
    #[cfg(feature = "callbacks")]
    pub(crate) fn scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.scalars = encoding;
        self
    }

    /// Sets whether the training has ended, so that a run that is dropped afterwards ended well.
    #[cfg(feature = "callbacks")]
    pub(crate) fn set_ended(&self, ended: bool) {
        if let Some(run) = &self.run {
            run.set_end(if ended { RunEnd::Success } else { RunEnd::Unknown });
        }
    }

    /// Expects steps to begin anew, as in another training with the same writer.
    #[cfg(feature = "callbacks")]
    pub(crate) fn restart_steps(&self) {
        if let Some(run) = &self.run {
            run.shared.buffer.restart_steps(run.handle);
        }
    }

    /// Returns a writer of another run that stores scalars as this one does.
    fn of_run(&self, run: Arc<Run>) -> Self {
        Self { run: Some(run), scalars: self.scalars }
    }

    fn encodings(&self) -> Encodings {
        let media = self.run.as_ref().map_or_else(Default::default, |run| run.shared.stored.media);
        Encodings { scalars: self.scalars, media }
    }

    fn scalar_form(&self) -> ScalarForm {
        match self.scalars {
            ScalarEncoding::Simple => ScalarForm::Simple,
            ScalarEncoding::Tensor => ScalarForm::Tensor,
        }
    }

    /// Returns the writer of a child run: a directory below this one, which TensorBoard shows as a
    /// run of its own.
    ///
    /// It shares the thread and the buffer of this writer. A name joined by `/`, such as `fold-1/train`,
    /// stands for nested directories. Calls with the same name return the same run.
    ///
    /// The event file of each run stays open until the run is closed, so a process needs as many file
    /// descriptors as it has open child runs (`ulimit -n` shows the limit).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let validation = writer.child_run("validation")?;
    /// validation.add_scalar("loss", 0.5, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the name does not stand for a directory below this run's, if the directory cannot be
    /// created, or if the writer was closed or belongs to another process. Creating the directory
    /// may wait for the disk. The event file is created with the first event: if that fails,
    /// [`flush`](Self::flush) returns the error.
    pub fn child_run(&self, name: &str) -> Result<Self, Error> {
        let Some(parent) = &self.run else { return Ok(self.clone()) };
        let dir = names::child(&*parent.shared.storage, &parent.dir, name)?;
        let shared = &parent.shared;
        shared.buffer.check_process()?;
        let known =
            |runs: &Runs| runs.get(&*dir).and_then(Weak::upgrade).map(|run| self.of_run(run));
        if let Some(run) = known(&shared.runs.lock()) {
            return Ok(run);
        }
        // Before the directory is created.
        if shared.is_closed() {
            return Err(Error::Closed { path: dir });
        }
        // Without the lock: the disk may be slow. No file is created as a check: another process that
        // lists the directory at the same time would fail over a file that is then removed.
        let created = shared.storage.create_dir_all(&dir);
        created.map_err(|error| Error::directory(&dir, error))?;
        shared.prepare(&dir)?;
        let mut runs = shared.runs.lock();
        if let Some(run) = known(&runs) {
            return Ok(run);
        }
        let path = parent.path.join(name).into();
        let absolute: Arc<Path> = dir.as_path().into();
        let handle = shared.open(absolute.clone())?;
        let run = Arc::new(Run::new(shared.clone(), handle, path, absolute, Position::Child));
        runs.insert(dir, Arc::downgrade(&run));
        Ok(self.of_run(run))
    }

    /// Returns the directory that this writer logs into.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// assert_eq!(writer.path(), dir.path());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("get_logdir", "log_dir", "logdir"))]
    pub fn path(&self) -> &Path {
        self.run.as_ref().map_or(Path::new(""), |run| &run.path)
    }

    /// Returns the first step of this session if it continues an earlier one: the step given to
    /// [`resume_at`](SummaryWriterBuilder::resume_at), or the step that
    /// [`resume`](SummaryWriterBuilder::resume) found.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::builder(path).resume().build()?;
    /// for step in writer.resumed_at().unwrap_or(0)..100 {
    ///     writer.add_scalar("loss", 1.0 / (step + 1) as f32, step);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resumed_at(&self) -> Option<i64> {
        self.run.as_ref()?.shared.resumed_at
    }

    /// Returns the current step of the training, which this writer shares with its child runs.
    ///
    /// A loop sets it, or the callback `TensorBoard` does; what logs beside the loop reads it. A
    /// [disabled](Self::disabled) writer returns a new source each time.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let steps = writer.step_source();
    /// for step in 0..100 {
    ///     steps.set(step);
    ///     // train on a batch
    /// }
    /// assert_eq!(writer.child_run("validation")?.step_source().get(), Some(99));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "global_step")]
    pub fn step_source(&self) -> StepSource {
        self.run.as_ref().map_or_else(StepSource::new, |run| run.shared.steps.clone())
    }

    /// Waits until the operating system has everything that was logged before this call, in this
    /// run, its parent and all child runs.
    ///
    /// From then on TensorBoard can read it, and the end of the process does not lose it. With a
    /// [`Durability`] that syncs, a power cut does not either.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 0);
    /// writer.flush()?; // TensorBoard can read it now
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a file operation failed or events were dropped since the last report, or if the storage
    /// did not take everything within the
    /// [timeout](SummaryWriterBuilder::flush_timeout) (5 s by default). Each failure is returned
    /// once.
    pub fn flush(&self) -> Result<(), Error> {
        let Some(run) = &self.run else { return Ok(()) };
        let shared = &run.shared;
        Ok(shared.buffer.flush(shared.flush_timeout)?)
    }

    /// Writes all pending events and closes the run's file. Events that are logged afterwards are
    /// dropped and counted.
    ///
    /// The last event of a run's file then says that the run ended well, or that a trial failed: see
    /// [`RunStatus`](crate::read::RunStatus). [`stats`](Self::stats) does not count it.
    ///
    /// Closing a child run closes that run alone; closing the root closes all child runs too.
    /// Dropping the last clone closes the run in the same way, and logs errors through the `log`
    /// facade; how the run ended is then unknown, or a failure during a panic.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 0);
    /// writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`flush`](Self::flush). After a timeout the background thread is left running.
    pub fn close(&self) -> Result<(), Error> {
        let Some(run) = &self.run else { return Ok(()) };
        let shared = &run.shared;
        let timeout = shared.flush_timeout;
        if shared.buffer.is_forked() {
            return Ok(shared.buffer.close(timeout)?);
        }
        run.finish();
        if run.position == Position::Root {
            // Kept until the lock is free: what is dropped here may be the last of a run.
            let children: Vec<_> = shared.runs.lock().values().filter_map(Weak::upgrade).collect();
            children.iter().for_each(|run| run.finish());
            Ok(shared.close(timeout)?)
        } else {
            // Opened again, it is a new run, also while clones of this one live.
            let mut runs = shared.runs.lock();
            if runs.get(&*run.dir).is_some_and(|open| open.as_ptr() == &raw const **run) {
                runs.remove(&*run.dir);
            }
            // Still under the lock, so that no other thread opens it while it closes.
            shared.buffer.close_run(run.handle);
            drop(runs);
            Ok(shared.buffer.flush(timeout)?)
        }
    }

    /// Returns whether the root writer was closed, so that nothing can be logged any more.
    ///
    /// A thread that logs on its own, such as a monitor, can end then. A
    /// [disabled](Self::disabled) writer is never closed.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let validation = writer.child_run("validation")?;
    /// assert!(!validation.is_closed());
    /// writer.close()?;
    /// assert!(validation.is_closed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_closed(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.shared.buffer.is_closing())
    }

    /// Returns counters of logged, written, dropped and pending events, child runs included.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.close()?;
    /// assert_eq!(writer.stats().dropped, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self) -> Stats {
        self.run.as_ref().map_or_else(Stats::default, |run| run.shared.buffer.stats())
    }
}
