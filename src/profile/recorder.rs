//! The recorder of a profiler: a line for each thread, which the thread itself finds without a lock,
//! and the thread that starts or stops a trace through the recorder.
//!
//! Except when a trace starts or stops, only its own thread takes a line's lock. This lock is why no
//! span is lost or recorded twice there: a span ends under it, and the thread that stops the trace
//! takes both the ended and the open spans under it at once.

use super::SpanOverflow;
use super::chunk::{Budget, Field, Label};
use super::error::ProfileError;
#[cfg(feature = "tracing")]
use super::thread_log::EnteredSpans;
use super::thread_log::{Limits, Recorded, ThreadLog};
use crate::system::{Mutex, Reading, TickClock};
use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// The state that a profiler and all its threads share.
#[derive(Debug)]
pub(super) struct Recorder {
    id: u64,
    /// Whether a trace is being recorded, readable without a lock.
    on: AtomicBool,
    pub(super) clock: TickClock,
    budget: Budget,
    bytes: usize,
    overflow: SpanOverflow,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    recording: bool,
    lines: Vec<Arc<Line>>,
    last_number: u32,
    /// The dropped spans of threads that have ended and recorded nothing else.
    dropped: u64,
    resolver: Option<Resolver>,
}

/// Returns the name of a span of `tracing`, if it exists.
pub(super) type Resolver = Box<dyn Fn(u64) -> Option<&'static str> + Send>;

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("recording", &self.recording)
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}

/// A thread, as a line of the trace.
#[derive(Debug)]
pub(super) struct Line {
    number: u32,
    name: String,
    /// A copy of the log's flag, readable without its lock.
    recording: AtomicBool,
    #[cfg(feature = "tracing")]
    entered: EnteredSpans,
    log: Mutex<ThreadLog>,
}

/// The records of all threads during a trace.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) start: Reading,
    pub(super) stop: Reading,
    pub(super) threads: Vec<RecordedThread>,
    /// The number of spans that were dropped because the memory was used up.
    pub(super) dropped: u64,
}

#[derive(Debug)]
pub(super) struct RecordedThread {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) recorded: Recorded,
}

impl Recorder {
    pub(super) fn new(bytes: usize, overflow: SpanOverflow) -> Self {
        static LAST_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            id: LAST_ID.fetch_add(1, Ordering::Relaxed),
            on: AtomicBool::new(false),
            clock: TickClock::new(),
            budget: Budget::new(bytes),
            bytes,
            overflow,
            state: Mutex::default(),
        }
    }

    #[inline]
    pub(super) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    #[cfg(feature = "tracing")]
    pub(super) fn set_resolver(&self, resolver: Resolver) {
        self.state.lock().resolver = Some(resolver);
    }

    /// Begins a trace.
    pub(super) fn begin(&self) -> Result<Reading, ProfileError> {
        let mut state = self.state.lock();
        if state.recording {
            return Err(ProfileError::AlreadyRecording);
        }
        state.recording = true;
        self.budget.reset(self.bytes);
        let start = self.clock.reading();
        // Set before the first line begins and, below, unset after the last has stopped: a thread
        // that records a span also records its fields.
        self.on.store(true, Ordering::Relaxed);
        for line in &state.lines {
            line.begin(&self.budget);
        }
        Ok(start)
    }

    /// Stops the trace that began at `start`.
    pub(super) fn stop(&self, start: Reading) -> Recording {
        let stop = self.clock.reading();
        let mut state = self.state.lock();
        state.recording = false;
        let State { lines, resolver, dropped, .. } = &mut *state;
        let collect = |line: &Arc<Line>| RecordedThread {
            number: line.number,
            name: line.name.clone(),
            recorded: line.collect(resolver.as_ref()),
        };
        let threads: Vec<RecordedThread> = lines.iter().map(collect).collect();
        self.on.store(false, Ordering::Relaxed);
        // Removes threads that have ended.
        lines.retain(|line| Arc::strong_count(line) > 1);
        let dropped = threads.iter().map(|thread| thread.recorded.dropped).sum::<u64>()
            + std::mem::take(dropped);
        Recording { start, stop, threads, dropped }
    }

    /// Adds a line for this thread.
    fn register(&self) -> Arc<Line> {
        let mut state = self.state.lock();
        let State { lines, dropped, last_number, .. } = &mut *state;
        // Threads that have ended stay if they have recorded anything.
        lines.retain(|line| {
            let ended = Arc::strong_count(line) == 1;
            ended.then(|| line.log.lock().dropped_alone()).flatten().is_none_or(|alone| {
                *dropped += alone;
                false
            })
        });
        *last_number += 1;
        let number = *last_number;
        let thread = std::thread::current();
        let name = thread.name().map_or_else(|| format!("thread {number}"), str::to_owned);
        let line = Arc::new(Line {
            number,
            name,
            recording: AtomicBool::new(false),
            #[cfg(feature = "tracing")]
            entered: EnteredSpans::new(),
            log: Mutex::default(),
        });
        if state.recording {
            line.begin(&self.budget);
        }
        state.lines.push(line.clone());
        line
    }

    /// Frees memory by dropping the oldest spans of another thread, and returns whether there were
    /// some.
    fn steal(&self) -> bool {
        // A thread that has one of these locks may wait for this thread's: so this does not wait.
        let Some(state) = self.state.try_lock() else { return false };
        let mut others = state.lines.iter().filter_map(|line| line.log.try_lock());
        others.any(|mut log| log.release_oldest(&self.budget))
    }

    /// Calls `f` with the log of a line.
    #[inline]
    fn with_log<R>(&self, line: &Line, f: impl FnOnce(&mut ThreadLog, &Limits<'_>) -> R) -> R {
        let limits =
            Limits { budget: &self.budget, overflow: self.overflow, steal: &|| self.steal() };
        f(&mut line.log.lock(), &limits)
    }

    /// Calls `f` with this thread's line. Returns `None` while the thread's local data are being
    /// destroyed.
    #[inline]
    pub(super) fn with_line<R>(self: &Arc<Self>, f: impl FnOnce(&Line) -> R) -> Option<R> {
        LINES
            .try_with(|lines| {
                if let Some(line) = lines.borrow().of(self.id) {
                    return f(line);
                }
                f(&self.new_line(lines))
            })
            .ok()
    }

    #[cold]
    fn new_line(self: &Arc<Self>, lines: &RefCell<Lines>) -> Arc<Line> {
        let line = self.register();
        let lines = &mut lines.borrow_mut().0;
        // Removes those of profilers that were dropped.
        lines.retain(|own| own.recorder.strong_count() > 0);
        let recorder = Arc::downgrade(self);
        lines.push(OwnLine { id: self.id, recorder, line: line.clone() });
        line
    }

    /// Returns this thread's line.
    #[cfg(feature = "callbacks")]
    pub(super) fn line(self: &Arc<Self>) -> Option<Arc<Line>> {
        self.with_line(|_| ())?;
        LINES.try_with(|lines| lines.borrow().of(self.id).cloned()).ok()?
    }

    /// Opens a span of this crate's own.
    #[inline]
    pub(super) fn open(&self, line: &Line, label: Label) -> u64 {
        line.log.lock().open(label, || self.clock.now())
    }

    #[inline]
    pub(super) fn close(&self, line: &Line, number: u64) {
        self.with_log(line, |log, limits| log.close(number, || self.clock.now(), limits));
    }

    /// Records an instant if a trace is being recorded, and returns the source for its fields.
    pub(super) fn instant(&self, line: &Line, label: Label) -> Option<super::chunk::Source> {
        self.with_log(line, |log, limits| {
            log.recording.then(|| log.instant(label, self.clock.now(), limits))
        })
    }

    pub(super) fn push_fields(&self, line: &Line, fields: &[Field], text: &str) {
        self.with_log(line, |log, limits| {
            if log.recording {
                log.push_fields(fields, text, limits);
            }
        });
    }
}

#[cfg(feature = "tracing")]
impl Recorder {
    /// Enters a span of `tracing` on this thread.
    #[inline]
    pub(super) fn enter(&self, line: &Line, id: u64) {
        let recording = line.recording.load(Ordering::Relaxed);
        line.entered.enter(id, if recording { self.clock.now() } else { super::chunk::BEFORE });
    }

    /// Exits a span of `tracing` on this thread; `name` is called if a trace is being recorded.
    #[inline]
    pub(super) fn exit(&self, line: &Line, id: u64, name: impl FnOnce() -> Option<&'static str>) {
        if !line.recording.load(Ordering::Relaxed) {
            line.entered.exit(id);
            return;
        }
        let name = name();
        self.with_log(line, |log, limits| {
            let start = line.entered.exit(id);
            if !log.recording {
                return;
            }
            let (Some(start), Some(name)) = (start, name) else {
                log.dropped += 1;
                return;
            };
            let (label, source) = (Label::Static(name), super::chunk::Source::Tracing(id));
            let end = self.clock.now();
            log.push(super::chunk::Piece { label, source, start, end }, limits);
        });
    }
}

impl Line {
    fn begin(&self, budget: &Budget) {
        self.log.lock().begin(budget);
        self.recording.store(true, Ordering::Relaxed);
    }

    fn collect(&self, resolver: Option<&Resolver>) -> Recorded {
        let mut log = self.log.lock();
        self.recording.store(false, Ordering::Relaxed);
        #[allow(unused_mut)] // without `tracing`
        let mut recorded = log.collect();
        // The names too are looked up under the lock: a span that ends now waits for it, and so
        // still has its name.
        #[cfg(feature = "tracing")]
        for (id, start) in self.entered.open() {
            use super::chunk::{AFTER, Piece, Source};
            if let Some(name) = resolver.and_then(|resolver| resolver(id)) {
                let (label, source) = (Label::Static(name), Source::Tracing(id));
                recorded.open.push(Piece { label, source, start, end: AFTER });
            }
        }
        #[cfg(not(feature = "tracing"))]
        let _ = resolver;
        recorded
    }
}

/// The lines of a thread, one for each profiler.
struct Lines(Vec<OwnLine>);

struct OwnLine {
    /// The recorder's id.
    id: u64,
    recorder: Weak<Recorder>,
    line: Arc<Line>,
}

thread_local! {
    static LINES: RefCell<Lines> = const { RefCell::new(Lines(Vec::new())) };
}

impl Lines {
    #[inline]
    fn of(&self, recorder: u64) -> Option<&Arc<Line>> {
        self.0.iter().find(|own| own.id == recorder).map(|own| &own.line)
    }
}

/// Runs when the thread ends: what it has recorded stays, unused memory is released.
impl Drop for Lines {
    fn drop(&mut self) {
        for own in &self.0 {
            if let Some(recorder) = own.recorder.upgrade() {
                own.line.log.lock().retire(&recorder.budget);
            }
        }
    }
}
