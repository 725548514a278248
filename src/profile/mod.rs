//! Traces: where the time of a training step goes, for TensorBoard's Profile dashboard.
//!
//! A [`Profiler`] records the spans of every thread while a trace is being recorded. Spans come from
//! `tracing` (with the feature of that name, through `Profiler::layer`), from [`Profiler::span`], and
//! from this crate: with a profiler, the [callbacks] show each epoch, training step, test and callback, and the writer shows its writes.
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
//! TensorBoard shows traces if xprof is installed (`pip install tensorboard xprof`), in the tool
//! Trace Viewer of the Profile dashboard. Its other tools analyze devices, and such a trace contains
//! only the host.
//!
//! # Contents of a trace
//!
//! - A line for each thread, with its name, also for threads that have ended. A span that crosses
//!   another one, because it ends later than the span around it, is drawn on a further line.
//! - Spans that were open when the trace began or stopped; they are cut there, and have a field
//!   `cut`.
//! - Spans of `tracing` that run on several threads in turn, as asynchronous ones do: a piece for
//!   each time between enter and exit, on the thread where it ran.
//! - Fields of spans, and events of `tracing` as instants named by their message. Texts are
//!   truncated to 1 KiB.
//! - A line `trace` with the label of the trace, and the number of spans that are missing if the
//!   memory was used up.
//!
//! Times come from a monotonic clock: setting the system's clock does not change them. Only the
//! name of a trace's folder comes from the system's clock.

// Spans are recorded by `span` and `layer` through the `recorder`, into the `thread_log` of their
// thread, whose memory is `chunk`s. A `session` turns what was recorded into a `timeline`, and
// `encode`s and writes that.
mod chunk;
mod encode;
mod error;
#[cfg(feature = "tracing")]
mod layer;
mod recorder;
mod session;
mod span;
#[cfg(test)]
pub(crate) mod tests;
mod thread_log;
mod timeline;

pub use error::ProfileError;
#[cfg(feature = "tracing")]
pub use layer::ProfilerLayer;
pub use session::{PendingTrace, Trace};
pub use span::{Span, SpanValue};

pub(crate) use chunk::Label;
#[cfg(feature = "callbacks")]
pub(crate) use span::OpenSpan;

use recorder::Recorder;
use std::path::Path;
use std::sync::Arc;

/// A recorder of spans for traces: see the [module's documentation](self).
///
/// Cheap to clone; all clones are the same profiler. It records one trace at a time.
///
/// A span costs little while no trace is being recorded: it is only remembered as open, so that a
/// trace that begins in the middle of it contains it. `benches/own/profile.rs` measures both.
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

/// The spans that are dropped when the memory for a trace is used up.
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
    /// Later spans are dropped: the trace contains its beginning.
    #[default]
    DropNewest,
    /// The oldest spans are dropped, some two thousand of a thread at a time: the trace contains its
    /// end.
    DropOldest,
}

/// Settings for a [`Profiler`]; returned by [`Profiler::builder`].
///
/// ```
/// use tfevents::profile::{SpanOverflow, Profiler};
///
/// let profiler = Profiler::builder().buffer_bytes(16 << 20).overflow(SpanOverflow::DropOldest).build();
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ProfilerBuilder {
    buffer_bytes: usize,
    overflow: SpanOverflow,
    chrome_json: bool,
}

/// Enough for some six hundred thousand spans.
const DEFAULT_BUFFER: usize = 64 << 20;
/// Enough for a few threads.
const MIN_BUFFER: usize = 1 << 20;

impl Profiler {
    /// Creates a profiler with the default settings.
    ///
    /// ```
    /// let profiler = tfevents::profile::Profiler::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns a builder with the default settings.
    ///
    /// ```
    /// let profiler = tfevents::profile::Profiler::builder().chrome_json(true).build();
    /// ```
    pub fn builder() -> ProfilerBuilder {
        ProfilerBuilder {
            buffer_bytes: DEFAULT_BUFFER,
            overflow: SpanOverflow::DropNewest,
            chrome_json: false,
        }
    }

    /// Starts a trace of a run; `run` is its directory, such as `logs/fit/train`.
    ///
    /// The trace is written to `<run>/plugins/profile/<YYYY_MM_DD_HH_MM_SS>/<host>.xplane.pb`, with
    /// the local time of this call, or the next second for which there is no trace yet. This call
    /// creates the directory, so it may wait for the disk.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let run = dir.path();
    /// # let profiler = tfevents::profile::Profiler::new();
    /// let trace = profiler.start(run)?;
    /// // the steps to look at
    /// println!("written to {}", trace.stop()?.display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if a trace is already being recorded, or if the directory cannot be created.
    #[doc(alias = "start_trace")]
    pub fn start(&self, run: impl AsRef<Path>) -> Result<Trace, ProfileError> {
        Trace::start(self, run.as_ref())
    }

    /// Begins a span on this thread, which ends when the returned value is dropped.
    ///
    /// Spans that begin and end meanwhile are drawn inside it. A trace with few names is easiest to
    /// read: use [`Span::with_field`] for what differs from span to span.
    ///
    /// ```
    /// # let profiler = tfevents::profile::Profiler::new();
    /// {
    ///     let _span = profiler.span("load").with_field("images", 32);
    ///     // load them
    /// }
    /// ```
    #[doc(alias = "record_function")]
    #[doc(alias = "TraceAnnotation")]
    #[inline]
    pub fn span(&self, name: &'static str) -> Span<'_> {
        Span::new(self, Label::Static(name))
    }

    /// Records an instant, which is drawn as a mark on this thread's line.
    ///
    /// ```
    /// # let profiler = tfevents::profile::Profiler::new();
    /// profiler.instant("weights restored");
    /// ```
    pub fn instant(&self, name: &'static str) {
        span::instant(self, name);
    }

    /// Returns whether a trace is being recorded.
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

    /// Begins a span whose name was made at run time.
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
    /// Sets how many bytes of memory a trace may take while it is recorded; at least 1 MiB.
    /// Default: 64 MiB, enough for some six hundred thousand spans.
    ///
    /// A thread reserves 200 KiB of it at a time. Encoding the trace in the background after its stop
    /// takes about as much again.
    ///
    /// ```
    /// let profiler = tfevents::Profiler::builder().buffer_bytes(256 << 20).build();
    /// ```
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes.max(MIN_BUFFER);
        self
    }

    /// Sets which spans are dropped when the memory is used up. Default:
    /// [`DropNewest`](SpanOverflow::DropNewest). The trace contains the number of dropped spans.
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

    /// Sets whether each trace is also written as `<host>.trace.json` beside the other file, in the
    /// format of Chrome's tracing, which [Perfetto](https://ui.perfetto.dev) opens. Default: `false`.
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

    /// Creates the profiler.
    ///
    /// ```
    /// let profiler = tfevents::Profiler::builder().build();
    /// assert!(!profiler.is_recording());
    /// ```
    #[must_use]
    pub fn build(self) -> Profiler {
        let recorder = Arc::new(Recorder::new(self.buffer_bytes, self.overflow));
        Profiler { recorder, chrome_json: self.chrome_json }
    }
}
