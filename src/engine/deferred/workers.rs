//! The threads that encode deferred events.

use super::Job;
use crate::engine::buffer::Buffer;
use crate::engine::runs::RunSet;
use crate::engine::sync::{Condvar, Mutex, now, remaining};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The maximum number of threads, and so of runs that are encoded for at the same time.
const MAX_THREADS: usize = 4;

/// The threads, started when they are first needed.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    buffer: Arc<Buffer>,
    jobs: Mutex<Jobs>,
    /// Wakes an idle thread for a job.
    work: Condvar,
    /// Wakes a caller of `close` when a thread is about to exit.
    exited: Condvar,
}

#[derive(Default)]
struct Jobs {
    /// In the order of the calls.
    waiting: VecDeque<Job>,
    /// The runs that a thread encodes for. Each run has at most one thread, so a stuck summary does
    /// not delay other runs while there is another thread.
    busy: RunSet,
    threads: usize,
    /// The number of idle threads, and how many of them were woken for a job.
    idle: usize,
    woken: usize,
    closed: bool,
}

impl Jobs {
    /// Takes the first job whose run no thread encodes for.
    fn next(&mut self) -> Option<Job> {
        let at = self.waiting.iter().position(|job| !self.busy.contains(job.run()))?;
        let job = self.waiting.remove(at)?;
        self.busy.insert(job.run());
        Some(job)
    }
}

impl Workers {
    pub(crate) fn new(buffer: Arc<Buffer>) -> Self {
        let shared = Shared {
            buffer,
            jobs: Mutex::default(),
            work: Condvar::default(),
            exited: Condvar::default(),
        };
        Self { shared: Arc::new(shared), threads: Mutex::default() }
    }

    pub(crate) fn submit(&self, job: Job) {
        let mut jobs = self.shared.jobs.lock();
        if jobs.closed {
            drop(jobs);
            return self.shared.finish(job);
        }
        // The thread that encodes for this run takes the job next.
        let in_turn = jobs.busy.contains(job.run());
        jobs.waiting.push_back(job);
        if in_turn {
            return;
        }
        if jobs.idle > jobs.woken {
            jobs.woken += 1;
            self.shared.work.notify_one();
        } else if jobs.threads < MAX_THREADS {
            let shared = self.shared.clone();
            let thread = thread::Builder::new().name("tfevents-encode".to_owned());
            match thread.spawn(move || shared.work()) {
                Ok(thread) => {
                    jobs.threads += 1;
                    self.threads.lock().push(thread);
                }
                Err(_) if jobs.threads > 0 => {}
                // There is no other thread, so this call encodes.
                Err(_) => {
                    let job = jobs.waiting.pop_back();
                    drop(jobs);
                    if let Some(job) = job {
                        self.shared.finish(job);
                    }
                }
            }
        }
    }

    /// Returns whether the caller is one of the threads.
    pub(crate) fn is_current(&self) -> bool {
        let current = thread::current().id();
        self.threads.lock().iter().any(|thread| thread.thread().id() == current)
    }

    /// Ends the threads when all jobs are done, and waits for that up to `timeout`.
    pub(crate) fn close(&self, timeout: Duration) {
        let started = now();
        let mut jobs = self.shared.jobs.lock();
        jobs.closed = true;
        self.shared.work.notify_all();
        while jobs.threads > 0 {
            match remaining(timeout, started) {
                Some(left) => jobs = self.shared.exited.wait_timeout(jobs, left),
                // A stuck thread is left running.
                None => return,
            }
        }
        drop(jobs);
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A thread catches panics; if one panicked, there would be nothing to do about it here.
            let _ = thread.join();
        }
    }

    /// Wakes all idle threads without a job.
    #[cfg(test)]
    pub(crate) fn wake(&self) {
        self.shared.work.notify_all();
    }

    /// Leaves the threads to the process that this one was forked from.
    pub(crate) fn detach(&mut self) {
        std::mem::take(self.threads.get_mut()).into_iter().for_each(std::mem::forget);
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").finish_non_exhaustive()
    }
}

impl Shared {
    fn finish(&self, job: Job) {
        job.finish(&self.buffer);
    }

    fn work(&self) {
        let mut jobs = self.jobs.lock();
        loop {
            if let Some(job) = jobs.next() {
                drop(jobs);
                let run = job.run();
                self.finish(job);
                jobs = self.jobs.lock();
                jobs.busy.remove(run);
            } else if jobs.closed {
                jobs.threads -= 1;
                self.exited.notify_all();
                return;
            } else {
                jobs.idle += 1;
                jobs = self.work.wait(jobs);
                jobs.idle -= 1;
                // This thread may have woken spuriously and taken the job of another, which then
                // finds none and waits again.
                jobs.woken = jobs.woken.saturating_sub(1);
            }
        }
    }
}
