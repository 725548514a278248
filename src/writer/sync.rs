//! Locks, from one place.
//!
//! `parking_lot`'s, because a thread that finds the lock taken waits a little before it asks the
//! operating system to be put to sleep: four threads that log without pause finish as soon as
//! one does, where the standard library's took almost twice as long. A panic elsewhere does not
//! poison them. No code of ours panics while it holds one. A clock given by the user may: the
//! state that it would leave behind is consistent, because the clock is read before anything is
//! changed.

pub(super) use parking_lot::{Mutex, MutexGuard};
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Condvar(parking_lot::Condvar);

impl Condvar {
    pub(super) fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(&mut guard);
        guard
    }

    pub(super) fn wait_timeout<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> MutexGuard<'a, T> {
        self.0.wait_for(&mut guard, timeout);
        guard
    }

    pub(super) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(super) fn notify_all(&self) {
        self.0.notify_all();
    }
}
