//! The thread that writes: it takes batches from the buffer and gives back what became of them.

use super::batch::{Outcome, Task};
use super::block::Block;
use super::buffer::Buffer;
use super::event_file::{FileSettings, RunFile};
use super::runs::{RunSet, RunSlot};
use crate::storage::{Failed, Storage};
use crate::system::log_guarded;
use crate::wire::event::{self, MAX_HEAD, Payload, Stamp};
use log::Level;
use std::collections::{HashMap, VecDeque};
use std::path::Path;

/// What the engine leaves to the writer: it knows neither summaries nor the profiler.
pub(crate) trait Observer: Send + Sync {
    /// Called when an operation on the run in `dir`, or on all runs, begins. What it returns is
    /// dropped when the operation has ended.
    fn begin(&self, operation: &'static str, dir: Option<&Path>) -> Option<Box<dyn Ended + '_>>;

    /// Returns the body of a summary event saying that so many events of a run were dropped.
    fn drop_note(&self, dropped: u64) -> Vec<u8>;
}

/// What is dropped at the end of an operation.
pub(crate) trait Ended {}

impl<T> Ended for T {}

/// Writes until the buffer ends.
pub(crate) fn run(
    buffer: &Buffer,
    storage: &dyn Storage,
    settings: &FileSettings,
    observer: &dyn Observer,
) {
    let mut thread = Thread::new(buffer, storage, settings, observer);
    while let Some(batch) = buffer.next_batch() {
        let outcomes = batch.tasks.into_iter().map(|task| thread.write(task)).collect();
        let synced = batch.sync.then(|| thread.sync());
        if batch.last {
            // Over a network this may wait too: so before a caller learns that all is done.
            thread.files.clear();
        }
        buffer.complete(outcomes, synced);
    }
}

struct Thread<'a> {
    buffer: &'a Buffer,
    storage: &'a dyn Storage,
    settings: &'a FileSettings,
    observer: &'a dyn Observer,
    files: HashMap<RunSlot, RunFile>,
    /// Logged once when the first fails, once when the last is written again.
    failing: RunSet,
    /// The last sync failed, and that was logged.
    sync_failing: bool,
}

impl<'a> Thread<'a> {
    fn new(
        buffer: &'a Buffer,
        storage: &'a dyn Storage,
        settings: &'a FileSettings,
        observer: &'a dyn Observer,
    ) -> Self {
        let (files, failing) = (HashMap::new(), RunSet::default());
        Self { buffer, storage, settings, observer, files, failing, sync_failing: false }
    }

    fn write(&mut self, mut task: Task) -> Outcome {
        let _span = self.observer.begin("write events", Some(&task.dir));
        // A panic would end this thread.
        let wall_time = self.buffer.clock().now_guarded();
        let new = || RunFile::new(task.dir.clone());
        let file = self.files.entry(task.run).or_insert_with(new);
        let mut write = |blocks: &mut VecDeque<Block>, done: &mut Vec<Block>| {
            file.write(self.storage, self.settings, wall_time, blocks, done)
        };
        let mut done = Vec::new();
        let (written, mut result) = write(&mut task.blocks, &mut done);
        if result.is_ok() && task.dropped > 0 {
            let body = self.observer.drop_note(task.dropped);
            let mut note = VecDeque::from([note(&body, task.last_step, wall_time)]);
            result = write(&mut note, &mut Vec::new()).1;
            if result.is_ok() {
                task.dropped = 0;
            }
        }
        self.log_write(task.run, &result);
        if task.close && result.is_ok() {
            if let Some(mut file) = self.files.remove(&task.run) {
                result = file.close(self.settings);
                self.log_sync(&result);
            }
        }
        Outcome { task, done, written, error: result.err() }
    }

    /// Syncs the files of all runs; the first error is returned.
    fn sync(&mut self) -> Result<(), Failed> {
        let _span = self.observer.begin("sync files", None);
        let mut result = Ok(());
        for file in self.files.values_mut() {
            let synced = file.sync();
            result = result.and(synced);
        }
        self.log_sync(&result);
        result
    }

    /// Logs the first sync that fails. A file that was closed counts too: what may fail then is its
    /// sync.
    fn log_sync(&mut self, result: &Result<(), Failed>) {
        let logged = std::mem::replace(&mut self.sync_failing, result.is_err());
        if let (Err(failed), false) = (result, logged) {
            let then = "what comes next goes into a new file";
            log_guarded(Level::Error, format_args!("{failed}: {}; {then}", failed.error));
        }
    }

    /// Logs the first write that fails, and when all is written again.
    fn log_write(&mut self, run: RunSlot, result: &Result<(), Failed>) {
        match result {
            Err(failed) => {
                if self.failing.is_empty() {
                    let then = "events are kept while the buffer has capacity, and tried again";
                    log_guarded(Level::Error, format_args!("{failed}: {}; {then}", failed.error));
                }
                self.failing.insert(run);
            }
            Ok(()) => {
                if self.failing.remove(run) && self.failing.is_empty() {
                    log_guarded(Level::Info, format_args!("events are written again"));
                }
            }
        }
    }
}

/// Returns an event that says on TensorBoard's page how many are missing.
fn note(body: &[u8], step: i64, wall_time: f64) -> Block {
    let stamp = Stamp { wall_time, step };
    let write = |out: &mut [u8]| event::write_event(out, stamp, Payload::Summary, body);
    Block::large(MAX_HEAD + body.len(), step, write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Clock, Durability, Limits, Overflow, RunHandle};
    use crate::storage::faulty::{Fault, Faulty};
    use std::time::Duration;

    const SMALL: usize = 4 << 10;

    struct NoObserver;

    impl Observer for NoObserver {
        fn begin(&self, _: &'static str, _: Option<&Path>) -> Option<Box<dyn Ended + '_>> {
            None
        }
        fn drop_note(&self, dropped: u64) -> Vec<u8> {
            dropped.to_string().into_bytes()
        }
    }

    /// Does what the thread does with a batch, on storage that may fail.
    struct Bench {
        buffer: Buffer,
        storage: Faulty,
        run: RunHandle,
        _dir: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let limits = Limits {
                flush_interval: Duration::ZERO,
                small: SMALL,
                large: 0,
                overflow: Overflow::Drop,
                durability: Durability::Os,
            };
            let buffer = Buffer::new(limits, Clock::default());
            let dir = tempfile::tempdir().unwrap();
            let run = buffer.open_run(dir.path().into()).unwrap();
            Self { buffer, storage: Faulty::default(), run, _dir: dir }
        }

        /// Returns how many runs count as failing after a batch in which so many operations go
        /// well, and the next one fails.
        fn batch(&self, thread: &mut Thread<'_>, fails_at: Option<usize>) -> usize {
            self.storage.mend();
            if let Some(at) = fails_at {
                self.storage.set(Fault::Fails, at);
            }
            let batch = self.buffer.next_batch().unwrap();
            let outcomes: Vec<_> = batch.tasks.into_iter().map(|task| thread.write(task)).collect();
            let failed = outcomes.iter().any(|outcome| outcome.error.is_some());
            assert_eq!(failed, fails_at.is_some());
            self.buffer.complete(outcomes, None);
            thread.failing.len()
        }

        fn push(&self, size: usize) {
            self.buffer.push(self.run, None, 0, Payload::Summary, &vec![0; size]);
        }
    }

    /// Only the first failure of a series is logged: so one that is made good must no longer count.
    #[test]
    fn a_run_no_longer_fails_when_nothing_of_it_is_left() {
        let bench = Bench::new();
        let settings = FileSettings { suffix: String::new(), max_bytes: u64::MAX, sync: true };
        let mut thread = Thread::new(&bench.buffer, &bench.storage, &settings, &NoObserver);
        // Too large: all that there is to write is a note of it.
        bench.push(2 * SMALL);
        assert_eq!(bench.batch(&mut thread, Some(0)), 1);
        assert_eq!(bench.batch(&mut thread, None), 0);
        bench.push(10);
        bench.buffer.close_run(bench.run);
        // Its event is written, and the file cannot be synced: it is closed all the same.
        assert_eq!(bench.batch(&mut thread, Some(1)), 0);
        assert!(thread.files.is_empty());
    }
}
