//! A trace from its start until its files are written.

use super::recorder::Recording;
use super::timeline::Timeline;
use super::{ProfileError, Profiler, encode};
use crate::storage::{self, Kind, Local, Storage};
use crate::system::{Condvar, Mutex, Reading, host};
use chrono::{NaiveDateTime, TimeDelta};
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A trace that is being recorded; returned by [`Profiler::start`].
///
/// If it is dropped without [`stop`](Self::stop), as by an error or a panic, the trace is stopped
/// and written all the same. The drop waits for that, a minute at most, and logs an error through
/// the `log` facade.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let run = dir.path();
/// # let profiler = tfevents::Profiler::new();
/// let trace = profiler.start(run)?;
/// // the steps to look at
/// trace.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the trace stops where this is dropped"]
pub struct Trace {
    profiler: Profiler,
    start: Reading,
    files: TraceFiles,
    label: String,
    stopped: bool,
}

/// A trace that is being written by a thread of its own; returned by
/// [`Trace::stop_in_background`].
///
/// Dropping it waits until the trace is written, a minute at most, and logs an error through the
/// `log` facade.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let run = dir.path();
/// # let profiler = tfevents::Profiler::new();
/// let writing = profiler.start(run)?.stop_in_background();
/// // go on training
/// if writing.is_finished() {
///     println!("written to {}", writing.wait()?.display());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping this waits until the trace is written"]
pub struct PendingTrace {
    thread: Option<Result<JoinHandle<Result<PathBuf, ProfileError>>, io::Error>>,
    finished: Arc<Finished>,
}

/// The time for which a drop waits for a trace: a disk may never answer.
const DROP_TIMEOUT: Duration = Duration::from_secs(60);

/// Whether the thread that writes the trace is about to end.
#[derive(Debug, Default)]
struct Finished {
    flag: Mutex<bool>,
    changed: Condvar,
}

/// Sets the flag when it is dropped, so also after a panic.
struct FinishGuard(Arc<Finished>);

impl Drop for FinishGuard {
    fn drop(&mut self) {
        *self.0.flag.lock() = true;
        self.0.changed.notify_all();
    }
}

impl Trace {
    pub(super) fn start(profiler: &Profiler, run: &Path) -> Result<Self, ProfileError> {
        Self::start_in(Arc::new(Local), profiler, run, chrono::Local::now().naive_local())
    }

    pub(super) fn start_in(
        storage: Arc<dyn Storage>,
        profiler: &Profiler,
        run: &Path,
        now: NaiveDateTime,
    ) -> Result<Self, ProfileError> {
        if profiler.is_recording() {
            return Err(ProfileError::AlreadyRecording);
        }
        let files = TraceFiles::new(storage, run, now)?;
        let start = profiler.recorder.begin()?;
        let label = "trace".to_owned();
        Ok(Self { profiler: profiler.clone(), start, files, label, stopped: false })
    }

    /// Sets the name of the trace as a whole, which is shown in its first line. Default: `trace`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::profile::Profiler::new();
    /// let mut trace = profiler.start(run)?;
    /// trace.label("the first epoch");
    /// trace.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn label(&mut self, label: impl Into<String>) {
        self.label = label.into();
    }

    /// Stops the trace, waits until it is written, and returns the path of its file.
    ///
    /// Waits however long the disk takes.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::Profiler::new();
    /// let trace = profiler.start(run)?;
    /// // the steps to look at
    /// println!("written to {}", trace.stop()?.display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the trace cannot be written.
    pub fn stop(self) -> Result<PathBuf, ProfileError> {
        self.stop_in_background().wait()
    }

    /// Stops the trace; a thread of its own encodes and writes it.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::profile::Profiler::new();
    /// let writing = profiler.start(run)?.stop_in_background();
    /// // go on training
    /// println!("written to {}", writing.wait()?.display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stop_in_background(mut self) -> PendingTrace {
        self.finish()
    }

    fn finish(&mut self) -> PendingTrace {
        self.stopped = true;
        let recording = self.profiler.recorder.stop(self.start);
        let files = self.files.clone();
        let label = std::mem::take(&mut self.label);
        let chrome_json = self.profiler.chrome_json;
        PendingTrace::spawn(move || files.write(recording, &label, chrome_json))
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if !self.stopped {
            drop(self.finish());
        }
    }
}

/// The files of a trace: their directory, which is named by the time, and the host's name.
#[derive(Clone, Debug)]
struct TraceFiles {
    storage: Arc<dyn Storage>,
    traces: PathBuf,
    time: NaiveDateTime,
    host: String,
}

impl TraceFiles {
    /// Creates the directory for all traces of a run. Its path becomes absolute, so that a later
    /// change of the working directory does not matter.
    fn new(
        storage: Arc<dyn Storage>,
        run: &Path,
        time: NaiveDateTime,
    ) -> Result<Self, ProfileError> {
        let failed = |path: &Path, source| {
            let path = path.to_owned();
            ProfileError::Directory { path, source }
        };
        let run = storage.absolute(run).map_err(|error| failed(run, error))?;
        let traces = run.join("plugins").join("profile");
        storage.create_dir_all(&traces).map_err(|error| failed(&traces, error))?;
        Ok(Self { storage, traces, time, host: host() })
    }

    fn write(
        &self,
        recording: Recording,
        label: &str,
        chrome_json: bool,
    ) -> Result<PathBuf, ProfileError> {
        self.remove_abandoned();
        let timeline = Timeline::new(recording, label);
        let dir = self.create_dir()?;
        let json = chrome_json.then(|| encode::chrome_json(&timeline));
        let json = json.map(|json| self.write_file(&dir, "trace.json", &json)).transpose();
        let path = json.and_then(|json| {
            let written = self.write_file(&dir, "xplane.pb", &encode::xplane(timeline, &self.host));
            written.inspect_err(|_| {
                // The first error is the one to report.
                json.map(|json| self.storage.remove(&json));
            })
        });
        path.inspect_err(|_| drop(self.storage.remove_dir(&dir)))
    }

    /// Removes the temporary files that killed processes left beside other traces of the run.
    fn remove_abandoned(&self) {
        for entry in self.storage.list(&self.traces).unwrap_or_default() {
            if entry.kind == Kind::Dir {
                self.storage.remove_abandoned(&self.traces.join(entry.name));
            }
        }
    }

    /// Creates a directory for this trace alone, named by the first second that is free.
    fn create_dir(&self) -> Result<PathBuf, ProfileError> {
        let mut time = self.time;
        loop {
            let dir = self.traces.join(time.format("%Y_%m_%d_%H_%M_%S").to_string());
            match self.storage.create_dir(&dir) {
                Ok(()) => return Ok(dir),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    time += TimeDelta::seconds(1);
                }
                Err(source) => return Err(ProfileError::Directory { path: dir, source }),
            }
        }
    }

    fn write_file(&self, dir: &Path, kind: &str, bytes: &[u8]) -> Result<PathBuf, ProfileError> {
        let path = dir.join(format!("{}.{kind}", self.host));
        match storage::replace(&*self.storage, &path, |out| out.write_all(bytes)) {
            Ok(()) => Ok(path),
            Err(failed) => Err(ProfileError::Write { path, source: failed.error }),
        }
    }
}

impl PendingTrace {
    fn spawn(
        write: impl FnOnce() -> Result<PathBuf, ProfileError> + Send + 'static,
    ) -> PendingTrace {
        let finished = Arc::new(Finished::default());
        let guard = FinishGuard(finished.clone());
        let thread =
            std::thread::Builder::new().name("tfevents trace".to_owned()).spawn(move || {
                let _guard = guard;
                write()
            });
        PendingTrace { thread: Some(thread), finished }
    }

    /// Returns whether the trace is written, so that [`wait`](Self::wait) returns at once.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::Profiler::new();
    /// let writing = profiler.start(run)?.stop_in_background();
    /// while !writing.is_finished() {
    ///     // another step of the training
    /// #   std::thread::yield_now();
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !matches!(&self.thread, Some(Ok(thread)) if !thread.is_finished())
    }

    /// Waits until the trace is written, and returns the path of its file.
    ///
    /// Waits however long the disk takes.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::Profiler::new();
    /// let writing = profiler.start(run)?.stop_in_background();
    /// assert!(writing.wait()?.exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the trace cannot be written.
    pub fn wait(mut self) -> Result<PathBuf, ProfileError> {
        self.join().unwrap_or(Err(ProfileError::Panicked))
    }

    /// Waits until the trace is written, but no longer than a drop does.
    #[cfg(feature = "callbacks")]
    pub(crate) fn wait_as_drop_does(mut self) -> Result<PathBuf, ProfileError> {
        self.join_within(DROP_TIMEOUT).unwrap_or(Err(ProfileError::Panicked))
    }

    /// Waits for `timeout` at most. Returns `None` if nothing is left to wait for.
    fn join_within(&mut self, timeout: Duration) -> Option<Result<PathBuf, ProfileError>> {
        let begun = Instant::now();
        let mut finished = self.finished.flag.lock();
        while matches!(self.thread, Some(Ok(_))) && !*finished {
            let Some(left) = timeout.checked_sub(begun.elapsed()) else {
                self.thread = None;
                return Some(Err(ProfileError::Timeout { waited: timeout }));
            };
            finished = self.finished.changed.wait_timeout(finished, left);
        }
        drop(finished);
        self.join()
    }

    fn join(&mut self) -> Option<Result<PathBuf, ProfileError>> {
        Some(match self.thread.take()? {
            Ok(thread) => thread.join().unwrap_or(Err(ProfileError::Panicked)),
            Err(source) => Err(ProfileError::Thread { source }),
        })
    }
}

impl Drop for PendingTrace {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.join_within(DROP_TIMEOUT) {
            match error.source() {
                Some(cause) => log::error!("{error}: {cause}"),
                None => log::error!("{error}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// The thread hangs, as on a disk that does not answer, until the test ends.
    #[test]
    fn waiting_for_a_trace_that_is_never_written_times_out() {
        let (go_on, wait) = mpsc::channel::<()>();
        let mut writing = PendingTrace::spawn(move || {
            let _ = wait.recv();
            Ok(PathBuf::new())
        });
        assert!(!writing.is_finished());
        let limit = Duration::from_millis(10);
        let waited = writing.join_within(limit);
        assert!(matches!(waited, Some(Err(ProfileError::Timeout { waited })) if waited == limit));
        // The drop does not wait again.
        drop(writing);
        drop(go_on);
    }

    #[test]
    fn waiting_ends_with_the_thread() {
        for panics in [false, true] {
            let mut writing = PendingTrace::spawn(move || {
                assert!(!panics, "on purpose");
                Ok(PathBuf::from("path"))
            });
            let path = writing.join_within(Duration::MAX).unwrap();
            assert_eq!(path.is_err(), panics);
        }
    }
}
