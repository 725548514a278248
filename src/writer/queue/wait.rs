//! Those who wait until everything is in a file.

use super::{Queue, State};
use crate::writer::Error;
use crate::writer::policy::Durability;
use crate::writer::sync::{MutexGuard, now, remaining};
use std::time::Duration;

impl Queue {
    /// Waits until all that was accepted before is in a file, and synced if the settings say so.
    pub(in crate::writer) fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.check_process()?;
        let state = self.state.lock();
        self.wait_settled(state, timeout)
    }

    /// The same, and takes no more events.
    pub(in crate::writer) fn close(&self, timeout: Duration) -> Result<(), Error> {
        self.check_process()?;
        let mut state = self.state.lock();
        state.closing = true;
        let begun = now();
        self.work.notify_one();
        self.done.notify_all();
        while !state.ended {
            let Some(left) = remaining(timeout, begun) else {
                return Err(Error::Timeout { pending: state.pending(), waited: timeout });
            };
            state = self.done.wait_timeout(state, left);
        }
        state.report()
    }

    /// Before a lock is taken: it may have been somebody's when this process was forked.
    pub(in crate::writer) fn check_process(&self) -> Result<(), Error> {
        if self.is_forked() { Err(Error::Forked { process: self.process.id() }) } else { Ok(()) }
    }

    fn wait_settled(
        &self,
        mut state: MutexGuard<'_, State>,
        timeout: Duration,
    ) -> Result<(), Error> {
        let target = state.accepted;
        let failures = state.failures;
        let begun = now();
        state.wanted = state.wanted.max(target);
        if self.safe(&state) < target {
            self.work.notify_one();
        }
        while self.safe(&state) < target && state.failures == failures && !state.ended {
            let Some(left) = remaining(timeout, begun) else {
                return Err(Error::Timeout { pending: state.pending(), waited: timeout });
            };
            state = self.done.wait_timeout(state, left);
        }
        // What was synced in vain counts as done, so that nobody waits for it.
        let done = self.safe(&state) >= target && self.limits.durability == Durability::Os;
        let failed = state.failures != failures && !done;
        match state.report() {
            // Somebody else who waited has been told; this one must not take it for done.
            Ok(()) if failed => state.failure.as_ref().and_then(Error::again).map_or(Ok(()), Err),
            result => result,
        }
    }

    /// All events before this number are where a flush promises them to be, or given up.
    pub(super) fn safe(&self, state: &State) -> u64 {
        if self.limits.durability == Durability::Os { state.settled } else { state.synced }
    }
}
