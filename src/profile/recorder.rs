//! Who records: a line for each thread, found by the thread itself without a lock, and by who
//! takes a trace through the recorder.
//!
//! A line's lock is taken by its own thread only, but for the moments at which a trace begins or
//! stops. That a span is neither lost nor doubled at a border follows from this lock: a span ends
//! under it, and who stops the trace takes what has ended and what is open under it, at once.

use super::SpanOverflow;
use super::chunk::{Budget, Field, Label};
use super::clock::{Clock, Moment};
#[cfg(feature = "tracing")]
use super::entered::Entered;
use super::error::ProfileError;
use super::log::{Bounds, Log, Recorded};
use crate::system::Mutex;
use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// What a profiler and all its threads share.
#[derive(Debug)]
pub(super) struct Recorder {
    id: u64,
    /// Whether a trace is being taken, for who wants to know quickly.
    on: AtomicBool,
    pub(super) clock: Clock,
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
    /// On threads that have ended and left nothing else.
    dropped: u64,
    resolve: Option<Resolve>,
}

/// The name of a span of `tracing`, if it lives.
pub(super) type Resolve = Box<dyn Fn(u64) -> Option<&'static str> + Send>;

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
    /// The log's flag, to be read without its lock.
    recording: AtomicBool,
    #[cfg(feature = "tracing")]
    entered: Entered,
    log: Mutex<Log>,
}

/// What a trace has got.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) start: Moment,
    pub(super) stop: Moment,
    pub(super) threads: Vec<RecordedThread>,
    /// Spans that are missing, for want of memory.
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
            clock: Clock::new(),
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
    pub(super) fn resolve_by(&self, resolve: Resolve) {
        self.state.lock().resolve = Some(resolve);
    }

    /// Begins a trace.
    pub(super) fn begin(&self) -> Result<Moment, ProfileError> {
        let mut state = self.state.lock();
        if state.recording {
            return Err(ProfileError::Running);
        }
        state.recording = true;
        self.budget.reset(self.bytes);
        let start = self.clock.moment();
        // Before the first line begins and, below, after the last has stopped: who records a span
        // also records its fields.
        self.on.store(true, Ordering::Relaxed);
        for line in &state.lines {
            line.begin(&self.budget);
        }
        Ok(start)
    }

    /// Stops the trace that began at `start`.
    pub(super) fn stop(&self, start: Moment) -> Recording {
        let stop = self.clock.moment();
        let mut state = self.state.lock();
        state.recording = false;
        let State { lines, resolve, dropped, .. } = &mut *state;
        let collect = |line: &Arc<Line>| RecordedThread {
            number: line.number,
            name: line.name.clone(),
            recorded: line.collect(resolve.as_ref()),
        };
        let threads: Vec<RecordedThread> = lines.iter().map(collect).collect();
        self.on.store(false, Ordering::Relaxed);
        // Threads that have ended.
        lines.retain(|line| Arc::strong_count(line) > 1);
        let dropped = threads.iter().map(|thread| thread.recorded.dropped).sum::<u64>()
            + std::mem::take(dropped);
        Recording { start, stop, threads, dropped }
    }

    /// A line for this thread.
    fn register(&self) -> Arc<Line> {
        let mut state = self.state.lock();
        let State { lines, dropped, last_number, .. } = &mut *state;
        // Of threads that have ended, those are kept that have something to show.
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
            entered: Entered::new(),
            log: Mutex::default(),
        });
        if state.recording {
            line.begin(&self.budget);
        }
        state.lines.push(line.clone());
        line
    }

    /// Makes room by forgetting what another thread recorded first.
    fn steal(&self) -> bool {
        // Who holds one of these locks may want that of this thread: so none is waited for.
        let Some(state) = self.state.try_lock() else { return false };
        let mut others = state.lines.iter().filter_map(|line| line.log.try_lock());
        others.any(|mut log| log.give_oldest(&self.budget))
    }

    /// The log of a line, with what it needs.
    #[inline]
    fn with_log<R>(&self, line: &Line, f: impl FnOnce(&mut Log, &Bounds<'_>) -> R) -> R {
        let bounds =
            Bounds { budget: &self.budget, overflow: self.overflow, steal: &|| self.steal() };
        f(&mut line.log.lock(), &bounds)
    }

    /// This thread's line; `None` while the thread is being taken down.
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
        // Those of profilers that are gone.
        lines.retain(|mine| mine.recorder.strong_count() > 0);
        let recorder = Arc::downgrade(self);
        lines.push(Mine { id: self.id, recorder, line: line.clone() });
        line
    }

    /// This thread's line, to be kept.
    #[cfg(feature = "callbacks")]
    pub(super) fn line(self: &Arc<Self>) -> Option<Arc<Line>> {
        self.with_line(|_| ())?;
        LINES.try_with(|lines| lines.borrow().of(self.id).cloned()).ok()?
    }

    /// Opens a span of our own.
    #[inline]
    pub(super) fn open(&self, line: &Line, label: Label) -> u64 {
        line.log.lock().open(label, || self.clock.now())
    }

    #[inline]
    pub(super) fn close(&self, line: &Line, number: u64) {
        self.with_log(line, |log, bounds| log.close(number, || self.clock.now(), bounds));
    }

    /// Records a moment, and gives what its fields belong to, if a trace is being taken.
    pub(super) fn mark(&self, line: &Line, label: Label) -> Option<super::chunk::Source> {
        self.with_log(line, |log, bounds| {
            log.recording.then(|| log.mark(label, self.clock.now(), bounds))
        })
    }

    pub(super) fn push_fields(&self, line: &Line, fields: &[Field], text: &str) {
        self.with_log(line, |log, bounds| {
            if log.recording {
                log.push_fields(fields, text, bounds);
            }
        });
    }
}

#[cfg(feature = "tracing")]
impl Recorder {
    /// A span of `tracing` is entered on this thread.
    #[inline]
    pub(super) fn enter(&self, line: &Line, id: u64) {
        let recording = line.recording.load(Ordering::Relaxed);
        line.entered.enter(id, if recording { self.clock.now() } else { super::chunk::BEFORE });
    }

    /// It is left; its name is asked for if a trace is being taken.
    #[inline]
    pub(super) fn exit(&self, line: &Line, id: u64, name: impl FnOnce() -> Option<&'static str>) {
        if !line.recording.load(Ordering::Relaxed) {
            line.entered.exit(id);
            return;
        }
        let name = name();
        self.with_log(line, |log, bounds| {
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
            log.push(super::chunk::Piece { label, source, start, end }, bounds);
        });
    }
}

impl Line {
    fn begin(&self, budget: &Budget) {
        self.log.lock().begin(budget);
        self.recording.store(true, Ordering::Relaxed);
    }

    fn collect(&self, resolve: Option<&Resolve>) -> Recorded {
        let mut log = self.log.lock();
        self.recording.store(false, Ordering::Relaxed);
        #[allow(unused_mut)] // without `tracing`
        let mut recorded = log.collect();
        // The names too are asked for under the lock: a span that ends now waits for it, and so
        // still has one.
        #[cfg(feature = "tracing")]
        for (id, start) in self.entered.open() {
            use super::chunk::{AFTER, Piece, Source};
            if let Some(name) = resolve.and_then(|resolve| resolve(id)) {
                let (label, source) = (Label::Static(name), Source::Tracing(id));
                recorded.open.push(Piece { label, source, start, end: AFTER });
            }
        }
        #[cfg(not(feature = "tracing"))]
        let _ = resolve;
        recorded
    }
}

/// The lines of a thread, one for each profiler.
struct Lines(Vec<Mine>);

struct Mine {
    /// The recorder's.
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
        self.0.iter().find(|mine| mine.id == recorder).map(|mine| &mine.line)
    }
}

/// The thread ends. What it has recorded is kept, without the room for more.
impl Drop for Lines {
    fn drop(&mut self) {
        for mine in &self.0 {
            if let Some(recorder) = mine.recorder.upgrade() {
                mine.line.log.lock().retire(&recorder.budget);
            }
        }
    }
}
