//! Locks and the time that waits go by, from one place.
//!
//! They are `crate::system`'s. The models in `tests/loom` have their own of both, so that
//! they can try every order in which threads get a lock, and every moment at which a wait runs out.

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

/// Returns what is left of `limit` since `started`; `None` when it has run out.
pub(super) fn remaining(limit: Duration, started: Instant) -> Option<Duration> {
    limit.checked_sub(now() - started).filter(|left| !left.is_zero())
}
