//! Who has a key to which run, and when a run leaves its place to another.

use super::{Held, Queue, Run, RunId, RunKey, State};
use crate::writer::Error;
use crate::writer::sync::{MutexGuard, now};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

impl Queue {
    /// A key to the run in a directory. Who gets it gives it back: see
    /// [`forget_run`](Self::forget_run).
    pub(in crate::writer) fn open_run(&self, dir: Arc<Path>) -> Result<RunKey, Error> {
        let mut state = self.state.lock();
        if state.closing {
            return Err(Error::Closed { path: dir.to_path_buf() });
        }
        let id = match state.places.get(&dir) {
            Some(id) => *id,
            None => state.new_run(dir),
        };
        let run = &mut state.runs[id.0];
        run.keys += 1;
        run.good_keys += 1;
        // What was logged before, and is not yet written, stays before what comes now.
        run.leaves = false;
        Ok(RunKey { run: id, opening: run.opening })
    }

    /// Whether events that are logged with this key are taken, as it is now.
    pub(in crate::writer) fn takes(&self, key: RunKey) -> bool {
        let mut state = self.state.lock();
        self.end_if_forked(&mut state);
        state.takes(key)
    }

    /// Takes no more events with this key, or others that were given out before; closes the run's
    /// file when all is written.
    pub(in crate::writer) fn close_run(&self, key: RunKey) {
        let mut state = self.state.lock();
        // Closed already, it may have been opened anew.
        let run = &mut state.runs[key.run.0];
        if run.opening == key.opening {
            run.opening += 1;
            run.good_keys = 0;
            self.leave(state, key.run);
        }
    }

    /// Takes a key back. Without any that is good for something the run's file is closed when all
    /// is written, and without any at all its place is left to others.
    pub(in crate::writer) fn forget_run(&self, key: RunKey) {
        let mut state = self.state.lock();
        let run = &mut state.runs[key.run.0];
        run.keys -= 1;
        run.good_keys -= usize::from(run.opening == key.opening);
        if run.good_keys == 0 {
            self.leave(state, key.run);
        }
    }

    fn leave(&self, mut state: MutexGuard<'_, State>, run: RunId) {
        if state.ended {
            return;
        }
        state.runs[run.0].leaves = true;
        state.dirty.insert(run);
        state.oldest.get_or_insert_with(now);
        self.work.notify_one();
    }
}

impl State {
    fn new_run(&mut self, dir: Arc<Path>) -> RunId {
        let run = Run {
            dir: dir.clone(),
            blocks: VecDeque::new(),
            held: Held::default(),
            dropped: 0,
            last_step: 0,
            opening: 0,
            keys: 0,
            good_keys: 0,
            leaves: false,
            retry: None,
            last_failures: 0,
        };
        let id = match self.free.pop() {
            Some(id) => {
                debug_assert!(!self.failing.contains(id), "{id:?} was left while it failed");
                self.runs[id.0] = run;
                id
            }
            None => {
                self.runs.push(run);
                RunId(self.runs.len() - 1)
            }
        };
        self.places.insert(dir, id);
        id
    }

    /// Whether events that are logged with this key are taken.
    pub(super) fn takes(&self, key: RunKey) -> bool {
        !self.closing && self.runs[key.run.0].opening == key.opening
    }
}
