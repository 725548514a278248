//! The locks of the engine, and the clock for its waits.
//!
//! They are those of `crate::system`. The models in `tests/loom` replace both, to try every order in
//! which threads get a lock, and every moment at which a wait times out.

#[cfg(all(test, tfevents_loom))]
pub(super) use super::tests::loom::sync::{Condvar, Mutex, MutexGuard, now, pass};
#[cfg(not(all(test, tfevents_loom)))]
pub(super) use crate::system::{Condvar, Mutex};
#[cfg(not(all(test, tfevents_loom)))]
pub(super) use std::sync::MutexGuard;
use std::time::{Duration, Instant};

#[cfg(not(all(test, tfevents_loom)))]
#[inline]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Returns the time that is left of `limit` since `started`; `None` if there is none.
pub(super) fn remaining(limit: Duration, started: Instant) -> Option<Duration> {
    limit.checked_sub(now() - started).filter(|left| !left.is_zero())
}
