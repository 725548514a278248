//! A thread that logs after each interval.

use crate::MetricsRecorder;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Intervals are at least this long.
const MIN_INTERVAL: Duration = Duration::from_millis(10);
/// How often the thread looks whether the writer was closed.
const CHECK: Duration = Duration::from_secs(1);

/// A thread that logs all metrics of a recorder, started by [`MetricsRecorder::log_every`]. It ends
/// when this is dropped, which logs them once more.
#[must_use = "the thread ends where this is dropped"]
pub struct IntervalLog {
    shared: Arc<Shared>,
}

struct Shared {
    recorder: MetricsRecorder,
    state: Mutex<State>,
    stop: Condvar,
}

#[derive(Default)]
struct State {
    stopped: bool,
    /// The step at which the metrics were logged last.
    last: Option<i64>,
    warned: bool,
}

impl IntervalLog {
    pub(crate) fn start(recorder: &MetricsRecorder, interval: Duration) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            recorder: recorder.clone(),
            state: Mutex::default(),
            stop: Condvar::new(),
        });
        let thread = shared.clone();
        let interval = interval.max(MIN_INTERVAL);
        if !recorder.inner.writer.is_disabled() {
            std::thread::Builder::new()
                .name("tfevents metrics".to_owned())
                .spawn(move || thread.run(interval))?;
        }
        Ok(Self { shared })
    }
}

impl Shared {
    fn run(&self, interval: Duration) {
        let mut due = Instant::now() + interval;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.stopped && !self.recorder.inner.writer.is_closed() {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.log(&mut state);
                due = Instant::now() + interval;
            } else {
                let waited = self.stop.wait_timeout(state, left.min(CHECK));
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn log(&self, state: &mut State) {
        let step = self.recorder.inner.steps.get().filter(|&step| step >= 0);
        match step {
            // The step's point would be replaced.
            Some(step) if state.last == Some(step) => {}
            Some(step) => {
                state.last = Some(step);
                self.recorder.log(step);
            }
            None if !state.warned => {
                state.warned = true;
                log::warn!(
                    "metrics are not logged: no step (expected one from 0 in the StepSource) (logged \
                     once)"
                );
            }
            None => {}
        }
    }
}

impl Drop for IntervalLog {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.stopped {
            state.stopped = true;
            self.shared.log(&mut state);
        }
        drop(state);
        self.shared.stop.notify_all();
    }
}

impl fmt::Debug for IntervalLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntervalLog")
            .field("recorder", &self.shared.recorder)
            .finish_non_exhaustive()
    }
}
