//! Locks whose every order is tried, and time that passes when a model advances it.

use std::cell::Cell;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

pub(in crate::engine) use loom::sync::MutexGuard;

thread_local! {
    /// All threads of a model run on one thread of the operating system.
    static NOW: Cell<Instant> = Cell::new(Instant::now());
}

pub(in crate::engine) fn now() -> Instant {
    NOW.get()
}

/// Advances the time. The caller has to wake the threads that wait.
pub(in crate::engine) fn pass(time: Duration) {
    NOW.set(NOW.get() + time);
}

#[derive(Debug, Default)]
pub(in crate::engine) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(in crate::engine) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::engine) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
pub(in crate::engine) struct Condvar(loom::sync::Condvar);

impl Condvar {
    pub(in crate::engine) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is notified, which [`Buffer::pass`](crate::engine::Buffer::pass) does too.
    pub(in crate::engine) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> MutexGuard<'a, T> {
        self.wait(guard)
    }

    pub(in crate::engine) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(in crate::engine) fn notify_all(&self) {
        self.0.notify_all();
    }
}
