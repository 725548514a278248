//! What a run and its children share.

use super::Error;
use super::hand_over::Workers;
use super::layout::RunLayout;
use super::queue::{Queue, RunKey};
use super::resume::{self, Resume};
use super::run::Run;
use super::spans::Spans;
use super::storage::Storage;
use super::sync::{Mutex, now};
use crate::summary::ScalarEncoding;
use crate::wire::event::ScalarForm;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// The runs that somebody refers to.
pub(super) type Runs = HashMap<PathBuf, Weak<Run>>;

/// Dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) queue: Arc<Queue>,
    pub(super) storage: Arc<dyn Storage>,
    thread: Mutex<Option<JoinHandle<()>>>,
    pub(super) workers: Workers,
    pub(super) timeout: Duration,
    resume: Option<Resume>,
    /// Where the session goes on.
    pub(super) resumed_at: Option<i64>,
    pub(super) scalars: ScalarEncoding,
    /// The same, as the calls for scalars alone need it.
    pub(super) form: ScalarForm,
    pub(super) runs: Mutex<Runs>,
    #[cfg_attr(not(feature = "callbacks"), expect(dead_code, reason = "read for callbacks"))]
    pub(super) spans: Arc<Spans>,
    pub(super) layouts: Mutex<HashMap<PathBuf, Arc<Mutex<RunLayout>>>>,
}

impl Core {
    pub(super) fn new(
        queue: Arc<Queue>,
        storage: Arc<dyn Storage>,
        thread: JoinHandle<()>,
        timeout: Duration,
        encoding: ScalarEncoding,
        resume: Option<(Resume, Option<i64>)>,
        spans: Arc<Spans>,
    ) -> Arc<Self> {
        let form = match encoding {
            ScalarEncoding::Tensor => ScalarForm::Tensor,
            ScalarEncoding::Simple => ScalarForm::Simple,
        };
        let thread = Mutex::new(Some(thread));
        let (runs, layouts) = (Mutex::default(), Mutex::default());
        let (workers, scalars) = (Workers::new(queue.clone(), encoding), encoding);
        let (resume, resumed_at) = resume.unzip();
        let resumed_at = resumed_at.flatten();
        Arc::new(Self {
            queue,
            storage,
            thread,
            workers,
            timeout,
            resume,
            resumed_at,
            scalars,
            form,
            runs,
            spans,
            layouts,
        })
    }

    /// Looks where a run goes on, if this session goes on with an earlier one.
    pub(super) fn prepare(&self, dir: &Path) -> Result<(), Error> {
        match &self.resume {
            Some(resume) => resume.prepare(&*self.storage, dir),
            None => Ok(()),
        }
    }

    pub(super) fn open(&self, dir: Arc<Path>) -> Result<RunKey, Error> {
        let run = self.queue.open_run(dir.clone())?;
        if let Some(step) = self.resume.as_ref().and_then(|resume| resume.take(&dir)) {
            resume::begin(&self.queue, run, step);
        }
        Ok(run)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.thread.lock().is_none()
    }

    pub(super) fn close(&self, timeout: Duration) -> Result<(), Error> {
        let begun = now();
        let result = self.queue.close(timeout);
        self.workers.close(timeout.saturating_sub(now() - begun));
        let thread = self.thread.lock().take();
        // After a timeout the thread may wait for its disk for ever.
        if let (Some(thread), false) = (thread, matches!(result, Err(Error::Timeout { .. }))) {
            // It does not panic; if it did, nothing more could be done about it here.
            let _ = thread.join();
        }
        result
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if self.queue.is_forked() {
            // The threads are the parent's: there is none to wait for, nor to detach from.
            std::mem::forget(self.thread.get_mut().take());
            return self.workers.leave();
        }
        // Who closed it has waited already. What was handed over may have held the last clone:
        // its thread would wait for itself.
        let waits = self.thread.lock().is_some() && !self.workers.is_current();
        match self.close(if waits { self.timeout } else { Duration::ZERO }) {
            Err(Error::Timeout { .. }) if !waits => {}
            Err(error) => log::error!("{error}"),
            Ok(()) => {}
        }
    }
}
