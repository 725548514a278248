//! A trace from its start until it is written.

use super::files::Place;
use super::timeline::Timeline;
use super::{ProfileError, Profiler, chrome, xspace};
use crate::profile::clock::Moment;
use crate::profile::recorder::Recording;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// A trace that is being taken, by [`Profiler::start`].
///
/// Dropped without [`stop`](Self::stop), as by an error or a panic, it is stopped and written all
/// the same; what goes wrong then is told through the `log` facade.
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
/// Dropping it waits for the end, and tells what went wrong through the `log` facade.
#[derive(Debug)]
#[must_use = "dropping this waits until the trace is written"]
pub struct TraceWriting {
    thread: Option<Result<JoinHandle<Result<PathBuf, ProfileError>>, io::Error>>,
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
        if profiler.is_on() {
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

    /// Stops the trace and waits until it is written; says where.
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
    pub fn stop_in_background(mut self) -> TraceWriting {
        self.finish()
    }

    fn finish(&mut self) -> TraceWriting {
        self.stopped = true;
        let recording = self.profiler.recorder.stop(self.start);
        let (place, label) = (self.place.clone(), std::mem::take(&mut self.label));
        let chrome_json = self.profiler.chrome_json;
        let thread = std::thread::Builder::new()
            .name("tfevents trace".to_owned())
            .spawn(move || write(recording, &label, &place, chrome_json));
        TraceWriting { thread: Some(thread) }
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

impl TraceWriting {
    /// Whether [`wait`](Self::wait) would not wait.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !matches!(&self.thread, Some(Ok(thread)) if !thread.is_finished())
    }

    /// Waits until the trace is written; says where.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn wait(mut self) -> Result<PathBuf, ProfileError> {
        self.join().unwrap_or_else(|| Err(ended()))
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

impl Drop for TraceWriting {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.join() {
            log::error!("{error}");
        }
    }
}
