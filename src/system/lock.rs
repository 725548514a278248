//! The standard library's locks, for threads that often contend for them.
//!
//! A thread that finds the lock taken tries again a few times before the operating system puts it
//! to sleep, which costs that thread and the one that wakes it some 50 µs. Each try takes the
//! lock's cache line away from the thread that has it, so tries are a microsecond apart. Then the
//! thread yields its processor: with more threads than processors, the one that has the lock may be
//! waiting for this one's.
//!
//! A panic does not poison them: every user leaves what a lock guards consistent before it calls
//! anything that may panic.

use std::sync::{MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// The number of tries that follow a pause.
const TRIES: usize = 3;
/// The length of such a pause in the processor's pause instructions: about a microsecond, in which a
/// thread that logs without pause gets some dozens of calls done.
const PAUSES: usize = 32;
/// The number of further tries, which follow a yield of the processor.
const YIELDS: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        match self.try_lock() {
            Some(guard) => guard,
            None => self.wait(),
        }
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn wait(&self) -> MutexGuard<'_, T> {
        for attempt in 0..TRIES + YIELDS {
            if attempt < TRIES {
                (0..PAUSES).for_each(|_| std::hint::spin_loop());
            } else {
                std::thread::yield_now();
            }
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Condvar(std::sync::Condvar);

#[cfg_attr(tfevents_loom, allow(dead_code))] // the models have their own
impl Condvar {
    /// Waits for a notification. May return before there was one, so callers check again.
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a notification for about `timeout` at most.
    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> MutexGuard<'a, T> {
        self.0.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner).0
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{Condvar, Mutex};
    use std::time::{Duration, Instant};

    #[test]
    fn a_panic_does_not_poison_the_lock() {
        let mut lock = Mutex::new(1);
        std::thread::scope(|scope| {
            let panics = || {
                let _guard = lock.lock();
                panic!("while the lock is taken");
            };
            scope.spawn(panics).join().unwrap_err();
        });
        assert_eq!(lock.try_lock().map(|value| *value), Some(1));
        assert_eq!(*lock.lock(), 1);
        assert_eq!(*lock.get_mut(), 1);
    }

    #[test]
    fn a_wait_ends_by_a_notification_or_after_its_timeout() {
        let (notified, condvar) = (Mutex::new(false), Condvar::default());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                *notified.lock() = true;
                condvar.notify_one();
            });
            let mut guard = notified.lock();
            while !*guard {
                guard = condvar.wait_timeout(guard, Duration::MAX);
            }
        });
        let begun = Instant::now();
        let limit = Duration::from_millis(5);
        let mut guard = notified.lock();
        while begun.elapsed() < limit {
            guard = condvar.wait_timeout(guard, limit);
        }
        assert!(*guard);
    }

    #[test]
    fn threads_exclude_each_other() {
        let count = Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| *count.lock() += 1));
            }
        });
        assert_eq!(*count.lock(), 40_000);
    }
}
