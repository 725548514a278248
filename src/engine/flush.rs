//! `flush` and `close`: calls that wait until everything is in a file, or until the engine ends, and
//! the errors that they report.

use super::buffer::{Buffer, State};
use super::policy::Durability;
use super::stats::DropCounts;
use super::sync::{MutexGuard, now, remaining};
use crate::storage::{Failed, Storage};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// An error of the engine. The writer converts it to its public error.
#[derive(Debug)]
pub(crate) enum EngineError {
    /// A file operation failed.
    Storage(Failed),
    /// A run was opened after the writer was closed.
    Closed { path: PathBuf },
    /// This process was forked from the one that writes.
    Forked { process: u32 },
    /// Events were dropped since the last report.
    Dropped { drops: DropCounts, first: Arc<Path>, location: String },
    /// The storage did not take everything in time.
    Timeout { pending: u64, waited: Duration },
}

impl Buffer {
    /// Returns an error in a forked process. Call it before taking a lock: another thread may have
    /// had the lock when the process was forked.
    pub(crate) fn check_process(&self) -> Result<(), EngineError> {
        let process = self.process.id();
        if self.is_forked() { Err(EngineError::Forked { process }) } else { Ok(()) }
    }

    /// Waits until all events accepted before are in a file, and synced if the durability requires
    /// it.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), EngineError> {
        self.check_process()?;
        let state = self.state.lock();
        self.wait_settled(state, timeout)
    }

    /// Accepts no more events, and waits until the thread that writes has ended.
    pub(crate) fn close(&self, timeout: Duration) -> Result<(), EngineError> {
        self.check_process()?;
        let mut state = self.state.lock();
        state.closing = true;
        state.retire_all();
        let started = now();
        self.work.notify_one();
        self.done.notify_all();
        while !state.lifecycle.ended {
            let Some(left) = remaining(timeout, started) else {
                return Err(EngineError::Timeout { pending: state.pending(), waited: timeout });
            };
            state = self.done.wait_timeout(state, left);
        }
        state.report(&*self.storage)
    }

    fn wait_settled(
        &self,
        mut state: MutexGuard<'_, State>,
        timeout: Duration,
    ) -> Result<(), EngineError> {
        let target = state.accepted;
        let failures = state.failures.count;
        let started = now();
        state.progress.requested = state.progress.requested.max(target);
        if self.acknowledged(&state) < target {
            self.work.notify_one();
        }
        while self.acknowledged(&state) < target
            && state.failures.count == failures
            && !state.lifecycle.ended
        {
            let Some(left) = remaining(timeout, started) else {
                return Err(EngineError::Timeout { pending: state.pending(), waited: timeout });
            };
            state = self.done.wait_timeout(state, left);
        }
        // After a sync that failed, events count as synced, so that no caller waits for them.
        let done = self.acknowledged(&state) >= target && self.limits.durability == Durability::Os;
        let failed = state.failures.count != failures && !done;
        state.report_flush(failed, &*self.storage)
    }

    /// Returns the number before which all events are where a flush guarantees them to be, or
    /// abandoned.
    pub(super) fn acknowledged(&self, state: &State) -> u64 {
        match self.limits.durability {
            Durability::Os => state.progress.settled,
            Durability::SyncOnFlush | Durability::SyncOnInterval => state.progress.synced,
        }
    }
}

impl State {
    /// Returns the result of a flush, which failed if an attempt did before everything was written.
    pub(super) fn report_flush(
        &mut self,
        failed: bool,
        storage: &dyn Storage,
    ) -> Result<(), EngineError> {
        match &self.failures.last {
            // Another caller got the error, or the next attempt made it good meanwhile; this flush
            // failed all the same. Drops are left for the next report, which says that all else is
            // written.
            Some(last) if failed && self.failures.unreported.is_none() => {
                Err(EngineError::Storage(last.clone()))
            }
            _ => self.report(storage),
        }
    }

    /// Returns a failure or the drops that were not reported yet.
    fn report(&mut self, storage: &dyn Storage) -> Result<(), EngineError> {
        let drops = self.stats.drops.since(self.failures.reported_drops);
        self.failures.reported_drops = self.stats.drops;
        let first = self.failures.first_drop.take();
        match (self.failures.unreported.take(), first) {
            (Some(failed), _) => Err(EngineError::Storage(failed)),
            (None, Some(first)) => {
                let location = storage.location(&first);
                Err(EngineError::Dropped { drops, first, location })
            }
            (None, None) => Ok(()),
        }
    }
}
