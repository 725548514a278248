//! Traces: where the time of a training step goes, for TensorBoard's Profile dashboard.
//!
//! A [`Profiler`] records spans, from their begin to their end, on every thread, while a trace is
//! taken. Spans come from `tracing` (with the feature of that name, through
//! `Profiler::layer`), from [`Profiler::span`], and from this crate: with a profiler, the
//! [callbacks] show each epoch, training step, test and callback, and the writer shows its writes.
//!
//! [callbacks]: https://docs.rs/tfevents/latest/tfevents/callbacks/
//!
//! ```
//! use tfevents::profile::Profiler;
//!
//! # let dir = tempfile::tempdir()?;
//! # let run = dir.path();
//! let profiler = Profiler::new();
//! let trace = profiler.start(run)?; // such as "logs/fit/train"
//! for step in 0..10 {
//!     let _step = profiler.span("train_step").with_field("step", step);
//!     let batch = {
//!         let _span = profiler.span("load");
//!         vec![step as f32; 32]
//!     };
//!     let _span = profiler.span("forward");
//!     batch.iter().sum::<f32>();
//! }
//! let path = trace.stop()?;
//! assert!(path.starts_with(run.join("plugins").join("profile")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! TensorBoard shows it where xprof is installed (`pip install tensorboard xprof`): in the Profile
//! dashboard, as the tool Trace Viewer. Its other tools look into devices, of which such a trace
//! says nothing.
//!
//! # What a trace holds
//!
//! - a line for each thread, with its name, also of threads that have ended;
//! - spans that were open when the trace began or stopped, cut there, with a field `cut`;
//! - spans of `tracing` that run on several threads in turn, as asynchronous ones do: a piece for
//!   each time between enter and exit, on the thread where it ran;
//! - fields of spans, and events of `tracing` as moments, with what they say as their name.
//!   Texts are cut after 1 KiB;
//! - a line `trace`, with the label of the whole, and how many spans are missing if the memory did
//!   not do.
//!
//! Times are those of a clock that only goes forward: setting the system's clock bends nothing.
//! The name of a trace's folder alone is by the system's clock.
//!
//! - `recorder`, with `log`, `chunk` and `entered`: a thread's record in memory; `clock`: its time;
//! - `span`, `open_span`, `layer`: what is recorded;
//! - `session`: a trace from start to stop; `timeline`: what it holds; `xspace`, `chrome`: as
//!   files, which `files` names and writes.

mod chrome;
mod chunk;
mod clock;
#[cfg(feature = "tracing")]
mod entered;
mod error;
mod files;
#[cfg(feature = "tracing")]
mod layer;
mod log;
#[cfg(feature = "callbacks")]
mod open_span;
mod recorder;
mod session;
mod span;
#[cfg(test)]
pub(crate) mod tests;
mod timeline;
mod xspace;

pub use error::ProfileError;
#[cfg(feature = "tracing")]
pub use layer::ProfilerLayer;
pub use session::{PendingTrace, Trace};
pub use span::{Span, SpanValue};

pub(crate) use chunk::Label;
#[cfg(feature = "callbacks")]
pub(crate) use open_span::OpenSpan;

use recorder::Recorder;
use std::path::Path;
use std::sync::Arc;

/// Records spans while a trace is taken: see the [module's documentation](self).
///
/// Cheap to clone; all clones are the same profiler. It takes one trace at a time.
///
/// While no trace is taken a span costs little: it is only noted as open, so that a trace knows
/// what it began in the middle of. `benches/own/profile.rs` measures it, on and off.
///
/// ```
/// let profiler = tfevents::profile::Profiler::new();
/// let _span = profiler.span("forward");
/// ```
#[derive(Clone, Debug)]
pub struct Profiler {
    recorder: Arc<Recorder>,
    chrome_json: bool,
}

/// What is kept when the memory for a trace is used up.
///
/// ```
/// use tfevents::profile::{SpanOverflow, Profiler};
///
/// // The minutes before the trace is stopped, however long it has been running.
/// let profiler = Profiler::builder().overflow(SpanOverflow::DropOldest).build();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanOverflow {
    /// What was recorded first: later spans are dropped.
    #[default]
    DropNewest,
    /// What was recorded last: a thread drops its own oldest spans, some two thousand at a time.
    DropOldest,
}

/// Settings for a [`Profiler`]; made by [`Profiler::builder`].
///
/// ```
/// use tfevents::profile::{SpanOverflow, Profiler};
///
/// let profiler = Profiler::builder().buffer_bytes(16 << 20).overflow(SpanOverflow::DropOldest).build();
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ProfilerBuilder {
    buffer: usize,
    overflow: SpanOverflow,
    chrome_json: bool,
}

/// Room for some six hundred thousand spans.
const BUFFER: usize = 64 << 20;
/// Less would not do for a few threads.
const LEAST: usize = 1 << 20;

impl Profiler {
    /// A profiler with the default settings.
    ///
    /// ```
    /// let profiler = tfevents::profile::Profiler::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings for one.
    ///
    /// ```
    /// let profiler = tfevents::profile::Profiler::builder().chrome_json(true).build();
    /// ```
    pub fn builder() -> ProfilerBuilder {
        ProfilerBuilder { buffer: BUFFER, overflow: SpanOverflow::DropNewest, chrome_json: false }
    }

    /// Begins a trace of a run: `run` is its directory, such as `logs/fit/train`.
    ///
    /// The trace will be `<run>/plugins/profile/<YYYY_MM_DD_HH_MM_SS>/<host>.xplane.pb`, with the
    /// local time at this call; if there is a trace of that second already, the next free one.
    /// This call makes the directory for it, so it may wait for the disk.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::profile::Profiler::new();
    /// let trace = profiler.start(run)?;
    /// // what is to be looked at
    /// println!("written to {}", trace.stop()?.display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a trace is being taken already, or the directory cannot be made.
    pub fn start(&self, run: impl AsRef<Path>) -> Result<Trace, ProfileError> {
        Trace::start(self, run.as_ref())
    }

    /// A span from now until what is returned is dropped, on this thread. Others that begin and
    /// end meanwhile are drawn inside it.
    ///
    /// Few names make a readable trace: what differs from span to span is for [`Span::with_field`].
    ///
    /// ```
    /// # let profiler = tfevents::profile::Profiler::new();
    /// {
    ///     let _span = profiler.span("load").with_field("images", 32);
    ///     // load them
    /// }
    /// ```
    #[inline]
    pub fn span(&self, name: &'static str) -> Span<'_> {
        Span::new(self, Label::Static(name))
    }

    /// A moment, drawn as a mark on this thread's line.
    ///
    /// ```
    /// # let profiler = tfevents::profile::Profiler::new();
    /// profiler.instant("weights restored");
    /// ```
    pub fn instant(&self, name: &'static str) {
        span::mark(self, name);
    }

    /// Whether a trace is being taken.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::profile::Profiler::new();
    /// let trace = profiler.start(run)?;
    /// assert!(profiler.is_recording());
    /// trace.stop()?;
    /// assert!(!profiler.is_recording());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.recorder.is_on()
    }

    /// A span with a name made at run time.
    #[cfg(feature = "callbacks")]
    pub(crate) fn span_of(&self, name: &Arc<str>) -> Span<'_> {
        Span::new(self, Label::Shared(name.clone()))
    }
}

impl Default for Profiler {
    fn default() -> Self {
        Self::new()
    }
}

impl ProfilerBuilder {
    /// How much memory a trace may take while it is recorded; at least 1 MiB. Default: 64 MiB,
    /// room for some six hundred thousand spans. A thread takes 200 KiB of it at a time.
    ///
    /// After the stop, what was recorded is encoded behind the caller, which takes about as much
    /// again.
    ///
    /// ```
    /// let profiler = tfevents::Profiler::builder().buffer_bytes(256 << 20).build();
    /// ```
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer = bytes.max(LEAST);
        self
    }

    /// What is kept when the memory is used up. Default: what was recorded first. How many spans
    /// are missing stands in the trace.
    ///
    /// ```
    /// use tfevents::profile::{SpanOverflow, Profiler};
    ///
    /// let profiler = Profiler::builder().buffer_bytes(16 << 20).overflow(SpanOverflow::DropOldest).build();
    /// ```
    pub fn overflow(mut self, overflow: SpanOverflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Writes each trace also as `<host>.trace.json` beside the other file, in the format of
    /// Chrome's tracing, which [Perfetto](https://ui.perfetto.dev) opens. Default: no.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// let profiler = tfevents::Profiler::builder().chrome_json(true).build();
    /// let path = profiler.start(run)?.stop()?; // …/host.xplane.pb
    /// assert!(path.with_extension("").with_extension("trace.json").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chrome_json(mut self, write: bool) -> Self {
        self.chrome_json = write;
        self
    }

    /// Makes the profiler.
    ///
    /// ```
    /// let profiler = tfevents::Profiler::builder().build();
    /// assert!(!profiler.is_recording());
    /// ```
    #[must_use]
    pub fn build(self) -> Profiler {
        let recorder = Arc::new(Recorder::new(self.buffer, self.overflow));
        Profiler { recorder, chrome_json: self.chrome_json }
    }
}
