//! Locks whose every order is tried, and time that passes when a model says so.

use std::cell::Cell;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

pub(in crate::writer) use loom::sync::MutexGuard;

thread_local! {
    /// All threads of a model run on one of the system's.
    static NOW: Cell<Instant> = Cell::new(Instant::now());
}

pub(in crate::writer) fn now() -> Instant {
    NOW.get()
}

/// What waits is to be told.
pub(in crate::writer) fn pass(time: Duration) {
    NOW.set(NOW.get() + time);
}

#[derive(Debug, Default)]
pub(in crate::writer) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(in crate::writer) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(in crate::writer) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::writer) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
pub(in crate::writer) struct Condvar(loom::sync::Condvar);

impl Condvar {
    pub(in crate::writer) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Until it is told: of time that has passed, too.
    pub(in crate::writer) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> MutexGuard<'a, T> {
        self.wait(guard)
    }

    pub(in crate::writer) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(in crate::writer) fn notify_all(&self) {
        self.0.notify_all();
    }
}
