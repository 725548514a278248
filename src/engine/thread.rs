//! The thread that writes: it takes batches from the buffer, writes them, and returns the outcomes.

use super::batch::{Outcome, Task};
use super::block::Block;
use super::buffer::Buffer;
use super::event_file::{FileSettings, Listed, RunFile, Written};
use super::runs::{RunEnd, RunSet, RunSlot};
use super::steps::{Finding, KindChange, StepBack, Steps};
use crate::storage::{Failed, Storage};
use crate::system::log_guarded;
use crate::wire::event::{self, MAX_HEAD, Payload, Stamp};
use log::Level;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Hooks that the writer implements, because the engine depends on neither summaries nor the
/// profiler.
pub(crate) trait Observer: Send + Sync {
    /// Called when an operation on the run in `dir`, or on all runs, begins. The returned value is
    /// dropped when the operation ends.
    fn begin(&self, operation: &'static str, dir: Option<&Path>) -> Option<Box<dyn Ended + '_>>;

    /// Called with the location of a run when its first file is created beside event files of another
    /// session or writer, once for all runs.
    fn beside_others(&self, location: &str);

    /// Called with the location of a run when a step is not greater than the one before under its tag,
    /// once for each tag.
    fn step_back(&self, location: &str, back: StepBack<'_>);

    /// Called with the location of a run when a tag gets data of another kind than its first, once for
    /// each tag.
    fn kind_change(&self, location: &str, change: KindChange<'_>);

    /// Returns the body of a summary event that says how many events of a run were dropped.
    fn drop_note(&self, dropped: u64) -> Vec<u8>;
}

/// A value that is dropped at the end of an operation.
pub(crate) trait Ended {}

impl<T> Ended for T {}

/// Writes until the buffer ends.
pub(crate) fn run(buffer: &Buffer, settings: &FileSettings, observer: &dyn Observer) {
    let mut thread = Thread::new(buffer, settings, observer);
    while let Some(batch) = buffer.next_batch() {
        let outcomes = thread.write_all(batch.tasks);
        if batch.close_old {
            thread.close_old();
        }
        let synced = batch.sync.then(|| thread.sync());
        if batch.last {
            // Closing a file may wait for a network, so it happens before callers of `close` return.
            // A file in doubt stays: its last append is tried again, and must not go into another one.
            thread.runs.retain(|_, run| run.file.is_in_doubt());
        }
        if settings.max_age.is_some() {
            let old = thread.runs.values().filter_map(|run| run.file.old_at(settings)).min();
            buffer.set_first_old(old);
        }
        buffer.complete(outcomes, synced);
    }
}

struct Thread<'a> {
    buffer: &'a Buffer,
    storage: &'a dyn Storage,
    settings: &'a FileSettings,
    observer: &'a dyn Observer,
    runs: HashMap<RunSlot, OpenRun>,
    /// The runs whose last attempt failed. The first failure and the recovery of the last are logged.
    failing: RunSet,
    /// Whether the last sync failed, which was logged.
    sync_failing: bool,
    /// The directories of closed runs, where event files of this thread are.
    closed: HashSet<Arc<Path>>,
    /// Whether event files of others are expected, or were reported.
    beside_others: bool,
    /// Whether a directory could not be listed, which was logged.
    unlisted: bool,
}

/// The state of a run while its file may be open.
struct OpenRun {
    file: RunFile,
    steps: Steps,
    /// The number before which all events were checked for their steps.
    checked: u64,
    /// The step of the last event.
    last_step: i64,
}

impl OpenRun {
    fn new(dir: Arc<Path>) -> Self {
        Self { file: RunFile::new(dir), steps: Steps::default(), checked: 0, last_step: 0 }
    }

    /// Checks the steps of a block that was not checked before.
    fn check(
        &mut self,
        block: &Block,
        dir: &Path,
        restart: &mut Option<u64>,
        storage: &dyn Storage,
        observer: &dyn Observer,
    ) {
        if block.first() >= self.checked && !block.is_note() {
            self.checked = block.first() + block.events();
            let restart = restart.take_if(|at| *at < self.checked);
            self.steps.check(block, restart, &mut |finding| match finding {
                Finding::StepBack(back) => observer.step_back(&storage.location(dir), back),
                Finding::KindChange(change) => {
                    observer.kind_change(&storage.location(dir), change);
                }
            });
        }
    }
}

impl<'a> Thread<'a> {
    fn new(buffer: &'a Buffer, settings: &'a FileSettings, observer: &'a dyn Observer) -> Self {
        Self {
            buffer,
            storage: &*buffer.storage,
            settings,
            observer,
            runs: HashMap::new(),
            failing: RunSet::default(),
            sync_failing: false,
            closed: HashSet::new(),
            beside_others: settings.beside_others,
            unlisted: false,
        }
    }

    fn write_all(&mut self, tasks: Vec<Task>) -> Vec<Outcome> {
        if self.buffer.pace().whole_batches {
            return self.write_together(tasks);
        }
        tasks.into_iter().map(|task| self.write(task)).collect()
    }

    fn write(&mut self, mut task: Task) -> Outcome {
        let _span = self.observer.begin("write events", Some(&task.dir));
        // A panic would end this thread.
        let wall_time = self.buffer.clock().now_guarded();
        let new = || OpenRun::new(task.dir.clone());
        let run = self.runs.entry(task.run).or_insert_with(new);
        run.file.check_linked(self.storage);
        let mut outcome = Written::default();
        let mut result = Ok(());
        let mut wrote = false;
        while let Some(mut block) = task.blocks.pop_front() {
            run.check(&block, &task.dir, &mut task.restart, self.storage, self.observer);
            let (written, written_result) =
                run.file.write(self.storage, self.settings, wall_time, &mut block);
            wrote |= written.events > 0;
            if written_result.is_err() {
                task.blocks.push_front(block);
                (outcome, result) = (written, written_result);
                break;
            }
            run.last_step = block.last_step();
            // At once, so that a call that waits for capacity goes on while there is more to write.
            self.buffer.release_written(task.run, block, written);
        }
        if result.is_ok() && task.dropped > 0 {
            let body = self.observer.drop_note(task.dropped);
            let mut note = note(&body, task.last_step, wall_time);
            result = run.file.write(self.storage, self.settings, wall_time, &mut note).1;
            if result.is_ok() {
                task.dropped = 0;
            }
        }
        let listed = run.file.take_listed();
        self.report_listed(listed, &task.dir);
        self.log_write(task.run, &result);
        result = result.and_then(|()| self.close(&task, wall_time));
        Outcome { task, wrote, written: outcome, error: result.err(), in_doubt: false }
    }

    /// Closes the file of a run that has nothing left to write, and marks the end of the run in it.
    fn close(&mut self, task: &Task, wall_time: f64) -> Result<(), Failed> {
        if !task.close {
            return Ok(());
        }
        let Some(mut run) = self.runs.remove(&task.run) else { return Ok(()) };
        if !self.beside_others {
            self.closed.insert(task.dir.clone());
        }
        // In whole batches the mark is written with the last events.
        if self.settings.mark_ends && !self.buffer.pace().whole_batches {
            let mut mark = end_mark(task.end, run.last_step, wall_time);
            // All events of the run are in the file, so no caller has lost anything.
            if let Err(failed) = run.file.write_last(self.storage, &mut mark) {
                let error = &failed.error;
                log_guarded(
                    Level::Warn,
                    format_args!("{failed}: {error}; the end of the run is not marked"),
                );
            }
        }
        let closed = run.file.close(self.settings);
        self.log_sync(&closed);
        closed
    }

    /// Reports the event files of others, and a directory that cannot be listed, once each.
    fn report_listed(&mut self, listed: Option<Listed>, dir: &Arc<Path>) {
        match listed {
            Some(Listed::Others) if !self.beside_others && !self.closed.contains(dir) => {
                self.beside_others = true;
                self.observer.beside_others(&self.storage.location(dir));
            }
            Some(Listed::Failed(failed)) if !self.unlisted => {
                self.unlisted = true;
                let then = "names of event files depend on the clock alone";
                log_guarded(Level::Warn, format_args!("{failed}: {}; {then}", failed.error));
            }
            _ => {}
        }
    }

    /// Writes tasks at the same time: all blocks of a run in one append.
    fn write_together(&mut self, mut tasks: Vec<Task>) -> Vec<Outcome> {
        let _span = self.observer.begin("write events", None);
        let wall_time = self.buffer.clock().now_guarded();
        // First all appends begin, then all are waited for.
        let mut begun = Vec::new();
        for task in &mut tasks {
            let new = || OpenRun::new(task.dir.clone());
            let mut run = self.runs.remove(&task.run).unwrap_or_else(new);
            run.file.check_linked(self.storage);
            for block in &task.blocks {
                run.check(block, &task.dir, &mut task.restart, self.storage, self.observer);
            }
            if task.dropped > 0 {
                // From now on it is one of the run's blocks: an append without an outcome is repeated
                // byte by byte.
                let body = self.observer.drop_note(task.dropped);
                let note = note(&body, task.last_step, wall_time).into_note();
                task.blocks.push_back(note.numbered(run.checked));
                task.dropped = 0;
            }
            if let Some(last) = task.blocks.back() {
                run.last_step = last.last_step();
            }
            let marks = task.close && self.settings.mark_ends;
            if marks && (!task.blocks.is_empty() || run.file.takes_more()) {
                let mark = end_mark(task.end, run.last_step, wall_time).into_note();
                task.blocks.push_back(mark.numbered(run.checked));
            }
            let (storage, settings) = (self.storage, self.settings);
            let result = if task.blocks.is_empty() {
                Ok(())
            } else {
                run.file.begin_write(storage, settings, wall_time, &mut task.blocks)
            };
            begun.push((run, result));
        }
        let finish = |(task, (run, begun))| self.finish(task, run, begun, wall_time);
        tasks.into_iter().zip(begun).map(finish).collect()
    }

    /// Waits for the append of a task.
    fn finish(
        &mut self,
        mut task: Task,
        mut run: OpenRun,
        begun: Result<(), Failed>,
        wall_time: f64,
    ) -> Outcome {
        let (mut rest, mut result) = match begun {
            Ok(()) if task.blocks.is_empty() => (0, Ok(())),
            Ok(()) => run.file.finish_write(self.storage, &mut task.blocks),
            Err(error) => (0, Err(error)),
        };
        let in_doubt = run.file.is_in_doubt();
        self.report_listed(run.file.take_listed(), &task.dir);
        self.runs.insert(task.run, run);
        let (mut wrote, mut written) = (false, Written::default());
        while task.blocks.front().is_some_and(|block| block.unwritten() <= rest) {
            let Some(block) = task.blocks.pop_front() else { break };
            rest -= block.unwritten();
            wrote |= block.events() > 0;
            let (events, bytes) = (block.events(), block.unwritten() as u64);
            // Nothing counts a note, neither as an event nor against the bound.
            if !block.is_note() {
                self.buffer.release_written(task.run, block, Written { events, bytes });
            }
        }
        if let Some(block) = task.blocks.front_mut().filter(|block| !block.is_note()) {
            let (events, bytes) = block.advance(rest);
            wrote |= events > 0;
            written = Written { events, bytes: bytes as u64 };
        }
        self.log_write(task.run, &result);
        result = result.and_then(|()| self.close(&task, wall_time));
        Outcome { task, wrote, written, error: result.err(), in_doubt }
    }

    /// Closes the files that have reached their maximum age.
    fn close_old(&mut self) {
        let mut result = Ok(());
        for run in self.runs.values_mut() {
            let closed = run.file.close_if_old(self.settings);
            result = result.and(closed);
        }
        self.log_sync(&result);
        if let Err(failed) = result {
            self.buffer.keep_failure(failed);
        }
    }

    /// Syncs the files of all runs; the first error is returned.
    fn sync(&mut self) -> Result<(), Failed> {
        let _span = self.observer.begin("sync files", None);
        let mut result = Ok(());
        for run in self.runs.values_mut() {
            let synced = run.file.sync();
            result = result.and(synced);
        }
        self.log_sync(&result);
        result
    }

    /// Logs the first sync that fails, including that of a file that is closed.
    fn log_sync(&mut self, result: &Result<(), Failed>) {
        let logged = std::mem::replace(&mut self.sync_failing, result.is_err());
        if let (Err(failed), false) = (result, logged) {
            let then = "later events are written to a new file";
            log_guarded(Level::Error, format_args!("{failed}: {}; {then}", failed.error));
        }
    }

    /// Logs the first write that fails, and when all runs are written again.
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

/// Returns the event that shows the number of dropped events in TensorBoard.
fn note(body: &[u8], step: i64, wall_time: f64) -> Block {
    let stamp = Stamp { wall_time, step };
    let write = |out: &mut [u8]| event::write_event(out, stamp, Payload::Summary, body);
    Block::large(MAX_HEAD + body.len(), step, write)
}

/// Returns the event that marks the end of a run. TensorBoard's readers ignore it; this crate's says
/// how the run ended.
fn end_mark(end: RunEnd, step: i64, wall_time: f64) -> Block {
    let mut body = Vec::new();
    event::put_session_stop(&mut body, end.message());
    let stamp = Stamp { wall_time, step };
    let write = |out: &mut [u8]| event::write_event(out, stamp, Payload::SessionLog, &body);
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
        fn beside_others(&self, _: &str) {}
        fn step_back(&self, _: &str, _: StepBack<'_>) {}
        fn kind_change(&self, _: &str, _: KindChange<'_>) {}
        fn drop_note(&self, dropped: u64) -> Vec<u8> {
            dropped.to_string().into_bytes()
        }
    }

    /// A buffer and a storage that may fail; the test runs the thread's work batch by batch.
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
            let storage = Faulty::default();
            let buffer = Buffer::new(limits, Clock::default());
            let buffer = buffer.with_storage(Arc::new(storage.clone()));
            let dir = tempfile::tempdir().unwrap();
            let run = buffer.open_run(dir.path().into()).unwrap();
            Self { buffer, storage, run, _dir: dir }
        }

        /// Writes a batch in which operation `fails_at` fails, if given. Returns how many runs count
        /// as failing afterwards.
        fn batch(&self, thread: &mut Thread<'_>, fails_at: Option<usize>) -> usize {
            self.storage.mend();
            if let Some(at) = fails_at {
                self.storage.set(Fault::Fails, at);
            }
            let batch = self.buffer.next_batch().unwrap();
            let outcomes = thread.write_all(batch.tasks);
            let failed = outcomes.iter().any(|outcome| outcome.error.is_some());
            assert_eq!(failed, fails_at.is_some());
            self.buffer.complete(outcomes, None);
            thread.failing.len()
        }

        fn push(&self, size: usize) {
            self.buffer.push(self.run, None, 0, Payload::Summary, &vec![0; size]);
        }
    }

    /// Only the first failure of a series is logged, so a run that recovered must no longer count.
    #[test]
    fn a_run_no_longer_fails_when_nothing_of_it_is_left() {
        let bench = Bench::new();
        let settings = FileSettings {
            suffix: String::new(),
            max_bytes: u64::MAX,
            max_age: None,
            sync: true,
            beside_others: true,
            mark_ends: false,
        };
        let mut thread = Thread::new(&bench.buffer, &settings, &NoObserver);
        // It is too large, so there is only a note of the drop to write.
        bench.push(2 * SMALL);
        assert_eq!(bench.batch(&mut thread, Some(0)), 1);
        assert_eq!(bench.batch(&mut thread, None), 0);
        bench.push(10);
        bench.buffer.close_run(bench.run);
        // Its event is written, and the file cannot be synced, but is closed.
        assert_eq!(bench.batch(&mut thread, Some(1)), 0);
        assert!(thread.runs.is_empty());
    }
}
