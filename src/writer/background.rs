//! The thread that writes: it takes blocks from the queue and gives back what became of them.

use super::Error;
use super::block::Block;
use super::file::{RunFile, Settings, Written};
use super::queue::{Outcome, Queue, RunId, Task};
use super::storage::Storage;
use crate::profile::Profiler;
use crate::summary::{Summary, Text, Values, WallTime};
use crate::wire::event::{self, MAX_HEAD, Payload, Stamp};
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// The tag of the note that a run gets when events of it were dropped.
const DROPPED_TAG: &str = "tfevents/dropped_events";

/// Writes until the queue ends.
pub(super) fn run(
    queue: &Queue,
    storage: &dyn Storage,
    settings: &Settings,
    profiler: &OnceLock<Profiler>,
) {
    let (files, failing) = (HashMap::new(), HashSet::new());
    let mut thread =
        Thread { queue, storage, settings, profiler, files, failing, sync_failing: false };
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
    profiler: &'a OnceLock<Profiler>,
    files: HashMap<RunId, RunFile>,
    /// Told once when the first fails, once when the last is written again.
    failing: HashSet<RunId>,
    /// The last sync failed, and that was told.
    sync_failing: bool,
}

impl Thread<'_> {
    fn write(&mut self, mut task: Task) -> Outcome {
        let dir = task.dir.clone();
        let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let _span =
            self.profiler.get().map(|profiler| profiler.span("write events").with("run", name));
        // A clock given by the user may panic: that must not end this thread.
        let now = AssertUnwindSafe(|| self.queue.clock().now());
        let wall_time = catch_unwind(now).unwrap_or_else(|_| WallTime::now()).as_secs();
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
        if task.close && result.is_ok() {
            result = file.close(self.settings);
            self.files.remove(&task.run);
        }
        self.tell(task.run, &result, written);
        Outcome { task, done, written, error: result.err() }
    }

    /// Syncs the files of all runs; the first error is returned.
    fn sync(&mut self) -> Result<(), Error> {
        let _span = self.profiler.get().map(|profiler| profiler.span("sync files"));
        let mut result = Ok(());
        for file in self.files.values_mut() {
            let synced = file.sync();
            result = result.and(synced);
        }
        let told = std::mem::replace(&mut self.sync_failing, result.is_err());
        if let (Err(error), false) = (&result, told) {
            log::error!("{error}; what comes next goes into a new file");
        }
        result
    }

    fn tell(&mut self, run: RunId, result: &Result<(), Error>, written: Written) {
        match result {
            Err(error) => {
                if self.failing.is_empty() {
                    log::error!("{error}; events are kept while there is room, and tried again");
                }
                self.failing.insert(run);
            }
            Ok(()) if written.events > 0 => {
                if self.failing.remove(&run) && self.failing.is_empty() {
                    log::info!("events are written again");
                }
            }
            Ok(()) => {}
        }
    }
}

/// An event that says on TensorBoard's page how many are missing.
fn note(dropped: u64, step: i64, wall_time: f64) -> Block {
    let text = format!(
        "**{dropped} events were dropped** before this point: the buffer was full, or too small for them, or they could not be encoded."
    );
    let mut body = Vec::new();
    Text::new(&text).encode(DROPPED_TAG, &mut Values::new(&mut body));
    let stamp = Stamp { wall_time, step };
    let write = |out: &mut [u8]| event::write_event(out, stamp, Payload::Summary, &body);
    Block::large(MAX_HEAD + body.len(), step, write)
}
