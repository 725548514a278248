//! The writer: what a program calls to log.
//!
//! - `builder`: settings; `error`: what can go wrong;
//! - `add`: one method per kind of summary; `deferred`: summaries encoded behind the caller;
//!   `scalar_handle`: a tag that is logged often;
//! - `run`: a run, and what it shares with its children; `names`: names of child runs;
//! - `layout`: the charts of a run; `embedding_files`: the files of embeddings;
//! - `resume`: sessions that continue earlier ones; `compact`: a run's files made into one;
//! - `observer`: what traces show of the writer.
//!
//! What happens to an event after the call is in `crate::engine`.

mod add;
mod builder;
mod compact;
mod deferred;
mod embedding_files;
mod error;
mod layout;
mod names;
mod observer;
mod resume;
mod run;
mod scalar_handle;
#[cfg(test)]
mod tests;

pub use crate::engine::{DropCounts, Durability, Overflow, Stats};
pub use builder::SummaryWriterBuilder;
pub use compact::{CompactReport, compact};
pub use error::Error;
pub use scalar_handle::ScalarHandle;

#[cfg(feature = "callbacks")]
use crate::profile::Profiler;
use crate::summary::ScalarEncoding;
use crate::wire::event::ScalarForm;
use run::{Run, Runs, Shared};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Weak};

/// Logs into a directory that TensorBoard shows as a run.
///
/// Cheap to clone; all clones log into the same run. No call that logs something fails or waits
/// for a disk: events are encoded into a buffer, and a thread writes them to the run's event file
/// at most one flush interval later (1 s unless set otherwise). The exceptions are the first call
/// of [`add_scalars`](Self::add_scalars) or [`add_custom_scalars`](Self::add_custom_scalars) in a
/// run, which reads the event files that are there; the first value of each curve of
/// [`add_scalars_as_runs`](Self::add_scalars_as_runs), which makes its directory; and an
/// [embedding](Self::add_embedding) larger than the buffer. What goes wrong with the files is
/// returned by [`flush`](Self::flush) and [`close`](Self::close), logged once through the `log`
/// facade, and counted in [`stats`](Self::stats).
///
/// Two calls of which one happened before the other, on whatever threads, lie in the file in that
/// order.
///
/// Have one writer per directory: whatever logs into a run should share a clone of it. Several
/// processes may log into one directory, each with a writer of its own.
///
/// A child that was made with `fork` has no use of its parent's writer: nothing that it logs there
/// reaches a file, [`flush`](Self::flush) and [`close`](Self::close) return [`Error::Forked`], and
/// dropping it does nothing. It should make a writer of its own. As with all locks, a fork while
/// another thread logs may leave the child's copy locked for ever, for calls that log.
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
pub struct SummaryWriter {
    run: Arc<Run>,
    /// How scalars are stored that leave it open.
    scalars: ScalarEncoding,
}

impl fmt::Debug for SummaryWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SummaryWriter").field("path", &self.run.path).finish_non_exhaustive()
    }
}

impl SummaryWriter {
    /// A writer for the run in `path`, with the default settings. Makes the directory.
    ///
    /// Event files that are there already are left alone; TensorBoard shows them with the new one
    /// as one run. A session that goes on with theirs should say where: see
    /// [`resume_at`](SummaryWriterBuilder::resume_at).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// let writer = tfevents::SummaryWriter::new(path)?; // such as "runs/mlp"
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no file can be made in the directory; the error names it.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder(path).build()
    }

    /// A writer for a new directory below `parent` that is named by the local time, such as
    /// `20261123-145000`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::timestamped(dir.path())?;
    /// println!("tensorboard --logdir {}", writer.path().display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn timestamped(parent: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder(parent).timestamped("%Y%m%d-%H%M%S").build()
    }

    /// Settings for a writer in `path`.
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

    /// Shows the writes in the traces of this profiler, unless there is one already.
    #[cfg(feature = "callbacks")]
    pub(crate) fn show_in(&self, profiler: &Profiler) {
        self.run.shared.spans.show_in(profiler);
    }

    fn root(shared: Arc<Shared>, path: Arc<Path>, dir: Arc<Path>) -> Result<Self, Error> {
        shared.prepare(&dir)?;
        let handle = shared.open(dir.clone())?;
        let scalars = shared.scalars.unwrap_or_default();
        Ok(Self { run: Arc::new(Run::new(shared, handle, path, dir, true)), scalars })
    }

    /// Stores scalars as a caller does by default: a setting of the builder goes first.
    #[cfg(feature = "callbacks")]
    pub(crate) fn default_scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.scalars = self.run.shared.scalars.unwrap_or(encoding);
        self
    }

    /// Stores scalars in this encoding, whatever the builder's setting.
    #[cfg(feature = "callbacks")]
    pub(crate) fn scalar_encoding(mut self, encoding: ScalarEncoding) -> Self {
        self.scalars = encoding;
        self
    }

    /// Returns a writer of another run that stores scalars as this one does.
    fn of_run(&self, run: Arc<Run>) -> Self {
        Self { run, scalars: self.scalars }
    }

    fn scalar_form(&self) -> ScalarForm {
        match self.scalars {
            ScalarEncoding::Simple => ScalarForm::Simple,
            ScalarEncoding::Tensor => ScalarForm::Tensor,
        }
    }

    /// The writer of a child run: a directory below this one, which TensorBoard shows as a run of
    /// its own. It shares this writer's thread and buffer. Asked for twice, it is the same run.
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
    /// If the name leads anywhere else than below this run's directory, that directory cannot be
    /// made (so the call may wait for the disk), or the writer was closed or belongs to another
    /// process. The run's file is made when something is logged: if that fails, it comes back from
    /// [`flush`](Self::flush).
    pub fn child_run(&self, name: &str) -> Result<Self, Error> {
        let dir = names::child(&self.run.dir, name)?;
        let shared = &self.run.shared;
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
        // Not under the lock: the disk may take its time. No file is created to prove that one can
        // be: another process may list the directory meanwhile, and fail over a file that is gone.
        let created = shared.storage.create_dir_all(&dir);
        created.map_err(|error| Error::directory(&dir, error))?;
        shared.prepare(&dir)?;
        let mut runs = shared.runs.lock();
        if let Some(run) = known(&runs) {
            return Ok(run);
        }
        let path = self.run.path.join(name).into();
        let absolute: Arc<Path> = dir.as_path().into();
        let handle = shared.open(absolute.clone())?;
        let run = Arc::new(Run::new(shared.clone(), handle, path, absolute, false));
        runs.insert(dir, Arc::downgrade(&run));
        Ok(self.of_run(run))
    }

    /// The directory that this writer logs into.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// assert_eq!(writer.path(), dir.path());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path(&self) -> &Path {
        &self.run.path
    }

    /// The first step of this session, if it goes on with an earlier one: what was given to
    /// [`resume_at`](SummaryWriterBuilder::resume_at), or found by
    /// [`resume`](SummaryWriterBuilder::resume).
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
        self.run.shared.resumed_at
    }

    /// Waits until everything that was logged before this call, in all runs that share this
    /// writer's thread, has been handed to the operating system: from then on TensorBoard can
    /// read it, and the end of this process does not lose it. With a [`Durability`] that syncs, a
    /// power cut does not either.
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
    /// What went wrong since it was last told: a file operation that failed, events that were
    /// dropped, or a storage that did not answer within the timeout (5 s unless set otherwise).
    pub fn flush(&self) -> Result<(), Error> {
        let shared = &self.run.shared;
        Ok(shared.buffer.flush(shared.flush_timeout)?)
    }

    /// Writes what is left and closes the run's file. What is logged afterwards is dropped and
    /// counted. On a child run it closes that run; otherwise all of its children too.
    ///
    /// Dropping the last clone does the same and tells what went wrong through the `log` facade.
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
    /// As [`flush`](Self::flush). After a timeout the thread is left to itself.
    pub fn close(&self) -> Result<(), Error> {
        let shared = &self.run.shared;
        let timeout = shared.flush_timeout;
        if shared.buffer.is_forked() {
            return Ok(shared.buffer.close(timeout)?);
        }
        self.run.end_trial();
        if self.run.is_root {
            // Kept until the lock is free: what is dropped here may be the last of a run.
            let children: Vec<_> = shared.runs.lock().values().filter_map(Weak::upgrade).collect();
            children.iter().for_each(|run| run.end_trial());
            Ok(shared.close(timeout)?)
        } else {
            // Opened again, it is a new run, also while clones of this one live.
            let mut runs = shared.runs.lock();
            if runs.get(&*self.run.dir).is_some_and(|run| run.as_ptr() == &raw const *self.run) {
                runs.remove(&*self.run.dir);
            }
            // Still under the lock, so that no other thread opens it while it closes.
            shared.buffer.close_run(self.run.handle);
            drop(runs);
            Ok(shared.buffer.flush(timeout)?)
        }
    }

    /// What became of everything that was logged: see [`Stats`].
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.close()?;
    /// assert_eq!(writer.stats().dropped, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self) -> Stats {
        self.run.shared.buffer.stats()
    }
}
