//! A trace from its start until it is written.

use super::files::Place;
use super::timeline::Timeline;
use super::{ProfileError, Profiler, chrome, xspace};
use crate::profile::clock::Moment;
use crate::profile::recorder::Recording;
use crate::system::{Condvar, Mutex};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A trace that is being taken, by [`Profiler::start`].
///
/// Dropped without [`stop`](Self::stop), as by an error or a panic, it is stopped and written all
/// the same, which is waited for, a minute at most; what goes wrong then is told through the `log`
/// facade.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let run = dir.path();
/// # let profiler = tfevents::Profiler::new();
/// let trace = profiler.start(run)?;
/// // what is to be looked at
/// trace.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the trace stops where this is dropped"]
pub struct Trace {
    profiler: Profiler,
    start: Moment,
    place: Place,
    label: String,
    stopped: bool,
}

/// What is still to be written of a trace that has stopped, by [`Trace::stop_in_background`].
///
/// Dropping it waits for the end, for a minute at most, and tells what went wrong through the `log`
/// facade.
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
    end: Arc<End>,
}

/// For so long a trace is waited for where nobody has asked to wait: a disk may never answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tells who waits that the thread is about to end.
#[derive(Debug, Default)]
struct End {
    come: Mutex<bool>,
    told: Condvar,
}

/// Also in a panic.
struct TellsEnd(Arc<End>);

impl Drop for TellsEnd {
    fn drop(&mut self) {
        *self.0.come.lock() = true;
        self.0.told.notify_all();
    }
}

impl Trace {
    pub(super) fn start(profiler: &Profiler, run: &Path) -> Result<Self, ProfileError> {
        Self::start_at(profiler, run, chrono::Local::now().naive_local())
    }

    pub(super) fn start_at(
        profiler: &Profiler,
        run: &Path,
        now: chrono::NaiveDateTime,
    ) -> Result<Self, ProfileError> {
        if profiler.is_recording() {
            return Err(ProfileError::Running);
        }
        let place = Place::new(run, now)?;
        let start = profiler.recorder.begin()?;
        let label = "trace".to_owned();
        Ok(Self { profiler: profiler.clone(), start, place, label, stopped: false })
    }

    /// What to call the trace as a whole; it stands in its first line. Default: `trace`.
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

    /// Stops the trace and waits until it is written, however long the disk takes; says where.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::Profiler::new();
    /// let trace = profiler.start(run)?;
    /// // what is to be looked at
    /// println!("written to {}", trace.stop()?.display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it could not be written.
    pub fn stop(self) -> Result<PathBuf, ProfileError> {
        self.stop_in_background().wait()
    }

    /// Stops the trace, and leaves it to a thread of its own to encode and write it.
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
        let (place, label) = (self.place.clone(), std::mem::take(&mut self.label));
        let chrome_json = self.profiler.chrome_json;
        PendingTrace::begin(move || write(recording, &label, &place, chrome_json))
    }
}

fn write(
    recording: Recording,
    label: &str,
    place: &Place,
    chrome_json: bool,
) -> Result<PathBuf, ProfileError> {
    let timeline = Timeline::new(recording, label);
    let dir = place.claim()?;
    if chrome_json {
        place.write(&dir, "trace.json", &chrome::encode(&timeline))?;
    }
    place.write(&dir, "xplane.pb", &xspace::encode(timeline, place.host()))
}

impl Drop for Trace {
    fn drop(&mut self) {
        if !self.stopped {
            drop(self.finish());
        }
    }
}

impl PendingTrace {
    fn begin(
        write: impl FnOnce() -> Result<PathBuf, ProfileError> + Send + 'static,
    ) -> PendingTrace {
        let end = Arc::new(End::default());
        let tells = TellsEnd(end.clone());
        let thread =
            std::thread::Builder::new().name("tfevents trace".to_owned()).spawn(move || {
                let _tells = tells;
                write()
            });
        PendingTrace { thread: Some(thread), end }
    }

    /// Whether [`wait`](Self::wait) would not wait.
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

    /// Waits until the trace is written, however long the disk takes; says where.
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
    /// If it could not be written.
    pub fn wait(mut self) -> Result<PathBuf, ProfileError> {
        self.join().unwrap_or_else(|| Err(ended()))
    }

    /// The same, for a minute at most.
    #[cfg(feature = "callbacks")]
    pub(crate) fn wait_a_minute(mut self) -> Result<PathBuf, ProfileError> {
        self.join_within(PATIENCE).unwrap_or_else(|| Err(ended()))
    }

    fn join_within(&mut self, limit: Duration) -> Option<Result<PathBuf, ProfileError>> {
        let begun = Instant::now();
        let mut come = self.end.come.lock();
        while matches!(self.thread, Some(Ok(_))) && !*come {
            let Some(left) = limit.checked_sub(begun.elapsed()) else {
                self.thread = None;
                return Some(Err(ProfileError::Timeout { waited: limit }));
            };
            come = self.end.told.wait_timeout(come, left);
        }
        drop(come);
        self.join()
    }

    fn join(&mut self) -> Option<Result<PathBuf, ProfileError>> {
        Some(match self.thread.take()? {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err(ended())),
            Err(error) => Err(ProfileError::Thread { error }),
        })
    }
}

/// The thread does not panic; if it did, this would say so.
fn ended() -> ProfileError {
    ProfileError::Thread { error: io::Error::other("it ended before its time") }
}

impl Drop for PendingTrace {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.join_within(PATIENCE) {
            log::error!("{error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// The thread hangs, as on a disk that does not answer, until the test ends.
    #[test]
    fn a_trace_that_is_never_written_is_waited_for_so_long() {
        let (go_on, wait) = mpsc::channel::<()>();
        let mut writing = PendingTrace::begin(move || {
            let _ = wait.recv();
            Ok(PathBuf::new())
        });
        assert!(!writing.is_finished());
        let limit = Duration::from_millis(10);
        let waited = writing.join_within(limit);
        assert!(matches!(waited, Some(Err(ProfileError::Timeout { waited })) if waited == limit));
        // Nobody waits for it again.
        drop(writing);
        drop(go_on);
    }

    #[test]
    fn a_thread_that_ends_is_noticed_at_once() {
        for panics in [false, true] {
            let mut writing = PendingTrace::begin(move || {
                assert!(!panics, "it panics");
                Ok(PathBuf::from("path"))
            });
            let path = writing.join_within(Duration::MAX).unwrap();
            assert_eq!(path.is_err(), panics);
        }
    }
}
