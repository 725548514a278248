//! Locks and the time that waits go by, from one place.
//!
//! They are `crate::system`'s. A model of the queue (`tests/loom`) has its own of both, so that
//! it can try every order in which threads get a lock, and every moment at which a wait runs out.

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

/// What is left of `limit` since `begun`; `None` when it has run out.
pub(super) fn remaining(limit: Duration, begun: Instant) -> Option<Duration> {
    limit.checked_sub(now() - begun).filter(|left| !left.is_zero())
}
