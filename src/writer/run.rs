//! A run, and the state that it shares with its child runs.

use super::Error;
#[cfg(feature = "tracing")]
use super::events::SharedEvents;
use super::layout::RunLayout;
use super::observer::WriteSpans;
use super::resume::{self, Resume};
use super::step_source::StepSource;
use crate::engine::{Buffer, EngineError, RunEnd, RunHandle, Workers};
use crate::storage::Storage;
use crate::summary::{MediaEncoding, ScalarEncoding};
use crate::system::{Causes, Mutex};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The open runs, by their directories.
pub(super) type Runs = HashMap<PathBuf, Weak<Run>>;

/// The position of a run below its log directory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Position {
    /// The run of the writer that was built. Closing it closes all child runs.
    Root,
    Child,
}

/// The state that all clones of a writer share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) handle: RunHandle,
    /// The path as the user gave it.
    pub(super) path: Arc<Path>,
    /// The absolute path: the process may change its current directory.
    pub(super) dir: Arc<Path>,
    pub(super) position: Position,
    /// Shared with later writers of this run, so that its charts are kept.
    pub(super) layout: OnceLock<Arc<Mutex<RunLayout>>>,
    /// The child runs of one curve each; `None` for a run that cannot be opened.
    pub(super) curves: Mutex<HashMap<String, Option<Arc<Run>>>>,
    /// Locked while the config of its embeddings is read and written.
    pub(super) config: Arc<Mutex<()>>,
    /// Whether its hyperparameters were logged, and its status not yet.
    pub(super) in_trial: AtomicBool,
    /// The state of layers that log events of `tracing` into this run.
    #[cfg(feature = "tracing")]
    pub(super) events: Arc<SharedEvents>,
}

impl Run {
    pub(super) fn new(
        shared: Arc<Shared>,
        handle: RunHandle,
        path: Arc<Path>,
        dir: Arc<Path>,
        position: Position,
    ) -> Self {
        Self {
            shared,
            handle,
            path,
            dir,
            position,
            layout: OnceLock::new(),
            curves: Mutex::default(),
            config: Arc::default(),
            in_trial: AtomicBool::new(false),
            #[cfg(feature = "tracing")]
            events: Arc::default(),
        }
    }

    /// Logs what a run ends with, before it is closed.
    pub(super) fn finish(&self) {
        self.finish_events();
        self.finish_trial();
        self.set_end(if std::thread::panicking() { RunEnd::Failure } else { RunEnd::Success });
    }

    /// Sets how the run ended, for the mark at the end of its file. A failure stays one.
    pub(super) fn set_end(&self, end: RunEnd) {
        self.shared.buffer.set_end(self.handle, end);
    }

    fn finish_events(&self) {
        #[cfg(feature = "tracing")]
        self.events.finish(&self.shared.buffer, self.handle);
    }

    pub(super) fn layout(&self) -> &Mutex<RunLayout> {
        self.layout.get_or_init(|| {
            let mut layouts = self.shared.layouts.lock();
            layouts.entry(self.dir.to_path_buf()).or_default().clone()
        })
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Another thread may have had the lock when this process was forked.
        if self.shared.buffer.is_forked() {
            return;
        }
        self.finish_events();
        self.abandon_trial();
        if std::thread::panicking() {
            self.set_end(RunEnd::Failure);
        }
        if self.position == Position::Child {
            let mut runs = self.shared.runs.lock();
            // The same run may have been opened again since.
            if runs.get(&*self.dir).is_some_and(|run| run.strong_count() == 0) {
                runs.remove(&*self.dir);
            }
        }
        self.shared.buffer.release_run(self.handle);
    }
}

/// How summaries are stored in the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    /// How scalars are stored, if that was set.
    pub(super) scalars: Option<ScalarEncoding>,
    /// How images and audio are stored.
    pub(super) media: MediaEncoding,
}

/// The state that a run and its child runs share. Dropping it ends the threads.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) buffer: Arc<Buffer>,
    pub(super) storage: Arc<dyn Storage>,
    /// `None` once the writer is closed.
    thread: Mutex<Option<JoinHandle<()>>>,
    pub(super) workers: Workers,
    pub(super) flush_timeout: Duration,
    resume: Option<Resume>,
    /// The step at which the session continues an earlier one.
    pub(super) resumed_at: Option<i64>,
    pub(super) stored: Stored,
    pub(super) runs: Mutex<Runs>,
    /// The current step of the training.
    pub(super) steps: StepSource,
    #[cfg_attr(not(feature = "callbacks"), expect(dead_code, reason = "read for callbacks"))]
    pub(super) spans: Arc<WriteSpans>,
    pub(super) layouts: Mutex<HashMap<PathBuf, Arc<Mutex<RunLayout>>>>,
}

impl Shared {
    pub(super) fn new(
        buffer: Arc<Buffer>,
        storage: Arc<dyn Storage>,
        thread: JoinHandle<()>,
        flush_timeout: Duration,
        stored: Stored,
        resume: Option<(Resume, Option<i64>)>,
        spans: Arc<WriteSpans>,
    ) -> Arc<Self> {
        let (resume, resumed_at) = resume.unzip();
        Arc::new(Self {
            workers: Workers::new(buffer.clone()),
            buffer,
            storage,
            thread: Mutex::new(Some(thread)),
            flush_timeout,
            resume,
            resumed_at: resumed_at.flatten(),
            stored,
            runs: Mutex::default(),
            steps: StepSource::new(),
            spans,
            layouts: Mutex::default(),
        })
    }

    /// Finds the step at which a run continues, if this session continues an earlier one.
    pub(super) fn prepare(&self, dir: &Path) -> Result<(), Error> {
        match &self.resume {
            Some(resume) => resume.prepare(&self.storage, dir),
            None => Ok(()),
        }
    }

    pub(super) fn open(&self, dir: Arc<Path>) -> Result<RunHandle, Error> {
        let run = self.buffer.open_run(dir.clone())?;
        if let Some(step) = self.resume.as_ref().and_then(|resume| resume.take(&dir)) {
            resume::begin(&self.buffer, run, step);
        }
        Ok(run)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.thread.lock().is_none()
    }

    pub(super) fn close(&self, timeout: Duration) -> Result<(), EngineError> {
        let started = Instant::now();
        let result = self.buffer.close(timeout);
        self.workers.close(timeout.saturating_sub(started.elapsed()));
        let thread = self.thread.lock().take();
        // After a timeout the thread may wait for its disk forever.
        let timed_out = matches!(result, Err(EngineError::Timeout { .. }));
        if let (Some(thread), false) = (thread, timed_out) {
            // The thread does not panic; if it did, there would be nothing to do about it here.
            let _ = thread.join();
        }
        result
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.buffer.is_forked() {
            // The threads exist in the parent process alone: there is none to join or detach.
            std::mem::forget(self.thread.get_mut().take());
            return self.workers.detach();
        }
        // A writer that was closed has waited already. If a deferred summary owned the last clone,
        // its thread would wait for itself.
        let waits = self.thread.lock().is_some() && !self.workers.is_current();
        match self.close(if waits { self.flush_timeout } else { Duration::ZERO }) {
            Err(EngineError::Timeout { .. }) if !waits => {}
            Err(error) => {
                let error = Error::from(error);
                log::error!("{}", Causes(&error));
            }
            Ok(()) => {}
        }
    }
}
