//! The thread that writes: it takes blocks from the queue and gives back what became of them.

use super::Error;
use super::block::Block;
use super::file::{RunFile, Settings};
use super::queue::{Outcome, Queue, RunId, RunSet, Task};
use super::spans::Spans;
use super::storage::Storage;
use super::tell::tell;
use crate::summary::{Summary, SummaryEncoder, Text};
use crate::wire::event::{self, MAX_HEAD, Payload, Stamp};
use log::Level;
use std::collections::{HashMap, VecDeque};

/// The tag of the note that a run gets when events of it were dropped.
const DROPPED_TAG: &str = "tfevents/dropped_events";

/// Writes until the queue ends.
pub(super) fn run(queue: &Queue, storage: &dyn Storage, settings: &Settings, spans: &Spans) {
    let mut thread = Thread::new(queue, storage, settings, spans);
    while let Some(turn) = queue.take() {
        let outcomes = turn.tasks.into_iter().map(|task| thread.write(task)).collect();
        let synced = turn.sync.then(|| thread.sync());
        if turn.last {
            // Over a network this may wait too: so before somebody is told that it is done.
            thread.files.clear();
        }
        queue.give_back(outcomes, synced);
    }
}

struct Thread<'a> {
    queue: &'a Queue,
    storage: &'a dyn Storage,
    settings: &'a Settings,
    spans: &'a Spans,
    files: HashMap<RunId, RunFile>,
    /// Told once when the first fails, once when the last is written again.
    failing: RunSet,
    /// The last sync failed, and that was told.
    sync_failing: bool,
}

impl<'a> Thread<'a> {
    fn new(
        queue: &'a Queue,
        storage: &'a dyn Storage,
        settings: &'a Settings,
        spans: &'a Spans,
    ) -> Self {
        let (files, failing) = (HashMap::new(), RunSet::default());
        Self { queue, storage, settings, spans, files, failing, sync_failing: false }
    }

    fn write(&mut self, mut task: Task) -> Outcome {
        let _span = self.spans.begin("write events", Some(&task.dir));
        // A panic would end this thread.
        let wall_time = self.queue.clock().now_for_sure().as_secs_f64();
        let new = || RunFile::new(task.dir.clone());
        let file = self.files.entry(task.run).or_insert_with(new);
        let mut write = |blocks: &mut VecDeque<Block>, done: &mut Vec<Block>| {
            file.write(self.storage, self.settings, wall_time, blocks, done)
        };
        let mut done = Vec::new();
        let (written, mut result) = write(&mut task.blocks, &mut done);
        if result.is_ok() && task.dropped > 0 {
            let mut note = VecDeque::from([note(task.dropped, task.last_step, wall_time)]);
            result = write(&mut note, &mut Vec::new()).1;
            if result.is_ok() {
                task.dropped = 0;
            }
        }
        self.tell_write(task.run, &result);
        if task.close && result.is_ok() {
            if let Some(mut file) = self.files.remove(&task.run) {
                result = file.close(self.settings);
                self.tell_sync(&result);
            }
        }
        Outcome { task, done, written, error: result.err() }
    }

    /// Syncs the files of all runs; the first error is returned.
    fn sync(&mut self) -> Result<(), Error> {
        let _span = self.spans.begin("sync files", None);
        let mut result = Ok(());
        for file in self.files.values_mut() {
            let synced = file.sync();
            result = result.and(synced);
        }
        self.tell_sync(&result);
        result
    }

    /// A file that was closed counts too: what may fail then is its sync.
    fn tell_sync(&mut self, result: &Result<(), Error>) {
        let told = std::mem::replace(&mut self.sync_failing, result.is_err());
        if let (Err(error), false) = (result, told) {
            tell(Level::Error, format_args!("{error}; what comes next goes into a new file"));
        }
    }

    fn tell_write(&mut self, run: RunId, result: &Result<(), Error>) {
        match result {
            Err(error) => {
                if self.failing.is_empty() {
                    let then = "events are kept while there is room, and tried again";
                    tell(Level::Error, format_args!("{error}; {then}"));
                }
                self.failing.insert(run);
            }
            Ok(()) => {
                if self.failing.remove(run) && self.failing.is_empty() {
                    tell(Level::Info, format_args!("events are written again"));
                }
            }
        }
    }
}

/// An event that says on TensorBoard's page how many are missing.
fn note(dropped: u64, step: i64, wall_time: f64) -> Block {
    let text = format!(
        "**{dropped} events were dropped** before this point: the buffer was full, or too small for them, or they could not be encoded."
    );
    let mut body = Vec::new();
    Text::new(&text).encode(DROPPED_TAG, &mut SummaryEncoder::new(&mut body));
    let stamp = Stamp { wall_time, step };
    let write = |out: &mut [u8]| event::write_event(out, stamp, Payload::Summary, &body);
    Block::large(MAX_HEAD + body.len(), step, write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::clock::Clock;
    use crate::writer::policy::{Durability, Overflow};
    use crate::writer::queue::{Limits, RunKey};
    use crate::writer::tests::faulty::{Fault, Faulty};
    use std::time::Duration;

    const SMALL: usize = 4 << 10;

    /// What the thread takes in one turn is done here, on storage that may fail.
    struct Bench {
        queue: Queue,
        storage: Faulty,
        run: RunKey,
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
            let (queue, dir) = (Queue::new(limits, Clock::default()), tempfile::tempdir().unwrap());
            let run = queue.open_run(dir.path().into()).unwrap();
            Self { queue, storage: Faulty::default(), run, _dir: dir }
        }

        /// How many runs count as failing after a turn in which so many operations go well, and
        /// the next one fails.
        fn turn(&self, thread: &mut Thread<'_>, fails_at: Option<usize>) -> usize {
            self.storage.mend();
            if let Some(at) = fails_at {
                self.storage.set(Fault::Fails, at);
            }
            let turn = self.queue.take().unwrap();
            let outcomes: Vec<_> = turn.tasks.into_iter().map(|task| thread.write(task)).collect();
            let failed = outcomes.iter().any(|outcome| outcome.error.is_some());
            assert_eq!(failed, fails_at.is_some());
            self.queue.give_back(outcomes, None);
            thread.failing.len()
        }

        fn push(&self, size: usize) {
            self.queue.push(self.run, None, 0, Payload::Summary, &vec![0; size]);
        }
    }

    /// The first failure of a series is told: so what was made good must not count any more.
    #[test]
    fn a_run_no_longer_fails_when_nothing_of_it_is_left() {
        let bench = Bench::new();
        let settings = Settings { suffix: String::new(), max_bytes: u64::MAX, sync: true };
        let spans = Spans::default();
        let mut thread = Thread::new(&bench.queue, &bench.storage, &settings, &spans);
        // Too large: all that there is to write is a note of it.
        bench.push(2 * SMALL);
        assert_eq!(bench.turn(&mut thread, Some(0)), 1);
        assert_eq!(bench.turn(&mut thread, None), 0);
        bench.push(10);
        bench.queue.close_run(bench.run);
        // Its event is written, and the file cannot be synced: it is closed all the same.
        assert_eq!(bench.turn(&mut thread, Some(1)), 0);
        assert!(thread.files.is_empty());
    }
}
