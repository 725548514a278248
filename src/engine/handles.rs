//! Opening, closing and releasing runs.

use super::buffer::{Buffer, State};
use super::flush::EngineError;
use super::runs::{Run, RunEnd, RunHandle, RunSlot};
use super::sync::{MutexGuard, now};
use std::path::Path;
use std::sync::Arc;

impl Buffer {
    /// Returns a handle of the run in a directory, to be released by
    /// [`release_run`](Self::release_run).
    pub(crate) fn open_run(&self, dir: Arc<Path>) -> Result<RunHandle, EngineError> {
        let mut state = self.state.lock();
        if state.closing {
            return Err(EngineError::Closed { path: dir.to_path_buf() });
        }
        let slot = match state.slots.by_dir.get(&dir) {
            Some(slot) => *slot,
            None => state.new_run(dir),
        };
        let run = &mut state.runs[slot.0];
        run.handles += 1;
        run.live_handles += 1;
        // Its file stays open: events logged before, and not yet written, come first.
        run.retiring = false;
        if run.live_handles == 1 {
            run.end = RunEnd::Unknown;
        }
        Ok(RunHandle { slot, generation: run.generation })
    }

    /// Returns whether events that are logged with this handle are accepted at the moment.
    pub(crate) fn accepts(&self, handle: RunHandle) -> bool {
        let mut state = self.state.lock();
        self.end_if_forked(&mut state);
        state.accepts(handle)
    }

    /// Sets what the file of a run is marked with when it is closed. A failure stays one.
    pub(crate) fn set_end(&self, handle: RunHandle, end: RunEnd) {
        let mut state = self.state.lock();
        let run = &mut state.runs[handle.slot.0];
        if run.generation == handle.generation && run.end != RunEnd::Failure {
            run.end = end;
        }
    }

    /// Closes a run: accepts no more events with this handle and those opened before, and closes the
    /// run's file when everything is written.
    pub(crate) fn close_run(&self, handle: RunHandle) {
        let mut state = self.state.lock();
        // It may have been closed before, and opened again.
        let run = &mut state.runs[handle.slot.0];
        if run.generation == handle.generation {
            run.generation += 1;
            run.live_handles = 0;
            self.retire(state, handle.slot);
        }
    }

    /// Releases a handle. When no handle is left that can log, the run's file is closed once
    /// everything is written; when no handle is left at all, its slot is then free.
    pub(crate) fn release_run(&self, handle: RunHandle) {
        let mut state = self.state.lock();
        let run = &mut state.runs[handle.slot.0];
        run.handles -= 1;
        run.live_handles -= usize::from(run.generation == handle.generation);
        if run.live_handles == 0 {
            self.retire(state, handle.slot);
        }
    }

    /// Expects steps to begin anew with the next event of a run.
    #[cfg_attr(not(feature = "callbacks"), expect(dead_code, reason = "called by callbacks"))]
    pub(crate) fn restart_steps(&self, handle: RunHandle) {
        let mut state = self.state.lock();
        state.runs[handle.slot.0].restart = Some(state.accepted);
    }

    fn retire(&self, mut state: MutexGuard<'_, State>, run: RunSlot) {
        if state.lifecycle.ended {
            return;
        }
        state.runs[run.0].retiring = true;
        state.schedule.dirty.insert(run);
        state.schedule.oldest.get_or_insert_with(now);
        self.work.notify_one();
    }
}

impl State {
    /// Closes the files of all runs once everything is written.
    pub(super) fn retire_all(&mut self) {
        for slot in self.slots.by_dir.values() {
            self.runs[slot.0].retiring = true;
            if !self.schedule.blocked.contains(*slot) {
                self.schedule.dirty.insert(*slot);
            }
        }
    }

    fn new_run(&mut self, dir: Arc<Path>) -> RunSlot {
        let run = Run::new(dir.clone());
        let slot = match self.slots.free.pop() {
            Some(slot) => {
                debug_assert!(!self.failures.runs.contains(slot), "{slot:?} is free and failing");
                self.runs[slot.0] = run;
                slot
            }
            None => {
                self.runs.push(run);
                RunSlot(self.runs.len() - 1)
            }
        };
        self.slots.by_dir.insert(dir, slot);
        slot
    }

    /// Returns whether events that are logged with this handle are accepted.
    pub(super) fn accepts(&self, handle: RunHandle) -> bool {
        !self.closing && self.runs[handle.slot.0].generation == handle.generation
    }
}
