//! The monitor, its settings and its thread.

use crate::sample::{Problem, Sample, Source};
use crate::window::Window;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tfevents::SummaryWriter;
use tfevents::read::Run;

/// The name of the child run.
const RUN: &str = "system";
const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);
const DEFAULT_SAMPLE_INTERVAL: Duration = Duration::from_secs(1);
/// Steps are seconds, so points are at least a second apart.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
const MIN_SAMPLE_INTERVAL: Duration = Duration::from_millis(10);

/// A thread that logs metrics of the system and the process; see the [crate's documentation](crate).
///
/// It stops when this is dropped, which logs the means since the last point, or when the writer is
/// [closed](SummaryWriter::close). Neither waits for a measurement. Until then the monitor keeps the
/// writer open, like a clone of it: a variable that is declared after the writer is dropped before
/// it.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents_system::SystemMonitor;
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let writer = SummaryWriter::new(logdir)?; // such as "runs/mnist"
/// let _monitor = SystemMonitor::start(&writer)?; // until the end of the block
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "wandb")]
#[doc(alias = "psutil")]
#[must_use = "the monitor stops where this is dropped"]
pub struct SystemMonitor {
    shared: Arc<Shared>,
    started: Instant,
}

/// Settings for a [`SystemMonitor`]; returned by [`SystemMonitor::builder`].
///
/// ```
/// use std::time::Duration;
/// use tfevents_system::SystemMonitor;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let monitor = SystemMonitor::builder().interval(Duration::from_secs(60)).start(&writer)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SystemMonitorBuilder {
    interval: Duration,
    sample_interval: Duration,
}

/// An error starting a [`SystemMonitor`].
///
/// ```
/// use std::time::Duration;
/// use tfevents_system::{StartError, SystemMonitor};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let error = SystemMonitor::builder().interval(Duration::ZERO).start(&writer).unwrap_err();
/// assert_eq!(error.to_string(), "invalid interval of system metrics: 0ns (expected at least 1s)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The interval between points is too short.
    #[error("invalid interval of system metrics: {given:?} (expected at least {MIN_INTERVAL:?})")]
    #[non_exhaustive]
    Interval {
        /// The given interval.
        given: Duration,
    },
    /// The interval between samples is too short, or longer than that between points.
    #[error(
        "invalid sample interval of system metrics: {given:?} (expected {MIN_SAMPLE_INTERVAL:?} to {interval:?})"
    )]
    #[non_exhaustive]
    SampleInterval {
        /// The given interval.
        given: Duration,
        /// The interval between points.
        interval: Duration,
    },
    /// The child run `system` cannot be opened.
    #[error("cannot open the run of system metrics")]
    Run(#[from] tfevents::Error),
    /// The thread cannot be spawned.
    #[error("cannot spawn the thread of system metrics")]
    Thread(#[from] io::Error),
}

/// The state that the monitor and its thread share.
struct Shared {
    /// `None` once the monitor was stopped.
    window: Mutex<Option<Window>>,
    stopped: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<Window>> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SystemMonitor {
    /// Starts a monitor with the default settings: samples of each second, and a point every ten
    /// seconds.
    ///
    /// Does nothing for a [disabled](SummaryWriter::disabled) writer.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let monitor = tfevents_system::SystemMonitor::start(&writer)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the child run `system` cannot be opened, or if the thread cannot be
    /// spawned.
    pub fn start(writer: &SummaryWriter) -> Result<Self, StartError> {
        Self::builder().start(writer)
    }

    /// Returns a builder with the default settings.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = tfevents_system::SystemMonitor::builder().interval(Duration::from_secs(60));
    /// ```
    pub fn builder() -> SystemMonitorBuilder {
        SystemMonitorBuilder {
            interval: DEFAULT_INTERVAL,
            sample_interval: DEFAULT_SAMPLE_INTERVAL,
        }
    }

    fn run(
        writer: &SummaryWriter,
        settings: SystemMonitorBuilder,
        sources: Vec<Box<dyn Source>>,
    ) -> Result<Self, StartError> {
        let SystemMonitorBuilder { interval, sample_interval } = settings;
        if interval < MIN_INTERVAL {
            return Err(StartError::Interval { given: interval });
        }
        if !(MIN_SAMPLE_INTERVAL..=interval).contains(&sample_interval) {
            return Err(StartError::SampleInterval { given: sample_interval, interval });
        }
        let started = Instant::now();
        let run = writer.child_run(RUN)?;
        let window = (!writer.is_disabled()).then(|| Window::new(run.clone(), first_step(&run)));
        let monitored = window.is_some();
        let shared = Arc::new(Shared { window: Mutex::new(window), stopped: Condvar::new() });
        if monitored {
            let thread =
                Thread { shared: shared.clone(), sources, started, interval, sample_interval };
            std::thread::Builder::new()
                .name("tfevents system".to_owned())
                .spawn(move || thread.run())?;
        }
        Ok(Self { shared, started })
    }
}

/// Returns the step at which this session begins: 0, or the one after those of the session that it
/// continues.
fn first_step(run: &SummaryWriter) -> i64 {
    if run.resumed_at().is_none() {
        return 0;
    }
    let Ok(run) = Run::open(run.path()) else { return 0 };
    let steps = run.events().filter_map(Result::ok).map(|event| event.step());
    steps.max().map_or(0, |last| last.saturating_add(1)).max(0)
}

/// Stops the thread, which may be in the middle of a measurement, without waiting for it.
impl Drop for SystemMonitor {
    fn drop(&mut self) {
        let window = self.shared.lock().take();
        self.shared.stopped.notify_all();
        if let Some(mut window) = window {
            window.log(self.started.elapsed());
        }
    }
}

impl fmt::Debug for SystemMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemMonitor").finish_non_exhaustive()
    }
}

impl SystemMonitorBuilder {
    /// Sets the interval between logged points, at least 1 s. Default: 10 s.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let builder = tfevents_system::SystemMonitor::builder().interval(Duration::from_secs(60));
    /// ```
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the interval between measurements, whose means are logged; at least 10 ms. Default: 1 s.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let builder =
    ///     tfevents_system::SystemMonitor::builder().sample_interval(Duration::from_millis(200));
    /// ```
    pub fn sample_interval(mut self, interval: Duration) -> Self {
        self.sample_interval = interval;
        self
    }

    /// Starts the monitor.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let monitor = tfevents_system::SystemMonitor::builder().start(&writer)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if an interval is invalid, if the child run `system` cannot be opened, or if
    /// the thread cannot be spawned.
    pub fn start(self, writer: &SummaryWriter) -> Result<SystemMonitor, StartError> {
        SystemMonitor::run(writer, self, sources())
    }
}

/// The thread that measures.
struct Thread {
    shared: Arc<Shared>,
    sources: Vec<Box<dyn Source>>,
    started: Instant,
    interval: Duration,
    sample_interval: Duration,
}

impl Thread {
    fn run(mut self) {
        let mut next_sample = Duration::ZERO;
        let mut next_log = self.interval;
        while self.wait_until(next_sample) {
            // Not under the lock: a driver may take its time.
            let mut sample = Sample::default();
            let now = self.started.elapsed();
            self.sources.iter_mut().for_each(|source| source.sample(now, &mut sample));

            let mut guard = self.shared.lock();
            let Some(window) = &mut *guard else { return };
            let problems = window.add(sample);
            let now = self.started.elapsed();
            if now >= next_log {
                window.log(now);
                next_log = following(next_log, self.interval, now);
            }
            next_sample = following(next_sample, self.sample_interval, now);
            // A logger may take its time too.
            drop(guard);
            for Problem { name, reason } in problems {
                log::warn!("system metrics: skipping {name}: {reason} (logged once)");
            }
        }
    }

    /// Waits until a time since the start. Returns whether the monitor is still needed.
    fn wait_until(&self, time: Duration) -> bool {
        let mut window = self.shared.lock();
        loop {
            match &*window {
                Some(open) if !open.is_closed() => {}
                // Nothing can be logged any more, and the writer may be dropped.
                Some(_) => {
                    let closed = window.take();
                    drop(window);
                    drop(closed);
                    return false;
                }
                None => return false,
            }
            let left = time.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return true;
            }
            let waited = self.shared.stopped.wait_timeout(window, left);
            window = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Returns the next multiple of an interval after `now`, without those that were missed.
fn following(due: Duration, interval: Duration, now: Duration) -> Duration {
    let next = due.saturating_add(interval);
    if next > now {
        return next;
    }
    // Late by more than an interval, for example after the system was suspended.
    let missed = ((now - next).as_secs_f64() / interval.as_secs_f64()) as u32;
    next + interval * missed + interval
}

/// Returns the sources of this platform.
fn sources() -> Vec<Box<dyn Source>> {
    vec![
        #[cfg(target_os = "linux")]
        Box::new(crate::linux::Linux::new("/")),
        #[cfg(not(target_os = "linux"))]
        Box::new(crate::sysinfo_source::Sysinfo::new()),
        #[cfg(feature = "nvml")]
        Box::new(crate::gpu::GpuSource::new(crate::gpu::nvml::Nvml::default())),
    ]
}

#[cfg(test)]
mod tests;
