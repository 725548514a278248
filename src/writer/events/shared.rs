//! What the layers of one run share: its event file, what is logged once per step, and which
//! layer logs a field.

use crate::engine::{Buffer, RunHandle};
use crate::summary::{AtomicHistogram, Scalar, Summary, SummaryEncoder};
use crate::system::Mutex;
use crate::wire::event::{Payload, ScalarForm, ScalarTemplate};
use crate::writer::SummaryWriter;
use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Weak};
use tracing_core::callsite::Identifier;

/// A handle by which a layer logs into a run.
///
/// It does not keep the writer open: when the last clone of the root writer is dropped, everything
/// is written, though a subscriber lives until the process ends.
#[derive(Debug)]
pub(super) struct Sink {
    buffer: Arc<Buffer>,
    handle: RunHandle,
    pub(super) form: ScalarForm,
    pub(super) path: Arc<Path>,
    pub(super) shared: Arc<SharedEvents>,
}

impl Sink {
    /// Returns `None` if the writer is disabled or closed.
    pub(super) fn new(writer: &SummaryWriter) -> Option<Self> {
        let run = writer.run.as_ref()?;
        let buffer = run.shared.buffer.clone();
        // A handle of its own, because that of the writer is released when the writer is dropped.
        let handle = buffer.open_run(run.dir.clone()).ok()?;
        Some(Self {
            buffer,
            handle,
            form: writer.scalar_form(),
            path: run.path.clone(),
            shared: run.events.clone(),
        })
    }

    #[inline]
    pub(super) fn push_scalar(&self, template: &ScalarTemplate, value: f32, step: i64) {
        let write = |out: &mut [u8], stamp| template.write(out, stamp, value);
        self.buffer.push_small(self.handle, step, template.size(), write);
    }

    pub(super) fn push(&self, tag: &str, summary: &impl Summary, step: i64) {
        push(&self.buffer, self.handle, tag, summary, step);
    }

    #[cold]
    pub(super) fn count_without_step(&self) {
        self.buffer.count_without_step();
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Another thread may have had the lock when this process was forked.
        if !self.buffer.is_forked() {
            self.buffer.release_run(self.handle);
        }
    }
}

fn push(buffer: &Buffer, handle: RunHandle, tag: &str, summary: &impl Summary, step: i64) {
    let mut body = Vec::with_capacity(summary.encoded_len_hint() + tag.len());
    summary.encode(tag, &mut SummaryEncoder::new(&mut body));
    buffer.push(handle, None, step, Payload::Summary, &body);
}

/// The state that the layers of one run share.
#[derive(Debug, Default)]
pub(in crate::writer) struct SharedEvents {
    claims: Mutex<HashMap<Claim, Weak<()>>>,
    aggregates: Mutex<Vec<Arc<Aggregate>>>,
}

/// A field of a callsite in a subscriber, and its tag.
type Claim = (usize, Identifier, Box<str>);

impl SharedEvents {
    /// Returns whether this layer is the one that logs a field, so that two layers of one subscriber
    /// do not log it twice. `layer` lives as long as the layer.
    pub(super) fn claim(
        &self,
        subscriber: usize,
        callsite: &Identifier,
        tag: &str,
        layer: &Arc<()>,
    ) -> bool {
        let mut claims = self.claims.lock();
        if claims.len() == claims.capacity() {
            // Before it grows. A program may make a subscriber for each of its tasks.
            claims.retain(|_, layer| layer.strong_count() > 0);
        }
        let owner = claims.entry((subscriber, callsite.clone(), tag.into())).or_default();
        if owner.strong_count() == 0 {
            *owner = Arc::downgrade(layer);
        }
        std::ptr::eq(owner.as_ptr(), Arc::as_ptr(layer))
    }

    /// Returns the total or the distribution of a tag, which all its callsites add to.
    pub(super) fn aggregate(&self, tag: &str, kind: AggregateKind) -> Arc<Aggregate> {
        let mut aggregates = self.aggregates.lock();
        let known = aggregates.iter().find(|known| known.kind == kind && &*known.tag == tag);
        if let Some(known) = known {
            return known.clone();
        }
        let new = Arc::new(Aggregate::new(tag, kind));
        aggregates.push(new.clone());
        new
    }

    /// Logs the aggregates whose step has not ended, when the run is closed.
    pub(in crate::writer) fn finish(&self, buffer: &Buffer, handle: RunHandle) {
        let Some(_entered) = Entered::enter() else { return };
        for aggregate in self.aggregates.lock().iter() {
            let mut state = aggregate.state.lock();
            if let Some(step) = state.step.take() {
                aggregate.log(&mut state, buffer, handle, step);
            }
        }
    }
}

/// The values of one tag that are logged once per step.
#[derive(Debug)]
pub(super) struct Aggregate {
    tag: Box<str>,
    kind: AggregateKind,
    state: Mutex<AggregateState>,
}

/// How the values of a step become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AggregateKind {
    /// The sum of all values since the run was opened.
    Total,
    /// A histogram of the values of the step.
    Distribution,
}

#[derive(Debug)]
struct AggregateState {
    /// The step of the values that are not yet logged.
    step: Option<i64>,
    total: f64,
    samples: Option<AtomicHistogram>,
}

impl Aggregate {
    fn new(tag: &str, kind: AggregateKind) -> Self {
        let samples = (kind == AggregateKind::Distribution).then(AtomicHistogram::new);
        let state = AggregateState { step: None, total: 0.0, samples };
        Self { tag: tag.into(), kind, state: Mutex::new(state) }
    }

    /// Adds a value, and logs those of the step before it. A value that a logger adds while this
    /// crate reports that something cannot be logged is skipped.
    pub(super) fn add(&self, sink: &Sink, value: f64, step: i64) {
        let Some(_entered) = Entered::enter() else { return };
        let mut state = self.state.lock();
        match state.step.replace(step) {
            // Locked meanwhile, so that values are logged in the order of their steps.
            Some(ended) if ended != step => {
                self.log(&mut state, &sink.buffer, sink.handle, ended);
            }
            _ => {}
        }
        match &state.samples {
            Some(samples) => samples.record(value),
            None => state.total += value,
        }
    }

    fn log(&self, state: &mut AggregateState, buffer: &Buffer, handle: RunHandle, step: i64) {
        match &state.samples {
            Some(samples) => push(buffer, handle, &self.tag, &samples.take(), step),
            None => push(buffer, handle, &self.tag, &Scalar::new(state.total), step),
        }
    }
}

thread_local! {
    static ENTERED: Cell<bool> = const { Cell::new(false) };
}

/// Marks that this thread has the lock of an aggregate, while what it logs may call a logger, which
/// may log through `tracing` itself.
struct Entered;

impl Entered {
    /// Returns `None` if this thread has such a lock already, or ends.
    fn enter() -> Option<Self> {
        let entered = ENTERED.try_with(|entered| entered.replace(true)).unwrap_or(true);
        (!entered).then_some(Self)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Without a value when the thread ends.
        let _ = ENTERED.try_with(|entered| entered.set(false));
    }
}
